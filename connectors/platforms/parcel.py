"""What left in a parcel, by the lines of the shop's order. Pure.

A line is known by the shop's own id of it; a line that came before that id was kept, by its product. Pieces of several
lines with one such key are one pool: which of two equal lines a piece belongs to makes no difference to the shop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.platforms.base import IncomingOrder, OrderNews


@dataclass(frozen=True, slots=True)
class Parcel:
    """`pieces`: units of the shop by key. `foreign`: keys of what others send. `unknown`: names of lines that a person
    typed, of which nobody knows what they are in the shop. `whole`: the caller knew no lines and means all of them."""

    pieces: Counter[str] = field(default_factory=Counter)
    foreign: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    whole: bool = False

    @classmethod
    def of(cls, news: OrderNews) -> Parcel:
        pieces: Counter[str] = Counter()
        foreign, unknown = set(), []
        for line in news.lines:
            key = _key(line.line_id, line.external_id)
            if not line.ours:
                foreign.add(key)
            elif not key or line.quantity is None:
                unknown.append(line.sku or "?")
            else:
                pieces[key] += line.quantity
        return cls(pieces, frozenset(foreign - {""}), tuple(unknown), whole=not news.lines)

    def key(self, line_id: str, external_id: str) -> str:
        """By what a line of the shop's is known here; "" for one that this order does not have: added since, or never
        read. One of which a part is said to be somebody else's is not ours."""
        for key in (_key(line_id, ""), _key("", external_id)):
            if key and (key in self.pieces or key in self.foreign):
                return key
        return ""

    def is_ours(self, key: str) -> bool:
        return key in self.pieces and key not in self.foreign

    def is_all_of(self, order: IncomingOrder | None) -> bool:
        """Does the parcel hold all that the shop still wants sent? An order that cannot be read is no yes."""
        if self.whole:
            return True
        if order is None:
            return False
        wanted: Counter[str] = Counter()
        for line in order.lines:
            wanted[self.key(line.line_id, line.external_id)] += line.quantity
        return bool(wanted) and all(self.is_ours(key) and self.pieces[key] >= count for key, count in wanted.items())


def _key(line_id: str, external_id: str) -> str:
    return f"line:{line_id}" if line_id else f"product:{external_id}" if external_id else ""


def names(lines: Iterable[str]) -> str:
    """A few of them, for a sentence."""
    found = list(dict.fromkeys(lines))
    return ", ".join(found[:5]) + (" …" if len(found) > 5 else "")


def is_settled(news: OrderNews, order: IncomingOrder | None) -> bool:
    """Is what our courier takes at the door all that the shop waits for? Else the shop must not be told that the order
    is paid. An order that cannot be read is no yes."""
    if not news.lines:
        return True
    if order is None or news.collected is None:
        return False
    return news.collected == (order.total if order.to_collect is None else order.to_collect)
