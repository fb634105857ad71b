"""What a dispatch would cost, before the click: the same `price` charges at the click. EUR, rounded half up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.db.models import Prefetch

from catalog.queries import availability, find_skus
from core.errors import DomainError
from core.money import CASH_LIMIT, ZERO
from orders.dispatch import figures
from orders.dispatch.price import Goods, Price, lacking, price, weight, withdrawn
from orders.errors import (
    AlreadySent,
    CodAmountUnknown,
    DropshipperInactive,
    HasProblems,
    MethodMissing,
    OrderCancelled,
    PaymentNotSure,
    StillDraft,
)
from orders.intake.creation import OrderData
from orders.models import Order, OrderLine
from shipping.errors import CodOverLaw
from shipping.tariffs.quotes import Quote, Tariff
from wallet.errors import InsufficientFunds
from wallet.queries import balances


@dataclass(frozen=True, slots=True)
class PlanRow:
    order: Order
    quote: Quote | None
    price: Price | None
    refusal: DomainError | None

    @property
    def goes(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class Totals:
    ready: int
    charge: Decimal
    collect: Decimal
    margin: Decimal
    guarantee: Decimal
    wallet_before: Decimal
    wallet_after: Decimal
    missing: Decimal  # what a top-up must bring so that all fit
    left_out: Mapping[str, int]  # error code → how many


@dataclass(frozen=True, slots=True)
class Plan:
    rows: Sequence[PlanRow]
    totals: Totals

    @property
    def seen(self) -> str:
        """The figures of the orders that go, for the form that sends them."""
        return figures.carried((row.order.pk, row.price.figures) for row in self.rows if row.goes and row.price)


@dataclass(frozen=True, slots=True)
class Preview:
    """The live box of the entry form: every method with its price or its refusal, and the chosen one's figures."""

    quotes: Sequence[Quote]
    prices: Mapping[int, Price]
    quote: Quote | None
    price: Price | None
    refusal: DomainError | None
    unknown: Sequence[str]  # SKUs that are not in the catalogue
    wallet_before: Decimal
    wallet_after: Decimal


