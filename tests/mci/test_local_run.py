"""The embedded servers and `make run`'s care of its children, in a folder of its own with a deep path."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg2
import pytest

from mci.local import run
from mci.local.errors import CannotStart
from mci.local.places import Busy, Place
from mci.local.processes import start
from mci.local.servers import servers
from mci.operation import heartbeat

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from mci.local.places import Place
from mci.local.servers import servers
with servers(Place(Path(sys.argv[1]))) as (addresses, children):
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    place = Place(tmp_path / ("a-folder-with-quite-a-long-name-" * 4) / "var")
    assert len(str(place.var)) > 108
    yield place
    shutil.rmtree(place.outside_data, ignore_errors=True)
    with suppress(OSError):  # another place's data may be in there
        place.outside.rmdir()


def pids(place: Place) -> dict[str, int]:
    return {child["name"]: child["pid"] for child in json.loads(place.state_file.read_text())["children"]}


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def wait_dead(numbers, seconds: float = 15) -> list[int]:
    end = time.monotonic() + seconds
    while (left := [pid for pid in numbers if alive(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def test_servers_start_below_a_deep_path_keep_their_data_and_leave_nothing_running(place):
    with servers(place) as (addresses, children):
        connection = psycopg2.connect(addresses["OWNER_DATABASE_URL"])
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 1")
            cursor.execute("SELECT current_setting('fsync'), current_setting('server_encoding')")
            assert cursor.fetchone() == ("on", "UTF8")
        connection.close()
        folder = Path(place.state()["socket_dir"])
        assert folder.stat().st_mode & 0o077 == 0, "only we may enter the sockets' folder"
        numbers = [child.popen.pid for child in children]
    assert wait_dead(numbers) == []
    assert not folder.exists()
    with servers(place) as (addresses, _children):
        connection = psycopg2.connect(addresses["OWNER_DATABASE_URL"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kept")
            assert cursor.fetchone() == (1,)
        connection.close()


def test_a_second_run_in_the_same_place_is_told_so(place):
    place.claim()
    with pytest.raises(Busy):
        Place(place.var).claim()
    assert Place(place.var).held()
    place.free()
    assert not Place(place.var).held()


def test_what_a_killed_run_left_is_ended_by_the_next_start(place):
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place.var)],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == b"up\n"
    left = pids(place)
    assert set(left) == {"postgres", "redis"}
    first.send_signal(signal.SIGKILL)
    first.wait()
    with servers(place) as (addresses, _children):
        assert wait_dead(left.values()) == []
        psycopg2.connect(addresses["DATABASE_URL"]).close()


def test_a_pid_that_now_is_somebody_elses_is_left_alone(place):
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        place.run.mkdir(parents=True)
        place.note(children=[{"name": "redis", "pid": bystander.pid, "born": 1.0}])
        with servers(place):
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_addresses_of_the_environment_are_used_and_nothing_is_embedded(place, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/mci")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    monkeypatch.delenv("OWNER_DATABASE_URL", raising=False)
    with servers(place) as (addresses, children):
        assert addresses == {"DATABASE_URL": "postgresql://elsewhere/mci", "REDIS_URL": "redis://elsewhere/0"}
        assert children == []
    assert not (place.var / "pg").exists()


def test_a_taken_port_is_named_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"{port}.*the portal.*PORT="):
            run._check_port(port, "the portal")


def test_a_child_that_dies_is_named_with_the_end_of_its_log(place):
    place.claim()
    child = start(
        place, "worker", [sys.executable, "-c", "print('last words'); exit(3)"], env=dict(os.environ), cwd=place.var
    )
    child.popen.wait()
    with pytest.raises(CannotStart, match=r"(?s)worker ended with code 3.*last words"):
        run._watch([child])
    place.free()


def test_stopping_takes_the_children_of_children_too(place):
    place.claim()
    family = (
        "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"
    )
    child = start(place, "web", [sys.executable, "-c", family], env=dict(os.environ), cwd=place.var)
    end = time.monotonic() + 10
    while not child.log.read_text().strip() and time.monotonic() < end:
        time.sleep(0.05)
    grandchild = int(child.log.read_text())
    child.stop()
    assert wait_dead([child.popen.pid, grandchild]) == []
    place.free()


def test_reset_forgets_the_data_and_refuses_while_running(place, monkeypatch):
    monkeypatch.setattr(run, "ROOT", place.var.parent)
    with servers(place):
        with pytest.raises(Busy):
            run.reset()
        assert (place.var / "redis").exists()
    (place.var / "media").mkdir()
    (place.var / "test").mkdir()
    run.reset()
    assert sorted(path.name for path in place.var.iterdir()) == ["run", "test"]
    assert not place.outside_data.exists()


def test_every_target_of_make_says_what_it_does():
    targets = [
        line.split(":")[0]
        for line in (ROOT / "Makefile").read_text().splitlines()
        if line[:1].isalpha() and ":" in line and "/" not in line.split(":")[0]  # a file is no command
    ]
    done = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    shown = {line.split()[1] for line in done.stdout.splitlines()}
    wanted = {t for t in targets if t.islower() and "=" not in t and " " not in t}
    assert wanted <= shown
    assert {"run", "test", "lint", "bench", "reset", "shell", "demo-order"} <= shown


def test_what_ci_runs_is_executable_and_ends_with_the_tests():
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert script.read_text().rstrip().splitlines()[-1].startswith("make --no-print-directory test")


def test_a_dead_child_is_started_again_and_said_so(place, capsys):
    place.claim()
    child = start(place, "worker-shops", ["sleep", "60"], env=dict(os.environ), cwd=place.var)
    try:
        dead = child.popen.pid
        child.popen.kill()
        child.popen.wait()
        run._keep([child])
        assert not child.dead()
        assert child.popen.pid != dead
        assert "worker-shops died and was started again (1)" in capsys.readouterr().out
        assert pids(place)["worker-shops"] == child.popen.pid, "the next start finds it"
    finally:
        child.stop()
    assert wait_dead([child.popen.pid]) == []
    place.free()


def test_what_dies_again_and_again_ends_all_with_its_last_words(place, capsys):
    place.claim()
    child = start(
        place, "beat", [sys.executable, "-c", "print('last words'); exit(3)"], env=dict(os.environ), cwd=place.var
    )
    for _death in range(5):
        child.popen.wait()
        run._keep([child])
    child.popen.wait()
    with pytest.raises(CannotStart, match=r"(?s)beat ended with code 3.*last words"):
        run._keep([child])
    assert capsys.readouterr().out.count("started again") == 5
    place.free()


def test_money_and_intake_have_processes_of_their_own_and_no_queue_is_without(place):
    commands = run._commands(place)
    queues = {name: command[command.index("-Q") + 1] for name, command in commands.items() if "-Q" in command}
    assert queues == {"worker-money": "money", "worker-intake": "intake", "worker-shops": "shops,house"}
    assert sorted(",".join(queues.values()).split(",")) == sorted(heartbeat.QUEUES)
