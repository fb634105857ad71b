"""What the pages of shops read with. A portal query starts from a dropshipper; an id from outside goes by access_*."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper, User
from connectors.models import ConnectAttempt, Delivery, InboxOrder, Match, Shop
from orders import queries as orders_queries
from orders.dispatch import readiness
from orders.dispatch.readiness import Readiness
from orders.models import Order, Problem

PRICED_READY = 100  # ready orders that the figures on top price; beyond it they say "the first 100"
OPEN = (Order.State.RECEIVED, Order.State.READY)
NO_SHIPPING = "none"

_TABS = orders_queries.TABS
TABS: dict[str, tuple[str | Promise, orders_queries.Condition]] = {
    "sync": (_("To sync"), Q(state__in=OPEN)),
    "ready": _TABS["ready"],
    "ship": _TABS["ship"],
    "fix": _TABS["fix"],
    "progress": _TABS["progress"],
    "shipped": _TABS["shipped"],
    "delivered": _TABS["delivered"],
    "cancelled": _TABS["cancelled"],
    "all": _TABS["all"],
}


@dataclass(frozen=True, slots=True)
class Find:
    """What an inbox shows: the state of the page's address. `courier` is a code, or NO_SHIPPING."""

    platform: str
    tab: str = "sync"
    text: str = ""
    payment: str = ""
    problem: str = ""
    courier: str = ""
    shop: int | None = None
    days: int | None = None
    contacts: bool = False  # see orders.queries.Find

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Its fields as the page's address has them, for a form that is about all of the list."""
        named = (("tab", self.tab), ("q", self.text), ("payment", self.payment), ("problem", self.problem))
        return [*named, ("courier", self.courier), ("shop", str(self.shop or "")), ("days", str(self.days or ""))]

    @property
    def narrowed(self) -> bool:
        return any((self.text, self.payment, self.problem, self.courier, self.shop, self.days))


def find(dropshipper: Dropshipper, wanted: Find, known: Readiness | None = None) -> QuerySet[Order]:
    """The orders of an inbox, without order and without what a row needs beside (orders.queries.for_rows)."""
    of_tab = TABS.get(wanted.tab, TABS["sync"])[1]
    return _narrowed(dropshipper, wanted).filter(orders_queries.condition(of_tab, dropshipper.pk, known))


def tab_counts(dropshipper: Dropshipper, wanted: Find, known: Readiness | None = None) -> dict[str, int]:
    """How many orders each tab holds under the other filters, bounded. One statement, without what is `known`."""
    found, known = _narrowed(dropshipper, wanted), known or readiness.of(dropshipper.pk)
    return orders_queries.count_each(
        {
            tab: found.filter(orders_queries.condition(of_tab, dropshipper.pk, known))
            for tab, (_label, of_tab) in TABS.items()
        }
    )


def in_the_way(dropshipper: Dropshipper, platform: str) -> list[tuple[str, int]]:
    """Blocking problems of the open orders: code and how many orders have it, most frequent first."""
    rows = (
        Problem.objects.filter(
            order__dropshipper=dropshipper, order__source=platform, order__state__in=OPEN, blocking=True
        )
        .values_list("code")
        .annotate(n=Count("order", distinct=True))
        .order_by("-n", "code")
    )
    return list(rows[:20])


def newest(dropshipper: Dropshipper, platform: str) -> int:
    """The highest order id of an inbox (0: none), by which a page that is open finds out that more arrived."""
    found = Order.objects.filter(dropshipper=dropshipper, source=platform).aggregate(top=Max("pk"))
    return found["top"] or 0


def arrived_since(dropshipper: Dropshipper, platform: str, order_id: int) -> int:
    """Orders that came into an inbox after the one with this id, up to 100."""
    return Order.objects.filter(dropshipper=dropshipper, source=platform, pk__gt=order_id)[:100].count()


def _narrowed(dropshipper: Dropshipper, wanted: Find) -> QuerySet[Order]:
    since = None
    if wanted.days:
        since = timezone.localdate() - dt.timedelta(days=wanted.days - 1)
    found = orders_queries.find(
        dropshipper,
        orders_queries.Find(
            tab="all",
            source=wanted.platform,
            text=wanted.text,
            payment=wanted.payment,
            problem=wanted.problem,
            since=since,
            contacts=wanted.contacts,
        ),
    )
    if wanted.courier == NO_SHIPPING:
        found = found.filter(method__isnull=True)
    elif wanted.courier:
        found = found.filter(method__courier__code=wanted.courier)
    if wanted.shop:
        found = found.filter(inbox__shop_id=wanted.shop)
    return found


# ---- shops


