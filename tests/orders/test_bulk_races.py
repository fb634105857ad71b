"""What is done to many orders at once, while one of them is cancelled or sent: the lock makes it wait and look again.
Without any lock it writes what it read before."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import Dropshipper
from orders import privacy
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.intake import editing, matching
from orders.models import Order
from shipping.models import Shipment
from tests import cast
from tests.meeting import meet
from tests.orders import stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seller(db: None) -> Dropshipper:
    return cast.dropshipper()


def test_a_method_is_not_chosen_for_what_was_cancelled_meanwhile(seller: Dropshipper, locked: bool) -> None:
    first, other = stage.method(), stage.method("altro", net="7.30")
    stage.variant("MCI-1")
    order = stage.order(seller, ("MCI-1", 2), method=first)
    choose = {"dropshipper_id": seller.pk, "by": None}
    met = meet(lambda: parcels.cancel(order.pk, by=None), lambda: editing.choose_method([order.pk], other.pk, **choose))
    assert met.waited, met
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert (met.second == 0, order.method_id == first.pk, order.events.filter(code="method_chosen").exists()) == (
        (True, True, False) if locked else (False, False, True)
    )


@pytest.mark.parametrize("way", ["match", "tie"])
def test_an_article_is_not_tied_to_what_was_cancelled_meanwhile(seller: Dropshipper, locked: bool, way: str) -> None:
    ours = stage.variant("MCI-1")
    order = stage.order(seller, ("LORO-9", 3), method=stage.method())
    assert order.state == "received"

    def tie() -> int:
        if way == "tie":
            return matching.tie([order.pk], {"sku:LORO-9": matching.Tie(ours.pk, 2)}, by=None)
        return editing.match([order.pk], sku="LORO-9", external_id="", variant_id=ours.pk, quantity=2, by=None)

    met = meet(lambda: parcels.cancel(order.pk, by=None), tie)
    assert met.waited, met
    line = order.lines.get()
    kept = (met.second, Order.objects.get(pk=order.pk).state, line.variant_id, line.quantity)
    assert (kept == (0, "cancelled", None, 3)) == locked, (met, kept)


def test_nobody_is_forgotten_whose_parcel_was_booked_meanwhile(seller: Dropshipper, locked: bool) -> None:
    stage.variant("MCI-1")
    stage.money(seller, "321.09")
    order = stage.order(seller, ("MCI-1", 1), method=stage.method())
    name = order.name
    met = meet(lambda: sent(order), lambda: privacy.forget([order.pk], only_over=False))
    assert met.waited, met
    assert Shipment.objects.get().name == name
    order.refresh_from_db()
    assert (met.second, order.name) == (([], name) if locked else ([order.pk], privacy.GONE))


def sent(order: Order) -> Any:
    return runs.dispatch_now(order.pk, dropshipper_id=order.dropshipper_id, key=uuid.uuid4(), by=None)
