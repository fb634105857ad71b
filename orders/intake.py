"""How an order comes in, typed by a person or brought by a shop, and how it follows its shop until Sincronizza.

An order that was dispatched is never changed here: what its shop says later becomes an alert. What a person changes is
in `orders.amend`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import Variant
from catalog.queries import find_skus
from core.address import Address
from core.money import ZERO
from orders import problems, states, timeline
from orders.models import MOST_PIECES, Order, OrderLine
from orders.problems import Doubt

BY_HAND = "by_hand"  # payment_reason of a decision that a person took: a shop's repeat does not undo it
_ADDRESS = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email")
_WIDTHS = {field.name: field.max_length for field in Order._meta.fields if field.name in _ADDRESS}


@dataclass(frozen=True, slots=True)
class LineData:
    """`variant_id` when the caller already knows it (a match); else it is looked up by SKU, then EAN. `quantity` in the
    source's own units, `pieces` of ours in each of them. `shop_line`, `attributes`, `bundle`: as in OrderLine."""

    sku: str
    name: str
    quantity: int
    variant_id: int | None = None
    external_id: str = ""
    sale_gross: Decimal | None = None
    ignored: bool = False
    pieces: int = 1
    shop_line: str = ""
    attributes: Sequence[tuple[str, str]] = ()
    bundle: str = ""


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
    fiscal: Mapping[str, str] = field(default_factory=dict)
    details: Sequence[tuple[str, str]] = ()


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
    problems.recompute(order, doubts=data.doubts, by=by)
    return order


def new(data: OrderData, *, dropshipper_id: int, draft: bool = False, method_id: int | None = None) -> Order:
    """The row of a new order, not saved yet."""
    order = Order(dropshipper_id=dropshipper_id, state=Order.State.DRAFT if draft else Order.State.RECEIVED)
    order.source, order.source_label = data.source, data.source_label[:120]
    order.source_number, order.placed_at = data.source_number[:60], data.placed_at or timezone.now()
    order.method_id = method_id
    order.fiscal, order.details = dict(data.fiscal), [list(pair) for pair in data.details]
    told = sections(data)
    for section in told:
        apply(order, data, section)
    if data.source != "manual":
        order.shop_data = told
    return order


@transaction.atomic
def refresh(order_id: int, data: OrderData) -> bool:
    """A newer word of the shop. Only the sections that differ from its last word are taken, so that what a person
    mended survives a repeat. Returns whether anything changed; a dispatched order only gets an alert."""
    order = lock(order_id)
    if order.forgotten_at:
        return False
    told = sections(data)
    changed = [name for name, content in told.items() if order.shop_data.get(name) != content]
    was, collected, told_before = order.payment, order.to_collect, told_to_collect(order)
    order.shop_data = told
    if not order.is_open:
        order.save(update_fields=["shop_data", "updated_at"])
        alarming = {"address", "lines", "total"}
        if order.state == Order.State.DISPATCHED and order.payment == Order.Payment.COD and data.payment == "prepaid":
            alarming.add("payment")  # paid in the shop while the courier is on his way to collect
        if order.state != Order.State.CANCELLED and set(changed) & alarming:
            problems.alert(order, "changed_in_shop")
            timeline.record(order.pk, "changed_in_shop", sections=changed)
        return bool(changed)
    for section in changed:
        if section == "payment" and order.payment_reason == BY_HAND:
            continue
        apply(order, data, section)
    if "total" in changed or order.payment != was or told_to_collect(order) != told_before:
        settle_collect(order, data.to_collect)
    else:
        order.to_collect = collected  # no amount changed: what a person set stays, whatever the shop calls the method
    order.source_number, order.version = data.source_number[:60], order.version + bool(changed)
    order.save()
    if "lines" in changed:
        write_lines(order, data.lines)
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


def lock(order_id: int) -> Order:
    """The order, its row locked until the caller's transaction ends (order rows come first in the lock order)."""
    return Order.objects.select_for_update(no_key=True).get(pk=order_id)


