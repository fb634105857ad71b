"""The fake Shopify store over HTTP, an access to it, and a connected shop. The client's own sleeps are cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from demo.shops.shopify import FakeShop
from tests.connectors.conftest import to_test_client


@pytest.fixture(autouse=True)
def _own_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a bucket of its own; a wait is remembered and not slept."""
    from connectors.platforms.shopify import bucket, client

    client._costs.clear()
    monkeypatch.setattr(bucket, "_quiet_until", 0.0)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client would have slept."""
    from connectors.platforms.shopify import client

    found: list[float] = []
    monkeypatch.setattr(client.time, "sleep", found.append)
    return found


@pytest.fixture
def app(settings: Any) -> None:
    """The portal's own Shopify app."""
    settings.SHOPIFY_CLIENT_ID, settings.SHOPIFY_CLIENT_SECRET = "mci-client", "hush"


@pytest.fixture
def fake(client: Browser, db: None) -> Iterator[FakeShop]:
    """The store on a port of its own; its webhooks come to MCI when it is flushed. Every call asks the database whether
    its host is left alone."""
    with FakeShop(transport=to_test_client(client)) as shop:
        yield shop


@pytest.fixture
def access(fake: FakeShop) -> Any:
    """What the platform is handed: a token that does not end, the first location, the webhooks' address."""
    from tests.connectors.shopify.stage import access_to

    return access_to(fake)


@pytest.fixture
def connected(dropshipper: Any, fake: FakeShop, app: None) -> Any:
    """The store, connected by the portal's app: its API answers, its webhooks come."""
    from connectors.platforms import platform
    from connectors.shops.access import access_of
    from tests.connectors.shopify.stage import make_shop, pair

    shop = make_shop(dropshipper, fake.url, pair(fake.install()))
    health = platform("shopify").check(access_of(shop))
    shop.facts = dict(health.facts)
    shop.save()
    return shop


Placed = Callable[..., str]


@pytest.fixture
def place(fake: FakeShop) -> Placed:
    """`place([(sku, pieces)], payment="cod")`: the number of a new order."""

    def order(items: list[Any] | None = None, **given: Any) -> str:
        return str(fake.place_order(items or [("SCN-00001", 1)], **given)["id"])

    return order
