"""What a worker does with an import: checks its rows, makes the orders of the valid ones, takes them back. In batches
under a lease; a batch is done once, whoever's worker does it."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now

from core import busy, leases
from core.errors import DomainError
from core.leases import Lease
from orders.entry import one_number
from orders.entry.marketplaces import number as plain_number
from orders.fulfilment import parcels
from orders.imports import checking
from orders.imports.errors import ImportSent
from orders.intake import bulk
from orders.models import Import, ImportRow, Order

log = logging.getLogger(__name__)

BATCH = 200
_WORK = leases.Work(Import, dt.timedelta(seconds=180))
_S, _R = Import.State, ImportRow.State
_DUE = (_S.CHECKING, _S.IMPORTING, _S.UNDOING)
VALID = (_R.VALID, _R.WARNING)
_FIGURES = ("state", "issues", "method", "cost", "need", "order")


def advance_due(*, budget_s: float = 40.0) -> int:
    """Takes up what waits, and what a worker left behind. How many imports it worked on."""
    until = time.monotonic() + budget_s
    due = Import.objects.filter(_WORK.free(), state__in=_DUE).order_by("pk")
    worked = 0
    for pk in list(due.values_list("pk", flat=True)[:20]):
        if time.monotonic() >= until:
            break
        try:
            advance(pk)
        except Exception as error:  # its lease was given back: it comes again in a moment, the others go on
            if not busy.is_passing(error):
                log.exception("Import %s failed.", pk)
            continue
        worked += 1
    return worked


def advance(import_id: int) -> None:
    """Does what the import waits for, if nobody else is at it."""
    lease = _WORK.claim(Import.objects.filter(pk=import_id, state__in=_DUE).order_by("pk"))
    if lease is None:
        return
    with leases.held(lease):
        batch = Import.objects.defer("table").get(pk=import_id)
        if batch.state == _S.UNDOING:
            _take_back(batch, lease)
            return
        steps: dict[str, tuple[Callable[[Import], bool], Import.State]] = {
            _S.CHECKING: (_check_some, _S.READY),
            _S.IMPORTING: (_make_some, _S.DONE),
        }
        step, then = steps[batch.state]
        while step(batch):
            if not lease.renew():
                return
        lease.release(state=then, finished_at=Now())


def _check_some(batch: Import) -> bool:
    with transaction.atomic():
        waiting = batch.rows.filter(state=_R.WAITING).order_by("position")
        rows = list(waiting.select_for_update(of=("self",), no_key=True)[:BATCH])
        if not rows:
            return False
        checking.check(rows, checking.known_for(batch, rows))
        ImportRow.objects.bulk_update(rows, _FIGURES)
    return True


def _make_some(batch: Import) -> bool:
    """The next valid rows become orders, in one transaction with what the rows say of them. What came by another way
    since the check is told and not made again; what no longer holds is to mend again."""
    with transaction.atomic():
        valid = batch.rows.filter(state__in=VALID).order_by("position")
        rows = list(valid.select_for_update(of=("self",), no_key=True)[:BATCH])
        if not rows:
            return False
        one_number.hold_many(batch.dropshipper_id, (plain_number(row.number) for row in rows))
        known = checking.known_for(batch, rows)
        checking.check(rows, known)
        good = [row for row in rows if row.state in VALID]
        ids = bulk.numbers(len(good)) if good else []
        datas = {pk: checking.order_data(row, known) for pk, row in zip(ids, good, strict=True)}
        methods = {pk: row.method for pk, row in zip(ids, good, strict=True) if row.method}
        if datas:
            bulk.create_many(datas, dropshipper_id=batch.dropshipper_id, methods=methods, by=batch.by_id)
        for pk, row in zip(ids, good, strict=True):
            row.state, row.order_id = _R.CREATED, pk
            row.data, row.read, row.issues = {}, [], []  # the order holds what the customer said
        ImportRow.objects.bulk_update(rows, [*_FIGURES, "data", "read"])
    return True


def _take_back(batch: Import, lease: Lease) -> None:
    """All or nothing: while one of its orders is with us, none is cancelled."""
    try:
        with transaction.atomic():
            made = batch.rows.filter(state=_R.CREATED, order__isnull=False).values_list("order_id", flat=True)
            orders = list(Order.objects.filter(pk__in=list(made)).select_for_update(no_key=True).order_by("pk"))
            for order in orders:
                if not order.is_open and (order.state != Order.State.CANCELLED or order.shipment_id):
                    raise ImportSent(number=order.number)
            for order in orders:
                if order.is_open:
                    parcels.cancel(order.pk, by=batch.by_id)
            batch.rows.filter(state=_R.CREATED).update(state=_R.REMOVED)
            batch.rows.exclude(state__in=[_R.REMOVED, _R.LEFT]).update(data={}, read=[])
    except DomainError as error:
        lease.release(state=_S.DONE, trouble=error.code, trouble_params=error.stored_params())
        return
    lease.release(state=_S.UNDONE, finished_at=Now(), trouble="")
