"""What a Shopify shop is told is what left in the parcel: by line and by piece, once, and nothing that is not ours. All
from the checkout to the fulfilment, through the inbox and Sincronizza."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from catalog.models import Variant
from connectors.intake import deliveries
from connectors.models import Match, Shop
from connectors.news import sweep
from demo.shops.shopify import FakeShop
from demo.shops.shopify.tokens import ALL_SCOPES
from orders import problems
from orders.fulfilment import parcels as fulfilment
from orders.intake import creation, editing
from orders.models import Order
from tests.connectors.parcels import dispatched, edit, hurry, row_of, sell, shipped
from tests.connectors.shopify.stage import names

pytestmark = pytest.mark.django_db
A, B, C = "SCN-00001", "SCN-00002", "SCN-00003"


@pytest.fixture
def arrive(fake: FakeShop, connected: Any, place: Any) -> Any:
    """An order of the shop's checkout, arrived; what it holds is ours unless it is said to be another's."""

    def order(
        items: list[Any], *, ours: tuple[str, ...] = (A, B, C), others: tuple[str, ...] = (), **given: Any
    ) -> Order:
        sell(*ours)
        number = place(items, **given)
        fake.flush()
        deliveries.drain()
        found = Order.objects.get(inbox__external_id=number)
        for sku in others:
            editing.match([found.pk], sku=sku, variant_id=None, ignored=True, by=None)
        return found

    return order


def left(fake: FakeShop, order: Order) -> dict[str, int]:
    """Pieces that were sent, by the shop's SKU."""
    doc = fake.orders.doc(int(row_of(order).external_id))
    return {line["sku"] or line["title"]: line["fulfilled"] for line in doc["lines"] if line["fulfilled"]}


def parcels(fake: FakeShop, order: Order) -> list[Any]:
    return [one for one in fake.fulfilment.sent(int(row_of(order).external_id)) if one["status"] == "SUCCESS"]


def tell(budget_s: float = 20) -> int:
    return sweep.tell_due(budget_s=budget_s)


def events(shop: Shop) -> list[tuple[int, Any]]:
    return list(shop.events.filter(code="not_told").values_list("count", "params__reason"))


def card(shop: Shop, client: Any) -> str:
    text: str = client.get(reverse("connectors:shop", args=[shop.pk])).content.decode()
    return text


# ---- as many as left, of the lines that left


def test_three_ordered_and_one_sent_is_one_fulfilled(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any
) -> None:
    order = shipped(edit(arrive([(A, 3), (B, 1)]), client_for(owner), {A: 1}))
    assert tell() == 1
    assert left(fake, order) == {A: 1, B: 1}
    assert (row_of(order).news_error, tell()) == ("", 0)
    fulfilment.mark_delivered(order.pk, by=None)
    assert tell() == 1
    assert (left(fake, order), row_of(order).told_last) == ({A: 1, B: 1}, True)


def test_a_line_that_a_person_took_out_stays_open(fake: FakeShop, arrive: Any, owner: Any, client_for: Any) -> None:
    order = shipped(edit(arrive([(A, 1), (B, 2)]), client_for(owner), {B: 0}))
    assert tell() == 1
    assert left(fake, order) == {A: 1}


def test_what_an_edit_adds_after_sincronizza_did_not_leave(fake: FakeShop, arrive: Any) -> None:
    order = shipped(arrive([(A, 1)]))
    fake.orders.edit(int(row_of(order).external_id), more={A: 2}, add=[(B, 1)])
    assert tell() == 1
    assert left(fake, order) == {A: 1}
    fulfilment.mark_delivered(order.pk, by=None)
    assert tell() == 1
    assert left(fake, order) == {A: 1}


def test_a_line_of_another_supplier_keeps_its_own_tracking(fake: FakeShop, arrive: Any) -> None:
    order = shipped(arrive([(A, 1), (C, 2)], others=(C,), ours=(A,)))
    assert tell() == 1
    assert left(fake, order) == {A: 1}
    assert [info["number"] for one in parcels(fake, order) for info in one["tracking"]] == ["TRK-1"]


def test_a_unit_of_several_pieces_is_one_of_the_shops(fake: FakeShop, connected: Shop, arrive: Any) -> None:
    sell(A)
    Match.objects.create(shop=connected, subject="sku:SCN-00002", variant=Variant.objects.get(sku=A), quantity=2)
    order = arrive([(B, 3)], ours=(A,))
    assert order.lines.get().quantity == 6
    shipped(order)
    assert tell() == 1
    assert left(fake, order) == {B: 3}


