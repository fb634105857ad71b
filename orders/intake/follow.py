"""How an order follows its shop until Sincronizza. What the shop says later becomes an alert: what was sent is not
changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from django.db import transaction

from core.money import ZERO
from orders import problems, states, timeline
from orders.intake import merge
from orders.intake.creation import BY_HAND, lock
from orders.intake.data import MINE, OrderData, as_kept, collected, kept, sections, told_collect
from orders.intake.lines import write_lines
from orders.models import Order, Problem
from orders.problems import Doubt
from orders.questions import alerts
from orders.questions.conflicts import rows_of
from shipping.parcels.tracking import STILL_HERE


@transaction.atomic
def refresh(order_id: int, data: OrderData) -> bool:
    """A newer word of the shop, taken field by field where it differs from its last one: what a person set here stays,
    and where both changed the same thing a question shows both. What the shop doubts is judged anew each time. Returns
    whether anything changed; a dispatched order only gets alerts."""
    order = lock(order_id)
    if order.forgotten_at:
        return False
    told, before = sections(data), order.shop_data
    changed = [name for name, content in told.items() if before.get(name) != content]
    if not order.is_open:
        order.shop_data = {**before, **told}
        order.save(update_fields=["shop_data", "updated_at"])
        if order.state != Order.State.CANCELLED:
            if order.problems.filter(code="cancelled_in_shop").delete()[0]:  # it is live there again
                timeline.record(order.pk, "restored_in_shop")
            found = _alarm(order, data, before, changed)
            _ask_late(order, data, {row[0].partition(":")[0] for row in found})
        return bool(changed)
    conflicts = _take(order, data, told, changed)
    order.shop_data = {**before, **told}
    order.source_number, order.version = data.source_number[:60], order.version + bool(changed)
    order.fiscal, order.details = dict(data.fiscal), [list(pair) for pair in data.details]
    problems.forget_answers(order, data.doubts)
    order.save()
    if "lines" in changed and not conflicts.get("lines"):
        write_lines(order, data.lines)
    if changed:
        timeline.record(order.pk, "refreshed", sections=changed)
    problems.settle_conflicts(order, conflicts)
    problems.recompute(order, doubts=data.doubts)
    return bool(changed)


def _take(order: Order, data: OrderData, told: Mapping[str, Any], changed: Sequence[str]) -> dict[str, Any]:
    """Puts what the shop changed into an open order that the caller saves. What a person had changed too is given back:
    field → (ours, theirs), or None where nothing is left to choose."""
    conflicts: dict[str, Any] = {}
    was, amount, before = order.payment, order.to_collect, order.shop_data
    by_hand = amount is not None and amount != told_collect(order)
    if "address" in changed:
        merged = merge.address(kept(order.address, order.note), as_kept(before), as_kept(told))
        for name, value in merged.take.items():
            setattr(order, name, value)
        conflicts |= dict.fromkeys(merged.settled)
        conflicts |= {name: (mine, theirs) for name, mine, theirs in merged.conflicts}
    if "payment" in changed and order.payment_reason != BY_HAND:
        order.payment, order.payment_reason = data.payment, data.payment_reason[:40]
    if "payment" in changed:
        order.payment_detail = data.payment_detail[:120]
    if "total" in changed:
        order.currency, order.sale_total = data.currency, data.sale_total
    theirs = collected(data.sale_total, data.to_collect)
    if order.payment != Order.Payment.COD:
        order.to_collect = None
    elif was != order.payment or not by_hand:
        order.to_collect = theirs
    elif theirs == amount:
        conflicts["to_collect"] = None
    elif theirs != told_collect(order):
        conflicts["to_collect"] = (str(amount), str(theirs if theirs is not None else ""))
    if "lines" in changed and "lines" in before.get(MINE, ()):
        conflicts["lines"] = (merge.pieces(rows_of(order)), merge.pieces(told["lines"]))
    return conflicts


def _alarm(
    order: Order, data: OrderData, before: Mapping[str, Any], changed: Sequence[str]
) -> list[tuple[str, str, str]]:
    """What the shop changed of an order that was sent, for somebody's eyes."""
    found = merge.changes(before, sections(data))
    was = (before.get("payment") or [""])[0]
    # It went as paid: is it still? A shop that only says that it was sent says nothing about that.
    unpaid = (Order.Payment.AWAITING, Order.Payment.COD)
    known = data.payment in (*unpaid, Order.Payment.PREPAID)
    if order.payment == Order.Payment.PREPAID and known and (was in unpaid) != (data.payment in unpaid):
        found.append(("payment", was, data.payment))
    if found:
        alerts.changed_in_shop(order, found)
        timeline.record(order.pk, "changed_in_shop", sections=list(changed), changes=found)
    if order.payment != Order.Payment.COD or not {"payment", "total"} & set(changed) or order.to_collect is None:
        return found
    owed = ZERO if data.payment == Order.Payment.PREPAID else collected(data.sale_total, data.to_collect)
    if owed is None or data.currency != "EUR":
        return found
    if owed < order.to_collect and order.shipment is not None and order.shipment.cash == "booked":
        problems.alert(order, "owes_less", {"owed": str(owed), "collect": str(order.to_collect)})
        timeline.record(order.pk, "owes_less", owed=str(owed), collect=str(order.to_collect))
    elif owed >= order.to_collect:
        order.problems.filter(code="owes_less").delete()
    return found


