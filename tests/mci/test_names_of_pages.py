"""A link that leads nowhere is found here and not by a reader: a name that is no page's was once swallowed in seven
places, and the menu had an entry that nobody ever saw."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, get_resolver

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("accounts", "catalog", "connectors", "core", "orders", "shipping", "wallet", "mci", "demo")
SHOPS = ROOT / "demo" / "shops"  # portals of their own
CALLS = {"reverse", "reverse_lazy", "redirect", "resolve_url"}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if not path.is_relative_to(SHOPS) and "migrations" not in path.parts:
                yield path, ast.parse(path.read_text())


def templates() -> Iterator[Path]:
    for folder in (ROOT / "templates", ROOT / "connectors" / "platforms"):
        yield from sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")])


def swallowed(tree: ast.AST) -> list[int]:
    """Lines on which a name that is no page's is caught."""
    return [
        handler.lineno
        for handler in ast.walk(tree)
        if isinstance(handler, ast.ExceptHandler)
        and handler.type is not None
        and any(getattr(node, "id", getattr(node, "attr", "")) == "NoReverseMatch" for node in ast.walk(handler.type))
    ]


def known() -> set[str]:
    found: set[str] = set()

    def walk(resolver: object, space: str) -> None:
        for pattern in resolver.url_patterns:  # type: ignore[attr-defined]
            if hasattr(pattern, "url_patterns"):
                walk(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
            elif pattern.name:
                found.add(f"{space}{pattern.name}")

    walk(get_resolver(), "")
    return found


def names_in_code(tree: ast.AST) -> Iterator[str]:
    """Of what is reversed by a name that stands there; an address is none. `self._item(words, name)` is the menu's."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = {"_item": 1, "item": 2}.get(called, 0) if called in ("_item", "item") or called in CALLS else None
        if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
            value = node.args[place].value  # type: ignore[attr-defined]
            if isinstance(value, str) and "/" not in value and value:
                yield value


def names_in_template(text: str) -> list[str]:
    return re.findall(r"""\{%-?\s*url(?:_if)?\s+["']([^"']+)["']""", text)


def test_no_code_swallows_a_name_that_is_no_pages() -> None:
    assert [f"{path.relative_to(ROOT)}:{line}" for path, tree in sources() for line in swallowed(tree)] == []


def test_the_look_for_swallowed_names_sees_one() -> None:
    assert swallowed(ast.parse("try:\n    go()\nexcept (KeyError, urls.NoReverseMatch):\n    pass")) == [3]


def test_every_name_that_code_and_templates_lead_to_is_a_pages() -> None:
    pages = known()
    found = [(path, name) for path, tree in sources() for name in names_in_code(tree)]
    found += [(path, name) for path in templates() for name in names_in_template(path.read_text())]
    assert len(found) > 200, "what is looked at is not what leads to pages"
    assert [f"{path.relative_to(ROOT)}: {name}" for path, name in found if name not in pages] == []


def test_a_link_to_what_is_not_there_is_none_and_one_to_no_page_fails() -> None:
    assert Template('{% url_if "orders:detail" order %}').render(Context({"order": None})) == ""
    assert Template('{% url_if "orders:detail" 7 %}').render(Context()) == "/orders/7/"
    with pytest.raises(NoReverseMatch):
        Template('{% url_if "wallet:nowhere" %}').render(Context())
