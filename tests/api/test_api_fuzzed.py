"""What a machine makes of the description: calls within it and beside it, with the keys of two companies. No fault, no
answer that is not described, and no row of another's."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from typing import Any

import jsonschema
import pytest
import schemathesis
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis.generation import GenerationMode

from orders.models import Order
from tests import cast, dump
from tests.journeys import world as worlds
from tests.mci import poison
from tests.programs import Program

pytestmark = pytest.mark.django_db
DESCRIPTION = json.loads((settings.BASE_DIR / "mci/openapi.json").read_text())
CASES = 40 if poison.DEEP else 6  # of each operation, of each kind, with each key


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: Any) -> Any:
    from accounts.api import view

    monkeypatch.setattr(view, "PACES", dict.fromkeys(view.PACES, 1_000_000))
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def described(answer: Any, operation: dict[str, Any]) -> str:
    """What is wrong with an answer by the description; "" for nothing."""
    responses = operation["responses"]
    if str(answer.status_code) not in responses and answer.status_code not in (304, 404, 405):
        return f"{answer.status_code} is not described"
    content = responses.get(str(answer.status_code), {}).get("content", {})
    kind = answer.headers.get("Content-Type", "")
    if content and kind not in content:
        return f"{kind} is not described"
    if content and answer.content:
        schema = {**content[kind]["schema"], "components": DESCRIPTION["components"]}
        errors = [one.message for one in jsonschema.Draft202012Validator(schema).iter_errors(answer.json())]
        return "; ".join(errors)[:300]
    return ""


def test_control_an_answer_that_is_not_described_is_found(dropshipper: Any) -> None:
    operation = DESCRIPTION["paths"]["/api/v1/wallet"]["get"]
    program = Program(dropshipper)
    answer = program.get("wallet")
    assert described(answer, operation) == ""
    answer.content = json.dumps(answer.json() | {"available": None}).encode()
    answer.json = lambda: json.loads(answer.content)
    assert "None is not of type 'string'" in described(answer, operation)
    answer.status_code = 418
    assert described(answer, operation) == "418 is not described"


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["within", "beside"])
def test_no_call_that_a_machine_makes_up_breaks_anything(mode: GenerationMode, settings: Any) -> None:
    settings.MEDIA_ROOT = "/nonexistent"
    _owner, has = worlds.build("seller")
    programs = [Program(cast.Dropshipper.objects.get(pk=has["seller"])), Program(cast.dropshipper(name="Altra"))]
    numbers = [order.number for order in Order.objects.filter(dropshipper_id=has["seller"])]
    schema, wrong, asked = schemathesis.openapi.from_dict(DESCRIPTION), list[str](), Counter[int]()

    def call(case: Any, program: Program, operation: dict[str, Any], *, stranger: bool) -> None:
        path = case.path
        for name, value in (case.path_parameters or {}).items():
            path = path.replace(f"{{{name}}}", re.sub(r"[^\w.-]", "", str(value)) or "1")
        if "{pk}" in case.path and asked.total() % 2:
            path = case.path.replace("{pk}", str(has["ready"]))
        query = "&".join(f"{name}={_quoted(value)}" for name, value in dict(case.query or {}).items())
        body = case.body if isinstance(case.body, dict | list | str | int | float | bool | None) else {}
        key = str((case.headers or {}).get("Idempotency-Key", ""))
        key = key if key.isascii() and key.isprintable() else ""
        with transaction.atomic():
            answer = program.ask(case.method.lower(), f"{path}?{query}", body, key=key)
            if said := described(answer, operation):
                wrong.append(f"{case.method} {path}?{query} {str(body)[:200]}: {answer.status_code} {said}")
            if stranger and any(number in answer.content.decode() for number in numbers):
                wrong.append(f"{case.method} {path} shows a row of another's")
            transaction.set_rollback(True)
        asked[answer.status_code] += 1

    before = dump.digests()
    for found in poison.turn(schema.get_all_operations(), 1 if poison.DEEP else 4, f"fuzzed {mode.value}"):
        one = found.ok()
        operation = DESCRIPTION["paths"][one.path][one.method]
        for number, program in enumerate(programs):

            def each(
                case: Any, program: Program = program, operation: Any = operation, stranger: bool = bool(number)
            ) -> None:
                call(case, program, operation, stranger=stranger)

            _generated(each, one.as_strategy(generation_mode=mode))
    assert not wrong, f"{len(wrong)} of {asked.total()}\n" + "\n".join(wrong[:15])
    assert asked.total() > 30, asked
    assert numbers
    assert dump.changed(before) == []


def _generated(call: Any, cases: Any) -> None:
    """Calls it with each of some made-up cases."""

    @hypothesis_settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(poison.seed)
    @given(case=cases)
    def tried(case: Any) -> None:
        call(case)

    try:
        tried()
    except Exception as error:  # beside an operation that takes nothing there is nothing
        if "Unsatisfiable" not in type(error).__name__ and "skip" not in str(error).lower():
            raise


def _quoted(value: Any) -> str:
    from urllib.parse import quote

    return quote(str(value), safe="", errors="replace")
