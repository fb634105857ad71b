"""What beat does for the project itself."""

from __future__ import annotations

from importlib import import_module

from celery import shared_task
from django.conf import settings

from mci import heartbeat as beats


@shared_task
def heartbeat(queue: str) -> None:
    """Sent into each queue: whoever obeys it shows that the queue has a worker."""
    beats.note(queue)


@shared_task(lane="house", nightly=True)
def clear_sessions() -> None:
    """Sessions that ran out: each is a row, and nobody signs out."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
