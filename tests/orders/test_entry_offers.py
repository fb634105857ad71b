"""What the entry form knows and offers: articles, customers, a marketplace's number, shipping, and what it does not
know."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core.address import city_key
from core.models import Place
from orders import privacy
from orders.entry import recipients
from orders.models import Order
from tests import cast
from tests.orders import stage
from tests.orders.test_entry_page import figure, filled

pytestmark = pytest.mark.django_db


def live(client: Any, *lines: tuple[str, Any], **fields: Any) -> str:
    return str(client.post(reverse("orders:preview"), filled(*lines, **fields)).content.decode())


def customers(client: Any, text: str, field: str = "name") -> list[str]:
    page = client.get(reverse("orders:customers"), {"text": text, "field": field}).content.decode()
    return re.findall(r'<span class="ink">([^<]*)</span>', page)


# ---- articles


def test_articles_are_offered_with_price_and_stock(owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1", pieces=7)
    page = client_for(owner).get(reverse("orders:articles"), {"text": "articolo mci"}).content.decode()
    assert 'data-value="MCI-1"' in page
    for words in ("12,00", "14,64", "disponibili 7"):
        assert words in page
    assert 'data-count="0"' in client_for(owner).get(reverse("orders:articles"), {"text": "xyzzy"}).content.decode()


def test_without_javascript_an_article_is_searched_and_added_as_a_line(owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    client = client_for(owner)
    found = client.post(reverse("orders:new"), filled(("MCI-2", 3), do="find", find="articolo")).content.decode()
    assert 'value="pick:MCI-1"' in found
    assert "Giulia Rossi" in found
    page = client.post(reverse("orders:new"), filled(("MCI-2", 3), do="pick:MCI-1", find="articolo")).content.decode()
    page = page.split('<template id="empty-line">')[0]
    assert re.findall(r'name="lines-\d+-sku"(?: value="([^"]*)")?', page) == ["MCI-2", "MCI-1"]


def test_an_article_of_which_there_are_too_few_is_not_green(owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1", pieces=5)
    client = client_for(owner)
    assert "data-short" not in live(client, ("MCI-1", 5))
    assert "data-short" in live(client, ("MCI-1", 6))
    assert live(client, ("MCI-1", 3), ("mci-1", 3)).count("data-short") == 2  # two rows of one article


# ---- an unknown SKU


def test_an_unknown_sku_makes_the_total_incomplete_and_the_button_promise_nothing(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    client = client_for(owner)
    whole = live(client, ("MCI-1", 1), method=method.pk)
    assert re.search(r"Invia e sincronizza · 20,74\s€</button>", whole)

    page = live(client, ("MCI-1", 1), ("NON-C-E", 2), method=method.pk)
    assert 'data-missing="1"' in page
    assert "data-incomplete" in page
    button = re.findall(r'<button class="btn btn-primary" name="do" value="sync"[^>]*>.*?</button>', page)[0]
    assert " disabled" in button
    assert "€" not in button
    assert "data-need" not in page
    assert "data-margin" not in page
    assert 'name="seen" value=""' in page
    sent = client.post(reverse("orders:new"), filled(("MCI-1", 1), ("NON-C-E", 2), do="sync", method=method.pk))
    assert sent.status_code == 422
    assert not Order.objects.exists()


def test_an_orders_page_does_not_call_a_total_whole_that_is_not(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), ("NON-C-E", 1), method=stage.method())
    page = client_for(owner).get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert "data-incomplete" in page
    assert "data-need" not in page
    assert "data-margin" not in page


# ---- customers of before


def test_customers_are_the_companys_own_and_never_forgotten_ones(
    dropshipper: Any, owner: Any, other_dropshipper: Any, client_for: Any
) -> None:
    sku = stage.variant().sku
    stage.order(dropshipper, (sku, 1))
    stage.order(dropshipper, (sku, 2), source="woocommerce")  # the same person: once
    for name, company in (("Giulio Verdi", dropshipper), ("Giulia Altrui", other_dropshipper)):
        who = replace(stage.ADDRESS, name=name, street=f"Via {name} 1", phone="+393331239999", email="")
        stage.order(company, (sku, 1), address=who)
    client = client_for(owner)
    assert customers(client, "giuli") == ["Giulio Verdi", "Giulia Rossi"]
    assert customers(client, "ROSSI giu") == ["Giulia Rossi"]
    assert customers(client, "333 123", "phone") == ["Giulio Verdi", "Giulia Rossi"]
    assert customers(client, "gi") == customers(client, "333", "phone") == customers(client, "a\0b%") == []
    stranger = cast.member(other_dropshipper)
    assert customers(client_for(stranger), "giuli") == ["Giulia Altrui"]

    rossi = Order.objects.filter(name="Giulia Rossi")
    rossi.update(forget_asked_at=timezone.now())
    assert customers(client, "giuli") == ["Giulio Verdi"]
    rossi.update(state="cancelled")
    privacy.forget(rossi.values_list("pk", flat=True))
    assert customers(client, "giuli") == ["Giulio Verdi"]
    assert recipients.one(dropshipper.pk, Order.objects.filter(dropshipper=other_dropshipper).get().pk) is None


def test_without_javascript_a_customer_is_searched_and_fills_the_address(
    dropshipper: Any, owner: Any, other_dropshipper: Any, client_for: Any
) -> None:
    order = stage.order(dropshipper, (stage.variant().sku, 1))
    foreign = stage.order(
        other_dropshipper, (stage.variant().sku, 1), address=replace(stage.ADDRESS, street="Via Segreta 9")
    )
    client = client_for(owner)
    blank = {"street": "", "postcode": "", "city": "", "province": "", "phone": ""}
    found = client.post(reverse("orders:new"), filled(("A", 1), do="customers", name="giulia", **blank))
    assert f'value="customer:{order.pk}"' in found.content.decode()
    assert f"customer:{foreign.pk}" not in found.content.decode()
    used = client.post(reverse("orders:new"), filled(("A", 1), do=f"customer:{order.pk}", name="giulia", **blank))
    assert 'value="Via Garibaldi 12"' in used.content.decode()
    stolen = client.post(reverse("orders:new"), filled(("A", 1), do=f"customer:{foreign.pk}", **blank))
    assert "Via Segreta" not in stolen.content.decode()


def test_an_address_to_which_an_order_went_before_says_so(
    dropshipper: Any, owner: Any, other_dropshipper: Any, client_for: Any
) -> None:
    client = client_for(owner)
    stage.order(other_dropshipper, (stage.variant().sku, 1))
    assert "data-sent-before" not in live(client, ("A", 1))
    order = stage.order(dropshipper, (stage.variant().sku, 1))
    said = live(client, ("A", 1), street="V. GARIBALDI, n. 12")  # the same door, written otherwise
    assert "data-sent-before" in said
    assert order.number in said
    assert "data-sent-before" not in live(client, ("A", 1), street="Via Garibaldi 14")


# ---- a marketplace's number


def test_a_marketplace_and_its_number_are_kept_found_shown_and_exported(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    client = client_for(owner)
    form = filled(("MCI-1", 1), method=method.pk, marketplace="EBAY", reference=" #12-34567-89012 ")
    client.post(reverse("orders:new"), form)
    order = Order.objects.get()
    assert (order.source, order.source_label, order.source_number) == ("manual", "eBay", "12-34567-89012")
    for page in (
        client.get(reverse("orders:detail", args=[order.pk])),
        client.get(reverse("orders:list")),
        client.get(reverse("orders:list"), {"q": "12-34567-89012"}),
        client.get(reverse("orders:edit", args=[order.pk])),
    ):
        text = page.content.decode()
        assert "eBay" in text
        assert "12-34567-89012" in text
    exported = b"".join(client.get(reverse("orders:export")).streaming_content).decode()
    assert "eBay" in exported
    assert "12-34567-89012" in exported
    # An edit changes it, a copy does not bear it, and the same form sent again is the same order.
    assert client.post(reverse("orders:new"), form).url == reverse("orders:detail", args=[order.pk])
    edit = filled(("MCI-1", 1), method=method.pk, version=order.version, marketplace="Amico mio", reference="7")
    client.post(reverse("orders:edit", args=[order.pk]), edit)
    order.refresh_from_db()
    assert (order.source_label, order.source_number) == ("Amico mio", "7")
    client.post(reverse("orders:duplicate", args=[order.pk]))
    assert Order.objects.latest("pk").source_number == ""


def test_a_number_without_a_marketplace_is_not_called_manual(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    client = client_for(owner)
    client.post(reverse("orders:new"), filled(("MCI-1", 1), method=stage.method().pk, reference="99"))
    page = client.get(reverse("orders:detail", args=[Order.objects.get().pk])).content.decode()
    sold_on = re.findall(r"<span data-sold-on>([^<]*)</span>", page)
    assert sold_on == [" #99"]


def test_the_same_number_of_the_same_marketplace_warns_and_does_not_block(
    dropshipper: Any, owner: Any, other_dropshipper: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    client, stranger = client_for(owner), client_for(cast.member(other_dropshipper))
    sold = {"marketplace": "eBay", "reference": "12-34567-89012", "method": method.pk}
    stranger.post(reverse("orders:new"), filled(("MCI-1", 1), **sold))
    assert "data-typed-before" not in live(client, ("MCI-1", 1), **sold)  # another company's is none of ours
    client.post(reverse("orders:new"), filled(("MCI-1", 1), **sold))
    first = Order.objects.get(dropshipper=dropshipper)

    said = live(client, ("MCI-1", 1), **sold | {"marketplace": "ebay"})
    assert "data-typed-before" in said
    assert first.number in said
    assert "data-typed-before" not in live(client, ("MCI-1", 1), **sold | {"marketplace": "Amazon"})
    assert "data-typed-before" not in live(client, ("MCI-1", 1), **sold | {"reference": ""})
    again = client.post(reverse("orders:new"), filled(("MCI-1", 1), **sold), follow=True)
    assert first.number in again.content.decode()
    assert Order.objects.filter(dropshipper=dropshipper).count() == 2
    first.refresh_from_db()
    edited = client.get(reverse("orders:edit", args=[first.pk])).content.decode()
    assert edited.count("data-typed-before") == 1  # of the other one, not of itself


def test_what_a_shop_says_of_its_number_is_not_for_a_person(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(
        dropshipper, ("MCI-1", 1), source="woocommerce", source_label="casalinda.it", source_number="10483"
    )
    client = client_for(owner)
    url = reverse("orders:edit", args=[order.pk])
    assert 'name="reference"' not in client.get(url).content.decode()
    client.post(url, filled(("MCI-1", 1), version=order.version, marketplace="eBay", reference="1"))
    order.refresh_from_db()
    assert (order.source_label, order.source_number) == ("casalinda.it", "10483")


# ---- shipping


def chosen(page: str) -> list[str]:
    return re.findall(r'name="method" id="method-\d+" value="(\d+)" checked', page)


def test_a_new_resellers_first_shipping_is_the_cheapest_that_goes_there(owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    dear, cheap, no_cod = (
        stage.method("caro", net="9.00"),
        stage.method("medio", net="6.00"),
        stage.method("economico", net="4.00", cod_allowed=False),
    )
    client = client_for(owner)
    assert chosen(client.get(reverse("orders:new")).content.decode()) == [str(no_cod.pk)]
    first = live(client, ("MCI-1", 1))
    assert chosen(first) == [str(no_cod.pk)]
    assert figure(first, "cost") == "19.52"  # shown at once: nothing has to be chosen first
    marked = {"method": no_cod.pk, "preselected": no_cod.pk}
    # It was not chosen by anybody: in COD it is the cheapest that takes cash.
    assert chosen(live(client, ("MCI-1", 1), payment="cod", **marked)) == [str(cheap.pk)]
    # What a person chose stays, whatever becomes of it.
    assert chosen(live(client, ("MCI-1", 1), method=dear.pk, preselected=no_cod.pk)) == [str(dear.pk)]
    assert chosen(live(client, ("MCI-1", 1), method=no_cod.pk, payment="cod")) == [str(no_cod.pk)]


def test_who_has_a_usual_shipping_gets_it_where_it_goes(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    usual, other = stage.method("solito", net="8.00", cod_allowed=False), stage.method("altro", net="5.00")
    stage.order(dropshipper, ("MCI-1", 1), method=usual)
    client = client_for(owner)
    assert chosen(client.get(reverse("orders:new")).content.decode()) == [str(usual.pk)]
    assert chosen(live(client, ("MCI-1", 1), payment="cod")) == [str(other.pk)]


# ---- words


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
def test_who_pays_at_the_door_has_paid_nothing(payment: str, dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    client = client_for(owner)
    order = stage.order(dropshipper, ("NON-C-E", 1), payment=payment)  # no figures: the total stands alone
    pages = [
        client.post(reverse("orders:new"), filled(("MCI-1", 1), payment=payment, do="recalculate")),
        client.post(reverse("orders:preview"), filled(("MCI-1", 1), payment=payment)),
        client.get(reverse("orders:edit", args=[order.pk])),
        client.get(reverse("orders:detail", args=[order.pk])),
    ]
    said = ["Pagato dal cliente" in page.content.decode() for page in pages]
    assert said == [False, False, False, payment == "prepaid"]


@pytest.mark.parametrize("do", ["paste", "add", "recalculate", "find", "customers", "remove:0", "draft", "send"])
def test_what_a_parcel_needs_is_never_called_optional(do: str, owner: Any, client_for: Any) -> None:
    form = filled(("A", 1), ("B", 1), do=do, pasted="C*2", street="", email="nobody")
    page = client_for(owner).post(reverse("orders:new"), form).content.decode()
    for name in ("name", "street", "postcode", "city", "province"):
        label = re.findall(rf'<label for="id_{name}">(.*?)</label>', page)[0]
        assert "mci-optional" not in label
    assert "mci-optional" in re.findall(r'<label for="id_street2">(.*?)</label>', page)[0]
    abroad = client_for(owner).post(reverse("orders:new"), form | {"country": "FR"}).content.decode()
    assert "mci-optional" in re.findall(r'<label for="id_province">(.*?)</label>', abroad)[0]


# ---- places


def test_only_what_agrees_is_said_to_agree_and_what_is_not_known_is_said(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    for postcode, city in (("20121", "Milano"), ("20063", "Cernusco sul Naviglio")):
        Place.objects.create(postcode=postcode, city=city, province="MI", city_key=city_key(city))
    client = client_for(owner)

    def said(city: str, postcode: str = "20121") -> tuple[bool, bool, bool]:
        page = live(client, ("A", 1), postcode=postcode, city=city, province="MI")
        return "data-agrees" in page, "data-unsure" in page, "data-doubt" in page

    assert said("Milano") == said("MILANO (MI)") == said("Cernusco s/N", "20063") == (True, False, False)
    assert said("Cernusco") == said("Pippolandia") == (False, True, False)
    assert said("Cernusco sul Naviglio") == said("Millano") == (False, False, True)
    page = live(client, ("A", 1), postcode="20121", city="Cernusco", province="MI")
    assert re.findall(r'value="use:([^"]*)"', page) == ["20063|Cernusco sul Naviglio|MI", "20121|Milano|MI"]

    order = stage.order(
        dropshipper,
        (stage.variant().sku, 1),
        address=replace(stage.ADDRESS, postcode="20121", city="Pippolandia", province="MI"),
    )
    detail = client.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert "data-unsure" in detail
    assert "mci-fine" not in detail
    assert order.sale_total == Decimal("39.90")
