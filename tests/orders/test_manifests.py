"""The manifest of a courier and a day: closed once, with what left; the rest stays visible."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import AlreadyDone
from orders.fulfilment import parcels, undo
from orders.models import Manifest, ManifestRow, Order
from orders.warehouse import manifests
from orders.warehouse.errors import NothingToHandOver
from shipping.models import Courier, Piece, Shipment
from tests import cast
from tests.meeting import meet
from tests.orders.test_papers import sent, text_of

pytestmark = pytest.mark.django_db


def left(dropshipper: Any, how_many: int = 2, **fields: Any) -> list[Order]:
    """Orders that the courier has."""
    orders = sent(dropshipper, how_many, **fields)
    for number, order in enumerate(orders):
        parcels.mark_shipped(order.pk, tracking_number=f"IT{order.pk:06d}{number}", by=None)
        order.refresh_from_db()
    return orders


def courier() -> Courier:
    return Courier.objects.get()


def numbers(manifest: Manifest) -> list[str]:
    return [row.shipment.number for row in manifests.rows_of(manifest)]


def test_it_is_closed_once_a_day_and_a_second_click_hears_by_whom(dropshipper: Any, staff: Any) -> None:
    one, two = left(dropshipper, payment="cod")
    Piece.objects.create(shipment=one.shipment, number=1, weight_g=900)
    Piece.objects.create(shipment=one.shipment, number=2, weight_g=300)

    made = manifests.close(courier().pk, by=staff.pk)
    with pytest.raises(AlreadyDone) as again:
        manifests.close(courier().pk, by=cast.staff("Magazzino").pk)

    assert str(staff) in str(again.value)
    assert numbers(made) == [one.number, two.number]
    rows = list(made.rows.values_list("pieces", "weight_g", "cod_amount", "tracking"))
    assert rows[0] == (2, 1200, Decimal("39.90"), one.shipment.tracking)
    assert rows[1][0] == 1
    said = text_of(manifests.paper(made))
    assert all(words in said for words in (made.number, one.number, two.shipment.tracking, "79,80"))
    assert manifests.paper(made) == manifests.paper(made)


def test_what_missed_it_stays_visible_and_goes_on_the_next_one(dropshipper: Any, staff: Any) -> None:
    (first,) = left(dropshipper, 1)
    (packed,) = sent(dropshipper, 1)
    parcels.mark_packed(packed.pk, by=staff.pk)
    today = manifests.close(courier().pk, by=staff.pk)
    (late,) = left(dropshipper, 1)

    day = manifests.today()[0]
    assert (day.ready, day.packed, day.closed) == (1, 1, today)
    assert [parcel.number for parcel in manifests.to_hand_over(courier().pk)] == [late.number]
    assert [parcel.number for parcel in manifests.without_number(courier().pk)] == [packed.number]

    Manifest.objects.update(day=timezone.localdate() - dt.timedelta(days=1))
    assert numbers(manifests.close(courier().pk, by=staff.pk)) == [late.number]
    assert numbers(today) == [first.number]


@pytest.mark.parametrize("state", ["shipped", "out_for_delivery", "held", "delivered"])
def test_what_is_further_on_its_way_when_the_day_is_closed_was_handed_over_too(
    dropshipper: Any, staff: Any, state: str
) -> None:
    """The courier's word may come before the driver's signature: a parcel without its line has no proof."""
    (order,) = left(dropshipper, 1)
    Shipment.objects.filter(pk=order.shipment_id).update(state=state, delivered_at=timezone.now())

    assert numbers(manifests.close(courier().pk, by=staff.pk)) == [order.number]


def test_with_nothing_to_hand_over_none_is_made(dropshipper: Any, staff: Any) -> None:
    (order,) = left(dropshipper, 1)
    Shipment.objects.filter(pk=order.shipment_id).update(shipped_at=timezone.now() - manifests.SINCE)

    with pytest.raises(NothingToHandOver):
        manifests.close(courier().pk, by=staff.pk)

    assert not Manifest.objects.exists()


def test_what_did_not_leave_after_all_stays_on_paper_and_goes_on_the_next_one(dropshipper: Any, staff: Any) -> None:
    (order,) = left(dropshipper, 1)
    made = manifests.close(courier().pk, by=staff.pk)
    signed = manifests.paper(made)
    undo.take_back(order.pk, "unshipped", reason="era ancora qui", by=staff.pk)

    assert list(ManifestRow.objects.values_list("stayed", flat=True)) == [True]
    assert manifests.paper(made) == signed
    parcels.mark_shipped(order.pk, tracking_number="IT777", by=staff.pk)
    Manifest.objects.update(day=timezone.localdate() - dt.timedelta(days=1))
    assert numbers(manifests.close(courier().pk, by=staff.pk)) == [order.number]


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_close_once(dropshipper: Any, staff: Any) -> None:
    left(dropshipper, 2)
    other = cast.staff("Magazzino")

    met = meet(lambda: manifests.close(courier().pk, by=staff.pk), lambda: manifests.close(courier().pk, by=other.pk))

    assert met.waited
    assert isinstance(met.second, AlreadyDone)
    assert ManifestRow.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_parcel_that_is_said_not_to_have_left_in_the_same_moment_is_not_on_it(dropshipper: Any, staff: Any) -> None:
    one, two = left(dropshipper, 2)

    met = meet(
        lambda: undo.take_back(one.pk, "unshipped", reason="era ancora qui", by=staff.pk),
        lambda: manifests.close(courier().pk, by=staff.pk),
    )

    assert met.waited
    assert numbers(met.second) == [two.number]


def test_the_day_is_closed_by_scanner_alone(dropshipper: Any, staff: Any, client_for: Any) -> None:
    (order,), client = left(dropshipper, 1), client_for(staff)
    code = courier().code

    unknown = client.post(reverse("orders:manifest_scan"), {"scan": "nobody"}, follow=True).content.decode()
    opened = client.post(reverse("orders:manifest_scan"), {"scan": code.upper()})
    other = client.post(reverse("orders:manifest_close", args=[code]), {"scan": "MCI-1"}, follow=True)
    assert not Manifest.objects.exists()
    closed = client.post(reverse("orders:manifest_close", args=[code]), {"scan": code.upper()}, follow=True)
    twice = client.post(reverse("orders:manifest_close", args=[code]), {"scan": code}, follow=True)
    paper = client.get(reverse("orders:manifest_file", args=[Manifest.objects.get().pk]))

    assert 'data-said="no"' in unknown
    assert opened.url == reverse("orders:manifest_day", args=[code])
    assert order.number in other.content.decode()
    assert 'data-said="ok"' in closed.content.decode()
    assert 'data-level="warning"' in twice.content.decode()
    assert paper.content.startswith(b"%PDF-")
    assert Manifest.objects.count() == 1
