"""What is left of a delivery after each way that it may end: every column of its row and its shop's, and no other's."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import deliveries, rereading
from connectors.intake.receive import SENT_AT
from connectors.intake.rereading import Asked
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent, Visit
from core.errors import Refused, TryLater
from tests.connectors.conftest import make_shop, order_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]
DAY, HOUR, SECOND = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(seconds=1)
TOKEN = uuid.UUID("1f0c7a52-9f3f-4a5e-8f0e-6a2b3c4d5e6f")
_numbers = count(1)


@pytest.fixture
def other(shop: Shop) -> Shop:
    return make_shop(shop.dropshipper, address="https://due.example.it")


def kept(shop: Shop, data: Any, topic: str = "order.updated", **fields: Any) -> Delivery:
    """Claimed by this worker."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    given = {"attempts": 1, "lease_until": timezone.now() + HOUR, "lease_token": TOKEN, "error": "old", **fields}
    dedupe = f"{next(_numbers)}".encode()
    return Delivery.objects.create(
        shop=shop, dedupe=dedupe, topic=topic, body=body, **{"error_params": {"a": 1}, **given}
    )


def attempt(row: Delivery) -> tuple[Any, ...]:
    deliveries._attempt(Delivery.objects.select_related("shop").get(pk=row.pk), TOKEN, Asked())
    return now(row)


def now(row: Delivery) -> tuple[Any, ...]:
    row.refresh_from_db()
    done = row.done_at is not None and timezone.now() - row.done_at < HOUR
    assert done == (row.state != "new")
    return row.state, row.error, row.error_params, bool(row.body), row.lease_until, row.lease_token


def untouched(*rows: Any) -> list[dict[str, Any]]:
    return [type(row).objects.filter(pk=row.pk).values().get() for row in rows]


def ended(state: str, error: str = "", params: Any = None, *, body: bool = True) -> tuple[Any, ...]:
    return state, error, params or {}, body, None, None


def test_each_end_of_a_delivery(shop: Shop, other: Shop) -> None:
    neighbour = kept(shop, order_body(50))
    before = untouched(neighbour, other)
    assert attempt(kept(shop, order_body(1))) == ended("done")
    assert attempt(kept(shop, {"id": 1}, "order.deleted", attempts=4)) == ended("done")
    assert InboxOrder.objects.get(external_id="1").status == "deleted"
    assert attempt(kept(shop, {"x": 1}, "product.updated")) == ended("ignored")
    assert attempt(kept(shop, order_body(2, status="checkout-draft"))) == ended("ignored")
    assert attempt(kept(shop, b"?")) == ended("dead", "unreadable", {"reason": "not JSON (Expecting value)"})
    assert attempt(kept(shop, order_body(3), attempts=11, error="x", error_params={"n": 2})) == ended(
        "dead", "x", {"n": 2}
    )
    assert attempt(kept(shop, order_body(3), attempts=11, error="", error_params={})) == ended("dead", "attempts")
    assert attempt(kept(shop, order_body(4), attempts=10)) == ended("done")
    assert list(InboxOrder.objects.order_by("pk").values_list("external_id", "via")) == [
        ("1", "webhook"),
        ("4", "webhook"),
    ]
    Shop.objects.filter(pk=shop.pk).update(state="gone")
    assert attempt(kept(shop, order_body(5))) == ended("ignored")
    assert not InboxOrder.objects.filter(external_id="5").exists()
    assert untouched(neighbour, other) == before


def test_a_deletion_is_believed_at_the_fourth_time(shop: Shop) -> None:
    for tried in (1, 2, 3):
        row = kept(shop, {"id": 7}, "order.deleted", attempts=tried)
        began = timezone.now()
        state, error, params, body, *lease = attempt(row)
        assert (state, params, body, lease) == ("new", {}, True, [None, None])
        assert error
        assert began + SECOND <= row.try_after <= timezone.now() + 5 * 2**tried * SECOND
    assert not InboxOrder.objects.exists()
    assert attempt(kept(shop, {"id": 7}, "order.deleted", attempts=4)) == ended("done")


def test_patience_grows_up_to_an_hour() -> None:
    for attempts, most in ((0, 5), (1, 10), (2, 20), (9, 2560), (10, 3600), (12, 3600), (500, 3600)):
        found = [deliveries.backoff(attempts).total_seconds() for _time in range(400)]
        assert 1 <= min(found) < 1 + most / 20
        assert most * 0.95 < max(found) <= most


