"""Forgetting a customer: who and where he was goes, what the law on accounts wants stays (numbers, articles, amounts).

Only of orders that are over: one that is still to be shipped or under way needs its address. What was asked for is kept
in the order (`forget_asked_at`) and done when it is over; what nobody asked for is done after the retention days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from orders import states, timeline
from orders.models import Order
from shipping import privacy as shipments
from shipping.models import Shipment

BATCH = 500
GONE = "–"  # the name of a customer who was forgotten
_S, _P = Order.State, Shipment.State
# Nothing more is sent to the customer of such an order.
OVER = Q(state__in=[_S.COMPLETED, _S.CANCELLED]) | Q(
    state=_S.DISPATCHED, shipment__state__in=[_P.DELIVERED, _P.RETURNED, _P.LOST, _P.CANCELLED]
)
_OPEN = Q(state__in=[_S.DRAFT, _S.RECEIVED, _S.READY])


def ask(order_ids: Iterable[int]) -> int:
    """Notes that the customers of these orders want to be forgotten; how many orders had not been asked for."""
    found = Order.objects.filter(pk__in=list(order_ids), forgotten_at=None, forget_asked_at=None)
    return found.update(forget_asked_at=timezone.now())


def due(*, older_than: dt.datetime) -> list[int]:
    """Orders of which the customer is to be forgotten now: asked for and over, or placed long ago and not under way."""
    known = Order.objects.filter(forgotten_at=None)
    asked = known.filter(OVER, forget_asked_at__isnull=False).order_by("pk").values_list("pk", flat=True)[:BATCH]
    found = list(asked)
    if len(found) < BATCH:
        old = known.filter(OVER | _OPEN, placed_at__lt=older_than).exclude(pk__in=found)
        found += old.order_by("pk").values_list("pk", flat=True)[: BATCH - len(found)]
    return sorted(found)


@transaction.atomic
def forget(order_ids: Iterable[int], *, only_over: bool = True) -> list[int]:
    """Takes the customer out of the orders and their shipments; which orders it was. Twice is once. `only_over` false:
    also of those that nobody sent in all the time, which are cancelled with it: there is nobody to send them to. Never
    of one that is under way."""
    mine = Order.objects.filter(OVER if only_over else OVER | _OPEN, pk__in=list(order_ids), forgotten_at=None)
    locked = list(mine.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    now = timezone.now()
    for order in locked:
        order.name = GONE
        for name in ("company", "street", "street2", "postcode", "city", "phone", "email", "note"):
            setattr(order, name, "")
        order.shop_data = {name: told for name, told in order.shop_data.items() if name != "address"}
        order.entry_digest = ""  # whoever guesses an address could prove it by its digest
        order.forgotten_at, order.updated_at = now, now
        timeline.record(order.pk, "forgotten")
        if order.is_open:
            states.move(order, _S.CANCELLED, event="cancelled")
    fields = ["name", "company", "street", "street2", "postcode", "city", "phone", "email", "note", "shop_data"]
    Order.objects.bulk_update(locked, [*fields, "entry_digest", "forgotten_at", "updated_at"])
    shipments.forget([order.shipment_id for order in locked if order.shipment_id], name=GONE)
    return [order.pk for order in locked]
