"""What a person changes in an order before Sincronizza: its content, its shipping, what its payment is, which articles
its lines are. An order that was dispatched is never changed here.

Orders come in and follow their shop in `orders.intake.creation`."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders import problems, states, timeline
from orders.errors import NotEditable, StaleEdit
from orders.intake import creation
from orders.intake import data as order_data
from orders.intake import lines as order_lines
from orders.models import MOST_PIECES, Order, OrderEvent, Problem
from orders.questions import conflicts, questions
from shipping.models import Method


@transaction.atomic
def edit(
    order_id: int,
    data: creation.OrderData,
    *,
    version: int,
    by: int | None,
    method_id: int | None = None,
    draft: bool = False,
) -> Order:
    """A person's edit of an open order. Raises NotEditable, or StaleEdit when `version` is not the newest."""
    order = creation.lock(order_id)
    if not order.is_open:
        raise NotEditable(number=order.number)
    if order.version != version:
        raise StaleEdit(number=order.number)
    decided, collected = (order.payment, order.payment_reason, order.payment_detail), order.to_collect
    was, place, amounts = _articles(order), _place(order), _amounts(order)
    creation.apply(order, data)
    if order.source == "manual":
        order.source_label, order.source_number = data.source_label[:120], data.source_number[:60]
    else:
        if order.payment == decided[0]:
            order.payment_reason, order.payment_detail = decided[1], decided[2]
        else:
            order.payment_reason, order.payment_detail = creation.BY_HAND, decided[2]
    order.method_id, order.version = method_id, order.version + 1
    if order.to_collect != collected and order.to_collect is not None:
        order.answered = [*order.answered, ["cod_mixed", "", {"amount": str(order.to_collect)}]]
    order.save()
    order_lines.write_lines(order, data.lines, by_hand=True)
    goods = _articles(order) != was or _amounts(order) != amounts
    doubts = _left_open(order, goods=goods, place=_place(order) != place)
    if order.source != "manual" and _articles(order) != was:
        order.shop_data = {**order.shop_data, order_data.MINE: ["lines"]}
        order.save(update_fields=["shop_data"])
    timeline.record(order.pk, "draft_saved" if draft else "edited", by=by)
    if order.state == Order.State.DRAFT and not draft:
        states.move(order, Order.State.RECEIVED, event="submitted", by=by)
    conflicts.settle_edited(order)
    problems.recompute(order, doubts=doubts, by=by)
    return order


def _left_open(order: Order, *, goods: bool, place: bool) -> list[problems.Doubt]:
    """Of what the shop's word raised that which an edit does not answer. Who mends a telephone has not looked at a part
    refund, who saves the form as it stands has looked at what it shows; that the shop holds the order, or that it is
    collected there, is asked on the order's page alone."""
    untouched = not (goods or place)
    touched = {"edit": goods or untouched, "address": place or untouched}
    answered: list[Problem] = []
    left: list[Problem] = []
    for row in order.problems.all():
        kind = problems.CATALOGUE[row.code]
        if kind.from_shop:
            way_out = "address" if row.code == "customer_hidden" else kind.mend
            (answered if touched.get(way_out, False) else left).append(row)
    if answered:
        questions.note(order, answered)
        order.save(update_fields=["answered"])
    return [problems.Doubt(row.code, row.subject, row.params) for row in left]


def _place(order: Order) -> list[str]:
    return [getattr(order, name) for name in (*order_data.ADDRESS, "note")]


def _amounts(order: Order) -> list[object]:
    return [order.payment, order.currency, order.sale_total, order.to_collect]


def _articles(order: Order) -> list[tuple[int | None, str, int, bool]]:
    """What is to be sent, for comparison."""
    return sorted(order.lines.values_list("variant_id", "sku", "quantity", "ignored"), key=str)


@transaction.atomic
def submit(order_id: int, *, by: int) -> Order:
    """A draft becomes an order, with its problems found. Anything else stays as it is."""
    order = creation.lock(order_id)
    if order.state == Order.State.DRAFT:
        states.move(order, Order.State.RECEIVED, event="submitted", by=by)
        problems.recompute(order, by=by)
    return order


