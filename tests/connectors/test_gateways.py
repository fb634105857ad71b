"""Which payment methods of a store collect at the door: asked once, of those that no id tells for sure."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from connectors.connect import attempts
from connectors.intake import gateways, upsert
from connectors.models import PaymentRule, Shop
from connectors.shops import health
from orders.models import Order
from tests.connectors.arrivals import arrive, ready_shop
from tests.connectors.conftest import KEY, SECRET

pytestmark = pytest.mark.django_db
PLUGIN = {"id": "paga_corriere", "title": "Paghi in contanti al corriere", "enabled": True}
CARDS = {"id": "wc_postepay_online", "title": "Carta o Postepay", "enabled": True}
OFF = {"id": "wc_pod", "title": "Pay on delivery", "enabled": False}
PAID = {"date_paid_gmt": "2026-11-29T16:35:48", "transaction_id": ""}
AT_THE_DOOR = {"payment_method": PLUGIN["id"], "payment_method_title": PLUGIN["title"], **PAID}
BY_CARD = {"payment_method": CARDS["id"], "payment_method_title": CARDS["title"], **PAID}


def url(name: str, shop: Shop) -> str:
    return reverse(f"connectors:{name}", args=[shop.pk])


def given(**answers: str) -> dict[str, str]:
    since = timezone.localdate() - dt.timedelta(days=20)
    said = {f"gateways-{gateway}": kind for gateway, kind in answers.items()}
    return {"method": "", "since": since.isoformat(), **said}


@pytest.fixture
def asking(connected: Any, fake: Any) -> Shop:
    """A connected store with two gateways that nobody knows, as its check finds them."""
    fake.gateways += [PLUGIN, CARDS, OFF]
    assert health.check(connected)
    connected.refresh_from_db()
    return connected  # type: ignore[no-any-return]


def test_the_wizard_asks_which_methods_collect_at_the_door_and_the_orders_follow(
    fake: Any, owner: Any, client_for: Any, goods: Any
) -> None:
    fake.gateways += [PLUGIN, CARDS, OFF]
    client = client_for(owner)
    form = {"address": fake.url, "mode": "keys", "consumer_key": KEY, "consumer_secret": SECRET}
    begun = client.post(reverse("connectors:connect", args=["woocommerce"]), form)["Location"]
    attempts.advance_due()
    last_step = client.get(begun)["Location"]
    shop = Shop.objects.get()
    page = client.get(last_step).content.decode()
    assert 'name="gateways-paga_corriere"' in page
    assert 'name="gateways-wc_postepay_online"' in page
    assert not any(f'name="gateways-{known}"' in page for known in ("cod", "bacs", "cheque", "stripe", "wc_pod"))
    at_the_door, by_card = arrive(shop, 1, **AT_THE_DOOR), arrive(shop, 2, **BY_CARD)
    assert [order.payment for order in (at_the_door, by_card)] == ["review", "review"]

    client.post(last_step, given(paga_corriere="cod", wc_postepay_online="prepaid"))

    assert dict(PaymentRule.objects.values_list("gateway", "kind")) == {
        "paga_corriere": "cod",
        "wc_postepay_online": "prepaid",
    }
    later = arrive(shop, 3, **AT_THE_DOOR)
    for order, kind in ((at_the_door, "cod"), (by_card, "prepaid"), (later, "cod")):
        order.refresh_from_db()
        assert (order.payment, order.payment_reason) == (kind, "rule")
    assert str(at_the_door.to_collect) == "39.90"
    assert 'data-line="payments"' not in client.get(url("shop", shop)).content.decode()


def test_nothing_is_asked_when_all_are_known(connected: Shop, owner: Any, client_for: Any) -> None:
    assert health.check(connected)
    connected.refresh_from_db()
    assert {row["id"] for row in connected.facts["gateways"]} == {"cod", "bacs", "cheque", "stripe"}
    assert gateways.questions(connected) == []
    client = client_for(owner)
    assert "gateways-" not in client.get(url("shop_rules", connected)).content.decode()
    assert 'data-line="payments"' not in client.get(url("shop", connected)).content.decode()


def test_a_method_that_appears_later_is_a_question_on_the_health_card(
    asking: Shop, fake: Any, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    card = client.get(url("shop", asking)).content.decode()
    assert 'data-line="payments" data-tone="warn"' in card
    assert PLUGIN["title"] in card
    assert f"{url('shop_rules', asking)}#gateways" in card
    client.post(url("shop_rules", asking), given(paga_corriere="cod", wc_postepay_online="prepaid"))
    assert 'data-line="payments"' not in client.get(url("shop", asking)).content.decode()
    fake.gateways.append({"id": "altro_metodo", "title": "Altro metodo", "enabled": True})
    assert health.check(asking)
    card = client.get(url("shop", asking)).content.decode()
    assert 'data-line="payments"' in card
    assert "Altro metodo" in card
    assert PLUGIN["title"] not in card.split('data-line="payments"')[1].split("</li>")[0]


def test_ask_me_each_time_is_an_answer_too(asking: Shop, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    client.post(url("shop_rules", asking), given(paga_corriere="cod", wc_postepay_online="cod"))
    order = arrive(asking, 1, **BY_CARD)
    assert order.payment == "cod"
    client.post(url("shop_rules", asking), given(paga_corriere="cod", wc_postepay_online="ask"))
    order.refresh_from_db()
    assert (order.payment, order.payment_reason) == ("review", "paid_unproven")
    asking.refresh_from_db()
    assert [question.answer for question in gateways.questions(asking)] == ["cod", "ask"]
    assert gateways.unanswered(asking) == []
    client.post(url("shop_rules", asking), given(wc_postepay_online="prepaid"))  # the other one: as it was
    asking.refresh_from_db()
    assert [question.answer for question in gateways.questions(asking)] == ["cod", "prepaid"]
    assert asking.options["ask_each_time"] == []


def test_the_form_guesses_only_what_the_name_says_and_shows_what_was_answered(asking: Shop) -> None:
    assert [(found.guess, found.answer) for found in gateways.questions(asking)] == [("cod", ""), ("ask", "")]
    upsert.learn_payment(asking, "paga_corriere", "awaiting", by=None)
    assert gateways.questions(asking)[0].answer == "awaiting"


def test_a_transfer_that_is_called_cash_on_delivery_is_asked_about(shop: Shop) -> None:
    """Merchants use it so for want of another: only the title tells."""
    shop.facts = {"gateways": [{"id": "bacs", "title": "Pagamento alla consegna", "enabled": True}]}
    assert [(found.gateway, found.guess) for found in gateways.questions(shop)] == [("bacs", "ask")]


def test_nonsense_is_refused_in_place_and_teaches_nothing(asking: Shop, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    answer = client.post(url("shop_rules", asking), given(paga_corriere="gold"))
    assert answer.status_code == 422
    client.post(url("shop_rules", asking), given(stripe="cod", wc_pod="cod"))  # not asked about
    assert not PaymentRule.objects.exists()
    gateways.answer(asking, {"stripe": "cod"}, by=owner.pk)
    assert not PaymentRule.objects.exists()


def test_what_a_person_decided_of_one_order_outlives_the_answer(asking: Shop, owner: Any, client_for: Any) -> None:
    order = arrive(asking, 1, **AT_THE_DOOR)
    Order.objects.filter(pk=order.pk).update(payment="prepaid", payment_reason="by_hand")
    client_for(owner).post(url("shop_rules", asking), given(paga_corriere="cod"))
    order.refresh_from_db()
    assert order.payment == "prepaid"


def test_a_card_whose_name_denies_cash_is_asked_once_and_never_collected(
    shop: Shop, owner: Any, client_for: Any
) -> None:
    ready_shop(shop)
    denied = {**BY_CARD, "payment_method_title": "Carta o Postepay (niente da pagare alla consegna)"}
    first = arrive(shop, 1, **denied)
    assert (first.payment, first.payment_reason, first.to_collect) == ("review", "cod_denied", None)
    client = client_for(owner)
    address = reverse("connectors:payment", args=["woocommerce", first.pk])
    assert "niente da pagare alla consegna" in client.get(address).content.decode()
    client.post(address, {"kind": "prepaid", "remember": "on"})
    second = arrive(shop, 2, **denied)
    first.refresh_from_db()
    assert [(order.state, order.payment) for order in (first, second)] == [("ready", "prepaid"), ("ready", "prepaid")]


def test_a_payment_number_proves_what_a_date_does_not(shop: Shop, goods: Any) -> None:
    proven = arrive(shop, 1, **{**BY_CARD, "transaction_id": "8AB12345CD678901E"})
    assert (proven.payment, proven.payment_reason) == ("prepaid", "paid_with_number")
    by_hand = arrive(shop, 2, payment_method="", payment_method_title="", **PAID)
    assert (by_hand.payment, by_hand.payment_reason) == ("review", "no_method")
