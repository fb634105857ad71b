"""Forgetting a customer while his order comes in: whoever is first, neither waits for the other in a ring."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest
from django.db import OperationalError, transaction

from connectors.intake import privacy, upsert
from connectors.models import InboxOrder, Shop
from connectors.platforms.base import PrivacyRequest
from connectors.platforms.woocommerce.walk import raw_order
from orders.intake import creation, follow
from orders.models import Order
from tests import cast
from tests.connectors.conftest import LONG_AGO, make_goods, make_shop, order_body
from tests.connectors.test_inbox import NEW, put
from tests.connectors.test_stores import at_once
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)


def race(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The intake has the order's row of the inbox and wants the order; the request has the order and wants the row."""
    make_goods()
    shop = make_shop(cast.dropshipper(), store_keys=["home:shop.example.it"])
    first = raw_order(order_body(7))
    later = raw_order(order_body(7, date_modified_gmt="2026-11-29T12:00:00", customer_note="dopo le 18"))
    assert first.reading is not None
    assert later.reading is not None
    upsert.upsert(shop, first.reading, first.body, via=upsert.WEBHOOK)
    Order.objects.update(state="cancelled")
    meeting = threading.Barrier(2)

    def meet() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(1.5)

    revive, forget_messages = follow.revive, privacy._forget_messages

    def late_revive(*args: Any, **kwargs: Any) -> None:
        meet()
        revive(*args, **kwargs)

    def late_forgetting(*args: Any, **kwargs: Any) -> None:
        meet()
        forget_messages(*args, **kwargs)

    monkeypatch.setattr(follow, "revive", late_revive)
    monkeypatch.setattr(privacy, "_forget_messages", late_forgetting)

    def redact() -> None:
        with transaction.atomic():
            privacy.answer(
                Shop.objects.get(pk=shop.pk), PrivacyRequest(kind="customer", customer="", external_ids=["7"])
            )

    def hear() -> None:
        assert later.reading is not None
        upsert.upsert(shop, later.reading, later.body, via=upsert.WEBHOOK)

    return at_once(redact, hear)


def test_a_request_and_a_word_of_the_shop_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = race(monkeypatch)
    assert [one for one in found if isinstance(one, Exception)] == []
    row = InboxOrder.objects.select_related("order").get()
    assert row.order is not None
    assert row.forgotten_at or row.order.forget_asked_at


def test_without_the_locks_they_would_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(privacy, "_hold", lambda *_args: None)
    found = race(monkeypatch)
    assert [one for one in found if isinstance(one, OperationalError) and "deadlock" in str(one)]


def test_a_request_waits_for_a_run_before_it_holds_anything() -> None:
    """A run that sends several orders of one person takes them by their id; the request goes through the connections of
    the store, and would have the later order when it wants the earlier one."""
    make_goods()
    seller = cast.dropshipper()
    first, again = make_shop(seller, state="gone"), make_shop(seller)
    earlier, later = (put(shop, id_=7).order_id for shop in (again, first))  # type: ignore[union-attr]
    assert earlier < later  # type: ignore[operator]

    def redact() -> None:
        with transaction.atomic():
            privacy.answer(again, PrivacyRequest(kind="customer", customer="", external_ids=["7"]))

    met = meet(lambda: creation.lock(earlier), redact, then=lambda: creation.lock(later))  # type: ignore[arg-type]
    assert met.waited, met
    assert not isinstance(met.first, Exception), met
    assert Order.objects.filter(forget_asked_at__isnull=False).count() == 2, met


def test_the_body_of_an_order_that_its_shop_takes_up_again_is_kept() -> None:
    """The sweep saw it when it was over: what it was read from would be missing to all that reads it again."""
    make_goods()
    shop = make_shop(cast.dropshipper())
    put(shop)
    follow.withdraw(Order.objects.get().pk)
    InboxOrder.objects.update(updated_at=LONG_AGO)
    before = InboxOrder.objects.get().first_seen_at
    met = meet(
        lambda: put(shop, date_modified_gmt=NEW, customer_note="Di nuovo"), lambda: privacy._empty_bodies(before)
    )
    assert met.waited, met
    kept = b"Di nuovo" in bytes(InboxOrder.objects.get().raw)
    assert (met.second, Order.objects.get().state, kept) == (0, "ready", True), met
