"""Strict reading of JSON and text from outside."""

from __future__ import annotations

import contextlib
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strict import MAX_DEPTH, BadJson, load_json, text, whole


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e400]",
        b"1" * 5000,
        b'{"a":1,"a":2}',
        b"[" * 100_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        '"è"'.encode("latin-1"),
        '{"a":1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b" " * (5 * 1024 * 1024 + 1),
    ],
)
def test_what_is_not_strict_json_is_refused_quickly(data: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(BadJson):
        load_json(data)
    assert time.monotonic() - started < 1


def test_plain_json_is_read() -> None:
    assert load_json('{"a":[1,2.5,"è",null,true]}'.encode()) == {"a": [1, 2.5, "è", None, True]}
    assert load_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)  # the deepest that passes


def test_a_number_too_long_for_a_number_stays_text_and_is_no_id() -> None:
    read = load_json(b'{"meta":7345678901234567890,"id":123456789012345678}')
    assert read == {"meta": "7345678901234567890", "id": 123456789012345678}
    assert whole(read["meta"], 1, 10**30) is None
    assert text(read["meta"], 60) == "7345678901234567890"
    assert load_json(b"-" + b"9" * 900) == "-" + "9" * 900


@given(st.binary(max_size=300))
def test_any_bytes_are_json_or_bad_json(data: bytes) -> None:
    with contextlib.suppress(BadJson):
        load_json(data)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("  Via\n Roma\t1 ", "Via Roma 1"),
        ("a\x00b\x07c", "abc"),
        ("\u202eevil\u2066\u200b\ufeff", "evil"),
        ("\ud800", "?"),
        ("e\u0301", "é"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        (12, "12"),
        (None, ""),
        (True, ""),
        (["a"], ""),
        ({}, ""),
    ],
)
def test_text_is_one_clean_line(value: Any, shown: str) -> None:
    assert text(value, 100) == shown


def test_text_is_cut_where_a_letter_ends() -> None:
    assert text("abcdef", 3) == "abc"
    assert text("ab🏳\u200d🌈", 4) == "ab"
    assert len(text("e" + "\u0301" * 500_000, 50)) <= 50


@given(st.text(max_size=400), st.integers(1, 60))
def test_any_text_fits_its_column(value: str, length: int) -> None:
    shown = text(value, length)
    assert len(shown) <= length
    shown.encode()
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in shown)
    assert shown == shown.strip()


@pytest.mark.parametrize("value", [0, 10, -1, 1.0, "1", True, None, 2**80])
def test_a_whole_number_is_within_its_bounds(value: Any) -> None:
    assert whole(value, 1, 9) is None
    assert whole(5, 1, 9) == 5
