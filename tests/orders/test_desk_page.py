"""The warehouse's desk: only staff, oldest first, every step once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Stock
from orders.fulfilment import parcels
from orders.intake import follow
from orders.models import Order
from tests import cast
from tests.orders import lists, stage
from tests.orders.test_dispatch import sync
from wallet.queries import balances

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(dropshipper: Any) -> list[Order]:
    """Three orders at the warehouse, the last one COD."""
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "500.00")
    orders = [stage.order(dropshipper, ("MCI-1", 1), method=method) for _ in range(2)]
    orders.append(stage.order(dropshipper, ("MCI-1", 1), method=method, payment="cod"))
    for order in orders:
        sync(order)
    return orders


def shown(client: Any, **asked: str) -> list[int]:
    page = client.get(reverse("orders:desk"), asked).content.decode()
    return [int(pk) for pk in re.findall(r'<tr data-order="(\d+)"', page)]


def test_the_desk_is_for_staff_alone(sent: list[Order], owner: Any, client_for: Any) -> None:
    client = client_for(owner)

    assert client.get(reverse("orders:desk")).status_code == 403
    assert client.get(reverse("orders:desk_order", args=[sent[0].pk])).status_code == 403
    for name in ("pack", "ship", "deliver", "remit", "staff_cancel"):
        assert client.post(reverse(f"orders:{name}", args=[sent[0].pk]), {"tracking": "X"}).status_code == 403
    for name in ("ship_many", "ship_listed"):
        assert client.post(reverse(f"orders:{name}"), {"lines": f"{sent[0].number} X"}).status_code == 403
    for name in ("take_back", "cash_back", "renumber"):
        assert client.post(reverse(f"orders:{name}", args=[sent[0].pk]), {"step": "unpacked"}).status_code == 403
    sent[0].refresh_from_db()
    assert sent[0].shipment.state == "to_pick"


def test_the_oldest_parcel_is_first_and_filters_narrow(sent: list[Order], staff: Any, client_for: Any) -> None:
    client = client_for(staff)

    assert shown(client) == [order.pk for order in sent]
    assert shown(client, courier="corriere-espresso") == [order.pk for order in sent]
    assert shown(client, courier="nobody") == []
    assert shown(client, q=sent[1].number) == [sent[1].pk]
    assert shown(client, state="packed") == []
    assert shown(client, state="zzz") == [order.pk for order in sent]


def test_a_scanned_label_opens_its_parcel(sent: list[Order], staff: Any, client_for: Any) -> None:
    client = client_for(staff)

    opened = client.get(reverse("orders:desk"), {"q": sent[1].number.lower(), "scan": "1"})
    unknown = client.get(reverse("orders:desk"), {"q": "MCI-999999", "scan": "1"})

    assert opened.url == reverse("orders:desk_order", args=[sent[1].pk])
    assert unknown.status_code == 200
    assert 'data-level="warning"' in unknown.content.decode()


def test_a_parcel_is_packed_shipped_and_delivered_each_step_once(
    sent: list[Order], dropshipper: Any, staff: Any, client_for: Any
) -> None:
    client, order = client_for(staff), sent[2]
    on_hand = Stock.objects.get().on_hand

    for name, data in (("pack", {}), ("ship", {"tracking": " brt 123 "}), ("deliver", {})):
        for _ in range(2):
            assert client.post(reverse(f"orders:{name}", args=[order.pk]), data).status_code == 302

    order.refresh_from_db()
    shipment = order.shipment
    assert (shipment.state, shipment.tracking, shipment.cash) == ("delivered", "brt123", "collected")
    assert Stock.objects.get().on_hand == on_hand - 1
    codes = [event.code for event in order.events.order_by("id")]
    assert [codes.count(code) for code in ("packed", "shipped", "delivered")] == [1, 1, 1]
    assert order.events.get(code="packed").by == staff


def test_cash_that_was_paid_over_gives_the_margin_and_the_guarantee_once(
    sent: list[Order], dropshipper: Any, staff: Any, client_for: Any
) -> None:
    client, order = client_for(staff), sent[2]
    page = reverse("orders:desk_order", args=[order.pk])
    client.post(reverse("orders:remit", args=[order.pk]))  # still in the house: refused
    order.refresh_from_db()
    assert order.shipment.cash == "booked"
    assert balances(dropshipper.pk).cod_due == order.margin
    for name, data in (("ship", {"tracking": "BRT9"}), ("deliver", {})):
        client.post(reverse(f"orders:{name}", args=[order.pk]), data)
    before = balances(dropshipper.pk)
    assert "data-remit" in client.get(page).content.decode()

    for _ in range(2):
        assert client.post(reverse("orders:remit", args=[order.pk])).url == page

    order.refresh_from_db()
    after = balances(dropshipper.pk)
    assert (order.state, order.shipment.cash) == ("completed", "remitted")
    assert after.available == before.available + order.margin + order.guarantee
    assert (after.cod_due, after.held) == (before.cod_due - order.margin, before.held - order.guarantee)
    assert order.events.filter(code="cod_remitted").count() == 1
    assert "data-remit" not in client.get(page).content.decode()


def test_the_warehouse_alone_pays_nothing_over(sent: list[Order], client_for: Any) -> None:
    packer, order = client_for(cast.staff("Magazzino")), sent[2]
    for name, data in (("ship", {"tracking": "BRT9"}), ("deliver", {})):
        packer.post(reverse(f"orders:{name}", args=[order.pk]), data)

    assert packer.post(reverse("orders:remit", args=[order.pk])).status_code == 403
    assert "data-remit" not in packer.get(reverse("orders:desk_order", args=[order.pk])).content.decode()
    order.refresh_from_db()
    assert order.shipment.cash == "collected"


def test_shipping_without_a_tracking_number_is_refused_in_place(sent: list[Order], staff: Any, client_for: Any) -> None:
    answer = client_for(staff).post(reverse("orders:ship", args=[sent[0].pk]), {"tracking": "  "})

    assert answer.status_code == 422
    sent[0].refresh_from_db()
    assert sent[0].shipment.state == "to_pick"


def test_staff_cancels_a_packed_parcel_and_everything_is_given_back(
    sent: list[Order], dropshipper: Any, staff: Any, client_for: Any
) -> None:
    client, order = client_for(staff), sent[0]
    before = balances(dropshipper.pk).available
    client.post(reverse("orders:pack", args=[order.pk]))
    kept = Stock.objects.get()

    for _ in range(2):
        client.post(reverse("orders:staff_cancel", args=[order.pk]))

    order.refresh_from_db()
    assert (order.state, order.shipment.state) == ("cancelled", "cancelled")
    assert balances(dropshipper.pk).available == before + order.cost
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved) == (kept.on_hand, kept.reserved - 1)


def test_a_pasted_list_is_shown_before_it_ships_what_it_can_and_keeps_the_rest(
    sent: list[Order], staff: Any, client_for: Any
) -> None:
    client = client_for(staff)
    for order in (sent[0], sent[2]):
        parcels.mark_packed(order.pk, by=staff.pk)
    text = f"{sent[0].number}\tBRT1\nMCI-999999;BRT2\n{sent[1].number}\n\n{sent[2].number} BRT 3"

    page, verdicts = lists.preview(client, text)

    assert verdicts == {1: "ready", 2: "unknown", 3: "no_number", 5: "ready"}
    assert Order.objects.filter(shipment__state="shipped").count() == 0
    assert lists.send(client, page).status_code == 302
    trackings = list(Order.objects.order_by("pk").values_list("shipment__state", "shipment__tracking"))
    assert trackings == [("shipped", "BRT1"), ("to_pick", ""), ("shipped", "BRT3")]
    again = lists.send(client, page)  # the other tab: told by whom and when, nothing twice
    assert (again.status_code, again.content.decode().count("data-outcome")) == (422, 2)
    assert Order.objects.get(pk=sent[0].pk).events.filter(code="shipped").count() == 1


@pytest.mark.parametrize("asked", [{"q": "\0"}, {"q": "\0", "scan": "1"}, {"courier": "\0"}])
def test_what_no_database_can_hold_is_refused(staff: Any, client_for: Any, asked: dict[str, str]) -> None:
    assert client_for(staff).get(reverse("orders:desk"), asked).status_code == 400


def test_the_warehouse_sees_what_the_shop_took_back_before_the_parcel_leaves(
    sent: list[Order], staff: Any, client_for: Any
) -> None:
    client, order = client_for(staff), sent[1]
    follow.withdraw(order.pk)

    page = client.get(reverse("orders:desk")).content.decode()
    (row,) = re.findall(rf'<tr data-order="{order.pk}".*?</tr>', page, re.DOTALL)
    assert 'data-alert="cancelled_in_shop"' in row
    assert page.count("data-alert=") == 1
    address = reverse("orders:desk_order", args=[order.pk])
    assert 'data-alert="cancelled_in_shop"' in client.get(address).content.decode()
    client.post(reverse("orders:ship", args=[order.pk]), {"tracking": "AB1"})
    assert "data-alert=" not in client.get(address).content.decode()
