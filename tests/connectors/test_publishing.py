"""Products of ours into a shop: the plan, the run, what the shop then has, and what is never touched."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from catalog import stock
from catalog.models import Maker, Product, ProductImage, Variant
from connectors.listings import compare, publishing
from connectors.listings.prices import rules
from connectors.models import Listing, PriceRule, PublishRun, Shop
from connectors.news import sweep
from connectors.platforms import platform
from tests.catalog import goods as shelf
from tests.connectors.conftest import KEY

pytestmark = pytest.mark.django_db


def make_product(number: int, *, titles: tuple[str, ...] = ("",), picture: bool = True, pieces: int = 9) -> Product:
    """A product with a variant for each title, 10.00 net, 24.90 retail, a picture by name alone."""
    product = shelf.product(
        f"Lumino {number:03d}",
        slug=f"lampada-{number:03d}",
        brand="Lumera",
        description_html="<p>Bella</p><script>alert(1)</script>",
        option_names="Colore / Taglia" if " / " in titles[0] else "Colore",
        warnings="Solo per uso interno",
        maker=Maker.objects.get_or_create(
            name="Lumera S.r.l.", defaults={"address": "Via Po 1, Torino", "contact": "info@lumera.example"}
        )[0],
    )
    for title in titles:
        shelf.variant(
            pieces,
            product=product,
            sku=f"L{number:03d}" + (f"-{title[:2].upper()}{title[-1]}" if title else ""),
            title=title,
            net_price=Decimal("10.00"),
            retail_price=Decimal("24.90"),
            ean="",
            weight_g=750,
        )
    if picture:
        ProductImage.objects.create(product=product, file=f"products/{number}-1024.webp")
    return product


@pytest.fixture
def lamp(connected: Any) -> Product:
    return make_product(1)


def click(shop: Any, *products: Product, **fields: Any) -> PublishRun:
    fields.setdefault("key", uuid.uuid4())
    return publishing.start(shop, [product.pk for product in products], by=None, **fields)


def publish(shop: Any, *products: Product, **fields: Any) -> PublishRun:
    return publishing.advance(click(shop, *products, **fields).pk)


def results(run: PublishRun) -> list[tuple[str, str]]:
    return list(run.items.order_by("position").values_list("result", "code"))


def in_shop(fake: Any, sku: str) -> Any:
    return fake.products.present(fake.products.by_sku(sku), fake.url)


def made(fake: Any) -> list[Any]:
    return [doc for doc in fake.products.all() if doc["name"].startswith("Lumino")]


# ---- what the shop has afterwards


def test_a_product_stands_in_the_shop_with_all_that_the_law_and_the_buyer_want(
    connected: Any, fake: Any, lamp: Product
) -> None:
    run = publish(connected, lamp)

    assert (run.state, results(run)) == ("done", [("created", "")])
    shown = in_shop(fake, "L001")
    assert (shown["name"], shown["status"], shown["type"]) == ("Lumino 001", "publish", "simple")
    assert (shown["regular_price"], shown["sale_price"], shown["price"]) == ("24.90", "", "24.90")
    assert (shown["manage_stock"], shown["stock_quantity"], shown["weight"]) == (True, 9, "0.75")
    assert [one["name"] for one in shown["categories"]] == ["Casa"]
    assert shown["images"][0]["src"].endswith("/media/products/1-1024.webp")
    assert shown["images"][0]["src"].startswith("http")
    assert "<script" not in shown["description"]
    for words in ("Bella", "Lumera S.r.l.", "Via Po 1, Torino", "info@lumera.example", "Solo per uso interno"):
        assert words in shown["description"]
    meta = {one["key"]: one["value"] for one in shown["meta_data"]}
    assert meta["_mci_reference"] == "lampada-001"
    assert "Lumera S.r.l." in meta["_mci_safety"]
    listing = connected.listings.get(variant__sku="L001")
    assert (listing.ours, listing.price_on, listing.told, str(listing.price_told)) == (True, True, 9, "24.90")
    assert listing.url == run.items.get().url == f"{fake.url}/product/lumino-001/"


def test_variants_become_variations_with_their_options(connected: Any, fake: Any) -> None:
    product = make_product(2, titles=("Nero / S", "Nero / M", "Bianco / S"))

    publish(connected, product)

    parent = next(doc for doc in made(fake) if doc["name"] == "Lumino 002")
    shown = fake.products.present(parent, fake.url)
    assert (shown["type"], shown["status"], len(shown["variations"])) == ("variable", "publish", 3)
    offered = {one["name"]: one["options"] for one in shown["attributes"] if one["variation"]}
    assert offered == {"Colore": ["Nero", "Bianco"], "Taglia": ["S", "M"]}
    first = fake.products.present_variation(fake.products.by_sku("L002-NES"), fake.url)
    assert [(one["name"], one["option"]) for one in first["attributes"]] == [("Colore", "Nero"), ("Taglia", "S")]
    assert (first["regular_price"], first["stock_quantity"], first["weight"]) == ("24.90", 9, "0.75")
    assert connected.listings.filter(variant__product=product, external_id__startswith=f"{parent['id']}/").count() == 3


def test_a_second_time_is_an_update_and_pictures_are_not_fetched_twice(
    connected: Any, fake: Any, lamp: Product
) -> None:
    publish(connected, lamp)
    picture = in_shop(fake, "L001")["images"][0]["id"]
    Product.objects.filter(pk=lamp.pk).update(name="Lumino nuovo")

    run = publish(connected, lamp)

    assert results(run) == [("updated", "")]
    shown = in_shop(fake, "L001")
    assert (shown["name"], shown["images"][0]["id"]) == ("Lumino nuovo", picture)
    assert len([doc for doc in fake.products.all() if doc["sku"] == "L001"]) == 1


def test_a_variant_that_came_and_one_that_went(connected: Any, fake: Any) -> None:
    product = make_product(3, titles=("Nero", "Bianco"))
    publish(connected, product)
    Variant.objects.filter(sku="L003-BIo").update(active=False)
    shelf.variant(4, product=product, sku="L003-ROo", title="Rosso", retail_price=Decimal("24.90"))

    publish(connected, product)

    statuses = {sku: fake.products.by_sku(sku)["status"] for sku in ("L003-NEo", "L003-BIo", "L003-ROo")}
    assert statuses == {"L003-NEo": "publish", "L003-BIo": "private", "L003-ROo": "publish"}


def test_categories_are_found_or_made_by_their_path(connected: Any, fake: Any, lamp: Product) -> None:
    fake.categories.create({"name": "Casa & Giardino"})
    above = shelf.category("Casa & Giardino", "casa-giardino")
    below = shelf.category("Luci", "luci")
    below.parent = above
    below.save()
    Product.objects.filter(pk=lamp.pk).update(category=below)

    publish(connected, lamp)
    publish(connected, lamp)

    names = [(doc["name"], doc["parent"]) for doc in fake.categories.all()[1:]]
    assert names == [("Casa &amp; Giardino", 0), ("Luci", fake.categories.all()[1]["id"])]
    assert [one["name"] for one in in_shop(fake, "L001")["categories"]] == ["Luci"]


def test_fifty_products_whose_answers_are_lost_make_no_twins(connected: Any, fake: Any, monkeypatch: Any) -> None:
    """Every kind of call is cut off once after the shop did what it was told."""
    products = [make_product(n, titles=("Nero", "Rosa") if n % 5 == 0 else ("",)) for n in range(1, 51)]
    run = click(connected, *products)
    lost = {"products/batch": 3, "variations/batch": 2, "categories/batch": 1}
    plain = fake.respond

    def cut_off(request: Any) -> Any:
        answer = plain(request)
        for path in lost:
            if request.method == "POST" and request.full_path.endswith(path) and lost[path] > 0:
                lost[path] -= 1
                answer.status = 0
        return answer

    monkeypatch.setattr(fake, "respond", cut_off)
    for _time in range(12):
        publishing.advance(run.pk)
        PublishRun.objects.update(try_after=timezone.now())

    run.refresh_from_db()
    assert (run.state, set(lost.values())) == ("done", {0})
    assert {result for result, _code in results(run)} == {"created"}
    assert sorted(doc["name"] for doc in made(fake)) == sorted(product.name for product in products)
    assert {doc["status"] for doc in made(fake)} == {"publish"}
    skus = [doc["sku"] for doc in fake.products.everything()]
    assert len(skus) == len(set(skus))
    assert connected.listings.filter(ours=True).count() == Variant.objects.filter(product__in=products).count() == 60


def test_fifty_products_take_few_calls(connected: Any, fake: Any) -> None:
    fake.settings["products"]["woocommerce_weight_unit"] = "g"
    run = click(connected, *[make_product(n) for n in range(1, 51)])
    fake.requests.clear()

    publishing.advance(run.pk)

    posts = [path for method, path, _status in fake.requests if method == "POST"]
    # Three batches of twenty; pictures go five products at a time; the category once.
    assert len([path for path in posts if path.endswith("products/batch")]) == 3 + 10
    # By SKU and the categories of the shop, once a batch; and how it sells: three pages of settings, the tax table.
    assert len(fake.requests) == 3 * 2 + 1 + 3 + 10 + 3 * 4
    assert in_shop(fake, "L050")["weight"] == "750"


# ---- never the merchant's own


def test_a_product_of_the_merchants_own_is_left_as_it_is(connected: Any, fake: Any, lamp: Product) -> None:
    own = fake.products.add(sku="L001", name="La mia lampada", price="99.00", stock=1)
    before = dict(own)

    run = publish(connected, lamp)

    assert results(run) == [("refused", "own_product")]
    assert fake.products.by_sku("L001") == before
    listing = connected.listings.get(variant__sku="L001")
    assert (listing.ours, listing.price_on, listing.external_id) == (False, False, str(own["id"]))
    assert [row.kind for row in publishing.plan(connected, [lamp.pk]).left] == ["own"]


def test_with_his_word_only_the_price_of_his_own_product_is_told(connected: Any, fake: Any, lamp: Product) -> None:
    fake.products.add(sku="L001", name="La mia lampada", price="99.00", stock=1)
    compare.compare(connected)

    run = publish(connected, lamp, own_prices=True)
    assert results(run) == [("priced", "")]
    assert sweep.tell_due(budget_s=5) == 1

    shown = in_shop(fake, "L001")
    assert (shown["name"], shown["price"], shown["stock_quantity"]) == ("La mia lampada", "24.90", 1)


def test_a_variable_product_of_his_own_is_known_by_a_variation(connected: Any, fake: Any) -> None:
    product = make_product(4, titles=("Nero", "Bianco"))
    parent = fake.products.create({"name": "La mia", "type": "variable"})
    own = fake.products.create({"sku": "L004-NEo", "attributes": [{"name": "C", "option": "N"}]}, parent=parent["id"])

    run = publish(connected, product)

    assert results(run) == [("refused", "own_product")]
    assert connected.listings.get(ours=False).external_id == f"{parent['id']}/{own['id']}"
    assert made(fake) == []


# ---- what is refused


@pytest.mark.parametrize(
    ("fields", "change", "code"),
    [
        ({"pieces": 0}, {}, "no_stock"),
        ({"picture": False}, {}, "no_picture"),
        ({}, {"retail_price": None}, "no_price"),
        ({}, {"active": False}, "not_on_sale"),
    ],
)
def test_what_cannot_be_sold_is_not_published_and_says_why(
    connected: Any, fake: Any, fields: Any, change: Any, code: str
) -> None:
    product = make_product(5, **fields)
    Variant.objects.filter(product=product).update(**change) if change else None
    assert [row.refusal.code for row in publishing.plan(connected, [product.pk]).left if row.refusal] == [code]

    run = publish(connected, product)

    assert results(run) == [("refused", code)]
    assert made(fake) == []
    assert not connected.listings.exists()


def test_an_entry_that_the_shop_refuses_does_not_hold_the_others(connected: Any, fake: Any) -> None:
    products = [make_product(n) for n in (1, 2)]
    Variant.objects.filter(sku="L001").update(ean="8001234500016")  # of an article that the shop has under its own SKU
    run = publish(connected, *products)
    assert results(run) == [("refused", "product_invalid_global_unique_id"), ("created", "")]
    assert "GTIN" in run.items.first().detail


def test_a_picture_that_the_shop_cannot_fetch_does_not_hold_the_product(
    connected: Any, fake: Any, lamp: Product
) -> None:
    fake.products.refuses_image = lambda _src: "A valid URL was not provided."
    run = publish(connected, lamp, make_product(2))
    assert results(run) == [("created", ""), ("created", "")]
    assert "A valid URL" in run.items.first().detail
    assert (in_shop(fake, "L001")["status"], in_shop(fake, "L001")["images"]) == ("publish", [])


# ---- the run


def test_twice_the_click_is_one_run_and_one_at_a_time(connected: Any, fake: Any, lamp: Product) -> None:
    key = uuid.uuid4()
    first = click(connected, lamp, key=key)
    assert click(connected, lamp, key=key) == first
    assert click(connected, make_product(2)) == first  # while it is under way, that one is shown

    publishing.advance(first.pk)
    publishing.advance(first.pk)

    assert click(connected, lamp, key=key) == first
    assert len(made(fake)) == 1


def test_a_worker_that_dies_leaves_the_run_to_the_next(connected: Any, fake: Any, monkeypatch: Any) -> None:
    run = click(connected, *[make_product(n) for n in range(1, 26)])
    api, calls = platform("woocommerce"), []
    plain = api.publish

    def die_in_the_second_batch(access: Any, drafts: Any) -> Any:
        calls.append(len(drafts))
        done = plain(access, drafts)
        if len(calls) == 2:
            raise SystemExit
        return done

    monkeypatch.setattr(api, "publish", die_in_the_second_batch)
    with pytest.raises(SystemExit):
        publishing.advance(run.pk)
    assert run.items.exclude(result="waiting").count() == 20

    run.refresh_from_db()
    assert run.lease_until is None  # it ended by itself: the next one goes on at once
    PublishRun.objects.update(lease_until=Now() + publishing.LEASE, lease_token=run.key)  # a kill would have left it
    assert publishing.advance_due() == 0
    PublishRun.objects.update(lease_until=Now())
    publishing.advance_due()

    run.refresh_from_db()
    assert run.state == "done"
    assert calls == [20, 5, 1, 1, 1, 1, 1]  # what it may have died of is tried one by one
    assert len(made(fake)) == connected.listings.filter(ours=True).count() == 25


def test_a_product_that_workers_die_of_is_given_up(connected: Any, lamp: Product, monkeypatch: Any) -> None:
    def die(_access: Any, _drafts: Any) -> Any:
        raise SystemExit

    run = click(connected, lamp)
    monkeypatch.setattr(platform("woocommerce"), "publish", die)
    for _time in range(publishing.MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            publishing.advance(run.pk)
        PublishRun.objects.update(lease_until=None)
    publishing.advance(run.pk)
    assert results(run) == [("refused", "gave_up")]


def test_a_shop_that_is_away_is_waited_for(connected: Any, fake: Any, lamp: Product) -> None:
    fake.faults.add("*", status=503, retry_after="60")
    run = publish(connected, lamp)
    assert (run.state, run.trouble, results(run)) == ("running", "shop_busy", [("waiting", "")])
    assert publishing.advance_due() == 0

    PublishRun.objects.update(try_after=timezone.now())
    assert publishing.advance_due() == 1

    run.refresh_from_db()
    assert (run.state, run.trouble, results(run)) == ("done", "", [("created", "")])


def test_refused_keys_stop_the_shop_and_the_run_waits_for_a_person(connected: Any, fake: Any, lamp: Product) -> None:
    fake.keys.remove(KEY)
    run = publish(connected, lamp)
    connected.refresh_from_db()
    assert (connected.state, run.trouble, run.is_over) == ("broken", "key_refused", False)
    assert publishing.advance_due() == 0

    publishing.stop(run)
    assert publishing.advance_due() == 1
    run.refresh_from_db()
    assert (run.state, results(run)) == ("stopped", [("stopped", "")])


# ---- off sale


def test_off_sale_is_not_deleted_and_comes_back(connected: Any, fake: Any, lamp: Product, goods: Any) -> None:
    publish(connected, lamp)
    run = publish(connected, lamp, kind="unpublish")

    assert results(run) == [("off", "")]
    assert in_shop(fake, "L001")["status"] == "draft"
    stock.receive(lamp.variants.get().pk, 5, by=None)
    assert sweep.tell_due(budget_s=5) == 0  # nobody sees it
    compare.compare(Shop.objects.get(pk=connected.pk))
    assert connected.listings.get(ours=True).off_at is not None

    assert results(publish(connected, lamp)) == [("updated", "")]
    assert (in_shop(fake, "L001")["status"], in_shop(fake, "L001")["stock_quantity"]) == ("publish", 14)
    assert connected.listings.get(ours=True).off_at is None


def test_only_what_we_made_is_taken_off_sale(connected: Any, fake: Any, lamp: Product) -> None:
    fake.products.add(sku="L001", name="La mia lampada", price="99.00", stock=1)
    compare.compare(connected)
    assert results(publish(connected, lamp, kind="unpublish")) == [("refused", "not_published")]
    assert fake.products.by_sku("L001").get("status", "publish") == "publish"


def test_a_product_that_was_deleted_in_the_shop_is_made_anew(connected: Any, fake: Any, lamp: Product) -> None:
    publish(connected, lamp)
    fake.products.remove(fake.products.by_sku("L001")["id"])
    publish(connected, lamp)
    assert in_shop(fake, "L001")["status"] == "publish"
    assert connected.listings.filter(variant__sku="L001").count() == 1


def test_what_we_made_stays_ours_under_another_sku_and_is_not_made_twice(
    connected: Any, fake: Any, lamp: Product
) -> None:
    publish(connected, lamp)
    fake.products.change(fake.products.by_sku("L001")["id"], {"sku": "MIO-1", "name": "Lumino mio"})
    compare.compare(connected)

    assert results(publish(connected, lamp)) == [("updated", "")]
    assert [doc["sku"] for doc in made(fake)] == ["L001"]


# ---- stock and prices of what is ours


def test_the_stock_of_what_we_made_is_kept_whatever_the_switch_says(connected: Any, fake: Any, lamp: Product) -> None:
    publish(connected, lamp)
    assert not Shop.objects.get(pk=connected.pk).stock_on
    stock.receive(lamp.variants.get().pk, 3, by=None)
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, "L001")["stock_quantity"] == 12


def test_a_changed_rule_and_a_changed_cost_are_told_in_one_call(connected: Any, fake: Any) -> None:
    products = [make_product(n) for n in (1, 2, 3)]
    publish(connected, *products)
    rule = rules.ensure_default(connected)
    rule.base, rule.factor, rule.add_vat, rule.rounding = "cost", Decimal("2.5"), True, "90"
    rules.save(rule, by=0)
    fake.requests.clear()

    assert sweep.tell_due(budget_s=5) == 3

    assert [method for method, _path, _status in fake.requests] == ["GET", "GET", "POST"]  # how it sells, then all
    assert {in_shop(fake, f"L00{n}")["price"] for n in (1, 2, 3)} == {"30.90"}
    Variant.objects.filter(sku="L002").update(net_price=Decimal("20.00"))
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, "L002")["price"] == "61.90"
    assert sweep.tell_due(budget_s=5) == 0


def test_a_rule_of_the_category_goes_before_the_default_and_one_that_was_chosen_before_both(
    connected: Any, fake: Any
) -> None:
    first, second = make_product(1), make_product(2)
    rules.ensure_default(connected)
    rules.save(PriceRule(shop=connected, name="Casa", category=first.category, factor=Decimal("1.1")), by=0)
    chosen = rules.save(PriceRule(shop=connected, name="Mia", factor=Decimal("2")), by=0)

    publish(connected, first)
    publish(connected, second, rule_id=chosen.pk)

    assert (in_shop(fake, "L001")["price"], in_shop(fake, "L002")["price"]) == ("27.39", "49.80")
    assert sweep.tell_due(budget_s=5) == 0  # the database reckons the same
    rules.delete(chosen, by=0)
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, "L002")["price"] == "27.39"


def test_a_struck_price_is_a_sale_price(connected: Any, fake: Any, lamp: Product) -> None:
    rules.save(PriceRule(shop=connected, name="Sconto", is_default=True, factor=Decimal("0.8"), compare_at=True), by=0)
    publish(connected, lamp)
    shown = in_shop(fake, "L001")
    assert (shown["regular_price"], shown["sale_price"], shown["price"]) == ("24.90", "19.92", "19.92")
    rule = connected.price_rules.get()
    rule.compare_at = False
    rules.save(rule, by=0)
    sweep.tell_due(budget_s=5)
    shown = in_shop(fake, "L001")
    assert (shown["regular_price"], shown["sale_price"]) == ("19.92", "")


def test_a_price_that_the_shop_refuses_waits_and_the_others_are_told(connected: Any, fake: Any) -> None:
    publish(connected, make_product(1), make_product(2))
    Listing.objects.filter(variant__sku="L001").update(external_id="999999", price_told=None)
    Listing.objects.filter(variant__sku="L002").update(price_told=None)
    Listing.objects.update(told=9)
    assert sweep.tell_due(budget_s=5) == 1
    listing = connected.listings.get(variant__sku="L001")
    assert (listing.price_error, listing.price_told) == ("woocommerce_rest_product_invalid_id", None)
    assert listing.price_try_after > timezone.now()
    assert sweep.tell_due(budget_s=5) == 0


def test_the_plan_takes_the_same_queries_however_many_products(connected: Any, django_assert_num_queries: Any) -> None:
    ids = [make_product(n, titles=("Nero", "Rosa")).pk for n in range(1, 31)]
    # products with category and maker, pictures, variants with stock, listings, rules
    with django_assert_num_queries(5):
        plan = publishing.plan(connected, ids)
    assert (plan.new, len(plan.left)) == (30, 0)
