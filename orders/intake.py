"""How an order comes in and changes before Sincronizza: typed by a person, brought by a shop, edited, decided.

An order that was dispatched is never changed here: what its shop says later becomes an alert."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.queries import find_skus
from core.address import Address
from core.money import ZERO
from orders import problems, states, timeline
from orders.errors import NotEditable, StaleEdit
from orders.models import Order, OrderLine
from orders.problems import Doubt

BY_HAND = "by_hand"  # payment_reason of a decision that a person took: a shop's repeat does not undo it
_ADDRESS = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email")
_WIDTHS = {field.name: field.max_length for field in Order._meta.fields if field.name in _ADDRESS}


@dataclass(frozen=True, slots=True)
class LineData:
    """`variant_id` when the caller already knows it (a match); else it is looked up by SKU, then EAN. `quantity` in the
    source's own units, `pieces` of ours in each of them."""

    sku: str
    name: str
    quantity: int
    variant_id: int | None = None
    external_id: str = ""
    sale_gross: Decimal | None = None
    ignored: bool = False
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class OrderData:
    """An order as its source tells it. `sale_total`: what the customer pays in all, VAT included, in `currency`.
    `to_collect`: what the courier collects (EUR); None means the whole `sale_total` when it is COD."""

    address: Address
    lines: Sequence[LineData]
    payment: str
    payment_reason: str = ""
    payment_detail: str = ""
    currency: str = "EUR"
    sale_total: Decimal | None = None
    to_collect: Decimal | None = None
    note: str = ""
    source: str = "manual"
    source_label: str = ""
    source_number: str = ""
    placed_at: dt.datetime | None = None
    doubts: Sequence[Doubt] = ()


@transaction.atomic
def create(
    data: OrderData, *, dropshipper_id: int, by: int | None = None, draft: bool = False, method_id: int | None = None
) -> Order:
    """A new order with its lines and problems: a draft, else received or ready."""
    order = Order(dropshipper_id=dropshipper_id, state=Order.State.DRAFT if draft else Order.State.RECEIVED)
    order.source, order.source_label = data.source, data.source_label[:120]
    order.source_number, order.placed_at = data.source_number[:60], data.placed_at or timezone.now()
    order.method_id = method_id
    sections = _sections(data)
    for section in sections:
        _apply(order, data, section)
    if data.source != "manual":
        order.shop_data = sections
    order.save()
    _write_lines(order, data.lines)
    if data.source == "manual":
        timeline.record(order.pk, "draft_saved" if draft else "created", by=by)
    else:
        timeline.record(order.pk, "received", label=data.source_label)
    problems.recompute(order, doubts=data.doubts, by=by)
    return order


@transaction.atomic
def refresh(order_id: int, data: OrderData) -> bool:
    """A newer word of the shop. Only the sections that differ from its last word are taken, so that what a person
    mended survives a repeat. Returns whether anything changed; a dispatched order only gets an alert."""
    order = lock(order_id)
    sections = _sections(data)
    changed = [name for name, content in sections.items() if order.shop_data.get(name) != content]
    order.shop_data = sections
    if not order.is_open:
        order.save(update_fields=["shop_data", "updated_at"])
        if order.state != Order.State.CANCELLED and set(changed) & {"address", "lines", "total"}:
            problems.alert(order, "changed_in_shop")
            timeline.record(order.pk, "changed_in_shop", sections=changed)
        return bool(changed)
    for section in changed:
        if section == "payment" and order.payment_reason == BY_HAND:
            continue
        _apply(order, data, section)
    if "total" in changed or "payment" in changed:
        _settle_collect(order, data.to_collect)
    order.source_number, order.version = data.source_number[:60], order.version + 1
    order.save()
    if "lines" in changed:
        _write_lines(order, data.lines)
    if changed:
        timeline.record(order.pk, "refreshed", sections=changed)
    problems.recompute(order, doubts=data.doubts if changed else None)
    return bool(changed)


