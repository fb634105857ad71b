"""One row of the inbox that two change at once: the lock makes the second wait and look again. Without any lock it
writes what it read before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.intake import pull, upsert
from connectors.models import InboxOrder
from orders.models import Order
from tests import cast
from tests.connectors.conftest import LONG_AGO, make_goods, make_shop, order_body
from tests.connectors.test_inbox import NEW, NEWER, put, reading_of
from tests.meeting import meet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(db: None) -> Any:
    make_goods()
    return make_shop(cast.dropshipper())


def test_of_two_words_at_once_the_older_one_does_not_stand(shop: Any, locked: bool) -> None:
    """What the customer wrote last would be lost: nothing is read again of an order whose version is known."""
    put(shop)
    met = meet(
        lambda: put(shop, date_modified_gmt=NEWER, customer_note="Citofono 9"),
        lambda: put(shop, date_modified_gmt=NEW, customer_note="Citofono 5"),
    )
    assert met.waited, met
    row, order = InboxOrder.objects.get(), Order.objects.get()
    kept = (met.second, order.note, row.version_at == reading_of(date_modified_gmt=NEWER).version_at)
    assert (kept == (None, "Citofono 9", True)) == locked, (met, kept)


def test_an_order_that_goes_into_the_bin_is_not_sent_by_an_older_word(shop: Any, locked: bool) -> None:
    put(shop)
    later = reading_of(date_modified_gmt=NEWER).version_at
    met = meet(
        lambda: upsert.withdraw(shop, "1", at=later),
        lambda: put(shop, date_modified_gmt=NEW, customer_note="Citofono 5"),
    )
    assert met.waited, met
    kept = (InboxOrder.objects.get().status, Order.objects.get().state)
    assert (kept == (upsert.GONE, "cancelled")) == locked, (met, kept)


def test_a_webhook_that_comes_after_all_is_not_called_lost(shop: Any, locked: bool) -> None:
    """The reseller would be told that his shop sends none."""
    put(shop, via=upsert.PULL)
    InboxOrder.objects.update(first_seen_at=LONG_AGO)
    raw = json.dumps(order_body()).encode()
    met = meet(
        lambda: upsert.upsert(shop, reading_of(), raw, via=upsert.WEBHOOK),
        lambda: pull._count_gaps(shop),
    )
    assert met.waited, met
    kept = (met.second, InboxOrder.objects.get().via, shop.events.filter(code="gap_healed").count())
    assert (kept == (0, upsert.WEBHOOK, 0)) == locked, (met, kept)
