"""What the inbox has of an order after each word of the shop: every column of its row, and of no other's."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import page as orders_page
from connectors.intake import upsert as inbox_upsert
from connectors.models import Delivery, InboxOrder, PaymentRule, Shop, ShopEvent
from connectors.platforms.base import IncomingOrder, RawOrder
from connectors.platforms.woocommerce.walk import raw_order
from orders.intake import editing
from orders.models import Order, OrderEvent
from orders.questions import questions
from tests import cast
from tests.connectors.conftest import make_shop, order_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]
UTC = dt.UTC
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
TOLD = dt.datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)
COLUMNS = ("external_id", "number", "status", "version_at", "via", "identity", "placed_at", "read_at", "binned_at")


def body(id_: int = 7, /, *, second: int = 0, **fields: Any) -> bytes:
    fields = {"number": f"N-{id_}", "order_key": f"key{id_}", **fields}
    return json.dumps(order_body(id_, **{"date_modified_gmt": f"2026-11-20T11:00:{second:02}", **fields})).encode()


def raw(data: bytes) -> RawOrder:
    return raw_order(json.loads(data))


def reading(data: bytes) -> IncomingOrder:
    found = raw(data).reading
    assert found is not None
    return found


def upsert(shop: Shop, data: bytes, **given: Any) -> InboxOrder | None:
    return inbox_upsert.upsert(shop, reading(data), data, **{"via": inbox_upsert.WEBHOOK, "at": TOLD, **given})


def rows(shop: Shop) -> list[tuple[Any, ...]]:
    return list(InboxOrder.objects.filter(shop=shop).order_by("pk").values_list(*COLUMNS))


def seconds(second: int) -> dt.datetime:
    return dt.datetime(2026, 11, 20, 11, 0, second, tzinfo=UTC)


PLACED = dt.datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC)


def test_what_is_noted_of_each_version(shop: Shop) -> None:
    other = make_shop(shop.dropshipper, address="https://due.example.it")
    assert upsert(other, body(), via=inbox_upsert.PULL) is not None
    of_other = rows(other)
    first = body(second=5)
    made = upsert(shop, first, via=inbox_upsert.PULL)
    assert made is not None
    before = ("7", "N-7", "processing", seconds(5), "pull", "key7", PLACED, TOLD, None)
    assert rows(shop) == [before]
    made.refresh_from_db()
    assert (bytes(made.raw), bytes(made.version_hash)) == (first, inbox_upsert.version_of(reading(first)))
    old = InboxOrder.objects.filter(pk=made.pk)
    old.update(updated_at=timezone.now() - DAY)

    # What is older is no news; that a webhook came after all, is.
    assert upsert(shop, body(second=4, status="on-hold"), at=TOLD + SECOND) is None
    assert rows(shop) == [(*before[:4], "webhook", *before[5:])]
    assert upsert(shop, body(second=4), via=inbox_upsert.PULL) is None
    assert rows(shop)[0][4] == "webhook"
    old.update(via="import")
    assert upsert(shop, first) is None
    assert rows(shop)[0][4] == "import"
    assert timezone.now() - old.get().updated_at > DAY / 2

    new = body(second=6, status="on-hold", number="N" * 70, order_key="", date_created_gmt="2026-11-20T10:00:09")
    assert upsert(shop, new, at=TOLD - SECOND) is not None
    now = ("7", "N" * 60, "on-hold", seconds(6), "import", "key7", PLACED + 9 * SECOND, TOLD, None)
    assert rows(shop) == [now]
    assert timezone.now() - old.get().updated_at < DAY / 2
    assert bytes(old.get().raw) == new
    long = body(second=7, status="s" * 50, order_key="k" * 90)
    assert upsert(shop, long, at=TOLD + SECOND) is None  # another order, by its key and its date
    again = body(second=7, status="s" * 50, order_key="k" * 90, date_created_gmt="2026-11-20T10:00:09")
    old.update(via="pull")
    assert upsert(shop, again, at=TOLD + SECOND) is not None
    last = ("7", "N-7", "s" * 40, seconds(7), "webhook", "k" * 80, PLACED + 9 * SECOND, TOLD + SECOND, None)
    assert rows(shop) == [last]
    assert rows(other) == of_other


def test_the_shops_own_answer_counts_by_when_it_was_asked(shop: Shop) -> None:
    def status() -> str:
        return InboxOrder.objects.get().status

    upsert(shop, body(second=5))
    assert upsert(shop, body(second=5), truth=True, at=TOLD + DAY) is None
    assert upsert(shop, body(second=3, status="on-hold"), truth=True, at=TOLD - SECOND) is None
    assert upsert(shop, body(second=3, status="on-hold"), truth=True, at=TOLD) is not None
    assert (status(), InboxOrder.objects.get().version_at) == ("on-hold", seconds(3))
    assert upsert(shop, body(second=4, status="pending"), truth=True, at=TOLD - DAY) is not None
    assert status() == "pending"
    assert InboxOrder.objects.get().read_at == TOLD
    InboxOrder.objects.update(read_at=None)
    assert upsert(shop, body(second=2, status="on-hold"), truth=True, at=TOLD - DAY) is not None
    assert InboxOrder.objects.get().read_at == TOLD - DAY


def test_what_left_and_came_back(shop: Shop) -> None:
    other = make_shop(shop.dropshipper, address="https://due.example.it")
    house = order_body(99)["shipping"]
    upsert(other, body(shipping=house, billing=house))
    of_other = rows(other)
    made = upsert(shop, body(second=5))
    assert made is not None
    gone_at = TOLD + 10 * SECOND
    inbox_upsert.withdraw(shop, "7", at=gone_at)
    row = ("7", "N-7", "deleted", gone_at, "webhook", "key7", PLACED, gone_at, gone_at)
    assert rows(shop) == [row]
    made.refresh_from_db()
    assert bytes(made.version_hash) == b""
    assert Order.objects.get(pk=made.order_id).state == "cancelled"
    withdrawn = OrderEvent.objects.filter(order=made.order_id).order_by("-pk").values_list("params", flat=True)[0]
    assert withdrawn["status"] == "deleted"
    # Told once more, it left no later.
    inbox_upsert.withdraw(shop, "7", at=gone_at + SECOND)
    assert rows(shop) == [row]
    assert upsert(shop, body(second=6)) is None
    assert upsert(shop, body(second=6), restored=True, at=gone_at - SECOND) is None
    back_at = gone_at + 5 * SECOND
    assert upsert(shop, body(second=6), restored=True, at=back_at) is not None
    back = ("7", "N-7", "processing", seconds(6), "webhook", "key7", PLACED, back_at, back_at)
    assert rows(shop) == [back]
    assert Order.objects.get(pk=made.order_id).state == "ready"
    inbox_upsert.withdraw(shop, "7", at=back_at - SECOND)  # told before it came back
    assert rows(shop) == [back]
    assert upsert(shop, body(second=5, status="on-hold"), restored=True, at=back_at + SECOND) is None
    # Seen in the shop itself, it is there though nothing of it changed.
    inbox_upsert.withdraw(shop, "7", at=back_at)
    assert rows(shop)[0][2] == "deleted"
    assert upsert(shop, body(second=6), truth=True, at=back_at) is not None
    assert rows(shop)[0][2] == "processing"
    assert rows(other) == of_other
    # One that we never saw leaves a mark.
    at = timezone.now()
    unseen = inbox_upsert.withdraw(shop, "8", at=at)
    assert rows(shop)[1] == ("8", "", "deleted", at, unseen.via, "", None, None, at)
    assert (bytes(unseen.raw), bytes(unseen.version_hash), unseen.order_id) == (b"", b"", None)
    late = inbox_upsert.withdraw(shop, "9")
    assert late.binned_at is not None
    assert timezone.now() - late.binned_at < DAY / 24


def test_an_id_that_the_shop_gave_to_another_order(shop: Shop) -> None:
    first = upsert(shop, body(second=5))
    assert first is not None
    early = body(second=6, order_key="other", date_created_gmt="2026-11-20T09:59:59")
    assert upsert(shop, early) is None
    assert len(rows(shop)) == 1
    later = upsert(shop, body(second=1, order_key="other", date_created_gmt="2026-11-20T10:00:01", number="N-8"))
    assert later is not None
    assert [(row[0], row[1], row[5]) for row in rows(shop)] == [(f"7~{first.pk}", "N-7", "key7"), ("7", "N-8", "other")]
    first.refresh_from_db()
    assert (first.told_last, later.told_last) == (True, False)
    assert list(ShopEvent.objects.values_list("shop", "code", "params")) == [(shop.pk, "id_reused", {"number": "N-7"})]
    assert list(Order.objects.filter(problems__code="id_reused").values_list("pk", flat=True)) == [first.order_id]
    third = body(int("9" * 15), order_key="third", date_created_gmt="2026-11-20T10:00:02", number="N-9")
    InboxOrder.objects.filter(pk=later.pk).update(external_id="9" * 15, number="")
    assert upsert(shop, third) is not None
    assert ShopEvent.objects.order_by("-pk").values_list("params__number", flat=True)[0] == "N-9"


def test_which_orders_are_for_us(shop: Shop) -> None:
    shop.import_since, shop.connected_at = PLACED - 9 * DAY, PLACED

    def wanted(placed: dt.datetime, *, finished: bool = False) -> bool:
        data = body(
            date_created_gmt=placed.strftime("%Y-%m-%dT%H:%M:%S"), status="spedito" if finished else "processing"
        )
        assert reading(data).finished is finished
        return inbox_upsert.is_wanted(shop, reading(data))

    assert wanted(PLACED - 9 * DAY)
    assert not wanted(PLACED - 9 * DAY - SECOND)
    assert wanted(PLACED, finished=True)
    assert not wanted(PLACED - SECOND, finished=True)


# ---- payment methods


def method(gateway: str, title: str = "", **fields: Any) -> dict[str, Any]:
    return {"payment_method": gateway, "payment_method_title": title or gateway, **fields}


def payments() -> list[tuple[str, str, str]]:
    return list(Order.objects.order_by("pk").values_list("source_number", "payment", "payment_reason"))


def test_what_was_learned_of_a_method_counts_for_its_open_orders_alone(shop: Shop) -> None:
    other = make_shop(shop.dropshipper, address="https://due.example.it")
    upsert(shop, body(1, **method("plugin_x")))
    upsert(shop, body(2, **method("plugin_y")))
    by_hand = upsert(shop, body(3, **method("plugin_x")))
    waits = upsert(shop, body(4, **method("plugin_x", "Plugin X", status="pending")))
    gone = upsert(shop, body(5, **method("plugin_x")))
    upsert(other, body(6, **method("plugin_x")))
    assert by_hand is not None
    assert waits is not None
    assert gone is not None
    assert by_hand.order_id
    editing.decide_payment(by_hand.order_id, "cod", by=None)
    inbox_upsert.withdraw(shop, "5")
    user = cast.member(shop.dropshipper)
    assert inbox_upsert.learn_payment(shop, "plugin_x", "prepaid", by=user.pk) == 1
    assert payments() == [
        ("N-1", "prepaid", "rule"),
        ("N-2", "review", "unknown_method"),
        ("N-3", "cod", "by_hand"),
        ("N-4", "awaiting", "unpaid"),
        ("N-5", "review", "unknown_method"),
        ("N-6", "review", "unknown_method"),
    ]
    rule = PaymentRule.objects.get()
    assert (rule.shop, rule.gateway, rule.kind, rule.by_id) == (shop, "plugin_x", "prepaid", user.pk)
    assert timezone.now() - rule.at < DAY / 24
    PaymentRule.objects.update(at=timezone.now() - DAY)
    assert inbox_upsert.learn_payment(shop, "plugin_x", "prepaid", by=None) == 0
    assert inbox_upsert.learn_payment(shop, "plugin_x", "cod", by=None) == 1
    rule.refresh_from_db()
    assert (rule.kind, rule.by_id, timezone.now() - rule.at < DAY / 24) == ("cod", None, True)
    inbox_upsert.learn_payment(other, "plugin_x", "prepaid", by=None)
    inbox_upsert.learn_payment(shop, "plugin_y", "prepaid", by=None)
    assert inbox_upsert.forget_payment(shop, "plugin_x", by=None) == 1
    assert list(PaymentRule.objects.order_by("pk").values_list("shop", "gateway")) == [
        (other.pk, "plugin_x"),
        (shop.pk, "plugin_y"),
    ]
    assert payments()[0] == ("N-1", "review", "unknown_method")
    assert inbox_upsert.learn_payment(shop, "g" * 120, "prepaid", by=None) == 0
    assert PaymentRule.objects.filter(gateway="g" * 100).exists()
    InboxOrder.objects.filter(external_id="1").update(raw=b"")  # forgotten: nothing is read of it again
    assert inbox_upsert.learn_payment(shop, "plugin_x", "prepaid", by=None) == 0


def test_the_methods_that_a_shop_has_seen(shop: Shop) -> None:
    other = make_shop(shop.dropshipper, address="https://due.example.it")
    for number, name in enumerate(("b", "a", "b", "c", "c", "c"), start=1):
        upsert(shop, body(number, **method(name)))
    upsert(shop, body(8, **method("d", "D", status="pending")))
    upsert(shop, body(9, **method("", "")))
    upsert(other, body(10, **method("e")))
    InboxOrder.objects.filter(external_id="4").update(raw=b"no order")
    assert list(inbox_upsert.methods_seen(shop).items()) == [("c", 2), ("b", 2), ("a", 1)]
    assert inbox_upsert.methods_seen(shop, of_last=3) == {"c": 1}
    unread = InboxOrder.objects.get(external_id="4")
    assert inbox_upsert.reread(unread) is None
    unread.raw = b'{"id": 4, "status": "checkout-draft", "date_modified_gmt": "2026-11-20T11:00:00"}'
    assert inbox_upsert.reread(unread) is None


def test_an_order_that_went_under_another_connection_is_never_made(shop: Shop) -> None:
    told = body(1, meta_data=[{"key": "_mci_tracking", "value": "T1"}])
    row = upsert(shop, told)
    assert row is not None
    assert (row.order_id, row.elsewhere) == (None, True)
    assert upsert(shop, body(1, second=9)) is not None  # the mark is gone: it stays with the other one
    assert InboxOrder.objects.filter(order=None, elsewhere=True).count() == 1
    orders_page.take(shop, [raw(body(2, meta_data=[{"key": "_mci_tracking", "value": "T1"}]))])
    assert InboxOrder.objects.filter(order=None, elsewhere=True).count() == 2
    assert not Order.objects.exists()


def test_an_order_that_was_never_live_and_then_is(shop: Shop) -> None:
    upsert(shop, body(1, status="failed"))
    assert not Order.objects.exists()
    upsert(shop, body(1, second=2))
    order = Order.objects.get()
    assert (order.state, order.source_number, order.source_label) == ("ready", "N-1", shop.name)
    upsert(shop, body(1, second=3, status="cancelled"))
    order.refresh_from_db()
    assert order.state == "cancelled"
    upsert(shop, body(1, second=4, customer_note="torna"))
    order.refresh_from_db()
    assert (order.state, order.note) == ("ready", "torna")
    assert not questions.answer(order.pk, "none", "", by=cast.member(shop.dropshipper).pk)


# ---- a page of the pull


def test_a_page_leaves_the_same_rows(shop: Shop) -> None:
    shop.connected_at = seconds(4)
    bad = raw(b'{"id": 6, "status": ""}')
    both = [raw(body(2, second=7, customer_note="a")), raw(body(2, second=7, customer_note="b"))]
    page = [raw(body(1, second=3)), *both, bad, raw(body(3, second=4, status="cancelled")), RawOrder("5", None, b"")]
    assert orders_page.take(shop, page, at=TOLD) == []
    assert rows(shop) == [
        ("1", "N-1", "processing", seconds(3), "import", "key1", PLACED, TOLD, None),
        ("2", "N-2", "processing", seconds(7), "pull", "key2", PLACED, TOLD, None),
        ("3", "N-3", "cancelled", seconds(4), "pull", "key3", PLACED, TOLD, None),
    ]
    assert [row.order is not None for row in InboxOrder.objects.order_by("pk")] == [True, True, False]
    assert Order.objects.get(source_number="N-2").note == "b"  # of two the last
    dead = Delivery.objects.get()
    assert (dead.shop, dead.state, dead.error, dead.error_params) == (
        shop,
        "dead",
        "unreadable",
        {"reason": bad.error},
    )
    assert (dead.topic, dead.delivery_id, bytes(dead.body)) == ("order.updated", "pull", bad.body)
    orders_page.take(shop, page, at=TOLD + DAY)
    assert Delivery.objects.count() == 1
    assert {row[7] for row in rows(shop)} == {TOLD}
    changed = [
        raw(body(1, second=8, number="X" * 70)),
        raw(body(2, second=7, customer_note="c")),
        raw(body(4, second=9)),
    ]
    assert orders_page.take(shop, changed, at=TOLD + DAY) == ["X" * 60, "N-2"]
    assert [row[7] for row in rows(shop)] == [TOLD + DAY, TOLD + DAY, TOLD, TOLD + DAY]
    assert Order.objects.get(source_number="N-2").note == "c"


def test_without_a_moment_a_page_is_of_now(shop: Shop) -> None:
    orders_page.take(shop, [raw(body(1))])
    read_at = InboxOrder.objects.get().read_at
    assert read_at is not None
    assert timezone.now() - read_at < DAY / 24
    upsert(shop, body(1, second=9), at=None)
    assert InboxOrder.objects.get().read_at >= read_at
