"""The fake WordPress shop with our plugin, alone and paired."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from demo.shops.outgoing import Answer
from demo.shops.wordpress import FakeShop
from tests.connectors.conftest import LONG_AGO, make_goods

SECRET = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PORTAL = "http://testserver"


def to_mci(client: Client) -> Callable[[str, list[tuple[str, str]], bytes, float], Answer]:
    """The plugin's way to MCI: the test client, in the thread (and so the transaction) of the test."""
    main = threading.get_ident()

    def post(url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> Answer:
        assert threading.get_ident() == main
        path = "/" + url.split("/", 3)[3]
        given = {name: value for name, value in headers if name not in ("Connection", "Content-Type")}
        answer = client.post(path, data=body, content_type=dict(headers)["Content-Type"], headers=given)
        kept = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, body=answer.content, headers=kept)

    return post


@pytest.fixture
def wp(client: Client, db: None) -> Iterator[FakeShop]:
    """The fake shop on a port of its own, not paired; what it tells comes to MCI when it is flushed. Every call asks
    the database whether its host is left alone."""
    with FakeShop(transport=to_mci(client)) as shop:
        yield shop


@pytest.fixture
def wp_shop(wp: FakeShop, dropshipper: Any) -> Any:
    """The fake shop, paired long ago."""
    from connectors.models import Shop
    from connectors.shops.access import webhook_address

    make_goods()
    shop = Shop(
        dropshipper=dropshipper,
        platform="wordpress",
        name=wp.name,
        address=wp.url,
        import_since=LONG_AGO,
        connected_at=LONG_AGO,
    )
    shop.webhook_secret, shop.credentials = SECRET, json.dumps({"install": wp.plugin.state["install"]})
    shop.save()
    wp.provision(key="", secret="", deliver_to=webhook_address(shop), webhook_secret=SECRET)
    return shop


@pytest.fixture
def access(wp_shop: Any) -> Any:
    from connectors.shops.access import access_of

    return access_of(wp_shop)


def begin(wp: FakeShop, user: Any, address: str = "") -> Any:
    """The wizard's first step, and the worker that looks at the address."""
    from tests.connectors import connecting

    return connecting.begin("wordpress", {"address": address or wp.url}, user)


def pair(wp: FakeShop, code: str, portal: str = PORTAL) -> str:
    """The click in the shop, the worker, the one who began, and the plugin that asks again; "" when it is paired, else
    what the plugin says."""
    from tests.connectors import connecting

    said = wp.pair(code, portal)
    if said:
        return said
    connecting.work_and_confirm(code)
    return wp.plugin.ask_again() or ("" if wp.plugin.paired else "waiting")


def pull_now(shop: Any) -> None:
    """The next visit of the pull, due at once (PostgreSQL's now() is the start of the test's transaction)."""
    from connectors.intake import pull

    type(shop).objects.filter(pk=shop.pk).update(pull_after=LONG_AGO)
    assert pull.pull_shop(shop.pk)
    shop.refresh_from_db()
