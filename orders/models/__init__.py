from orders.models.half_typed import HalfTyped
from orders.models.order import MOST_PIECES, DispatchItem, DispatchRun, Order, OrderEvent, OrderLine, Problem

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
