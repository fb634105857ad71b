"""`make run`: all of MCI on this machine until Ctrl-C. `make reset` forgets its data, `do` runs a command beside it."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from types import FrameType

import psutil

from mci.local import demo_shops, web
from mci.local.errors import CannotStart
from mci.local.places import ROOT, Busy, Place
from mci.local.processes import Child, run_step, start
from mci.local.servers import servers

READY_SECONDS = 60


class Stopping(Exception):
    """Ctrl-C or SIGTERM."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)  # stopping is not to be interrupted
    raise Stopping


def _say(text: str = "") -> None:
    print(text, flush=True)


def _step(words: str) -> None:
    _say(f"· {words}")


def _detail(words: str) -> None:
    _say(f"    {words.strip()}")


def _embedded() -> bool:
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def _refusal(port: int) -> str:
    """Why a port cannot be used; "" when it can."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _check_port(port: int, what: str) -> None:
    if why := _refusal(port):
        steps = range(demo_shops.PORTS)
        free = next((one for one in range(port + 10, 65_000, 10) if not any(_refusal(one + n) for n in steps)), 0)
        way = f"Choose another: make run PORT={free}" if free else "Choose another with PORT=…"
        raise CannotStart(
            f"Port {port}, for {what}, cannot be used: {why}{_holder(port)}. {way}, which takes"
            f" {demo_shops.PORTS} ports from there on."
        )


def _holder(port: int) -> str:
    """Who has it, where the system tells us."""
    try:
        for one in psutil.net_connections("tcp"):
            if one.laddr and one.laddr.port == port and one.status == psutil.CONN_LISTEN and one.pid:
                return f" (process {one.pid}, {psutil.Process(one.pid).name()}, has it)"
    except (psutil.Error, OSError, RuntimeError):
        pass
    return ""


def _environment(port: int, addresses: dict[str, str], place: Place) -> dict[str, str]:
    return {
        **os.environ,
        **addresses,
        **demo_shops.environment(port, place),
        **web.environment(os.environ.get("HOST", "127.0.0.1"), port),
        "GRANIAN_WORKERS_KILL_TIMEOUT": "5",  # a worker that is still starting does not hear that it should stop
        "PORT": str(port),
        "STATIC_ROOT": str(place.var / "static"),  # collected by prepare, as in production
        "DJANGO_SETTINGS_MODULE": "mci.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
    }


def _commands(place: Place) -> dict[str, list[str]]:
    celery = [sys.executable, "-m", "celery", "-A", "mci"]
    quiet = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    # One process each for what must not wait behind a shop; a laptop has no memory for more.
    alone = ["--pool", "solo", *quiet]
    return {
        "web": web.COMMAND,
        "worker-money": [*celery, "worker", "-Q", "money", "-n", "money@%h", *alone],
        "worker-intake": [*celery, "worker", "-Q", "intake", "-n", "intake@%h", *alone],
        "worker-shops": [*celery, "worker", "-Q", "shops,house", "-n", "shops@%h", "--concurrency", "2", *quiet],
        "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile=", "--schedule", str(place.run / "beat-schedule")],
    }


def _ready(port: int) -> str:
    """Empty when /readyz says yes, else what it says."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return "" if answer.status == 200 else f"HTTP {answer.status}"
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}: {error.read(500).decode(errors='replace')}"
    except OSError as error:
        return str(error)


def _wait_ready(port: int, children: list[Child]) -> None:
    end = time.monotonic() + READY_SECONDS
    while word := _ready(port):
        _watch(children)
        if time.monotonic() > end:
            raise CannotStart(
                f"The portal was not ready within {READY_SECONDS} s: {word}. See {children[-1].log.parent}."
            )
        time.sleep(0.1)


def _watch(children: list[Child]) -> None:
    for child in children:
        if child.dead():
            raise CannotStart(child.obituary())


def _keep(children: list[Child]) -> None:
    """Starts again what died, and says so; what dies again and again ends all with its last words."""
    for child in children:
        if child.dead():
            last = child.obituary()
            if not child.restart():
                raise CannotStart(last)
            _say(f"{child.name} died and was started again ({len(child.deaths)}). See {child.log}.")


