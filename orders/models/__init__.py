from orders.models.dispatch import DispatchItem, DispatchRun
from orders.models.event import OrderEvent
from orders.models.half_typed import HalfTyped
from orders.models.line import MOST_PIECES, OrderLine
from orders.models.order import Order
from orders.models.problem import Problem

__all__ = [
    "MOST_PIECES",
    "DispatchItem",
    "DispatchRun",
    "HalfTyped",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Problem",
]
