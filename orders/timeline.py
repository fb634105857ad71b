"""The timeline of an order: events are rows with a code; the words are made at reading, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.errors import for_reader
from orders.models import Order, OrderEvent, Reason
from orders.problem_kinds import FIELDS
from orders.problem_kinds import words as problem_words

SENTENCES: dict[str, Any] = {
    "created": _("Order entered"),
    "draft_saved": _("Draft saved"),
    "received": _("Received from %(label)s"),
    "edited": _("Changed by hand"),
    "submitted": _("Order confirmed"),
    "duplicated": _("Made as a copy of %(number)s"),
    "ready": _("Checked: ready to be sent"),
    "to_fix": _("Checked: something to fix"),
    "refreshed": _("Updated by the shop"),
    "changed_in_shop": _("Changed in the shop after it was sent: the parcel is not changed"),
    "asked_in_shop": _("The shop asks after it was sent: %(question)s"),
    "owes_less": _("In the shop the customer owes %(owed)s € now; to collect at the door: %(collect)s €"),
    "id_reused": _("The shop gave its number to another order"),
    "cancelled_in_shop": _("Cancelled in the shop"),
    "restored_in_shop": _("Restored in the shop"),
    "payment_decided": _("Payment set by hand: %(kind)s"),
    "method_chosen": _("Shipping chosen: %(method)s"),
    "matched": _("SKU %(sku)s tied to a product"),
    "unmatched": _("SKU %(sku)s no longer tied to a product"),
    "dispatched": _("Sent to MCI"),
    "stock_reserved": ngettext_lazy("Stock reserved: %(pieces)s piece", "Stock reserved: %(pieces)s pieces", "pieces"),
    "charged": _("Wallet charged: %(amount)s €, VAT included"),
    "cod_booked": _("COD booked: %(amount)s € to collect, VAT included"),
    "guarantee_held": _("Guarantee held: %(amount)s €, VAT included"),
    "collect_lowered": _("To collect at the door: %(amount)s € instead of %(before)s €"),
    "readdressed": _("Address changed after it was sent"),
    "shipping_repriced": _("Priced again for the new address: %(amount)s € instead of %(before)s €, VAT included"),
    "packed": _("Packed"),
    "shipped": _("Handed to the courier, tracking %(tracking)s"),
    "delivered": _("Delivered"),
    "unpacked": _("Marked packed by mistake, to be picked again: %(text)s"),
    "unshipped": _("Handed to the courier by mistake, it is here again (%(tracking)s is not used): %(text)s"),
    "undelivered": _("Marked delivered by mistake, it is still on its way: %(text)s"),
    "renumbered": _("Tracking number corrected: %(tracking)s instead of %(used)s (%(text)s)"),
    "cod_collected": _("COD collected by the courier: %(amount)s €"),
    "cod_remitted": _("COD remitted: %(amount)s € into the wallet"),
    "cod_unremitted": _("COD marked remitted by mistake: %(amount)s € taken back from the wallet (%(text)s)"),
    "cancelled": _("Cancelled"),
    "restored": _("Taken back after it was cancelled"),
    "reversed": _("Everything reversed: money, stock and shipment"),
    "came_back": _("The parcel is back: %(case)s (%(case_reason)s)"),
    "inspected": _("Inspected: %(case)s"),
    "case_settled": _("Settled: %(case)s, %(total)s €, VAT included"),
    "case_opened": _("Return asked for: %(case)s (%(case_reason)s)"),
    "case_approved": _("Return approved: %(case)s"),
    "case_refused": _("Return not approved: %(case)s (%(text)s)"),
    "case_received": _("Pieces of %(case)s came back"),
    "lost": _("Lost by the courier: %(case)s"),
    "claim_sent": _("Claimed from the courier: %(case)s"),
    "claim_paid": _("The courier paid for %(case)s"),
    "claim_refused": _("The courier does not pay for %(case)s"),
    "found_delivered": _("Found again and delivered: %(case)s is taken back"),
    "found_back": _("Found again, it is back here: %(case)s"),
    "completed": _("Completed"),
    "forgotten": _("The customer's name and address were deleted"),
    "alert_seen": _("Looked at: %(alert)s"),
    "answered": _("Looked at, and right as it is: %(question)s"),
    "conflict_taken": _("Changed here and in the shop, the shop's word was taken: %(field)s"),
    "conflict_kept": _("Changed here and in the shop, what stands here was kept: %(field)s"),
}


_AMOUNTS = ("to_collect", "total")  # fields that are EUR where they are an amount alone


def record(order_id: int, code: str, *, by: int | None = None, **params: Any) -> None:
    """Writes one event in the caller's transaction. Params are JSON; amounts go in as strings ("12.34")."""
    OrderEvent.objects.create(order_id=order_id, code=code, params=params, by_id=by)


def sentence(event: OrderEvent) -> str:
    words = SENTENCES.get(event.code)
    if words is None:
        return event.code
    if event.code == "cancelled_in_shop" and event.params.get("status") == "refunded":
        return str(_("Refunded in full in the shop"))
    params = for_reader(event.params)
    if event.code == "asked_in_shop":
        params["question"] = problem_words(str(params.get("kind", "")), event.params)
    if params.get("case_reason") in Reason.values:
        params["case_reason"] = str(Reason(params["case_reason"]).label)
    if "field" in params:
        params["field"] = str(FIELDS.get(params["field"], params["field"]))
    try:
        return str(words % params)
    except (KeyError, TypeError, ValueError):
        return event.code


def changes(params: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What changed, as the reader writes it: the field's name, old and new. `params` of an event or of an alert:
    {"changes": [[field, old, new]]}."""
    found = params.get("changes")
    rows = [row for row in found if isinstance(row, list) and len(row) == 3] if isinstance(found, list) else []
    return [(_what(str(name)), _value(name, old), _value(name, new)) for name, old, new in rows]


def _what(name: str) -> str:
    kind, _colon, article = name.partition(":")
    if kind == "line" and article:
        return str(_("pieces of %(sku)s")) % {"sku": article}
    return str(FIELDS.get(name, name))


def _value(name: Any, value: Any) -> str:
    if name == "payment" and value in Order.Payment.values:
        return str(Order.Payment(value).label)
    shown = for_reader({str(name): value})[str(name)]
    if name in _AMOUNTS and shown != value:
        return f"{shown} €"
    return "–" if shown in (None, "") else str(shown)