def test_pieces_that_make_no_whole_unit_are_said_on_the_card(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any
) -> None:
    sell(A)
    Match.objects.create(shop=connected, subject="sku:SCN-00002", variant=Variant.objects.get(sku=A), quantity=2)
    order = shipped(edit(arrive([(B, 3)], ours=(A,)), client_for(owner), {A: 3}))
    assert tell() == 1
    assert (left(fake, order), row_of(order).news_error) == ({B: 1}, "part_of_unit")
    text = card(connected, client_for(owner))
    assert f'data-stuck="{row_of(order).pk}"' in text
    assert 'data-line="news" data-tone="warn"' in text


def test_a_hundred_and_twenty_lines_are_told_whole(fake: FakeShop, arrive: Any) -> None:
    skus = [f"LUNGO-{number:03d}" for number in range(120)]
    for sku in skus:
        fake.products.add(sku=sku, name=f"Articolo {sku}", price="1.00", stock=9)
    order = shipped(arrive([(sku, 1) for sku in skus], ours=tuple(skus)))
    assert tell() == 1
    assert left(fake, order) == dict.fromkeys(skus, 1)
    assert "MciFulfilmentOrderLines" in names(fake)
    fulfilment.mark_delivered(order.pk, by=None)
    assert tell() == 1
    assert len(parcels(fake, order)) == 1


def test_pieces_of_one_line_in_several_places_are_spread(fake: FakeShop, arrive: Any) -> None:
    order = shipped(arrive([(A, 5)]))
    number = int(row_of(order).external_id)
    (sending,) = fake.fulfilment.of_order(number)
    fake.fulfilment.split(sending["id"], {sending["lines"][0]["id"]: 2})
    apart = next(one for one in fake.fulfilment.of_order(number) if one["id"] != sending["id"])
    other = next(place["id"] for place in fake.stock.locations() if place["id"] != apart["location"])
    fake.fulfilment.move(apart["id"], other)
    assert tell() == 1
    assert sorted(line["quantity"] for one in parcels(fake, order) for line in one["lines"]) == [2, 3]


# ---- once


def test_a_lost_answer_and_a_second_click_fulfil_once(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any
) -> None:
    order = shipped(edit(arrive([(A, 3)]), client_for(owner), {A: 1}))
    fake.faults.add("MciFulfilmentCreate", "applied_then_timeout")
    assert tell() == 0
    for _time in range(2):
        hurry(connected)
        client_for(owner).post(reverse("connectors:tell", args=[connected.pk]))
        tell()
    assert (left(fake, order), len(parcels(fake, order))) == ({A: 1}, 1)
    assert names(fake).count("MciFulfilmentCreate") == 1


def test_without_a_tracking_number_a_lost_answer_fulfils_once_too(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any
) -> None:
    order = shipped(edit(arrive([(A, 3)]), client_for(owner), {A: 1}), tracking="")
    fake.faults.add("MciFulfilmentCreate", "applied_then_timeout")
    assert tell() == 0
    hurry(connected)
    assert tell() == 1
    assert left(fake, order) == {A: 1}


def test_what_was_told_of_a_part_is_not_told_again_when_the_rest_is_free(
    fake: FakeShop, connected: Shop, arrive: Any
) -> None:
    order = shipped(arrive([(A, 1), (B, 1)]))
    number = int(row_of(order).external_id)
    (sending,) = fake.fulfilment.of_order(number)
    second = next(entry["id"] for entry in sending["lines"][1:])
    fake.fulfilment.split(sending["id"], {second: 1})
    held = next(one for one in fake.fulfilment.of_order(number) if one["id"] != sending["id"])
    fake.fulfilment.hold(held["id"])
    assert tell() == 0
    assert (left(fake, order), row_of(order).news_error) == ({A: 1}, "fulfilment_on_hold")
    assert row_of(order).told_memory["fulfilments"]
    fake.fulfilment.release(held["id"])
    hurry(connected)
    assert tell() == 1
    assert (left(fake, order), len(parcels(fake, order))) == ({A: 1, B: 1}, 2)


# ---- what cannot be told is said


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("hidden", "fulfilment_hidden"),
        ("give_up", "fulfilment_incomplete"),
        ("call_off", "fulfilment_cancelled"),
        ("hold", "fulfilment_on_hold"),
        ("schedule", "fulfilment_scheduled"),
    ],
)
def test_an_order_that_cannot_be_fulfilled_is_on_the_card_and_not_told(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any, trouble: str, code: str
) -> None:
    order = shipped(arrive([(A, 1)]))
    (sending,) = fake.fulfilment.of_order(int(row_of(order).external_id))
    if trouble == "hidden":
        service = fake.stock.add_location("Altra app", others=True)
        fake.fulfilment.move(sending["id"], service["id"])
    elif trouble == "schedule":
        fake.fulfilment.schedule(sending["id"], "2027-01-10T00:00:00Z")
    else:
        getattr(fake.fulfilment, trouble)(sending["id"])
    for _try in range(3):
        hurry(connected)
        assert tell() == 0
    row = row_of(order)
    assert (row.told, row.news_error, row.news_failures, left(fake, order)) == ("", code, 3, {})
    assert events(connected) == [(3, code)]
    text = card(connected, client_for(owner))
    assert f'data-stuck="{row.pk}"' in text
    assert 'data-line="news" data-tone="bad"' in text
    assert 'data-times="3"' in text
    connected.refresh_from_db()
    assert connected.state == "active"


