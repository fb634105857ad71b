"""Cash on delivery, parcel by parcel: what is taken at the door, what of it is the order's cost, what is left for the
reseller and what is held for it until the courier pays. EUR, VAT included. Reads only.

The sums are of the orders' own frozen figures: tests/orders/test_cod_page.py holds them against the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest, Least
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Dropshipper
from core.lookup import by_any
from core.money import ZERO
from core.pagination import walk
from core.sheet import For, sheet
from orders.models import Order
from orders.queries import search_ways
from shipping.models import Method, Shipment, ShipmentEvent

C = Shipment.Cash
OPEN = (C.BOOKED, C.COLLECTED)
STATES: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "all": (gettext_lazy("All"), (C.BOOKED, C.COLLECTED, C.REMITTED, C.REVERSED)),
    "booked": (gettext_lazy("To collect"), (C.BOOKED,)),
    "collected": (gettext_lazy("With the courier"), (C.COLLECTED,)),
    "remitted": (pgettext_lazy("many", "Paid over"), (C.REMITTED,)),
    "reversed": (pgettext_lazy("many", "Reversed or refused"), (C.REVERSED,)),
}


@dataclass(frozen=True, slots=True)
class Find:
    """What the list shows: the state of the page's address. The days are those on which a parcel came to its state."""

    state: str = "all"
    courier: str = ""
    text: str = ""
    first: dt.date | None = None
    last: dt.date | None = None

    @property
    def narrowed(self) -> bool:
        return bool(self.courier or self.text.strip() or self.first or self.last)


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the parcels of a state. `due`: margins above zero, which the courier's payment brings or has brought; `short`:
    what the wallet paid because the sale was below the cost (below zero or 0); `held`: the guarantees held now."""

    count: int = 0
    collect: Decimal = ZERO
    cost: Decimal = ZERO
    due: Decimal = ZERO
    short: Decimal = ZERO
    held: Decimal = ZERO

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.count + other.count,
            self.collect + other.collect,
            self.cost + other.cost,
            self.due + other.due,
            self.short + other.short,
            self.held + other.held,
        )


def find(dropshipper: Dropshipper, wanted: Find) -> QuerySet[Order]:
    """The COD parcels of a list, each with `since`, the moment at which its cash came to its state; without order."""
    return _in_state(_narrowed(dropshipper, wanted), wanted.state)


def with_parcels(found: QuerySet[Order]) -> QuerySet[Order]:
    """With all that a row shows; no more queries."""
    return found.select_related("shipment__method__courier").annotate(since=_since())


def sums(dropshipper: Dropshipper, wanted: Find) -> Mapping[str, Sums]:
    """What the parcels of each state come to under the other filters (1 query), and `open`: all that is still to be
    paid over. Without filters `open.due` and `open.held` are the balances of the wallet's accounts."""
    rows = (
        _narrowed(dropshipper, wanted)
        .order_by()
        .values_list("shipment__cash")
        .annotate(
            parcels=Count("pk"),
            at_the_door=Sum("shipment__cod_amount"),
            costs=Sum("cost"),
            above=Sum(Greatest("margin", ZERO)),
            below=Sum(Least("margin", ZERO)),
            held=Sum("guarantee"),
        )
    )
    found = {cash: Sums(count, *(amount or ZERO for amount in amounts)) for cash, count, *amounts in rows}
    named = {str(state): found.get(state, Sums()) for state in (*OPEN, C.REMITTED, C.REVERSED)}
    named["remitted"] = replace(named["remitted"], held=ZERO)
    named["reversed"] = replace(named["reversed"], due=ZERO, short=ZERO, held=ZERO)  # nothing comes, nothing is held
    return {**named, "all": sum(named.values(), Sums()), "open": named["booked"] + named["collected"]}


def _since() -> Coalesce:
    moves = ShipmentEvent.objects.filter(shipment=OuterRef("shipment"), axis="cash").exclude(from_value=F("to_value"))
    return Coalesce(Subquery(moves.order_by("-id").values("at")[:1]), F("dispatched_at"))


def _in_state(mine: QuerySet[Order], state: str) -> QuerySet[Order]:
    return mine.filter(shipment__cash__in=STATES[state][1])


def _narrowed(dropshipper: Dropshipper, wanted: Find) -> QuerySet[Order]:
    found = Order.objects.filter(dropshipper=dropshipper, shipment__cash__gt=C.NONE)
    if wanted.courier:
        found = found.filter(shipment__method__courier__code=wanted.courier)
    if wanted.first:
        found = found.filter(GreaterThanOrEqual(_since(), _midnight(wanted.first)))
    if wanted.last:
        found = found.filter(LessThan(_since(), _midnight(wanted.last + dt.timedelta(days=1))))
    text = wanted.text.strip()
    return by_any(found, search_ways(text)) if text else found


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


# A row in words, for the page and for the file.


@dataclass(frozen=True, slots=True)
class Row:
    """`margin` is None where none will come; `held` is what is held now; `account` is where its money is to be seen."""

    order: Order
    margin: Decimal | None
    held: Decimal
    account: str

    @property
    def cash(self) -> str:
        assert self.order.shipment is not None
        return str(self.order.shipment.cash)

    @property
    def is_refused(self) -> bool:
        """Reversed because the parcel came back, not because it was cancelled here."""
        parcel = self.order.shipment
        return bool(parcel and parcel.cash == C.REVERSED and parcel.state in ("returning", "returned"))

    @property
    def words(self) -> str:
        """Where its cash is."""
        if self.is_refused:
            return _("Refused")
        return {C.BOOKED: _("To collect"), C.COLLECTED: _("With the courier"), C.REMITTED: _("Paid over")}.get(
            C(self.cash), _("Reversed")
        )


def row_of(order: Order) -> Row:
    """A row of `with_parcels`."""
    assert order.shipment is not None
    cash, margin = order.shipment.cash, order.margin or ZERO
    return Row(
        order=order,
        margin=None if cash == C.REVERSED else margin,
        held=(order.guarantee or ZERO) if cash in OPEN else ZERO,
        account="cod_due" if margin > ZERO else "wallet",
    )


def export(found: QuerySet[Order]) -> Iterator[str]:
    """The parcels of a list as CSV for people, newest first: all of them, read in steps."""
    head = [
        _("Order"), _("Shop's number"), _("Name"), _("City"), _("Courier"), _("Tracking number"), _("State"),
        _("Since"), _("At the door (EUR, VAT included)"), _("Goods, net"), _("Shipping, net"), _("COD fee, net"),
        _("VAT"), _("Cost (EUR, VAT included)"), _("Margin (EUR, VAT included)"), _("Guarantee held (EUR)"),
    ]  # fmt: skip
    methods = Method.objects.select_related("courier").in_bulk()
    read = walk(found.select_related("shipment").annotate(since=_since()))
    return sheet(head, (_cells(row_of(order), methods) for order in read), to=For.PEOPLE)


def _cells(row: Row, methods: Mapping[int, Method]) -> list[Any]:
    order, parcel = row.order, row.order.shipment
    assert parcel is not None
    since: dt.datetime = order.since  # type: ignore[attr-defined]
    return [
        order.number, order.source_number, order.name, order.city, methods[parcel.method_id].courier.name,
        parcel.tracking, row.words, date_format(timezone.localtime(since), "SHORT_DATE_FORMAT"), parcel.cod_amount,
        order.goods_net, order.shipping_net, order.cod_fee_net, order.vat, order.cost, row.margin, row.held,
    ]  # fmt: skip
