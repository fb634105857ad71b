"""`python -m tests.forks`: imports all that a Celery worker needs, once, then is one in a fork of itself for each line
of its input, {"argv": […], "log": …}, and answers with that one's pid. At the next line, or at the end, it is killed;
{} asks for no other.

Only the imports are shared, of which nothing opens a connection or starts a thread: each fork is a worker that starts
as any other."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from mci.local.processes import dies_with_parent, kill_group

NEEDED = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.worker",
    "celery.concurrency.prefork",
    "kombu.transport.redis",
)


def load() -> Callable[[], object]:
    for name in NEEDED:
        import_module(name)
    from celery.__main__ import main
    from django.conf import settings

    from mci.celery import app

    app.loader.import_default_modules()  # sets Django up
    import_module(settings.ROOT_URLCONF)
    return main


def become(main: Callable[[], object], argv: list[str], log: str) -> NoReturn:
    code = 1
    try:
        os.setsid()
        if ask := dies_with_parent(signal.SIGTERM):
            ask()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        nothing, out = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for old, new in ((nothing, 0), (out, 1), (out, 2)):
            os.dup2(old, new)
        sys.argv = argv
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(code)


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def serve() -> None:
    main, running = load(), 0
    say("ready")
    try:
        while line := sys.stdin.readline():
            order = json.loads(line)
            if running:
                kill_group(running)
                with suppress(ChildProcessError):
                    os.waitpid(running, 0)
                running = 0
            if order:
                running = os.fork()
                if not running:
                    become(main, order["argv"], order["log"])
            say(running)
    finally:
        if running:
            kill_group(running)


if __name__ == "__main__":
    serve()
