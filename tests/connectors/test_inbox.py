"""Versions: whatever comes twice, late or in any order ends where one pass in order ends."""

from __future__ import annotations

import itertools
import json
import threading
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.intake import deliveries, upsert
from connectors.models import Delivery, InboxOrder, PaymentRule
from connectors.platforms import platform
from connectors.platforms.base import IncomingOrder
from orders.models import Order
from tests import cast
from tests.connectors.conftest import make_goods, make_shop, order_body, rolled_back, state_of
from tests.connectors.test_platforms import SAMPLES, recorded
from tests.threads import ended


def reading_of(**fields: Any) -> IncomingOrder:
    body = order_body(fields.pop("id_", 1), **fields)
    reading = platform("woocommerce").read("order.updated", json.dumps(body).encode(), facts={})
    assert isinstance(reading, IncomingOrder)
    return reading


def put(shop: Any, **fields: Any) -> InboxOrder | None:
    given = {name: fields.pop(name) for name in ("via", "truth", "restored") if name in fields}
    reading = reading_of(**fields)
    return upsert.upsert(shop, reading, json.dumps(order_body(**fields)).encode(), **{"via": "webhook", **given})


OLD, NEW, NEWER = "2026-11-20T10:00:00", "2026-11-20T10:00:05", "2026-11-20T10:00:09"


@pytest.mark.django_db
def test_the_newer_version_wins_and_older_and_equal_ones_change_nothing(shop: Any, goods: Any) -> None:
    assert put(shop, date_modified_gmt=NEW, customer_note="second")
    assert put(shop, date_modified_gmt=OLD, customer_note="first") is None
    assert put(shop, date_modified_gmt=NEW, customer_note="second") is None
    order = Order.objects.get()
    assert order.note == "second"
    assert order.events.filter(code="refreshed").count() == 0
    assert put(shop, date_modified_gmt=NEWER, customer_note="third")
    order.refresh_from_db()
    assert order.note == "third"


@pytest.mark.django_db
def test_within_one_second_every_order_of_arrival_ends_the_same(dropshipper: Any, goods: Any) -> None:
    ends = set()
    for number, notes in enumerate(itertools.permutations(["a", "b", "c"])):
        shop = make_shop(dropshipper, address=f"https://s{number}.example.it")
        for note in notes:
            put(shop, customer_note=note)
        ends.add(Order.objects.get(inbox__shop=shop).note)
    assert len(ends) == 1


@pytest.mark.django_db
def test_what_the_shop_says_now_beats_a_body_of_the_same_second(shop: Any, goods: Any) -> None:
    for note in ("a", "b", "c"):
        put(shop, customer_note=note)
    for note in ("x", "y"):
        assert put(shop, customer_note=note, truth=True)
        assert Order.objects.get().note == note


@pytest.mark.django_db
def test_an_order_that_was_never_live_makes_no_order(shop: Any, goods: Any) -> None:
    for number, status in enumerate(("cancelled", "refunded", "failed", "trash"), start=1):
        put(shop, id_=number, status=status)
    assert InboxOrder.objects.count() == 4
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_a_card_that_was_refused_and_then_paid_becomes_an_order(shop: Any, goods: Any) -> None:
    put(shop, status="failed", payment_method="stripe", date_modified_gmt=OLD)
    put(shop, status="processing", payment_method="stripe", date_paid_gmt=NEW, date_modified_gmt=NEW)
    order = Order.objects.get()
    assert (order.state, order.payment) == ("ready", "prepaid")


@pytest.mark.django_db
def test_a_bank_transfer_waits_and_is_ready_when_the_money_came(shop: Any, goods: Any) -> None:
    put(shop, status="on-hold", payment_method="bacs", payment_method_title="Bonifico", date_modified_gmt=OLD)
    order = Order.objects.get()
    assert (order.state, order.payment, order.payment_reason) == ("received", "awaiting", "bank_transfer")
    put(shop, status="processing", payment_method="bacs", date_paid_gmt=NEW, date_modified_gmt=NEW)
    order.refresh_from_db()
    assert (order.state, order.payment, order.payment_reason) == ("ready", "prepaid", "paid")


@pytest.mark.django_db
def test_orders_from_before_the_chosen_day_stay_out(dropshipper: Any, goods: Any) -> None:
    from connectors.platforms.woocommerce.orders import date

    shop = make_shop(dropshipper, import_since=date("2026-11-21T00:00:00"))
    assert put(shop) is None
    assert not InboxOrder.objects.exists()


