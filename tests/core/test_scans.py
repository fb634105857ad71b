"""What scanners add to a code, and how they type it on a keyboard of another country."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404

from catalog import shelves
from catalog.models import Variant
from core import scans
from orders import queries
from orders.models import Order
from tests.orders import stage
from tests.orders.test_returned import shipped


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *(("]C1MCI-000012", "MCI-000012"), ("]E08001234567897", "8001234567897"), (" MCI-1 ", "MCI-1")),
        *(("0108001234567897", "08001234567897"), ("]d20108001234567897172612", "08001234567897")),
        *(("]", "]"), ("]C1", ""), ("01080012", "01080012"), ("", "")),
    ],
)
def test_what_names_the_kind_of_code_is_no_part_of_it(typed: str, code: str) -> None:
    assert scans.bare(typed) == code


def test_of_the_figures_of_an_article_zeros_before_them_do_not_count() -> None:
    assert "0012345678905" in scans.ean_writings("012345678905")
    assert scans.ean_writings("A-1") == {"A-1"}
    assert scans.ean_writings("٣٣") == {"٣٣"}


@pytest.mark.django_db
@pytest.mark.parametrize("stored", ["012345678905", "0012345678905"])
@pytest.mark.parametrize(
    "typed", ["012345678905", "0012345678905", "00012345678905", "]E00012345678905", "0100012345678905"]
)
def test_a_upc_that_begins_with_a_zero_is_the_same_article_as_ean_and_gtin(stored: str, typed: str) -> None:
    article, other = stage.variant("MCI-1"), stage.variant("MCI-2")
    Variant.objects.filter(pk=article.pk).update(ean=stored)
    Variant.objects.filter(pk=other.pk).update(ean="12345670")
    assert [one.pk for one in shelves.goods(typed)] == [article.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["MCI'1", "mci/1", "MCI_1", "MCIß1", "]C1MCI-1"])
def test_an_article_is_found_as_another_keyboard_types_it(typed: str) -> None:
    article = stage.variant("MCI-1")
    assert [one.pk for one in shelves.goods(typed)] == [article.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["{0}", "]C1{0}", "MCI'{1:06}", "MCI_{1:06}", "MCIß{1:06}", "mci/{1:06}", "MCI-{1:06}/2"]
)
def test_a_label_is_found_as_another_keyboard_types_it(dropshipper: Any, typed: str) -> None:
    order: Order = shipped(dropshipper)
    assert queries.by_scan(typed.format(order.number, order.pk)).pk == order.pk
    with pytest.raises(Http404):
        queries.by_scan(typed.format(f"MCI-{order.pk + 1:06}", order.pk + 1))
