"""What the law asks about a shop's customers, and what is deleted without being asked.

A request is kept in the shop's log with the orders' numbers, never with the customer. Who is to be forgotten is
forgotten when his order is over: his name, address, telephone, e-mail and note, and the messages of the shop that hold
them. What the books need stays. The daily sweep does what was left for later, and what became too old
(settings.RETENTION_…)."""

from __future__ import annotations

import datetime as dt
import logging
import time

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.platforms.base import PrivacyRequest
from orders import privacy
from orders.models import Order

log = logging.getLogger(__name__)

_BATCH = 2000
_NUMBERS_KEPT = 200  # in one event of the log

# The messages that speak of an order: its number stands in them as a value of its own ("id":26, not within 2026). Where
# it is another thing's number too, one body more is emptied.
_EMPTY = """
    UPDATE connectors_delivery SET body = '' WHERE shop_id = %s AND state <> 'new' AND length(body) > 0
        AND EXISTS (SELECT 1 FROM unnest(%s::text[]) AS part WHERE position(convert_to(part, 'UTF8') IN body) > 0)
"""
_AS_VALUE = (":{},", ":{}}}", ": {},", ": {}}}", '/{}"', ':"{}"', ': "{}"')


def answer(shop: Shop, request: PrivacyRequest) -> None:
    """Does what a platform passed on, in the caller's transaction. Whoever had the same shop before is meant too."""
    for one in Shop.objects.filter(platform=shop.platform, address=shop.address).order_by("pk"):
        rows = _concerned(one, request)
        if request.kind == "data":
            numbers = [number or key for key, number in rows.values_list("external_id", "number").order_by("pk")]
            _record(one, "data_request", {"count": len(numbers), "numbers": ", ".join(numbers[:_NUMBERS_KEPT])})
            log.warning("A customer of shop %s asks what is held of him: %s orders.", one.pk, len(numbers))
        else:
            _forget(one, rows)


def sweep(*, budget_s: float = 60.0) -> int:
    """What is due and too old; may run twice, or half. How many orders' customers were forgotten."""
    until, now, done = time.monotonic() + budget_s, timezone.now(), 0
    oldest = now - dt.timedelta(days=settings.RETENTION_CUSTOMER_DAYS)
    while time.monotonic() < until and (ids := privacy.due(older_than=oldest)):
        with transaction.atomic():
            gone = privacy.forget(ids, only_over=False)
            _forget_messages(InboxOrder.objects.filter(order_id__in=gone))
        if not gone:  # another worker was quicker
            break
        done += len(gone)
    while time.monotonic() < until and _drop_messages(now - dt.timedelta(days=settings.RETENTION_MESSAGE_DAYS)):
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


def _forget(shop: Shop, rows: QuerySet[InboxOrder]) -> None:
    ids = list(rows.filter(order__isnull=False).order_by("order_id").values_list("order_id", flat=True))
    without = list(rows.filter(order__isnull=True).values_list("pk", flat=True))
    privacy.ask(ids)
    gone = privacy.forget(ids)
    _forget_messages(InboxOrder.objects.filter(Q(order_id__in=gone) | Q(pk__in=without)))
    waiting = len(ids) - len(gone) - rows.filter(order__forgotten_at__isnull=False).exclude(order_id__in=gone).count()
    _record(shop, "customer_forgotten", {"count": len(gone), "waiting": max(waiting, 0)})


def _forget_messages(rows: QuerySet[InboxOrder]) -> None:
    """Empties what the shop wrote of these orders; a message that comes later is not kept either."""
    by_shop: dict[int, list[str]] = {}
    for shop_id, external_id in rows.values_list("shop_id", "external_id"):
        by_shop.setdefault(shop_id, []).append(external_id)
    rows.update(raw=b"", forgotten_at=timezone.now())
    with connection.cursor() as cursor:
        for shop_id, external_ids in by_shop.items():
            parts = [form.format(external_id) for external_id in external_ids for form in _AS_VALUE]
            cursor.execute(_EMPTY, [shop_id, parts])


def _drop_messages(before: dt.datetime) -> int:
    """A batch of the messages that were dealt with before; and of the orders that are over, the body they were read
    from. How many."""
    ids = list(
        Delivery.objects.filter(received_at__lt=before)
        .exclude(state=Delivery.State.NEW)
        .order_by("pk")
        .values_list("pk", flat=True)[:_BATCH]
    )
    dropped, _each = Delivery.objects.filter(pk__in=ids).delete()
    over = (
        InboxOrder.objects.filter(order__in=Order.objects.filter(privacy.OVER), updated_at__lt=before)
        .exclude(raw=b"")
        .values_list("pk", flat=True)[:_BATCH]
    )
    return dropped + InboxOrder.objects.filter(pk__in=list(over)).update(raw=b"")


def _record(shop: Shop, code: str, params: dict[str, object]) -> None:
    ShopEvent.objects.create(shop=shop, code=code, params=params)