def _ask_late(order: Order, data: OrderData, changed: Set[str]) -> None:
    """What the shop's word would have held the order back for (a hold, a high risk, a refund), had it said so before:
    for somebody's eyes while the parcel is still here. It goes with its cause. A refund that lowered the total or the
    pieces is told by that."""
    if order.shipment is None or order.shipment.state not in STILL_HERE:
        return
    before = list(order.answered)
    problems.forget_answers(order, data.doubts)
    if changed & {"total", "line"}:
        told = [doubt for doubt in data.doubts if doubt.code == "partly_refunded"]
        order.answered = [*order.answered, *([one.code, one.subject, dict(one.params)] for one in told)]
    if order.answered != before:
        order.save(update_fields=["answered", "updated_at"])
    asked = [doubt for doubt in data.doubts if doubt.blocking and problems.CATALOGUE[doubt.code].answerable]
    asked = [doubt for doubt in asked if not problems.is_answered(order, doubt)]
    known = {row.subject: row for row in order.problems.filter(code="asked_in_shop")}
    for doubt in asked:
        params = {**doubt.params, "kind": doubt.code, "of": doubt.subject}
        row = known.pop(_late(doubt), None)
        if row is None or row.params != params:
            problems.alert(order, "asked_in_shop", params, subject=_late(doubt))
            timeline.record(order.pk, "asked_in_shop", **params)
    for row in known.values():
        row.delete()


def _late(doubt: Doubt) -> str:
    return f"{doubt.code}:{doubt.subject}"[:100]


@transaction.atomic
def ask(order_id: int, doubt: Doubt) -> None:
    """A question about an order that its shop's words alone do not raise. One that is not open any more has only a line
    on its timeline."""
    order = lock(order_id)
    if order.is_open:
        wrong = problems.rows(order, [doubt])
        if not order.problems.filter(code=doubt.code, subject=doubt.subject).exists():
            Problem.objects.bulk_create(wrong)
        problems.recompute(order)
    timeline.record(order.pk, doubt.code, **doubt.params)


@transaction.atomic
def withdraw(order_id: int, *, code: str = "cancelled_in_shop", params: Mapping[str, Any] | None = None) -> None:
    """The shop cancelled, refunded or binned it: an open order is cancelled, a dispatched one is
    marked with an alert. Twice is once."""
    order = lock(order_id)
    if order.is_open:
        states.move(order, Order.State.CANCELLED, event=code, **(params or {}))
    elif order.state != Order.State.CANCELLED and not order.problems.filter(code="cancelled_in_shop").exists():
        problems.alert(order, "cancelled_in_shop", params)
        timeline.record(order.pk, code, **(params or {}))


@transaction.atomic
def revive(order_id: int, data: OrderData) -> None:
    """The shop took it back from the bin. What a person cancelled, or what was ever dispatched, stays as it is."""
    order = lock(order_id)
    if order.forgotten_at:
        return
    last = order.events.filter(code__in=["cancelled", "cancelled_in_shop"]).order_by("-id").first()
    if order.state == Order.State.CANCELLED and not order.shipment_id and last and last.code == "cancelled_in_shop":
        states.move(order, Order.State.RECEIVED, event="restored_in_shop")
    refresh(order_id, data)
    order.refresh_from_db()
    if order.is_open:
        problems.recompute(order)
