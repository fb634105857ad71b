"""An article by its SKU, its EAN or words of its name: what a field offers while one types."""

from __future__ import annotations

import pytest

from catalog.articles import find_articles
from catalog.models import Variant
from tests.catalog import goods

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> None:
    lamp = goods.product("Lampada da tavolo caffè", slug="lampada")
    goods.variant(product=lamp, sku="LAM-1", ean="8001234567890")
    shirt = goods.product("Maglia girocollo", slug="maglia")
    for size in ("S", "M", "XL"):
        goods.variant(product=shirt, sku=f"MAG-{size}", title=f"Taglia {size}")
    goods.variant(product=goods.product("Tostapane", slug="tostapane"), sku="LAM-10", pieces=0)


def skus(text: str) -> list[str]:
    return [variant.sku for variant in find_articles(text)]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lam-1", ["LAM-1", "LAM-10"]),  # the one that it is comes first, then what begins with it
        ("LAM-10", ["LAM-10"]),
        ("8001234567890", ["LAM-1"]),
        ("80012345", ["LAM-1"]),
        ("800 1234 567890", ["LAM-1"]),
        *((text, ["LAM-10"]) for text in ("lam 10", "LAM10", "lam_10", " Lam / 10 ")),
        ("mag xl", ["MAG-XL"]),
        ("CAFFE tavolo", ["LAM-1"]),  # in any order, without accents and case
        ("maglia xl", ["MAG-XL"]),  # a word of the variant
        ("maglia", ["MAG-M", "MAG-S", "MAG-XL"]),
        ("tostapne", ["LAM-10"]),  # a slip of the pen
        ("xyzzy", []),
        ("l", []),
        (" ", []),
        ("%_", []),
        ("a\0b", []),
    ],
)
def test_an_article_is_found_by_what_one_knows_of_it(text: str, found: list[str]) -> None:
    assert skus(text) == found


@pytest.mark.usefixtures("shelf")
def test_what_is_no_longer_sold_is_not_offered() -> None:
    Variant.objects.filter(sku="LAM-1").update(active=False)
    assert skus("lam-1") == ["LAM-10"]
    assert skus("lampada") == []
