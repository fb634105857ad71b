"""What beat does for the project itself."""

from celery import shared_task

from mci.heartbeat import record


@shared_task
def heartbeat() -> None:
    record()
