"""The names of things in the two forms of an order, and the smallest things in it: an amount, a moment, a list.
Whatever stands where they are looked for, nothing here fails."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.platforms.shopify.answers import number_of
from core.money import ZERO, BadAmount, from_shop
from core.strict import text, whole

MAX_ID = 2**63 - 1
HIDDEN = "mciHidden"  # key that we add to an order of the API: the fields that Shopify kept from us
_DATE = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Words:
    """The names of things in one of the two forms of an order: the API's, or a webhook's body."""

    api: bool

    def pick(self, data: Mapping[str, Any], api: str, webhook: str) -> Any:
        return data.get(api if self.api else webhook)

    def money(self, data: Mapping[str, Any], api: str, webhook: str) -> Any:
        """The amount as text, in the currency that the customer pays in."""
        bag = self.pick(data, api, webhook)
        sum_ = self.pick(bag, "presentmentMoney", "presentment_money") if isinstance(bag, dict) else None
        return sum_.get("amount") if isinstance(sum_, dict) else None


def form_of(data: Mapping[str, Any]) -> Words:
    return Words(any(name in data for name in ("displayFinancialStatus", "updatedAt", "lineItems")))


def date(value: Any) -> dt.datetime | None:
    """A moment with its zone, in UTC; of this century (others could not be shown, and would outlive every change)."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def amount(value: Any) -> Decimal | None:
    """ "18.0" and "18.00" are the same."""
    try:
        return from_shop(value)
    except BadAmount:
        return None


def total_of(rows: Any, words: Words, api: str, webhook: str) -> Decimal | None:
    """The amounts of rows added up; None when one of them cannot be read."""
    amounts = [amount(words.money(row, api, webhook)) for row in objects(rows)]
    return None if None in amounts else sum((found for found in amounts if found is not None), ZERO)


def block(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> Sequence[Any]:
    """A list, or the nodes of a connection."""
    found = value.get("nodes") if isinstance(value, dict) else value
    return found if isinstance(found, list) else ()


def objects(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in items(value) if isinstance(item, dict))


def pairs(value: Any, length: int) -> list[tuple[str, str]]:
    """Attributes as name and value, in order; those without a value, and those that a theme hides ("_preview"), are
    left out. A list of {key, value} in the API, of {name, value} in a webhook, an object in old ones."""
    if isinstance(value, dict):
        rows: list[tuple[Any, Any]] = list(value.items())
    else:
        rows = [(item.get("name", item.get("key")), item.get("value")) for item in objects(value)]
    found = [(text(name, 60), text(worth, length)) for name, worth in rows[:100]]
    return [(name, worth) for name, worth in found if name and worth and not name.startswith("_")]


def id_of(data: Mapping[str, Any]) -> str:
    """The digits of an id: of its gid (some writers round the number of a webhook to a float's 53 bits)."""
    for name in ("id", "admin_graphql_api_id"):
        found = number_of(data.get(name))
        if found:
            return found
    number = whole(data.get("id"), 1, MAX_ID)
    return str(number) if number else ""
