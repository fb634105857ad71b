"""What was shown is what is charged: a click carries the figures that its reader saw."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from decimal import Decimal as D
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from catalog.models import Variant
from orders.dispatch import figures, plan, runs
from orders.errors import CodAmountChanged, GuaranteeChanged, PriceChanged
from orders.models import DispatchItem, Order
from shipping.models import Rate
from tests.orders import stage
from tests.orders.test_dispatch import rows
from wallet.queries import balances

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods(dropshipper: Any) -> Variant:
    stage.money(dropshipper, "1000.00")
    return stage.variant("MCI-1", net="12.00", pieces=50)


@pytest.fixture
def method(db: None) -> Any:
    return stage.method()


@pytest.fixture
def order(dropshipper: Any, goods: Variant, method: Any) -> Order:
    return stage.order(dropshipper, ("MCI-1", 1), method=method)


@pytest.fixture
def cod(dropshipper: Any, goods: Variant, method: Any) -> Order:
    return stage.order(dropshipper, ("MCI-1", 1), method=method, payment="cod")


def seen_of(order: Order) -> str:
    price = plan.plan([order.pk], dropshipper_id=order.dropshipper_id).rows[0].price
    assert price is not None
    return price.figures


def click(order: Order, seen: str) -> DispatchItem:
    return runs.dispatch_now(order.pk, dropshipper_id=order.dropshipper_id, key=uuid.uuid4(), by=None, seen=seen)


def dearer(goods: Variant) -> None:
    Variant.objects.filter(pk=goods.pk).update(net_price=D("112.00"))


def way_dearer() -> None:
    Rate.objects.update(net=D("9.00"))


def test_the_figures_of_a_prepaid_and_of_a_cod_order_are_written_out(order: Order, cod: Order) -> None:
    assert seen_of(order) == "20.74/0.00/0.00"
    assert seen_of(cod) == "23.18/12.20/39.90"  # the example of the design


def test_what_was_seen_goes(order: Order, cod: Order) -> None:
    assert click(order, seen_of(order)).result == "dispatched"
    assert click(cod, seen_of(cod)).result == "dispatched"


def test_a_price_that_changed_is_asked_and_nothing_moves(order: Order, goods: Variant) -> None:
    seen = seen_of(order)
    dearer(goods)
    before = rows()
    item = click(order, seen)
    assert (item.result, item.code) == ("refused", "price_changed")
    assert runs.outcome_sentence(item) == "Prezzo cambiato: 20,74 € → 142,74 €."
    assert rows() == before
    assert click(order, item.params["figures"]).result == "dispatched"
    assert balances(order.dropshipper_id).available == D("1000.00") - D("142.74")


def test_a_cheaper_price_is_asked_too(order: Order, goods: Variant) -> None:
    seen = seen_of(order)
    Variant.objects.filter(pk=goods.pk).update(net_price=D("11.99"))
    assert click(order, seen).code == "price_changed"


def test_by_one_cent_is_changed(order: Order) -> None:
    assert click(order, "20.73/0.00/0.00").code == "price_changed"
    assert click(order, "20.74/0.00/0.00").result == "dispatched"


def test_another_amount_at_the_door_is_asked(cod: Order) -> None:
    seen = seen_of(cod)
    Order.objects.filter(pk=cod.pk).update(to_collect=D("140.67"))
    item = click(cod, seen)
    assert item.code == "cod_amount_changed"
    assert "39,90 € → 140,67 €" in runs.outcome_sentence(item)


def test_another_guarantee_is_asked(cod: Order, settings: Any) -> None:
    seen = seen_of(cod)
    settings.COD_GUARANTEE = False
    assert click(cod, seen).code == "guarantee_changed"


def test_a_payment_that_became_cod_is_asked(order: Order) -> None:
    seen = seen_of(order)
    Order.objects.filter(pk=order.pk).update(payment="cod", sale_total=D("39.90"), to_collect=D("39.90"))
    assert click(order, seen).code in ("price_changed", "cod_amount_changed")


@pytest.mark.parametrize(
    "text", ["", "x", "20.74", "20.74/0.00", "20,74/0,00/0,00", "NaN/0.00/0.00", "20.74/0.00/0.00\n"]
)
def test_a_form_without_figures_was_not_looked_at(order: Order, text: str) -> None:
    item = click(order, figures.brought(text))
    assert (item.result, item.code) == ("refused", "figures_unseen")
    assert runs.outcome_sentence(item) == "Costa 20,74 €, che non ti era stato mostrato: conferma."


def test_what_nobody_looked_at_has_no_figures_to_hold_against(order: Order) -> None:
    assert click(order, "").result == "dispatched"


def test_each_figure_has_its_own_words() -> None:
    assert isinstance(figures.changed("1.00/1.00/1.00", "2.00/2.00/2.00"), PriceChanged)
    assert isinstance(figures.changed("1.00/1.00/1.00", "1.00/2.00/2.00"), CodAmountChanged)
    assert isinstance(figures.changed("1.00/1.00/1.00", "1.00/2.00/1.00"), GuaranteeChanged)
    assert figures.changed("1.00/1.00/1.00", "1.00/1.00/1.00") is None


# ---- many


def test_in_a_run_only_those_whose_figures_changed_are_left_out(
    dropshipper: Any, goods: Variant, method: Any, order: Order
) -> None:
    stage.variant("MCI-2", net="3.00")
    other = stage.order(dropshipper, ("MCI-2", 1), method=method)
    unseen = stage.order(dropshipper, ("MCI-2", 1), method=method)
    seen = {order.pk: seen_of(order), other.pk: seen_of(other)}
    dearer(goods)
    ids = [order.pk, other.pk, unseen.pk]
    run = runs.start(ids, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None, seen=seen)
    run = runs.advance(run.pk)
    found = {item.order_id: (item.result, item.code) for item in run.items.all()}
    assert found[other.pk] == ("dispatched", "")
    assert found[order.pk] == ("refused", "price_changed")
    assert found[unseen.pk] == ("refused", "figures_unseen")


# ---- the pages, by their own forms


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with that action."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, f"no form for {action}"
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return {name: unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


PAGES: list[Callable[[Order], str]] = [
    lambda order: reverse("orders:detail", args=[order.pk]),
    lambda order: reverse("orders:list") + "?tab=all&source=all",
]


@pytest.mark.parametrize("of", PAGES)
def test_a_page_that_stood_open_does_not_charge_another_price(
    order: Order, goods: Variant, owner: Any, client_for: Any, of: Callable[[Order], str]
) -> None:
    client, sync = client_for(owner), reverse("orders:sync", args=[order.pk])
    old = form_of(page(client, of(order)), sync)
    dearer(goods)
    before = rows()
    answer = client.post(sync, old)
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        f"{order.number}: Prezzo cambiato: 20,74 € → 142,74 €. Nessun addebito."
    ]
    assert rows() == before
    client.post(sync, form_of(page(client, of(order)), sync))  # one click takes the new one
    order.refresh_from_db()
    assert (order.state, order.cost) == ("dispatched", D("142.74"))


def test_the_plan_page_sends_what_it_showed_and_one_click_takes_the_new_prices(
    dropshipper: Any, order: Order, cod: Order, goods: Variant, owner: Any, client_for: Any
) -> None:
    client, start = client_for(owner), reverse("orders:start")
    old = form_of(page(client, f"{reverse('orders:plan')}?order={order.pk}&order={cod.pk}"), start)
    way_dearer()
    run_page = client.post(start, old)["Location"]
    run = runs.advance(DispatchItem.objects.get(order=order).run_id)
    assert {item.code for item in run.items.all()} == {"price_changed"}
    shown = page(client, run_page)
    assert "Prezzo cambiato: 20,74 € → 25,62 €." in shown
    client.post(start, form_of(shown, start))
    anew = DispatchItem.objects.filter(order=order).latest("pk").run
    runs.advance(anew.pk)
    assert set(anew.items.values_list("result", flat=True)) == {"dispatched"}
    order.refresh_from_db()
    assert order.cost == D("25.62")
    over = page(client, run_page)  # the run that left them out no longer offers what was done meanwhile
    assert "data-take-new" in shown
    assert "data-take-new" not in over
    assert f"?run={run.key}" in shown
    assert f"?run={run.key}" not in over


def test_one_of_a_run_is_taken_at_its_new_price_by_its_own_button(
    order: Order, goods: Variant, owner: Any, client_for: Any
) -> None:
    client, start = client_for(owner), reverse("orders:start")
    old = form_of(page(client, f"{reverse('orders:plan')}?order={order.pk}"), start)
    dearer(goods)
    run_page = client.post(start, old)["Location"]
    runs.advance(DispatchItem.objects.get(order=order).run_id)
    sync = reverse("orders:sync", args=[order.pk])
    answer = client.post(sync, form_of(page(client, run_page), sync))
    assert answer.status_code == 302
    order.refresh_from_db()
    assert order.cost == D("142.74")


def test_the_entry_form_charges_what_stood_beside_it(
    dropshipper: Any, goods: Variant, method: Any, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    typed = {
        "name": "Ada Neri",
        "street": "Via Roma 1",
        "postcode": "10122",
        "city": "Torino",
        "province": "TO",
        "country": "IT",
        "payment": "prepaid",
        "sale_total": "39,90",
        "method": str(method.pk),
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": "MCI-1",
        "lines-0-quantity": "1",
        "phone": "+393331234567",
    }
    shown = client.post(reverse("orders:preview"), {**typed, "key": str(uuid.uuid4())}).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', shown)
    assert seen
    assert seen[1] == "20.74/0.00/0.00"
    dearer(goods)
    key = str(uuid.uuid4())
    client.post(reverse("orders:new"), {**typed, "key": key, "do": "sync", "seen": seen[1]})
    saved = Order.objects.get()
    assert saved.state == "ready"  # saved, and not sent
    assert balances(dropshipper.pk).available == D("1000.00")
