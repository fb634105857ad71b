"""What an order costs the reseller, computed in one place for the plan and for the charge. EUR, rounded half up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from catalog.errors import OffSale, OutOfStock
from core.money import ZERO, cents, vat_on
from orders.dispatch import figures
from shipping.tariffs.quotes import Quote


@dataclass(frozen=True, slots=True)
class Goods:
    """An article to ship: net unit price EUR, VAT rate in percent, weight of one piece in grams; whether it is sold."""

    variant_id: int
    sku: str
    quantity: int
    unit_net: Decimal
    vat_rate: Decimal
    weight_g: int
    on_sale: bool = True


@dataclass(frozen=True, slots=True)
class Price:
    """What an order costs the reseller. `cost` is gross; `collect` is 0.00 for prepaid; `margin` None when the sale
    is not known in EUR; `wallet_need` is what leaves the wallet at the click; `shipping_rate` the
    VAT of the shipping, in percent. What a refusal costs is orders/failed/who_pays.py's to say."""

    goods_net: Decimal
    shipping_net: Decimal
    cod_fee_net: Decimal
    vat: Decimal
    cost: Decimal
    collect: Decimal
    margin: Decimal | None
    guarantee: Decimal
    wallet_need: Decimal
    shipping_rate: Decimal = ZERO

    @property
    def figures(self) -> str:
        """What a reader is shown of it and a click brings back: cost/guarantee/COD amount
        (orders/dispatch/figures.py)."""
        return figures.written(self.cost, self.guarantee, self.collect)


def price(
    goods: Iterable[Goods], quote: Quote, *, collect: Decimal | None, sale_total: Decimal | None, currency: str
) -> Price:
    """The one place where a cost is computed: VAT per rate on the summed net (EUR). `collect` None: prepaid."""
    by_rate: dict[Decimal, Decimal] = {quote.vat_rate: quote.net + quote.cod_fee_net}
    goods_net = ZERO
    for item in goods:
        net = item.unit_net * item.quantity
        goods_net += net
        by_rate[item.vat_rate] = by_rate.get(item.vat_rate, ZERO) + net
    vat = sum((vat_on(net, rate) for rate, net in by_rate.items()), ZERO)
    cost = goods_net + quote.net + quote.cod_fee_net + vat
    guarantee = ZERO
    if collect is not None:
        if settings.COD_GUARANTEE:
            ways = (quote.net, quote.return_net)
            guarantee = sum((cents(net + net * quote.vat_rate / 100) for net in ways), ZERO)
        margin: Decimal | None = collect - cost if currency == "EUR" else None  # other money is refused, not priced
        need = guarantee + max(ZERO, cost - collect)
    else:
        margin = sale_total - cost if sale_total is not None and currency == "EUR" else None
        need = cost
    return Price(
        goods_net=goods_net,
        shipping_net=quote.net,
        cod_fee_net=quote.cod_fee_net,
        vat=vat,
        cost=cost,
        collect=collect if collect is not None else ZERO,
        margin=margin,
        guarantee=guarantee,
        wallet_need=need,
        shipping_rate=quote.vat_rate,
    )


def weight(goods: Iterable[Goods]) -> int:
    return sum(item.weight_g * item.quantity for item in goods)


def withdrawn(goods: Iterable[Goods]) -> OffSale | None:
    """The first article that was taken off sale, maybe after the order had been found ready."""
    return next((OffSale(sku=item.sku) for item in goods if not item.on_sale), None)


def lacking(goods: Iterable[Goods], stock: Mapping[int, int]) -> OutOfStock | None:
    """The first article of which there are not enough pieces, its lines summed."""
    wanted: Counter[int] = Counter()
    names = {}
    for item in goods:
        wanted[item.variant_id] += item.quantity
        names[item.variant_id] = item.sku
    for variant_id, quantity in wanted.items():
        if stock.get(variant_id, 0) < quantity:
            return OutOfStock(sku=names[variant_id], wanted=quantity, available=max(0, stock.get(variant_id, 0)))
    return None
