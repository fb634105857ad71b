"""A delivery as the intake stores it: every column, and what a copy of it changes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import receive
from connectors.intake.receive import SENT_AT
from connectors.models import Delivery, InboxOrder, Shop
from connectors.platforms.base import Envelope
from tests.connectors.conftest import make_shop

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
TOKEN = uuid.UUID("1f0c7a52-9f3f-4a5e-8f0e-6a2b3c4d5e6f")


@pytest.fixture
def other(shop: Shop) -> Shop:
    return make_shop(shop.dropshipper, address="https://due.example.it")


def untouched(*rows: Any) -> list[dict[str, Any]]:
    return [type(row).objects.filter(pk=row.pk).values().get() for row in rows]


def test_every_column_of_what_is_stored(shop: Shop, other: Shop) -> None:
    at = timezone.now()
    envelope = Envelope("t" * 70, "d" * 90, at)
    headers = {"user-agent": "u" * 300, "content-type": "json", "x-wc-webhook-source": "https://x", "x-other": "y"}
    kept_headers = json.loads(receive._kept("woocommerce", headers, envelope))
    named = dict.fromkeys(receive._kept_names("woocommerce"), "x")
    assert {"user-agent", "content-type"} < named.keys()
    assert kept_headers["user-agent"] == "u" * 200
    assert kept_headers["content-type"] == "json"
    assert kept_headers[SENT_AT] == at.isoformat()
    assert "x-other" not in kept_headers
    assert json.loads(receive._kept("woocommerce", {}, Envelope("t"))) == {}
    dedupe = hashlib.sha256(b"x").digest()
    stored = (shop.pk, dedupe, "t" * 70, "d" * 90, json.dumps(kept_headers), b"body")
    receive._store(*stored, again=False)
    row = Delivery.objects.get()
    shown = (row.shop_id, bytes(row.dedupe), row.topic, row.delivery_id, row.headers, bytes(row.body), row.state)
    assert shown == (shop.pk, dedupe, "t" * 60, "d" * 80, kept_headers, b"body", "new")
    assert (row.attempts, row.error, row.error_params, row.lease_until, row.done_at) == (0, "", {}, None, None)

    over = {"attempts": 5, "error": "x", "error_params": {"a": 1}, "done_at": at - DAY, "received_at": at - DAY}
    over |= {"lease_until": at, "lease_token": TOKEN, "try_after": at + DAY}
    beside = [
        Delivery.objects.create(shop=other, dedupe=dedupe, topic="t", body=b"1", state="dead", **over),
        Delivery.objects.create(shop=shop, dedupe=b"other", topic="t", body=b"2", state="dead", **over),
    ]
    before = untouched(*beside)
    for state, again, read in (
        *(("dead", False, True), ("done", False, False), ("ignored", False, False), ("new", False, False)),
        *(("dead", True, True), ("done", True, True), ("ignored", True, True), ("new", True, False)),
    ):
        Delivery.objects.filter(pk=row.pk).update(state=state, body=b"", **over)
        was = untouched(row)
        receive._store(*stored, again=again)
        if not read:
            assert untouched(row) == was
            continue
        row.refresh_from_db()
        assert (row.state, row.attempts, row.error, row.error_params, bytes(row.body)) == ("new", 0, "", {}, b"body")
        assert (row.lease_until, row.lease_token, row.done_at) == (None, None, None)
        assert row.received_at >= at - HOUR
        assert row.try_after <= timezone.now()
    assert untouched(*beside) == before


def test_an_order_that_the_pull_could_not_read_is_kept_once_and_not_of_who_was_forgotten(shop: Shop) -> None:
    for _time in range(2):
        receive.store_unreadable(shop.pk, b'{"id": 7}', "r" * 400)
    row = Delivery.objects.get()
    shown = (row.shop, row.topic, row.delivery_id, bytes(row.body), row.state, row.error, row.error_params)
    assert shown == (shop, "order.updated", "pull", b'{"id": 7}', "dead", "unreadable", {"reason": "r" * 300})
    assert bytes(row.dedupe) == hashlib.sha256(b'pull\0{"id": 7}').digest()
    InboxOrder.objects.create(shop=shop, external_id="8", version_at=timezone.now(), forgotten_at=timezone.now())
    receive.store_unreadable(shop.pk, b'{"id": 8}', "x")
    assert Delivery.objects.count() == 1


def test_how_long_a_secret_is_remembered(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    known = receive._look_up("woocommerce", shop.key)
    assert (known.shop_id, known.until - known.since) == (shop.pk, pytest.approx(30))
    assert known.access is not None
    assert receive._look_up("woocommerce", shop.key) is known
    assert receive._look_up("woocommerce", shop.key, newer_than=known.since) is known
    fresh = receive._look_up("woocommerce", shop.key, newer_than=known.since + 0.001)
    assert fresh is not known
    unknown = receive._look_up("woocommerce", "x")
    assert (unknown.shop_id, unknown.access, unknown.until - unknown.since) == (None, None, pytest.approx(5))
    assert receive._look_up("shopify", shop.key).shop_id is None
    assert len(receive._known) == 3
    monkeypatch.setattr(receive, "_MOST_KEPT", 3)
    receive._look_up("woocommerce", "y")
    assert list(receive._known) == [("woocommerce", "y")]
    Shop.objects.filter(pk=shop.pk).update(state="gone")
    assert receive._look_up("woocommerce", shop.key).shop_id is None
    receive.forget()
    assert receive._known == {}


def test_which_shop_an_address_is(shop: Shop, other: Shop) -> None:
    """Also one that is gone: the law's requests come after the end of a connection. One that lives comes first."""
    gone = [make_shop(shop.dropshipper, address="https://tre.example.it", state="gone") for _number in range(2)]
    assert receive._shop_of("woocommerce", "https://tre.example.it") == gone[1]
    assert receive._shop_of("woocommerce", shop.address) == shop
    assert receive._shop_of("shopify", shop.address) is None
    Shop.objects.filter(pk=gone[0].pk).update(state="paused")
    assert receive._shop_of("woocommerce", "https://tre.example.it") == gone[0]
    assert receive._shop_of("woocommerce", gone[0].key) == gone[0]
    assert receive._shop_of("woocommerce", gone[1].key) is None
