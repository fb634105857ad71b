"""Celery's own beat, which also writes that it lives and what its clock says."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery.beat import PersistentScheduler
from django.db import DatabaseError, close_old_connections

from mci.operation import heartbeat

log = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    """settings.CELERY_BEAT_SCHEDULER."""

    _next_note = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._next_note:
            self._next_note = time.monotonic() + heartbeat.EVERY_S
            try:
                close_old_connections()
                heartbeat.note(heartbeat.BEAT)
            except DatabaseError as error:  # it goes on waking the workers
                log.warning("Beat could not note that it lives: %s", error)
        return min(super().tick(*args, **kwargs), heartbeat.EVERY_S)