def test_what_is_tried_again_and_what_is_given_up(shop: Shop) -> None:
    token = uuid.uuid4()
    foreign = kept(shop, order_body(9), lease_token=token)
    row = kept(shop, order_body(1))
    began = timezone.now()
    deliveries._retry(row, TOKEN, "e" * 400, {"a": 7}, after=DAY)
    assert now(row) == ended("new", "e" * 300, {"a": 7})
    assert DAY <= row.try_after - began < DAY + HOUR
    row = kept(shop, order_body(1), attempts=9)
    deliveries._retry(row, TOKEN, "e", None)
    assert now(row) == ended("new", "e")
    assert began < row.try_after <= timezone.now() + HOUR
    row = kept(shop, order_body(1), attempts=10)
    deliveries._retry(row, TOKEN, "e" * 400, {"a": 7})
    assert now(row) == ended("dead", "e" * 300, {"a": 7})
    row = kept(shop, order_body(1))
    deliveries._end(row, TOKEN, "dead", "x")
    assert now(row) == ended("dead", "x")
    InboxOrder.objects.create(shop=shop, external_id="5", version_at=began, forgotten_at=began)
    row = kept(shop, {"id": 5, "name": "Ada"})
    deliveries._end(row, TOKEN, "dead", "x", {"name": "Ada"})
    assert now(row) == ended("ignored", body=False)
    assert attempt(kept(shop, order_body(5))) == ended("done", body=False)
    before = untouched(foreign)
    deliveries._end(foreign, TOKEN, "dead", "x")
    deliveries._retry(foreign, TOKEN, "x")
    assert untouched(foreign) == before


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (TryLater, ("new", "try_later")),
        (Refused, ("dead", "refused")),
        (ZeroDivisionError, ("new", "ZeroDivisionError")),
    ],
)
def test_a_fault_on_the_way(shop: Shop, monkeypatch: pytest.MonkeyPatch, error: Any, wanted: tuple[str, str]) -> None:
    def fail(*_args: Any, **_fields: Any) -> None:
        raise error

    monkeypatch.setattr(deliveries.upsert, "upsert", fail)
    state, said = attempt(kept(shop, order_body(1)))[:2]
    assert (state, said) == (wanted[0], error.code if hasattr(error, "code") else wanted[1])


def test_read_again_from_the_beginning(shop: Shop) -> None:
    over = {"attempts": 10, "done_at": timezone.now(), "try_after": timezone.now() + DAY}
    dead, done = (kept(shop, order_body(1), state=state, **over) for state in ("dead", "done"))
    waits, emptied = kept(shop, order_body(2), **over), kept(shop, b"", state="done", **over)
    rest = untouched(done, waits, emptied)
    for row in (dead, waits, emptied):
        deliveries.replay(row.pk)
    assert untouched(done, waits, emptied) == rest
    dead.refresh_from_db()
    shown = (dead.state, dead.attempts, dead.error, dead.error_params, dead.lease_until, dead.lease_token)
    assert shown == ("new", 0, "", {}, None, None)
    assert dead.try_after <= timezone.now()


# ---- what the shop says of itself


def test_webhooks_that_went_mute_are_made_anew_once(shop: Shop, other: Shop) -> None:
    Shop.objects.update(last_check_at=timezone.now(), pull_after=timezone.now() + DAY, facts={"currency": "EUR"})
    before = untouched(other)
    mute = {"code": "woocommerce_rest_cannot_view"}
    assert attempt(kept(shop, mute)) == ended("done")
    shop.refresh_from_db()
    assert (shop.facts, shop.last_check_at) == ({"currency": "EUR", "webhooks_anew": True}, None)
    assert shop.pull_after <= timezone.now()
    Shop.objects.filter(pk=shop.pk).update(last_check_at=timezone.now())
    assert attempt(kept(shop, mute)) == ended("done")
    shop.refresh_from_db()
    assert shop.last_check_at is not None
    assert list(ShopEvent.objects.values_list("shop", "code")) == [(shop.pk, "webhooks_muted")]
    assert untouched(other) == before


@pytest.fixture
def paired(dropshipper: Any) -> Shop:
    return make_shop(dropshipper, address="https://wp.example.it", platform="wordpress")


