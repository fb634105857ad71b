"""What the law asks about a shop's customers, and what is deleted without being asked.

A request is kept in the shop's log with the orders' numbers, never with the customer; its own message is emptied too.
Who is to be forgotten is forgotten when his order is over: his name, address, telephone, e-mail, tax code, engravings
and notes, in the order and in what was made by hand of it, and the messages of the shop that hold them
(connectors/intake/traces.py), under every connection that the store had. What the books need stays. A mark stays too,
by which no later word of the shop brings him back. The daily sweep does what was left for later, and what became too
old (settings.RETENTION_…)."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connectors.intake import traces
from connectors.intake.traces import Traces
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.platforms.base import PrivacyRequest
from connectors.shops import stores
from orders import privacy
from orders.models import Order
from orders.questions import copies
from orders.questions.copies import Person

log = logging.getLogger(__name__)

_BATCH = 1000
_NUMBERS_KEPT = 200  # in one event of the log
_AT_ONCE = 2000  # orders that are forgotten with the request; the sweep does the rest


def answer(shop: Shop, request: PrivacyRequest) -> None:
    """Does what a platform passed on, in the caller's transaction. Whoever had the same shop before is meant too."""
    person = Person(email=request.customer, phone=request.phone)
    connections = list(stores.same_store(shop).order_by("pk"))
    if request.kind != "data":
        _hold(connections, request, person)
    for one in connections:
        rows = _concerned(one, request)
        if request.kind == "data":
            numbers = [number or key for key, number in rows.values_list("external_id", "number").order_by("pk")]
            _record(one, "data_request", {"count": len(numbers), "numbers": ", ".join(numbers[:_NUMBERS_KEPT])})
            log.warning("A customer of shop %s asks what is held of him: %s orders.", one.pk, len(numbers))
            continue
        if request.kind == "customer":
            sought = Traces(request.external_ids, [person], [request.customer_id] if request.customer_id else [])
            rows = InboxOrder.objects.filter(
                Q(pk__in=rows.values("pk")) | Q(pk__in=traces.without_order([one.pk], sought))
            )
            more = privacy.ask_for(one.dropshipper_id, person)
            _leave_marks(one, request.external_ids)
            _forget(one, rows, more=more, sought=sought)
        else:
            _forget(one, rows, whole=True)
            traces.empty_all(one)
            traces.clean_reasons(one)


def _hold(connections: Collection[Shop], request: PrivacyRequest, person: Person) -> None:
    """Who brings an order in locks its row of the inbox and then the order: here too, all of them and by id."""
    keys = set(request.external_ids)
    for one in connections:
        keys.update(_concerned(one, request).values_list("external_id", flat=True))
    ids = _lock_rows(Q(shop__in=connections, external_id__in=keys))
    tenants = {one.dropshipper_id for one in connections}
    privacy.hold(ids, dropshipper_ids=tenants, person=person if request.kind == "customer" else None)


def _lock_rows(which: Q) -> list[int]:
    """The ids of the orders of these rows."""
    rows = InboxOrder.objects.filter(which).select_for_update(no_key=True, of=("self",)).order_by("pk")
    return [order_id for order_id in rows.values_list("order_id", flat=True) if order_id is not None]


def sweep(*, budget_s: float = 60.0) -> int:
    """What is due and too old; may run twice, or half. How many orders' customers were forgotten."""
    until, now, done = time.monotonic() + budget_s, timezone.now(), 0
    oldest = now - dt.timedelta(days=settings.RETENTION_CUSTOMER_DAYS)
    while time.monotonic() < until and (ids := privacy.due(older_than=oldest)):
        with transaction.atomic():
            _lock_rows(Q(order_id__in=ids))
            asked = Order.objects.filter(pk__in=ids, forget_asked_at__isnull=False)
            people = copies.persons(asked.values_list("pk", flat=True))
            gone = privacy.forget(ids, only_over=False)
            _forget_messages(InboxOrder.objects.filter(order_id__in=gone), Traces(persons=people))
        if not gone:  # another worker was quicker
            break
        done += len(gone)
    before = now - dt.timedelta(days=settings.RETENTION_MESSAGE_DAYS)
    last: int | None = 0
    while last is not None and time.monotonic() < until:
        last = _drop_messages(before, last)
    while time.monotonic() < until and (_empty_bodies(before) or _empty_bodies(oldest, without_order=True)):
        pass
    return done


