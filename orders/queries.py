"""What the order pages read with. A portal query starts from a dropshipper; an id from outside goes by access_*."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Dropshipper
from catalog.queries import code_writings
from core import scans
from core.lines import seen
from core.lookup import bare_number, by_any, named
from core.pagination import bounded_counts
from core.postal.phones import phone_key
from core.requests import whole_number
from orders.dispatch import readiness
from orders.dispatch.readiness import Readiness
from orders.models import Order, OrderLine, Problem
from orders.problem_kinds import ALERTS
from shipping.models import Method, Shipment
from shipping.queries import formerly

COUNT_LIMIT = 1_000  # a tab says "1,000+" rather than counting everything on each page
BULK_LIMIT = 1_000
_SAME_LABEL = 100  # parcels with one tracking number that are looked at
_OURS = re.compile(r"(?:MCI-?)?0*(\d{1,9})(?:/\d{1,2})?", re.IGNORECASE)  # of a piece too: MCI-000012/2
_DIALLED = re.compile(r"\d\D{0,3}\d\D{0,3}\d\D{0,3}\d\D{0,3}\d\D{0,3}\d")  # six figures at least

_DISPATCHED = Q(state__in=["dispatched", "completed"])
_WAREHOUSE = ["to_pick", "packed"]
_ROAD = ["shipped", "out_for_delivery", "held", "returning"]
_BACK = ["returned", "lost"]

# Of the open orders orders/dispatch/readiness.py says where each stands; a condition that needs it is a function of it.
Condition = Q | Callable[[Readiness], Q]
TABS: dict[str, tuple[str | Promise, Condition]] = {
    "draft": (_("Drafts"), Q(state="draft")),
    "fix": (_("To fix"), readiness.to_fix),
    "ship": (_("Choose the shipping"), readiness.to_ship),
    "ready": (pgettext_lazy("many", "Ready"), readiness.going),
    "progress": (_("In progress"), _DISPATCHED & Q(shipment__state__in=_WAREHOUSE)),
    "shipped": (pgettext_lazy("many", "Shipped"), _DISPATCHED & Q(shipment__state__in=_ROAD)),
    "delivered": (pgettext_lazy("many", "Delivered"), _DISPATCHED & Q(shipment__state="delivered")),
    "cancelled": (_("Cancelled and returned"), Q(state="cancelled") | _DISPATCHED & Q(shipment__state__in=_BACK)),
    "all": (_("All"), Q()),
}


@dataclass(frozen=True, slots=True)
class Find:
    """What a list shows: the state of the page's address."""

    tab: str = "all"
    source: str = "manual"  # a source's slug, or empty for all of them
    text: str = ""
    payment: str = ""
    problem: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    contacts: bool = False  # whether who asks sees telephones and e-mails, and so may look for them

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Its fields as the page's address has them, for a form that is about all of the list."""
        days = (("since", self.since), ("until", self.until))
        named = (("tab", self.tab), ("source", self.source or "all"), ("q", self.text), ("payment", self.payment))
        return [*named, ("problem", self.problem), *((name, day.isoformat()) for name, day in days if day)]


def access_order(dropshipper: Dropshipper, pk: int) -> Order:
    """The dropshipper's own order; a stranger's is a 404, as one that does not exist."""
    return get_object_or_404(
        Order.objects.select_related("method__courier", "shipment__method__courier", "transport_document"),
        pk=pk,
        dropshipper=dropshipper,
    )


def access_any_order(pk: int) -> Order:
    """For staff pages alone: whoever's order it is."""
    return get_object_or_404(
        Order.objects.select_related("dropshipper", "method__courier", "shipment__method__courier"), pk=pk
    )


def own_ids(dropshipper: Dropshipper, ids: Iterable[str]) -> list[int]:
    """The ids of a form (one or comma-separated many in each value) that are numbers and the dropshipper's own, oldest
    first. Others fall out."""
    texts = [text for value in ids for text in value.split(",")]
    wanted = {pk for text in texts if (pk := whole_number(text)) is not None}
    mine = Order.objects.filter(dropshipper=dropshipper, pk__in=wanted)
    return list(mine.order_by("pk").values_list("pk", flat=True)[:BULK_LIMIT])


