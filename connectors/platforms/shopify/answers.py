"""What an answer of Shopify means: statuses, the errors that come with HTTP 200, and what in it was kept from us."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.platforms.base import NotAShop, ReconnectNeeded, ShopBusy, ShopUnreachable
from connectors.platforms.shopify import bucket
from connectors.platforms.shopify.refusals import MissingScope, ShopFrozen
from core import http
from core.strict import BadJson, load_json, text

_CODE = re.compile(r"[A-Za-z][A-Za-z_]{0,59}")
_SCOPES = re.compile(r"\b(?:read|write)_[a-z_]+\b")
_PROTECTED = "protected-customer-data"


class TooCostly(Exception):
    """MAX_COST_EXCEEDED: never again as it is, but with a smaller page."""


class NotFound(Exception):
    """No such thing in the shop (or an id that is none)."""


@dataclass(frozen=True, slots=True)
class Denied:
    """A field that came as null because we may not see it: not because there is nothing in it."""

    path: tuple[str | int, ...]
    protected: bool  # customers' data, which Shopify approves by itself; else a scope
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The data of an answer, and what in it was kept from us."""

    data: Mapping[str, Any] = field(repr=False)
    denied: tuple[Denied, ...] = ()


def number_of(gid: Any) -> str:
    """The digits of "gid://shopify/Order/123"; "" for anything else. Never through a float: they have 64 bits."""
    match = (
        re.fullmatch(r"gid://shopify/[A-Za-z]+/(\d{1,19})(?:\?.*)?", gid, re.ASCII) if isinstance(gid, str) else None
    )
    return match[1] if match else ""


def gid(kind: str, number: str) -> str:
    if not re.fullmatch(r"\d{1,19}", number, re.ASCII):
        raise NotFound
    return f"gid://shopify/{kind}/{number}"


def seconds(value: str | None) -> dt.timedelta | None:
    """Retry-After, which Shopify writes as a decimal number ("2.0"): between one second and an hour."""
    if value is None or not re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", value.strip(), re.ASCII):
        return None
    return dt.timedelta(seconds=min(max(float(value), 1.0), 3600.0))


class Stumbled(Exception):
    """An error on Shopify's side: what was asked may have been done. `paths`: where in the answer, if it says so."""

    def __init__(self, words: str, paths: tuple[tuple[str | int, ...], ...] = ()) -> None:
        super().__init__(words)
        self.paths = paths


class Throttled(Exception):
    """Not enough points in the bucket; nothing was done. `seconds`: until there are."""

    def __init__(self, cost: Mapping[str, Any], status: Mapping[str, Any]) -> None:
        asked, there = number(cost.get("requestedQueryCost")), number(status.get("currentlyAvailable"))
        self.seconds = max((asked - there) / (number(status.get("restoreRate")) or bucket.RATE), 0.2)


def fetch(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    deadline_s: float = 30.0,
    label: str = "",
) -> http.Answer:
    """core.http in the words of a platform."""
    try:
        return http.call(method, url, headers=headers, body=body, deadline_s=deadline_s, label=label)
    except http.NoAnswer as error:
        raise ShopUnreachable(reason=error.params["reason"]) from None
    except http.AddressRefused as error:
        raise NotAShop(reason=error.params["reason"]) from None


def decode(answer: http.Answer) -> Mapping[str, Any]:
    try:
        data = load_json(answer.body, max_bytes=http.MAX_BYTES)
    except BadJson as error:
        raise ShopUnreachable(reason="HTML" if answer.body.lstrip()[:1] == b"<" else f"JSON: {error}") from None
    if not isinstance(data, dict):
        raise ShopUnreachable(reason="JSON: not an object")
    return data


def judge_status(answer: http.Answer) -> None:
    """What a status says by itself. 200 and 400 may carry GraphQL errors and are looked into."""
    status = answer.status
    if status == 200:
        return
    said = _said_in(answer)
    if 300 <= status < 400 or status in (404, 410):
        raise NotAShop(reason=f"HTTP {status}")
    if status == 401:
        raise ReconnectNeeded(reason=said or "HTTP 401")
    if status in (402, 423):
        raise ShopFrozen(reason=f"HTTP {status}")
    if status == 403:
        scopes = _SCOPES.findall(said)
        if scopes:
            raise MissingScope(scope=", ".join(sorted(set(scopes))))
        raise ReconnectNeeded(reason=said or "HTTP 403")
    if status in (429, 430):
        raise ShopBusy(after=seconds(answer.headers.get("retry-after")))
    wait = seconds(answer.headers.get("retry-after")) if status == 503 else None
    if wait:
        raise ShopBusy(after=wait)
    raise ShopUnreachable(reason=f"HTTP {status} {said}".strip())


def _said_in(answer: http.Answer) -> str:
    """The words of an error body, where it is JSON with `errors` as text."""
    try:
        data = load_json(answer.body)
    except BadJson:
        return ""
    errors = data.get("errors") if isinstance(data, dict) else None
    return text(errors, 120) if isinstance(errors, str) else ""


def said(words: str) -> Exception:
    """`errors` as a text in an answer with HTTP 200."""
    if re.search(r"access token|unrecognized login", words, re.IGNORECASE):
        return ReconnectNeeded(reason=text(words, 120))
    if "throttled" in words.lower() or "exceeded" in words.lower():
        return ShopBusy()
    return ShopUnreachable(reason=text(words, 120))


def block(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def code_of(error: Mapping[str, Any]) -> str:
    code = block(error.get("extensions")).get("code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def is_denial(error: Mapping[str, Any]) -> bool:
    return code_of(error) == "ACCESS_DENIED" or "is not approved to" in str(error.get("message", ""))


def path_of(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    path = error.get("path")
    return tuple(step for step in path if isinstance(step, str | int)) if isinstance(path, list) else ()


def denied_of(error: Mapping[str, Any]) -> Denied:
    words = str(error.get("message", ""))
    needs = str(block(error.get("extensions")).get("requiredAccess") or words)
    return Denied(
        path=path_of(error),
        protected=_PROTECTED in words or "is not approved to" in words,
        needs=", ".join(dict.fromkeys(_SCOPES.findall(needs)))[:120],
    )


def refusals(payload: Mapping[str, Any], name: str = "userErrors") -> list[tuple[str, str]]:
    """A mutation's user errors as (code, words); code "" where the mutation has none."""
    found: Iterable[Any] = payload.get(name) or ()
    return [
        (str(error.get("code") or ""), text(str(error.get("message", "")), 120))
        for error in found
        if isinstance(error, dict)
    ]
