"""The Celery application. Tasks are nudges: they carry no data and may run twice or never (docs/architecture.md)."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from celery import Celery, Task
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mci.settings")
logger = logging.getLogger(__name__)

QUIET_SECONDS = 10.0


class Nudge(Task):
    """A task whose sending never fails and hardly ever waits.

    Redis may be down or frozen: then the first sender of a process waits at most `socket_timeout` (1 s), the others of
    the next ten seconds do not even try. Nothing is lost, because what must happen is a row that the next sweep finds.
    """

    _quiet_until = 0.0

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("producer") is not None:  # beat, which reports its own failures
            return super().apply_async(*args, **kwargs)
        if time.monotonic() < Nudge._quiet_until:
            return None
        try:
            return super().apply_async(*args, **kwargs)
        except (OperationalError, OSError) as error:
            Nudge._quiet_until = time.monotonic() + QUIET_SECONDS
            logger.warning("%s was not sent, a sweep will do its work: %s", self.name, error)
            return None


app = Celery("mci", task_cls=Nudge)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
