"""core.http in the words of a courier: what a silence and a status mean. The difference that counts is whether the
courier was asked to *make* something, because then a lost answer is not a no."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Mapping
from decimal import Decimal

from core import http
from core.strict import BadJson, load_json
from shipping.couriers.errors import (
    CourierAway,
    CourierBusy,
    CourierLogin,
    CourierSettings,
    CourierUnreadable,
    OutcomeUnknown,
)

# Nothing had been sent yet: the name, the certificate, or we did not even try.
_NOT_SENT = frozenset({"DNS", "TLS", "no https", "left alone"})
DEADLINE_S = 30.0


def wait_of(answer: http.Answer, usual_s: float | None = None) -> dt.timedelta | None:
    """Retry-After in seconds, between one second and an hour."""
    said = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,6}", said, re.ASCII):
        return dt.timedelta(seconds=min(max(int(said), 1), 3600))
    return None if usual_s is None else dt.timedelta(seconds=usual_s)


def ask(
    courier: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    body: bytes | None = None,
    making: bool = False,
    kept: frozenset[int] = frozenset(),
    label: str = "",
) -> http.Answer:
    """One call, with HTTP 200 or a status in `kept` (which the folder judges). `making`: what was asked for may be
    there without an answer. Raises CourierAway, CourierBusy, CourierLogin, CourierSettings, OutcomeUnknown."""
    try:
        answer = http.call(
            method, url, headers=headers, params=params, body=body, deadline_s=DEADLINE_S, label=label or f"{courier}"
        )
    except http.NoAnswer as error:
        reason = error.params["reason"]
        if making and reason not in _NOT_SENT:
            raise OutcomeUnknown(reason=reason) from None
        raise CourierAway(reason=reason, after=error.after) from None
    except http.AddressRefused as error:
        raise CourierSettings(courier=courier, text=str(error)) from None
    status = answer.status
    if status == 200 or status in kept:
        return answer
    if status == 429:
        raise CourierBusy(after=wait_of(answer, 60))
    if status in (401, 403):
        raise CourierLogin(courier=courier, text=f"HTTP {status}")
    if status in (301, 302, 303, 307, 308, 404, 405, 410):
        raise CourierSettings(courier=courier, text=f"HTTP {status}")
    if making and status >= 500:
        raise OutcomeUnknown(reason=f"HTTP {status}")
    if status >= 500:
        raise CourierAway(reason=f"HTTP {status}", after=wait_of(answer))
    raise CourierUnreadable(courier=courier, text=f"HTTP {status}")


def json_of(courier: str, answer: http.Answer, *, making: bool = False) -> Mapping[str, object]:
    """The object in an answer. A page where data should be is an outage; when something was to be made, a question."""
    try:
        data = load_json(answer.body, max_bytes=http.MAX_BYTES)
    except BadJson as error:
        data = str(error)
    if isinstance(data, dict):
        return data
    reason = "HTML" if answer.body.lstrip()[:1] == b"<" else "JSON"
    if making:
        raise OutcomeUnknown(reason=reason)
    raise CourierAway(reason=reason)


def exact_json(value: object) -> bytes:
    """JSON in which a Decimal stands as the number that it is (49.90), never by way of a float."""
    mark = f"@{secrets.token_hex(8)}:"

    def plain(one: object) -> object:
        if isinstance(one, Decimal):
            return f"{mark}{one:f}"
        if isinstance(one, dict):
            return {name: plain(child) for name, child in one.items()}
        return [plain(child) for child in one] if isinstance(one, list | tuple) else one

    text = json.dumps(plain(value), ensure_ascii=False)
    return re.sub(rf'"{mark}([-.0-9]+)"', r"\1", text).encode()


def block(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def blocks(value: object) -> list[Mapping[str, object]]:
    """A list of objects; couriers write a list of one as the one alone."""
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]


def said(value: object, most: int = 200) -> str:
    """Text or a number of an answer, on one line."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())[:most]