def test_a_missing_permission_holds_up_the_news_and_not_the_shop(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any
) -> None:
    order = shipped(arrive([(A, 1)]))
    fake.grant(
        set(ALL_SCOPES) - {"read_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders"}
    )
    assert tell() == 0
    connected.refresh_from_db()
    assert (connected.state, row_of(order).news_error) == ("active", "fulfilment_forbidden")
    assert "read_merchant_managed_fulfillment_orders" in card(connected, client_for(owner))
    fake.grant(set(ALL_SCOPES))
    hurry(connected)
    assert tell() == 1
    assert left(fake, order) == {A: 1}


def test_a_hidden_order_that_the_merchant_moves_is_told(fake: FakeShop, connected: Shop, arrive: Any) -> None:
    order = shipped(arrive([(A, 2)]))
    number = int(row_of(order).external_id)
    (sending,) = fake.fulfilment.of_order(number)
    moved = fake.fulfilment.move(sending["id"], fake.stock.add_location("Altra app", others=True)["id"])
    assert tell() == 0
    fake.fulfilment.move(moved["id"], sending["location"])
    hurry(connected)
    assert tell() == 1
    assert (left(fake, order), row_of(order).news_error) == ({A: 2}, "")


def test_a_line_typed_by_hand_tells_nothing_of_lines_that_nobody_knows(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any
) -> None:
    order = shipped(edit(arrive([(A, 1), (B, 1)]), client_for(owner), {B: 0}, more=[(C, 1)]))
    assert tell() == 0
    assert (left(fake, order), row_of(order).news_error) == ({A: 1}, "lines_unknown")
    fake.orders.refund(int(row_of(order).external_id), lines={B: 1})  # the merchant settles it in the shop
    hurry(connected)
    assert tell() == 1


def test_a_present_in_the_parcel_is_no_question(fake: FakeShop, arrive: Any, owner: Any, client_for: Any) -> None:
    order = shipped(edit(arrive([(A, 1)]), client_for(owner), {}, more=[(C, 1)]))
    assert tell() == 1
    assert (left(fake, order), row_of(order).news_error) == ({A: 1}, "")


def test_goods_that_left_the_order_meanwhile_are_said(fake: FakeShop, connected: Shop, arrive: Any) -> None:
    order = shipped(arrive([(A, 2), (B, 1)]))
    fake.orders.edit(int(row_of(order).external_id), remove={A: 1})
    assert tell() == 1
    assert (left(fake, order), row_of(order).news_error) == ({A: 1, B: 1}, "not_in_order")


# ---- what others wrote


def test_what_the_merchant_marked_as_sent_stays_as_he_wrote_it(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any
) -> None:
    order = shipped(arrive([(A, 1)]))
    (sending,) = fake.fulfilment.of_order(int(row_of(order).external_id))
    fake.fulfilment.create([(sending["id"], None)], [{"company": "SDA", "number": "MIO-7", "url": None}])
    assert tell() == 1
    fulfilment.mark_delivered(order.pk, by=None)
    (parcel,) = parcels(fake, order)
    assert [info["number"] for info in parcel["tracking"]] == ["MIO-7"]
    row = row_of(order)
    assert (row.news_error, row.news_params) == ("sent_by_others", {"theirs": "MIO-7"})
    assert "MIO-7" in card(connected, client_for(owner))


def test_a_part_that_was_sent_in_the_shop_before_is_left_alone(
    fake: FakeShop, arrive: Any, owner: Any, client_for: Any
) -> None:
    order = edit(arrive([(A, 3)]), client_for(owner), {A: 2})
    (sending,) = fake.fulfilment.of_order(int(row_of(order).external_id))
    fake.fulfilment.create(
        [(sending["id"], {sending["lines"][0]["id"]: 1})],
        [{"company": "SDA", "number": "MIO-7", "url": None}],
        silent=True,
    )
    shipped(order)
    assert tell() == 1
    assert sorted(
        (info["number"], one["lines"][0]["quantity"]) for one in parcels(fake, order) for info in one["tracking"]
    ) == [
        ("MIO-7", 1),
        ("TRK-1", 2),
    ]


def test_a_number_that_the_merchant_wrote_over_ours_stays(fake: FakeShop, connected: Shop, arrive: Any) -> None:
    order = shipped(arrive([(A, 1)]))
    assert tell() == 1
    (parcel,) = parcels(fake, order)
    fake.fulfilment.retrack(parcel["id"], [{"company": "SDA", "number": "MIO-7", "url": None}])
    fulfilment.mark_delivered(order.pk, by=None)
    assert tell() == 1
    (parcel,) = parcels(fake, order)
    assert [info["number"] for info in parcel["tracking"]] == ["MIO-7"]
    assert "MciFulfilmentTracking" not in names(fake)


