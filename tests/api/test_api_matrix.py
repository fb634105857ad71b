"""Keys × scopes × tenants × methods × poison, by every address of the API that there is: a new one comes in by itself,
and fails here until it says what it needs."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.api.view import ApiView
from accounts.models.api import SCOPES
from tests import cast, dump
from tests.journeys import world as worlds
from tests.mci.poison import RAW, VALUES, cursors, some
from tests.programs import Program, routes

pytestmark = pytest.mark.django_db
NOTED = {"accounts_apirequest", "core_throttle", "accounts_apikey"}
METHODS = ("get", "post", "patch")
# What an address names: its rows in the world of the journeys. Everybody's: the catalogue.
ROWS = {
    "order": ("ready", "sent", "draft"),
    "order_events": ("ready", "sent"),
    "order_price": ("ready",),
    "order_send": ("ready",),
    "order_cancel": ("ready", "sent"),
    **dict.fromkeys(("import", "import_rows", "import_start"), ("import_file",)),
    "case_open": ("delivered",),
    "case": ("case_asked", "case_settled"),
    "shipment": ("shipment", "on_its_way"),
    "tracking": ("shipment", "on_its_way"),
    "shop": ("shop", "broken"),
}
EVERYBODYS = {"product", "inbox"}  # the catalogue; a platform, which is no row


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: Any) -> None:
    """Hundreds of calls a minute are meant here; test_api_keys.py has the limits."""
    from accounts.api import view

    monkeypatch.setattr(view, "PACES", dict.fromkeys(view.PACES, 1_000_000))


def views() -> list[tuple[str, set[str], type[ApiView]]]:
    return [(name, known, view) for name, known, view in routes() if name != "openapi"]


def address(name: str, known: set[str], row: int | str = 987654321) -> str:
    if not known:
        return reverse(f"api:{name}")
    argument = next(iter(known))
    return reverse(f"api:{name}", kwargs={argument: row if argument == "pk" else "woocommerce"})


def changed(before: dict[str, str]) -> list[str]:
    return sorted(set(dump.changed(before)) - NOTED)


def test_every_address_says_what_each_of_its_methods_needs() -> None:
    wrong, scopes = [], set()
    for name, known, view in views():
        offered = {method for method in METHODS if hasattr(view, method)}
        if not issubclass(view, ApiView) or set(view.needs) != offered:
            wrong.append(name)
        scopes |= set(view.needs.values())
        if known and name not in ROWS and name not in EVERYBODYS:
            wrong.append(f"{name}: whose rows does it name?")
    assert wrong == []
    assert scopes == {"", *SCOPES}, "a scope that opens nothing"


def test_reading_never_needs_a_scope_of_writing_nor_writing_one_of_reading() -> None:
    wrong = [
        f"{method} {name}: {scope}"
        for name, _known, view in views()
        for method, scope in view.needs.items()
        if scope and (method == "get") != scope.endswith(":read") and not view.keeps_nothing
    ]
    assert wrong == []


def test_a_key_opens_what_its_scopes_say_and_nothing_else(dropshipper: Any) -> None:
    """Each scope alone, at every address with every method: 403 without it, and never a trace."""
    wrong, before, asked = [], dump.digests(), 0
    programs = {scope: Program(dropshipper, scope) for scope in SCOPES}
    before = dump.digests()
    for scope, program in programs.items():
        for name, known, view in views():
            for method, needed in view.needs.items():
                asked += 1
                answer = program.ask(method, address(name, known), {})
                refused = answer.status_code == 403
                if refused != bool(needed and needed != scope):
                    wrong.append(f"{scope}: {method} {name}: {answer.status_code}")
                if refused and f'scope="{needed}"' not in answer["WWW-Authenticate"]:
                    wrong.append(f"{scope}: {method} {name} does not say which scope is missing")
    assert not wrong, "\n".join(wrong)
    assert asked > 150
    assert changed(before) == []


def test_without_a_key_and_with_a_session_every_address_is_a_401(dropshipper: Any, owner: Any) -> None:
    signed_in = Client()
    cast.sign_in(signed_in, owner)
    before = dump.digests()
    for client in (Client(), signed_in):
        for name, known, view in views():
            for method in view.needs:
                answer = getattr(client, method)(address(name, known), {}, content_type="application/json")
                assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), name
                assert answer["WWW-Authenticate"].startswith("Bearer")
                assert "Access-Control-Allow-Origin" not in answer
    assert changed(before) == []


def test_what_is_anothers_is_not_there_and_stays_as_it_is(settings: Any) -> None:
    settings.MEDIA_ROOT = "/nonexistent"
    _owner, has = worlds.build("seller")
    stranger = Program(cast.dropshipper(name="Altra Bottega"))
    mine = Program(cast.Dropshipper.objects.get(pk=has["seller"]))
    wrong, before = [], dump.digests()
    theirs = sorted({str(has[row]) for rows in ROWS.values() for row in rows if row in has})
    for name, known, view in views():
        rows = [has[row] for row in ROWS.get(name, ()) if row in has] if known else [0]
        assert rows or name in EVERYBODYS, name
        for row in rows:
            where = address(name, known, row)
            for method in view.needs:
                answer = stranger.ask(method, where, {"version": 1, "figures": "1.00/0.00/0.00"})
                if name in ROWS and answer.status_code not in (404, 422):
                    wrong.append(f"{method} {where}: {answer.status_code}")
                if method == "get" and not known and name not in ("products", "stock", "methods"):
                    found = answer.json().get("data")
                    if found and name != "requests":
                        wrong.append(f"{where} shows {len(found)} rows to a stranger")
            if "get" in view.needs and name in ROWS and mine.get(where).status_code != 200:
                wrong.append(f"control: {where} is not there for whose it is")
    assert not wrong, "\n".join(wrong)
    assert theirs
    assert changed(before) == []


def test_a_404_of_another_is_that_of_nothing(settings: Any) -> None:
    settings.MEDIA_ROOT = "/nonexistent"
    _owner, has = worlds.build("seller")
    stranger = Program(cast.dropshipper(name="Altra Bottega"))

    def said(pk: int) -> dict[str, Any]:
        found: dict[str, Any] = stranger.get(f"orders/{pk}").json()
        return {name: value for name, value in found.items() if name != "request_id"}

    assert said(has["ready"]) == said(987654321)


def test_no_poison_breaks_an_answer(dropshipper: Any) -> None:
    """Every parameter that an address knows, and some that it does not, with what nobody means."""
    program = Program(dropshipper)
    names = {
        found.group(1)
        for room in ("accounts", "catalog", "connectors", "orders", "shipping", "wallet")
        for path in sorted((Path(settings.BASE_DIR) / room).glob("api*"))
        for file in (path.rglob("*.py") if path.is_dir() else [path])
        if file.suffix == ".py"
        for found in re.finditer(r"text\(\"(\w+)\"", file.read_text())
    } | {"cursor", "limit", "fields", "since_version", "x"}
    assert {"tab", "payment", "q", "reference", "since", "tracking", "account", "type", "code"} <= names
    wrong: list[str] = []
    for name, known, view in views():
        if "get" not in view.needs:
            continue
        where = address(name, known)
        values = [*(quote(value, errors="surrogatepass") for value in VALUES), *RAW]
        for parameter in some(sorted(names), 6, name):
            for value in some(values, 8, f"{name} {parameter}"):
                _asked(program, f"{where}?{parameter}={value}", wrong)
        for cursor in some(list(cursors()), 8, name):
            _asked(program, f"{where}?cursor={quote(cursor)}", wrong)
            _asked(program, f"{where}?cursor=1.{quote(cursor)}", wrong)
        for value in RAW if known else ():
            _asked(program, re.sub(r"987654321|woocommerce", value, where), wrong)
        if known and "pk" in known:
            _asked(program, address(name, known, 10**30), wrong)
    assert not wrong, "\n".join(wrong)


def _asked(program: Program, where: str, wrong: list[str]) -> None:
    answer = program.get(where)
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code >= 500 or (answer.status_code >= 400 and kind != "application/problem+json"):
        wrong.append(f"{where[:200]}: {answer.status_code} {kind}")


def test_no_poison_in_a_body_breaks_an_answer_or_leaves_a_trace(dropshipper: Any) -> None:
    program = Program(dropshipper)
    members = ("channel", "reference", "recipient", "lines", "payment", "sale_total", "note", "method_id", "draft",
               "version", "figures", "destination", "to_collect", "only_if_open")  # fmt: skip
    odd: tuple[Any, ...] = (*VALUES, "\ud800", None, True, 1e308, -1, [], {}, [[]], {"": ""}, [None], [{"sku": None}])
    wrong, before = [], dump.digests()
    for name, known, view in views():
        for method in {"post", "patch"} & set(view.needs):
            for member in members:
                for value in some(odd, 5, f"{name} {member}"):
                    answer = program.ask(method, address(name, known), {member: value})
                    if answer.status_code not in (400, 404, 413, 422) and not (
                        answer.status_code == 409 or (view.keeps_nothing and answer.status_code == 200)
                    ):
                        wrong.append(f"{method} {name} {member}={value!r:.60}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert set(changed(before)) <= {"accounts_apianswer"}


@pytest.mark.parametrize("method", ["put", "delete", "options", "trace"])
def test_other_methods_are_refused_as_problems(dropshipper: Any, method: str) -> None:
    program = Program(dropshipper)
    headers = {"Authorization": f"Bearer {program.text}"}
    answer = getattr(program.client, method)("/api/v1/orders", headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("path", ["nothing", "orders/", "orders/x", "orders/1/nothing", ""])
def test_what_is_not_there_is_a_problem_and_no_page(dropshipper: Any, path: str) -> None:
    answer = Program(dropshipper).get(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
