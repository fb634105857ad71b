"""Numbers of the menu and of the overview, a query each. A number that is a link is counted as the list behind it is:
by that list's own tabs (tests/mci/test_dashboard_links.py)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count as CountOf
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone

from accounts.models import CompanyChange, Dropshipper
from accounts.queries import unproven
from connectors.models import Shop
from core.money import ZERO
from core.pagination import Count
from orders import queries as order_queries
from orders.models import Order, Problem
from orders.problems import ALERTS, CATALOGUE, name
from shipping import queries as shipment_queries
from shipping.models import Shipment
from wallet.queries import adjustments_to_confirm

State = Order.State
OPEN = (State.RECEIVED, State.READY)
DONE = (State.DISPATCHED, State.COMPLETED)


def open_orders(dropshipper_id: int) -> dict[str, int]:
    """How many orders wait for their reseller, by source (1 query, index orders_order_list)."""
    rows = Order.objects.filter(dropshipper_id=dropshipper_id, state__in=OPEN)
    return dict(rows.values_list("source").annotate(CountOf("id")).order_by())


def broken_shops(dropshipper_id: int) -> int:
    return Shop.objects.filter(dropshipper_id=dropshipper_id, state=Shop.State.BROKEN).count()


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for the staff."""

    to_pick: int
    packed: int
    held: int
    top_ups: int
    adjustments: int
    applications: int  # of people who have proven their address
    changes: int  # of company data


def desk() -> Desk:
    """3 queries."""
    shipments = dict(
        Shipment.objects.filter(state__in=["to_pick", "packed", "held"])
        .values_list("state")
        .annotate(CountOf("id"))
        .order_by()
    )
    asked = CompanyChange.objects.filter(dropshipper=OuterRef("pk"), state=CompanyChange.State.WAITING)
    waiting = Dropshipper.objects.aggregate(
        applications=CountOf("id", filter=Q(status=Dropshipper.Status.PENDING) & ~Q(unproven()), distinct=True),
        changes=CountOf("id", filter=Exists(asked), distinct=True),
        top_ups=CountOf("top_ups", filter=Q(top_ups__status__in=["requested", "sent"]), distinct=True),
    )
    return Desk(
        to_pick=shipments.get("to_pick", 0),
        packed=shipments.get("packed", 0),
        held=shipments.get("held", 0),
        top_ups=waiting["top_ups"],
        adjustments=adjustments_to_confirm(),
        applications=waiting["applications"],
        changes=waiting["changes"],
    )


@dataclass(frozen=True, slots=True)
class ToDo:
    """Orders that wait, whatever their source; up to orders.queries.COUNT_LIMIT + 1 of each."""

    to_fix: int
    to_ship: int  # they lack a shipping method alone
    ready: int
    drafts: int

    @property
    def total(self) -> int:
        return self.to_fix + self.to_ship + self.ready + self.drafts


def to_do(dropshipper: Dropshipper) -> ToDo:
    """2 queries, 3 where an order has its shipping method: what is ready is what would go
    (orders/dispatch/readiness.py)."""
    counts = order_queries.tab_counts(dropshipper, order_queries.Find(source=""))
    return ToDo(to_fix=counts["fix"], to_ship=counts["ship"], ready=counts["ready"], drafts=counts["draft"])


@dataclass(frozen=True, slots=True)
class Reasons:
    """(code, orders that have it), most first: why open orders wait, and what sent ones should be looked at for."""

    waiting: list[tuple[str, int]]
    sent: list[tuple[str, int]]


def problems(dropshipper_id: int, limit: int = 5) -> Reasons:
    """The commonest reasons why orders wait, and every alert of sent ones (1 query)."""
    waits = Q(order__state=State.RECEIVED)
    rows = Problem.objects.filter(waits | Q(code__in=ALERTS), order__dropshipper_id=dropshipper_id).values_list("code")
    counted = rows.annotate(
        n=CountOf("order_id", distinct=True), blocks=CountOf("id", filter=waits & Q(blocking=True))
    ).order_by("-n", "code")
    return Reasons(
        waiting=[(code, n) for code, n, blocks in counted if blocks and code not in ALERTS][:limit],
        sent=[(code, n) for code, n, _blocks in counted if code in ALERTS],
    )


@dataclass(frozen=True, slots=True)
class Period:
    """Dispatched orders of some days. `margin` in EUR: what is left of the sale after cost (VAT included)."""

    orders: int
    cost: Decimal
    margin: Decimal


def periods(dropshipper_id: int, days: int = 30) -> tuple[Period, Period]:
    """The last `days` and the `days` before (1 query)."""
    now = timezone.now()
    middle, start = now - dt.timedelta(days=days), now - dt.timedelta(days=2 * days)
    late, early = Q(dispatched_at__gte=middle), Q(dispatched_at__lt=middle)
    found = Order.objects.filter(dropshipper_id=dropshipper_id, state__in=DONE, dispatched_at__gte=start).aggregate(
        late_orders=CountOf("id", filter=late),
        late_cost=Sum("cost", filter=late),
        late_margin=Sum("margin", filter=late),
        early_orders=CountOf("id", filter=early),
        early_cost=Sum("cost", filter=early),
        early_margin=Sum("margin", filter=early),
    )
    return (
        Period(found["late_orders"], found["late_cost"] or ZERO, found["late_margin"] or ZERO),
        Period(found["early_orders"], found["early_cost"] or ZERO, found["early_margin"] or ZERO),
    )


def parcels(dropshipper: Dropshipper) -> dict[str, Count]:
    """How many parcels each tab of the shipments holds (1 query)."""
    return shipment_queries.tab_counts(dropshipper, shipment_queries.Find())


def last_orders(dropshipper_id: int, limit: int = 6) -> list[Order]:
    """The latest that were sent, with their parcel (1 query)."""
    rows = Order.objects.filter(dropshipper_id=dropshipper_id, state__in=DONE)
    return list(rows.select_related("shipment__method__courier").order_by("-dispatched_at", "-id")[:limit])


def reason(code: str) -> str:
    """A problem in two or three words, without the SKU or field it is about."""
    return name(code) if code in CATALOGUE else code
