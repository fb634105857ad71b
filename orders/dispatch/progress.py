"""How far a Sincronizza run is, for the panel that every list shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Dropshipper
from core.money import ZERO
from orders.dispatch import figures
from orders.dispatch.runs import BATCH
from orders.errors import FiguresChanged
from orders.models import DispatchItem, DispatchRun
from wallet.queries import balances

SHOWN_WRONG = 50
SHOWN_SENT = 8
SHOWN_NEXT = 8
_FAST, _SLOW = "1500ms", "3s"


def access_run(dropshipper: Dropshipper, key: uuid.UUID) -> DispatchRun:
    """The dropshipper's own run; a stranger's is a 404."""
    return get_object_or_404(DispatchRun.objects.select_related("by"), key=key, dropshipper=dropshipper)


# What a dispatched order took from the wallet: its cost, or for COD the guarantee and a negative margin. EUR.
_EUR = DecimalField(max_digits=14, decimal_places=2)
_TAKEN = Case(
    When(
        order__state="cancelled", then=Value(ZERO, output_field=_EUR)
    ),  # it was given back (orders/fulfilment/standing.py)
    When(
        order__payment="cod",
        then=F("order__guarantee")
        + Greatest(F("order__cost") - F("order__to_collect"), Value(ZERO), output_field=_EUR),
    ),
    default=F("order__cost"),
    output_field=_EUR,
)


_COD = Q(order__payment="cod") & ~Q(order__state="cancelled")
_OPEN = Q(order__state__in=["draft", "received", "ready"])  # neither sent nor cancelled by anything since


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `charged`: taken from the wallet so far; `collect`: what couriers will collect (EUR);
    `to_retry`: what it did not send and what still waits."""

    total: int
    dispatched: int
    already: int
    refused: int
    stopped: int
    to_retry: int
    charged: Decimal
    collect: Decimal

    @property
    def done(self) -> int:
        return self.dispatched + self.already + self.refused + self.stopped

    @property
    def sent(self) -> int:
        return self.dispatched + self.already

    @property
    def left(self) -> int:
        return max(0, self.total - self.done)


def progress(run: DispatchRun) -> Progress:
    sent = Q(result="dispatched")
    sums = run.items.aggregate(
        dispatched=Count("pk", filter=sent),
        already=Count("pk", filter=Q(result="already")),
        refused=Count("pk", filter=Q(result="refused")),
        stopped=Count("pk", filter=Q(result="stopped")),
        to_retry=Count("pk", filter=Q(result__in=["refused", "stopped"]) & _OPEN),
        charged=Coalesce(Sum(_TAKEN, filter=sent), ZERO, output_field=_EUR),
        collect=Coalesce(Sum("order__to_collect", filter=sent & _COD), ZERO, output_field=_EUR),
    )
    return Progress(total=run.total, **sums)


def items(run: DispatchRun, *results: str) -> QuerySet[DispatchItem]:
    """The items of a run with those results (or all), each with its order and `taken`: what left the wallet (EUR)."""
    found = run.items.select_related("order__shipment", "order__method__courier").annotate(taken=_TAKEN)
    return found.filter(result__in=results) if results else found


def active_run(dropshipper: Dropshipper, source: str) -> DispatchRun | None:
    """The run that is under way for a source's list ("": any list), or None."""
    runs = DispatchRun.objects.filter(dropshipper=dropshipper, state__in=["queued", "running"])
    return (runs.filter(source=source) if source else runs).order_by("-pk").first()


def in_hand(run: DispatchRun, item: DispatchItem, first: int) -> str:
    """Where an item that has no result yet is: `running` in the batch that a worker has in hand, whose first position
    is `first`, or `waiting`."""
    return "running" if run.state == "running" and item.position < first + BATCH else "waiting"


def under_way(run: DispatchRun | None, order_ids: Iterable[int]) -> dict[int, str]:
    """Of these orders those that a run has still to send, by id: running or waiting. 2 queries while there is a run."""
    if run is None or run.is_over:
        return {}
    left = run.items.filter(result=DispatchItem.Result.WAITING)
    first = left.aggregate(first=Min("position"))["first"] or 0
    return {item.order_id: in_hand(run, item, first) for item in left.filter(order_id__in=list(order_ids))}


def _changed(run: DispatchRun) -> list[tuple[int, str]]:
    """The orders that were left out because their figures changed and still wait, and the figures of then."""
    rows = items(run, "refused").filter(_OPEN, code__in=[kind.code for kind in FiguresChanged.__subclasses__()])
    return [(pk, str(found)) for pk, found in rows.order_by("position").values_list("order_id", "params__figures")]


def _next(run: DispatchRun) -> list[DispatchItem]:
    """The first of those that have no result yet."""
    found = list(items(run, "waiting").order_by("position")[:SHOWN_NEXT])
    for item in found:
        item.at = in_hand(run, item, found[0].position)  # type: ignore[attr-defined]
    return found


def panel(run: DispatchRun) -> dict[str, Any]:
    """The context of orders/_run_panel.html: at most 6 queries whatever the run's size. Polled until it is over."""
    done = run.is_over
    age = timezone.now() - run.created_at
    shown = list(items(run, "refused").order_by("position")[:SHOWN_WRONG])
    shown += _next(run) if not done else list(items(run, "stopped").order_by("position")[:SHOWN_SENT])
    shown += list(items(run, "dispatched", "already").order_by("-done_at", "-position")[:SHOWN_SENT])
    changed = _changed(run) if done else []
    return {
        "run": run,
        "changed": len(changed),
        "changed_orders": ",".join(str(pk) for pk, _figures in changed),
        "changed_seen": figures.carried(changed),
        "key": uuid.uuid4(),
        "progress": progress(run),
        "items": shown,
        "is_over": done,
        "poll": "" if done else _FAST if age < dt.timedelta(seconds=30) else _SLOW,
        "balance": balances(run.dropshipper_id).available,
        "took": run.finished_at - run.created_at if run.finished_at else None,
    }
