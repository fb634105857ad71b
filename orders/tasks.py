"""Nudges: no data, may run twice or never. The work waits in rows (DispatchRun, PrintRun, Import)."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task

from orders.dispatch import runs
from orders.imports import work as imports
from orders.warehouse import print_runs

log = logging.getLogger(__name__)


@shared_task(lane="money", seats=16, lease_s=60)
def run_dispatches() -> int:
    return runs.advance_due()


@shared_task(lane="house", seats=2, lease_s=60)
def run_prints() -> int:
    return print_runs.advance_due()


@shared_task(lane="house", seats=2, lease_s=60)
def run_imports() -> int:
    return imports.advance_due()


def nudge() -> None:
    """Wakes a worker now; without Redis the sweep finds the run a few seconds later."""
    _wake(run_dispatches)


def nudge_prints() -> None:
    """As `nudge`, for what is to be printed."""
    _wake(run_prints)


def nudge_imports() -> None:
    """As `nudge`, for files of orders."""
    _wake(run_imports)


def _wake(task: Any) -> None:
    try:
        task.apply_async(retry=False)
    except Exception:
        log.warning("Redis does not answer: the sweep will find the run")
