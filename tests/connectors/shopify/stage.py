"""The fake store and what stands for a connected shop, for the tests of the Shopify platform."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import pytest

from connectors.models import Shop
from connectors.platforms.base import Access
from demo.shops.shopify import FakeShop
from tests.connectors.conftest import LONG_AGO

SHARED = Path(__file__).parents[4] / "shared" / "shopify"
CLIENT_ID, CLIENT_SECRET = "mci-client", "hush"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared reference is not beside this checkout")


def access_to(fake: FakeShop, **fields: Any) -> Access:
    token = fake.install(expiring=False)["access_token"]
    places = [{"id": str(place["id"]), "name": place["name"], "online": True} for place in fake.stock.locations()]
    known = Access(
        fake.url,
        "key",
        {"access_token": token, "auth_mode": "oauth_offline"},
        "",
        webhook_address="http://localhost:8000/webhooks/shopify/key/",
        facts={"locations": places},
    )
    return dataclasses.replace(known, **fields)


def make_shop(dropshipper: Any, address: str, credentials: dict[str, str], **fields: Any) -> Any:
    """An active Shopify shop that was connected long ago."""
    shop = Shop(
        dropshipper=dropshipper,
        platform="shopify",
        name="Luce & Lino",
        address=address,
        **{"import_since": LONG_AGO, "connected_at": LONG_AGO, **fields},
    )
    shop.webhook_secret = "of-no-use-with-the-portals-app"
    shop.credentials = json.dumps(credentials)
    shop.save()
    return shop


def pair(answer: dict[str, Any]) -> dict[str, str]:
    """The answer of a code's exchange as it is stored."""
    return {
        "auth_mode": "oauth_expiring",
        "access_token": answer["access_token"],
        "refresh_token": answer["refresh_token"],
        "expires_at": str(int(time.time()) + int(answer["expires_in"])),
        "scope": answer["scope"],
    }


def names(fake: FakeShop) -> list[str]:
    """The operations that the store was asked, in order."""
    return [name for name, _variables in fake.calls]
