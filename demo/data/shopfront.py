"""The orders that wait in the demo shop: read from it over its REST API when it runs, else from a twin of it."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.platforms import platform
from connectors.platforms.base import Access, RawOrder
from connectors.platforms.woocommerce.walk import raw_order
from core.errors import TryLater
from demo.shops.woocommerce import Shop as FakeShop
from demo.shops.woocommerce import history
from demo.shops.woocommerce.order_json import VERSION

SLUG = "woocommerce"
NAME = "Casa Bella"
_WAIT_S = 10  # the shop may still be starting


@dataclass(frozen=True, slots=True)
class Front:
    """A demo shop as MCI knows it, with its orders, oldest first. The newest `waiting` of them are not yet sent."""

    address: str
    key: str
    credentials: Mapping[str, str] = field(repr=False)
    webhook_secret: str = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)
    orders: tuple[RawOrder, ...] = ()
    waiting: int = len(history.WAITING)


def facts_of(shop: FakeShop) -> dict[str, Any]:
    """What a shop says of itself, as the connection keeps it."""
    gateways = [{"id": row["id"], "title": row["title"], "enabled": True} for row in shop.gateways]
    return {"time_zone": "Europe/Rome", "currency": "EUR", "gateways": gateways, "version": VERSION, "troubles": []}


def read(now: dt.datetime) -> Front:
    """Not within a transaction: it calls the shop. `make run` names it in the environment (mci/local/run.py)."""
    env = os.environ
    twin = FakeShop(clock=lambda: now, name=NAME)
    front = Front(
        address=env.get("DEMO_SHOP_URL", "https://casabella.example").rstrip("/"),
        key=env.get("DEMO_SHOP_MCI_KEY") or secrets.token_urlsafe(18),
        credentials={
            "consumer_key": env.get("DEMO_SHOP_KEY") or f"ck_{secrets.token_hex(20)}",
            "consumer_secret": env.get("DEMO_SHOP_SECRET") or f"cs_{secrets.token_hex(20)}",
        },
        webhook_secret=env.get("DEMO_SHOP_WEBHOOK_SECRET") or secrets.token_hex(24),
        facts=facts_of(twin),
    )
    found = _ask(front, now) if env.get("DEMO_SHOP_URL") else []
    if not found:
        history.place(twin)
        found = [raw_order(twin.orders.present(doc)) for doc in twin.store.all("order")]
    found.sort(key=lambda raw: int(raw.external_id or 0))
    return Front(
        front.address, front.key, front.credentials, front.webhook_secret, {**front.facts, "api_root": "/wp-json"},
        tuple(found),
    )  # fmt: skip


def _ask(front: Front, now: dt.datetime) -> list[RawOrder]:
    """All its orders; none when it does not answer."""
    access = Access(front.address, front.key, front.credentials, front.webhook_secret, facts=front.facts)
    api, until = platform(SLUG), time.monotonic() + _WAIT_S
    found: dict[str, RawOrder] = {}
    cursor: str | None = None
    while time.monotonic() < until:
        try:
            page = api.orders_since(access, now - dt.timedelta(days=history.DAYS + 400), cursor)
        except TryLater:
            time.sleep(0.3)
            continue
        found.update((raw.external_id, raw) for raw in page.orders)
        cursor = page.cursor
        if cursor is None:
            break
    return list(found.values())