class Decided(Protocol):
    """What the decision reads of an order, and of what stands for one in orders/dispatch/readiness.py."""

    @property
    def state(self) -> str: ...
    @property
    def payment(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def to_collect(self) -> Decimal | None: ...


def refusal_of(order: Decided, blocked: bool, *, active: bool, has_method: bool) -> DomainError | None:
    """Why an order may not be dispatched, as far as its own rows tell (money, stock and courier come after)."""
    if not active:
        return DropshipperInactive()
    if order.state in (Order.State.DISPATCHED, Order.State.COMPLETED):
        return AlreadySent()
    if order.state == Order.State.CANCELLED:
        return OrderCancelled()
    if order.state == Order.State.DRAFT:
        return StillDraft()
    if order.payment not in (Order.Payment.PREPAID, Order.Payment.COD):
        return PaymentNotSure()
    if order.payment == Order.Payment.COD and (refusal := _cod_refusal(order.currency, order.to_collect)):
        return refusal
    if blocked or order.state != Order.State.READY:
        return HasProblems()
    return None if has_method else MethodMissing()


def _cod_refusal(currency: str, collect: Decimal | None) -> DomainError | None:
    """What stands in the way of collecting that amount at a door, whoever the courier is."""
    if currency != "EUR" or not collect:
        return CodAmountUnknown()
    return CodOverLaw(amount=str(collect)) if collect > CASH_LIMIT else None


def goods_of(order: Order) -> list[Goods]:
    """The articles of an order whose lines were prefetched with their variants and products."""
    return [
        Goods(
            line.variant_id,
            line.variant.sku,
            line.quantity,
            line.variant.net_price,
            line.variant.vat_rate,
            line.variant.weight_g,
            line.variant.active and line.variant.product.active,
        )
        for line in order.lines.all()
        if line.variant is not None and line.variant_id is not None and not line.ignored
    ]


def collect_of(order: Decided) -> Decimal | None:
    return order.to_collect if order.payment == Order.Payment.COD else None


def plan(
    order_ids: Iterable[int],
    *,
    dropshipper_id: int,
    method_id: int | None = None,
    methods: Mapping[int, int] | None = None,
    alone: bool = False,
    tariff: Tariff | None = None,
) -> Plan:
    """Prices orders of one dropshipper in the order that dispatch will take (by id) and says which fit the balance and
    the stock together; `alone`: each as if it were the only one (the totals then say nothing). Reads only; a constant
    number of queries."""
    orders = list(
        Order.objects.filter(pk__in=list(order_ids), dropshipper_id=dropshipper_id)
        .select_related("dropshipper")
        .prefetch_related(Prefetch("lines", OrderLine.objects.select_related("variant__product")), "problems")
        .order_by("pk")
    )
    tariff = tariff or Tariff.load()
    wanted = {item.variant_id for order in orders for item in goods_of(order)}
    stock = availability(wanted)
    spendable = before = balances(dropshipper_id).spendable
    rows, left_out = [], Counter[str]()
    charge = collect_sum = margin = guarantee = missing = ZERO
    for order in orders:
        chosen = (methods or {}).get(order.pk) or method_id or order.method_id
        row = _row(order, tariff, chosen, stock)
        if row.refusal is None and row.price is not None:
            amounts = row.price
            if amounts.wallet_need > spendable:
                short = amounts.wallet_need - spendable
                missing += amounts.wallet_need
                refusal = InsufficientFunds(
                    missing=str(short), needed=str(amounts.wallet_need), available=str(spendable)
                )
                row = PlanRow(order, row.quote, amounts, refusal)
            elif not alone:
                spendable -= amounts.wallet_need
                for item in goods_of(order):
                    stock[item.variant_id] -= item.quantity
                charge += amounts.wallet_need
                collect_sum += amounts.collect
                margin += amounts.margin or ZERO
                guarantee += amounts.guarantee
        if row.refusal is not None:
            left_out[row.refusal.code] += 1
        rows.append(row)
    totals = Totals(
        ready=len(rows) - sum(left_out.values()),
        charge=charge,
        collect=collect_sum,
        margin=margin,
        guarantee=guarantee,
        wallet_before=before,
        wallet_after=spendable,
        missing=max(ZERO, missing - spendable),
        left_out=dict(left_out),
    )
    return Plan(rows, totals)


def _row(order: Order, tariff: Tariff, method_id: int | None, stock: Mapping[int, int]) -> PlanRow:
    blocked = any(problem.blocking for problem in order.problems.all())
    refusal = refusal_of(order, blocked, active=order.dropshipper.is_active, has_method=method_id is not None)
    goods = goods_of(order)
    if method_id is None or not goods:
        return PlanRow(order, None, None, refusal or MethodMissing())
    collect = collect_of(order)
    quote = tariff.quote(
        method_id,
        country=order.country,
        province=order.province,
        postcode=order.postcode,
        weight_g=weight(goods),
        collect=collect,
    )
    if quote.refusal is not None:
        return PlanRow(order, quote, None, refusal or quote.refusal)
    amounts = price(goods, quote, collect=collect, sale_total=order.sale_total, currency=order.currency)
    refusal = refusal or withdrawn(goods) or lacking(goods, stock)
    return PlanRow(order, quote, amounts, refusal)


def preview(
    data: OrderData, *, method_id: int | None, dropshipper_id: int, usual: int | None = None, preselect: bool = False
) -> Preview:
    """Figures for an order that is still being typed: same tariff, same `price`. Reads only, writes nothing.
    `preselect`: nobody chose a method; it is the `usual` one where that goes there, else the cheapest that does."""
    lines = [line for line in data.lines if not line.ignored]
    variants = find_skus(line.sku for line in lines)
    goods, unknown = [], []
    for line in lines:
        variant = variants.get(line.sku.strip().upper())
        if variant is None:
            unknown.append(line.sku)
            continue
        quantity = line.quantity * line.pieces
        on_sale = variant.active and variant.product.active
        goods.append(
            Goods(variant.pk, variant.sku, quantity, variant.net_price, variant.vat_rate, variant.weight_g, on_sale)
        )
    collect = None
    if data.payment == Order.Payment.COD:
        collect = data.to_collect if data.to_collect is not None else data.sale_total or ZERO
    quotes = Tariff.load().quotes(
        country=data.address.country,
        province=data.address.province,
        postcode=data.address.postcode,
        weight_g=weight(goods),
        collect=collect,
    )
    prices = {
        quote.method_id: price(goods, quote, collect=collect, sale_total=data.sale_total, currency=data.currency)
        for quote in quotes
        if quote.refusal is None and goods
    }
    if preselect:
        method_id = _preselected(quotes, usual)
    chosen = next((quote for quote in quotes if quote.method_id == method_id), None)
    wrong = _cod_refusal(data.currency, collect) if collect is not None else None
    # Without what is to be collected a COD order's figures would be those of another order.
    amounts = prices.get(chosen.method_id) if chosen and not wrong else None
    before = balances(dropshipper_id).spendable
    refusal = wrong or (chosen.refusal if chosen else MethodMissing())
    if refusal is None:
        refusal = withdrawn(goods) or lacking(goods, availability({item.variant_id for item in goods}))
    after = before - amounts.wallet_need if amounts else before
    if refusal is None and amounts and after < ZERO:
        refusal = InsufficientFunds(missing=str(-after), needed=str(amounts.wallet_need), available=str(before))
    return Preview(quotes, prices, chosen, amounts, refusal, unknown, before, after)


def _preselected(quotes: Sequence[Quote], usual: int | None) -> int | None:
    fit = [quote for quote in quotes if quote.refusal is None]
    if not fit or any(quote.method_id == usual for quote in fit):
        return usual
    return min(fit, key=lambda quote: quote.net + quote.cod_fee_net).method_id
