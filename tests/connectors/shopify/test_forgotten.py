"""A customer who asks to be forgotten is nowhere in the database any more, and nothing brings him back: searched for in
every column of every table."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone, translation

from catalog import stock
from connectors.intake import deliveries, privacy, receive, reconcile
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.shops import shop_log
from core.address import Address
from demo.shops.shopify import FakeShop
from orders import timeline
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.intake import editing, follow
from orders.models import DispatchItem, Order, OrderLine, Problem
from shipping.models import ShipmentEvent
from tests import dump
from tests.connectors.shopify.stage import make_shop
from tests.connectors.shopify.test_flow import app_wide, arrive
from tests.connectors.test_pull import visit
from tests.orders import stage

pytestmark = pytest.mark.django_db

NAME, STREET, PHONE, EMAIL, TAX = (
    "Zenobia Quattrocchi", "Vicolo dell'Ombelico 77", "+39 339 8877665", "zenobia.q@example.it", "QTTZNB80A41H501X"
)  # fmt: skip
HIS = ("Zenobia", "Quattrocchi", "Ombelico", "3398877665", "339 8877665", EMAIL, TAX)
ADDRESS = {"first_name": "Zenobia", "last_name": "Quattrocchi", "address1": STREET, "phone": PHONE}
OTHER = {"first_name": "Bartolomeo", "last_name": "Sperandio", "address1": "Salita al Pozzo 3"}


@pytest.fixture
def world(connected: Any, fake: FakeShop) -> Any:
    """The shop with a usual shipping and money; the article in stock."""
    method = stage.method()
    stage.variant("SCN-00001", pieces=0)
    stock.receive(OrderLine._meta.get_field("variant").related_model.objects.get(sku="SCN-00001").pk, 50, by=None)
    stage.money(connected.dropshipper, "500.00")
    Shop.objects.filter(pk=connected.pk).update(method=method)
    connected.refresh_from_db()
    return connected


def placed(fake: FakeShop, *, pieces: int = 1, **fields: Any) -> tuple[int, Order]:
    known = set(Order.objects.values_list("pk", flat=True))
    number = fake.place_order([("SCN-00001", pieces)], **{"address": ADDRESS, "email": EMAIL, **fields})["id"]
    arrive(fake)
    return number, Order.objects.exclude(pk__in=known).get()


def send(order: Order, *, deliver: bool = True) -> None:
    runs.dispatch_now(order.pk, dropshipper_id=order.dropshipper_id, key=uuid.uuid4(), by=None, source=order.source)
    parcels.mark_packed(order.pk, by=None)
    parcels.mark_shipped(order.pk, tracking_number=f"T{order.pk}", by=None)
    if deliver:
        parcels.mark_delivered(order.pk, by=None)


def leave_traces(shop: Shop, number: int, order: Order) -> None:
    """In all the places where a customer may come to stand beside his address."""
    Order.objects.filter(pk=order.pk).update(
        fiscal={"tax_code": TAX}, details=[["Citofono", NAME]], answered=[["pickup", "", {"point": STREET}]]
    )
    order.lines.update(attributes=[["Incisione", "Per Zenobia"]])
    timeline.record(order.pk, "refreshed", sections=["address"], changes=[["street", "Via Vecchia 1", STREET]])
    timeline.record(order.pk, "answered", question=f"Consegna a {NAME}")
    problem = {"order": order, "blocking": False}
    Problem.objects.create(code="conflict", subject="phone", params={"mine": PHONE, "theirs": "1"}, **problem)
    Problem.objects.create(code="changed_in_shop", params={"changes": [["name", "X", NAME]]}, **problem)
    DispatchItem.objects.filter(order=order).update(params={"reason": NAME})
    body = json.dumps({"id": number, "shipping_address": ADDRESS, "email": EMAIL, "line_items": "?"}).encode()
    receive.store_unreadable(shop.pk, body, f"line_items of {NAME}")
    broken = b'{"id": %d, "shipping_address": {"name": "%s", "address1' % (number, NAME.encode())
    unknown = b'{"email": "%s", "shipping_address": {"name": "%s"' % (EMAIL.upper().encode(), NAME.encode())
    for index, raw in enumerate((broken, unknown)):
        Delivery.objects.create(
            shop=shop, dedupe=bytes([index]), topic="orders/updated", body=raw, state="dead", error="unreadable",
            error_params={"reason": f"near {NAME}"},
        )  # fmt: skip
    shop_log.note(shop.pk, "not_told", {"number": "#1", "reason": f"invalid address of {NAME}"})


def redact(client: Browser, fake: FakeShop, *numbers: int) -> Delivery:
    body = {
        "shop_domain": fake.domain,
        "customer": {"id": 1, "email": EMAIL, "phone": PHONE},
        "orders_to_redact": list(numbers),
    }
    assert app_wide(client, "customers/redact", body, fake.domain).status_code == 200
    deliveries.drain()
    return Delivery.objects.get(topic="customers/redact")


def test_who_is_forgotten_is_nowhere_and_does_not_come_back(
    world: Shop, fake: FakeShop, client: Browser, owner: Any, client_for: Any
) -> None:
    number, order = placed(fake)
    other_number, other = placed(fake, address=OTHER, email="bartolomeo@example.it")
    waiting_number, under_way = placed(fake, pieces=2)
    fake.orders.change(number, note=f"Citofonare {NAME}", phone=PHONE)
    arrive(fake)
    copy = editing.duplicate(order.pk, by=owner.pk)
    editing.duplicate(copy.pk, by=owner.pk)
    typed = Address(
        name="Z. Q.", street="Via Altra 1", postcode="10122", city="Torino", province="TO", phone="0039 3398877665"
    )
    by_phone = stage.order(world.dropshipper, ("SCN-00001", 1), address=typed)
    follow.withdraw(by_phone.pk)
    send(order)
    send(under_way, deliver=False)
    assert order.pk
    order.refresh_from_db()
    ShipmentEvent.objects.filter(shipment=order.shipment_id, to_value="delivered").update(note=f"Firmato da {NAME}")
    leave_traces(world, number, order)
    twin = make_shop(world.dropshipper, "https://altro.example.it", {}, state="gone", store_keys=["one-store"])
    Shop.objects.filter(pk=world.pk).update(store_keys=["one-store"])
    body = bytes(InboxOrder.objects.get(order=order).raw)
    InboxOrder.objects.create(
        shop=twin, external_id=str(number), version_at=timezone.now(), version_hash=b"", raw=body, elsewhere=True
    )
    client_for(owner).get(f"/orders/{order.pk}/")

    before = dump.places(*HIS, "Bartolomeo")
    for place in (
        "orders_order.name", "orders_order.street", "orders_order.fiscal", "orders_order.details",
        "orders_order.answered", "orders_order.shop_data", "orders_orderline.attributes", "orders_orderevent.params",
        "orders_problem.params", "orders_dispatchitem.params", "shipping_shipment.name", "shipping_shipmentevent.note",
        "connectors_inboxorder.raw", "connectors_delivery.body", "connectors_delivery.error_params",
        "connectors_shopevent.params",
    ):  # fmt: skip
        assert any(place in found for found in before.values()), place  # else the search would prove nothing

    request = redact(client, fake, number, waiting_number)

    assert (request.state, bytes(request.body)) == ("done", b"")
    left = dump.places(*HIS)
    under_way.refresh_from_db()
    assert under_way.name == NAME, "his parcel is on the road"
    assert "connectors_shopevent.params" not in set().union(*left.values())
    parcels.mark_delivered(under_way.pk, by=None)
    privacy.sweep()
    assert dump.places(*HIS) == {}
    assert dump.places("Bartolomeo").keys() == {"Bartolomeo"}
    assert {"orders_order.name", "connectors_delivery.body"} <= dump.places("Bartolomeo")["Bartolomeo"]
    assert Order.objects.get(pk=other.pk).name == "Bartolomeo Sperandio"
    assert other_number

    # A late word of the shop, the look back, the proof, a message that cannot be read, the request once more.
    fake.orders.change(number, note=f"Chiamare {NAME}", phone=PHONE)
    fake.orders.change(waiting_number, note=NAME)
    arrive(fake)
    Shop.objects.filter(pk=world.pk).update(cursor=None, pull_walk="")
    visit(world)
    reconcile.prove(world)
    leave = json.dumps({"id": number, "shipping_address": ADDRESS, "line_items": "?"}).encode()
    assert app_wide(client, "orders/updated", json.loads(leave), fake.domain).status_code == 200
    receive.store_unreadable(world.pk, leave + b" ", "line_items")
    for _again in range(3):
        deliveries.drain()
    redact(client, fake, number, waiting_number)
    assert dump.places(*HIS) == {}

    # The store is connected once more: what it still has of him is not taken in.
    orders = Order.objects.count()
    Shop.objects.filter(pk=world.pk).update(state="gone")
    again = make_shop(
        world.dropshipper, fake.url, json.loads(world.credentials), facts=world.facts, method=world.method
    )
    visit(again)
    assert dump.places(*HIS) == {}
    assert Order.objects.count() <= orders + 1  # the other customer's


def test_a_request_about_orders_that_never_came_leaves_a_mark(world: Shop, fake: FakeShop, client: Browser) -> None:
    number = fake.place_order([("SCN-00001", 1)], address=ADDRESS, email=EMAIL)["id"]  # its webhooks are late
    redact(client, fake, number)
    arrive(fake)
    visit(world)
    assert Order.objects.count() == 0
    assert dump.places(*HIS) == {}


def test_a_copy_that_is_made_while_the_parcel_is_under_way_goes_with_the_order(
    world: Shop, fake: FakeShop, client: Browser, owner: Any
) -> None:
    number, order = placed(fake)
    send(order, deliver=False)
    redact(client, fake, number)
    copy = editing.duplicate(order.pk, by=owner.pk)
    privacy.sweep()
    copy.refresh_from_db()
    assert copy.name == NAME
    parcels.mark_delivered(order.pk, by=None)
    privacy.sweep()
    copy.refresh_from_db()
    assert (copy.state, copy.name) == ("cancelled", "–")
    assert dump.places(*HIS) == {}


def test_what_nobody_sends_is_forgotten_after_a_month(world: Shop, fake: FakeShop, client: Browser) -> None:
    number, order = placed(fake, payment="bonifico")
    redact(client, fake, number)
    assert privacy.sweep() == 0
    Order.objects.update(forget_asked_at=timezone.now() - privacy.privacy.PATIENCE)
    assert privacy.sweep() == 1
    order.refresh_from_db()
    assert (order.state, order.name) == ("cancelled", "–")
    assert dump.places(*HIS) == {}


def test_a_whole_shop_is_emptied_also_of_what_nobody_could_read(world: Shop, fake: FakeShop, client: Browser) -> None:
    number, order = placed(fake)
    _number, under_way = placed(fake, pieces=2)
    send(order)
    send(under_way, deliver=False)
    leave_traces(world, number, order)
    Delivery.objects.create(shop=world, dedupe=b"x", topic="orders/updated", body=NAME.encode(), state="dead")
    Delivery.objects.create(shop=world, dedupe=b"y", topic="orders/updated", body=NAME.encode(), state="new")
    Shop.objects.filter(pk=world.pk).update(state="broken", trouble="uninstalled")
    receive.forget()

    assert app_wide(client, "shop/redact", {"shop_domain": fake.domain}, fake.domain).status_code == 200
    Delivery.objects.filter(state="new", topic="orders/updated").update(try_after=timezone.now().replace(year=2030))
    deliveries.drain()

    assert set(Delivery.objects.values_list("state", flat=True)) <= {"done", "ignored"}
    assert dump.places(*HIS).get("Quattrocchi", set()) <= {
        "orders_order.name", "orders_order.shop_data", "shipping_shipment.name", "connectors_inboxorder.raw"
    }  # fmt: skip
    assert InboxOrder.objects.exclude(raw=b"").get().order == under_way
    parcels.mark_delivered(under_way.pk, by=None)
    privacy.sweep()
    assert dump.places(*HIS) == {}


def test_a_history_without_its_customer_still_reads(world: Shop, fake: FakeShop, client: Browser) -> None:
    number, order = placed(fake)
    timeline.record(order.pk, "answered", question=f"Consegna a {NAME}")
    send(order)
    redact(client, fake, number)
    with translation.override("en"):
        sentences = [timeline.sentence(event) for event in order.events.all()]
    assert "Looked at, and right as it is: –" in sentences
    assert any("15" in line or "," in line or "." in line for line in sentences), "amounts stay"
    assert not [line for line in sentences if line in timeline.SENTENCES]  # a bare code: its words did not fit


def test_a_neighbour_in_the_same_street_keeps_his_messages(world: Shop, fake: FakeShop, client: Browser) -> None:
    number, order = placed(fake)
    neighbour = {**ADDRESS, "first_name": "Ugo", "last_name": "Vicini", "phone": "+39 06 5550000"}
    _number, kept = placed(fake, address=neighbour, email="ugo@example.it")
    send(order)
    redact(client, fake, number)
    assert "connectors_delivery.body" in dump.places("Vicini")["Vicini"]
    kept.refresh_from_db()
    assert kept.name == "Ugo Vicini"
    assert ShopEvent.objects.get(code="customer_forgotten").params == {"count": 1, "waiting": 0}
