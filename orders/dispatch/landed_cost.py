"""What an article costs the reseller once it is at a customer's door, by every method: the tariff and the `price` that
Sincronizza charges with, asked before there is an order. EUR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Variant
from catalog.queries import availability
from core.errors import DomainError
from core.models import Place
from core.money import vat_on
from orders.dispatch.price import Goods, Price, lacking, price, weight
from shipping.tariffs.quotes import Quote, Tariff


@dataclass(frozen=True, slots=True)
class Way:
    """A method with one kind of payment; `price` is None where the method refuses."""

    quote: Quote
    price: Price | None


@dataclass(frozen=True, slots=True)
class MethodCost:
    """A method, both ways. `cod` is None while nobody has said what the customer pays at the door."""

    prepaid: Way
    cod: Way | None
    cheapest: bool = False  # of the methods that go, for a prepaid order


@dataclass(frozen=True, slots=True)
class Landed:
    """`sale_total` is what the customer pays, VAT included, or None; `lacking`: the shelf has fewer pieces."""

    methods: Sequence[MethodCost]
    goods_net: Decimal
    weight_g: int
    sale_total: Decimal | None
    lacking: DomainError | None


def landed(
    variant: Variant,
    quantity: int,
    *,
    country: str,
    province: str,
    postcode: str,
    sale_total: Decimal | None = None,
) -> Landed:
    """The cost of `quantity` pieces sent to a place, by every active method, prepaid and COD. Without `sale_total` the
    suggested retail price is taken, if there is one. Reads only; 2 queries whatever the number of methods."""
    item = Goods(variant.pk, variant.sku, quantity, variant.net_price, variant.vat_rate, variant.weight_g)
    if sale_total is None and variant.retail_price is not None:
        sale_total = variant.retail_price * quantity
    tariff = Tariff.load()
    grams = weight([item])

    def ways(collect: Decimal | None) -> list[Way]:
        quotes = tariff.quotes(country=country, province=province, postcode=postcode, weight_g=grams, collect=collect)
        return [
            Way(
                quote,
                price([item], quote, collect=collect, sale_total=sale_total, currency="EUR")
                if quote.available
                else None,
            )
            for quote in quotes
        ]

    prepaid = ways(None)
    cod = ways(sale_total) if sale_total else [None] * len(prepaid)
    lowest = min((way.price.cost for way in prepaid if way.price), default=None)
    return Landed(
        methods=[
            MethodCost(one, two, cheapest=one.price is not None and one.price.cost == lowest)
            for one, two in zip(prepaid, cod, strict=True)
        ],
        goods_net=item.unit_net * quantity,
        weight_g=grams,
        sale_total=sale_total,
        lacking=lacking([item], availability([variant.pk])),
    )


@dataclass(frozen=True, slots=True)
class Cheapest:
    """The cheapest way to send one piece within Italy, prepaid. `margin` at the suggested retail price, VAT included in
    both; None without such a price."""

    quote: Quote
    price: Price

    @property
    def label(self) -> str:
        return self.quote.label

    @property
    def margin(self) -> Decimal | None:
        return self.price.margin

    @property
    def shipping_gross(self) -> Decimal:
        """What the way out costs, VAT included."""
        return self.quote.net + vat_on(self.quote.net, self.quote.vat_rate)


def cheapest(variant: Variant, tariff: Tariff) -> Cheapest | None:
    """By the tariff that Sincronizza charges with; None where no method takes the article. No query."""
    item = Goods(variant.pk, variant.sku, 1, variant.net_price, variant.vat_rate, variant.weight_g)
    quotes = tariff.quotes(country="IT", province="", postcode="", weight_g=weight([item]), collect=None)
    ways = [
        Cheapest(quote, price([item], quote, collect=None, sale_total=variant.retail_price, currency="EUR"))
        for quote in quotes
        if quote.available
    ]
    return min(ways, key=lambda way: way.price.cost, default=None)


def provinces_near(postcode: str) -> list[str]:
    """The provinces of the CAPs that begin alike: what a generic CAP (90100) or a new one still tells of its zone."""
    near = Place.objects.filter(postcode__startswith=postcode[:3]).exclude(province="")
    return sorted(set(near.values_list("province", flat=True)))
