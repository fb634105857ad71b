"""Reading deliveries: each once, with patience, and a bad one never stops the others."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from django.utils import timezone, translation

from connectors.intake import deliveries, upsert
from connectors.intake.rereading import Asked
from connectors.models import Delivery, InboxOrder, Visit
from connectors.templatetags.connectors_words import dead_words
from orders.models import Order
from tests.connectors.conftest import Deliver, order_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]


def wait(**fields: Any) -> None:
    """As if a day went by: what waits is due, leases are over. (Within a test's transaction now() stands still.)"""
    past = timezone.now() - dt.timedelta(days=1)
    Delivery.objects.filter(state="new").update(try_after=past, lease_until=past, **fields)
    Visit.objects.update(lease_until=past)


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def test_a_webhook_becomes_an_order(shop: Any, deliver: Deliver) -> None:
    deliver(shop, "order.created", order_body(7))
    assert deliveries.drain() == 1
    order = Order.objects.get()
    assert (order.dropshipper, order.source, order.source_number) == (shop.dropshipper, "woocommerce", "7")
    assert (order.payment, str(order.to_collect), order.state) == ("cod", "39.90", "ready")
    assert InboxOrder.objects.get().order == order
    shop.refresh_from_db()
    assert shop.last_delivery_at
    assert states() == ["done"]


def test_drafts_and_other_topics_are_ignored(shop: Any, deliver: Deliver) -> None:
    deliver(shop, "order.updated", order_body(status="checkout-draft"))
    deliver(shop, "product.updated", {"id": 11})
    deliveries.drain()
    assert states() == ["ignored", "ignored"]
    assert not InboxOrder.objects.exists()


POISON: list[Any] = [
    b"",
    b"\0" * 1000,
    b"<html>login</html>",
    b'{"a":' * 100_000,
    b'{"id":1,"total":NaN}',
    b'{"id":1e3000000}',
    b'{"id":' + b"9" * 5000 + b"}",
    json.dumps(order_body(101)).encode("utf-16"),
    b"[" * 60 + b"]" * 60,
    json.dumps(order_body(102)).replace('"39.90"', "1e3000000").encode(),
    order_body(103, total="1e3000000"),
    order_body(104, total="NaN"),
    order_body(105, line_items=[{"quantity": -1, "total": "-5.00", "sku": "\u0000", "name": "\ud800" * 500}]),
    order_body(106, line_items=[{"quantity": 10**9, "sku": "x" * 5000, "name": "e\u0301" * 5000}]),
    order_body(107, billing=None, shipping=[], line_items="none", refunds={"a": 1}, payment_method={"x": 1}),
    order_body(108, status="x" * 500, number="n" * 500, currency="EUROS", customer_note="\u202e" * 5000),
    order_body(109, line_items=[order_body()["line_items"][0]] * 10_000),
    order_body(110, billing={"first_name": ["a"], "email": "x" * 9000, "phone": 5}, payment_method="x" * 900),
    order_body(111, shipping={"address_1": "<script>alert(1)</script>{{7*7}}%s", "country": "ITALIA"}),
    order_body(112, total="x", date_modified_gmt="9999-12-31T23:59:59", date_created_gmt="0001-01-01T00:00:00"),
    order_body(113, refunds=[{"total": "-99999999"}], total="0.001"),
]


def test_poison_is_taken_and_buried_and_its_neighbours_are_read(shop: Any, deliver: Deliver) -> None:
    for position, body in enumerate(POISON):
        assert deliver(shop, "order.updated", body).status_code == 200
        assert deliver(shop, "order.updated", order_body(1000 + position)).status_code == 200
    deliveries.drain(limit=1000)
    assert set(states()) <= {"done", "dead", "ignored"}
    assert states()[1::2] == ["done"] * len(POISON)
    assert states()[0::2].count("dead") >= 9
    assert Order.objects.filter(
        source_number__in=[str(1000 + n) for n in range(len(POISON))], state="ready"
    ).count() == len(POISON)
    # What could be read although it is strange waits for a person.
    for order in Order.objects.exclude(source_number__gte="1000").exclude(state="cancelled"):
        if order.source_number not in ("111", "113"):
            assert order.problems.exists(), order.source_number


def test_a_dead_delivery_can_be_read_again(shop: Any, deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(shop, "order.created", order_body(status=""))
    deliveries.drain()
    row = Delivery.objects.get()
    assert (row.state, row.error) == ("dead", "unreadable")
    for language, words in (("it", "Questo messaggio non si può leggere"), ("en", "This message cannot be read")):
        with translation.override(language):  # in the reader's language, whoever read it
            assert dead_words(row) == f"{words}: {row.error_params['reason']}"
    Delivery.objects.update(body=json.dumps(order_body()).encode())  # as if we had learned to read it
    deliveries.replay(row.pk)
    assert list(Delivery.objects.values_list("error", "error_params")) == [("", {})]
    wait()
    deliveries.drain()
    assert states() == ["done"]
    assert Order.objects.count() == 1


def test_a_failing_delivery_waits_longer_each_time_and_ends_dead(
    shop: Any, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_fields: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(upsert, "upsert", fail)
    deliver(shop, "order.created", order_body())
    for attempt in range(1, deliveries.MAX_ATTEMPTS + 1):
        assert deliveries.drain() == 1
        row = Delivery.objects.get()
        assert row.attempts == attempt
        if attempt < deliveries.MAX_ATTEMPTS:
            assert row.state == "new"
            assert timezone.now() < row.try_after < timezone.now() + dt.timedelta(hours=1, minutes=1)
            assert deliveries.drain() == 0
        wait()
    assert (row.state, row.error) == ("dead", "ZeroDivisionError")
    assert not Order.objects.exists()


def test_a_claim_is_exclusive_until_its_lease_ends(shop: Any, deliver: Deliver) -> None:
    deliver(shop, "order.created", order_body())
    _token, batch = deliveries.claim()
    assert len(batch) == 1
    assert deliveries.claim()[1] == deliveries.claim(tried=True)[1] == []
    wait()  # its worker was killed
    assert deliveries.drain() == 1
    assert states() == ["done"]
    assert Order.objects.count() == 1


def test_a_worker_whose_lease_was_taken_over_writes_nothing(
    shop: Any, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(shop, "order.created", order_body())
    token, batch = deliveries.claim()
    Delivery.objects.update(lease_token=uuid.uuid4())
    deliveries._attempt(batch[0], token, Asked())
    assert states() == ["new"]
    assert not Order.objects.exists()
    assert not InboxOrder.objects.exists()


def test_a_body_that_kills_its_worker_ends_dead_and_takes_nobody_along(shop: Any, deliver: Deliver) -> None:
    for number in (1, 2, 3):
        deliver(shop, "order.created", order_body(number))
    killer = Delivery.objects.order_by("id").first()
    assert killer
    deliveries.claim()  # the worker dies with the whole batch in its hands
    for _death in range(deliveries.MAX_ATTEMPTS + 2):
        wait()
        token, batch = deliveries.claim(1, tried=True)
        for delivery in batch:
            if delivery.pk != killer.pk:
                deliveries._attempt(delivery, token, Asked())
    wait()
    deliveries.drain()
    assert states() == ["dead", "done", "done"]
    assert Order.objects.count() == 2


def test_the_deliveries_of_a_paused_shop_wait(shop: Any, deliver: Deliver) -> None:
    from connectors.connect import acts

    acts.pause(shop, by=1)
    deliver(shop, "order.created", order_body())
    assert deliveries.drain() == 0
    acts.resume(shop, by=1)
    assert deliveries.drain() == 1
    assert Order.objects.count() == 1


def test_the_shop_is_asked_for_the_order_as_it_is_now(connected: Any, fake: Any) -> None:
    placed = fake.place_order([("SCN-00001", 1)])
    fake.flush()
    fake.orders.change(placed["id"], {"customer_note": "Citofono 4"})
    deliveries.drain()
    order = Order.objects.get()
    assert order.note == "Citofono 4"
    asked = [path for _method, path, _status in fake.requests if path.endswith(f"/orders/{placed['id']}")]
    assert len(asked) == 1  # created and updated came together: one question


def test_a_silent_shop_is_asked_once_and_its_bodies_are_taken(connected: Any, fake: Any) -> None:
    for _number in range(5):
        fake.place_order([("SCN-00001", 1)])
    fake.flush()
    fake.faults.add("*", times=100, status=503)
    deliveries.drain()
    assert Order.objects.filter(state="ready").count() == 5
    assert len([status for _method, _path, status in fake.requests if status == 503]) == 1


def test_a_deletion_asks_the_shop_first_and_is_believed_in_the_end(connected: Any, fake: Any) -> None:
    placed = fake.place_order([("SCN-00001", 1)])
    fake.flush()
    deliveries.drain()
    fake.orders.trash(placed["id"])
    fake.flush()
    fake.faults.add("*", times=100, status=500)
    for _attempt in range(3):
        deliveries.forget_silence()
        deliveries.drain()
        assert Order.objects.get().state == "ready"
        wait()
    deliveries.forget_silence()
    deliveries.drain()
    assert Order.objects.get().state == "cancelled"


def test_a_replayed_deletion_does_not_cancel_what_lives(connected: Any, fake: Any, deliver: Deliver) -> None:
    placed = fake.place_order([("SCN-00001", 1)])
    fake.flush()
    deliveries.drain()
    deliver(connected, "order.deleted", {"id": placed["id"]})
    deliveries.drain()
    assert Order.objects.get().state == "ready"


def test_trashed_restored_and_deleted_for_good(connected: Any, fake: Any) -> None:
    placed = fake.place_order([("SCN-00001", 1)])
    steps = [
        (lambda: None, "ready"),
        (lambda: fake.orders.trash(placed["id"]), "cancelled"),
        (lambda: fake.orders.restore(placed["id"]), "ready"),
        (lambda: fake.orders.trash(placed["id"]), "cancelled"),
        (lambda: fake.orders.restore(placed["id"]), "ready"),
        (lambda: fake.orders.set_status(placed["id"], "cancelled"), "cancelled"),
        (lambda: fake.orders.set_status(placed["id"], "processing"), "ready"),
    ]
    for act, state in steps:
        act()
        fake.tick(1)
        fake.flush()
        wait()
        deliveries.drain()
        assert Order.objects.get().state == state


def test_a_sent_order_is_called_cancelled_only_as_long_as_it_is(connected: Any, fake: Any) -> None:
    from tests.connectors.test_stores import send

    placed = fake.place_order([("SCN-00001", 1)])
    fake.tick(1)
    fake.flush()
    deliveries.drain()
    send(Order.objects.all())
    steps = [
        (lambda: fake.orders.trash(placed["id"]), True),
        (lambda: fake.orders.restore(placed["id"]), False),
        (lambda: fake.orders.set_status(placed["id"], "cancelled"), True),
        (lambda: fake.orders.set_status(placed["id"], "processing"), False),
    ]
    for act, alarmed in steps:
        act()
        fake.tick(1)
        fake.flush()
        wait()
        deliveries.drain()
        assert Order.objects.get().problems.filter(code="cancelled_in_shop").exists() is alarmed
