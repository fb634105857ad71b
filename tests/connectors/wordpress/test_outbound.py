"""What the plugin is told: tracking and states, stock, prices, products; twice, after a lost answer, cut off."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from catalog import stock
from connectors.connect import acts
from connectors.intake import upsert
from connectors.listings import compare
from connectors.models import InboxOrder, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.base import Access, OrderNews, RawOrder, ShopUnreachable
from connectors.platforms.goods import PriceLevel, ProductDraft, StockLevel, StockTold, VariantDraft
from connectors.shops import asks, health
from demo.shops.wordpress import FakeShop
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.intake import editing
from tests.orders import stage

pytestmark = pytest.mark.django_db
WP = platform("wordpress")


def told(id_: int, state: str = "shipped", **fields: Any) -> OrderNews:
    blank = {"courier": "GLS", "tracking": "TRK-1", "tracking_url": "https://gls.example/TRK-1"}
    return OrderNews(str(id_), state, "MCI-1001", **{"cod": False, **blank, **fields})


def meta(wp: FakeShop, id_: int) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in wp.orders[id_]["meta_data"]}


def to_customer(wp: FakeShop, id_: int) -> list[str]:
    return [note["note"] for note in wp.orders.notes(id_) if note["customer_note"]]


def test_an_order_goes_from_the_checkout_to_its_tracking_in_the_shop(wp: FakeShop, wp_shop: Shop) -> None:
    method = stage.method()
    stage.money(wp_shop.dropshipper, "500.00")
    id_ = wp.place_order([("SCN-00001", 1)], payment="stripe", silent=True)["id"]
    raw = WP.order(_access(wp_shop), str(id_))
    assert isinstance(raw, RawOrder)
    assert raw.reading
    row = upsert.upsert(wp_shop, raw.reading, raw.body, via=upsert.WEBHOOK)
    assert row
    assert row.order
    stock.receive(row.order.lines.get().variant.pk, 5, by=None)
    editing.choose_method([row.order_id], method.pk, dropshipper_id=wp_shop.dropshipper_id, by=None)
    key = uuid.uuid4()
    assert runs.dispatch_now(row.order_id, dropshipper_id=wp_shop.dropshipper_id, key=key, by=None).result == (
        "dispatched"
    )
    parcels.mark_packed(row.order_id, by=None)
    parcels.mark_shipped(row.order_id, tracking_number="TRK-9", by=None)
    assert sweep.tell_due(budget_s=5) == 1
    assert sweep.tell_due(budget_s=5) == 0
    assert (wp.orders[id_]["status"], meta(wp, id_)["_mci_tracking"]) == ("completed", "TRK-9")
    assert len(to_customer(wp, id_)) == 1


def test_told_twice_the_customer_reads_it_once(wp: FakeShop, access: Access) -> None:
    id_ = wp.place_order(payment="stripe", silent=True)["id"]
    for _time in range(3):
        assert WP.tell_order(access, told(id_)) == {"status": "completed"}
    assert len(to_customer(wp, id_)) == 1
    assert len(meta(wp, id_)["_wc_shipment_tracking_items"]) == 1


def test_an_answer_that_is_lost_after_the_write_makes_nothing_twice(wp: FakeShop, access: Access) -> None:
    id_ = wp.place_order(payment="stripe", silent=True)["id"]
    wp.faults.add("mci/tell_order", after=True)
    with pytest.raises(ShopUnreachable):
        WP.tell_order(access, told(id_))
    assert len(to_customer(wp, id_)) == 1
    assert WP.tell_order(access, told(id_)) == {"status": "completed"}
    assert len(to_customer(wp, id_)) == 1


def test_a_cod_order_is_completed_when_the_customer_has_it(wp: FakeShop, access: Access) -> None:
    id_ = wp.place_order(payment="cod", silent=True)["id"]
    assert WP.tell_order(access, told(id_, cod=True)) == {"status": "processing"}
    assert WP.tell_order(access, told(id_, "delivered", cod=True)) == {"status": "completed"}


@pytest.mark.parametrize("state", ["returned", "lost", "cancelled"])
def test_other_states_are_a_note_for_the_merchant_alone(state: str, wp: FakeShop, access: Access) -> None:
    id_ = wp.place_order(payment="stripe", silent=True)["id"]
    WP.tell_order(access, told(id_, state, tracking=""))
    WP.tell_order(access, told(id_, state, tracking=""))
    assert len([note for note in wp.orders.notes(id_) if "MCI-1001" in note["note"]]) == 1
    assert (to_customer(wp, id_), wp.orders[id_]["status"]) == ([], "processing")


def test_an_order_in_the_bin_or_gone_is_left_alone(wp: FakeShop, access: Access) -> None:
    id_ = wp.place_order(payment="stripe", silent=True)["id"]
    wp.orders.trash(id_)
    assert WP.tell_order(access, told(id_)) == {"gone": True}
    assert wp.orders[id_]["status"] == "trash"
    assert WP.tell_order(access, told(99999)) == {"gone": True}


def test_products_are_read_by_pages_with_their_variations(wp: FakeShop, access: Access, monkeypatch: Any) -> None:
    from connectors.platforms.wordpress import products

    WP.publish(access, [draft("felpa", ["M", "L"])])
    monkeypatch.setattr(products, "PER_PAGE", 5)
    found, cursor = [], None
    while True:
        page = WP.products(access, cursor)
        found += page.products
        cursor = page.cursor
        if cursor is None:
            break
    assert len(found) == len(wp.products.all()) + 1 == len({one.external_id for one in found})
    variations = [one for one in found if "/" in one.external_id]
    assert {one.sku for one in variations} == {"FELPA-M", "FELPA-L"}
    assert next(one for one in found if one.sku == "SCN-00001").quantity == 40


def test_a_hundred_levels_are_one_call_and_each_has_its_outcome(wp: FakeShop, access: Access) -> None:
    for number in range(110):
        wp.products.add(sku=f"X-{number}", name=f"X {number}", price="1.00", stock=0)
    ids = [str(doc["id"]) for doc in wp.products.all() if doc["sku"].startswith("X-")]
    before = len(wp.calls.log)
    errors = WP.tell_stock(access, [*(StockLevel(id_, 7) for id_ in ids[:98]), StockLevel("1/99999", 1)])
    assert errors == StockTold({"1/99999": "not_found"})
    assert len(wp.calls.log) == before + 1
    assert sum(doc["stock"] == 7 for doc in wp.products.all()) == 98
    assert WP.tell_stock(access, [StockLevel(ids[0], 3)]) == StockTold()
    assert WP.stock_batch == 100


def test_prices_are_told_with_what_they_were_before(wp: FakeShop, access: Access) -> None:
    id_ = str(wp.products.all()[0]["id"])
    levels = [PriceLevel(id_, Decimal("19.90"), Decimal("24.90")), PriceLevel("99999", Decimal("1.00"))]
    assert WP.tell_prices(access, levels) == {"99999": "not_found"}
    doc = wp.products.get(int(id_))
    assert doc
    assert (doc["price"], doc["regular"]) == ("19.90", "24.90")


def draft(reference: str, options: list[str] | None = None, **fields: Any) -> ProductDraft:
    variants = [
        VariantDraft(f"{reference.upper()}-{value}" if value else reference.upper(), "", "", [value] if value else [],
                     Decimal("39.90"), None, 500, 4)
        for value in options or [""]
    ]  # fmt: skip
    blank: dict[str, Any] = {"external_id": "", "ours": True, "title": reference.title(), "html": "<p>Sì</p>"}
    more = {"brand": "", "categories": ["Casa"], "images": ["https://mci.example.it/a.jpg"]}
    names = ["Taglia"] if options else []
    return ProductDraft(reference, options=names, variants=variants, **{**blank, **more, **fields})


def test_published_twice_a_product_is_there_once(wp: FakeShop, access: Access) -> None:
    drafts = [draft("lampada-nuova"), draft("felpa", ["M", "L"])]
    first, again = WP.publish(access, drafts), WP.publish(access, drafts)
    assert [(one.external_id, one.variants) for one in first] == [(one.external_id, one.variants) for one in again]
    # Of what is on sale the stock is told by itself: a sale that we have not heard of would be undone.
    assert [dict(one.stock) for one in (*first, *again)] == [{"LAMPADA-NUOVA": 4}, {"FELPA-M": 4, "FELPA-L": 4}, {}, {}]
    simple, many = first
    assert (simple.error, many.error) == ("", "")
    assert simple.variants == {"LAMPADA-NUOVA": simple.external_id}
    assert set(many.variants) == {"FELPA-M", "FELPA-L"}
    assert all(id_.startswith(f"{many.external_id}/") for id_ in many.variants.values())
    assert simple.url.startswith(wp.url)


def test_a_publication_whose_answer_was_lost_is_found_again(wp: FakeShop, access: Access) -> None:
    wp.faults.add("mci/publish", after=True)
    with pytest.raises(ShopUnreachable):
        WP.publish(access, [draft("lampada-nuova")])
    count = len(wp.products.all())
    assert WP.publish(access, [draft("lampada-nuova")])[0].error == ""
    assert len(wp.products.all()) == count


def test_a_sku_that_the_merchant_uses_is_refused_alone(wp: FakeShop, access: Access) -> None:
    done = WP.publish(access, [draft("scn-00001"), draft("lampada-nuova")])
    assert [one.error for one in done] == ["sku_taken", ""]


def test_unpublished_is_off_sale_and_not_deleted(wp: FakeShop, access: Access) -> None:
    made = WP.publish(access, [draft("lampada-nuova")])[0]
    own = str(wp.products.all()[0]["id"])
    assert WP.unpublish(access, [made.external_id, "99999", own]) == {own: "not_ours"}  # what is gone is off sale
    doc = wp.products.get(int(made.external_id))
    assert doc
    assert doc["status"] == "draft"


def test_what_the_plugin_did_not_mention_was_not_done(wp: FakeShop, access: Access, monkeypatch: Any) -> None:
    monkeypatch.setattr(wp.calls, "_op_publish", lambda _given: {"products": []})
    assert WP.publish(access, [draft("lampada-nuova")])[0].error == "no_answer"


def test_the_comparison_of_stock_works_on_a_wordpress_shop(wp: FakeShop, wp_shop: Shop) -> None:
    compare.compare(wp_shop)
    assert set(wp_shop.listings.values_list("sku", flat=True)) == {"SCN-00001", "SCN-00002"}


def test_cut_off_by_the_plugin_the_shop_is_to_be_connected_again_and_its_news_wait(wp: FakeShop, wp_shop: Shop) -> None:
    wp.plugin.forget()
    assert not health.check(wp_shop)
    wp_shop.refresh_from_db()
    assert (wp_shop.state, wp_shop.trouble) == ("broken", "reconnect_needed")


def test_an_outdated_plugin_is_said_and_goes_on_working(wp: FakeShop, wp_shop: Shop) -> None:
    wp.plugin.version = "0.9.0"
    assert health.check(wp_shop)
    wp_shop.refresh_from_db()
    assert wp_shop.state == "active"
    assert [row["code"] for row in wp_shop.facts["troubles"]] == ["plugin_outdated"]
    assert wp_shop.facts["plugin"] == "0.9.0"
    wp.plugin.version = "99.0"
    assert health.check(wp_shop)
    wp_shop.refresh_from_db()
    assert wp_shop.facts["troubles"] == []


def test_disconnected_here_the_plugin_forgets_its_secret(wp: FakeShop, wp_shop: Shop, owner: Any) -> None:
    acts.disconnect(wp_shop, by=owner.pk)
    assert asks.do_due() == 1
    assert not wp.plugin.paired
    wp.place_order()
    assert not wp.pending
    assert not InboxOrder.objects.exists()


def test_disconnected_here_while_the_shop_is_away_it_is_told_by_the_refusal(
    wp: FakeShop, wp_shop: Shop, owner: Any
) -> None:
    wp.faults.add("mci/*", times=9, drop=True)
    acts.disconnect(wp_shop, by=owner.pk)
    assert asks.do_due() == 1
    wp.faults.clear()
    assert wp.plugin.paired
    wp.place_order()
    assert [one.status for one in wp.flush()] == [401]
    assert wp.plugin.state["cut"] == "401"
    assert len(wp.pending) == 1


def _access(shop: Shop) -> Access:
    from connectors.shops.access import access_of

    return access_of(shop)
