"""What is found in the catalogue, and in which order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog import search, stock
from catalog.search import Wish, find
from tests.catalog import goods

pytestmark = pytest.mark.django_db


def names(**wish: Any) -> list[str]:
    return [offer.product.name for offer in find(Wish(**wish)).offers]


def walk(**wish: Any) -> list[int]:
    """Every product of every page, in order."""
    seen: list[int] = []
    cursor = None
    for _page in range(100):
        found = find(Wish(**wish, cursor=cursor))
        seen += [offer.product.pk for offer in found.offers]
        cursor = found.page.next_cursor
        if cursor is None:
            return seen
    raise AssertionError("the pages do not end")


def test_words_find_names_and_brands_in_any_order_and_case() -> None:
    goods.variant(product=goods.product("Lampada da tavolo", brand="Lucciola"))
    goods.variant(product=goods.product("Lampada da terra", brand="Faro"))

    assert names(text="TAVOLO lampada") == ["Lampada da tavolo"]
    assert names(text="lucciola lampada") == ["Lampada da tavolo"]
    assert names(text="lampada", order="name") == ["Lampada da tavolo", "Lampada da terra"]
    assert find(Wish(text="lampada sedia")).similar


def test_accents_do_not_count() -> None:
    goods.variant(product=goods.product("Caffè macinato", brand="Perù"))

    assert names(text="caffe") == ["Caffè macinato"]
    assert names(text="CAFFÈ peru") == ["Caffè macinato"]
    assert names(text="caffé") == ["Caffè macinato"]


def test_a_beginning_of_a_sku_finds_its_product() -> None:
    goods.variant(product=goods.product("Sedia"), sku="SED-100-ROS")
    goods.variant(product=goods.product("Tavolo"), sku="TAV-100")

    assert names(text="sed-100") == ["Sedia"]


def test_a_slip_of_the_pen_finds_what_is_similar_and_says_so() -> None:
    goods.variant(product=goods.product("Aspirapolvere ciclonico"))
    goods.variant(product=goods.product("Tostapane"))

    found = find(Wish(text="aspirapolvre"))

    assert [offer.product.name for offer in found.offers] == ["Aspirapolvere ciclonico"]
    assert found.similar
    assert not find(Wish(text="aspirapolvere")).similar
    nothing = find(Wish(text="xyzzy qwfp"))
    assert (list(nothing.offers), nothing.similar, nothing.total.number) == ([], False, 0)


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"; --', "\0", "🙂", " ", "a" * 100, "%%%%%%", "&|!()"])
def test_odd_characters_are_only_characters(text: str) -> None:
    goods.variant(product=goods.product("Lampada"))

    assert names(text=text) in ([], ["Lampada"])
    if text in ("%", "_", "\\"):
        assert names(text=text) == []


def test_a_category_holds_the_products_of_its_children() -> None:
    home = goods.category("Casa", "casa")
    kitchen = search.Category.objects.create(name="Cucina", slug="cucina", parent=home)
    goods.variant(product=goods.product("Divano", category=home))
    goods.variant(product=goods.product("Padella", category=kitchen))
    goods.variant(product=goods.product("Tenda", category=goods.category("Giardino", "giardino")))
    search.Category.objects.create(name="Vuota", slug="vuota")

    assert sorted(names(category="casa")) == ["Divano", "Padella"]
    assert names(category="cucina") == ["Padella"]
    assert names(category="vuota") == names(category="no-such") == []
    tree = {branch.category.slug: [child.slug for child in branch.children] for branch in search.branches()}
    assert tree == {"casa": ["cucina"], "giardino": []}


def test_available_leaves_out_what_is_reserved_kept_back_or_was_never_there() -> None:
    goods.variant(product=goods.product("C'è"), pieces=3)
    reserved = goods.variant(product=goods.product("Promesso"), pieces=2)
    stock.reserve({"order:1": {reserved.pk: 2}}, by=None)
    kept = goods.variant(product=goods.product("Scorta"), pieces=4)
    stock.arrange(kept.pk, buffer=5, restock_on=None)
    goods.variant(product=goods.product("Mai visto"), pieces=0)

    assert names(available=True) == ["C'è"]
    assert len(names()) == 4


def test_a_price_range_looks_at_each_variant_and_a_card_shows_the_lowest() -> None:
    product = goods.product("Maglia")
    goods.variant(product=product, net_price="9.00", title="S")
    goods.variant(product=product, net_price="11.00", title="L")
    goods.variant(product=goods.product("Cappotto"), net_price="90.00")

    assert names(price_from=Decimal(10), price_to=Decimal(20)) == ["Maglia"]
    assert names(price_from=Decimal("11.01"), price_to=Decimal("89.99")) == []
    assert names(price_from=Decimal(50)) == ["Cappotto"]
    offer = next(offer for offer in find(Wish()).offers if offer.product == product)
    assert (offer.lowest.net_price, offer.one_price) == (Decimal("9.00"), False)


def test_what_is_off_sale_is_not_found() -> None:
    goods.variant(product=goods.product("Ritirato", active=False))
    goods.variant(product=goods.product("Senza varianti in vendita"), active=False)
    goods.product("Senza varianti")

    assert names() == []
    assert search.branches() == []


@pytest.mark.parametrize("order", list(search.ORDERS))
def test_each_order_walks_every_product_once(order: str) -> None:
    made = goods.many(search.PAGE * 2 + 7, variants=2)

    seen = walk(order=order)

    assert len(seen) == len(set(seen)) == len(made)
    found = find(Wish(order=order))
    if order == "price":
        nets = [offer.lowest.net_price for offer in found.offers]
        assert nets == sorted(nets)
    if order == "stock":
        pieces = [offer.pieces for offer in found.offers]
        assert pieces == sorted(pieces, reverse=True)
    if order == "margin":
        best = [max(v.margin for v in offer.variants if v.margin is not None) for offer in found.offers]
        assert best == sorted(best, reverse=True)


def test_pages_lead_back() -> None:
    goods.many(search.PAGE + 5)
    first = find(Wish(order="price"))

    second = find(Wish(order="price", cursor=first.page.next_cursor))
    back = find(Wish(order="price", cursor=second.page.prev_cursor))

    assert len(second.offers) == 5
    assert [o.product.pk for o in back.offers] == [o.product.pk for o in first.offers]


@pytest.mark.parametrize("cursor", ["x", "WzAsMV0", "WzAsImFiYyIsMV0", "WzAsW10sMV0", "é" * 40])
def test_a_cursor_that_somebody_made_up_is_the_first_page(cursor: str) -> None:
    goods.many(3)

    for order in search.ORDERS:
        assert len(find(Wish(order=order, cursor=cursor)).offers) == 3


@pytest.mark.parametrize(
    "text", ["8001234500016", " 8001234500016 ", "8001 2345 00016", "800123450", "\u200b8001234500016"]
)
def test_an_ean_is_found_whole_and_by_its_beginning(text: str) -> None:
    goods.variant(product=goods.product("Trapano"), ean="8001234500016")
    goods.variant(product=goods.product("Lampada"), ean="8009999900011")
    assert names(text=text) == ["Trapano"]
