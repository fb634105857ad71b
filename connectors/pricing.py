"""The figures of an inbox: what each row would cost, which shipping it may have, the sums on top. Reads only; prices
are those of orders/plan.py, which the click charges. EUR."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.errors import DomainError
from core.money import ZERO, vat_on
from orders import plan
from orders.models import Order
from shipping.quotes import Quote, Tariff


@dataclass(frozen=True, slots=True)
class Option:
    """A shipping method for one order. `gross`: shipping and COD fee, VAT included; None: the parcel is not known."""

    method_id: int
    label: str
    gross: Decimal | None
    refusal: DomainError | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An order of the inbox. `refusal` speaks of this order alone, as if nothing else were sent. `key` makes the click
    of its button its own."""

    order: Order
    price: plan.Price | None = None
    refusal: DomainError | None = None
    options: Sequence[Option] = ()
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def can_sync(self) -> bool:
        return self.order.state == Order.State.READY and self.refusal is None


@dataclass(frozen=True, slots=True)
class Sums:
    """Over the ready orders: how many, how many of them go, what leaves the wallet, what is left, what is missing."""

    ready: int = 0
    going: int = 0
    charge: Decimal = ZERO
    before: Decimal = ZERO
    after: Decimal = ZERO
    missing: Decimal = ZERO


def rows_and_sums(orders: Sequence[Order], ready_ids: Iterable[int], *, dropshipper_id: int) -> tuple[list[Row], Sums]:
    """The rows of a page (orders from orders.queries.for_rows) and the sums over the ready ones, in one plan. The
    number of queries is constant."""
    ready = set(ready_ids)
    open_orders = [order for order in orders if order.is_open]
    ids = ready | {order.pk for order in open_orders}
    if not ids:
        return [Row(order) for order in orders], Sums()
    planned = plan.plan(ids, dropshipper_id=dropshipper_id)
    by_id = {row.order.pk: row for row in planned.rows}
    before = planned.totals.wallet_before
    tariff = Tariff.load() if open_orders else None
    rows = []
    for order in orders:
        found = by_id.get(order.pk)
        if found is None or tariff is None or not order.is_open:
            rows.append(Row(order))
        else:
            rows.append(Row(order, found.price, _alone(found, before), _options(order, tariff)))
    return rows, _sums([by_id[pk] for pk in ready if pk in by_id], before)


def _alone(row: plan.PlanRow, before: Decimal) -> DomainError | None:
    """The refusal of an order when it goes alone: money that only the sum of all lacks is not missing."""
    if row.refusal is not None and row.refusal.code == "insufficient_funds" and row.price is not None:
        return row.refusal if row.price.wallet_need > before else None
    return row.refusal


def _options(order: Order, tariff: Tariff) -> list[Option]:
    goods = plan.goods_of(order)
    lines = [line for line in order.lines.all() if not line.ignored]
    known = bool(goods) and len(goods) == len(lines)
    quotes = tariff.quotes(
        country=order.country,
        province=order.province,
        postcode=order.postcode,
        weight_g=plan.weight(goods),
        collect=plan.collect_of(order),
    )
    return [
        Option(
            quote.method_id,
            quote.label,
            _gross(quote) if known and quote.refusal is None else None,
            quote.refusal,
            quote.method_id == order.method_id,
        )
        for quote in quotes
    ]


def _gross(quote: Quote) -> Decimal:
    net = quote.net + quote.cod_fee_net
    return net + vat_on(net, quote.vat_rate)


def _sums(rows: Sequence[plan.PlanRow], before: Decimal) -> Sums:
    going = [row.price for row in rows if row.goes and row.price is not None]
    short = [row.price for row in rows if row.refusal and row.refusal.code == "insufficient_funds" and row.price]
    charge = sum((price.wallet_need for price in going), ZERO)
    after = before - charge
    missing = max(ZERO, sum((price.wallet_need for price in short), ZERO) - after)
    return Sums(len(rows), len(going), charge, before, after, missing if short else ZERO)
