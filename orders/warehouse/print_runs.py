"""Papers of many parcels as one file: booked by a click, made by a worker, shown with its progress.

Parcels are looked at in batches (locked, DDT numbered, noted), each batch once, whoever's worker does it; then the file
is drawn of all that could be printed."""

from __future__ import annotations

import datetime as dt
import io
import logging
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.shortcuts import get_object_or_404

from core import busy, leases
from core.errors import DomainError
from core.leases import Lease
from orders.errors import NothingChosen
from orders.models import Order, PrintItem, PrintRun
from orders.queries import BULK_LIMIT
from orders.warehouse import facts
from orders.warehouse.papers import Paper, note, paper, prepare

log = logging.getLogger(__name__)

BATCH = 50
_WORK = leases.Work(PrintRun, dt.timedelta(seconds=120))
_R = PrintItem.Result


@busy.repeatable
def start(order_ids: Iterable[int], code: str, *, key: uuid.UUID, by: int, first_label: int = 1) -> PrintRun:
    """Books the paper `code` for these orders, in their order; `advance` makes it. The same `key` is the same click.
    Raises NothingChosen, NoSuchPaper."""
    paper(code)
    known = PrintRun.objects.defer("file").filter(key=key, by_id=by).first()
    if known:
        return known
    wanted = list(dict.fromkeys(order_ids))[:BULK_LIMIT]
    there = set(Order.objects.filter(pk__in=wanted, shipment__isnull=False).values_list("pk", flat=True))
    ids = [pk for pk in wanted if pk in there]
    if not ids:
        raise NothingChosen
    try:
        with transaction.atomic():
            run = PrintRun.objects.create(key=key, by_id=by, paper=code, start=first_label, total=len(ids))
            PrintItem.objects.bulk_create(
                [PrintItem(run=run, order_id=pk, position=position) for position, pk in enumerate(ids)]
            )
    except IntegrityError:
        twin = PrintRun.objects.defer("file").filter(key=key, by_id=by).first()
        if twin is None:  # a key that somebody else's click had
            raise NothingChosen from None
        return twin
    return run


def access_run(key: uuid.UUID) -> PrintRun:
    """For staff pages alone; without its file."""
    return get_object_or_404(PrintRun.objects.defer("file").select_related("by"), key=key)


def advance_due(*, budget_s: float = 40.0) -> int:
    """Takes up what waits: new runs and those whose worker died. How many runs it worked on."""
    until = time.monotonic() + budget_s
    due = PrintRun.objects.filter(_WORK.free(), state__in=["queued", "running"]).order_by("pk")
    worked = 0
    for pk in list(due.values_list("pk", flat=True)[:20]):
        if time.monotonic() >= until:
            break
        try:
            advance(pk)
        except Exception as error:  # its lease was given back: it comes again in a moment, the others go on
            if not busy.is_passing(error):
                log.exception("Print run %s failed.", pk)
            continue
        worked += 1
    return worked


def advance(run_id: int) -> None:
    """Makes a run, if nobody else is at it."""
    free = PrintRun.objects.filter(pk=run_id, state__in=["queued", "running"])
    lease = _WORK.claim(free, state=PrintRun.State.RUNNING)
    if lease is None:
        return
    with leases.held(lease):
        run = PrintRun.objects.defer("file").get(pk=run_id)
        wanted = paper(run.paper)
        while _batch(run, wanted):
            if not lease.renew():
                return
        _finish(run, wanted, lease)


def _batch(run: PrintRun, wanted: Paper) -> bool:
    """Looks at the next parcels; whether there were any."""
    with transaction.atomic():
        ids = list(run.items.filter(result=_R.WAITING).order_by("position").values_list("order_id", flat=True)[:BATCH])
        if not ids:
            return False
        looked = prepare(ids, wanted, by=run.by_id)
        # Locked by their orders now: what another worker did meanwhile is not done again.
        items = list(run.items.filter(order_id__in=ids, result=_R.WAITING))
        for item in items:
            found = looked[item.order_id]
            if isinstance(found, DomainError):
                item.result, item.code, item.params = _R.REFUSED, found.code, found.params
            else:
                item.result = _R.PRINTED
        PrintItem.objects.bulk_update(items, ["result", "code", "params"])
        done = [looked[item.order_id] for item in items if item.result == _R.PRINTED]
        note([order for order in done if isinstance(order, Order)], wanted, by=run.by_id)
        return True


def _finish(run: PrintRun, wanted: Paper, lease: Lease) -> None:
    ids = list(run.items.filter(result=_R.PRINTED).order_by("position").values_list("order_id", flat=True))
    out = io.BytesIO()
    if ids:
        wanted.write(_papers(ids, wanted), out, run.start)
    lease.release(state=PrintRun.State.DONE, finished_at=Now(), file=out.getvalue() or None)


def _papers(ids: list[int], wanted: Paper) -> Iterator[Any]:
    """One after the other, a batch of orders read at a time. What cannot be printed any more (it was cancelled this
    moment) is left out."""
    for place in range(0, len(ids), BATCH):
        some = ids[place : place + BATCH]
        loaded = facts.load(some)
        for pk in some:
            try:
                yield from wanted.of(loaded[pk])
            except DomainError:
                log.info("Order %s was not printed: it changed this moment.", pk)


@dataclass(frozen=True, slots=True)
class Progress:
    total: int
    printed: int
    refused: list[tuple[Order, str]]

    @property
    def done(self) -> int:
        return self.printed + len(self.refused)


def progress(run: PrintRun) -> Progress:
    """How far a run is, and why which parcels were left out, in the reader's language; 2 queries."""
    printed = run.items.filter(result=_R.PRINTED).count()
    refused = run.items.filter(result=_R.REFUSED).select_related("order").order_by("position")
    return Progress(
        run.total, printed, [(item.order, DomainError.sentence(item.code, item.params)) for item in refused]
    )
