"""PostgreSQL and Redis for one local instance: those the environment names, else the embedded ones."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mci.local import postgres, redis
from mci.local.places import ROOT, Busy, Place
from mci.local.processes import Child, end_leftovers


@contextmanager
def servers(place: Place, **options: str) -> Iterator[tuple[dict[str, str], list[Child]]]:
    """Claims `place`, starts what the environment does not name, stops it at the end. `options` are PostgreSQL's.

    Yields the addresses for the environment (the application's and the owner's way to PostgreSQL, Redis), and the
    children to watch. Raises CannotStart.
    """
    place.claim()
    try:
        end_leftovers(place)
        place.drop_socket_dir()
        place.note(pid=os.getpid())
        with ExitStack() as stack:
            if place.memory:
                shutil.rmtree(place.memory, ignore_errors=True)
                place.memory.mkdir(mode=0o755)
                stack.callback(shutil.rmtree, place.memory, ignore_errors=True)
            names = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL")
            addresses = {name: os.environ[name] for name in names if os.environ.get(name)}
            children: list[Child] = []
            if not {"DATABASE_URL", "REDIS_URL"} <= set(addresses):
                home = None if "DATABASE_URL" in addresses else postgres.home(place)
                socket_dir = place.socket_dir(owner=home.user if home else None)
                stack.callback(place.drop_socket_dir)
                if home:
                    children.append(postgres.start_postgres(place, home, socket_dir, **options))
                    stack.callback(children[-1].stop)
                    addresses["DATABASE_URL"] = postgres.url(socket_dir, "mci", user=postgres.APPLICATION)
                    addresses["OWNER_DATABASE_URL"] = postgres.url(socket_dir, "mci")
                if "REDIS_URL" not in addresses:
                    children.append(redis.start_redis(place, socket_dir))
                    stack.callback(children[-1].stop)
                    addresses["REDIS_URL"] = redis.url(socket_dir)
            yield addresses, children
    finally:
        place.free()


def _memory(number: int) -> Path | None:
    """A folder for the data in memory; None where the system has none with room."""
    shm = Path("/dev/shm")  # noqa: S108 - the folder is new and only ours to write
    if not (shm.is_mount() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 4 * 2**30):
        return None
    return shm / f"mci-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}-{number}"


@contextmanager
def servers_for_tests(*, in_memory: bool = False) -> Iterator[dict[str, str]]:
    """Servers of a test run's own, which may go on beside `make run` and beside other test runs. `in_memory`: the data
    are, where there is room, so that a commit, which is as whole as ever, waits for no disk."""
    for number in range(1, 17):
        stack = ExitStack()
        try:
            # Autovacuum comes in the middle of a test and notes that a table is empty: its next thousand rows are then
            # looked through for each row of another.
            place = Place(ROOT / "var" / "test" / str(number), memory=_memory(number) if in_memory else None)
            addresses, _children = stack.enter_context(servers(place, autovacuum="off"))
        except Busy:
            continue
        with stack:
            yield addresses
        return
    raise Busy("Sixteen test runs are going on in this checkout. Wait for one to end.")
