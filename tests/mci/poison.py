"""What nobody types, and where it may be typed: every address, every name that a page reads from its address, every
field of every form, found from the URL list, the code and the pages themselves."""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.urls import Resolver404, get_resolver, resolve

ROOMS = ("accounts", "catalog", "connectors", "core", "mci", "orders", "shipping", "wallet")
RAW = ("%00", "%ED%A0%80", "%FF%FE", "%", "%E2%80%AE", "%0D%0AX-Evil:%201")  # as they stand in an address
VALUES = (
    *("", "\0", "a\0b", "\x1b[31m", "\u202e\u200f", "\ufffd", "%", "٣٣", "x" * 10_000),
    *("-1", str(10**30), "9" * 5000, "1e309", "NaN", "Infinity", "-0", "1,5,5", "0x10"),
    *("9999-99-99", "0001-01-01", "9999-12-31", "10000-01-01T00:00Z", "javascript:alert(1)", "' OR 1=1 --"),
)
ALONE = ("9" * 5000, "NaN", "0001-01-01")  # each also with all else as it should be
# Each place gets a part of all combinations, another than its neighbours and with each seed another one, so that none
# is left out for good; `MCI_DEEP=1 make test` tries them all everywhere, which is many minutes more. So do pictures.
DEEP = os.environ.get("MCI_DEEP") == "1" or "MCI_SHOTS" in os.environ
T = TypeVar("T")
seed = 202  # or the run's own: tests/conftest.py


def some(of: Sequence[T], most: int, place: str) -> Sequence[T]:
    """`most` of them, the same ones for one place and one seed of the run (`--randomly-seed`)."""
    if DEEP or most >= len(of):
        return of
    begin = zlib.crc32(f"{seed} {place}".encode())
    return [of[(begin + step * max(1, len(of) // most)) % len(of)] for step in range(most)]


def turn(of: Iterable[T], turns: int, place: str) -> list[T]:
    """Every `turns`-th of them, beginning elsewhere with each seed: each run takes its turn, and `MCI_DEEP=1` all."""
    rows = list(of)
    return rows if DEEP else rows[zlib.crc32(f"{seed} {place}".encode()) % turns :: turns]


def mixed(names: Iterable[str], sets: int, place: str) -> Iterator[dict[str, str]]:
    """Values for all names at once: so many sets of them, in each of which a name has another value."""
    known = sorted(names)
    for step in some(range(len(VALUES)), sets, place):
        yield {name: VALUES[(number + step) % len(VALUES)] for number, name in enumerate(known)}


def cursors() -> Iterator[str]:
    """Of the right shape, with something else in it."""
    odd: tuple[Any, ...] = (
        "a\0",
        "\ud800",
        10**30,
        -1,
        1e309,
        float("nan"),
        True,
        "9" * 400,
        "0001-01-01T00:00:00+14:00",
    )
    for value in (*odd, "9999-12-31T23:59:59-14:00", "x", 1.5, "٣", "1e400", "-Infinity"):
        for length in (1, 2, 3) if value in ("a\0", -1) else (2,):
            yield base64.urlsafe_b64encode(json.dumps([0, *[value] * length]).encode()).decode().rstrip("=")


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """The forms and links of a page."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address, self.links, self.forms = address, list[tuple[str, str, str]](), list[Form]()
        self._open: list[Form] = []
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "poster", "data"):
            if name in found:
                self.links.append((tag, name, found[name]))
        for name in ("hx-post", "hx-get"):
            if name in found and tag != "form":
                self.forms.append(Form(found[name] or self.address, name[3:]))
        if tag == "form":
            form = Form(found.get("action") or self.address, found.get("method", "get").lower())
            self.forms.append(form)
            self._open.append(form)
        elif tag in ("input", "textarea", "select", "button") and found.get("name"):
            owner = self._open[-1:] or self.forms[-1:]
            for form in owner:
                kept = (
                    found.get("type") not in ("checkbox", "radio")
                    or "checked" in found
                    or found["name"] not in form.fields
                )
                if kept:
                    form.fields.setdefault(found["name"], []).append(found.get("value", ""))
            self._select = found["name"] if tag == "select" else self._select
        elif tag == "option" and self._open and self._select:
            values = self._open[-1].fields.setdefault(self._select, [""])
            if "selected" in found or values == [""]:
                values[:] = [found.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            self._open.pop()
        if tag == "select":
            self._select = ""


def route_of(address: str) -> str:
    try:
        return resolve(re.sub(r"^https?://[^/]+", "", address).partition("?")[0].partition("#")[0]).view_name
    except Resolver404:
        return ""


def names_in_code(where: str) -> set[str]:
    """The names that code reads with request.`where` (or a variable that was given it): .get("x"), .getlist("x"),
    ["x"], "x" in …; the name itself or a constant of its module."""
    found: set[str] = set()
    for room in ROOMS:
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py"):
            tree = ast.parse(path.read_text())
            named = {
                node.targets[0].id: node.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            }
            known = {
                target.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign) and f"request.{where}" in ast.unparse(node.value)
                for target in node.targets
                if isinstance(target, ast.Name)
            }

            def is_it(node: ast.AST, known: set[str] = known) -> bool:
                text = ast.unparse(node)
                return text.endswith(f"request.{where}") or text in known

            for node in ast.walk(tree):
                said: list[ast.AST] = []
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_it(node.func.value):
                    said = list(node.args[:1])
                elif isinstance(node, ast.Subscript) and is_it(node.value):
                    said = [node.slice]
                elif isinstance(node, ast.Compare) and is_it(node.comparators[0]):
                    said = [node.left]
                said = [named.get(one.id, one) if isinstance(one, ast.Name) else one for one in said]
                found |= {one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def fields_of_filters() -> set[str]:
    """The fields of every form of the rooms: many pages filter with one."""
    from django import forms

    found, kinds = set(), [forms.BaseForm]
    assert get_resolver().url_patterns  # all views, and so their forms, are there
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.partition(".")[0] in ROOMS:
            found |= set(getattr(kind, "base_fields", {}))
    return found
