"""Orders that may be one and the same: the same person, the same goods, within an hour, whichever way they came. Both
are kept; the later one asks. Orders that people type one after the other are left to them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import Prefetch, Q

from core.address import phone_key, place_key
from orders.intake.data import ADDRESS
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
    mine = {order.pk for order, _lines in new}
    goods_of = {order.pk: _goods(lines) for order, lines in new}
    near = (
        Order.objects.filter(_near(order.placed_at for order, _lines in new), dropshipper_id=new[0][0].dropshipper_id)
        .exclude(pk__in=mine)
        .exclude(state=Order.State.DRAFT)
        .exclude(Q(state=Order.State.CANCELLED, shipment__isnull=True))
        .only("placed_at", "source", *ADDRESS)
        .prefetch_related(Prefetch("lines", OrderLine.objects.only(*_LINE)))
        .order_by("pk")
    )
    if all(order.source == "manual" for order, _lines in new):  # a file of thousands: none of those can be its twin
        near = near.exclude(source="manual")
    seen, wanted = _Seen(), {goods for goods in goods_of.values() if goods}
    for order in near:
        goods = _goods(order.lines.all())
        if goods in wanted:
            seen.add(goods, order)
    found: dict[int, Doubt] = {}
    for order, _lines in sorted(new, key=lambda pair: (pair[0].placed_at, pair[0].pk)):
        if goods := goods_of[order.pk]:
            twin = seen.add(goods, order)
            if twin is not None:
                found[order.pk] = Doubt("possible_duplicate", twin.number, {"number": twin.number})
    return found


class _Seen:
    """Orders by what makes two of them alike, so that each is held against its likes alone: of one article a shop may
    sell a thousand in an hour. The same telephone; or the same door, with the same name or with no telephone."""

    def __init__(self) -> None:
        self._by: defaultdict[tuple[_Goods, str, str], list[tuple[int, Order]]] = defaultdict(list)
        self._count = 0

    def add(self, goods: _Goods, order: Order) -> Order | None:
        """Takes an order in; the first of those before it that it may be the same as."""
        phone, place = phone_key(order.phone), place_key(order.address)
        name = " ".join(order.name.casefold().split())
        mine = [(goods, "phone", phone)] if phone else []
        if place:
            mine += [(goods, "name", f"{name}|{place}"), (goods, "door", place)]
        asked = list(mine)
        if place and phone:  # the door alone tells only where one of them left no telephone
            asked[-1] = (goods, "mute", place)
        elif place:
            mine.append((goods, "mute", place))
        alike = [one for key in asked for one in self._by.get(key, ()) if _may_be(order, one[1])]
        self._count += 1
        for key in mine:
            self._by[key].append((self._count, order))
        return min(alike, key=lambda one: one[0])[1] if alike else None


def _near(moments: Iterable[dt.datetime]) -> Q:
    """Placed within the hour of one of these moments; what lies between them is left alone."""
    spans: list[list[dt.datetime]] = []
    for moment in sorted(moments):
        if spans and moment - WITHIN <= spans[-1][1]:
            spans[-1][1] = moment + WITHIN
        else:
            spans.append([moment - WITHIN, moment + WITHIN])
    found = Q()
    for first, last in spans:
        found |= Q(placed_at__gte=first, placed_at__lte=last)
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


def _may_be(order: Order, other: Order) -> bool:
    both_typed = order.source == other.source == "manual"
    return not both_typed and abs(order.placed_at - other.placed_at) <= WITHIN
