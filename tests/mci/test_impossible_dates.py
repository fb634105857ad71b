"""31/02/2026 in a filter: the page says that it narrows nothing, and no file is made that looks narrowed."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
PAGES = [
    *(("orders:list", "since"), ("orders:list", "until"), ("wallet:overview", "first"), ("wallet:statement", "last")),
    *(("wallet:cod", "first"),),
]
FILES = [
    *(("orders:export", "since", "orders:list"), ("wallet:statement_file", "first", "wallet:statement")),
    *(("wallet:proof", "last", "wallet:statement"), ("wallet:cod_export", "first", "wallet:cod")),
]


@pytest.mark.parametrize("day", ["2026-02-31", "31/02/2026", "ieri"])
@pytest.mark.parametrize(("page", "name"), PAGES)
def test_a_page_says_it(owner: Any, client_for: Any, page: str, name: str, day: str) -> None:
    client = client_for(owner)
    assert f"“{day}”" in client.get(reverse(page), {name: day}).content.decode()
    for fine in ("2026-02-28", ""):
        assert f"“{fine}”" not in client.get(reverse(page), {name: fine}).content.decode()


@pytest.mark.parametrize(("page", "name", "home"), FILES)
def test_a_file_is_not_made(owner: Any, client_for: Any, page: str, name: str, home: str) -> None:
    client = client_for(owner)
    answer = client.get(reverse(page), {name: "2026-02-31"})
    assert (answer.status_code, answer["Location"]) == (302, reverse(home))
    assert "“2026-02-31”" in client.get(reverse(home)).content.decode()
    fine = client.get(reverse(page), {name: "2026-02-28"})
    assert fine["Content-Type"].startswith("text/csv")


def test_what_is_typed_is_said_as_text_and_short(owner: Any, client_for: Any) -> None:
    nasty = "<script>alert(1)</script>" + "x" * 500 + "\u202e"
    page = client_for(owner).get(reverse("orders:list"), {"since": nasty}).content.decode()
    assert "<script>alert(1)" not in page
    said = page.partition("“&lt;script")[2].partition("”")[0]
    assert 0 < len(said) < 50
