"""The entry form reads a pasted order: into what is empty, with a choice where there are two, and loses nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from core.models import Place
from orders.models import HalfTyped, Order
from orders.paste.cleaning import MOST
from tests.orders import stage
from tests.orders.test_entry_page import filled

pytestmark = pytest.mark.django_db
TEXT = """Lucia Finta
via dei Mille 7, 24121 Bergamo
tel 347 1110021
2 x MCI-1
contrassegno, totale 64,80 €"""
EMPTY = {"name": "", "phone": "", "street": "", "postcode": "", "city": "", "province": "", "sale_total": ""}


@pytest.fixture
def page(client_for: Any, owner: Any) -> Any:
    Place.objects.create(postcode="24121", city="Bergamo", city_key="bergamo", province="BG")
    stage.method("espresso")
    stage.variant("MCI-1", pieces=7)
    stage.variant("MCI-2", pieces=7)
    client = client_for(owner)

    def send(do: str = "read", *lines: tuple[str, Any], **fields: Any) -> str:
        answer = client.post(reverse("orders:new"), filled(*lines or [("", "1")], do=do, **fields))
        assert answer.status_code in (200, 302, 422)
        return answer.content.decode()

    return send


def shown(text: str, name: str) -> str:
    field = re.search(rf'<(?:input|select|textarea)[^>]* name="{name}"[^>]*>', text)
    assert field is not None, name
    return (re.findall(r' value="([^"]*)"', field.group()) or [""])[0]


def test_what_is_read_stands_in_the_form_and_is_marked_in_the_text(page: Any) -> None:
    text = page(**EMPTY, whole=TEXT)
    values = {name: shown(text, name) for name in ("name", "street", "postcode", "city", "province", "phone")}
    assert values == {
        "name": "Lucia Finta",
        "street": "Via dei Mille 7",
        "postcode": "24121",
        "city": "Bergamo",
        "province": "BG",  # of the postcode: the text does not say it
        "phone": "+393471110021",
    }
    assert (shown(text, "sale_total"), shown(text, "lines-0-sku"), shown(text, "lines-0-quantity")) == (
        "64,80",
        "MCI-1",
        "2",
    )
    assert re.search(r'name="payment" value="cod"[^>]* checked', text)
    marked = re.findall(r"<mark[^>]*><span>([^<]*)</span>", text)
    assert marked == [
        "Lucia Finta",
        "via dei Mille 7",
        "24121",
        "Bergamo",
        "347 1110021",
        "2 x MCI-1",
        "contrassegno",
        "64,80 €",
    ]
    assert not Order.objects.exists()


def test_what_was_typed_before_stays_and_articles_are_added(page: Any) -> None:
    text = page("read", ("MCI-2", "3"), **{**EMPTY, "name": "Chi so io", "city": "Bergamo Alta"}, whole=TEXT)
    assert (shown(text, "name"), shown(text, "city"), shown(text, "street")) == (
        "Chi so io",
        "Bergamo Alta",
        "Via dei Mille 7",
    )
    assert [shown(text, f"lines-{row}-sku") for row in (0, 1)] == ["MCI-2", "MCI-1"]


def test_of_two_telephones_one_is_chosen_and_goes_into_the_form(page: Any) -> None:
    both = f"{TEXT}\noppure tel 347 1110022"
    text = page(**EMPTY, whole=both)
    assert shown(text, "phone") == ""
    choices = re.findall(r'value="(take:phone\|[^"]+)"', text)
    assert choices == ["take:phone|+393471110021", "take:phone|+393471110022"]
    text = page(choices[1], **EMPTY, whole=both)
    assert shown(text, "phone") == "+393471110022"
    assert "take:phone" not in text
    assert shown(page("take:phone|+393999999999", **EMPTY, whole=both), "phone") == ""
    assert shown(page("take:key|x", **EMPTY, whole=both), "phone") == ""


def test_a_text_with_nothing_of_an_order_says_so_and_stays(page: Any) -> None:
    text = page(**EMPTY, whole="Buonasera, grazie!")
    assert "non è stato riconosciuto nulla" in text
    assert "Buonasera, grazie!</textarea>" in text


def test_a_text_that_is_too_long_is_told_and_kept(page: Any) -> None:
    long = "Lucia Finta " * (MOST // 12 + 1)
    text = page(**EMPTY, whole=long)
    assert "<mark" not in text
    assert text.count("Lucia Finta") > 100
    assert 'id="id_whole_error"' in text or 'aria-invalid="true"' in text


def test_the_text_is_kept_nowhere(page: Any) -> None:
    page(**EMPTY, whole=TEXT)
    page("draft", ("MCI-1", "1"), whole=TEXT)
    assert "via dei Mille" not in str(list(HalfTyped.objects.values_list("content", flat=True)))
    assert all("contrassegno" not in f"{order.note}{order.shop_data}" for order in Order.objects.all())


def test_an_edited_order_has_no_such_box(client_for: Any, owner: Any, page: Any) -> None:
    page("draft", ("MCI-1", "1"))
    order = Order.objects.get() if Order.objects.exists() else None
    assert order is not None
    assert "pasted-order" not in client_for(owner).get(reverse("orders:edit", args=[order.pk])).content.decode()
