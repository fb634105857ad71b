"""What the plugin is told of an order: how it stands, in one call. The plugin writes notes, fields and status as the
platform WooCommerce does, and reads before it writes, so that a repeated call changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.platforms.base import OrderNews, Withdrawn
from connectors.platforms.woocommerce.fulfilment import is_whole, refuse_unknown
from connectors.platforms.wordpress import orders
from connectors.platforms.wordpress.client import Client
from connectors.platforms.wordpress.package import is_older
from core.strict import text

KNOWS_PARTS = "1.1.0"  # older plugins complete any order that was delivered, or sent prepaid


def tell(client: Client, news: OrderNews, *, plugin: str = "") -> Mapping[str, Any]:
    """See Platform.tell_order. `plugin`: the version that the shop runs."""
    found = orders.order(client, news.external_id)
    if isinstance(found, Withdrawn):
        return {"gone": True}
    part = not is_whole(news, found.reading)
    state, cod = news.state, news.cod
    if part and is_older(plugin, KNOWS_PARTS) and state in ("shipped", "delivered"):
        state, cod = "shipped", True  # all that it can be told without its completing the order
    data = client.call(
        "tell_order",
        id=int(news.external_id),
        state=state,
        reference=news.reference,
        courier=news.courier,
        tracking=news.tracking,
        tracking_url=news.tracking_url,
        cod=cod,
        cash_in=news.cash_in,
        part=part,
    )
    if data.get("gone") is True:
        return {"gone": True}
    memory = {"status": text(data.get("status"), 40)}
    refuse_unknown(news, found.reading, memory)
    return memory
