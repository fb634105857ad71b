"""What is read of a file: orders with what is wrong with each, before anything of ours is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ERROR, HELD, WARNING = "error", "held", "warning"
# Fields of an order, as text; the amounts are EUR or in `currency`, VAT included.
ORDER = (
    *("number", "placed_at", "name", "company", "street", "street2", "postcode", "city", "province", "country"),
    *("phone", "email", "note", "payment", "to_collect", "sale_total", "currency"),
)
ADDRESS = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email")


@dataclass(frozen=True, slots=True)
class Issue:
    """`level`: an error is mended, what is held goes by a person's word, a warning is told. `column`: the field's name.
    `params` fill the sentence of the code (orders/imports/words.py)."""

    level: str
    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """A line. `item_id`: the marketplace's own id of it, which its confirmation names."""

    sku: str
    title: str
    quantity: int
    item_id: str = ""
    total: str = ""
    wish: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An order of the file. `line`: on which it begins; `left`: a code, where it is left out with a word."""

    line: int
    fields: dict[str, str]
    pieces: tuple[Piece, ...]
    issues: tuple[Issue, ...] = ()
    left: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`report`: the code of the format ("" for a file with names of its own, which a person maps: then `columns` and
    `guess` say what it has and what each may be, and there are no orders)."""

    report: str
    marketplace: str = ""
    orders: tuple[Found, ...] = ()
    remarks: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    guess: Mapping[str, str] = field(default_factory=dict)