def test_a_connection_that_the_shop_cut(paired: Shop, other: Shop) -> None:
    before = untouched(other)
    at = timezone.now().replace(microsecond=0)
    paired.events.create(code="reconnected", at=at)
    paired.events.create(code="x", at=at + DAY)
    late = {"at": (at - SECOND).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert attempt(kept(paired, late, "plugin.unpaired")) == ended("done")
    paired.refresh_from_db()
    assert paired.state == "active"
    row = kept(paired, {}, "plugin.unpaired", headers={SENT_AT: (at - SECOND).isoformat()})
    assert attempt(row) == ended("done")
    paired.refresh_from_db()
    assert paired.state == "active"
    assert attempt(kept(paired, {"at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}, "plugin.unpaired")) == ended("done")
    paired.refresh_from_db()
    assert (paired.state, paired.trouble, paired.trouble_params) == ("broken", "uninstalled", {})
    assert paired.events.filter(code="uninstalled").count() == 1
    assert untouched(other) == before


def test_without_a_time_of_its_own_a_cut_is_of_when_it_came(paired: Shop) -> None:
    at = timezone.now()
    Shop.objects.filter(pk=paired.pk).update(connected_at=at)
    for headers in ({}, {SENT_AT: "x"}):
        attempt(kept(paired, {}, "plugin.unpaired", headers=headers, received_at=at - SECOND))
        assert Shop.objects.get(pk=paired.pk).state == "active"
    attempt(kept(paired, {}, "plugin.unpaired", received_at=at))
    assert Shop.objects.get(pk=paired.pk).state == "broken"


@pytest.mark.parametrize(("state", "checked"), [("active", True), ("broken", True), ("paused", False), ("gone", False)])
def test_other_rights_are_looked_at_at_once(dropshipper: Any, other: Shop, state: str, checked: bool) -> None:
    shop = make_shop(dropshipper, address="https://x.myshopify.com", platform="shopify", state=state)
    Shop.objects.update(last_check_at=timezone.now())
    before = untouched(other)
    attempt(kept(shop, {"current": ["read_orders"]}, "app/scopes_update"))
    assert (Shop.objects.get(pk=shop.pk).last_check_at is None) is checked
    assert untouched(other) == before


# ---- who is read when


def due(shop: Shop, *, ago: dt.timedelta = HOUR, **fields: Any) -> Delivery:
    fields = {"attempts": 0, "lease_until": None, "lease_token": None, "try_after": timezone.now() - ago, **fields}
    return kept(shop, order_body(next(_numbers)), fields.pop("topic", "order.updated"), **fields)


def claimed(limit: int = 10, *, tried: bool = False) -> list[int]:
    token, batch = deliveries.claim(limit, tried=tried)
    for row in batch:
        fresh = Delivery.objects.get(pk=row.pk)
        assert (fresh.lease_token, fresh.attempts) == (token, row.attempts)
        assert fresh.lease_until is not None
        assert 100 * SECOND < fresh.lease_until - timezone.now() <= 120 * SECOND
    turns = Visit.objects.filter(kind="intake", lease_token=token).values_list("lease_until", flat=True)
    assert all(40 * SECOND < until - timezone.now() <= 45 * SECOND for until in turns)
    assert len(turns) == bool(batch)
    deliveries._WORK.ended(token)
    return [row.pk for row in batch]


def test_which_deliveries_are_claimed(shop: Shop) -> None:
    late, early = due(shop, ago=HOUR), due(shop, ago=DAY)
    again = due(shop, attempts=3)
    due(shop, ago=-HOUR)
    due(shop, state="dead")
    due(shop, lease_until=timezone.now() + HOUR, lease_token=TOKEN)
    assert claimed(1) == [early.pk]
    assert claimed() == [late.pk]
    assert claimed(1, tried=True) == [again.pk]
    assert claimed() == claimed(tried=True) == []
    assert [Delivery.objects.get(pk=row.pk).attempts for row in (late, again)] == [1, 4]


@pytest.mark.parametrize("state", ["active", "broken", "paused", "gone"])
def test_what_the_law_asks_is_read_whatever_the_shop_is(shop: Shop, state: str) -> None:
    Shop.objects.filter(pk=shop.pk).update(state=state)
    order, law = due(shop), due(shop, topic="customers/redact")
    assert claimed() == ([order.pk, law.pk] if state in ("active", "broken") else [law.pk])


def test_what_was_not_begun_in_time_is_given_back_as_if_nobody_had_it(shop: Shop) -> None:
    rows = [due(shop) for _number in range(3)]
    asked = Asked()
    token, batch = deliveries.claim()
    assert deliveries._read_all(token, batch, 0.0, asked) == 1
    left = Delivery.objects.exclude(pk=batch[0].pk).values_list("state", "attempts", "lease_token", "lease_until")
    assert list(left) == [("new", 0, None, None)] * 2
    assert Delivery.objects.get(pk=batch[0].pk).state == "done"
    Visit.objects.update(lease_until=None)
    token, batch = deliveries.claim()
    asked.waited_s = rereading.BATCH_WAITS_S
    assert deliveries._read_all(token, batch, float("inf"), asked) == 1
    asked.waited_s = 0.0
    Visit.objects.update(lease_until=None)
    token, batch = deliveries.claim()
    assert deliveries._read_all(token, batch, float("inf"), asked) == 1
    assert {row.pk for row in Delivery.objects.filter(state="done")} == {row.pk for row in rows}


def test_when_each_shop_was_heard_last(shop: Shop, other: Shop) -> None:
    third = make_shop(shop.dropshipper, address="https://tre.example.it")
    at = timezone.now()
    for one, ago in ((shop, 9), (other, 7), (shop, 5)):
        due(one, received_at=at - ago * SECOND)
    assert deliveries.drain() == 3
    heard = dict(Shop.objects.values_list("pk", "last_delivery_at"))
    assert heard == {shop.pk: at - 5 * SECOND, other.pk: at - 7 * SECOND, third.pk: None}
    due(shop, received_at=at - HOUR)  # an old one, read again
    assert deliveries.drain() == 1
    assert dict(Shop.objects.values_list("pk", "last_delivery_at")) == heard
    for number in range(3):
        due(shop, received_at=at + number * SECOND)
    assert deliveries.drain(limit=0) == deliveries.drain(budget_s=0) == 0
    assert deliveries.drain(limit=1) == 3  # a batch is read whole