def condition(of_tab: Condition, dropshipper_id: int, known: Readiness | None) -> Q:
    """What a tab holds; how the open orders stand is read where it is not `known` and is asked for."""
    return of_tab if isinstance(of_tab, Q) else of_tab(known or readiness.of(dropshipper_id))


def find(dropshipper: Dropshipper, wanted: Find, known: Readiness | None = None) -> QuerySet[Order]:
    """The orders of a list, without order and without what a row needs beside: see `for_rows`."""
    of_tab = condition(TABS.get(wanted.tab, TABS["all"])[1], dropshipper.pk, known)
    return _narrow(Order.objects.filter(dropshipper=dropshipper).filter(of_tab), wanted)


def for_rows(found: QuerySet[Order]) -> QuerySet[Order]:
    """With all that a row shows: 1 query for orders, 1 each for lines, pictures and problems."""
    lines = OrderLine.objects.select_related("variant__product").order_by("position", "pk")
    return found.select_related("method__courier", "shipment").prefetch_related(
        Prefetch("lines", lines),
        "lines__variant__product__images",
        Prefetch("problems", Problem.objects.order_by("-blocking", "pk")),
    )


def read_again(orders: Sequence[Order], states: Mapping[int, str]) -> list[Order]:
    """A run may have sent some of a page's orders before their prices were read: those whose state (by id) is another
    by now are read again."""
    moved = [order.pk for order in orders if states.get(order.pk, order.state) != order.state]
    again = {order.pk: order for order in for_rows(Order.objects.filter(pk__in=moved))} if moved else {}
    return [again.get(order.pk, order) for order in orders]


def _narrow(found: QuerySet[Order], wanted: Find) -> QuerySet[Order]:
    if wanted.source:
        found = found.filter(source=wanted.source)
    if wanted.payment:
        found = found.filter(payment=wanted.payment)
    if wanted.since:
        found = found.filter(placed_at__date__gte=wanted.since)
    if wanted.until:
        found = found.filter(placed_at__date__lte=wanted.until)
    if wanted.problem:
        found = found.filter(Exists(Problem.objects.filter(order=OuterRef("pk"), code=wanted.problem)))
    text = wanted.text.strip()
    if text:
        found = by_any(found, search_ways(text, contacts=wanted.contacts))
    return found


def search_ways(text: str, *, contacts: bool = False) -> list[Q]:
    """Our number, the shop's number, the customer's name in any order and with or without accents, a city, a SKU
    (whole) or a tracking number (its beginning). `contacts`: for who sees them, a telephone and an e-mail (whole)."""
    text = " ".join(seen(text).split())
    number, closed = bare_number(text), text.replace(" ", "")
    ours, dialled = _OURS.fullmatch(number), phone_key(text) if contacts and _DIALLED.search(text) else ""
    return [
        *([Q(pk=int(ours[1]))] if ours else []),
        Q(source_number__in=sorted({number, number.upper(), text.removeprefix("#")})),
        named("name", text),
        Q(city__iexact=text),
        Q(shipment__in=Shipment.objects.filter(tracking__gt="", tracking__istartswith=closed)),
        Q(shipment__in=formerly(closed)),
        Q(pk__in=OrderLine.objects.filter(_is_sku(text)).values("order")),
        *([Q(phone=dialled)] if dialled else []),
        *([Q(email__gt="", email__iexact=text)] if contacts and "@" in text else []),
    ]


def _is_sku(text: str) -> Q:
    wanted = Q()
    for code in code_writings(text):
        wanted |= Q(sku__iexact=code)
    return wanted


def tab_counts(dropshipper: Dropshipper, wanted: Find, known: Readiness | None = None) -> dict[str, int]:
    """How many orders each tab holds under the other filters, up to COUNT_LIMIT + 1. One statement, without what is
    `known` already."""
    mine, known = Order.objects.filter(dropshipper=dropshipper), known or readiness.of(dropshipper.pk)
    return count_each(
        {
            tab: _narrow(mine.filter(condition(of_tab, dropshipper.pk, known)), wanted)
            for tab, (_label, of_tab) in TABS.items()
        }
    )


