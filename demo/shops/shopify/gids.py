"""Global ids (`gid://shopify/Order/123`), their numbers, times and amounts as the two sides of the store write them."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]+)(?:\?.*)?")
Doc = dict[str, Any]
CENT = Decimal("0.01")


def gid(kind: str, number: int | str) -> str:
    return f"gid://shopify/{kind}/{number}"


def number_of(text: object, kind: str = "") -> int | None:
    """The number of a global id; None when it is none, or of another kind."""
    match = _GID.fullmatch(str(text))
    if match is None or (kind and match[1] != kind):
        return None
    return int(match[2])


def kind_of(text: object) -> str:
    match = re.match(r"gid://shopify/([A-Za-z]+)/", str(text))
    return match[1] if match else ""


def stamp(moment: dt.datetime) -> str:
    """UTC to the second, with a Z: how GraphQL writes a DateTime, and how documents keep one."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> dt.datetime:
    """Any ISO 8601 time with a zone; without one it is UTC."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def local(text: str | None, zone: ZoneInfo) -> str | None:
    """The same moment with the shop's own offset: how webhooks write it."""
    return moment_of(text).astimezone(zone).isoformat(timespec="seconds") if text else None


def cents(amount: Decimal | str | int) -> Decimal:
    return Decimal(amount).quantize(CENT, ROUND_HALF_UP)


def two_places(amount: Decimal | str | int) -> str:
    """`18.00`: how webhooks, and prices of variants, write an amount."""
    return str(cents(amount))


def short(amount: Decimal | str | int) -> str:
    """`18.0`, `18.5`, `18.55`: how GraphQL writes the amount of a MoneyV2."""
    text = f"{cents(amount):f}"
    return text[:-1] if text.endswith("0") else text