def sections(data: OrderData) -> dict[str, Any]:
    """The content of `data` by section, as JSON, for comparison with what the shop said before."""
    return {
        "address": [getattr(data.address, name) for name in _ADDRESS] + [data.note],
        "lines": [[line.sku, line.external_id, line.name, line.quantity, str(line.sale_gross)] for line in data.lines],
        "payment": [data.payment, data.payment_reason, data.payment_detail, str(data.to_collect)],
        "total": [data.currency, str(data.sale_total)],
    }


def apply(order: Order, data: OrderData, section: str) -> None:
    """Puts the address, the payment or the total of `data` into an order that the caller saves."""
    if section == "address":
        for name in _ADDRESS:
            setattr(order, name, getattr(data.address, name)[: _WIDTHS[name]])
        order.note = data.note[:200]
    elif section == "payment":
        order.payment, order.payment_reason = data.payment, data.payment_reason[:40]
        order.payment_detail = data.payment_detail[:120]
        settle_collect(order, data.to_collect)
    elif section == "total":
        order.currency, order.sale_total = data.currency, data.sale_total
        settle_collect(order, data.to_collect)


def told_to_collect(order: Order) -> Decimal | None:
    """What the shop said that a courier has to collect, where it is not the whole total."""
    told = order.shop_data.get("payment", [])[3:]
    return Decimal(told[0]) if told and told[0] != "None" else None


def settle_collect(order: Order, given: Decimal | None) -> None:
    """COD collects what was given by the source, else all that the customer pays; nothing else collects."""
    if order.payment != Order.Payment.COD:
        order.to_collect = None
    else:
        amount = given if given is not None else order.sale_total
        order.to_collect = amount if amount is None or amount >= ZERO else None


def write_lines(order: Order, lines: Sequence[LineData]) -> None:
    """Replaces the lines. What a person tied by hand to a shop's SKU stays tied."""
    known = {line.sku.upper(): line for line in order.lines.all() if line.sku}
    order.lines.all().delete()
    unknown = unknown_skus(lines)
    OrderLine.objects.bulk_create(make_lines(order, lines, find_skus(unknown) if unknown else {}, known))


def unknown_skus(lines: Iterable[LineData]) -> list[str]:
    """Those that are to be looked up among ours."""
    return [line.sku for line in lines if line.variant_id is None and line.sku and not line.ignored]


def make_lines(
    order: Order,
    lines: Sequence[LineData],
    variants: Mapping[str, Variant],
    known: Mapping[str, OrderLine] | None = None,
) -> list[OrderLine]:
    """The rows of an order's lines, not saved yet. `variants`: what `find_skus` knows of them; `known`: the lines that
    were there before, by their SKU in capitals."""
    rows = []
    for position, line in enumerate(lines):
        variant = variants.get(line.sku.strip().upper())
        before = (known or {}).get(line.sku.upper()) if order.source != "manual" else None
        tied = line.variant_id or (variant.pk if variant else None) or (before.variant_id if before else None)
        pieces = line.quantity * line.pieces
        if pieces > MOST_PIECES:  # sent cut it would be short: it waits, tied to nothing
            tied, pieces = None, min(line.quantity, MOST_PIECES)
        rows.append(
            OrderLine(
                order=order,
                position=position,
                variant_id=None if line.ignored else tied,
                sku=line.sku[:100],
                name=line.name[:200],
                external_id=(line.external_id or (before.external_id if before else ""))[:60],
                quantity=pieces,
                sale_gross=line.sale_gross,
                ignored=line.ignored,
                shop_line=(line.shop_line or (before.shop_line if before else ""))[:60],
                shop_quantity=line.quantity if order.source != "manual" else None,
                attributes=[list(pair) for pair in line.attributes] or (before.attributes if before else []),
                bundle=line.bundle[:200],
            )
        )
    return rows
