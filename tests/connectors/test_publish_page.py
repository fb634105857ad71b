"""The pages that bring products into a shop, its price rules and its list of products."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Member
from connectors.listings import compare, publishing
from connectors.listings.prices import rules
from connectors.models import Listing, PriceRule, PublishRun
from connectors.news import sweep
from tests import cast
from tests.connectors.test_publishing import click, make_product, publish

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"connectors:{name}", args=args)


@pytest.fixture
def client(owner: Any, client_for: Any) -> Any:
    return client_for(owner)


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return str(response.content.decode())


RULE = {
    "name": "Ricarico",
    "base": "cost",
    "factor": "2,2",
    "amount": "1,50",
    "add_vat": "on",
    "rounding": "90",
    "margin": "20",
}


# ---- from the catalogue to the run


def test_the_way_from_the_catalogue_into_the_shop(connected: Any, fake: Any, client: Any) -> None:
    first, second = make_product(1), make_product(2, pieces=0)
    assert f'value="{first.pk}"' in text(client.get(reverse("catalog:list")))
    assert "?category=casa" in text(client.get(reverse("catalog:list"), {"category": "casa"}))

    page = text(client.get(url("publish"), {"product": [first.pk, second.pk]}))
    assert ('data-new="1"' in page, 'data-left="1"' in page, 'data-refusal="no_stock"' in page) == (True, True, True)
    assert not PublishRun.objects.exists()

    key = str(uuid.uuid4())
    form = {"key": key, "shop": connected.pk, "product": f"{first.pk}"}
    for _click in range(2):
        answer = client.post(url("publish_start"), form)
        assert answer["Location"] == url("publish_run", key)
    assert 'data-run-state="queued"' in text(client.get(url("publish_run", key)))
    part = client.get(url("publish_run", key), headers={"HX-Request": "true"})
    assert ("hx-get" in text(part), "<html" in text(part)) == (True, False)

    publishing.advance_due()

    part = client.get(url("publish_run", key), headers={"HX-Request": "true"})
    assert 'data-good="1"' in text(part, 286)
    page = text(client.get(url("listings", connected.pk)))
    assert 'data-told="9"' in page
    assert 'data-price="24.90"' in page
    lines = b"".join(client.get(url("publish_export", key)).streaming_content).decode()
    assert "Lumino 001" in lines


def test_a_whole_category_and_what_failed_can_be_chosen(connected: Any, fake: Any, client: Any) -> None:
    products = [make_product(n, picture=n != 2) for n in (1, 2, 3)]
    page = text(client.get(url("publish"), {"category": "casa"}))
    assert page.count("data-candidate=") == 3
    run = publish(connected, *products)
    page = text(client.get(url("publish"), {"run": run.key}))
    assert ("lampada-002" in page, "lampada-001" in page) == (True, False)


def test_without_a_shop_or_a_product_the_page_says_what_to_do(dropshipper: Any, client: Any) -> None:
    product = make_product(1)
    assert url("choose") in text(client.get(url("publish"), {"product": product.pk}))
    assert text(client.get(url("publish"), {"product": "x,-1,9999999999999999999999"}))


def test_a_run_can_be_stopped(connected: Any, fake: Any, client: Any) -> None:
    run = click(connected, make_product(1))
    client.post(url("publish_stop", run.key))
    publishing.advance_due()
    assert 'data-run-state="stopped"' in text(client.get(url("publish_run", run.key)))


# ---- rules


def test_a_rule_is_looked_at_before_it_is_saved_and_then_told(connected: Any, fake: Any, client: Any) -> None:
    publish(connected, make_product(1), make_product(2))
    usual = connected.price_rules.get()
    address = url("price_rule", connected.pk, usual.pk)
    assert 'data-price="24.90"' in text(client.get(address))

    looked = text(client.post(address, {**RULE, "is_default": "on"}, headers={"HX-Request": "true"}))
    assert ('data-price="28.90"' in looked, 'data-up="2"' in looked, "<html" in looked) == (True, True, False)
    looked = text(client.post(address, {**RULE, "is_default": "on", "do": "look"}))
    assert ('data-up="2"' in looked, "<html" in looked) == (True, True)
    usual.refresh_from_db()
    assert (usual.base, Listing.objects.filter(price_told="24.90").count()) == ("retail", 2)

    assert client.post(address, {**RULE, "is_default": "on"}).status_code == 302
    assert sweep.tell_due(budget_s=5) == 2
    assert set(Listing.objects.values_list("price_told", flat=True)) == {Decimal("28.90")}
    assert "Ricarico" in text(client.get(url("prices", connected.pk)))


@pytest.mark.parametrize(
    "change", [{"factor": "0"}, {"factor": "NaN"}, {"margin": "-1"}, {"amount": "1e9"}, {"name": ""}, {"rounding": "7"}]
)
def test_a_rule_that_makes_no_sense_is_refused(connected: Any, client: Any, change: dict[str, str]) -> None:
    text(client.post(url("price_rule_new", connected.pk), {**RULE, **change}), 422)
    part = text(client.post(url("price_rule_new", connected.pk), {**RULE, **change}, headers={"HX-Request": "true"}))
    assert "data-example" not in part
    assert not PriceRule.objects.exists()


def test_the_usual_rule_stays_until_another_takes_its_place(connected: Any, client: Any) -> None:
    client.post(url("price_rule_new", connected.pk), {**RULE, "name": "Uno"})
    client.post(url("price_rule_new", connected.pk), {**RULE, "name": "Due"})
    first, second = connected.price_rules.order_by("pk")
    assert (first.is_default, second.is_default) == (True, False)
    client.post(url("price_rule_delete", connected.pk, first.pk))
    assert connected.price_rules.count() == 2

    client.post(url("price_rule", connected.pk, second.pk), {**RULE, "is_default": "on"})
    client.post(url("price_rule_delete", connected.pk, first.pk))
    assert connected.price_rules.get().is_default


def test_a_category_has_one_rule_and_it_is_not_the_usual_one(connected: Any, client: Any) -> None:
    rules.ensure_default(connected)
    category = make_product(1).category_id
    new = url("price_rule_new", connected.pk)
    text(client.post(new, {**RULE, "category": category, "is_default": "on"}), 422)
    assert client.post(new, {**RULE, "category": category}).status_code == 302
    text(client.post(new, {**RULE, "category": category}), 422)


# ---- the shop's products


def test_the_list_is_filtered_and_exported_with_formulas_quoted(connected: Any, fake: Any, client: Any) -> None:
    publish(connected, make_product(1))
    fake.products.add(sku="SCN-00001", name="=cmd()", price="5.00", stock=4)
    compare.compare(connected)
    page = url("listings", connected.pk)
    counts = {show: text(client.get(page, {"show": show})).count("data-listing=") for show in ("published", "own")}
    assert counts["published"] == 1
    assert counts["own"] >= 1
    lines = b"".join(client.get(url("listings_export", connected.pk)).streaming_content).decode()
    assert "'=cmd()" in lines
    assert ";24,90;24,90;" in lines


def test_the_merchant_gives_and_takes_back_the_price_of_his_own(connected: Any, fake: Any, client: Any) -> None:
    compare.compare(connected)
    own = connected.listings.get(sku="SCN-00001")
    own.variant.retail_price = Decimal("49.00")
    own.variant.save()
    do = url("listings_act", connected.pk)

    client.post(do, {"do": "price", "price": "auto", "listing": own.pk})
    assert sweep.tell_due(budget_s=5) == 1
    assert fake.products.by_sku("SCN-00001")["price"] == "49.00"

    client.post(do, {"do": "price", "price": "mine", "listing": own.pk})
    type(own.variant).objects.filter(pk=own.variant.pk).update(retail_price=Decimal("59.00"))
    assert sweep.tell_due(budget_s=5) == 0


def test_ticked_products_are_taken_off_sale_and_his_own_are_not(connected: Any, fake: Any, client: Any) -> None:
    publish(connected, make_product(1, titles=("Nero", "Rosa")))
    compare.compare(connected)
    ticked = list(connected.listings.values_list("pk", flat=True))

    client.post(url("listings_act", connected.pk), {"do": "off", "listing": ticked, "key": str(uuid.uuid4())})
    publishing.advance_due()

    assert set(connected.listings.filter(off_at__isnull=False).values_list("ours", flat=True)) == {True}
    assert fake.products.by_sku("SCN-00001").get("status", "publish") == "publish"
    page = text(client.get(url("listings", connected.pk), {"show": "off"}))
    assert page.count("data-listing=") == 2


def test_drift_is_listed_with_both_figures(connected: Any, fake: Any, client: Any) -> None:
    publish(connected, make_product(1))
    fake.products.change(fake.products.by_sku("L001")["id"], {"stock_quantity": 99})
    assert compare.compare(connected).drifted == 1
    sweep.tell_due(budget_s=5)

    page = text(client.get(url("listings", connected.pk), {"show": "drifted"}))
    assert (page.count("data-drift"), "99" in page, 'data-told="9"' in page) == (1, True, True)
    compare.compare(connected)
    assert "data-drift" not in text(client.get(url("listings", connected.pk)))


# ---- who may


def test_a_stranger_finds_none_of_it(connected: Any, fake: Any, stranger: Any, client_for: Any) -> None:
    run = click(connected, product := make_product(1))
    rule = connected.price_rules.get()
    client = client_for(stranger)
    for address in (
        url("listings_export", connected.pk),
        url("prices", connected.pk),
        url("price_rule_new", connected.pk),
        url("price_rule", connected.pk, rule.pk),
        url("publish_run", run.key),
        url("publish_export", run.key),
    ):
        assert client.get(address).status_code == 404, address
    for address in (
        url("price_rule", connected.pk, rule.pk),
        url("price_rule_delete", connected.pk, rule.pk),
        url("listings_act", connected.pk),
        url("publish_stop", run.key),
    ):
        assert client.post(address, RULE).status_code == 404, address
    form = {"shop": connected.pk, "product": product.pk, "key": str(uuid.uuid4())}
    assert client.post(url("publish_start"), form).status_code == 404
    assert "Casa Bella" not in text(client.get(url("publish"), {"shop": connected.pk, "product": product.pk}))
    assert PublishRun.objects.get() == run
    assert PriceRule.objects.get().name == rule.name


def test_a_rule_of_another_shop_does_not_price_this_one(connected: Any, other_dropshipper: Any, client: Any) -> None:
    from tests.connectors.conftest import make_shop

    theirs = rules.ensure_default(make_shop(other_dropshipper, address="https://altro.example.it"))
    product = make_product(1)
    client.post(url("publish_start"), {"shop": connected.pk, "product": product.pk, "rule": theirs.pk})
    assert PublishRun.objects.get().rule is None
    assert client.get(url("price_rule", connected.pk, theirs.pk)).status_code == 404
    listing = Listing.objects.create(shop=connected, variant=product.variants.get(), external_id="1")
    form = {"do": "price", "listing": listing.pk, "price": theirs.pk}
    client.post(url("listings_act", connected.pk), form)
    listing.refresh_from_db()
    assert (listing.price_on, listing.rule) == (True, None)


def test_who_only_keeps_the_books_sees_and_changes_nothing(connected: Any, dropshipper: Any, client_for: Any) -> None:
    product = make_product(1)
    client = client_for(cast.member(dropshipper, role=Member.Role.ACCOUNTING))
    assert client.get(url("publish"), {"product": product.pk}).status_code == 403
    assert client.get(url("price_rule_new", connected.pk)).status_code == 403
    assert client.post(url("publish_start"), {"shop": connected.pk, "product": product.pk}).status_code == 403
    assert client.post(url("listings_act", connected.pk), {"do": "off"}).status_code == 403
    assert "data-row" not in text(client.get(url("listings", connected.pk)))
    assert url("publish") not in text(client.get(reverse("catalog:list")))


def test_the_pages_take_the_same_queries_however_many_rows(
    connected: Any, client: Any, django_assert_max_num_queries: Any
) -> None:
    products = [make_product(n) for n in range(1, 41)]
    Listing.objects.bulk_create(
        Listing(shop=connected, variant=p.variants.get(), external_id=str(p.pk), ours=True, price_on=True, sku=p.slug)
        for p in products
    )
    with django_assert_max_num_queries(19):
        assert text(client.get(url("listings", connected.pk))).count("data-listing=") == 40
    with django_assert_max_num_queries(17):
        assert text(client.get(url("publish"), {"category": "casa"})).count("data-candidate=") == 40
    run = click(connected, *products)
    with django_assert_max_num_queries(13):
        client.get(url("publish_run", run.key))
