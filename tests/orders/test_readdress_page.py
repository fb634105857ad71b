"""The pages on which a reseller changes the address of a sent order: what he sees before the click, and after it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal as D
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from orders.fulfilment import parcels
from orders.intake import follow
from orders.models import Order
from orders.pages.forms.readdress import FIELDS
from shipping.models import Method, Rate
from tests import cast
from tests.orders import stage
from tests.orders.test_follow import sent as of_a_shop
from tests.orders.test_readdress import CAGLIARI, LYON, MILAN, NEAR, change, kinds, sent, verified, zone
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def url_of(order: Order) -> str:
    return reverse("orders:readdress", args=[order.pk])


def typed(address: Any, note: str = "", **more: Any) -> dict[str, Any]:
    fields = {name: getattr(address, name) for name in FIELDS if name != "note"}
    return {**fields, "note": note, "do": "check", **more}


def hidden(page: str) -> dict[str, str]:
    """What the form of the second page brings back."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if "data-check" in one)
    pairs = re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', form)
    return {name: unescape(value) for name, value in pairs if name != "csrfmiddlewaretoken"}


def checked(client: Any, order: Order, address: Any, **more: Any) -> str:
    order.refresh_from_db()
    answer = client.post(url_of(order), typed(address, version=order.version, **more))
    assert answer.status_code == 200, answer.content.decode()
    page: str = answer.content.decode()
    return page


def figure(page: str, row: str, name: str = "difference") -> str:
    found = re.search(rf'data-row="{row}".*?data-{name}="([^"]*)"', page, re.DOTALL)
    return found[1] if found else ""


