"""The figures of an inbox: what each row would cost, which shipping it may have, the sums on top. Reads only; prices
are those of orders/dispatch/plan.py, which the click charges. EUR."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.errors import DomainError
from core.money import ZERO, vat_on
from orders import queries
from orders.dispatch import plan
from orders.dispatch.readiness import Readiness
from orders.models import Order
from shipping.tariffs.quotes import Quote, Tariff


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
    """An order of the inbox. `refusal` speaks of this order alone, as if nothing else were sent; `goes`: it is counted
    among the ready ones (orders/dispatch/readiness.py); `at`: waiting or running in a run that is under way. `key`
    makes the click of its button its own."""

    order: Order
    price: plan.Price | None = None
    refusal: DomainError | None = None
    goes: bool = False
    at: str = ""
    options: Sequence[Option] = ()
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def can_sync(self) -> bool:
        return self.order.state == Order.State.READY and self.refusal is None and not self.at


@dataclass(frozen=True, slots=True)
class Sums:
    """Over the ready orders: how many, how many of them go, what leaves the wallet, what is left, what is missing."""

    ready: int = 0
    going: int = 0
    charge: Decimal = ZERO
    before: Decimal = ZERO
    after: Decimal = ZERO
    missing: Decimal = ZERO


def rows_and_sums(
    orders: Sequence[Order],
    ready_ids: Iterable[int],
    known: Readiness,
    *,
    dropshipper_id: int,
    under_way: Mapping[int, str] | None = None,
    tariff: Tariff | None = None,
) -> tuple[list[Row], Sums]:
    """The rows of a page (orders from orders.queries.for_rows) and the sums over the ready ones, in one plan. The
    number of queries is constant. `under_way`: by order id where it is in a run
    (orders.dispatch.progress.under_way)."""
    ready = set(ready_ids)
    open_orders = [order for order in orders if order.is_open]
    ids = ready | {order.pk for order in open_orders}
    if not ids:
        return [Row(order) for order in orders], Sums()
    tariff = tariff or Tariff.load()
    planned = plan.plan(ids, dropshipper_id=dropshipper_id, alone=True, tariff=tariff)
    by_id = {row.order.pk: row for row in planned.rows}
    rows = []
    for order in queries.read_again(orders, {pk: row.order.state for pk, row in by_id.items()}):
        found = by_id.get(order.pk)
        if found is None or not order.is_open:
            rows.append(Row(order))
            continue
        goes, at = order.pk in known.going, (under_way or {}).get(order.pk, "")
        rows.append(Row(order, found.price, found.refusal, goes, at, _options(order, tariff)))
    return rows, _sums([by_id[pk] for pk in sorted(ready) if pk in by_id], planned.totals.wallet_before)


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
    """In the order in which Sincronizza takes them: what one cannot pay is left for those after it."""
    left, going, short = before, 0, ZERO
    for row in rows:
        if row.price is None:
            continue
        if row.price.wallet_need > left:
            short += row.price.wallet_need
        else:
            left, going = left - row.price.wallet_need, going + 1
    return Sums(len(rows), going, before - left, before, left, max(ZERO, short - left) if short else ZERO)
