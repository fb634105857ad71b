"""What the lines of a shop's order say beside their article, and what a message cannot say: lines that "need no
shipping" or were given to somebody else to send, holds and dates that only the shop's API knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from catalog.queries import code_key, find_skus
from connectors.models import Match
from connectors.platforms.base import IncomingLine, IncomingOrder
from orders.models import Order
from orders.problems import Doubt

# Problems that a message which tells less than the shop's API (IncomingOrder.hint) cannot take away.
UNTOLD = frozenset({"on_hold_in_shop", "scheduled", "pickup", "locker", "sent_elsewhere", "risk_high"})
MatchOf = Callable[[IncomingLine], Match | None]


def articles(readings: Iterable[IncomingOrder]) -> frozenset[str]:
    """Of the SKUs that "need no shipping" those that are articles of ours, as code_key; one statement, or none."""
    flagged = {line.sku for reading in readings for line in reading.lines if line.digital and line.sku}
    return frozenset(find_skus(flagged)) if flagged else frozenset()


def to_send(lines: Iterable[IncomingLine], match_of: MatchOf, ours: frozenset[str]) -> list[IncomingLine]:
    """Without what needs no shipping, unless it is an article of ours all the same: a fee or a download is none."""

    def is_article(line: IncomingLine) -> bool:
        match = match_of(line)
        return match.variant_id is not None if match else bool(line.sku) and code_key(line.sku) in ours

    return [line for line in lines if not line.digital or is_article(line)]


def doubts(lines: Sequence[IncomingLine], match_of: MatchOf) -> list[Doubt]:
    """What a person must know of lines of ours that the shop treats as if they were not ours to send."""
    found = []
    for line in lines:
        if not line.quantity:
            continue
        name = (line.sku or line.name)[:100]
        match = match_of(line)
        if line.digital:
            found.append(Doubt("no_shipping_flag", name, {"sku": name}))
        if line.elsewhere and not (match and match.variant_id is None):
            found.append(Doubt("sent_elsewhere", name, {"sku": name}))
    return [*found, *_twice(lines)]


def collected_beside(reading: IncomingOrder, match_of: MatchOf, ours: frozenset[str]) -> list[Doubt]:
    """What a courier of ours would collect for things that he does not bring: the downloads of others (gift cards the
    reading names). A fee has no SKU of its own, and belongs to the parcel; what a person said of a SKU stands."""
    apart = [line for line in reading.lines if line.digital and line.sku and line.sale_gross and not match_of(line)]
    names = [line.name or line.sku for line in apart if code_key(line.sku) not in ours]
    return [Doubt("collected_beside", "", {"names": ", ".join(names[:5])[:200]})] if names else []


def _twice(lines: Sequence[IncomingLine]) -> Iterator[Doubt]:
    """One SKU on two products of the shop, of which one costs nothing: most often a bundle and its part, in the way of
    an app or plugin that ties them by nothing that we know. A second piece for free is of the same product."""
    seen: dict[str, list[IncomingLine]] = {}
    for line in lines:
        if line.quantity and line.sku and line.external_id and not line.bundle:
            seen.setdefault(code_key(line.sku), []).append(line)
    for same in seen.values():
        free = {line.external_id.partition("/")[0] for line in same if line.sale_gross == 0}
        priced = {line.external_id.partition("/")[0] for line in same if line.sale_gross}
        if priced and free - priced:
            yield Doubt("bundle_double", same[0].sku[:100], {"sku": same[0].sku})


def with_untold(order: Order, told: Sequence[Doubt]) -> list[Doubt]:
    """The doubts of a message, with what the order already has of those that it cannot speak of. It does not tell which
    pieces are due either: where a part was due later, the order waits until the shop is read again."""
    codes = {doubt.code for doubt in told}
    kept = [
        Doubt(row.code, row.subject, row.params)
        for row in order.problems.filter(code__in=UNTOLD)
        if row.code not in codes
    ]
    if any(doubt.code == "scheduled" for doubt in kept) and "on_hold_in_shop" not in {doubt.code for doubt in kept}:
        kept.append(Doubt("on_hold_in_shop", "", {"reason": "unknown"}))
    return [*told, *kept]