def count_each(named: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """Rows of each, up to COUNT_LIMIT + 1, in one statement."""
    counts = bounded_counts(named, limit=COUNT_LIMIT)
    return {name: count.number + count.more for name, count in counts.items()}


def problem_codes(dropshipper: Dropshipper) -> list[str]:
    """The problems that open orders have now and what sent ones should be looked at for, most frequent first, for the
    filter."""
    open_ = Q(order__state__in=["draft", "received", "ready"])
    rows = (
        Problem.objects.filter(open_ | Q(code__in=ALERTS), order__dropshipper=dropshipper)
        .values_list("code")
        .annotate(n=Count("pk"))
        .order_by("-n", "code")
    )
    return [code for code, _n in rows[:20]]


@dataclass(frozen=True, slots=True)
class DeskFind:
    """What the warehouse desk shows."""

    state: str = "to_pick"
    courier: str = ""
    text: str = ""


DESK_STATES = ["to_pick", "packed", "shipped", "delivered"]
_DESK_GROUPS: Mapping[str, list[str]] = {
    "to_pick": ["to_pick"],
    "packed": ["packed"],
    "shipped": _ROAD,
    "delivered": ["delivered"],
}


def desk(wanted: DeskFind) -> QuerySet[Order]:
    """The warehouse's queue, whoever's the orders are; the page sorts it oldest first."""
    states = _DESK_GROUPS.get(wanted.state, ["to_pick"])
    found = Order.objects.filter(_DISPATCHED, shipment__state__in=states)
    if wanted.courier:
        found = found.filter(shipment__method__courier__code=wanted.courier)
    text = wanted.text.strip()
    if text:
        found = by_any(found, search_ways(text, contacts=True))
    lines = OrderLine.objects.select_related("variant__product").order_by("position", "pk")
    found = found.select_related("dropshipper", "shipment__method__courier")
    return found.prefetch_related(Prefetch("lines", lines), "problems")


def desk_counts(courier: str) -> dict[str, int]:
    """Parcels per state of the desk, bounded. One statement."""
    parcels = Shipment.objects.filter(method__courier__code=courier) if courier else Shipment.objects.all()
    return count_each({name: parcels.filter(state__in=states) for name, states in _DESK_GROUPS.items()})


def by_scan(text: str) -> Order:
    """The one dispatched order that a scanned label names: our number or the tracking, as it stands or as another
    keyboard typed it. Http404 if none."""
    text = scans.bare(text)
    order = _by_label(text) or _by_label(scans.with_dashes(text))
    if order is None:
        raise Http404
    return order


def _by_label(text: str) -> Order | None:
    if not text:
        return None
    ours = _OURS.fullmatch(text)
    labelled = Order.objects.filter(shipment__tracking__gt="", shipment__tracking__iexact=text)
    named = set(labelled.values_list("pk", flat=True)[:_SAME_LABEL])
    if not named:  # an old label: the number was corrected since
        named = set(Order.objects.filter(shipment__in=formerly(text)).values_list("pk", flat=True)[:_SAME_LABEL])
    if ours:
        named.add(int(ours[1]))
    return Order.objects.filter(_DISPATCHED, pk__in=named).order_by("-pk").first()


def by_numbers(texts: Iterable[str]) -> dict[str, Order]:
    """The orders that these texts name by our number, whatever has become of them, each with its parcel and courier. 1
    query."""
    ids = {text: int(ours[1]) for text in texts if (ours := _OURS.fullmatch(text))}
    found = Order.objects.select_related("dropshipper", "shipment__method__courier").in_bulk(set(ids.values()))
    return {text: found[pk] for text, pk in ids.items() if pk in found}


def for_detail(order: Order) -> Order:
    """The order with its lines, pictures and problems; 3 queries."""
    lines = OrderLine.objects.select_related("variant__product", "variant__stock").order_by("position", "pk")
    prefetch_related_objects(
        [order],
        Prefetch("lines", lines),
        "lines__variant__product__images",
        Prefetch("problems", Problem.objects.order_by("-blocking", "pk")),
    )
    return order


def method_on_offer(pk: int | None) -> int | None:
    """A shipping method that may be chosen today, or None."""
    if pk is None or not 0 < pk < 2**31:
        return None
    found = Method.objects.filter(pk=pk, active=True, courier__active=True)
    return found.values_list("pk", flat=True).first()


def methods_on_offer() -> QuerySet[Method]:
    """Those that may be chosen today, in the supplier's order."""
    return Method.objects.filter(active=True, courier__active=True).select_related("courier")
