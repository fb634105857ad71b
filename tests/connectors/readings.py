"""A reading as JSON, so that the expected reading of a recorded delivery can lie beside it in samples/."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

from connectors.platforms.base import IncomingOrder, Reading


def as_json(reading: Reading) -> Any:
    """Plain JSON of a reading: dates in ISO, money as text; None stays None, Withdrawn is {"withdrawn": id}."""
    if reading is None:
        return None
    if not isinstance(reading, IncomingOrder):
        return {"withdrawn": getattr(reading, "external_id", "")}
    return _plain(dataclasses.asdict(reading))


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
