"""What left in an order's parcel, in the units of the shop: what its news name.

A line holds our pieces. How many of them are one of the shop's is what a Match said, or what came in together with the
line; a person may have changed the pieces since, so that they do not make whole units any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.intake.upsert import subject_of
from connectors.models import InboxOrder, Match, Shop
from connectors.platforms.base import IncomingLine, NewsLine
from connectors.platforms.errors import PartOfUnit
from orders.models import Order, OrderLine


def news_lines(row: InboxOrder) -> tuple[list[NewsLine], PartOfUnit | None]:
    """The lines of a row's order as its shop is to be told of them, and what left without making a whole unit."""
    order = row.order
    assert order is not None
    lines = list(order.lines.all())
    known = _matches(row.shop, order, lines)
    told, loose = [], []
    for line in lines:
        units, rest = _units(line, known)
        told.append(NewsLine(line.external_id, line.sku, not line.ignored, line.shop_line, units))
        if rest:
            loose.append((rest, line.sku))
    if not loose:
        return told, None
    words = ", ".join(sku for _rest, sku in loose)
    return told, PartOfUnit(pieces=str(sum(rest for rest, _sku in loose)), lines=words[:120])


def _units(line: OrderLine, known: Mapping[str, Match]) -> tuple[int | None, int]:
    """Units of the shop that left, and pieces beside them. None: a line that a person typed."""
    if line.ignored:
        return 0, 0
    if not line.shop_line and not line.external_id:
        return None, 0
    match = known.get(_subject(line))
    ordered = line.shop_quantity
    if match is not None and match.variant_id == line.variant_id:
        pieces = match.quantity
    elif ordered and line.quantity % ordered == 0:
        pieces = line.quantity // ordered
    else:
        pieces = 1
    units = line.quantity // pieces
    if ordered is not None and units >= ordered:
        return ordered, 0  # more than the shop asked for is no news to it
    return units, line.quantity % pieces


def _matches(shop: Shop, order: Order, lines: Sequence[OrderLine]) -> dict[str, Match]:
    """What the reseller had taught us of these lines when the order was sent; what he taught later is of later ones."""
    subjects = {_subject(line) for line in lines} - {""}
    found = Match.objects.filter(shop=shop, subject__in=subjects, variant__isnull=False)
    return {match.subject: match for match in found if not order.dispatched_at or match.at <= order.dispatched_at}


def _subject(line: OrderLine) -> str:
    return subject_of(IncomingLine(line.external_id, line.sku, line.name, line.quantity, None))