@pytest.mark.django_db
def test_what_was_sent_before_the_shop_was_connected_stays_out(dropshipper: Any, goods: Any) -> None:
    from connectors.platforms.woocommerce.orders import date

    shop = make_shop(dropshipper, connected_at=date("2026-11-25T00:00:00"))
    assert put(shop, status="completed", date_paid_gmt=NEW, date_completed_gmt=NEW) is None
    assert not InboxOrder.objects.exists()
    later = make_shop(dropshipper, address="https://later.example.it")
    put(later, status="completed", date_paid_gmt=NEW, date_completed_gmt=NEW)
    assert Order.objects.get().payment_reason == "completed_in_shop"


@pytest.mark.django_db
def test_a_foreign_currency_on_cod_is_a_problem_and_not_an_amount(shop: Any, goods: Any) -> None:
    put(shop, currency="USD")
    order = Order.objects.get()
    assert order.state == "received"
    assert [problem.code for problem in order.problems.all()] == ["cod_currency"]


@pytest.mark.django_db
def test_a_total_that_cannot_be_read_is_never_collected(shop: Any, goods: Any) -> None:
    put(shop, total="-10.00")
    order = Order.objects.get()
    assert (order.state, order.sale_total, order.to_collect) == ("received", None, None)
    assert {problem.code for problem in order.problems.all()} == {"bad_price", "cod_amount"}


@pytest.mark.django_db
def test_a_payment_method_learned_counts_for_waiting_and_for_later_orders(
    shop: Any, other_dropshipper: Any, goods: Any
) -> None:
    make = {"payment_method": "satis-x", "payment_method_title": "Satis"}
    put(shop, id_=1, **make)
    put(shop, id_=2, **make)
    put(shop, id_=3, payment_method="another-x", payment_method_title="Altro")
    put(shop, id_=4, status="pending", **make)
    put(make_shop(other_dropshipper, address="https://o.example.it"), id_=5, **make)
    assert set(Order.objects.values_list("payment", flat=True)) == {"review", "awaiting"}
    assert upsert.learn_payment(shop, "satis-x", "prepaid", by=None) == 2
    put(shop, id_=6, **make)
    payments = dict(Order.objects.values_list("inbox__external_id", "payment"))
    assert payments == {
        "1": "prepaid", "2": "prepaid", "3": "review", "4": "awaiting", "5": "review", "6": "prepaid"
    }  # fmt: skip
    assert upsert.learn_payment(shop, "satis-x", "cod", by=None) == 3
    assert PaymentRule.objects.get().kind == "cod"
    assert str(Order.objects.get(inbox__external_id="6").to_collect) == "39.90"


@pytest.mark.django_db
def test_what_a_person_decided_outlives_rules_and_newer_versions(shop: Any, goods: Any) -> None:
    from orders.intake import editing

    put(shop, payment_method="satis-x", payment_method_title="Satis", date_modified_gmt=OLD)
    order = Order.objects.get()
    editing.decide_payment(order.pk, "prepaid", by=None)
    assert upsert.learn_payment(shop, "satis-x", "cod", by=None) == 0
    put(shop, payment_method="satis-x", payment_method_title="Satis", date_modified_gmt=NEW, customer_note="new")
    order.refresh_from_db()
    assert (order.payment, order.payment_reason, order.note) == ("prepaid", "by_hand", "new")


@pytest.mark.django_db
def test_two_shops_may_use_the_same_numbers(dropshipper: Any, other_dropshipper: Any, goods: Any) -> None:
    for reseller, address in ((dropshipper, "https://a.example.it"), (other_dropshipper, "https://b.example.it")):
        put(make_shop(reseller, address=address))
    assert Order.objects.count() == 2
    assert {order.dropshipper for order in Order.objects.all()} == {dropshipper, other_dropshipper}


# Any order of delivery. The shop cannot be asked here, so only what carries a version takes part.

VERSIONED = [
    (headers["x-wc-webhook-topic"], body)
    for headers, _secret, body in (recorded(sample.values[1]) for sample in SAMPLES)
    if headers.get("x-wc-webhook-topic", "").startswith("order.")
    and headers["x-wc-webhook-topic"] not in ("order.deleted", "order.restored")
]
BY_ORDER: dict[str, list[tuple[str, bytes]]] = {}
for _topic, _body in VERSIONED:
    BY_ORDER.setdefault(str(json.loads(_body)["id"]), []).append((_topic, _body))
BUSY = sorted((number for number, found in BY_ORDER.items() if len(found) > 2), key=int)


def replayed(dropshipper: Any, sequence: list[tuple[str, bytes]]) -> list[tuple[Any, ...]]:
    """The end of a shop to which these deliveries came, drained now and then."""
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    for position, (topic, body) in enumerate(sequence):
        Delivery.objects.create(
            shop=shop,
            dedupe=f"{position}".encode(),
            topic=topic,
            body=body,
            try_after="2020-01-01T00:00:00Z",  # due: within one transaction the database's now() stands still
        )
        if position % 3 == 0:
            deliveries.drain()
    deliveries.drain(limit=1000)
    assert not Delivery.objects.filter(shop=shop).exclude(state__in=["done", "ignored"]).exists()
    return state_of(shop)


