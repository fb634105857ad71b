"""On which terms a WooCommerce shop sells: another currency, prices without tax, goods of another VAT rate. Asked anew
before each writing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from connectors.listings import compare, publishing
from connectors.listings.prices import rules
from connectors.models import Listing, Shop
from connectors.news import sweep
from core.money import cents
from tests.connectors.test_publishing import in_shop, made, make_product, publish, results

pytestmark = pytest.mark.django_db


def double(shop: Any) -> None:
    rule = rules.ensure_default(shop)
    rule.factor = Decimal(2)
    rules.save(rule, by=0)


def in_huf(fake: Any) -> None:
    fake.settings["general"]["woocommerce_currency"] = "HUF"


def without_tax(fake: Any) -> None:
    fake.settings["tax"]["woocommerce_prices_include_tax"] = "no"


# ---- another currency


def test_nothing_is_published_in_a_shop_of_another_currency(connected: Any, fake: Any) -> None:
    in_huf(fake)
    run = publish(connected, make_product(1), make_product(2))
    assert results(run) == [("refused", "other_currency")] * 2
    assert made(fake) == []
    item = run.items.first()
    assert item
    assert item.detail == "HUF"
    assert Shop.objects.get(pk=connected.pk).facts["currency"] == "HUF"


def test_a_currency_that_changed_stops_the_prices_and_nothing_else(connected: Any, fake: Any) -> None:
    from catalog import stock

    product = make_product(1)
    publish(connected, product)
    in_huf(fake)
    double(connected)
    stock.receive(product.variants.get().pk, 3, by=None)

    assert sweep.tell_due(budget_s=5) == 1  # the stock

    assert (in_shop(fake, "L001")["price"], in_shop(fake, "L001")["stock_quantity"]) == ("24.90", 12)
    fake.requests.clear()
    assert sweep.tell_due(budget_s=5) == 0
    assert list(fake.requests) == []  # not asked again at each sweep
    assert connected.events.filter(code="other_currency", params={"currency": "HUF"}).exists()

    fake.settings["general"]["woocommerce_currency"] = "EUR"
    double(connected)
    assert sweep.tell_due(budget_s=5) == 1
    assert in_shop(fake, "L001")["price"] == "49.80"


def test_the_pages_say_so(connected: Any, fake: Any, owner: Any, client_for: Any) -> None:
    product = make_product(1)
    publish(connected, product)
    in_huf(fake)
    double(connected)
    sweep.tell_due(budget_s=5)
    client = client_for(owner)
    for address in (
        reverse("connectors:prices", args=[connected.pk]),
        reverse("connectors:listings", args=[connected.pk]),
        f"{reverse('connectors:publish')}?product={product.pk}&shop={connected.pk}",
    ):
        text = client.get(address).content.decode()
        assert 'data-refusal="other_currency"' in text, address
        assert "HUF" in text
    card = client.get(reverse("connectors:shop", args=[connected.pk])).content.decode()
    assert 'data-line="prices" data-tone="bad"' in card
    assert [row.refusal.code for row in publishing.plan(Shop.objects.get(), [product.pk]).left if row.refusal] == [
        "other_currency"
    ]
    listing = connected.listings.get(sku="L001")
    compare.keep_prices(connected.listings.all(), on=False, rule_id=None, shop=connected)
    form = {"do": "price", "price": "auto", "listing": listing.pk}
    client.post(reverse("connectors:listings_act", args=[connected.pk]), form)
    listing.refresh_from_db()
    assert not listing.price_on


# ---- prices without tax


@pytest.mark.parametrize(("rate", "tax_class"), [("22", ""), ("10", "reduced-rate")])
def test_a_shop_that_writes_prices_without_tax_shows_the_customer_ours(
    connected: Any, fake: Any, rate: str, tax_class: str
) -> None:
    without_tax(fake)
    product = make_product(1, titles=("Nero", "Rosa"))
    product.variants.update(vat_rate=Decimal(rate))
    assert results(publish(connected, product)) == [("created", "")]
    double(connected)
    assert sweep.tell_due(budget_s=5) == 2

    for sku in ("L001-NEo", "L001-ROa"):
        doc = fake.products.by_sku(sku)
        net = Decimal(doc["price"])
        assert cents(net + cents(net * Decimal(rate) / 100)) == Decimal("49.80")
        assert fake.products.get(doc["parent"])["tax_class"] == tax_class
    compare.compare(connected)
    assert not Listing.objects.filter(price_drifted_at__isnull=False).exists()


def test_the_class_that_the_merchant_gave_his_own_product_decides_what_is_written(connected: Any, fake: Any) -> None:
    without_tax(fake)
    own = fake.products.add(sku="L001", name="La mia lampada", price="99.00", stock=1)
    fake.products.change(own["id"], {"tax_class": "reduced-rate"})
    free = fake.products.add(sku="L002", name="Senza", price="99.00", stock=1)
    fake.products.change(free["id"], {"tax_status": "none"})
    make_product(1), make_product(2)
    compare.compare(connected)
    compare.keep_prices(connected.listings.filter(sku__in=["L001", "L002"]), on=True, rule_id=None, shop=connected)

    assert sweep.tell_due(budget_s=5) == 2

    assert fake.products.by_sku("L001")["price"] == "22.636364"  # 24.90 with 10 %
    assert fake.products.by_sku("L002")["price"] == "24.90"


def test_where_the_rates_are_hidden_neither_products_nor_prices_go(connected: Any, fake: Any) -> None:
    product = make_product(1)
    publish(connected, product)
    without_tax(fake)
    fake.taxes.hidden = True
    double(connected)
    assert sweep.tell_due(budget_s=5) == 0
    assert in_shop(fake, "L001")["price"] == "24.90"
    assert results(publish(connected, product)) == [("refused", "prices_without_tax")]


def test_a_price_that_no_figure_makes_is_refused(connected: Any, fake: Any) -> None:
    without_tax(fake)
    fake.taxes.add("ridotta-4", "4")
    product = make_product(1)
    product.variants.update(vat_rate=Decimal(4), retail_price=Decimal("15.99"))
    assert results(publish(connected, product)) == [("refused", "price_not_exact")]


# ---- goods of another rate


def test_goods_of_another_rate_get_its_tax_class(connected: Any, fake: Any) -> None:
    ten, four, usual = make_product(1), make_product(2), make_product(3)
    ten.variants.update(vat_rate=Decimal(10))
    four.variants.update(vat_rate=Decimal(4))

    run = publish(connected, ten, four, usual)

    assert results(run) == [("created", ""), ("refused", "tax_class_missing"), ("created", "")]
    assert [in_shop(fake, sku)["tax_class"] for sku in ("L001", "L003")] == ["reduced-rate", ""]
    plan = publishing.plan(Shop.objects.get(), [four.pk])
    assert [(row.refusal.code, "4" in str(row.refusal)) for row in plan.left if row.refusal] == [
        ("tax_class_missing", True)
    ]
    fake.taxes.add("ridotta-4", "4.0000")
    assert results(publish(connected, four)) == [("created", "")]
    assert in_shop(fake, "L002")["tax_class"] == "ridotta-4"


def test_a_product_whose_class_was_wrong_is_mended_by_a_publication(connected: Any, fake: Any) -> None:
    product = make_product(1)
    publish(connected, product)
    product.variants.update(vat_rate=Decimal(10))
    publish(connected, product)
    assert in_shop(fake, "L001")["tax_class"] == "reduced-rate"


def test_where_the_rates_are_hidden_only_the_usual_one_is_published(connected: Any, fake: Any) -> None:
    fake.taxes.hidden = True
    usual, ten = make_product(1), make_product(2)
    ten.variants.update(vat_rate=Decimal(10))
    assert results(publish(connected, usual, ten)) == [("created", ""), ("refused", "tax_class_unknown")]


def test_a_shop_that_reckons_no_tax_takes_all(connected: Any, fake: Any) -> None:
    fake.settings["general"]["woocommerce_calc_taxes"] = "no"
    ten = make_product(1)
    ten.variants.update(vat_rate=Decimal(10))
    assert results(publish(connected, ten)) == [("created", "")]
    assert in_shop(fake, "L001")["price"] == "24.90"