@transaction.atomic
def choose_method(order_ids: Iterable[int], method_id: int, *, dropshipper_id: int, by: int | None) -> int:
    """Sets the shipping of open orders of one dropshipper; how many were changed. A constant number of statements."""
    orders = list(
        Order.objects.select_for_update(no_key=True)
        .filter(pk__in=list(order_ids), dropshipper_id=dropshipper_id, state__in=["draft", "received", "ready"])
        .exclude(method_id=method_id)
        .order_by("pk")
    )
    if orders:
        method = Method.objects.select_related("courier").get(pk=method_id)
        now, name = timezone.now(), str(method)
        changed = Order.objects.filter(pk__in=[order.pk for order in orders])
        changed.update(method_id=method_id, version=F("version") + 1, updated_at=now)
        OrderEvent.objects.bulk_create(
            OrderEvent(order=order, code="method_chosen", params={"method": name}, by_id=by, at=now) for order in orders
        )
        problems.of_courier(orders, method)
    return len(orders)


@transaction.atomic
def decide_payment(order_id: int, kind: str, *, by: int | None, reason: str = creation.BY_HAND) -> Order:
    """A person (or what he once said of this payment method) decides what the payment is. Raises NotEditable."""
    order = creation.lock(order_id)
    if not order.is_open:
        raise NotEditable(number=order.number)
    if order.payment != kind or order.payment_reason != reason:
        if order.payment != kind:  # else what is to be collected may have been set by hand
            order.payment = kind
            creation.settle_collect(order, order_data.told_to_collect(order))
        order.payment_reason = reason
        order.version += 1
        order.save()
        timeline.record(order.pk, "payment_decided", by=by, kind=str(Order.Payment(kind).label))
        problems.recompute(order, by=by)
    return order


@transaction.atomic
def duplicate(order_id: int, *, by: int) -> Order:
    """A draft with the same customer, lines and amounts; nothing of the past comes along. An order by hand is in EUR:
    amounts of a shop's in another currency stay behind, they would be others by the same figures."""
    old = creation.lock(order_id)
    euro = old.currency == "EUR"
    data = creation.OrderData(
        address=old.address,
        lines=[
            creation.LineData(
                line.sku,
                line.name,
                line.quantity,
                line.variant_id,
                sale_gross=line.sale_gross if euro else None,
                attributes=line.attributes,
                bundle=line.bundle,
            )
            for line in old.lines.all()
            if not line.ignored
        ],
        payment=old.payment if old.payment in ("prepaid", "cod") else "prepaid",
        sale_total=old.sale_total if euro else None,
        to_collect=old.to_collect if euro else None,
        note=old.note,
    )
    copy = creation.create(data, dropshipper_id=old.dropshipper_id, by=by, draft=True, method_id=old.method_id)
    timeline.record(copy.pk, "duplicated", by=by, number=old.number)
    return copy


@transaction.atomic
def match(
    order_ids: Iterable[int],
    *,
    sku: str = "",
    external_id: str = "",
    variant_id: int | None,
    quantity: int = 1,
    ignored: bool = False,
    by: int | None,
) -> int:
    """Ties the lines of open orders that carry this shop SKU (or, without one, this product) to a variant, `quantity`
    pieces in one of the shop's, or marks them as not ours. Returns how many orders became ready."""
    freed = 0
    orders = Order.objects.select_for_update(no_key=True).filter(pk__in=list(order_ids)).order_by("pk")
    for order in [order for order in orders if order.is_open]:
        before = order.state
        lines = [
            line
            for line in order.lines.all()
            if line.variant_id is None
            and line.quantity * quantity <= MOST_PIECES  # sent cut it would be short: it waits
            and (line.sku.upper() == sku.upper() if sku else line.external_id == external_id)
        ]
        for line in lines:
            line.variant_id, line.ignored = variant_id, ignored
            line.quantity *= quantity
            line.save(update_fields=["variant", "ignored", "quantity"])
        if lines:
            order.version += 1
            order.save(update_fields=["version", "updated_at"])
            timeline.record(order.pk, "matched", by=by, sku=sku or external_id)
            problems.recompute(order, by=by)
            freed += before != Order.State.READY and order.state == Order.State.READY
    return freed
