"""Rows of spreadsheets, as people save them."""

from __future__ import annotations

import pytest

from core import table

HEAD = "sku;nome;pezzi\n"


def rows(text: str) -> list[list[str]]:
    return [cells for _line, cells in table.read(text.encode()).rows]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ('"Trapano; con punte"', "Trapano; con punte"),
        ('"Trapano ""PRO"""', 'Trapano "PRO"'),
        ('"due\nrighe"', "due\nrighe"),
        ('"da Gino', '"da Gino'),  # nothing closes it
        ('"', '"'),
        ('5" di diametro', '5" di diametro'),
        ('"Da Gino" bar', '"Da Gino" bar'),
    ],
)
def test_a_mark_never_swallows_the_rows_behind_it(cell: str, read: str) -> None:
    found = rows(f"{HEAD}A;{cell};1\nB;b;2\nC;c;3\n")
    assert found[1:] == [["A", read, "1"], ["B", "b", "2"], ["C", "c", "3"]]


def test_two_lone_marks_do_not_close_each_other() -> None:
    assert rows(f'{HEAD}A;"da Gino;1\nB;b;2\nC;"da Ugo;3\nD;d;4') == [
        ["sku", "nome", "pezzi"],
        ["A", '"da Gino', "1"],
        ["B", "b", "2"],
        ["C", '"da Ugo', "3"],
        ["D", "d", "4"],
    ]


def test_lines_are_counted_as_an_editor_does() -> None:
    found = table.read(f'\r\n{HEAD}A;"due\r\nrighe";1\r\n\r\nB;b;2'.encode())
    assert [line for line, _cells in found.rows] == [2, 3, 6]


def test_a_long_list_with_lone_marks_is_read_at_once() -> None:
    assert len(rows(HEAD + 'A;"x;1\n' * 5_000)) == 5_001
