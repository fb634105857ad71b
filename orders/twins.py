"""Orders that may be one and the same: the same person, the same goods, within an hour, whichever way they came. Both
are kept; the later one asks. Orders that people type one after the other are left to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import Prefetch, Q

from core.address import phone_key, place_key
from orders.data import ADDRESS
from orders.models import Order, OrderLine
from orders.problems import Doubt

_LINE = ("order_id", "sku", "name", "variant_id", "quantity", "ignored")
WITHIN = dt.timedelta(minutes=60)
_Goods = tuple[tuple[str, int], ...]


def doubts(new: Sequence[tuple[Order, Sequence[OrderLine]]]) -> Mapping[int, Doubt]:
    """The doubt of each of these orders of one dropshipper (by id) that looks like an earlier one, stored or of the
    same lot. Three statements, whatever their number; those of one dropshipper are looked at one after the other, so
    that two that arrive at once see each other."""
    if not new:
        return {}
    one_at_a_time(new[0][0].dropshipper_id)
    moments = [order.placed_at for order, _lines in new]
    mine = {order.pk for order, _lines in new}
    near = (
        Order.objects.filter(
            dropshipper_id=new[0][0].dropshipper_id,
            placed_at__gte=min(moments) - WITHIN,
            placed_at__lte=max(moments) + WITHIN,
        )
        .exclude(pk__in=mine)
        .exclude(state=Order.State.DRAFT)
        .exclude(Q(state=Order.State.CANCELLED, shipment__isnull=True))
        .only("placed_at", "source", *ADDRESS)
        .prefetch_related(Prefetch("lines", OrderLine.objects.only(*_LINE)))
        .order_by("pk")
    )
    seen: dict[_Goods, list[Order]] = {}
    for order in near:
        seen.setdefault(_goods(order.lines.all()), []).append(order)
    found: dict[int, Doubt] = {}
    for order, lines in sorted(new, key=lambda pair: (pair[0].placed_at, pair[0].pk)):
        goods = _goods(lines)
        twin = next((other for other in seen.get(goods, ()) if _alike(order, other)), None) if goods else None
        if twin is not None:
            found[order.pk] = Doubt("possible_duplicate", twin.number, {"number": twin.number})
        seen.setdefault(goods, []).append(order)
    return found


def one_at_a_time(dropshipper_id: int) -> None:
    """Until the transaction ends, orders of this dropshipper are looked at by nobody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.twins'), %s)", [dropshipper_id % 2**31])


def _goods(lines: Iterable[OrderLine]) -> _Goods:
    pieces: dict[str, int] = {}
    for line in lines:
        if not line.ignored:
            name = f"v{line.variant_id}" if line.variant_id else (line.sku or line.name).strip().upper()
            pieces[name] = pieces.get(name, 0) + line.quantity
    return tuple(sorted(pieces.items()))


def _alike(order: Order, other: Order) -> bool:
    if order.source == other.source == "manual" or abs(order.placed_at - other.placed_at) > WITHIN:
        return False
    phones = {phone_key(order.phone), phone_key(other.phone)}
    if len(phones) == 1 and "" not in phones:
        return True
    place = place_key(order.address)
    same_name = order.name.casefold().split() == other.name.casefold().split()
    return bool(place) and place == place_key(other.address) and (same_name or "" in phones)
