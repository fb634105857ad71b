"""What the chain's reader says of each way in which links can be wrong: on links alone, without a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from wallet.books.hashchain import GENESIS, Content, Link, broken_links, link

OTHER = bytes.fromhex("a5" * 32)


def chain(*, first: int = 1, previous: bytes = GENESIS) -> list[Link]:
    """Four links that nothing is wrong with, of entries that have nothing in common."""
    links: list[Link] = []
    for step, (kind, memo, postings) in enumerate(
        [
            ("top_up", "", "bank:-103.70 wallet:103.70"),
            ("sale", "two mugs", "sales:17.00 vat:3.74 wallet:-20.74"),
            ("adjustment", "a scratch", "adjustments:-1.05 wallet:1.05"),
            ("reversal", "", "sales:-17.00 vat:-3.74 wallet:20.74"),
        ]
    ):
        at = dt.datetime(2026, 3 + step, 7 + step, 11, 13 + step, 17, 191 + step, tzinfo=dt.UTC)
        content = Content(
            41 + 3 * step, at, kind, f"order:{step}:{kind}", f"order:{step}", 44 if step == 3 else None, memo, postings
        )
        links.append(Link(first + step, content, previous, link(previous, first + step, content)))
        previous = links[-1].hash
    return links


def said(links: list[Link], *, gaps: bool = False) -> list[str]:
    return list(broken_links(links, gaps=gaps))


def test_a_whole_chain_and_any_run_of_one_are_whole() -> None:
    links = chain()
    assert [said(links[start:end]) for start in range(4) for end in range(start, 5)] == [[] for _ in range(14)]
    assert said(chain(first=7, previous=OTHER)) == []


def test_a_chain_that_begins_with_something_else_than_nothing_is_no_beginning() -> None:
    assert said(chain(previous=OTHER)) == ["position 1: is not the beginning of the chain"]
    assert said(chain(previous=OTHER), gaps=True) == ["position 1: is not the beginning of the chain"]


@pytest.mark.parametrize(
    "change",
    [
        {"entry_id": 45},
        {"at": dt.datetime(2026, 4, 8, 11, 14, 17, 193, tzinfo=dt.UTC)},
        {"kind": "cod_sale"},
        {"key": "order:1:sale2"},
        {"reference": "order:2"},
        {"reverses_id": 41},
        {"memo": "two mug"},
        {"postings": "sales:17.00 vat:3.73 wallet:-20.73"},
    ],
)
def test_each_field_of_an_entry_is_vouched_for(change: dict[str, object]) -> None:
    links = chain()
    links[1] = replace(links[1], content=replace(links[1].content, **change))
    assert said(links) == [f"position 2: entry {change.get('entry_id', 44)} was changed after it was sealed"]


def test_so_is_its_place() -> None:
    links = chain()
    alone = [replace(links[2], position=9)]
    assert said(alone) == ["position 9: entry 47 was changed after it was sealed"]


def test_what_was_put_in_anew_does_not_follow() -> None:
    links = chain()
    links[2] = replace(links[2], previous=OTHER, hash=link(OTHER, 3, links[2].content))
    assert said(links) == [
        "position 3: does not follow the entry before it",
        "position 4: does not follow the entry before it",
    ]


def test_what_was_taken_out_is_missing_unless_gaps_may_be() -> None:
    links = chain()
    assert said([links[0], links[3]]) == ["position 2: entries are missing up to 3"]
    assert said([links[0], links[2], links[3]]) == ["position 2: entries are missing up to 2"]
    assert said([links[0], links[3]], gaps=True) == []
    after_a_gap = [links[0], links[2], replace(links[3], previous=OTHER, hash=link(OTHER, 4, links[3].content))]
    assert said(after_a_gap, gaps=True) == ["position 4: does not follow the entry before it"]


def test_one_that_stands_twice_is_told() -> None:
    links = chain()
    assert said([*links[:2], links[1], *links[2:]]) == ["position 3: entries are missing up to 1"]
