"""An article's code as people say and write it finds it in every search box: SCN 00010, scn00010."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from catalog import search
from catalog.queries import code_writings
from tests.orders import stage

pytestmark = pytest.mark.django_db
WRITTEN = ["SCN-00010", "scn 00010", "SCN00010", "Scn.00010", "SCN  00010"]


@pytest.mark.parametrize("text", WRITTEN)
def test_everywhere(dropshipper: Any, owner: Any, staff: Any, client_for: Any, text: str) -> None:
    stage.variant("SCN-00010")
    stage.variant("SCN-00011")
    order = stage.order(dropshipper, ("SCN-00010", 1))
    other = stage.order(dropshipper, ("SCN-00011", 1))

    assert [offer.lowest.sku for offer in search.find(search.Wish(text=text)).offers] == ["SCN-00010"]
    mine = client_for(owner)
    for page in (reverse("mci:search"), reverse("catalog:list")):
        shown = mine.get(page, {"q": text}, follow=True).content.decode()
        assert "SCN-00010" in shown
        assert "SCN-00011" not in shown
    listed = mine.get(reverse("orders:list"), {"q": text, "source": "all", "tab": "all"}).content.decode()
    assert f"/orders/{order.pk}/" in listed
    assert f"/orders/{other.pk}/" not in listed
    desk = client_for(staff).get(reverse("mci:search"), {"q": text}, follow=True).content.decode()
    assert "SCN-00010" in desk


@pytest.mark.parametrize("text", ["Lampada da tavolo", "caffè", "x'y", "", "100%"])
def test_words_are_no_code_of_another_article(text: str) -> None:
    stage.variant("SCN-00010")
    assert search.find(search.Wish(text=text)).offers == [] or not text.strip()
    assert code_writings(text)[0] == text.strip().upper()