def test_it_is_led_to_from_the_order_and_shows_where_it_goes(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order, client = sent(dropshipper), client_for(owner)
    page = client.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert url_of(order) in page
    page = client.get(url_of(order)).content.decode()
    assert 'value="Via Garibaldi 12"' in page


@pytest.mark.parametrize(
    ("to", "shipping", "vat", "cost", "leaves", "after"),
    [
        (CAGLIARI, "4.00", "0.88", "4.88", "4.88", "74.38"),
        (MILAN, "-1.50", "-0.33", "-1.83", "-1.83", "81.09"),
        (NEAR, "0.00", "0.00", "0.00", "0.00", "79.26"),
        (LYON, "9.00", "1.98", "10.98", "10.98", "68.28"),
    ],
)
def test_what_it_costs_is_shown_before_the_click_and_is_what_is_taken(
    dropshipper: Any, owner: Any, client_for: Any, to: Any, shipping: str, vat: str, cost: str, leaves: str, after: str
) -> None:
    order, client = sent(dropshipper), client_for(owner)
    page = checked(client, order, to, note="citofono 3")
    assert [figure(page, row) for row in ("shipping", "vat", "cost")] == [shipping, vat, cost]
    assert f'data-leaves="{leaves}"' in page
    assert f'data-after="{after}"' in page
    order.refresh_from_db()
    assert order.street == "Via Garibaldi 12", "nothing is done yet"
    answer = client.post(url_of(order), {**hidden(page), "do": "confirm"}, follow=True)
    assert 'data-level="success"' in answer.content.decode()
    order.refresh_from_db()
    assert (order.street, order.note) == (to.street, "citofono 3")
    assert balances(dropshipper.pk).available == D(after)
    assert "data-readdressed" in answer.content.decode()
    verified()


def test_cod_shows_what_the_margin_and_the_guarantee_become(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order, client = sent(dropshipper, payment="cod"), client_for(owner)
    page = checked(client, order, CAGLIARI)
    assert [figure(page, row) for row in ("cost", "margin", "guarantee")] == ["4.88", "-4.88", "9.76"]
    assert 'data-leaves="9.76"' in page
    client.post(url_of(order), {**hidden(page), "do": "confirm"})
    assert (balances(dropshipper.pk).available, balances(dropshipper.pk).held) == (D("78.04"), D("21.96"))
    verified()


def test_clicked_twice_and_from_two_tabs_it_is_done_once_and_each_is_told(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    order, client = sent(dropshipper), client_for(owner)
    one, other = hidden(checked(client, order, CAGLIARI)), hidden(checked(client, order, MILAN))
    said = [client.post(url_of(order), {**one, "do": "confirm"}, follow=True).content.decode() for _twice in range(2)]
    assert ['data-level="success"' in page for page in said] == [True, False]
    assert 'data-level="info"' in said[1]
    stale = client.post(url_of(order), {**other, "do": "confirm"})
    assert stale.status_code == 422
    assert "Via Manzoni 3" in stale.content.decode(), "what was typed stays"
    order.refresh_from_db()
    assert (order.city, kinds(order)) == ("Cagliari", ["sale", "shipping_change"])
    again = hidden(checked(client, order, MILAN))
    client.post(url_of(order), {**again, "do": "confirm"})
    order.refresh_from_db()
    assert order.city == "Milano"


def test_a_price_that_changed_is_shown_again_old_and_new(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order, client = sent(dropshipper), client_for(owner)
    form = hidden(checked(client, order, CAGLIARI))
    Rate.objects.filter(zone__code="sardegna").update(net=D("10.00"))
    for said in ({}, {"seen": ""}):
        answer = client.post(url_of(order), {**form, "do": "confirm", **said})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert re.search(r'data-refusal="(price_changed|figures_unseen)"', page)
        assert "26,84" in page
    order.refresh_from_db()
    assert order.city == "Torino"
    client.post(url_of(order), {**hidden(page), "do": "confirm"})
    order.refresh_from_db()
    assert (order.city, order.cost) == ("Cagliari", D("26.84"))


def test_the_gap_is_named_and_nothing_is_changed(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order, client = sent(dropshipper, money="22.00"), client_for(owner)
    page = checked(client, order, CAGLIARI)
    assert 'data-missing="3.62"' in page
    assert "data-confirm" not in page
    answer = client.post(url_of(order), {**hidden(page), "do": "confirm"})
    assert answer.status_code == 422
    assert "3,62" in answer.content.decode()
    order.refresh_from_db()
    assert (order.city, balances(dropshipper.pk).available) == ("Torino", D("1.26"))
    stage.money(dropshipper, "10.00")
    page = checked(client, order, CAGLIARI)
    client.post(url_of(order), {**hidden(page), "do": "confirm"})
    order.refresh_from_db()
    assert order.city == "Cagliari"


def test_where_the_method_does_not_go_those_that_do_are_offered(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order, client = sent(dropshipper), client_for(owner)
    far = replace(LYON, country="DE", postcode="10115", city="Berlin")
    page = checked(client, order, far)
    assert 'data-refusal="country_not_served"' in page
    assert "data-confirm" not in page
    other = stage.method("europa", net="6.00")
    zone("germania", net="15.00", method=other, country="DE")
    page = checked(client, order, far)
    assert f'name="method" value="{other.pk}"' in page
    page = checked(client, order, far, method=other.pk)
    assert 'data-leaves="12.20"' in page
    client.post(url_of(order), {**hidden(page), "do": "confirm"})
    order.refresh_from_db()
    assert (order.country, order.method_id, order.cost) == ("DE", other.pk, D("32.94"))
    assert (
        Method.objects.get(pk=order.method_id).name
        in client.get(reverse("orders:detail", args=[order.pk])).content.decode()
    )
    verified()


def test_back_to_what_was_typed_and_what_is_missing_is_said(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order, client = sent(dropshipper), client_for(owner)
    form = hidden(checked(client, order, CAGLIARI))
    page = client.post(url_of(order), {**form, "do": "edit"}).content.decode()
    assert 'value="Via Roma 5"' in page
    for wrong in ({"street": ""}, {"postcode": ""}, {"province": ""}, {"province": "XX"}, {"email": "nobody"}):
        answer = client.post(url_of(order), {**typed(CAGLIARI, version=2), **wrong})
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.content.decode()
    assert client.post(url_of(order), typed(order.address, version=2)).status_code == 422, "nothing is different"


@pytest.mark.parametrize("state", ["packed", "shipped", "cancelled"])
def test_too_late_it_leads_back_with_a_sentence(dropshipper: Any, owner: Any, client_for: Any, state: str) -> None:
    order, client = sent(dropshipper), client_for(owner)
    form = hidden(checked(client, order, CAGLIARI))
    if state == "cancelled":
        parcels.cancel(order.pk, by=None)
    elif state == "packed":
        parcels.mark_packed(order.pk, by=None)
    else:
        parcels.mark_shipped(order.pk, tracking_number="T1", by=None)
    for answer in (
        client.post(url_of(order), {**form, "do": "confirm"}, follow=True),
        client.get(url_of(order), follow=True),
    ):
        page = answer.content.decode()
        assert answer.redirect_chain[-1][0] == reverse("orders:detail", args=[order.pk])
        assert 'data-level="error"' in page
        assert "data-readdress>" not in page
    order.refresh_from_db()
    assert order.city == "Torino"


def test_an_open_order_has_its_own_form(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order = stage.order(dropshipper, ("NO-SUCH", 1))
    answer = client_for(owner).get(url_of(order))
    assert answer.url == reverse("orders:edit", args=[order.pk])


def test_strangers_find_nothing_and_the_accounting_may_not(dropshipper: Any, stranger: Any, client_for: Any) -> None:
    order = sent(dropshipper)
    accountant = cast.member(dropshipper, role="accounting")
    for person, status in ((stranger, 404), (accountant, 403)):
        client = client_for(person)
        assert client.get(url_of(order)).status_code == status
        assert client.post(url_of(order), typed(CAGLIARI, version=2)).status_code == status
    assert url_of(order) not in client_for(accountant).get(reverse("orders:detail", args=[order.pk])).content.decode()


def test_the_desk_is_told_until_it_is_packed(dropshipper: Any, owner: Any, staff: Any, client_for: Any) -> None:
    order, client = sent(dropshipper), client_for(staff)
    change(order, CAGLIARI)
    desk, one = reverse("orders:desk"), reverse("orders:desk_order", args=[order.pk])
    assert 'data-alert="readdressed"' in client.get(desk).content.decode()
    member = client_for(owner)
    for name in ("orders:list", "mci:dashboard"):
        assert 'data-problem="readdressed"' not in member.get(reverse(name)).content.decode(), "not his to do"
    page = client.get(one).content.decode()
    assert 'data-alert="readdressed"' in page
    assert "Via Garibaldi 12" in page
    assert "Via Roma 5" in page
    mark = re.search(r'name="collect" value="([^"]*)"', page)
    assert mark is not None
    client.post(reverse("orders:pack", args=[order.pk]), {"collect": ""})
    order.refresh_from_db()
    assert order.shipment is not None
    assert order.shipment.state == "to_pick", "a page that named the old address packs nothing"
    client.post(reverse("orders:pack", args=[order.pk]), {"collect": mark[1]})
    order.shipment.refresh_from_db()
    assert order.shipment.state == "packed"
    assert "data-alert" not in client.get(one).content.decode()


def test_what_the_shop_changed_can_be_taken_over(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order, data = of_a_shop(dropshipper)
    follow.refresh(order.pk, data)
    client, page_url = client_for(owner), reverse("orders:detail", args=[order.pk])
    assert "data-as-in-shop" not in client.get(page_url).content.decode()
    follow.refresh(order.pk, replace(data, address=replace(data.address, street="Corso Francia 9")))
    assert "data-as-in-shop" in client.get(page_url).content.decode()
    assert 'value="Corso Francia 9"' in client.get(f"{url_of(order)}?from=shop").content.decode()
    assert 'value="Corso Francia 9"' not in client.get(url_of(order)).content.decode()
