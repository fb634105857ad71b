"""What is taken back at the desk while a slow shop is hearing the old word: it ends with the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.models import InboxOrder
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.woocommerce.fulfilment import TRACKING_META
from orders.fulfilment import parcels, undo
from orders.models import Order
from tests.connectors.test_news import arrived, in_shop, ship

pytestmark = pytest.mark.django_db
Act = Callable[[Order, int], object]


def undelivered(order: Order, by: int) -> None:
    undo.take_back(order.pk, "undelivered", reason="Vicino", by=by)


def cash_back(order: Order, by: int) -> None:
    undo.take_back_cash(order.pk, reason="Non arrivato", by=by)


def both(order: Order, by: int) -> None:
    cash_back(order, by)
    undelivered(order, by)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """The shop has heard; before its answer is here, the desk acts."""
    tell = type(platform("woocommerce")).tell_order

    def slow(*args: Any) -> Any:
        memory = tell(*args)
        act()
        return memory

    monkeypatch.setattr(type(platform("woocommerce")), "tell_order", slow)


@pytest.mark.parametrize(
    ("payment", "remitted", "act", "status"),
    [
        ("stripe", False, undelivered, "completed"),
        ("cod", False, undelivered, "processing"),
        ("cod", True, cash_back, "completed"),
        ("cod", True, both, "processing"),
    ],
)
def test_the_last_word_is_corrected_though_it_was_noted_after_the_correction(
    connected: Any,
    fake: Any,
    staff: Any,
    monkeypatch: pytest.MonkeyPatch,
    payment: str,
    remitted: bool,
    act: Act,
    status: str,
) -> None:
    order, id_ = arrived(connected, fake, payment=payment)
    ship(order)
    parcels.mark_delivered(order.pk, by=None)
    if remitted:
        parcels.mark_remitted(order.pk, by=None)
    with monkeypatch.context() as patch:
        meanwhile(patch, lambda: act(order, staff.pk))
        assert sweep.tell_due(budget_s=5) == 1

    assert sweep.tell_due(budget_s=5) == 1
    assert sweep.tell_due(budget_s=5) == 0

    assert in_shop(fake, id_)["status"] == status
    row = InboxOrder.objects.select_related("order__shipment").get(order=order)
    assert row.told.partition(":")[0] == ("delivered" if act is cash_back else "shipped")
    assert (":cash" in row.told, row.told_last) == (False, False)


def test_what_was_told_rightly_is_not_told_again_because_it_was_corrected_once(
    connected: Any, fake: Any, staff: Any
) -> None:
    order, _id = arrived(connected, fake, payment="stripe")
    ship(order)
    parcels.mark_delivered(order.pk, by=None)
    undelivered(order, staff.pk)
    parcels.mark_delivered(order.pk, by=None)
    assert sweep.tell_due(budget_s=5) == 1
    assert sweep.reopen_corrected() == 0


@pytest.mark.parametrize("payment", ["stripe", "cod"])
def test_what_did_not_leave_after_all_and_was_cancelled_stands_in_the_shop_as_not_sent(
    connected: Any, fake: Any, staff: Any, payment: str
) -> None:
    order, id_ = arrived(connected, fake, payment=payment)
    ship(order)
    sweep.tell_due(budget_s=5)
    undo.take_back(order.pk, "unshipped", reason="Era rimasto qui", by=staff.pk)
    assert sweep.tell_due(budget_s=5) == 0
    parcels.cancel(order.pk, by=staff.pk, staff=True)

    assert sweep.tell_due(budget_s=5) == 1
    assert sweep.tell_due(budget_s=5) == 0

    found = in_shop(fake, id_)
    assert found["status"] == "processing"
    assert [meta["value"] for meta in found["meta_data"] if meta["key"] == TRACKING_META] == [[]]
    private = [note["note"] for note in fake.orders.notes(id_) if not note["customer_note"]]
    assert any("TRK-1" in text and order.number in text for text in private)


def test_a_status_that_the_merchant_set_and_tracking_that_he_wrote_stay(connected: Any, fake: Any, staff: Any) -> None:
    order, id_ = arrived(connected, fake, payment="stripe")
    fake.orders.set_status(id_, "completed")
    ship(order)
    sweep.tell_due(budget_s=5)
    undo.take_back(order.pk, "unshipped", reason="Era rimasto qui", by=staff.pk)
    parcels.cancel(order.pk, by=staff.pk, staff=True)
    sweep.tell_due(budget_s=5)
    assert in_shop(fake, id_)["status"] == "completed"
