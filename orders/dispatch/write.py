"""What Sincronizza writes once it has decided: stock, shipments, frozen orders, the timeline and the books. Set-based;
the caller holds the transaction and every lock."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from catalog import stock
from core.money import ZERO
from orders.dispatch.price import Goods, Price, weight
from orders.models import Order
from shipping.parcels import booking
from wallet import moves

_FREEZE = """
WITH line AS (
    UPDATE orders_orderline l SET unit_net = x.unit_net, vat_rate = x.vat_rate
      FROM unnest(%(lines)s::bigint[], %(unit_nets)s::numeric[], %(vat_rates)s::numeric[]) AS x(id, unit_net, vat_rate)
     WHERE l.id = x.id
), event AS (
    INSERT INTO orders_orderevent (order_id, code, params, by_id, at)
    SELECT x.order_id, x.code, x.params::jsonb, %(by)s, %(now)s
      FROM unnest(%(event_orders)s::bigint[], %(event_codes)s::text[], %(event_params)s::text[])
           AS x(order_id, code, params)
)
UPDATE orders_order o SET state = 'dispatched', method_id = x.method_id, goods_net = x.goods_net,
       shipping_net = x.shipping_net, cod_fee_net = x.cod_fee_net, vat = x.vat, cost = x.cost, margin = x.margin,
       guarantee = x.guarantee, shipment_id = x.shipment_id, dispatched_at = %(now)s, updated_at = %(now)s,
       version = version + 1
  FROM unnest(%(orders)s::bigint[], %(methods)s::bigint[], %(goods_nets)s::numeric[], %(shipping_nets)s::numeric[],
              %(cod_fee_nets)s::numeric[], %(vats)s::numeric[], %(costs)s::numeric[], %(margins)s::numeric[],
              %(guarantees)s::numeric[], %(shipments)s::bigint[])
       AS x(id, method_id, goods_net, shipping_net, cod_fee_net, vat, cost, margin, guarantee, shipment_id)
 WHERE o.id = x.id
"""


@dataclass(slots=True)
class Candidate:
    """An order under its lock, with its lines, on its way through the decision."""

    order: Order
    lines: list[tuple[int, Goods]] = field(default_factory=list)
    method_id: int = 0
    price: Price | None = None

    @property
    def goods(self) -> list[Goods]:
        return [goods for _id, goods in self.lines]


def write(candidates: Sequence[Candidate], *, by: int | None) -> None:
    """All that makes these orders dispatched. Raises nothing that the decision did not rule out."""
    wanted: dict[str, dict[int, int]] = {}
    for candidate in candidates:
        pieces: Counter[int] = Counter()
        for goods in candidate.goods:
            pieces[goods.variant_id] += goods.quantity
        wanted[candidate.order.reference] = dict(pieces)
    stock.reserve(wanted, by=by)
    shipments = booking.book([_parcel(candidate) for candidate in candidates], by=by)
    _freeze(candidates, shipments, by=by)
    moves.sell([_sale(candidate) for candidate in candidates], by=by)


def _freeze(candidates: Sequence[Candidate], shipments: dict[str, int], *, by: int | None) -> None:
    """Orders, lines and timeline, in one statement."""
    now = timezone.now()
    prices = [candidate.price for candidate in candidates if candidate.price is not None]
    lines = [line for candidate in candidates for line in candidate.lines]
    events = [event for candidate in candidates for event in _events(candidate)]
    with connection.cursor() as cursor:
        cursor.execute(
            _FREEZE,
            {
                "by": by,
                "now": now,
                "lines": [line_id for line_id, _goods in lines],
                "unit_nets": [goods.unit_net for _id, goods in lines],
                "vat_rates": [goods.vat_rate for _id, goods in lines],
                "event_orders": [order_id for order_id, _code, _params in events],
                "event_codes": [code for _id, code, _params in events],
                "event_params": [json.dumps(params) for _id, _code, params in events],
                "orders": [candidate.order.pk for candidate in candidates],
                "methods": [candidate.method_id for candidate in candidates],
                "goods_nets": [price.goods_net for price in prices],
                "shipping_nets": [price.shipping_net for price in prices],
                "cod_fee_nets": [price.cod_fee_net for price in prices],
                "vats": [price.vat for price in prices],
                "costs": [price.cost for price in prices],
                "margins": [price.margin for price in prices],
                "guarantees": [price.guarantee for price in prices],
                "shipments": [shipments[candidate.order.reference] for candidate in candidates],
            },
        )


def _events(candidate: Candidate) -> list[tuple[int, str, dict[str, Any]]]:
    order, price = candidate.order, candidate.price
    assert price is not None
    found: list[tuple[int, str, dict[str, Any]]] = [
        (order.pk, "dispatched", {}),
        (order.pk, "stock_reserved", {"pieces": sum(goods.quantity for goods in candidate.goods)}),
    ]
    if order.payment == Order.Payment.COD:
        found.append((order.pk, "cod_booked", {"amount": str(price.collect)}))
        if price.guarantee:
            found.append((order.pk, "guarantee_held", {"amount": str(price.guarantee)}))
        if price.cost > price.collect:
            found.append((order.pk, "charged", {"amount": str(price.cost - price.collect)}))
    else:
        found.append((order.pk, "charged", {"amount": str(price.cost)}))
    return found


def _parcel(candidate: Candidate) -> booking.Parcel:
    order = candidate.order
    assert candidate.price is not None
    return booking.Parcel(
        reference=order.reference,
        dropshipper_id=order.dropshipper_id,
        method_id=candidate.method_id,
        weight_g=weight(candidate.goods),
        collect=candidate.price.collect if order.payment == Order.Payment.COD else ZERO,
        address=order.address,
        note=order.note,
    )


def _sale(candidate: Candidate) -> moves.Sale:
    order, price = candidate.order, candidate.price
    assert price is not None
    return moves.Sale(
        reference=order.reference,
        dropshipper_id=order.dropshipper_id,
        cod=order.payment == Order.Payment.COD,
        goods_net=price.goods_net,
        shipping_net=price.shipping_net,
        cod_fee_net=price.cod_fee_net,
        vat=price.vat,
        collect=price.collect,
        guarantee=price.guarantee,
    )
