"""Which line of a shop's order is the one that was there before: what a reseller linked stays with it alone."""

from __future__ import annotations

import pytest

from orders.intake.data import LineData
from orders.intake.lines import _Known
from orders.models import OrderLine


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ({"sku": "a-1"}, {"sku": "A-1"}, True),
        ({"sku": "A-1"}, {"sku": "A-2"}, False),
        ({"sku": "A-1"}, {"sku": ""}, False),
        ({"sku": "", "external_id": "77"}, {"sku": "", "external_id": "77"}, True),
        ({"sku": "", "external_id": "77"}, {"sku": "", "external_id": "78"}, False),
        # With neither a SKU nor a product nothing says that it is the same article.
        ({"sku": "", "name": "Sconto"}, {"sku": "", "name": "Mancia"}, False),
        ({"sku": "A-1", "shop_line": "5"}, {"sku": "A-1", "shop_line": "6"}, False),
        ({"sku": "A-1", "shop_line": "5"}, {"sku": "B-9", "shop_line": "5"}, True),
    ],
)
def test_a_line_is_found_by_what_names_its_article(before: dict[str, str], now: dict[str, str], same: bool) -> None:
    old = OrderLine(quantity=1, **before)
    line = LineData(**{"name": "", "quantity": 1, **now})
    known = _Known([old])
    assert (known.take(line) is old) is same
    assert known.take(line) is None, "a line that was found is not found twice"
