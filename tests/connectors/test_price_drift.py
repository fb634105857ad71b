"""Prices that somebody changed in the shop: seen by the comparison, asked about or put back, never overwritten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Member
from connectors.listings import compare
from connectors.listings.prices import drift, levels, rules
from connectors.models import Shop
from connectors.news import sweep
from tests import cast
from tests.connectors.test_publishing import in_shop, make_product, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(connected: Any, fake: Any) -> Any:
    """A product of ours that was told 24.90 and shows 19.00 by hand."""
    publish(connected, make_product(1), make_product(2))
    by_hand(fake, "L001", "19.00")
    return Shop.objects.get(pk=connected.pk)


def by_hand(fake: Any, sku: str, price: str, sale: str = "") -> None:
    fake.products.change(fake.products.by_sku(sku)["id"], {"regular_price": price, "sale_price": sale})


def double(shop: Any) -> None:
    rule = rules.ensure_default(shop)
    rule.factor = Decimal(2)
    rules.save(rule, by=0)


def url(name: str, shop: Any) -> str:
    return reverse(f"connectors:{name}", args=[shop.pk])


def test_the_reseller_is_asked_and_nothing_is_told_meanwhile(changed: Any, fake: Any) -> None:
    assert compare.compare(changed).prices == 1
    listing = changed.listings.get(sku="L001")
    assert (listing.price_asked, listing.price_shown, listing.price_told) == (True, Decimal("19.00"), Decimal("24.90"))
    assert not changed.listings.get(sku="L002").is_price_drifted

    double(changed)

    assert sweep.tell_due(budget_s=5) == 1
    assert (in_shop(fake, "L001")["price"], in_shop(fake, "L002")["price"]) == ("19.00", "49.80")
    assert changed.events.filter(code="price_asked", params={"count": 1}).count() == 1
    assert compare.compare(changed).prices == 0  # the same again is nothing new
    assert changed.events.filter(code="price_asked").count() == 1


def test_ours_goes_back_at_a_click(changed: Any, fake: Any, owner: Any, client_for: Any) -> None:
    compare.compare(changed)
    client = client_for(owner)
    page = client.get(url("listings", changed), {"show": "asked"}).content.decode()
    assert (page.count("data-asked"), page.count("data-listing=")) == (1, 1)
    assert all(words in page for words in ("19,00", "24,90"))
    assert 'data-asked="1"' in client.get(url("prices", changed)).content.decode()
    assert 'data-line="prices" data-tone="warn"' in client.get(url("shop", changed)).content.decode()

    client.post(url("listings_act", changed), {"do": "ours", "listing": changed.listings.get(sku="L001").pk})
    assert sweep.tell_due(budget_s=5) == 1

    assert in_shop(fake, "L001")["price"] == "24.90"
    assert compare.compare(changed).prices == 0
    assert not changed.listings.get(sku="L001").is_price_drifted


def test_theirs_stays_at_a_click(changed: Any, fake: Any, owner: Any, client_for: Any) -> None:
    compare.compare(changed)
    client_for(owner).post(
        url("listings_act", changed), {"do": "theirs", "listing": changed.listings.get(sku="L001").pk}
    )
    double(changed)
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, "L001")["price"] == "19.00"
    listing = changed.listings.get(sku="L001")
    assert (listing.price_on, listing.price_asked, listing.ours) == (False, False, True)
    assert compare.compare(changed).prices == 0


def test_who_chose_it_has_them_put_back(changed: Any, fake: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    assert client.post(url("price_drift", changed), {"drift": "heal"}).status_code == 302
    changed.refresh_from_db()
    assert compare.compare(changed).prices == 1
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, "L001")["price"] == "24.90"
    page = client.get(url("listings", changed), {"show": "drifted"}).content.decode()
    assert (page.count("data-price-drift"), "19,00" in page) == (1, True)
    compare.compare(changed)
    assert "data-price-drift" not in client.get(url("listings", changed)).content.decode()


def test_the_choice_holds_for_those_that_wait(changed: Any, fake: Any) -> None:
    compare.compare(changed)
    drift.choose(changed, "heal", by=0)
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, "L001")["price"] == "24.90"


def test_a_price_that_was_set_right_again_is_asked_no_more(changed: Any, fake: Any) -> None:
    compare.compare(changed)
    by_hand(fake, "L001", "24.90")
    assert compare.compare(changed).prices == 0
    assert not changed.listings.get(sku="L001").price_asked


def test_a_price_struck_through_by_hand_is_one_too(connected: Any, fake: Any) -> None:
    publish(connected, make_product(1))
    by_hand(fake, "L001", "24.90", "9.90")
    assert compare.compare(connected).prices == 1
    listing = connected.listings.get(sku="L001")
    assert (listing.price_shown, listing.compare_shown) == (Decimal("9.90"), Decimal("24.90"))


def test_a_publication_that_the_reseller_confirmed_is_his_word(changed: Any, fake: Any) -> None:
    from catalog.models import Product

    compare.compare(changed)
    publish(changed, Product.objects.get(slug="lampada-001"))
    assert in_shop(fake, "L001")["price"] == "24.90"
    assert not changed.listings.get(sku="L001").price_asked


def test_what_was_told_since_the_page_was_asked_for_is_not_judged_by_it(
    changed: Any, fake: Any, monkeypatch: Any
) -> None:
    """Another worker tells the new price while the comparison has the old one in its hands."""
    from connectors.platforms import platform

    by_hand(fake, "L001", "24.90")
    double(changed)
    api = platform("woocommerce")
    plain = api.products

    def and_tell(access: Any, cursor: Any) -> Any:
        page = plain(access, cursor)
        levels.tell(Shop.objects.get(pk=changed.pk), until=float("inf"))
        return page

    monkeypatch.setattr(api, "products", and_tell)
    assert compare.compare(changed).prices == 0


def test_in_another_currency_figures_are_not_held_against_ours(changed: Any, fake: Any) -> None:
    fake.settings["general"]["woocommerce_currency"] = "HUF"
    assert compare.compare(changed).prices == 0


def test_his_own_products_with_a_price_of_ours_are_compared_each_night(connected: Any, fake: Any) -> None:
    fake.products.add(sku="L001", name="La mia lampada", price="99.00", stock=1)
    make_product(1)
    compare.compare(connected)
    compare.keep_prices(connected.listings.filter(sku="L001"), on=True, rule_id=None, shop=connected)
    sweep.tell_due(budget_s=5)
    by_hand(fake, "L001", "30.00")
    from django.utils import timezone

    Shop.objects.update(compare_after=timezone.now())
    assert compare.compare_due(budget_s=5) == 1
    assert connected.listings.get(sku="L001").price_asked


def test_only_who_may_order_decides(changed: Any, dropshipper: Any, stranger: Any, client_for: Any) -> None:
    compare.compare(changed)
    client = client_for(cast.member(dropshipper, role=Member.Role.ACCOUNTING))
    assert client.post(url("price_drift", changed), {"drift": "heal"}).status_code == 403
    assert client_for(stranger).post(url("price_drift", changed), {"drift": "heal"}).status_code == 404
    changed.refresh_from_db()
    assert changed.price_drift == "ask"


def test_a_price_that_was_decided_in_another_tab_is_not_said_to_be_decided_again(
    changed: Any, fake: Any, owner: Any, client_for: Any
) -> None:
    compare.compare(changed)
    client, one = client_for(owner), changed.listings.get(sku="L001").pk

    def click(**form: Any) -> list[str]:
        answer = client.post(url("listings_act", changed), form, follow=True)
        return [message.level_tag for message in answer.context["messages"]]

    assert click(do="ours", listing=one) == ["success"]
    assert click(do="ours", listing=one) == click(do="theirs", listing=one) == ["info"], "the other tab"
    assert changed.listings.get(sku="L001").price_on
    assert click(do="price", price="auto") == click(do="price", price="mine") == ["info"], "nothing was ticked"
