"""Real processes on the live test database: a granian web server, a Celery worker with its beat.

They see only committed rows: tests that use them are transactional.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
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


@contextmanager
def celery_worker(**more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with two processes and an embedded beat, obeying the real schedule."""
    with tempfile.TemporaryDirectory(prefix="mci-") as folder:
        command = [sys.executable, "-m", "celery", "-A", "mci", "worker", "--beat", "--pool", "prefork"]
        command += ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        command += ["--schedule", str(Path(folder) / "beat")]
        with process(command, env=live_environment(**more), ready=lambda log: " ready." in tail(log, 200)) as popen:
            yield popen
