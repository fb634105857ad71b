"""Celery's command line in a process whose clock is ahead: `python -m tests.mci.worker_ahead SECONDS worker …`.

EXPIRES=1 gives beat's table the short expiries that it once had."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time

AHEAD = float(sys.argv.pop(1))
_now = time.time


class Ahead(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
        return dt.datetime.now(tz) + dt.timedelta(seconds=AHEAD)


def main() -> None:
    from celery.__main__ import main as celery
    from celery.worker import request
    from django.utils import timezone

    from mci.celery import app
    from mci.operation import heartbeat

    if os.environ.get("EXPIRES"):
        for entry in app.conf.beat_schedule.values():
            entry.setdefault("options", {})["expires"] = min(entry["schedule"], 2)
    request.datetime = Ahead  # what judges a task's expiry
    timezone.datetime = Ahead  # type: ignore[attr-defined]  # what our own code takes for the time
    heartbeat.time.time = lambda: _now() + AHEAD  # type: ignore[attr-defined]
    sys.argv[0] = "celery"
    celery()


if __name__ == "__main__":
    main()