@transaction.atomic
def withdraw(order_id: int, *, code: str = "cancelled_in_shop", params: Mapping[str, Any] | None = None) -> None:
    """The shop cancelled, refunded or binned it: an open order is cancelled, a dispatched one is
    marked with an alert. Twice is once."""
    order = lock(order_id)
    if order.is_open:
        states.move(order, Order.State.CANCELLED, event=code, **(params or {}))
    elif order.state != Order.State.CANCELLED and not order.problems.filter(code="cancelled_in_shop").exists():
        problems.alert(order, "cancelled_in_shop")
        timeline.record(order.pk, code, **(params or {}))


@transaction.atomic
def revive(order_id: int, data: OrderData) -> None:
    """The shop took it back from the bin. What a person cancelled, or what was ever dispatched, stays as it is."""
    order = lock(order_id)
    last = order.events.filter(code__in=["cancelled", "cancelled_in_shop"]).order_by("-id").first()
    if order.state == Order.State.CANCELLED and not order.shipment_id and last and last.code == "cancelled_in_shop":
        states.move(order, Order.State.RECEIVED, event="restored_in_shop")
    elif not order.is_open and order.state != Order.State.CANCELLED:
        order.problems.filter(code="cancelled_in_shop").delete()
    refresh(order_id, data)
    order.refresh_from_db()
    if order.is_open:
        problems.recompute(order)


@transaction.atomic
def edit(
    order_id: int, data: OrderData, *, version: int, by: int | None, method_id: int | None = None, draft: bool = False
) -> Order:
    """A person's edit of an open order. Raises NotEditable, or StaleEdit when `version` is not the newest."""
    order = lock(order_id)
    if not order.is_open:
        raise NotEditable(number=order.number)
    if order.version != version:
        raise StaleEdit(number=order.number)
    decided = (order.payment, order.payment_reason, order.payment_detail)
    for section in _sections(data):
        _apply(order, data, section)
    if order.source != "manual":
        if order.payment == decided[0]:
            order.payment_reason, order.payment_detail = decided[1], decided[2]
        else:
            order.payment_reason, order.payment_detail = BY_HAND, decided[2]
    order.to_collect = data.to_collect if order.payment == Order.Payment.COD else None
    _settle_collect(order, data.to_collect)
    order.method_id, order.version = method_id, order.version + 1
    order.save()
    _write_lines(order, data.lines)
    timeline.record(order.pk, "draft_saved" if draft else "edited", by=by)
    if order.state == Order.State.DRAFT and not draft:
        states.move(order, Order.State.RECEIVED, event="submitted", by=by)
    problems.recompute(order, doubts=(), by=by)
    return order


@transaction.atomic
def submit(order_id: int, *, by: int) -> Order:
    """A draft becomes an order, with its problems found. Anything else stays as it is."""
    order = lock(order_id)
    if order.state == Order.State.DRAFT:
        states.move(order, Order.State.RECEIVED, event="submitted", by=by)
        problems.recompute(order, by=by)
    return order


@transaction.atomic
def choose_method(order_ids: Iterable[int], method_id: int, *, dropshipper_id: int, by: int | None) -> int:
    """Sets the shipping of open orders of one dropshipper; how many were changed."""
    orders = list(
        Order.objects.select_for_update(no_key=True)
        .filter(pk__in=list(order_ids), dropshipper_id=dropshipper_id, state__in=["draft", "received", "ready"])
        .exclude(method_id=method_id)
        .order_by("pk")
    )
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(method_id=method_id, updated_at=timezone.now())
    return len(orders)


@transaction.atomic
def decide_payment(order_id: int, kind: str, *, by: int | None, reason: str = BY_HAND) -> Order:
    """A person (or what he once said of this payment method) decides what the payment is. Raises NotEditable."""
    order = lock(order_id)
    if not order.is_open:
        raise NotEditable(number=order.number)
    if order.payment != kind or order.payment_reason != reason:
        order.payment, order.payment_reason = kind, reason
        _settle_collect(order, None)
        order.version += 1
        order.save()
        timeline.record(order.pk, "payment_decided", by=by, kind=str(Order.Payment(kind).label))
        problems.recompute(order, by=by)
    return order


