"""Child processes that are surely stopped: by us, by the kernel when we are killed, or by the next start."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from mci.local.errors import CannotStart
from mci.local.places import Place

PR_SET_PDEATHSIG = 1
PROGRESS = "… "  # before a line of a step's output that says what it is doing now
MOST_DEATHS = 5  # of one child in a minute, after which it is not started again
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(sign: int) -> Callable[[], None] | None:
    """For Popen's preexec_fn: on Linux the child gets `sign` when we die, however we die."""
    libc = _libc
    if libc is None:
        return None

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, sign)

    return ask


def tail(path: Path, lines: int = 25) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


@dataclass
class Child:
    """A started process, leader of its own session, so that a Ctrl-C at the terminal reaches it only through us."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    stop_signal: int = signal.SIGTERM
    patience: float = 10.0
    again: Callable[[], subprocess.Popen[bytes]] | None = None
    deaths: list[float] = field(default_factory=list)

    def restart(self) -> bool:
        """Of a dead child: starts it anew; False when it has died too often in the last minute."""
        now = time.monotonic()
        self.deaths = [*(moment for moment in self.deaths if now - moment < 60), now]
        if self.again is None or len(self.deaths) > MOST_DEATHS:
            return False
        kill_group(self.popen.pid)
        self.popen = self.again()
        return True

    def dead(self) -> bool:
        return self.popen.poll() is not None

    def obituary(self) -> str:
        return f"{self.name} ended with code {self.popen.returncode}. The end of {self.log}:\n{tail(self.log)}"

    def stop(self) -> None:
        if not self.dead():
            self.popen.send_signal(self.stop_signal)
            try:
                self.popen.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        kill_group(self.popen.pid)


def kill_group(leader: int) -> None:
    """What a stopped leader may have left behind in its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def start(
    place: Place,
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str,
    stop_signal: int = signal.SIGTERM,
    patience: float = 10.0,
    user: tuple[int, int] | None = None,
) -> Child:
    """Start `command` with its output in `var/log/<name>.log`, and note it for the next start to find.

    `user` (uid, gid) runs it as somebody else, which only root can.
    """
    log = place.log / f"{name}.log"
    identity: dict[str, Any] = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}

    def spawn() -> subprocess.Popen[bytes]:
        with open(log, "ab") as out:
            popen = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(stop_signal),  # we start from the main thread only
                **identity,
            )
        try:
            born = psutil.Process(popen.pid).create_time()
        except psutil.NoSuchProcess:
            born = 0.0
        place.note(children=[*place.state().get("children", []), {"name": name, "pid": popen.pid, "born": born}])
        return popen

    return Child(name, spawn(), log, stop_signal, patience, again=spawn)


def run_step(
    place: Place,
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str,
    say: Callable[[str], object] = lambda words: None,
) -> str:
    """Run `command` to its end; its standard output. `say` hears at once each line of it that begins with PROGRESS,
    which is then left out. Raises CannotStart with the end of its log when it fails."""
    log, told = place.log / f"{name}.log", list[str]()
    with (
        open(log, "wb") as err,
        subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=err,
            start_new_session=True,  # a Ctrl-C reaches it through us
            preexec_fn=dies_with_parent(signal.SIGTERM),
        ) as popen,
    ):
        assert popen.stdout is not None
        try:
            for raw in popen.stdout:
                line = raw.decode(errors="replace")
                if line.startswith(PROGRESS):
                    say(line.removeprefix(PROGRESS).rstrip())
                else:
                    told.append(line)
        except BaseException:
            popen.terminate()
            raise
    if popen.returncode:
        raise CannotStart(
            f"The step “{name}” failed with code {popen.returncode}. The end of {log}:\n{tail(log)}\n"
            "Mend it and start again; if the data of this checkout is of no use, `make reset` forgets it."
        )
    return "".join(told)


def end_leftovers(place: Place) -> None:
    """End what a run of this place that was killed has left running: the same pid *and* the same time of birth."""
    left: list[psutil.Process] = []
    for child in place.state().get("children", []):
        try:
            process = psutil.Process(int(child["pid"]))
            if abs(process.create_time() - float(child["born"])) < 0.05:
                process.send_signal(signal.SIGINT if child["name"] == "postgres" else signal.SIGTERM)
                left.append(process)
        except (psutil.Error, KeyError, TypeError, ValueError):
            continue
    _gone, alive = psutil.wait_procs(left, timeout=15)
    for process in alive:
        try:
            process.kill()
            process.wait(5)
        except psutil.Error:
            continue
    for process in left:
        kill_group(process.pid)
    place.note(children=[])


def wait_until(condition: Callable[[], bool], *, child: Child, seconds: float, what: str) -> None:
    """Raises CannotStart when `child` dies first or the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        if child.dead():
            raise CannotStart(child.obituary())
        if time.monotonic() > end:
            raise CannotStart(
                f"{what} did not answer within {seconds:.0f} s. The end of {child.log}:\n{tail(child.log)}"
            )
        time.sleep(0.05)
