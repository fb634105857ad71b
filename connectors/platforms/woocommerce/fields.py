"""The small parts of WooCommerce's JSON, read so that nothing that a plugin left there can hurt: text, dates, lists,
amounts, and the metadata in which plugins keep what the core has no field for. Pure."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt
from core.money import BadAmount, exact_from_shop
from core.strict import BadJson, load_json, text, whole

MAX_ID = 2**53
MAX_METAS = 500
_DATE = re.compile(
    r"(20\d\d-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)  # of this century: others could not be shown, and would outlive every change
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TAG = re.compile(r"<[^<>]{0,500}>")
_MOST_OF_A_META = 20_000


def date(value: Any) -> dt.datetime | None:
    """A `…_gmt` date, to the second: UTC without zone, as WooCommerce writes it, or with the zone that it names."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    day, time, zone = found.groups()
    try:
        moment = dt.datetime.fromisoformat(f"{day}T{time}{zone or '+00:00'}")
    except ValueError:
        return None
    return moment.astimezone(dt.UTC)


def words(value: Any, length: int) -> str:
    """Text with its HTML entities undone once. Only whole entities: a classic checkout stores “R&D” as it was typed."""
    if not isinstance(value, str):
        return text(value, length)
    return text(_ENTITY.sub(lambda match: html.unescape(match.group()), value[: length * 8 + 256]), length)


def bare(value: Any, length: int) -> str:
    """`words` without HTML tags, which plugins put into what they show."""
    if isinstance(value, str):
        value = _TAG.sub(" ", value[: length * 8 + 1000])
    return words(value, length)


def block(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def entries(data: Mapping[str, Any], name: str) -> Sequence[Any]:
    """The entries of a list. PHP writes an object in its place when a plugin took one out of the middle."""
    found = data.get(name)
    return found if isinstance(found, list) else list(found.values()) if isinstance(found, dict) else ()


def items(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [item for item in entries(data, name) if isinstance(item, dict)]


def metas(data: Mapping[str, Any]) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Key, value and the whole entry of an order's or a line's metadata."""
    for entry in items(data, "meta_data")[:MAX_METAS]:
        key = entry.get("key")
        if isinstance(key, str) and key:
            yield key[:200], entry.get("value"), entry


def opened(value: Any) -> Any:
    """A meta value that is JSON within text, decoded; any other as it is."""
    if not isinstance(value, str) or len(value) > _MOST_OF_A_META or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return load_json(value.encode("utf-8", "replace"))
    except BadJson:
        return value


def amount(value: Any, subject: str, doubts: list[Doubt]) -> Decimal | None:
    """An amount with all its decimals; None, with a doubt, for what is none."""
    try:
        return exact_from_shop(value)
    except BadAmount:
        doubts.append(Doubt("bad_price", subject[:100], {"value": text(str(value), 40)}))
        return None


def pieces(value: Any) -> int | None:
    """A quantity: a whole number of at least 1. Shops that sell by the metre write it as 2.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return whole(value, 1, 9999)


def id_of(value: Any) -> int | None:
    """An id of the shop; in metadata they are text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    return whole(value, 1, MAX_ID)
