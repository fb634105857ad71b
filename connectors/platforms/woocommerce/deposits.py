"""Orders of which a part was paid and the rest is still owed, and orders that only collect such a rest. WooCommerce
calls both "processing" and paid; plugins for deposits and for part payment before cash on delivery keep in metadata
what is open. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce.fields import id_of, items, metas
from core.money import ZERO, BadAmount, cents, exact_from_shop
from core.strict import text

# Of the order: it has a deposit; the rest was paid; how much the rest is; how much was paid before.
_HAS = re.compile(r"(?:^|_)(?:has|is|with)_(?:a_)?(?:deposits?|partial_payments?|partial_cod)$")
_REST_PAID = re.compile(
    r"(?:^|_)(?:second_payment|remaining(?:_(?:balance|payment|amount))?|balance(?:_payment)?|full_payment|fully|saldo)_paid$"
)
_REST = re.compile(
    r"(?:^|_)(?:second_payment|remaining(?:_(?:amount|balance|payment|total|due|cod))*|balance_(?:due|amount)|deposit_balance"
    r"|(?:amount|payment|total)_due|due_(?:amount|payment|on_delivery)|(?:pay|payable|amount)_on_delivery"
    r"|future_payments?|cod_(?:remaining|balance|due)(?:_amount)?|saldo(?:_dovuto)?|da_saldare)$"
)
_PART = re.compile(
    r"(?:^|_)(?:(?:advance|partial|upfront|deposit|acconto|anticipo|caparra)(?:_(?:payment|cod))?"
    r"_(?:paid|amount|total|value)(?:_(?:paid|amount))?|advance_payment|acconto|anticipo|caparra)$"
)
_NO_PART = re.compile(
    r"(?:^|_)(?:type|percent\w*|date|time|status|method|id|enabled|label|title|refund\w*|discount\w*|tax)$"
)
# Of a line: its price is a deposit; what the whole would be.
_LINE_IS_PART = re.compile(r"(?:^|_)is_deposit$|^deposit$|^wc_deposit$")
_FOLLOW_UP_VIA = re.compile(r"deposits?$|wcdp\w*(?:balance|payment)\w*|awcdp\w*")
_FOLLOW_UP = re.compile(r"^(?:original_order_id|deposit_order_id|deposit_parent_order|wcdp_parent_order)$")
_NO = frozenset({"", "0", "no", "false", "off", "null", "none", "[]"})


@dataclass(frozen=True, slots=True)
class Part:
    """A part was paid apart. `rest`: how much is still owed, where the order says so, to two places. `settled`: the
    rest was paid too."""

    rest: Decimal | None = None
    settled: bool = False


def read(data: Mapping[str, Any], total: Decimal | None) -> Part | None:
    """None: the order knows no parts of its payment."""
    has, rest_paid, rest, parts = False, False, None, False
    for key, value in _plain(data):
        if _HAS.search(key):
            has = has or _yes(value)
        elif _REST_PAID.search(key):
            rest_paid = rest_paid or _yes(value)
        elif _REST.search(key):
            rest = rest if rest is not None else _amount(value)
        elif _PART.search(key) and not _NO_PART.search(key):
            paid = _amount(value)
            parts = parts or (paid is not None and total is not None and ZERO < paid < total)
    of_lines = [open_ for item in items(data, "line_items") if (open_ := _of_line(item)) is not None]
    if rest_paid and not any(of_lines):
        return Part(settled=True)
    known = rest if rest is not None and total is not None and ZERO < rest < total else None
    if any(of_lines) or known is not None or (has and rest is None) or (parts and rest is None):
        return Part(known)
    return None


def follows(data: Mapping[str, Any]) -> str:
    """The order whose rest this one collects: its goods went, or will go, with that one. "" for any other."""
    for item in items(data, "line_items"):
        for key, value, _entry in metas(item):
            if _FOLLOW_UP.fullmatch(_bare(key)) and id_of(value):
                return str(id_of(value))
    for key, value in _plain(data):
        if _FOLLOW_UP.fullmatch(key) and id_of(value):
            return str(id_of(value))
    if _FOLLOW_UP_VIA.search(text(data.get("created_via"), 60).lower()):
        return str(id_of(data.get("parent_id")) or text(data.get("number"), 60) or "?")
    return ""


def judge(data: Mapping[str, Any], doubts: list[Doubt]) -> None:
    """Adds `split_order` to an order that only collects the rest of another one."""
    other = follows(data)
    if other and all(doubt.code != "split_order" for doubt in doubts):
        doubts.append(Doubt("split_order", "", {"parent": other}))


def _of_line(item: Mapping[str, Any]) -> bool | None:
    """Is the rest of this line open? None: it is no deposit."""
    named = {_bare(key): value for key, value, _entry in metas(item)}
    if not any(_LINE_IS_PART.search(key) and _is_deposit(value) for key, value in named.items()):
        return None
    return not any(_REST_PAID.search(key) and _yes(value) for key, value in named.items())


def _is_deposit(value: Any) -> bool:
    if isinstance(value, dict):  # {"enable": "yes", "deposit": 20, …}
        return _yes(value.get("enable"))
    return _yes(value)


def _plain(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value, _entry in metas(data):
        yield _bare(key), value


def _bare(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")


def _yes(value: Any) -> bool:
    return value is True or (value is not None and text(value, 20).strip().lower() not in _NO)


def _amount(value: Any) -> Decimal | None:
    try:
        return cents(exact_from_shop(str(value).strip() if isinstance(value, str | int | float) else value))
    except BadAmount:
        return None
