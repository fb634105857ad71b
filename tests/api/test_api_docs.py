"""What is said of the API is so: the description, its page, the examples."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from mci.pages.api_docs import operations
from tests import cast
from tests.orders import stage
from tests.programs import Program, routes
from wallet.queries import balances

DOCUMENT = Path(settings.BASE_DIR) / "docs/api.md"


def test_the_description_that_programs_read_is_what_the_code_says(tmp_path: Path) -> None:
    """After a change: make openapi."""
    made = tmp_path / "openapi.json"
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", file=str(made))
    assert json.loads(made.read_text()) == json.loads((Path(settings.BASE_DIR) / "mci/openapi.json").read_text())


def test_every_call_is_described_with_its_problems_and_its_key() -> None:
    said = json.loads((Path(settings.BASE_DIR) / "mci/openapi.json").read_text())
    wrong = []
    for name, _known, view in routes():
        for method in getattr(view, "needs", {}):
            path = next(path for path in said["paths"] if _is(path, name))
            one = said["paths"][path][method]
            if not {"401", "403", "429", "500"} <= set(one["responses"]) or one["security"] != [{"apiKey": []}]:
                wrong.append(f"{method} {path}")
            asks = [part["name"] for part in one.get("parameters", []) if part["in"] == "header"]
            if (method != "get" and not view.keeps_nothing) != (asks == ["Idempotency-Key"]):
                wrong.append(f"{method} {path}: Idempotency-Key")
    assert wrong == []


def _is(path: str, name: str) -> bool:
    from django.urls import resolve

    return resolve(re.sub(r"\{\w+\}", "1", path)).url_name == name


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["it", "en"])
def test_the_page_shows_every_call_and_explains_every_code(owner: Any, client_for: Any, language: str) -> None:
    owner.language = language
    owner.save()
    page = client_for(owner).get(reverse("mci:api_docs")).content.decode()
    assert [one.name for one in operations() if f'id="{one.name}"' not in page] == []
    for code in ("insufficient_funds", "order_exists", "too_late", "idempotency_key_reused", "price_changed"):
        assert f'id="{code}"' in page, code
    assert "lines[].sku" in page


@pytest.mark.django_db
def test_anybody_reads_the_description_and_only_resellers_the_page() -> None:
    found = Client().get("/api/v1/openapi.json")
    assert found.json()["openapi"] == "3.1.0"
    assert Client().get(reverse("mci:api_docs")).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["sh", "python", "php"])
def test_the_examples_do_what_they_say(live_server: Any, language: str, tmp_path: Path) -> None:
    command = {"sh": ["bash"], "python": [sys.executable], "php": ["php"]}[language]
    if shutil.which(command[0]) is None or (language == "sh" and shutil.which("curl") is None):
        pytest.skip(f"this machine has no {language}")
    company = cast.dropshipper()
    stage.money(company, "100.00")
    method, sku = stage.method(), stage.variant().sku
    (example,) = re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    file = tmp_path / "example"
    file.write_text(example)
    ground = {
        "MCI_URL": live_server.url,
        "MCI_KEY": Program(company).text,
        "MCI_METHOD": str(method.pk),
        "MCI_SKU": sku,
    }
    for _ in range(2):  # run again it is the same order
        done = subprocess.run(
            [*command, str(file)],
            env={"PATH": "/usr/bin:/bin", **ground},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        if language == "sh":
            assert json.loads(done.stdout)["state"] == "ready"
        else:
            assert done.stdout.split() == ["dispatched", "79.26"]
    spent = Decimal("100.00") - balances(company.pk).available
    assert spent == (Decimal("0.00") if language == "sh" else Decimal("20.74"))
