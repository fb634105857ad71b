"""How an order comes in, typed by a person or brought by a shop. How it follows its shop is in orders/intake/follow.py,
what a person changes in orders/intake/editing.py."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from orders import problems, timeline
from orders.intake.data import LineData as LineData
from orders.intake.data import OrderData as OrderData
from orders.intake.data import collected, kept, sections
from orders.intake.lines import write_lines
from orders.models import Order
from orders.questions import twins

BY_HAND = "by_hand"  # payment_reason of a decision that a person took: a shop's repeat does not undo it


@transaction.atomic
def create(
    data: OrderData, *, dropshipper_id: int, by: int | None = None, draft: bool = False, method_id: int | None = None
) -> Order:
    """A new order with its lines and problems: a draft, else received or ready."""
    order = new(data, dropshipper_id=dropshipper_id, draft=draft, method_id=method_id)
    order.save()
    write_lines(order, data.lines)
    if data.source == "manual":
        timeline.record(order.pk, "draft_saved" if draft else "created", by=by)
    else:
        timeline.record(order.pk, "received", label=data.source_label)
    twin = twins.doubts([(order, list(order.lines.all()))]) if not draft else {}
    problems.recompute(order, doubts=[*data.doubts, *twin.values()], by=by)
    return order


def new(data: OrderData, *, dropshipper_id: int, draft: bool = False, method_id: int | None = None) -> Order:
    """The row of a new order, not saved yet."""
    order = Order(dropshipper_id=dropshipper_id, state=Order.State.DRAFT if draft else Order.State.RECEIVED)
    order.source, order.source_label = data.source, data.source_label[:120]
    order.source_number, order.placed_at = data.source_number[:60], data.placed_at or timezone.now()
    order.method_id = method_id
    order.fiscal, order.details = dict(data.fiscal), [list(pair) for pair in data.details]
    apply(order, data)
    if data.source != "manual":
        order.shop_data = sections(data)
    return order


def lock(order_id: int) -> Order:
    """The order, its row locked until the caller's transaction ends (order rows come first in the lock order)."""
    return Order.objects.select_for_update(no_key=True).get(pk=order_id)


def apply(order: Order, data: OrderData) -> None:
    """Puts the address, the payment and the total of `data` into an order that the caller saves."""
    for name, value in kept(data.address, data.note).items():
        setattr(order, name, value)
    order.payment, order.payment_reason = data.payment, data.payment_reason[:40]
    order.payment_detail = data.payment_detail[:120]
    order.currency, order.sale_total = data.currency, data.sale_total
    settle_collect(order, data.to_collect)


def settle_collect(order: Order, given: Decimal | None) -> None:
    """What the courier collects; of what is no COD nothing."""
    order.to_collect = collected(order.sale_total, given) if order.payment == Order.Payment.COD else None
