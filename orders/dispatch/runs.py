"""Sincronizza: one atomic step that prices shipping, reserves stock, charges the wallet or books the COD amount, makes
the shipment and writes the timeline. All of it or none of it for each order; twice the click, once the effect.

Batches are set-based: the number of statements does not grow with the number of orders. Locks are taken in the house
order (orders, stock, wallets, inserts), each by id."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from core import busy, leases
from core.errors import DomainError
from core.leases import Lease
from orders.dispatch import decide, figures
from orders.errors import NothingChosen, OrderGone
from orders.models import DispatchItem, DispatchRun, Order
from shipping.tariffs.quotes import Tariff

log = logging.getLogger(__name__)

BATCH = 250  # orders in one transaction; more only lengthens the locks (docs/performance.md)
LEASE = dt.timedelta(seconds=60)
_WORK = leases.Work(DispatchRun, LEASE)


@busy.repeatable
def start(
    order_ids: Iterable[int],
    *,
    dropshipper_id: int,
    key: uuid.UUID,
    by: int | None,
    method_id: int | None = None,
    methods: Mapping[int, int] | None = None,
    seen: Mapping[int, str] | None = None,
    source: str = "",
) -> DispatchRun:
    """Books a run over these orders; `advance` does the work. The same `key` is the same run, whatever it brought: a
    click that was refused stays refused. While a run of this dropshipper and `source` is under way, that one is
    returned. `method_id` overrides the shipping of all, `methods` of single orders. `seen`: by order id the
    figures that the person was shown (orders/dispatch/figures.py); what it lacks was not shown. None: nobody looked.
    Raises NothingChosen."""
    known = DispatchRun.objects.filter(key=key, dropshipper_id=dropshipper_id).first()
    if known:
        return known
    ids = list(
        Order.objects.filter(pk__in=list(order_ids), dropshipper_id=dropshipper_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not ids:
        raise NothingChosen
    try:
        with transaction.atomic():
            # One starter at a time for a dropshipper: two clicks at once must not open two runs of one inbox.
            decide.one_starter(dropshipper_id)
            active = DispatchRun.objects.filter(
                dropshipper_id=dropshipper_id, source=source, state__in=["queued", "running"]
            ).first()
            if active:
                return active
            run = DispatchRun.objects.create(
                key=key, dropshipper_id=dropshipper_id, by_id=by, method_id=method_id, source=source, total=len(ids)
            )
            DispatchItem.objects.bulk_create(
                [
                    DispatchItem(
                        run=run,
                        order_id=pk,
                        position=position,
                        method_id=(methods or {}).get(pk),
                        seen="" if seen is None else seen.get(pk, figures.UNSEEN),
                    )
                    for position, pk in enumerate(ids)
                ],
                batch_size=1000,
            )
    except IntegrityError:
        twin = DispatchRun.objects.filter(key=key, dropshipper_id=dropshipper_id).first()
        if twin is None:  # a key that somebody else's click had
            raise NothingChosen from None
        return twin
    return run


def advance(run_id: int, *, budget_s: float = 20.0) -> DispatchRun:
    """Works on a run, batch by batch, until it is over or the budget is spent. May be called twice or at the same time:
    one caller holds the lease, and an order's own row lock makes a second attempt find it done."""
    free = DispatchRun.objects.filter(pk=run_id, state__in=["queued", "running"])
    lease = _WORK.claim(free, state=DispatchRun.State.RUNNING, started_at=Now())
    if lease is not None:
        with leases.held(lease):
            _work(run_id, lease, time.monotonic() + budget_s)
    return DispatchRun.objects.get(pk=run_id)


def _work(run_id: int, lease: Lease, deadline: float) -> None:
    tariff = Tariff.load()
    while time.monotonic() < deadline:
        run = DispatchRun.objects.get(pk=run_id)
        if run.lease_token != lease.token:
            return
        items = list(run.items.filter(result=DispatchItem.Result.WAITING).order_by("position")[:BATCH])
        if run.stop_asked or not items:
            _finish(run, lease)
            return
        decide.dispatch(run, items, tariff)
        lease.renew()


def advance_due(*, budget_s: float = 20.0) -> int:
    """Takes up what waits: new runs and those whose worker died. Returns how many runs it worked on."""
    deadline = time.monotonic() + budget_s
    due = DispatchRun.objects.filter(_WORK.free(), state__in=["queued", "running"]).order_by("pk")
    worked = 0
    for run_id in list(due.values_list("pk", flat=True)[:20]):
        if time.monotonic() >= deadline:
            break
        try:
            advance(run_id, budget_s=deadline - time.monotonic())
        except Exception as error:  # its lease was given back: it comes again in a moment, the others go on
            if not busy.is_passing(error):
                log.exception("Run %s failed.", run_id)
            continue
        worked += 1
    return worked


@busy.repeatable
def dispatch_now(
    order_id: int,
    *,
    dropshipper_id: int,
    key: uuid.UUID,
    by: int | None,
    method_id: int | None = None,
    seen: str = "",
    source: str = "",
) -> DispatchItem:
    """One order, within the request and in one transaction. Returns the item with its result; the same `key` returns
    the first click's item. `seen`: the figures that the person was shown, as in
    `start`. Raises OrderGone when the order is not this dropshipper's."""
    known = DispatchItem.objects.filter(run__key=key, run__dropshipper_id=dropshipper_id, order_id=order_id).first()
    if known:
        return known
    tariff = Tariff.load()
    run = DispatchRun(
        key=key, dropshipper_id=dropshipper_id, by_id=by, method_id=method_id, source=source, total=1, state="done"
    )
    run.started_at = run.finished_at = timezone.now()
    try:
        with transaction.atomic():
            item = DispatchItem(run=run, order_id=order_id, position=0, seen=seen)
            results = decide.decide_and_write(run, [item], tariff)
            if not results:
                raise OrderGone
            run.save(force_insert=True)
            item.run = run
            item.save(force_insert=True)
    except IntegrityError:
        # The same click arrived twice at once: the other one won and its result is ours.
        twin = DispatchItem.objects.filter(run__key=key, run__dropshipper_id=dropshipper_id, order_id=order_id).first()
        if twin is None:  # a key that another order's click had
            raise OrderGone from None
        return twin
    return item


def stop(run_id: int, *, dropshipper_id: int) -> None:
    """Asks a run to stop after the batch in hand; what is done stays done."""
    DispatchRun.objects.filter(pk=run_id, dropshipper_id=dropshipper_id, state__in=["queued", "running"]).update(
        stop_asked=True
    )


def outcome_sentence(item: DispatchItem) -> str:
    """What became of one order, in the reader's language."""
    if item.result == DispatchItem.Result.REFUSED:
        return DomainError.sentence(item.code, item.params)
    return str(item.get_result_display())


def _finish(run: DispatchRun, lease: Lease) -> None:
    stopped = 0
    if run.stop_asked:
        stopped = run.items.filter(result=DispatchItem.Result.WAITING).update(
            result=DispatchItem.Result.STOPPED, done_at=Now()
        )
    lease.release(state=DispatchRun.State.STOPPED if stopped else DispatchRun.State.DONE, finished_at=Now())
