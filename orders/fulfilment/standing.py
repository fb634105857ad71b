"""What the money of an order stands at: the one answer for its page, its row in a list, the files and the desk. Of an
order that was cancelled nothing is owed, earned nor held. EUR."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from core.money import ZERO
from orders.dispatch.price import Price
from orders.models import Order
from shipping.models import Shipment


@dataclass(frozen=True, slots=True)
class Standing:
    """As in orders.dispatch.price.Price, each None where it does not hold (any more) or was never known. `given_back`:
    what came back into the wallet when it was cancelled after Sincronizza, the guarantee in it; `reversed_cost` and
    `reversed_collect` what the reversed cost and the amount at the door had been. None when nothing was reversed."""

    goods_net: Decimal | None = None
    shipping_net: Decimal | None = None
    cod_fee_net: Decimal | None = None
    vat: Decimal | None = None
    cost: Decimal | None = None
    margin: Decimal | None = None
    guarantee: Decimal | None = None
    to_collect: Decimal | None = None
    given_back: Decimal | None = None
    reversed_cost: Decimal | None = None
    reversed_collect: Decimal | None = None


def of(order: Order) -> Standing:
    """An open order that was never sent has no figures but the amount to collect: a plan prices it."""
    if order.state != Order.State.CANCELLED:
        names = ("goods_net", "shipping_net", "cod_fee_net", "vat", "cost", "margin", "guarantee", "to_collect")
        stands = Standing(**{name: getattr(order, name) for name in names})
        return replace(stands, guarantee=None) if _came_to_nothing(order) else stands
    if order.cost is None:
        return Standing()
    was = frozen(order)
    return Standing(
        given_back=was.wallet_need, reversed_cost=was.cost, reversed_collect=was.collect if was.collect else None
    )


def _came_to_nothing(order: Order) -> bool:
    """A COD parcel that came back or was lost: its guarantee is settled, and its margin what that cost."""
    if order.state != Order.State.COMPLETED or order.payment != Order.Payment.COD or order.shipment is None:
        return False
    return order.shipment.cash == Shipment.Cash.REVERSED


def frozen(order: Order) -> Price:
    """The figures that a sent order was charged with, whatever became of it."""
    assert order.goods_net is not None
    assert order.shipping_net is not None
    assert order.cod_fee_net is not None
    assert order.vat is not None
    assert order.cost is not None
    is_cod = order.payment == Order.Payment.COD
    collect = (order.to_collect or ZERO) if is_cod else ZERO
    guarantee = (order.guarantee or ZERO) if is_cod else ZERO
    return Price(
        goods_net=order.goods_net,
        shipping_net=order.shipping_net,
        cod_fee_net=order.cod_fee_net,
        vat=order.vat,
        cost=order.cost,
        collect=collect,
        margin=order.margin,
        guarantee=guarantee,
        wallet_need=guarantee + max(ZERO, order.cost - collect) if is_cod else order.cost,
    )
