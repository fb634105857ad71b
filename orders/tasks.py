"""Nudges: no data, may run twice or never. The work waits in rows (DispatchRun)."""

from __future__ import annotations

import logging

from celery import shared_task

from orders.dispatch import runs

log = logging.getLogger(__name__)


@shared_task(lane="money", seats=16, lease_s=60)
def run_dispatches() -> int:
    return runs.advance_due()


def nudge() -> None:
    """Wakes a worker now; without Redis the sweep finds the run a few seconds later."""
    try:
        run_dispatches.apply_async(retry=False)
    except Exception:
        log.warning("Redis does not answer: the sweep will find the run")
