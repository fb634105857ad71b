"""Keyset pages: every row once, both ways, whatever the cursor says."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Dropshipper
from core.pagination import Count, bounded_count, keyset_page
from tests import cast

BY = ("-created_at", "-id")


def rows(number: int) -> list[Dropshipper]:
    """Companies of which several share an instant."""
    start, chance = timezone.now(), random.Random(7)
    made = [cast.dropshipper(created_at=start - dt.timedelta(hours=chance.randrange(5))) for _ in range(number)]
    return sorted(made, key=lambda row: (row.created_at, row.pk), reverse=True)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 22, 23, 50])
@pytest.mark.django_db
def test_walking_there_and_back_shows_every_row_once(size: int) -> None:
    wanted = [row.pk for row in rows(23)]
    there, cursor, pages = [], None, 0
    while True:
        page = keyset_page(Dropshipper.objects.all(), by=BY, cursor=cursor, size=size)
        there += [row.pk for row in page]
        pages += 1
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert there == wanted
    assert pages == -(-23 // size)
    back = [row.pk for row in page]
    while page.prev_cursor is not None:
        page = keyset_page(Dropshipper.objects.all(), by=BY, cursor=page.prev_cursor, size=size)
        back = [row.pk for row in page] + back
    assert back == wanted


@pytest.mark.parametrize("by", [("id",), ("-id",), ("city", "-id"), ("-city", "id"), ("name", "city", "id")])
@pytest.mark.django_db
def test_any_order_can_be_walked(by: tuple[str, ...]) -> None:
    for number in range(12):
        cast.dropshipper(f"N{number % 3}", city=f"C{number % 2}")
    wanted = list(Dropshipper.objects.order_by(*by).values_list("pk", flat=True))
    seen, cursor = [], None
    for _ in range(10):
        page = keyset_page(Dropshipper.objects.all(), by=by, cursor=cursor, size=5)
        seen += [row.pk for row in page]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == wanted


@pytest.mark.django_db
def test_a_row_that_comes_in_front_meanwhile_shifts_nothing() -> None:
    wanted = [row.pk for row in rows(10)]
    first = keyset_page(Dropshipper.objects.all(), by=BY, size=4)
    cast.dropshipper(created_at=timezone.now() + dt.timedelta(hours=1))
    second = keyset_page(Dropshipper.objects.all(), by=BY, cursor=first.next_cursor, size=4)
    assert [row.pk for row in second] == wanted[4:8]


def packed(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%",
        "é",
        "\x00",
        "A" * 5000,
        packed(),
        packed(0, "2026-01-01T00:00:00+00:00"),
        packed(0, "not a date", 3),
        packed(0, None, None),
        packed(0, "2026-01-01T00:00:00+00:00", 10**30),
        packed(0, "2026-01-01T00:00:00+00:00", {"a": 1}),
        packed(0, "2026-01-01T00:00:00+00:00", "1; drop table"),
        packed(7, "2026-01-01T00:00:00+00:00", 1),
        packed([[[[]]]]),
        packed(0, "2026-01-01T00:00:00", 1),
        packed(0, "0001-01-01", 1),
        base64.urlsafe_b64encode(b"[" * 700).decode(),
    ],
)
@pytest.mark.django_db
def test_a_cursor_of_nonsense_is_the_first_page(cursor: str) -> None:
    wanted = [row.pk for row in rows(3)]
    assert [row.pk for row in keyset_page(Dropshipper.objects.all(), by=BY, cursor=cursor, size=2)] == wanted[:2]


@pytest.mark.django_db
def test_a_cursor_beyond_rows_that_went_away_is_the_first_page() -> None:
    wanted = rows(3)
    page = keyset_page(Dropshipper.objects.all(), by=BY, size=2)
    wanted[2].delete()
    again = keyset_page(Dropshipper.objects.all(), by=BY, cursor=page.next_cursor, size=2)
    assert [row.pk for row in again] == [row.pk for row in wanted[:2]]


@pytest.mark.django_db
def test_an_empty_list_is_one_page_of_nothing() -> None:
    page = keyset_page(Dropshipper.objects.none(), by=BY)
    assert (list(page), page.next_cursor, page.prev_cursor, page.has_others) == ([], None, None, False)


@pytest.mark.django_db
def test_a_page_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rows(5)
    first = keyset_page(Dropshipper.objects.all(), by=BY, size=2)
    with django_assert_num_queries(1):
        keyset_page(Dropshipper.objects.all(), by=BY, cursor=first.next_cursor, size=2)


@pytest.mark.django_db
def test_a_count_stops_at_its_limit() -> None:
    rows(4)
    assert bounded_count(Dropshipper.objects.all(), 10) == Count(4)
    assert bounded_count(Dropshipper.objects.all(), 4) == Count(4)
    assert bounded_count(Dropshipper.objects.all(), 3) == Count(3, more=True)
    assert str(Count(10_000, more=True)) == "10.000+"
    assert not Count(0)


@pytest.mark.parametrize("name", ["\ud800", "x\0"])
@pytest.mark.django_db
def test_a_cursor_holds_no_text_that_no_database_can_hold(name: str) -> None:
    wanted = sorted(row.pk for row in rows(3))
    cursor = base64.urlsafe_b64encode(json.dumps([0, name, wanted[0]]).encode()).decode()
    assert len(keyset_page(Dropshipper.objects.all(), by=("name", "id"), cursor=cursor)) == 3
