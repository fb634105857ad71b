"""Forgetting a customer: who and where he was goes, what the law on accounts wants stays (numbers, articles, amounts).

Only of orders that are over: one that is still to be shipped or under way needs its address. What was asked for is kept
in the order (`forget_asked_at`) and done when it is over, or after the law's month if nobody ever sends it; it also
reaches what a person made by hand of that order (orders/questions/copies.py), is typing (orders/entry/half_typed.py) or
has in a file that is not imported yet (orders/imports/forgetting.py).
What nobody asked for is done after the retention days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from orders import problems, states, timeline
from orders.entry import half_typed
from orders.imports import forgetting
from orders.models import Case, DispatchItem, Order, OrderEvent, OrderLine, PrintRun, Problem
from orders.questions import copies
from shipping import privacy as shipments
from shipping.models import Shipment

BATCH = 500
GONE = "–"  # the name of a customer who was forgotten
PATIENCE = dt.timedelta(days=30)  # art. 12.3 GDPR: what was asked is done within a month
_S, _P = Order.State, Shipment.State
# Nothing more is sent to the customer of such an order.
OVER = Q(state__in=[_S.COMPLETED, _S.CANCELLED]) | Q(
    state=_S.DISPATCHED, shipment__state__in=[_P.DELIVERED, _P.RETURNED, _P.LOST, _P.CANCELLED]
)
_OPEN = Q(state__in=[_S.DRAFT, _S.RECEIVED, _S.READY])
_WHO = ("name", "company", "street", "street2", "postcode", "city", "phone", "email", "note")
_TOLD = {"shop_data": dict, "fiscal": dict, "details": list, "answered": list}  # what the shop and its checkout wrote

# What the history of an order may keep: ours, the shop's or the goods', never the customer's.
_KEPT = frozenset(
    ("number", "sku", "field", "label", "method", "tracking", "kind", "status", "sections", "currency", "courier")
) | {"alert", "from", "to", "pieces", "count", "case", "case_reason"}
_AMOUNT = re.compile(r"-?\d{1,9}\.\d\d", re.ASCII)


def ask(order_ids: Iterable[int]) -> set[int]:
    """Notes that the customers of these orders want to be forgotten, also in what was made by hand of them; all the
    orders that it is about."""
    ids = _about(order_ids)
    _mark(ids)
    tenants = set(Order.objects.filter(pk__in=ids).values_list("dropshipper_id", flat=True))
    if tenants:
        half_typed.forget_orders(ids)
        persons = copies.persons(ids)
        half_typed.forget_persons(tenants, persons)
        forgetting.forget_persons(tenants, persons)
    return ids


def _about(order_ids: Iterable[int]) -> set[int]:
    ids = set(order_ids)
    from_shops = Order.objects.filter(pk__in=ids).exclude(source="manual")
    tenants = set(from_shops.values_list("dropshipper_id", flat=True))
    ids |= copies.of(ids)
    if tenants:
        ids |= copies.of_persons(tenants, copies.persons(from_shops.values_list("pk", flat=True)))
    return ids


def ask_for(dropshipper_id: int, person: copies.Person) -> set[int]:
    """As `ask`, for one who is known by what was told of him alone: what was entered by hand for him."""
    ids = copies.of_persons([dropshipper_id], [person])
    ids |= copies.of(ids)
    _mark(ids)
    half_typed.forget_orders(ids)
    half_typed.forget_persons([dropshipper_id], [person])
    forgetting.forget_persons([dropshipper_id], [person])
    return ids


def hold(order_ids: Iterable[int], *, dropshipper_ids: Iterable[int] = (), person: copies.Person | None = None) -> None:
    """Locks all that `ask` and `ask_for` will be about, by id, before any of it is written: a run that sends several of
    them takes them in the same order."""
    ids = _about(order_ids)
    if person is not None:
        typed = copies.of_persons(dropshipper_ids, [person])
        ids |= typed | copies.of(typed)
    list(Order.objects.filter(pk__in=ids).select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def _mark(ids: set[int]) -> None:
    found = Order.objects.filter(pk__in=ids, forgotten_at=None, forget_asked_at=None)
    found.update(forget_asked_at=timezone.now())


def _ripe() -> Q:
    """Asked for, and nothing stands in the way: it is over, was never more than a draft, or waited for a month."""
    waited = _OPEN & Q(forget_asked_at__lt=timezone.now() - PATIENCE)
    return OVER | Q(state=_S.DRAFT, forget_asked_at__isnull=False) | waited


def due(*, older_than: dt.datetime) -> list[int]:
    """Orders of which the customer is to be forgotten now: asked for and over, or placed long ago and not under way."""
    known = Order.objects.filter(forgotten_at=None)
    asked = known.filter(_ripe(), forget_asked_at__isnull=False).order_by("pk").values_list("pk", flat=True)[:BATCH]
    found = list(asked)
    if len(found) < BATCH:
        old = known.filter(OVER | _OPEN, placed_at__lt=older_than).exclude(pk__in=found)
        # In the order of the index of what is not forgotten yet: by "pk" all that ever was would be walked.
        found += old.order_by("placed_at", "pk").values_list("pk", flat=True)[: BATCH - len(found)]
    return sorted(found)


@transaction.atomic
def forget(order_ids: Iterable[int], *, only_over: bool = True) -> list[int]:
    """Takes the customer out of the orders and their shipments; which orders it was. Twice is once. `only_over` false:
    also of those that nobody sent in all the time, which are cancelled with it: there is nobody to send them to. Never
    of one that is under way."""
    mine = Order.objects.filter(_ripe() if only_over else OVER | _OPEN, pk__in=list(order_ids), forgotten_at=None)
    locked = list(mine.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    ids = [order.pk for order in locked]
    ask([order.pk for order in locked if order.forget_asked_at])  # what was copied while it was under way
    half_typed.forget_orders(ids)
    now = timezone.now()
    _forget_history(ids)
    # What was printed for them within the last days: the file is there no more, the log of the prints is.
    PrintRun.objects.filter(items__order__in=ids).update(file=None)
    for order in locked:
        for name in _WHO:
            setattr(order, name, GONE if name == "name" else "")
        for name, empty in _TOLD.items():
            setattr(order, name, empty())
        order.entry_digest = ""  # whoever guesses an address could prove it by its digest
        order.forgotten_at, order.updated_at = now, now
        timeline.record(order.pk, "forgotten")
        if order.is_open:
            states.move(order, _S.CANCELLED, event="cancelled")
    Order.objects.bulk_update(locked, [*_WHO, *_TOLD, "entry_digest", "forgotten_at", "updated_at"])
    shipments.forget([order.shipment_id for order in locked if order.shipment_id], name=GONE)
    return ids


def _forget_history(ids: list[int]) -> None:
    """The engravings, the questions, and what the timeline and the runs say beside codes and amounts."""
    OrderLine.objects.filter(order_id__in=ids).exclude(attributes=[]).update(attributes=[])
    alerts = [code for code in problems.CATALOGUE if problems.is_alert(code)]
    Problem.objects.filter(order_id__in=ids).exclude(code__in=alerts).delete()
    Case.objects.filter(order_id__in=ids).exclude(note="", answer="").update(note="", answer="")
    for rows in (Problem.objects.all(), OrderEvent.objects.all(), DispatchItem.objects.all()):
        _clean(rows.filter(order_id__in=ids).exclude(params={}))


def _clean(rows: QuerySet[Any]) -> None:
    changed = []
    for row in rows.iterator():
        kept = impersonal(row.params)
        if kept != row.params:
            row.params = kept
            changed.append(row)
    rows.model._default_manager.bulk_update(changed, ["params"], batch_size=1000)


def impersonal(params: Mapping[str, Any]) -> dict[str, Any]:
    """The params of a sentence without what may be a customer's: codes, small numbers and amounts stay, a text becomes
    a dash, so that the sentence still reads."""
    return {name: value if name in _KEPT else _faceless(value) for name, value in params.items()}


def _faceless(value: Any) -> Any:
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10_000):
        return value
    if isinstance(value, str):
        return value if not value or _AMOUNT.fullmatch(value) else GONE
    return [] if isinstance(value, list) else {} if isinstance(value, dict) else GONE
