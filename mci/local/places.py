"""Where a local instance keeps its things: `var/` for `make run`, `var/test/<n>/` for a test run."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from mci.local.errors import CannotStart

ROOT = Path(__file__).resolve().parent.parent.parent
# A unix socket's path holds at most 107 bytes on Linux and 103 on macOS; PostgreSQL adds "/.s.PGSQL.5432.lock".
SOCKET_DIR_MAX = 80


def package_folder(name: str) -> Path:
    """The folder of an installed package, without importing it. Raises CannotStart when it is not installed."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(
            f"The package {name} is not installed. Install requirements-dev.txt, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).resolve().parent


class Busy(CannotStart):
    """Another process holds this place."""


@dataclass
class Place:
    """One instance's folder. `claim()` it before touching anything in it; the kernel frees it when the holder dies."""

    var: Path
    memory: Path | None = None  # PostgreSQL's data are here instead, until it stops
    _lock: IO[str] | None = field(default=None, repr=False)

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def state_file(self) -> Path:
        return self.run / "state.json"

    @property
    def env_file(self) -> Path:
        """What `manage.py` reads in development to find the servers of the running instance (mci/settings.py)."""
        return self.run / "servers.env"

    @property
    def outside(self) -> Path:
        """For root whose checkout other users cannot enter (PostgreSQL refuses to run as root): data and binaries."""
        return Path("/var/lib") / f"mci-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"

    @property
    def outside_data(self) -> Path:
        return self.outside / hashlib.sha256(str(self.var).encode()).hexdigest()[:12]

    def claim(self) -> None:
        """Raises Busy when another process has claimed this place."""
        self.run.mkdir(parents=True, exist_ok=True)
        self.log.mkdir(parents=True, exist_ok=True)
        lock = open(self.run / "lock", "a")  # noqa: SIM115 - held until free()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            state = self.state()
            raise Busy(
                f"MCI is already running in this checkout (process {state.get('pid', 'unknown')}, "
                f"{state.get('url', 'still starting')}). Stop it with Ctrl-C there, or use that one."
            ) from None
        self._lock = lock

    def held(self) -> bool:
        """Whether some process, perhaps we, has claimed this place."""
        try:
            with open(self.run / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def free(self) -> None:
        self.env_file.unlink(missing_ok=True)
        self.state_file.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def state(self) -> dict[str, Any]:
        try:
            state = json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def note(self, **facts: Any) -> None:
        """Add facts to the state file, whole or not at all."""
        new = self.state_file.with_suffix(".new")
        new.write_text(json.dumps({**self.state(), **facts}))
        new.replace(self.state_file)

    def socket_dir(self, *, owner: tuple[int, int] | None) -> Path:
        """A fresh short folder for the sockets, which only `owner` (uid, gid; default us) and root can enter."""
        for base in ("/tmp", tempfile.gettempdir()):  # noqa: S108 - mkdtemp makes it unguessable and 0700
            if os.access(base, os.W_OK | os.X_OK):
                path = Path(tempfile.mkdtemp(prefix="mci-", dir=base))
                if len(os.fsencode(path)) <= SOCKET_DIR_MAX:
                    if owner:
                        os.chown(path, *owner)
                    self.note(socket_dir=str(path))
                    return path
                path.rmdir()
        raise CannotStart(
            "There is no folder with a short path for sockets. Set TMPDIR to one of less than 60 letters."
        )

    def drop_socket_dir(self) -> None:
        """Remove the sockets' folder that the state file names (ours, or one left by a run that was killed)."""
        path = Path(self.state().get("socket_dir", "/nonexistent"))
        if path.name.startswith("mci-") and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
