"""Real processes on the live test database: a granian web server, a Celery worker with its beat.

They see only committed rows: tests that use them are transactional.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from mci.local import web
from mci.local.processes import dies_with_parent, kill_group, tail

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def live_environment(**more: str) -> dict[str, str]:
    """The environment in which another process works on this test's database and Redis: signed in as the application,
    with the owner's login for migrations."""
    config = connection.settings_dict
    host = config["HOST"] or config["OPTIONS"].get("host", "")
    owner = config["USER"] or config["OPTIONS"].get("user", "")
    place = quote(host, safe="") + (f":{config['PORT']}" if config["PORT"] else "")

    def url(user: str) -> str:
        login = quote(user, safe="") + (f":{quote(config['PASSWORD'], safe='')}" if config["PASSWORD"] else "")
        return f"postgresql://{login}@{place}/{config['NAME']}"

    return {
        **os.environ,
        "MCI_ENV": "test",
        "DJANGO_SETTINGS_MODULE": "mci.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": url(settings.APPLICATION_ROLE.name),
        "OWNER_DATABASE_URL": url(owner),
        "REDIS_URL": settings.REDIS_URL,
        **more,
    }


@contextmanager
def process(
    command: list[str], *, env: dict[str, str], ready: Callable[[Path], bool], seconds: float = 30
) -> Iterator[subprocess.Popen[bytes]]:
    """`command` running, from when `ready(its log)` says so; stopped with its whole session at the end."""
    with tempfile.TemporaryDirectory(prefix="mci-") as folder:
        log = Path(folder) / "log"
        with open(log, "wb") as out:
            popen = subprocess.Popen(
                command,
                env=env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        try:
            end = time.monotonic() + seconds
            while not ready(log):
                assert popen.poll() is None, f"{command} ended with {popen.returncode}:\n{tail(log, 60)}"
                assert time.monotonic() < end, f"{command} was not ready within {seconds} s:\n{tail(log, 60)}"
                time.sleep(0.05)
            yield popen
        finally:
            if popen.poll() is None:
                popen.terminate()
                try:
                    popen.wait(10)
                except subprocess.TimeoutExpired:
                    popen.kill()
                    popen.wait()
            kill_group(popen.pid)


@contextmanager
def web_server(port: int, *, workers: int = 1, threads: int = 64, **more: str) -> Iterator[str]:
    """granian on the test database, as production runs it; its address."""
    url = f"http://localhost:{port}"
    env = live_environment(PORT=str(port), SITE_URL=url, **{**web.environment("127.0.0.1", port), **more})
    env |= {"GRANIAN_WORKERS": str(workers), "GRANIAN_BLOCKING_THREADS": str(threads)}

    def answers(_log: Path) -> bool:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    with process(web.COMMAND, env=env, ready=answers):
        yield url


def _worker(folder: str) -> list[str]:
    """A worker with two processes and an embedded beat, obeying the real schedule."""
    words = ["-A", "mci", "worker", "--beat", "--pool", "prefork", "--concurrency", "2", "--loglevel", "INFO"]
    return [*words, "--without-gossip", "--without-mingle", "--schedule", str(Path(folder) / "beat")]


def _works(log: Path) -> bool:
    return " ready." in tail(log, 200)


@contextmanager
def celery_worker(**more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker, asked to stop at the end: it finishes what it is doing."""
    with tempfile.TemporaryDirectory(prefix="mci-") as folder:
        command = [sys.executable, "-m", "celery", *_worker(folder)]
        with process(command, env=live_environment(**more), ready=_works) as popen:
            yield popen


@contextmanager
def celery_workers(**more: str) -> Iterator[Callable[[], AbstractContextManager[Callable[[], int]]]]:
    """For many tests: each `with work():` has a new worker, forked from a process in which all is imported already,
    and killed at the end. It is gone when the block is over, and so are its sessions in the database: what it was
    doing has ended there or was undone. What the block is given tells how many those are."""
    name = f"workers-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    env = live_environment(PGAPPNAME=name, **more)
    with tempfile.TemporaryDirectory(prefix="mci-") as folder, open(Path(folder) / "forks", "wb") as err:
        popen = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
            env=env,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=err,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        assert popen.stdin is not None
        assert popen.stdout is not None
        orders, answers = popen.stdin, popen.stdout

        def answer() -> str:
            said = answers.readline().strip()
            assert said, f"tests.forks has ended:\n{tail(Path(folder) / 'forks', 60)}"
            return said

        def order(what: dict[str, Any]) -> str:
            orders.write(f"{json.dumps(what)}\n")
            orders.flush()
            return answer()

        @contextmanager
        def work() -> Iterator[Callable[[], int]]:
            with tempfile.TemporaryDirectory(prefix="mci-") as place:
                log = Path(place) / "log"
                order({"argv": ["celery", *_worker(place)], "log": str(log)})
                try:
                    wait_for(lambda: _works(log), lambda: f"the worker is not ready:\n{tail(log, 60)}")
                    yield lambda: _sessions(name)
                finally:
                    order({})
                    wait_for(lambda: not _sessions(name), lambda: "the worker's sessions in the database do not end")

        try:
            answer()
            yield work
        finally:
            popen.stdin.close()  # which ends it, and the worker before it
            popen.wait(10)
            popen.stdout.close()
            kill_group(popen.pid)


def _sessions(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name])
        return int(cursor.fetchone()[0])


def wait_for(condition: Callable[[], object], what: Callable[[], str], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what()
        time.sleep(0.02)
