"""What beat does for the project itself."""

from __future__ import annotations

from celery import shared_task

from mci import heartbeat as beats
from mci import retention


@shared_task
def heartbeat(queue: str) -> None:
    """Sent into each queue: whoever obeys it shows that the queue has a worker."""
    beats.note(queue)


@shared_task(lane="house", nightly=True)
def sweep_old() -> None:
    """Deletes what is kept no longer (mci/retention.py): sessions that ran out, logs, answers to clicks."""
    retention.sweep()