def run(port: int) -> None:
    """Returns when asked to stop; raises CannotStart when something could not start or does not stay alive."""
    place, began = Place(ROOT / "var"), time.monotonic()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _stop)
    with ExitStack() as stack:
        _say("MCI on this machine. Ctrl-C stops it whenever you like.")
        _step("PostgreSQL and Redis start …" if _embedded() else "PostgreSQL and Redis are those of the environment.")
        addresses, children = stack.enter_context(servers(place))  # this also ends what a killed run left behind
        _check_port(port, "the portal")
        shops = demo_shops.demo_shops()
        for shop in shops:
            _check_port(port + shop.step, f"the demo shop ({shop.platform})")
        env = _environment(port, addresses, place)
        place.note(url=f"http://localhost:{port}")
        shown = [
            name
            for name in env
            if name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "PORT") or name.startswith("DEMO_")
        ]
        place.env_file.touch(mode=0o600)
        place.env_file.write_text("".join(f'{name}="{env[name]}"\n' for name in shown))

        def launch(name: str, command: list[str], env: dict[str, str]) -> None:
            children.append(start(place, name, command, env=env, cwd=ROOT))
            stack.callback(children[-1].stop)

        _step("The demo shops start …")
        for shop in shops:
            launch(shop.name, shop.command(env, place, port), shop.environment(env))
        logins = _prepare(place, env)
        _step("The web server, the workers and their clock start …")
        for name, command in _commands(place).items():
            launch(name, command, env)
        _wait_ready(port, children)
        _say(f"\nMCI is ready after {time.monotonic() - began:.1f} s:  http://localhost:{port}")
        for shop in shops:
            _say(f"  a demo shop on {shop.title:<12} {env[f'{shop.prefix}_URL']}  (PORT+{shop.step})")
        if logins.strip():
            _say(f"\n{logins.strip()}")
        if shops:
            _say(
                "A new reseller (Anna, or whoever signs up and is let in) connects a demo shop of his own in the"
                f" wizard:\n  http://localhost:{port}/shops/connect/"
            )
        _say(f"\nLogs are in {place.log}. Ctrl-C stops everything; the data stays (make reset forgets it).")
        while True:
            _keep(children)
            time.sleep(0.5)


def _prepare(place: Place, env: dict[str, str]) -> str:
    """Migrations and demo data; what to tell about logins."""
    _step(
        "The database is looked at …"
        if (place.var / "prepared").exists()
        else "The database and the demo are prepared, this once: about a minute …"
    )
    if not os.environ.get("DATABASE_URL"):
        env = {**env, "MCI_DEMO_MARK": str(place.var / "demo-unfinished")}
    logins = run_step(place, "prepare", [sys.executable, "-m", "mci.local.prepare"], env=env, cwd=ROOT, say=_detail)
    (place.var / "prepared").touch()
    return logins


def reset() -> None:
    """Forget the data of `make run` (not that of an external DATABASE_URL)."""
    place = Place(ROOT / "var")
    place.claim()
    try:
        for path in sorted(place.var.iterdir()) if place.var.exists() else []:
            if path.name not in ("run", "test", "install.lock"):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        shutil.rmtree(place.outside_data, ignore_errors=True)
    except PermissionError as error:
        raise CannotStart(
            f"{error.filename} belongs to another user: run make reset as that user or as root."
        ) from None
    finally:
        place.free()
    _say("Forgotten: the next `make run` begins anew.")


def do(command: list[str]) -> int:
    """Run a command with the servers of the running instance, or with servers of its own that stop when it ends."""
    place = Place(ROOT / "var")
    if place.env_file.exists() and place.held():
        lines = place.env_file.read_text().splitlines()
        env = {**os.environ, **{name: value.strip('"') for name, value in (line.split("=", 1) for line in lines)}}
        return subprocess.call(command, env=env, cwd=ROOT)
    with servers(place) as (addresses, _children):
        return subprocess.call(command, env={**os.environ, **addresses}, cwd=ROOT)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m mci.local.run", description=__doc__)
    verbs = parser.add_subparsers(dest="verb")
    verbs.add_parser("up")
    verbs.add_parser("reset")
    verbs.add_parser("do").add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        if options.verb == "reset":
            reset()
        elif options.verb == "do":
            sys.exit(do([word for word in options.command if word != "--"]))
        else:
            port = os.environ.get("PORT") or "8000"
            if not port.isdigit() or not 1 <= int(port) <= 65532:
                raise CannotStart(f"PORT must be a number between 1 and 65532, not {port!r}.")
            run(int(port))
    except Stopping:
        _say("\nStopped.")
    except KeyboardInterrupt:
        sys.exit(130)
    except Busy as busy:
        sys.exit(str(busy))
    except CannotStart as trouble:
        sys.exit(f"\nMCI could not go on. {trouble}")


if __name__ == "__main__":
    main()