def shops(dropshipper: Dropshipper, platform: str = "", *, gone: bool = False) -> list[Shop]:
    """The dropshipper's shops, by name; without `gone` those that are still connected somehow."""
    found = Shop.objects.filter(dropshipper=dropshipper).select_related("method__courier")
    if platform:
        found = found.filter(platform=platform)
    if not gone:
        found = found.exclude(state=Shop.State.GONE)
    return list(found.defer("sealed_credentials", "webhook_secret_sealed").order_by("name", "pk"))


def access_shop(dropshipper: Dropshipper, pk: int) -> Shop:
    """The dropshipper's own shop; a stranger's is a 404."""
    return get_object_or_404(Shop.objects.select_related("method__courier"), pk=pk, dropshipper=dropshipper)


def access_attempt(dropshipper: Dropshipper, user: User, pk: int) -> ConnectAttempt:
    """A connection belongs to the one who began it: to a colleague it is not there."""
    mine = ConnectAttempt.objects.select_related("shop", "renews", "dropshipper")
    return get_object_or_404(mine, pk=pk, dropshipper=dropshipper, by=user)


def begun(dropshipper: Dropshipper, user: User) -> list[ConnectAttempt]:
    """The connections that the reader began and did not bring to an end, the newest first; a few."""
    ended = [ConnectAttempt.Phase.DONE, ConnectAttempt.Phase.FAILED]
    mine = ConnectAttempt.objects.filter(dropshipper=dropshipper, by=user, expires_at__gt=timezone.now())
    return list(mine.exclude(phase__in=ended).order_by("-pk")[:3])


def own_attempt(platform: str, token: str, *, by: int, dropshipper: Dropshipper) -> ConnectAttempt | None:
    """The attempt of a token that came back through a browser, if it is the reader's own."""
    if not token:
        return None
    return ConnectAttempt.objects.filter(token=token[:64], platform=platform, by_id=by, dropshipper=dropshipper).first()


def access_delivery(dropshipper: Dropshipper, pk: int) -> Delivery:
    """Without the body, which only staff with the permission may see."""
    found = Delivery.objects.select_related("shop").defer("body", "headers")
    return get_object_or_404(found, pk=pk, shop__dropshipper=dropshipper)


def access_inbox_order(dropshipper: Dropshipper, platform: str, pk: int) -> InboxOrder:
    """What the shop said of an order, by the order's id."""
    found = InboxOrder.objects.select_related("shop", "order__method__courier")
    return get_object_or_404(found, order_id=pk, order__dropshipper=dropshipper, order__source=platform)


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many orders a shop brought: in all, today; and webhooks that could not be read."""

    orders: int = 0
    today: int = 0
    dead: int = 0


def traffic(shop_ids: Iterable[int]) -> Mapping[int, Traffic]:
    """Per shop, 2 queries."""
    ids = list(shop_ids)
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    found = {shop_id: Traffic() for shop_id in ids}
    orders = InboxOrder.objects.filter(shop__in=ids, order__isnull=False).values_list("shop_id")
    for shop_id, total, new in orders.annotate(
        total=Count("pk"), new=Count("pk", filter=Q(first_seen_at__gte=today))
    ).order_by():
        found[shop_id] = Traffic(total, new)
    dead = Delivery.objects.filter(shop__in=ids, state=Delivery.State.DEAD).values_list("shop_id")
    for shop_id, number in dead.annotate(n=Count("pk")).order_by():
        found[shop_id] = replace(found[shop_id], dead=number)
    return found


def dead_deliveries(shop: Shop) -> QuerySet[Delivery]:
    return shop.deliveries.filter(state=Delivery.State.DEAD).defer("body", "headers")


def access_match(dropshipper: Dropshipper, pk: int) -> Match:
    return get_object_or_404(Match.objects.select_related("shop"), pk=pk, shop__dropshipper=dropshipper)


def matches(dropshipper: Dropshipper) -> QuerySet[Match]:
    """What was tied by hand, newest first."""
    found = Match.objects.filter(shop__dropshipper=dropshipper).exclude(shop__state=Shop.State.GONE)
    return found.select_related("shop", "variant__product", "by").order_by("-at", "-pk")


def own_ids(dropshipper: Dropshipper, platform: str, ids: Sequence[str]) -> list[int]:
    """The ids of an inbox's checkboxes that are its own, oldest first. Others fall out."""
    mine = orders_queries.own_ids(dropshipper, ids)
    found = Order.objects.filter(dropshipper=dropshipper, source=platform, pk__in=mine)
    return list(found.order_by("pk").values_list("pk", flat=True))


def open_ids(dropshipper: Dropshipper, wanted: Find) -> list[int]:
    """The orders of a filtered inbox that are still open, oldest first, for "select all"; bounded."""
    found: QuerySet[Any] = find(dropshipper, wanted).filter(state__in=OPEN)
    return list(found.order_by("pk").values_list("pk", flat=True)[: orders_queries.BULK_LIMIT])
