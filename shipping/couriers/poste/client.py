"""Poste Delivery Business: JSON, with a token that lasts an hour. A refused token is renewed once."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from shipping.couriers import calls
from shipping.couriers.base import Access
from shipping.couriers.calls import block, said
from shipping.couriers.errors import (
    CourierAway,
    CourierLogin,
    CourierSettings,
    CourierUnreadable,
    OutcomeUnknown,
    ParcelRefused,
)

NAME = "Poste Italiane"
ADDRESSES = {"api": "https://apiw.gp.posteitaliane.it/gp/internet"}
_PARCEL = "/postalandlogistics/parcel"
_RENEW_BEFORE_S = 60.0
_LOGIN = frozenset({400, 401, 403})
# of this process alone: a token is had again at any time
_tokens: dict[tuple[str, str], tuple[str, float]] = {}
_lock = threading.Lock()

_CORRECT = frozenset({100, 101, 131, 140, 141, 142, 143, 144})
_CONTRACT = frozenset({104, 114, 115, 116, 117, 132})
_SYSTEM = 112


def base(access: Access) -> str:
    return access.addresses.get("api", ADDRESSES["api"]).rstrip("/")


def _who(access: Access) -> tuple[str, str]:
    return base(access), access.credentials.get("client_id", "")


def token(access: Access) -> str:
    with _lock:
        known, until = _tokens.get(_who(access), ("", 0.0))
    if known and time.monotonic() < until:
        return known
    body = {
        "clientId": access.credentials.get("client_id", ""),
        "secretId": access.credentials.get("secret", ""),
        "scope": access.said("scope", "default"),
        "grantType": "client_credentials",
    }
    answer = calls.ask(
        NAME,
        "POST",
        f"{base(access)}/user/sessions",
        headers={"POSTE_clientID": body["clientId"], "Content-Type": "application/json"},
        body=calls.exact_json(body),
        kept=_LOGIN,
        label="POST sessions",
    )
    if answer.status in _LOGIN:
        raise CourierLogin(courier=NAME, text=f"HTTP {answer.status}")
    found = calls.json_of(NAME, answer)
    made, lasts = said(found.get("access_token"), 4000), found.get("expires_in")
    if not made:
        raise CourierLogin(courier=NAME, text="access_token")
    seconds = float(lasts) if isinstance(lasts, int | float) and not isinstance(lasts, bool) else 600.0
    with _lock:
        _tokens[_who(access)] = (made, time.monotonic() + max(seconds - _RENEW_BEFORE_S, seconds / 2))
    return made


def forget(access: Access) -> None:
    with _lock:
        _tokens.pop(_who(access), None)


def send(access: Access, path: str, body: Mapping[str, Any], *, making: bool = False) -> Mapping[str, Any]:
    """The answer's object. A token that was refused is had anew, once: nothing was done with it."""
    refused = frozenset({401})
    for again in (True, False):
        answer = calls.ask(
            NAME,
            "POST",
            f"{base(access)}{_PARCEL}/{path}",
            headers={
                "Authorization": f"Bearer {token(access)}",
                "POSTE_clientID": access.credentials.get("client_id", ""),
                "Content-Type": "application/json",
            },
            body=calls.exact_json(body),
            making=making,
            kept=refused,
            label=f"POST {path}",
        )
        if answer.status != 401:
            return calls.json_of(NAME, answer, making=making)
        forget(access)
        if not again:
            break
    raise CourierLogin(courier=NAME, text="HTTP 401")


def number(value: object) -> int:
    """An error code, which comes as a number or as its digits; "" and null are 0, what is none is −1."""
    if value is None or value == "":
        return 0
    text = said(value)
    return int(text) if text.lstrip("-").isdigit() else -1


def judge(found: Mapping[str, Any], *, making: bool) -> None:
    """One of the two levels of an answer: that of the request and that of each row, which must both be 0."""
    code, words = number(found.get("errorCode")), said(found.get("errorDescription"))
    words = f"{words} ({code})" if words else str(code)
    if code == 0:
        return
    if code in _CORRECT:
        raise ParcelRefused(text=words)
    if code in _CONTRACT:
        raise CourierSettings(courier=NAME, text=words)
    if code == _SYSTEM:
        raise OutcomeUnknown(reason=words) if making else CourierAway(reason=words)
    raise CourierUnreadable(courier=NAME, text=words)


def result(found: Mapping[str, Any], *, making: bool = False) -> None:
    judge(block(found.get("result")), making=making)
