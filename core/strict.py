"""What comes from outside is read by strict rules: JSON with limits, text without tricks, bounded whole numbers."""

from __future__ import annotations

import json
import unicodedata
from typing import Any
from urllib.parse import urlsplit

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 50
_MAX_DIGITS = 18  # of a number that is read as one: ids and counters are shorter
_MOST_DIGITS = 1000
_JOINER = "\u200d"  # zero-width joiner: part of many emoji


class BadJson(ValueError):
    """The bytes are not JSON that we accept; the text says why, without quoting the data."""


def _whole_number(digits: str) -> int | str:
    """A longer one (a plugin's session number that nobody reads) stays text: it costs nothing, and `whole` refuses it
    where a number is needed."""
    if len(digits) > _MOST_DIGITS:
        raise BadJson("a number is too long")
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _real_number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise BadJson("a number is too large")
    return number


def _constant(name: str) -> Any:
    raise BadJson(f"{name} is not JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """With the same name twice, two readers may see two different amounts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a name occurs twice in one object")
    return found


def _check_depth(value: Any, most: int) -> None:
    level = [value]
    for _depth in range(most):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise BadJson("too deeply nested")


def load_json(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """JSON in strict UTF-8, at most `max_bytes` long and `max_depth` deep, no NaN, no twin names; BadJson otherwise.

    A whole number of more than 18 digits becomes its digits as text. A lone surrogate passes here: `text` takes care of
    it."""
    if len(data) > max_bytes:
        raise BadJson("too large")
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_int=_whole_number,
            parse_float=_real_number,
            parse_constant=_constant,
            object_pairs_hook=_no_twins,
        )
    except BadJson:
        raise
    except UnicodeDecodeError:
        raise BadJson("not UTF-8") from None
    except RecursionError:
        raise BadJson("too deeply nested") from None
    except ValueError as error:
        raise BadJson(f"not JSON ({getattr(error, 'msg', 'invalid')[:60]})") from None
    _check_depth(value, max_depth)
    return value


def web(value: Any, max_length: int = 500) -> str:
    """`value` if it is an address of the web with a host, of at most `max_length`; "" for any other scheme, which a
    browser might run, and for what is none."""
    address = text(value, max_length + 1)
    if len(address) > max_length or address != value:
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.hostname else ""


def is_text(value: Any) -> bool:
    """Whether no string within `value` (as load_json gives it) holds NUL or half a character: those can neither be
    stored nor looked for."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(is_text(name) and is_text(child) for name, child in value.items())
    return all(map(is_text, value)) if isinstance(value, list) else True


def _keep(character: str) -> str:
    if character in "\n\t\r":
        return " "
    category = unicodedata.category(character)
    if category in ("Zl", "Zp"):
        return " "
    return "" if category in ("Cc", "Cf", "Cs", "Co", "Cn") and character != _JOINER else character


def text(value: Any, max_length: int) -> str:
    """`value` for a display column of `max_length`: one line, no control nor invisible characters, cut where a letter
    ends. A number becomes its digits; anything else that is not text becomes ""."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # A bound before the costly part; four times leaves room for accents that are composed into one character.
    raw = str(value)[: max_length * 4 + 64]
    if not raw.isprintable():  # most is, and then nothing is to be taken out
        raw = "".join(map(_keep, raw.encode("utf-8", "replace").decode("utf-8")))
    clean = " ".join(unicodedata.normalize("NFC", raw).split())
    if len(clean) <= max_length:
        return clean
    end = max_length
    while end > 0 and (unicodedata.combining(clean[end]) or clean[end] == _JOINER or clean[end - 1] == _JOINER):
        end -= 1
    return clean[: end or max_length].rstrip()


def whole(value: Any, low: int, high: int) -> int | None:
    """`value` when it is a whole number (not a boolean, not text) within low…high, else None."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        return None
    return value
