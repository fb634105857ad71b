"""A reading as JSON, so that the expected reading of a recorded delivery can lie beside it in samples/."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

from connectors.platforms.base import IncomingOrder, Reading, Withdrawn

# Only shown where they say something.
_SELDOM = ("to_collect", "marks", "identity", "told", "fiscal", "details", "hint")
_SELDOM_OF_LINE = ("line_id", "attributes", "bundle", "digital", "elsewhere", "sent")


def as_json(reading: Reading) -> Any:
    """Plain JSON of a reading: dates in ISO, money as text; None stays None, Withdrawn is {"withdrawn": id}, the others
    likewise."""
    if reading is None:
        return None
    if isinstance(reading, Withdrawn):
        return {"withdrawn": reading.external_id}
    if not isinstance(reading, IncomingOrder):
        return {type(reading).__name__.lower(): _plain(dataclasses.asdict(reading))}
    told = _plain(dataclasses.asdict(reading))
    told["lines"] = [_shown(line, _SELDOM_OF_LINE) for line in told["lines"]]
    return _shown(told, _SELDOM)


def _shown(told: dict[str, Any], seldom: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in seldom or value not in (None, [], "", {}, False)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value
