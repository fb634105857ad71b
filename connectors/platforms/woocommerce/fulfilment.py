"""What a WooCommerce shop is told of its orders: a note to the customer with the tracking, the fields that the common
tracking plugins read, and the status. WooCommerce's core has no tracking field of its own.

A status speaks of the whole order: it is changed only where our parcel is all that the shop wants sent, and what our
courier collects all that it waits for. The merchant's own tracking stays as he wrote it."""

from __future__ import annotations

import html
import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from connectors.platforms.base import IncomingOrder, OrderNews, Unreadable
from connectors.platforms.errors import LinesUnknown
from connectors.platforms.parcel import Parcel, is_settled, names
from connectors.platforms.woocommerce.client import Client, NotFound, Reply
from connectors.platforms.woocommerce.walk import whole_order

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
    reading = whole_order(client, order).reading
    undone = news.state == "shipped" and news.memory.get("told") == "delivered"
    if undone:
        _note(client, news, _undone_note(news), to_customer=False)
    if news.tracking and news.state in ("shipped", "delivered"):
        text = _tracking_note(news)
        mark = text if _replaced(news) else news.tracking
        _note(client, news, text, to_customer=news.state == "shipped", mark=mark)
    elif news.state != "shipped":
        _note(client, news, _words(news), to_customer=False)
    change: dict[str, Any] = {}
    stayed = news.state == "cancelled" and news.memory.get("told") in ("shipped", "delivered")  # told that it had left
    tracked = _with_ours(order, news) if news.tracking else _without_ours(order, news) if stayed else None
    if tracked:
        change["meta_data"] = [tracked]
    arrived = news.state == "delivered" or (news.state == "shipped" and not news.cod)
    if arrived and status in SHIPPABLE and is_whole(news, reading):
        change["status"] = "completed"
    if ((undone and news.cod) or stayed) and status == "completed" and news.memory.get("completed"):
        change["status"] = "processing"  # it was we who completed it
    if change:
        client.send("PUT", f"orders/{int(news.external_id)}", data=change)
    memory: dict[str, Any] = {"status": change.get("status", status)}
    if "status" in change:
        memory["completed"] = change["status"] == "completed"
    refuse_unknown(news, reading, memory)
    return memory


def is_whole(news: OrderNews, reading: IncomingOrder | None) -> bool:
    """May the shop be told of the whole order? Its goods all left with us and, for COD, its money is all with us."""
    return Parcel.of(news).is_all_of(reading) and (not news.cod or is_settled(news, reading))


def refuse_unknown(news: OrderNews, reading: IncomingOrder | None, memory: Mapping[str, Any]) -> None:
    """Raises LinesUnknown where a person typed a line and goods of the shop's are told of by none: it has the tracking,
    but nobody knows of what."""
    parcel = Parcel.of(news)
    others = [line for line in reading.lines if not parcel.key(line.line_id, line.external_id)] if reading else []
    if parcel.unknown and others and news.state != "cancelled":
        error = LinesUnknown(lines=names(parcel.unknown))
        error.memory = memory
        raise error


def _note(client: Client, news: OrderNews, text: str, *, to_customer: bool, mark: str = "") -> None:
    """Adds a note unless it, or one with its `mark`, is there: an answer that was lost must not become two e-mails to
    the customer."""
    path = f"orders/{int(news.external_id)}/notes"
    notes = client.get(path).data
    if not isinstance(notes, list):
        raise Unreadable(reason="notes")
    mark = mark or text
    for note in notes:
        said = html.unescape(str(note.get("note", ""))) if isinstance(note, dict) else ""
        if mark in said:
            return
    client.send("POST", path, data={"note": text, "customer_note": to_customer})


def _replaced(news: OrderNews) -> str:
    """The number that the customer was told and that is wrong, if one is."""
    before = str(news.memory.get("tracking") or "")
    return before if before and before != news.tracking else ""


def _undone_note(news: OrderNews) -> str:
    return _("MCI: order %(number)s is not delivered yet: it was marked so by mistake.") % {"number": news.reference}


def _tracking_note(news: OrderNews) -> str:
    if before := _replaced(news):
        text = _("The tracking number of your parcel is %(tracking)s (%(courier)s), not %(before)s as we wrote.") % {
            "tracking": news.tracking,
            "courier": news.courier,
            "before": before,
        }
        return f"{text} {news.tracking_url}".strip()
    text = _("Your parcel is on its way with %(courier)s, tracking number %(tracking)s.") % {
        "courier": news.courier,
        "tracking": news.tracking,
    }
    return f"{text} {news.tracking_url}".strip()


def _words(news: OrderNews) -> str:
    before = str(news.memory.get("tracking") or "")
    if news.state == "cancelled" and before:
        text = _("MCI: order %(number)s was cancelled before it left: tracking number %(tracking)s is of no parcel.")
        return text % {"number": news.reference, "tracking": before}
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


def _with_ours(order: Mapping[str, Any], news: OrderNews) -> dict[str, Any] | None:
    """The tracking field with our parcel in it once, and all that others wrote; None: nothing to write, also where the
    field holds what we cannot read."""
    found = [one for one in order.get("meta_data") or [] if isinstance(one, dict) and one.get("key") == TRACKING_META]
    lists = [_rows(meta.get("value")) for meta in found]
    if any(
        isinstance(row, dict) and row.get("tracking_number") == news.tracking for rows in lists for row in rows or ()
    ):
        return None
    if not found:
        return {"key": TRACKING_META, "value": [_tracking_row(news)]}
    for meta, rows in zip(found, lists, strict=True):
        if rows is not None:
            ours = f"mci-{news.external_id}"
            kept = [row for row in rows if not (isinstance(row, dict) and row.get("tracking_id") == ours)]
            return {"id": meta.get("id"), "key": TRACKING_META, "value": [*kept, _tracking_row(news)]}
    return None


def _without_ours(order: Mapping[str, Any], news: OrderNews) -> dict[str, Any] | None:
    """The tracking field with what others wrote alone; None: ours is not in it."""
    for meta in order.get("meta_data") or []:
        if isinstance(meta, dict) and meta.get("key") == TRACKING_META:
            rows, ours = _rows(meta.get("value")) or [], f"mci-{news.external_id}"
            kept = [row for row in rows if not (isinstance(row, dict) and row.get("tracking_id") == ours)]
            if kept != rows:
                return {"id": meta.get("id"), "key": TRACKING_META, "value": kept}
    return None


def _rows(value: Any) -> list[Any] | None:
    """A list, or what PHP made of one with gaps. None: something else."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [] if value in (None, "") else None


def _order(reply: Reply, news: OrderNews) -> Mapping[str, Any]:
    if not isinstance(reply.data, dict) or str(reply.data.get("id")) != news.external_id:
        raise Unreadable(reason=f"order {news.external_id}")
    return reply.data
