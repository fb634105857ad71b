"""What the shipments' pages read with. Portal queries start from a dropshipper; an id from outside goes by access_*."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count as CountOf
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Dropshipper
from core.lines import seen
from core.lookup import bare_number, by_any, named
from core.money import ZERO
from core.pagination import Count, bounded_counts
from shipping.models import Courier, Shipment, ShipmentEvent

C = Shipment.Cash
_OURS = re.compile(r"(?:MCI-?|order:)?0*(\d{1,9})", re.IGNORECASE)

TABS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "all": (_("All"), tuple(Shipment.State.values)),
    "warehouse": (_("To be shipped"), ("to_pick", "packed")),
    "road": (_("On the road"), ("shipped", "out_for_delivery")),
    "held": (_("Held at the depot"), ("held",)),
    "delivered": (pgettext_lazy("many", "Delivered"), ("delivered",)),
    "back": (_("Returned or lost"), ("returning", "returned", "lost")),
    "cancelled": (pgettext_lazy("many", "Cancelled"), ("cancelled",)),
}
CASH: dict[str, tuple[str | Promise, Q]] = {
    "": (_("Any payment"), Q()),
    "prepaid": (C.NONE.label, Q(cash=C.NONE)),
    "cod": (_("Cash on delivery"), ~Q(cash=C.NONE)),
    "booked": (_("COD to collect"), Q(cash=C.BOOKED)),
    "collected": (_("COD collected"), Q(cash=C.COLLECTED)),
    "remitted": (_("COD remitted"), Q(cash=C.REMITTED)),
    "reversed": (_("COD reversed"), Q(cash=C.REVERSED)),
}


@dataclass(frozen=True, slots=True)
class Find:
    """What the list shows: the state of the page's address."""

    tab: str = "all"
    text: str = ""
    courier: str = ""
    cash: str = ""

    @property
    def narrowed(self) -> bool:
        return bool(self.text.strip() or self.courier or self.cash)


@dataclass(frozen=True, slots=True)
class CodSums:
    """COD that is not yet paid over (EUR, what customers pay in all): still to collect, and in the courier's hands."""

    to_collect: Decimal
    to_collect_parcels: int
    collected: Decimal
    collected_parcels: int


def access_shipment(dropshipper: Dropshipper, pk: int) -> Shipment:
    """The dropshipper's own parcel; a stranger's is a 404, as one that does not exist."""
    return get_object_or_404(Shipment.objects.select_related("method__courier"), pk=pk, dropshipper=dropshipper)


def find(dropshipper: Dropshipper, wanted: Find) -> QuerySet[Shipment]:
    """The parcels of a list, without order; with courier and method, 1 query."""
    mine = Shipment.objects.filter(dropshipper=dropshipper).select_related("method__courier")
    return _narrow(_in_tab(mine, wanted.tab), wanted)


def tab_counts(dropshipper: Dropshipper, wanted: Find) -> dict[str, Count]:
    """How many parcels each tab holds under the other filters. One statement: bounded counts, or with a text, which no
    index finds within a word, one pass over the dropshipper's parcels instead of one for each tab."""
    mine = _narrow(Shipment.objects.filter(dropshipper=dropshipper), wanted)
    if not wanted.text.strip():
        return bounded_counts({tab: _in_tab(mine, tab) for tab in TABS})
    found = dict(mine.order_by().values_list("state").annotate(CountOf("pk")))
    return {tab: Count(sum(found.get(state, 0) for state in states)) for tab, (_label, states) in TABS.items()}


def cod_sums(dropshipper: Dropshipper) -> CodSums:
    """One query."""
    rows = (
        Shipment.objects.filter(dropshipper=dropshipper, cash__in=[C.BOOKED, C.COLLECTED])
        .values_list("cash")
        .annotate(Sum("cod_amount"), CountOf("pk"))
    )
    found = {cash: (amount, parcels) for cash, amount, parcels in rows}
    return CodSums(*found.get(C.BOOKED, (ZERO, 0)), *found.get(C.COLLECTED, (ZERO, 0)))


def couriers(dropshipper: Dropshipper) -> list[tuple[str, str]]:
    """(code, name) of the couriers that can be chosen or that still count for old parcels; for the filter. Only for the
    few that are switched off is a parcel looked for: it must not walk everybody's."""
    used = Q(active=True) | Exists(Shipment.objects.filter(method__courier=OuterRef("pk"), dropshipper=dropshipper))
    return list(Courier.objects.filter(used).order_by("name", "code").values_list("code", "name"))


def _in_tab(mine: QuerySet[Shipment], tab: str) -> QuerySet[Shipment]:
    return mine if tab == "all" else mine.filter(state__in=TABS[tab][1])


def _narrow(found: QuerySet[Shipment], wanted: Find) -> QuerySet[Shipment]:
    if wanted.courier:
        found = found.filter(method__courier__code=wanted.courier)
    if wanted.cash:
        found = found.filter(CASH[wanted.cash][1])
    text = wanted.text.strip()
    return by_any(found, search_ways(text)) if text else found


def formerly(text: str) -> QuerySet[ShipmentEvent, int]:
    """Ids of parcels that once had this whole number and have another one now, or none."""
    events = ShipmentEvent.objects.filter(axis="tracking", from_value__gt="", from_value__iexact=text)
    return events.values_list("shipment", flat=True)


def search_ways(text: str) -> list[Q]:
    """A part of the tracking number or of the recipient's name; our number, the CAP or the city in full."""
    text = " ".join(seen(text).split())
    closed, ours = text.replace(" ", ""), _OURS.fullmatch(bare_number(text))
    return [
        Q(tracking__gt="", tracking__icontains=closed),
        Q(pk__in=formerly(closed)),
        named("name", text),
        Q(company__gt="", company__icontains=text),
        Q(postcode=text),
        Q(city__iexact=text),
        *([Q(reference=f"order:{int(ours[1])}")] if ours else []),
    ]
