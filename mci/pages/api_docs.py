"""How programs talk to the portal: the description of the API as a page of ours, from the file that programs read. It
loads nothing from elsewhere, and says the codes of the problems in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import member_required
from catalog import errors as catalog_errors
from core.api.problems import PATH, TITLES
from core.errors import DomainError
from orders import errors as orders_errors
from shipping import errors as shipping_errors
from wallet import errors as wallet_errors

DESCRIPTION = Path(__file__).resolve().parent.parent / "openapi.json"
_ROOMS = (orders_errors, shipping_errors, wallet_errors, catalog_errors)
_METHODS = ("get", "post", "patch")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a body or an answer, or a parameter of an address."""

    name: str
    kind: str
    words: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    words: str
    parameters: list[Member]
    body: list[Member]
    answer: list[Member]


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """api:openapi: the description itself, for anybody's tools."""
    return HttpResponse(DESCRIPTION.read_bytes(), content_type="application/json")


@require_safe
@member_required
def api_docs(request: HttpRequest) -> HttpResponse:
    """mci:api_docs."""
    codes = [(code, str(words) % {"scope": "…"}) for code, words in TITLES.items()]
    codes += sorted((code, DomainError.sentence(code, {})) for code in _codes())
    base = settings.SITE_URL + PATH
    return render(request, "mci/api_docs.html", {"operations": operations(), "codes": codes, "base": base})


@cache
def _codes() -> frozenset[str]:
    """Of the refusals that an act of these rooms may raise."""
    found = (value for room in _ROOMS for value in vars(room).values() if isinstance(value, type))
    return frozenset(value.code for value in found if issubclass(value, DomainError) and value is not DomainError)


@cache
def operations() -> tuple[Operation, ...]:
    """All that can be called, by address."""
    said = json.loads(DESCRIPTION.read_text())
    shapes = said["components"]["schemas"]
    return tuple(
        Operation(
            name=one["operationId"],
            method=method.upper(),
            path=path,
            words=one.get("description", ""),
            parameters=[
                Member(
                    part["name"],
                    part["schema"].get("type", ""),
                    part.get("description", ""),
                    bool(part.get("required")),
                )
                for part in one.get("parameters", [])
            ],
            body=list(_members(_content(one.get("requestBody", {})), shapes)),
            answer=list(_members(_answered(one), shapes)),
        )
        for path, by_method in sorted(said["paths"].items())
        for method in _METHODS
        if (one := by_method.get(method))
    )


def _content(part: dict[str, Any]) -> dict[str, Any]:
    return dict(part.get("content", {}).get("application/json", {}).get("schema", {}))


def _answered(one: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = next(
        (one["responses"][status] for status in ("200", "201") if status in one["responses"]), {}
    )
    return _content(good)


def _members(schema: dict[str, Any], shapes: dict[str, Any], before: str = "") -> Iterator[Member]:
    """Each member with its place: lines[].sku."""
    schema = _resolved(schema, shapes)
    needed = schema.get("required", [])
    for name, part in schema.get("properties", {}).items():
        whole = _resolved(part, shapes)
        words = part.get("description", "") or whole.get("description", "")
        kind = whole.get("type", "")
        kind = " | ".join(kind) if isinstance(kind, list) else kind
        if "enum" in whole:
            kind = " | ".join(str(value) for value in whole["enum"] if value not in ("", None))
        yield Member(before + name, kind, words, name in needed)
        if whole.get("type") == "array":
            yield from _members(whole.get("items", {}), shapes, f"{before}{name}[].")
        elif "properties" in whole:
            yield from _members(whole, shapes, f"{before}{name}.")


def _resolved(schema: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """Behind its references; of what may also be null, what it is otherwise."""
    for several in ("oneOf", "anyOf", "allOf"):
        if parts := [one for one in schema.get(several, []) if one.get("type") != "null"]:
            return _resolved(parts[0], shapes)
    name = schema.get("$ref", "").rpartition("/")[2]
    return _resolved(shapes[name], shapes) if name else schema
