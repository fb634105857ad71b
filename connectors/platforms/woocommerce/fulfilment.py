"""What a WooCommerce shop is told of its orders: a note to the customer with the tracking, the fields that the common
tracking plugins read, and the status. WooCommerce's core has no tracking field of its own."""

from __future__ import annotations

import html
import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from connectors.platforms.base import OrderNews, Unreadable
from connectors.platforms.woocommerce.client import Client, NotFound, Reply

# The field of "Shipment Tracking" (WooCommerce) and of the plugins that copied it; a list with one row per parcel.
TRACKING_META = "_wc_shipment_tracking_items"
# Statuses that may become `completed`. From any other the merchant has taken the order out of our hands: a PUT on a
# trashed order would even take it out of the trash.
SHIPPABLE = ("processing", "on-hold", "pending")


def tell(client: Client, news: OrderNews) -> Mapping[str, Any]:
    """See Platform.tell_order. A prepaid order is completed when it leaves, a COD order when the customer has it:
    WooCommerce takes `completed` for paid."""
    try:
        order = _order(client.get(f"orders/{int(news.external_id)}"), news)
    except NotFound:
        return {"gone": True}
    status = str(order.get("status", ""))
    if status == "trash":
        return {"gone": True}
    if news.tracking and news.state in ("shipped", "delivered"):
        _note(client, news, _tracking_note(news), to_customer=news.state == "shipped")
    elif news.state != "shipped":
        _note(client, news, _words(news), to_customer=False)
    change: dict[str, Any] = {}
    if news.tracking and not _is_tracked(order, news.tracking):
        change["meta_data"] = [{"key": TRACKING_META, "value": [_tracking_row(news)]}]
    arrived = news.state == "delivered" or (news.state == "shipped" and not news.cod)
    if arrived and status in SHIPPABLE:
        change["status"] = "completed"
    if change:
        client.send("PUT", f"orders/{int(news.external_id)}", data=change)
    return {"status": change.get("status", status)}


def _note(client: Client, news: OrderNews, text: str, *, to_customer: bool) -> None:
    """Adds a note unless it is there: an answer that was lost must not become two e-mails to the customer."""
    path = f"orders/{int(news.external_id)}/notes"
    notes = client.get(path).data
    if not isinstance(notes, list):
        raise Unreadable(reason="notes")
    mark = news.tracking or text
    for note in notes:
        said = html.unescape(str(note.get("note", ""))) if isinstance(note, dict) else ""
        if mark in said:
            return
    client.send("POST", path, data={"note": text, "customer_note": to_customer})


def _tracking_note(news: OrderNews) -> str:
    text = _("Your parcel is on its way with %(courier)s, tracking number %(tracking)s.") % {
        "courier": news.courier,
        "tracking": news.tracking,
    }
    return f"{text} {news.tracking_url}".strip()


def _words(news: OrderNews) -> str:
    words = {
        "delivered": _("MCI: order %(number)s was delivered."),
        "returned": _("MCI: the parcel of order %(number)s comes back to the sender."),
        "lost": _("MCI: the courier lost the parcel of order %(number)s."),
        "cancelled": _("MCI: order %(number)s was cancelled before it left."),
    }
    return words[news.state] % {"number": news.reference}


def _tracking_row(news: OrderNews) -> dict[str, str]:
    return {
        "tracking_provider": "",
        "custom_tracking_provider": news.courier,
        "custom_tracking_link": news.tracking_url,
        "tracking_number": news.tracking,
        "date_shipped": str(int(time.time())),
        "tracking_id": f"mci-{news.external_id}",
    }


def _is_tracked(order: Mapping[str, Any], tracking: str) -> bool:
    found = [
        meta for meta in order.get("meta_data") or [] if isinstance(meta, dict) and meta.get("key") == TRACKING_META
    ]
    rows = [row for meta in found if isinstance(meta.get("value"), list) for row in meta["value"]]
    return any(isinstance(row, dict) and row.get("tracking_number") == tracking for row in rows)


def _order(reply: Reply, news: OrderNews) -> Mapping[str, Any]:
    if not isinstance(reply.data, dict) or str(reply.data.get("id")) != news.external_id:
        raise Unreadable(reason=f"order {news.external_id}")
    return reply.data
