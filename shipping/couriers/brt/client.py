"""BRT's REST services: the account goes in every body, and every answer is HTTP 200 with the result inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shipping.couriers import calls
from shipping.couriers.base import Access
from shipping.couriers.calls import block, said
from shipping.couriers.errors import (
    AddressNotRouted,
    CourierLogin,
    CourierUnreadable,
    GoneAtCourier,
    ManyOfThem,
    NotCancelled,
    OutcomeUnknown,
    ParcelRefused,
    StillWorking,
)

NAME = "BRT"
ADDRESSES = {
    "rest": "https://api.brt.it/rest/v1",
    "vas": "https://wsr.brt.it:10052/web",
    "orm": "https://api.brt.it/orm",
}
# What an executionMessage's code means; 4 to 7 are warnings of something that was made.
WARNINGS = {4: "address_changed", 5: "shop_replaced", 6: "return_depot_replaced", 7: "qr_failed"}
CONFIRMED_ALREADY = -102
_LOGIN = frozenset({-7, -57, -67})
_UNSURE = frozenset({-1, -64, -65})  # numbering and printing stumble after the parcel was begun
_WORKING = frozenset({-153, -155})


def url(access: Access, service: str, path: str) -> str:
    return f"{access.addresses.get(service, ADDRESSES[service]).rstrip('/')}{path}"


def send(
    access: Access, method: str, path: str, name: str, body: Mapping[str, Any], *, making: bool = False
) -> Mapping[str, Any]:
    """The object `name` of the answer, whatever its code (see `judge`). Raises OutcomeUnknown where something was to
    be made."""
    account = {"userID": access.credentials.get("user_id", ""), "password": access.credentials.get("password", "")}
    answer = calls.ask(
        NAME,
        method,
        url(access, "rest", path),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
        body=calls.exact_json({"account": account, **body}),
        making=making,
        label=f"{method} {path}",
    )
    found = calls.json_of(NAME, answer, making=making).get(name)
    if isinstance(found, dict) and "code" in block(found.get("executionMessage")):
        return found
    if making:
        raise OutcomeUnknown(reason=name)
    raise CourierUnreadable(courier=NAME, text=name)


def code_of(found: Mapping[str, Any]) -> int:
    code = block(found.get("executionMessage")).get("code")
    if isinstance(code, str) and code.lstrip("-").isdigit():
        code = int(code)
    if isinstance(code, bool) or not isinstance(code, int):
        raise CourierUnreadable(courier=NAME, text=said(code))
    return code


def words_of(found: Mapping[str, Any]) -> str:
    message = block(found.get("executionMessage"))
    return said(message.get("message")) or said(message.get("codeDesc")) or str(code_of(found))


def judge(found: Mapping[str, Any], *, reference: str = "") -> int:
    """The code, when what was asked for was done (0 or a warning). Raises what it means otherwise."""
    code, words = code_of(found), words_of(found)
    if code >= 0:
        return code
    if code in _LOGIN:
        raise CourierLogin(courier=NAME, text=words)
    if code in _UNSURE:
        raise OutcomeUnknown(reason=words)
    if code in _WORKING:
        raise StillWorking
    if code == -63:
        raise AddressNotRouted(text=words)
    if code == -151:
        raise GoneAtCourier
    if code == -152:
        raise NotCancelled(text=words)
    if code == -154:
        raise ManyOfThem(courier=NAME, reference=reference)
    raise ParcelRefused(text=f"{words} ({code})")
