"""What a sent order would cost at another address, before its parcel is packed: the tariff of today for the new place,
the goods at the prices that were fixed at Sincronizza. EUR. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.address import Address
from core.errors import DomainError
from core.money import ZERO
from orders.dispatch.price import Goods, Price
from orders.dispatch.price import price as price_of
from orders.fulfilment import standing
from orders.models import Order, OrderLine
from shipping.models import Shipment
from shipping.tariffs.quotes import Quote, Tariff


@dataclass(frozen=True, slots=True)
class Offer:
    """A shipping method for the new place: its price for the whole order, or why it does not go there. `leaves` is what
    leaves the wallet because of the change, below zero what comes back."""

    method_id: int
    label: str
    price: Price | None
    refusal: DomainError | None
    leaves: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Requote:
    """`now` are the frozen figures; `chosen` the method that was asked for; `others` those that go there, the cheapest
    first. `leaves` of an offer is against `now`."""

    now: Price
    chosen: Offer
    others: Sequence[Offer]


def requote(order: Order, shipment: Shipment, wanted: Mapping[str, str], *, method_id: int | None = None) -> Requote:
    """What `wanted` (country, province, postcode and the rest, as an order keeps them) makes of the order's figures, by
    the parcel's own method or by `method_id`. Where the zone stays the same so does the price, whatever the tariff says
    today: a telephone costs nothing. The order must be sent; 2 queries."""
    now, tariff, asked = standing.frozen(order), Tariff.load(), method_id or shipment.method_id
    goods = _goods(order)
    collect = order.to_collect if order.payment == Order.Payment.COD else None

    def offer(quote: Quote) -> Offer:
        if quote.method_id == shipment.method_id and _same_zone(tariff, shipment.address, wanted):
            return Offer(quote.method_id, quote.label or str(shipment.method), now, None)
        if quote.refusal is not None:
            return Offer(quote.method_id, quote.label or str(shipment.method), None, quote.refusal)
        price = price_of(goods, quote, collect=collect, sale_total=order.sale_total, currency=order.currency)
        return Offer(quote.method_id, quote.label, price, None, price.wallet_need - now.wallet_need)

    place = {name: wanted[name] for name in ("country", "province", "postcode")}
    quotes = tariff.quotes(**place, weight_g=shipment.weight_g, collect=collect)
    found = [offer(quote) for quote in quotes]
    chosen = next((one for one in found if one.method_id == asked), None)
    if chosen is None:
        chosen = offer(tariff.quote(asked, **place, weight_g=shipment.weight_g, collect=collect))
    others = [one for one in found if one.price is not None and one.method_id != asked]
    return Requote(now, chosen, sorted(others, key=lambda one: one.leaves))


def _same_zone(tariff: Tariff, before: Address, wanted: Mapping[str, str]) -> bool:
    names = ("country", "province", "postcode")
    old, new = {name: getattr(before, name) for name in names}, {name: wanted[name] for name in names}
    if old == new:
        return True
    zone = tariff.zone_id(**new)
    return zone is not None and zone == tariff.zone_id(**old)


def _goods(order: Order) -> list[Goods]:
    """What was sent, at its frozen prices; a price asks for no more of it."""
    found = []
    for line in OrderLine.objects.filter(order=order, unit_net__isnull=False):
        assert line.unit_net is not None
        assert line.vat_rate is not None
        found.append(Goods(0, "", line.quantity, line.unit_net, line.vat_rate, 0))
    return found
