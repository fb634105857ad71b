"""A shortage is never green, nor told by a colour alone, wherever pieces stand beside what is wanted of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from catalog import stock
from orders.templatetags.stock_words import at_hand
from tests.orders import stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("available", "wanted", "tone", "icon"),
    [
        (0, 1, "bad", "circle-x"),
        (2, 3, "bad", "alert-triangle"),
        (3, 3, "ok", "circle-check"),
        (-4, 1, "bad", "circle-x"),
    ],
)
def test_short_is_not_green(available: int, wanted: int, tone: str, icon: str) -> None:
    shown = at_hand(available, wanted)
    assert f'class="{tone} ' in shown
    assert f"#{icon}" in shown
    words = re.sub(r"<[^>]+>", "", shown)
    assert words.strip()
    assert available <= 0 or str(available) in words
    assert (f'data-short="{int(available < wanted)}"') in shown


def test_the_lines_of_one_article_are_counted_together(dropshipper: Any, owner: Any, client_for: Any) -> None:
    """Two lines of two pieces each, and three there are: each line alone was green."""
    variant = stage.variant("TWICE", pieces=3)
    order = stage.order(dropshipper, ("TWICE", 2), ("TWICE", 2), method=stage.method())
    client = client_for(owner)
    page = client.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert re.findall(r'data-short="(\d)"', page) in (["1", "1"], ["1"])
    listed = client.get(reverse("orders:list")).content.decode()
    assert 'data-refusal="out_of_stock"' in listed
    assert "data-goes" not in listed
    plan = client.get(reverse("orders:plan"), {"order": order.pk}).content.decode()
    assert 'data-refusal="out_of_stock"' in plan
    stock.receive(variant.pk, 1, by=None)
    page = client.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert set(re.findall(r'data-short="(\d)"', page)) == {"0"}