@transaction.atomic
def duplicate(order_id: int, *, by: int) -> Order:
    """A draft with the same customer, lines and amounts; nothing of the past comes along."""
    old = lock(order_id)
    data = OrderData(
        address=old.address,
        lines=[
            LineData(line.sku, line.name, line.quantity, line.variant_id, sale_gross=line.sale_gross)
            for line in old.lines.all()
            if not line.ignored
        ],
        payment=old.payment if old.payment in ("prepaid", "cod") else "prepaid",
        sale_total=old.sale_total,
        to_collect=old.to_collect,
        note=old.note,
    )
    copy = create(data, dropshipper_id=old.dropshipper_id, by=by, draft=True, method_id=old.method_id)
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
            if line.variant_id is None and (line.sku.upper() == sku.upper() if sku else line.external_id == external_id)
        ]
        for line in lines:
            line.variant_id, line.ignored = variant_id, ignored
            line.quantity = min(line.quantity * quantity, 9999)
            line.save(update_fields=["variant", "ignored", "quantity"])
        if lines:
            order.version += 1
            order.save(update_fields=["version", "updated_at"])
            timeline.record(order.pk, "matched", by=by, sku=sku or external_id)
            problems.recompute(order, by=by)
            freed += before != Order.State.READY and order.state == Order.State.READY
    return freed


def lock(order_id: int) -> Order:
    """The order, its row locked until the caller's transaction ends (order rows come first in the lock order)."""
    return Order.objects.select_for_update(no_key=True).get(pk=order_id)


def _sections(data: OrderData) -> dict[str, Any]:
    """The content of `data` by section, as JSON, for comparison with what the shop said before."""
    return {
        "address": [getattr(data.address, name) for name in _ADDRESS] + [data.note],
        "lines": [[line.sku, line.external_id, line.name, line.quantity, str(line.sale_gross)] for line in data.lines],
        "payment": [data.payment, data.payment_reason, data.payment_detail],
        "total": [data.currency, str(data.sale_total), str(data.to_collect)],
    }


def _apply(order: Order, data: OrderData, section: str) -> None:
    if section == "address":
        for name in _ADDRESS:
            setattr(order, name, getattr(data.address, name)[: _WIDTHS[name]])
        order.note = data.note[:200]
    elif section == "payment":
        order.payment, order.payment_reason = data.payment, data.payment_reason[:40]
        order.payment_detail = data.payment_detail[:120]
        _settle_collect(order, data.to_collect)
    elif section == "total":
        order.currency, order.sale_total = data.currency, data.sale_total
        _settle_collect(order, data.to_collect)


def _settle_collect(order: Order, given: Decimal | None) -> None:
    """COD collects what was given by the source, else all that the customer pays; nothing else collects."""
    if order.payment != Order.Payment.COD:
        order.to_collect = None
    else:
        amount = given if given is not None else order.sale_total
        order.to_collect = amount if amount is None or amount >= ZERO else None


def _write_lines(order: Order, lines: Sequence[LineData]) -> None:
    """Replaces the lines. What a person tied by hand to a shop's SKU stays tied."""
    known = {line.sku.upper(): line for line in order.lines.all() if line.sku}
    order.lines.all().delete()
    unknown = [line.sku for line in lines if line.variant_id is None and line.sku and not line.ignored]
    variants = find_skus(unknown) if unknown else {}
    rows = []
    for position, line in enumerate(lines):
        variant = variants.get(line.sku.strip().upper())
        before = known.get(line.sku.upper()) if order.source != "manual" else None
        tied = line.variant_id or (variant.pk if variant else None) or (before.variant_id if before else None)
        rows.append(
            OrderLine(
                order=order,
                position=position,
                variant_id=None if line.ignored else tied,
                sku=line.sku[:100],
                name=line.name[:200],
                external_id=(line.external_id or (before.external_id if before else ""))[:60],
                quantity=min(line.quantity * line.pieces, 9999),
                sale_gross=line.sale_gross,
                ignored=line.ignored,
            )
        )
    OrderLine.objects.bulk_create(rows)
