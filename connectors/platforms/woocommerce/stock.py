"""The stock that a WooCommerce shop shows, told as a difference: what it sold meanwhile is not overwritten, and its
answer says what it shows now. One call for a batch, and a second one for figures that came out too high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.platforms.goods import StockLevel, StockTold
from connectors.platforms.woocommerce.client import Client
from connectors.platforms.woocommerce.errors import StockNotCounted
from connectors.platforms.woocommerce.products import write


def tell(client: Client, levels: Sequence[StockLevel]) -> StockTold:
    """See Platform.tell_stock."""
    wanted = {level.external_id: level.quantity for level in levels}
    refused, rows = write(client, {level.external_id: _body(level) for level in levels})
    shows = {id_: _shown(row) for id_, row in rows.items()}
    # More than we know of (somebody raised it, our last answer was lost), or below none (sold on backorder).
    wrong = {id_: wanted[id_] for id_, shown in shows.items() if shown is not None and shown > wanted[id_]}
    wrong |= {id_: 0 for id_, shown in shows.items() if shown is not None and shown < 0}
    if wrong:
        differences = {id_: _change(right - (shows[id_] or 0)) for id_, right in wrong.items()}
        more, rows = write(client, differences)
        refused |= more
        shows |= {id_: _shown(row) for id_, row in rows.items()}
    refused |= {id_: StockNotCounted.code for id_, shown in shows.items() if shown is None}
    return StockTold(
        refused,
        {id_: shown for id_, shown in shows.items() if shown is not None and shown != wanted[id_]},
    )


def _body(level: StockLevel) -> Mapping[str, Any]:
    if level.told is None:
        return {"manage_stock": True, "stock_quantity": level.quantity}
    return _change(level.quantity - level.told)


def _change(difference: int) -> Mapping[str, Any]:
    return {"manage_stock": True, "inventory_delta": difference}


def _shown(row: Mapping[str, Any]) -> int | None:
    """None: the shop counts no stock at all."""
    shown = row.get("stock_quantity")
    return int(shown) if isinstance(shown, int | float) and row.get("manage_stock") is True else None
