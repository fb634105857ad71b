"""What the plugin is told of an order: how it stands, in one call. The plugin writes notes, fields and status as the
platform WooCommerce does, and reads before it writes, so that a repeated call changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.platforms.base import OrderNews
from connectors.platforms.wordpress.client import Client
from core.strict import text


def tell(client: Client, news: OrderNews) -> Mapping[str, Any]:
    """See Platform.tell_order."""
    data = client.call(
        "tell_order",
        id=int(news.external_id),
        state=news.state,
        reference=news.reference,
        courier=news.courier,
        tracking=news.tracking,
        tracking_url=news.tracking_url,
        cod=news.cod,
        cash_in=news.cash_in,
    )
    return {"gone": True} if data.get("gone") is True else {"status": text(data.get("status"), 40)}
