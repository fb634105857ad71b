"""What is installed is what requirements*.txt say, with everything that comes along, each file by its hash."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mci.local import audit, install

ROOT = Path(__file__).resolve().parents[2]
PAIRS = [("requirements.txt", "requirements.lock"), ("requirements-dev.txt", "requirements-dev.lock")]
PAIRS += [("requirements.txt", "requirements-dev.lock"), ("requirements-tools.txt", "requirements-tools.lock")]


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name.lower()): version for name, version in found}


@pytest.mark.parametrize(("wanted", "lock"), PAIRS)
def test_the_lock_is_of_these_requirements(wanted: str, lock: str) -> None:
    locked = pins((ROOT / lock).read_text())
    asked = pins((ROOT / wanted).read_text())
    assert asked
    assert {name: locked.get(name) for name in asked} == asked, "run `make lock`"


@pytest.mark.parametrize("lock", sorted({lock for _wanted, lock in PAIRS}))
def test_every_locked_package_has_hashes_and_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index" not in text


def test_tests_run_on_what_production_runs_on() -> None:
    production, all_of_it = (pins((ROOT / name).read_text()) for name in ("requirements.lock", "requirements-dev.lock"))
    assert production.items() <= all_of_it.items()


def test_whoever_installs_asks_for_hashes() -> None:
    assert install.LOCK.name == "requirements-dev.lock"
    for name in ("Dockerfile", "Makefile", "mci/local/install.py"):
        for line in (ROOT / name).read_text().splitlines():
            if '"install"' in line or "pip install -" in line:
                assert "--require-hashes" in line, f"{name}: {line}"


def test_the_audit_says_what_was_found_and_what_was_not_asked() -> None:
    hole = {"name": "x", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    fine = {"name": "y", "version": "1", "vulns": []}
    skipped = {"name": "z", "skip_reason": "not found"}
    assert audit.verdict(json.dumps({"dependencies": [fine]}), "")[0] == 0
    assert audit.verdict(json.dumps({"dependencies": [fine, hole]}), "")[0] == audit.HOLES
    code, words = audit.verdict(json.dumps({"dependencies": [skipped]}), "")
    assert (code, "NOTHING WAS CHECKED" in words) == (audit.NOT_ASKED, True)
    code, words = audit.verdict("", "Traceback\nConnectionError: no route")
    assert (code, "NOTHING WAS CHECKED" in words, "no route" in words) == (audit.NOT_ASKED, True, True)