@pytest.fixture(scope="module")
def in_order(django_db_setup: Any, django_db_blocker: Any) -> dict[str, list[tuple[Any, ...]]]:
    """For each busy order the end of one pass in order."""
    ends = {}
    with django_db_blocker.unblock():
        for number in BUSY:
            with rolled_back():
                make_goods()
                ends[number] = replayed(cast.dropshipper(), sorted(BY_ORDER[number], key=_version))
        return ends


def _version(item: tuple[str, bytes]) -> str:
    return str(json.loads(item[1])["date_modified_gmt"])


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(data=st.data())
def test_duplicated_reordered_and_replayed_deliveries_converge(data: st.DataObject, in_order: Any) -> None:
    number = data.draw(st.sampled_from(BUSY))
    sequence = data.draw(st.permutations(BY_ORDER[number]))
    again = data.draw(st.lists(st.sampled_from(BY_ORDER[number]), max_size=4))
    with rolled_back():
        make_goods()
        assert replayed(cast.dropshipper(), [*sequence, *again]) == in_order[number]


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(acts=st.lists(st.sampled_from(["note", "trash", "restore", "cancel", "again"]), max_size=5), data=st.data())
def test_with_the_shop_to_ask_even_deletions_converge(
    acts: list[str], data: st.DataObject, client: Any, django_db_blocker: Any
) -> None:
    """The fake shop lives through some acts; its webhooks come shuffled, doubled and dropped; one pull ends it."""
    from connectors.intake import pull
    from connectors.models import Shop
    from connectors.shops.access import webhook_address
    from tests.connectors.conftest import KEY, SECRET, WEBHOOK_SECRET, Ticking, to_test_client

    with rolled_back(), Ticking(transport=to_test_client(client)) as fake:
        make_goods()
        shop = make_shop(cast.dropshipper(), address=fake.url)
        fake.provision(key=KEY, secret=SECRET, deliver_to=webhook_address(shop), webhook_secret=WEBHOOK_SECRET)
        placed = fake.place_order([("SCN-00001", 1)])["id"]
        status = "processing"
        for act in acts:
            fake.tick(2)
            if act == "trash" and status != "trash":
                fake.orders.trash(placed)
            elif act == "restore" and status == "trash":
                fake.orders.restore(placed)
            elif status != "trash" and act != "restore":
                change = {"note": {"customer_note": f"{len(acts)}"}, "cancel": {"status": "cancelled"}}
                fake.orders.change(placed, change.get(act, {"status": "processing"}))
            status = fake.orders[placed]["status"]
            if data.draw(st.booleans()):
                fake.flush(arrange=lambda batch: data.draw(st.permutations(batch + batch[:1])))
                deliveries.drain()
        fake.flush(arrange=lambda batch: data.draw(st.permutations(batch)))
        deliveries.drain()
        Shop.objects.update(pull_after="2020-01-01T00:00:00Z")
        assert pull.pull_shop(shop.pk)
        live = status in ("processing", "on-hold")
        order = Order.objects.filter(dropshipper=shop.dropshipper).first()
        assert (order is not None and order.state == "ready") == live
        if live:
            assert order is not None
            assert order.note == fake.orders[placed]["customer_note"]


@pytest.mark.django_db(transaction=True)
def test_one_order_told_ten_times_at_once_is_one_order(dropshipper: Any) -> None:
    make_goods()
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    reading, barrier = reading_of(), threading.Barrier(10)
    errors: list[BaseException] = []

    def tell() -> None:
        try:
            barrier.wait()
            upsert.upsert(shop, reading, b"{}", via="webhook")
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=tell) for _number in range(10)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert not errors
    assert (InboxOrder.objects.count(), Order.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_ten_at_once_would_make_more(dropshipper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the race above."""
    make_goods()
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    reading, barrier = reading_of(), threading.Barrier(10)
    seen = threading.Barrier(10)

    def unlocked(shop: Any, external_id: str) -> InboxOrder | None:
        row = InboxOrder.objects.filter(shop=shop, external_id=external_id).first()
        if row is not None:
            seen.wait(timeout=10)
        return row

    monkeypatch.setattr(upsert, "_locked", unlocked)
    InboxOrder.objects.create(shop=shop, external_id="1", version_at="2020-01-01T00:00:00Z", version_hash=b"", raw=b"")
    failures: list[BaseException] = []

    def tell() -> None:
        try:
            barrier.wait()
            upsert.upsert(shop, reading, b"{}", via="webhook")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=tell) for _number in range(10)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert Order.objects.count() > 1 or failures
