"""A pasted list of our numbers and couriers' numbers: what it says, and what would become of each line, before anything
is sent. What is confirmed is exactly what was shown: the rows go along signed, and one that changed meanwhile is told
and stays."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import AlreadyDone, DomainError, Refused
from orders import queries
from orders.errors import NotInPreview, PackAgain
from orders.fulfilment import parcels, tracking_numbers
from orders.fulfilment.number_rows import SEVERAL
from orders.fulfilment.number_rows import read as read
from orders.models import Order
from shipping.errors import TrackingTaken, TrackingUnusual
from shipping.models import Shipment
from shipping.parcels import numbers, tracking

SALT, MAX_AGE = "orders.number_lists", 3600
S = Shipment.State


_SEVERAL_WORDS = _(
    "Besides the order there are several things on this line: leave the tracking number alone, or paste the first line"
    " with the names of the columns too."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a line. `tone` of the shell's badges; `may`: it can be ticked; `ticked`: it is from the start."""

    code: str
    words: str | Promise
    tone: str
    may: bool = False
    ticked: bool = False


READY = Verdict("ready", _("Will be sent"), "ok", may=True, ticked=True)
UNUSUAL = Verdict("unusual", _("Unusual number"), "warn", may=True)
UNPACKED = Verdict("unpacked", _("Not packed"), "warn", may=True)
UNKNOWN = Verdict("unknown", _("Unknown order"), "danger")
NO_NUMBER = Verdict("no_number", _("No tracking number"), "danger")
BAD_NUMBER = Verdict("bad_number", _("No tracking number"), "danger")
TWICE = Verdict("order_twice", _("Order twice"), "danger")
SAME_NUMBER = Verdict("number_twice", _("Number twice"), "danger")
REPEATED = Verdict("repeated", _("Line repeated"), "neutral")
TAKEN = Verdict("taken", _("Number of another parcel"), "danger")
ALREADY = Verdict("already", _("Shipped already"), "neutral")
OTHER = Verdict("shipped_other", _("Shipped under another number"), "danger")
GONE = Verdict("gone", _("Cannot be sent"), "danger")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: as typed, whom it names, what was read, and what becomes of it and why."""

    line: int
    typed: str
    order: Order | None
    number: str
    verdict: Verdict
    why: str = ""


# ---- what would become of it


def preview(text: str) -> list[Row]:
    """What each line would do, and why not. Sends nothing."""
    lines = read(text)
    known = queries.by_numbers(typed for _line, typed, _number in lines)
    named = [(line, typed, number, known.get(typed) or _order(typed)) for line, typed, number in lines]
    by_order: defaultdict[int, set[str]] = defaultdict(set)
    by_number: defaultdict[str, dict[int, Order]] = defaultdict(dict)
    for _line, _typed, number, order in named:
        if order is not None and number:
            by_order[order.pk].add(_plain(number))
            by_number[_plain(number)][order.pk] = order
    doors = {number: {_door(order) for order in orders.values()} for number, orders in by_number.items()}
    seen: Counter[tuple[int, str]] = Counter()
    rows = []
    for line, typed, number, order in named:
        shown = f"{typed} {number}".strip()
        if order is None:
            rows.append(Row(line, shown, None, number, UNKNOWN))
            continue
        key = (order.pk, _plain(number))
        seen[key] += 1
        if number and len(by_order[order.pk]) > 1:
            rows.append(Row(line, shown, order, number, TWICE, str(_("It stands in the list with several numbers."))))
        elif seen[key] > 1:
            rows.append(Row(line, shown, order, number, REPEATED))
        elif number and len(doors[_plain(number)]) > 1:
            who = ", ".join(one.number for one in by_number[_plain(number)].values() if one.pk != order.pk)
            why = _("Also for %(orders)s, which goes to somebody else.") % {"orders": who}
            rows.append(Row(line, shown, order, number, SAME_NUMBER, str(why)))
        else:
            rows.append(_judged(line, shown, order, number))
    return rows


def _judged(line: int, shown: str, order: Order, typed: str) -> Row:
    shipment = order.shipment
    if not typed:
        return Row(line, shown, order, "", NO_NUMBER)
    if SEVERAL in typed:
        return Row(line, shown, order, typed, BAD_NUMBER, str(_SEVERAL_WORDS))
    try:
        number = tracking_numbers.number(typed)
    except Refused as error:
        return Row(line, shown, order, typed, BAD_NUMBER, str(error))
    if shipment is None or order.state == Order.State.CANCELLED:
        return Row(line, shown, order, number, GONE, str(order.get_state_display()))
    if shipment.state not in tracking.STILL_HERE:
        same = shipment.tracking.upper() == number.upper()
        left = parcels.shipped_under(shipment)
        why = AlreadyDone(**left.params) if same else left
        return Row(line, shown, order, number, ALREADY if same else OTHER, str(why))
    others = list(numbers.others_with(shipment, number))
    if others:
        return Row(line, shown, order, number, TAKEN, str(TrackingTaken(tracking=number, number=others[0].number)))
    if parcels.must_be_packed_again(shipment):
        return Row(line, shown, order, number, GONE, str(PackAgain()))
    try:
        numbers.must_be_usual(shipment.method.courier, number)
    except TrackingUnusual as error:
        return Row(line, shown, order, number, UNUSUAL, str(error))
    if shipment.state == S.TO_PICK:
        return Row(line, shown, order, number, UNPACKED, str(_("Nobody marked it packed.")))
    return Row(line, shown, order, number, READY)


def _order(typed: str) -> Order | None:
    try:
        return queries.by_scan(typed)
    except Http404:
        return None


def _plain(number: str) -> str:
    return "".join(number.split()).upper()


def _door(order: Order) -> str:
    return numbers.door(order.shipment) if order.shipment else str(order.pk)


# ---- and then exactly that


def sealed(rows: Iterable[Row]) -> str:
    """What the confirming form carries: who, which number, and how the parcel stood."""
    may = [(row, row.order) for row in rows if row.order is not None and row.verdict.may]
    content = [[row.line, order.pk, row.number, *_stands(order)] for row, order in may]
    return signing.dumps(content, salt=SALT, compress=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a confirmed line; `again`: it was done before."""

    number: str
    order: int
    tracking: str
    error: str = ""
    again: bool = False

    @property
    def typed(self) -> str:
        return f"{self.number} {self.tracking}"


def send(carried: str, ticked: Iterable[str], *, by: int) -> list[Outcome]:
    """Ships what was ticked of a preview, each by itself. Raises NotInPreview for a form that is not ours or is old."""
    try:
        content: list[list[Any]] = signing.loads(carried, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        raise NotInPreview from None
    wanted = set(ticked)
    return [_sent(row, by=by) for row in content if str(row[0]) in wanted]


def _sent(row: list[Any], *, by: int) -> Outcome:
    _line, pk, number, state, collect = row
    name = Order(pk=pk).number
    try:
        parcels.mark_shipped(
            pk, tracking_number=number, by=by, shown=collect, at_the_desk=True, unusual=True, expected=state
        )
    except AlreadyDone as error:
        return Outcome(name, pk, number, str(error), again=True)
    except DomainError as error:
        return Outcome(name, pk, number, str(error))
    return Outcome(name, pk, number)


def _stands(order: Order) -> tuple[str, str]:
    return (order.shipment.state if order.shipment else "", parcels.collect_mark(order))
