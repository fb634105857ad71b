"""The Celery application. Tasks are nudges: they carry no data and may run twice or never (docs/architecture.md)."""

from __future__ import annotations

import json
import logging
import os
import time
from typing import Any

from celery import Celery, Task
from celery.utils.saferepr import saferepr
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mci.settings")
logger = logging.getLogger(__name__)

QUIET_SECONDS = 10.0
FULL = 50  # messages that may wait in one queue: with no worker beat would fill Redis


class Nudge(Task):
    """A task whose sending never fails and hardly ever waits, of which one at a time waits in its queue.

    Redis may be down or frozen: then the first sender of a process waits at most `socket_timeout` (1 s), the others of
    the next ten seconds do not even try. Nothing is lost, because what must happen is a row that the next sweep finds.
    The message that waits already will do for this nudge too: it looks when it is read, not when it was sent.

    A sweep (a task that was not given anything) works in one of `seats` seats, which are rows in PostgreSQL
    (mci/operation/sweeps.py): what many workers may do at once claims its rows itself and has some, the others have
    one. A seat is held for `lease_s` at most when its worker is killed. `nightly`: once a night, whenever it is nudged.
    `lane`: the queue, of settings.CELERY_TASK_QUEUES.
    """

    lane = "house"
    seats = 1
    lease_s = 300
    nightly = False

    _quiet_until = 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from mci.operation import heartbeat, sweeps  # Django is set up by now

        if args or kwargs:
            return super().__call__(*args, **kwargs)
        with sweeps.seat(self.name, seats=self.seats, lease_s=self.lease_s, nightly=self.nightly) as mine:
            if not mine:
                return None
            heartbeat.note_often(self.lane)
            done = super().__call__()
        heartbeat.note_often(self.lane)
        return done

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        producer = options.pop("producer", None)
        beat = producer is not None  # which reports its own failures
        if not beat and time.monotonic() < Nudge._quiet_until:
            return None
        try:
            with self.app.producer_or_acquire(producer) as mine:
                if self._will_come(mine, options.get("queue") or self.lane, args):
                    return None
                return super().apply_async(args, kwargs, producer=mine, **options)
        except (OperationalError, OSError) as error:
            if beat:
                raise
            Nudge._quiet_until = time.monotonic() + QUIET_SECONDS
            logger.warning("%s was not sent, a sweep will do its work: %s", self.name, error)
            return None

    def _will_come(self, producer: Any, queue: str, args: Any) -> bool:
        """Is the same already waiting in the queue, or is that full? Asked of Redis, which may be emptied meanwhile."""
        channel = producer.channel
        try:
            waiting = channel.client.lrange(queue, 0, FULL - 1)
        except channel.connection_errors as error:
            raise OperationalError(str(error)) from error
        same = (self.name, saferepr(args or ()))
        return len(waiting) >= FULL or any(_what(message) == same for message in waiting)


def _what(message: bytes) -> tuple[str, str]:
    try:
        headers = json.loads(message)["headers"]
        return headers["task"], headers["argsrepr"]
    except (ValueError, KeyError, TypeError):  # not one of ours
        return "", ""


def by_lane(name: str, args: Any, kwargs: Any, options: Any, task: Any = None, **more: Any) -> dict[str, str]:
    """settings.CELERY_TASK_ROUTES."""
    return {"queue": getattr(task, "lane", "house")}


app = Celery("mci", task_cls=Nudge)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