def _concerned(shop: Shop, request: PrivacyRequest) -> QuerySet[InboxOrder]:
    rows = InboxOrder.objects.filter(shop=shop)
    if request.kind == "shop":
        return rows
    wanted = Q(external_id__in=list(request.external_ids))
    if request.customer:
        wanted |= Q(order__email__iexact=request.customer)
    return rows.filter(wanted)


def _leave_marks(shop: Shop, external_ids: Collection[str]) -> None:
    """Of orders that we never saw: a message that comes late, or a look back, does not bring their customer in."""
    now = timezone.now()
    InboxOrder.objects.bulk_create(
        [
            InboxOrder(shop=shop, external_id=key, version_at=now, version_hash=b"", raw=b"", forgotten_at=now)
            for key in external_ids
        ],
        ignore_conflicts=True,
    )


def _forget(
    shop: Shop,
    rows: QuerySet[InboxOrder],
    *,
    more: Collection[int] = (),
    sought: Traces | None = None,
    whole: bool = False,
) -> None:
    ids = set(rows.filter(order__isnull=False).values_list("order_id", flat=True))
    done = rows.filter(order__forgotten_at__isnull=False).count()
    without = list(rows.filter(order__isnull=True).values_list("pk", flat=True))
    asked = privacy.ask(ids) | set(more)
    sought = sought or Traces()
    people = [] if whole else [*sought.persons, *copies.persons(asked)]
    gone = privacy.forget(sorted(asked)[:_AT_ONCE])
    mine = [pk for pk in gone if pk in ids]
    theirs = InboxOrder.objects.filter(Q(order_id__in=mine) | Q(pk__in=without))
    _forget_messages(theirs, Traces(sought.orders, people, sought.customers), shop=shop, whole=whole)
    params: dict[str, object] = {"count": len(mine), "waiting": max(len(ids) - len(mine) - done, 0)}
    _record(shop, "customer_forgotten", params)


def _forget_messages(
    rows: QuerySet[InboxOrder], sought: Traces, *, shop: Shop | None = None, whole: bool = False
) -> None:
    """Empties what the stores of these rows wrote of these orders and persons (`whole`: the caller does that) and
    leaves the marks."""
    by_shop: dict[int, set[str]] = {shop.pk: set(sought.orders)} if shop else {}
    for shop_id, external_id in rows.values_list("shop_id", "external_id"):
        by_shop.setdefault(shop_id, set()).add(external_id)
    gone = {"raw": b"", "news_params": {}, "forgotten_at": timezone.now()}
    rows.update(**gone)
    for one in Shop.objects.filter(pk__in=by_shop).order_by("pk"):
        store, keys = list(stores.same_store(one).values_list("pk", flat=True)), by_shop[one.pk]
        # Its other connections know the order too, without one of their own here.
        InboxOrder.objects.filter(shop__in=store, external_id__in=keys, order=None, forgotten_at=None).update(**gone)
        if not whole:
            found = Traces(keys, sought.persons, sought.customers)
            traces.empty(one, found)
            traces.clean_log(store, found)


def _drop_messages(before: dt.datetime, after: int) -> int | None:
    """Deletes a batch of the messages that came before and were dealt with, from that id on. The last id that it looked
    at, or None when what follows is younger: messages are numbered as they come, so only old ones are ever read."""
    batch = Delivery.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "received_at")[:_BATCH]
    looked_at = list(batch)
    old = [pk for pk, received_at in looked_at if received_at < before]
    if not old:
        return None
    waiting = Q(state=Delivery.State.NEW) & ~Q(shop__state=Shop.State.GONE)  # of a shop that is gone nobody reads any
    Delivery.objects.filter(pk__in=old).exclude(waiting).delete()
    return looked_at[-1][0]


def _empty_bodies(before: dt.datetime, *, without_order: bool = False) -> int:
    """Empties a batch of the bodies that orders were read from which are over since; `without_order`: of what never
    became an order here; not one that its shop has just said something of. How many."""
    rows = InboxOrder.objects.filter(updated_at__lt=before).exclude(raw=b"")
    if without_order:
        rows = rows.filter(order=None)
    else:
        rows = rows.filter(order__isnull=False, order__in=Order.objects.filter(privacy.OVER))
    over = rows.order_by("updated_at").values_list("pk", flat=True)[:_BATCH]
    return InboxOrder.objects.filter(pk__in=list(over), updated_at__lt=before).update(raw=b"")


def _record(shop: Shop, code: str, params: dict[str, object]) -> None:
    ShopEvent.objects.create(shop=shop, code=code, params=params)
