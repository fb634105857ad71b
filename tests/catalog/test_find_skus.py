"""catalog/queries.py: which variant a code means."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.queries import find_skus
from tests.catalog.goods import variant

pytestmark = pytest.mark.django_db


def test_a_sku_is_found_whatever_its_case_and_the_spaces_around_it() -> None:
    lamp = variant(sku="Lamp-01")
    assert find_skus([" lamp-01 ", "LAMP-01", "nothing", "", "  ", "a\0b"]) == {"LAMP-01": lamp}


def test_an_ean_is_found_and_a_sku_comes_before_it() -> None:
    by_ean = variant(ean="8001234567895")
    by_sku = variant(sku="8001234567895")
    other = variant(ean="8009999999990")
    assert find_skus(["8001234567895", "8009999999990"]) == {"8001234567895": by_sku, "8009999999990": other}
    by_sku.delete()
    assert find_skus(["8001234567895"]) == {"8001234567895": by_ean}


def test_an_ean_that_two_variants_on_sale_share_means_neither() -> None:
    first = variant(ean="8001234567895")
    second = variant(ean="8001234567895")
    assert find_skus(["8001234567895"]) == {}
    second.active = False
    second.save()
    assert find_skus(["8001234567895"]) == {"8001234567895": first}


def test_many_codes_are_one_query_with_product_and_stock() -> None:
    made = [variant() for _ in range(5)]
    with CaptureQueriesContext(connection) as queries:
        found = find_skus(v.sku for v in made)
        assert {v.product.name for v in found.values()}
        assert {v.stock.on_hand for v in found.values()} == {10}
    assert len(queries) == 1
