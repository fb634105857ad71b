"""Nudges for the workers: no data, may run twice or never; the sweeps find what is to do in PostgreSQL.

`lane`: the queue; whoever may wait for a shop's answer is in "shops". `seats`: how many may work at it at once
(mci/celery.py); more than one where each worker claims its own rows."""

from __future__ import annotations

import logging

from celery import Task, shared_task

from connectors.connect import attempts
from connectors.intake import deliveries, privacy, pull, reconcile
from connectors.listings import compare, publishing
from connectors.news import sweep
from connectors.shops import asks, calls, health

log = logging.getLogger(__name__)


@shared_task(lane="intake", seats=16, lease_s=90)
def drain_deliveries() -> int:
    return deliveries.drain(budget_s=20)


@shared_task(lane="shops", seats=16, lease_s=180)
def pull_due_shops() -> int:
    return pull.pull_due(budget_s=40)


@shared_task(lane="shops", seats=16, lease_s=180)
def tell_shops() -> int:
    return sweep.tell_due(budget_s=20)


@shared_task(lane="shops", seats=4)
def compare_stock() -> int:
    return compare.compare_due(budget_s=60)


@shared_task(lane="shops", seats=4)
def prove_orders() -> int:
    return reconcile.prove_due(budget_s=60)


@shared_task(lane="house", nightly=True)
def forget_customers() -> int:
    return privacy.sweep(budget_s=120)


@shared_task(lane="shops", seats=4)
def finish_connecting() -> int:
    return attempts.advance_due(budget_s=60)


@shared_task(lane="shops", seats=4)
def do_asked() -> int:
    return asks.do_due(asks.QUICK, budget_s=60)


@shared_task(lane="shops", seats=4)
def do_asked_walks() -> int:
    done = asks.do_due(asks.WALKS, budget_s=60)
    if done:
        nudge_news()  # a comparison finds what the shop is to be told
    return done


@shared_task(lane="shops", lease_s=900)
def check_shops() -> int:
    return health.check_due()


@shared_task(lane="house")
def prune_calls() -> int:
    return calls.prune()


@shared_task(lane="shops", seats=4)
def run_publishing() -> int:
    return publishing.advance_due()


def nudge_pull() -> None:
    """Asks a worker to look now; when Redis is away, beat does so a few seconds later."""
    _nudge(pull_due_shops)


def nudge_connect() -> None:
    """As `nudge_pull`, for a shop that has answered to a connection."""
    _nudge(finish_connecting)


def nudge_asked() -> None:
    """As `nudge_pull`, for what a person asked of a shop."""
    _nudge(do_asked)


def nudge_asked_walks() -> None:
    """As `nudge_pull`, for what was asked and reads the whole shop."""
    _nudge(do_asked_walks)


def nudge_news() -> None:
    """As `nudge_pull`, for what the shops are to be told."""
    _nudge(tell_shops)


def nudge_stock() -> None:
    """As `nudge_pull`, for the comparison of a shop's products."""
    _nudge(compare_stock)


def nudge_publish() -> None:
    """As `nudge_pull`, for a run that was booked."""
    _nudge(run_publishing)


def _nudge(task: Task) -> None:
    try:
        task.apply_async(retry=False)
    except Exception as error:
        log.warning("The nudge was not sent: %s", type(error).__name__)
