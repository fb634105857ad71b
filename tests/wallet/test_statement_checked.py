"""What the program for verifying statements says of each way in which a file can be wrong, in its own words; and that a
link is made as it was made when the first statement left the house. Without a database."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.wallet.test_broken_links import OTHER, chain
from wallet.books.hashchain import GENESIS, Content, Link, broken_statement, link, unquoted

Row = list[str]
HEAD = [f"column {n}" for n in range(18)]


def as_row(found: Link, change: str, balance: str, *, sealed: bool = True) -> Row:
    content = found.content
    proof = [found.position, found.previous.hex(), found.hash.hex()] if sealed else ["", "", ""]
    told = [
        proof[0], content.entry_id, content.at.isoformat(timespec="microseconds"), content.kind, content.key,
        content.reference, content.reverses_id or "", content.memo, content.postings, *proof[1:],
    ]  # fmt: skip
    return ["2026-03-07 12:13", "Word", "Name", change, "0,00", "0,00", balance, *map(str, told)]


def rows(*, previous: bytes = GENESIS, first: int = 1) -> list[Row]:
    """The four entries of `chain`, 7.77 having been there before."""
    moved = [("103,70", "111,47"), ("-20,74", "90,73"), ("1,05", "91,78"), ("20,74", "112,52")]
    return [as_row(one, *cells) for one, cells in zip(chain(previous=previous, first=first), moved, strict=True)]


def said(found: list[Row], head: Row = HEAD) -> list[str]:
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows([head, *found])
    return list(broken_statement(("\ufeff" + file.getvalue()).splitlines(keepends=True)))


def changed(row: int, cell: int, text: str) -> Callable[[list[Row]], None]:
    def change(found: list[Row]) -> None:
        found[row][cell] = text

    return change


def test_a_whole_one_and_any_run_of_it_are_whole() -> None:
    for start in range(4):
        for end in range(start, 5):
            assert said(rows()[start:end]) == []
    assert said(rows(previous=OTHER, first=7)) == []
    assert said([]) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed(1, 3, "-20,75"), ["line 3: the amount is not that of the entry",
                                   "line 3: the balance does not follow from the line before"]),
        (changed(1, 6, "90,74"), ["line 3: the balance does not follow from the line before",
                                  "line 4: the balance does not follow from the line before"]),
        (changed(0, 6, "111,48"), ["line 3: the balance does not follow from the line before"]),
        (changed(1, 15, "sales:17.00 vat:3.74"), ["line 3: the amount is not that of the entry",
                                                  "position 2: entry 44 was changed after it was sealed"]),
        (changed(1, 14, "two mug"), ["position 2: entry 44 was changed after it was sealed"]),
        (changed(1, 13, "41"), ["position 2: entry 44 was changed after it was sealed"]),
        (changed(3, 13, ""), ["position 4: entry 50 was changed after it was sealed"]),
        (changed(2, 8, "48"), ["position 3: entry 48 was changed after it was sealed"]),
        (changed(2, 9, "2026-05-09T11:15:17.000194+00:00"), ["position 3: entry 47 was changed after it was sealed"]),
        (changed(2, 10, "sale"), ["position 3: entry 47 was changed after it was sealed"]),
        (changed(2, 11, "x"), ["position 3: entry 47 was changed after it was sealed"]),
        (changed(2, 12, "x"), ["position 3: entry 47 was changed after it was sealed"]),
        (changed(2, 17, OTHER.hex()), ["position 3: entry 47 was changed after it was sealed",
                                       "position 4: does not follow the entry before it"]),
        (changed(0, 16, OTHER.hex()), ["position 1: is not the beginning of the chain",
                                       "position 1: entry 41 was changed after it was sealed"]),
        (lambda found: found[2].append("more"), ["line 4: 19 columns instead of 18"]),
        (lambda found: found[2].pop(), ["line 4: 17 columns instead of 18"]),
        (lambda found: found.pop(2), ["line 4: the balance does not follow from the line before"]),
    ],
)  # fmt: skip
def test_each_change_is_told_by_its_line_or_its_place(change: Callable[[list[Row]], Any], words: list[str]) -> None:
    found = rows()
    change(found)
    assert said(found) == words


def test_what_is_not_sealed_yet_is_summed_alone_and_moves_of_other_accounts_move_nothing() -> None:
    found = rows()
    fifth = chain()[3]
    later = replace(fifth, content=replace(fifth.content, entry_id=53, postings="cod_due:2.00 sales:-2.00"))
    found.append(as_row(later, "0,00", "112,52", sealed=False))
    assert said(found) == []
    found[-1][3] = ""  # nothing is nothing
    assert said(found) == []
    found[-1][6] = "112,53"
    assert said(found) == ["line 6: the balance does not follow from the line before"]


def test_in_the_order_of_the_day_the_links_need_not_be_in_theirs() -> None:
    """An entry that was posted late stands at its day, with a later position."""
    first, second, third, fourth = chain()
    found = [as_row(first, "103,70", "103,70"), as_row(third, "1,05", "104,75"), as_row(second, "-20,74", "84,01"),
             as_row(fourth, "20,74", "104,75")]  # fmt: skip
    assert said(found) == []
    found[1][14] = "another scratch"
    assert said(found) == ["position 3: entry 47 was changed after it was sealed"]


def test_cells_that_were_made_plain_are_read_as_they_were() -> None:
    assert [unquoted(text) for text in ("'=1+1", "''", "plain'", "")] == ["=1+1", "'", "plain'", ""]
    one = chain()[0]
    content = replace(one.content, memo="=1", reference="'x")
    sealed = replace(one, content=content, hash=link(GENESIS, 1, content))
    row = as_row(sealed, "103,70", "103,70")
    row[14], row[12] = "'=1", "''x"
    assert said([row]) == []


def test_a_link_is_made_as_it_always_was() -> None:
    """Statements that left the house years ago are verified with it."""
    content = Content(
        41, dt.datetime(2026, 3, 7, 12, 13, tzinfo=dt.timezone(dt.timedelta(hours=1))), "adjustment",
        "adjustment:è:key", "adjustment:è", None, "perché “no”", "adjustments:-1.05 wallet:1.05",
    )  # fmt: skip
    moment, rest = '"2026-03-07T11:13:00.000000+00:00"', '"perché “no”","adjustments:-1.05 wallet:1.05"]'
    first = f'[1,41,{moment},"adjustment","adjustment:è:key","adjustment:è",null,{rest}'
    assert link(GENESIS, 1, content) == hashlib.sha256(bytes(32) + first.encode()).digest()
    assert link(GENESIS, 1, replace(content, at=content.at.astimezone(dt.UTC))) == link(GENESIS, 1, content)
    second = first.replace("[1,", "[2,").replace("null", "40")
    assert link(OTHER, 2, replace(content, reverses_id=40)) == hashlib.sha256(OTHER + second.encode()).digest()
