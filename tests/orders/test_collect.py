"""The amount at the door, lowered while the parcel is here: order, parcel and books agree, to the cent."""

from __future__ import annotations

import re
import threading
import uuid
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from mci.verify.invariants import CHECKS
from orders.dispatch import runs
from orders.errors import CollectChanged, NotLowered, PackAgain, TooLate
from orders.fulfilment import collect, parcels
from orders.intake import follow
from orders.models import Order
from shipping.models import Shipment
from tests import cast
from tests.orders import lists, stage
from tests.orders.test_follow import sent as of_a_shop
from tests.orders.test_question_pages import fields_of
from wallet.errors import InsufficientFunds
from wallet.queries import Balances, balances, entries_of

pytestmark = pytest.mark.django_db


def verified() -> None:
    assert [finding for check in CHECKS for finding in check.find()] == []


def sent(dropshipper: Any, *, money: str = "100.00", total: str = "39.90") -> Order:
    """The design's example: 39.90 at the door, cost 23.18, guarantee 12.20, margin 16.72."""
    stage.money(dropshipper, money)
    method, article = stage.method(), stage.variant("SKU-A")
    order = stage.order(dropshipper, (article.sku, 1), method=method, payment="cod", total=total)
    runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    order.refresh_from_db()
    assert order.state == "dispatched"
    return order


def test_a_part_less_is_taken_from_the_margin_to_come(dropshipper: Any) -> None:
    order = sent(dropshipper)
    collect.lower(order.pk, D("30.00"), by=None)
    order.refresh_from_db()
    assert (order.to_collect, order.margin, order.cost) == (D("30.00"), D("6.82"), D("23.18"))
    assert order.shipment is not None
    assert (order.shipment.cod_amount, order.shipment.cash) == (D("30.00"), "booked")
    assert balances(dropshipper.pk) == Balances(D("87.80"), D("12.20"), D("6.82"), D("87.80"))
    verified()
    parcels.mark_shipped(order.pk, tracking_number="TR1", by=None)
    parcels.mark_delivered(order.pk, by=None)
    parcels.mark_remitted(order.pk, by=None)
    assert balances(dropshipper.pk) == Balances(D("106.82"), D("0.00"), D("0.00"), D("106.82"))
    verified()


def test_below_the_cost_the_wallet_pays_the_rest_at_once(dropshipper: Any) -> None:
    order = sent(dropshipper)
    collect.lower(order.pk, D("20.00"), by=None)
    assert balances(dropshipper.pk) == Balances(D("84.62"), D("12.20"), D("0.00"), D("84.62"))
    collect.lower(order.pk, D("5.00"), by=None)
    assert balances(dropshipper.pk) == Balances(D("69.62"), D("12.20"), D("0.00"), D("69.62"))
    verified()
    parcels.cancel(order.pk, by=None)
    assert balances(dropshipper.pk) == Balances(D("100.00"), D("0.00"), D("0.00"), D("100.00"))
    verified()


def test_paid_in_the_shop_after_all_it_is_prepaid_without_fee_and_guarantee(dropshipper: Any) -> None:
    order = sent(dropshipper)
    collect.lower(order.pk, D("0.00"), by=None)
    order.refresh_from_db()
    assert (order.payment, order.to_collect, order.cod_fee_net, order.vat, order.cost) == (
        "prepaid",
        None,
        D("0.00"),
        D("3.74"),
        D("20.74"),
    )
    assert order.shipment is not None
    assert (order.shipment.cod_amount, order.shipment.cash) == (D("0.00"), "")
    assert balances(dropshipper.pk) == Balances(D("79.26"), D("0.00"), D("0.00"), D("79.26"))
    verified()
    collect.lower(order.pk, D("0.00"), by=None)  # the second click
    assert balances(dropshipper.pk).available == D("79.26")
    parcels.mark_shipped(order.pk, tracking_number="TR1", by=None)
    parcels.mark_delivered(order.pk, by=None)
    order.refresh_from_db()
    assert order.state == "completed"
    verified()


@pytest.mark.parametrize(("amount", "said"), [("20.00", "si incassa meno"), ("0.00", "non si incassa nulla")])
def test_the_pages_of_the_parcel_say_so(dropshipper: Any, client_for: Any, amount: str, said: str) -> None:
    order = sent(dropshipper)
    assert order.shipment is not None
    booked = order.shipment.events.get(axis="cash").at
    collect.lower(order.pk, D(amount), by=None)
    client = client_for(cast.member(dropshipper))
    answer = client.get(reverse("shipping:detail", args=[order.shipment_id]))
    assert answer.status_code == 200
    timeline = re.findall(r'data-event="cash:(\w*)".*?<div class="ink">([^<]*)', answer.content.decode(), re.S)
    assert [step for step, _words in timeline] == ["booked" if D(amount) else "", "booked"]
    assert said in timeline[0][1]
    assert answer.context["cash_at"]["booked"] == booked
    assert client.get(reverse("orders:detail", args=[order.pk])).status_code == 200
    assert client_for(cast.staff()).get(reverse("orders:desk_order", args=[order.pk])).status_code == 200


def test_prepaid_after_all_and_cancelled_leaves_nothing(dropshipper: Any) -> None:
    order = sent(dropshipper)
    collect.lower(order.pk, D("0.00"), by=None)
    parcels.cancel(order.pk, by=None)
    assert balances(dropshipper.pk) == Balances(D("100.00"), D("0.00"), D("0.00"), D("100.00"))
    verified()


