"""The compose file is read by Docker's own plugin where there is one; no engine is needed for that."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
VALUES = {
    "SECRET_KEY": "x" * 50,
    "FIELD_KEYS": "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
    "ALLOWED_HOSTS": "portal.example.com",
    "SITE_URL": "https://portal.example.com",
    "POSTGRES_PASSWORD": "secret",
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


def test_what_the_image_leaves_out_is_not_needed_in_production():
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert {"demo", "tests", "var", "mci/local"} <= set(left_out)
