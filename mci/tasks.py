"""What beat does for the project itself."""

from __future__ import annotations

from celery import shared_task

from mci.database import retention
from mci.operation import heartbeat as beats


@shared_task
def heartbeat(queue: str) -> None:
    """Sent into each queue: whoever obeys it shows that the queue has a worker."""
    beats.note(queue)


@shared_task(lane="house", nightly=True)
def sweep_old() -> None:
    """Deletes what is kept no longer (mci/database/retention.py): sessions that ran out, logs, answers to clicks."""
    retention.sweep()