def test_what_the_wallet_cannot_pay_is_refused_and_leaves_no_trace(dropshipper: Any) -> None:
    order = sent(dropshipper, money="15.00")
    before = entries_of(order.reference)
    with pytest.raises(InsufficientFunds):
        collect.lower(order.pk, D("5.00"), by=None)
    order.refresh_from_db()
    assert (order.to_collect, order.shipment and order.shipment.cod_amount) == (D("39.90"), D("39.90"))
    assert entries_of(order.reference) == before
    verified()


@pytest.mark.parametrize("amount", ["39.91", "100.00", "-1.00", "10.005"])
def test_it_is_only_ever_lowered(dropshipper: Any, amount: str) -> None:
    order = sent(dropshipper)
    with pytest.raises(NotLowered):
        collect.lower(order.pk, D(amount), by=None)
    assert {entry.kind for entry in entries_of(order.reference)} == {"cod_sale", "guarantee"}
    assert len(entries_of(order.reference)) == 2


def test_the_same_amount_is_nothing(dropshipper: Any) -> None:
    order = sent(dropshipper)
    collect.lower(order.pk, D("39.90"), by=None)
    collect.lower(order.pk, D("30.00"), by=None)
    collect.lower(order.pk, D("30.00"), by=None)
    assert {entry.kind for entry in entries_of(order.reference)} == {"cod_sale", "guarantee", "cod_amendment"}
    assert len(entries_of(order.reference)) == 3
    assert order.events.filter(code="collect_lowered").count() == 1


def test_a_packed_parcel_goes_back_to_be_packed_and_one_that_left_stays(dropshipper: Any) -> None:
    order = sent(dropshipper)
    parcels.mark_packed(order.pk, by=None)
    collect.lower(order.pk, D("30.00"), by=None)
    order.refresh_from_db()
    assert order.shipment is not None
    assert order.shipment.state == Shipment.State.TO_PICK
    parcels.mark_shipped(order.pk, tracking_number="TR1", by=None)
    with pytest.raises(TooLate):
        collect.lower(order.pk, D("20.00"), by=None)
    verified()


def test_the_margin_of_goods_at_two_rates_stays_exact(dropshipper: Any) -> None:
    stage.money(dropshipper, "100.00")
    method = stage.method(cod_fee_fixed=D("2.01"))
    one, other = stage.variant("SKU-4", net="7.03", vat="4.00"), stage.variant("SKU-22", net="3.33")
    order = stage.order(dropshipper, (one.sku, 3), (other.sku, 1), method=method, payment="cod", total="60.00")
    runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    collect.lower(order.pk, D("0.00"), by=None)
    order.refresh_from_db()
    # 21.09 at 4 % and 3.33 + 5.00 at 22 %
    assert (order.vat, order.cost) == (D("2.67"), D("32.09"))
    assert balances(dropshipper.pk).available == D("100.00") - D("32.09")
    verified()


@pytest.mark.django_db(transaction=True)
def test_two_who_lower_at_once_lower_once(dropshipper: Any) -> None:
    order = sent(dropshipper)
    gate, wrong = threading.Barrier(2), []

    def click() -> None:
        try:
            gate.wait(5)
            collect.lower(order.pk, D("30.00"), by=None)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    both = [threading.Thread(target=click) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert wrong == []
    assert {entry.kind for entry in entries_of(order.reference)} == {"cod_sale", "guarantee", "cod_amendment"}
    assert len(entries_of(order.reference)) == 3
    verified()


# ---- the label


def test_a_parcel_that_was_packed_before_is_not_shipped_with_its_old_label(
    dropshipper: Any, owner: Any, staff: Any, client_for: Any
) -> None:
    order, data = of_a_shop(dropshipper)
    follow.refresh(order.pk, replace(data, sale_total=D("29.90")))
    parcels.mark_packed(order.pk, by=staff.pk, shown="39.90")
    collect.lower(order.pk, D("29.90"), by=owner.pk)
    with pytest.raises(PackAgain):
        parcels.mark_shipped(order.pk, tracking_number="T1", by=staff.pk, at_the_desk=True)
    with pytest.raises(CollectChanged):
        parcels.mark_packed(order.pk, by=staff.pk, shown="39.90")
    client = client_for(staff)
    lines = f"{order.number} T1"
    assert set(lists.preview(client, lines)[1].values()) == {"gone"}, "a pasted list neither"
    parcels.mark_packed(order.pk, by=staff.pk, shown="29.90")
    assert lists.send(client, lists.preview(client, lines)[0]).status_code == 302
    order.refresh_from_db()
    assert order.shipment.state == "shipped"


@pytest.mark.parametrize("lowered", ["29.90", "0.00"])
def test_a_page_of_before_neither_packs_nor_ships(
    dropshipper: Any, owner: Any, staff: Any, client_for: Any, lowered: str
) -> None:
    order, data = of_a_shop(dropshipper)
    client, desk = client_for(staff), reverse("orders:desk_order", args=[order.pk])
    page = client.get(desk).content.decode()
    forms = {act: fields_of(page, reverse(f"orders:{act}", args=[order.pk])) for act in ("pack", "ship")}
    assert [form["collect"] for form in forms.values()] == ["39.90", "39.90"]
    told = {"sale_total": D(lowered)} if D(lowered) else {"payment": "prepaid"}
    follow.refresh(order.pk, replace(data, **told))
    collect.lower(order.pk, D(lowered), by=owner.pk)
    for act, form in forms.items():
        client.post(reverse(f"orders:{act}", args=[order.pk]), {**form, "tracking": "T1"})
        order.refresh_from_db()
        assert order.shipment.state == "to_pick"
    page = client.get(desk).content.decode()
    form = fields_of(page, reverse("orders:ship", args=[order.pk]))
    client.post(reverse("orders:ship", args=[order.pk]), {**form, "tracking": "T1"})
    order.refresh_from_db()
    assert order.shipment.state == "shipped"