# ---- paid and cancelled speak of our part alone


def test_a_mixed_basket_is_not_cancelled_for_the_other_supplier(fake: FakeShop, connected: Shop, arrive: Any) -> None:
    Shop.objects.filter(pk=connected.pk).update(options={"cancel": True})
    order = dispatched(arrive([(A, 1), (C, 1)], others=(C,), ours=(A,)))
    fulfilment.cancel(order.pk, by=None)
    assert tell() == 1
    doc = fake.orders.doc(int(row_of(order).external_id))
    assert (doc["cancelled_at"], "MCI annullato" in doc["tags"]) == (None, True)
    assert "MciOrderCancel" not in names(fake)


@pytest.mark.parametrize("collected", ["79.90", "216.80"])
def test_a_mixed_basket_is_not_booked_as_paid_whatever_was_collected(
    fake: FakeShop, connected: Shop, arrive: Any, collected: str
) -> None:
    Shop.objects.filter(pk=connected.pk).update(options={"mark_paid": True})
    order = arrive([(A, 1), (C, 1)], others=(C,), ours=(A,), payment="cod")
    Order.objects.filter(pk=order.pk).update(to_collect=Decimal("79.90"))
    with transaction.atomic():
        problems.recompute(creation.lock(order.pk))
    order = shipped(order)
    type(order.shipment).objects.update(cod_amount=Decimal(collected))
    fulfilment.mark_delivered(order.pk, by=None)
    fulfilment.mark_remitted(order.pk, by=None)
    assert tell() == 1
    assert "MciMarkPaid" not in names(fake)
    assert (left(fake, order), row_of(order).told_last) == ({A: 1}, True)


def test_a_lowered_order_is_tagged_and_not_cancelled_whole(
    fake: FakeShop, connected: Shop, arrive: Any, owner: Any, client_for: Any
) -> None:
    Shop.objects.filter(pk=connected.pk).update(options={"cancel": True})
    order = dispatched(edit(arrive([(A, 3)]), client_for(owner), {A: 1}))
    fulfilment.cancel(order.pk, by=None)
    assert tell() == 1
    assert "MciOrderCancel" not in names(fake)
    whole = dispatched(arrive([(B, 2)]))
    fulfilment.cancel(whole.pk, by=None)
    assert tell() == 1
    assert names(fake).count("MciOrderCancel") == 1


@pytest.mark.parametrize(("collected", "paid"), [("87.80", True), ("50.00", False)])
def test_cod_is_booked_as_paid_only_where_it_is_all_that_is_owed(
    fake: FakeShop, connected: Shop, arrive: Any, collected: str, paid: bool
) -> None:
    Shop.objects.filter(pk=connected.pk).update(options={"mark_paid": True})
    order = arrive([(A, 1)], payment="cod")
    Order.objects.filter(pk=order.pk).update(to_collect=Decimal(collected))
    shipped(order)
    assert tell() == 1
    fulfilment.mark_delivered(order.pk, by=None)
    fulfilment.mark_remitted(order.pk, by=None)
    assert tell() == 1
    assert ("MciMarkPaid" in names(fake)) is paid
    assert (row_of(order).news_error == "not_paid_in_shop") is not paid


# ---- another platform's memory


@pytest.mark.parametrize(
    "memory", [{"status": "completed"}, {"fulfilments": 7}, {"fulfilments": [1, None], "tracking": 5}]
)
def test_what_another_platform_remembered_does_no_harm(fake: FakeShop, arrive: Any, memory: dict[str, Any]) -> None:
    order = shipped(arrive([(A, 1)]))
    row = row_of(order)
    row.told_memory = memory
    row.save(update_fields=["told_memory"])
    assert tell() == 1
    assert left(fake, order) == {A: 1}


def test_what_was_sent_under_another_connection_is_not_told(fake: FakeShop, connected: Shop, arrive: Any) -> None:
    order = shipped(arrive([(A, 1)]))
    type(row_of(order)).objects.update(elsewhere=True)
    assert (tell(), sweep.waiting(connected), left(fake, order)) == (0, 0, {})


def test_two_lines_of_one_article_are_each_told(fake: FakeShop, arrive: Any) -> None:
    order = arrive([{"sku": A, "quantity": 2, "properties": {"Incisione": "Giulia"}}, {"sku": A, "quantity": 1}])
    shipped(order)
    assert tell() == 1
    doc = fake.orders.doc(int(row_of(order).external_id))
    assert [line["fulfilled"] for line in doc["lines"]] == [2, 1]
