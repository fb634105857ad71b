"""The compose file is read by Docker's own plugin where there is one; no engine is needed for that."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from mci.local import web
from mci.operation import heartbeat

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
VALUES = {
    "SECRET_KEY": "x" * 50,
    "FIELD_KEYS": "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
    "ALLOWED_HOSTS": "portal.example.com",
    "SITE_URL": "https://portal.example.com",
    "POSTGRES_PASSWORD": "secret",
    "APP_POSTGRES_PASSWORD": "secret2",
    "EMAIL_URL": "smtp://mail.example.com",
    "DEFAULT_FROM_EMAIL": "mci@example.com",
}


@pytest.fixture(scope="module")
def compose() -> list[str]:
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            done = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=False)
            if done.returncode == 0 and int(done.stdout.lstrip("v").split(".")[0]) >= 2:  # 1 does not know `name`
                return command
    pytest.skip("no docker compose 2 here: the compose file was not read by it")


def config(compose: list[str], values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **values}
    with tempfile.NamedTemporaryFile(suffix=".env") as nothing:  # not the .env that may stand in the checkout
        command = [*compose, "--env-file", nothing.name, "-f", "docker-compose.yml", "config", "--quiet"]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_docker_compose_reads_the_file(compose):
    done = config(compose, VALUES)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", sorted(VALUES))
def test_docker_compose_refuses_to_start_without(compose, name):
    done = config(compose, {key: value for key, value in VALUES.items() if key != name})
    assert done.returncode != 0
    assert name in done.stderr


def test_no_name_stands_twice_in_a_block():
    """Docker's own reader refuses such a file, and is not everywhere to say so."""
    blocks: list[tuple[int, set[str]]] = []
    for line in COMPOSE.splitlines():
        if found := re.match(r"( *)([\w.-]+|<<):(?: |$)", line):
            depth, name = len(found[1]), found[2]
            blocks = [block for block in blocks if block[0] <= depth]
            if not blocks or blocks[-1][0] < depth:
                blocks.append((depth, set()))
            assert name not in blocks[-1][1], line
            blocks[-1][1].add(name)


def test_every_secret_is_required_and_none_has_a_default():
    required = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE))
    defaulted = set(re.findall(r"\$\{([A-Z_]+):-[^}]", COMPOSE))  # an empty one gives nothing away
    assert required == set(VALUES)
    assert not any(word in name for name in defaulted for word in ("KEY", "PASSWORD", "SECRET"))


def test_the_image_runs_as_nobody_special_and_answers_for_its_health():
    final = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]
    assert re.search(r"^USER mci$", final, re.MULTILINE)
    assert "/healthz" in re.search(r"^HEALTHCHECK.*\n.*", final, re.MULTILINE).group(0)
    assert "requirements-dev" not in final


def environment_of_the_image() -> dict[str, str]:
    final = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]
    return dict(re.findall(r"\b(GRANIAN_[A-Z_]+)=(\S+)", final))


def test_the_image_runs_granian_as_make_run_and_the_tests_do():
    assert environment_of_the_image() == {**web.GRANIAN, "GRANIAN_HOST": "0.0.0.0", "GRANIAN_PORT": "8000"}


def services() -> dict[str, str]:
    """The text of each service, with that of the one which it says to be like."""
    text = COMPOSE.split("\nservices:\n")[1].split("\nvolumes:\n")[0]
    own = dict(re.findall(r"^  ([a-z0-9]+):(.*?)(?=^  [a-z0-9]+:|\Z)", text, re.MULTILINE | re.DOTALL))
    anchors = {found.group(1): part for part in own.values() if (found := re.match(r" &(\w+)", part))}
    return {
        name: part + "".join(anchors.get(like, "") for like in re.findall(r"^    <<: \*(\w+)", part, re.MULTILINE))
        for name, part in own.items()
    }


def test_every_queue_has_a_group_of_workers_and_beat_is_one():
    queues = {name: re.findall(r"QUEUE: (\w+)", part)[0] for name, part in services().items() if "QUEUE: " in part}
    assert queues == {queue: queue for queue in heartbeat.QUEUES}
    assert [name for name, part in services().items() if '"beat", "--loglevel"' in part] == ["beat"]


def test_every_service_says_how_it_is_and_has_time_to_end():
    for name, part in services().items():
        if name != "migrate":  # runs once
            assert "stop_grace_period: " in part, name
            assert "healthcheck:" in part or name in ("web", "web2"), name  # these: the image's own
    patience = int(re.findall(r"stop_grace_period: (\d+)s", services()["web2"])[0])
    assert patience > int(web.GRANIAN["GRANIAN_WORKERS_KILL_TIMEOUT"])


def test_two_web_servers_listen_on_two_ports():
    ports = [re.findall(r":-([\d.:]+)\}:8000", services()[name])[0] for name in ("web", "web2")]
    assert ports == ["127.0.0.1:8000", "127.0.0.1:8001"], "and only the proxy reaches them"


def test_what_the_image_leaves_out_is_not_needed_in_production():
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert {"demo", "tests", "var", "mci/local"} <= set(left_out)


def test_the_owner_of_the_tables_is_known_to_the_migrating_container_alone():
    migrate = COMPOSE.index("  migrate:")
    assert [match.start() for match in re.finditer("OWNER_DATABASE_URL", COMPOSE)] == [
        COMPOSE.index("OWNER_DATABASE_URL", migrate, COMPOSE.index("\n  web:"))
    ]
    assert re.search(r"^    DATABASE_URL: postgresql://mci_app:", COMPOSE, re.MULTILINE)
