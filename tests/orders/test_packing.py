"""The packing bench: goods by scan, pieces with their weight, and one person at an order."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from catalog import shelves
from catalog.models import Variant
from core.errors import AlreadyDone
from orders.errors import CollectChanged
from orders.fulfilment import collect, parcels, undo
from orders.models import IDLE, Order, Packing, WaveOrder
from orders.pages.bench import PieceForm
from orders.warehouse import facts, packing, waves
from orders.warehouse.errors import (
    BadPieces,
    HeldBy,
    NotToPack,
    NotWholly,
    ScannedBefore,
    ShelfScanned,
    TooManyItems,
    WrongItem,
)
from orders.warehouse.packing import Size
from shipping.models import Piece
from tests import cast
from tests.meeting import meet
from tests.orders import stage
from tests.orders.test_waves import world

pytestmark = pytest.mark.django_db


def scanned(order: Order) -> int:
    return packing.count(packing.items(order, Packing.objects.filter(order=order).first()))


def fill(order: Order, by: int) -> None:
    packing.scan(order.pk, "MCI-1", by=by, quantity=2)
    packing.scan(order.pk, "MCI-2", by=by)


def state(order: Order) -> str:
    order.refresh_from_db()
    assert order.shipment is not None
    return order.shipment.state


def test_goods_are_counted_and_the_parcel_is_closed_with_its_pieces(dropshipper: Any, staff: Any) -> None:
    (order,) = world(dropshipper, 1)
    wave = waves.start(by=staff.pk)

    packing.begin(order.pk, by=staff.pk)
    packing.scan(order.pk, "8001234567897", by=staff.pk)
    with pytest.raises(NotWholly) as refused:
        packing.close(order.pk, [Size(900)], by=staff.pk)
    assert "1 × MCI-1, 1 × MCI-2" in str(refused.value)
    assert (state(order), Piece.objects.count()) == ("to_pick", 0)
    packing.scan(order.pk, "mci-1", by=staff.pk)
    packing.scan(order.pk, "MCI-2", by=staff.pk)
    packing.close(order.pk, [Size(900, 400, 300, 200), Size(650)], by=staff.pk)

    assert state(order) == "packed"
    assert list(Piece.objects.values_list("number", "weight_g", "length_mm")) == [(1, 900, 400), (2, 650, 0)]
    assert not Packing.objects.exists()
    assert not WaveOrder.objects.filter(held=True).exists()
    wave.refresh_from_db()
    assert wave.state == "done"
    assert order.events.filter(code="packed", by=staff).count() == 1


def test_wrong_goods_a_shelf_and_a_piece_too_many_stop_and_count_nothing(dropshipper: Any, staff: Any) -> None:
    (order,) = world(dropshipper, 1)
    stage.variant("MCI-3")
    shelves.put(Variant.objects.get(sku="MCI-3").pk, "C-1")

    for text in ("MCI-3", "nonsense", ""):
        with pytest.raises(WrongItem) as wrong:
            packing.scan(order.pk, text, by=staff.pk)
        assert "2 × MCI-1" in str(wrong.value)
    for text in ("A-10", "c-1"):
        with pytest.raises(ShelfScanned):
            packing.scan(order.pk, text, by=staff.pk)
    with pytest.raises(TooManyItems):
        packing.scan(order.pk, "MCI-1", by=staff.pk, quantity=3)
    packing.scan(order.pk, "MCI-1", by=staff.pk, quantity=2)
    with pytest.raises(TooManyItems):
        packing.scan(order.pk, "MCI-1", by=staff.pk)

    assert scanned(order) == 2


def test_a_shelf_that_is_called_like_goods_never_stands_for_them(dropshipper: Any, staff: Any) -> None:
    """The article came after the shelf."""
    (order,) = world(dropshipper, 1)
    shelves.put(Variant.objects.get(sku="MCI-2").pk, "X-1")
    Variant.objects.filter(sku="MCI-1").update(sku="X-1")

    with pytest.raises(ShelfScanned):
        packing.scan(order.pk, "X-1", by=staff.pk)

    assert scanned(order) == 0


def test_of_two_articles_with_one_ean_that_of_the_order_is_meant(dropshipper: Any, staff: Any) -> None:
    (order,) = world(dropshipper, 1)
    stage.variant("MCI-0")
    Variant.objects.filter(sku="MCI-0").update(ean="8001234567897")

    assert packing.scan(order.pk, "8001234567897", by=staff.pk).variant.sku == "MCI-1"


def test_nobody_packs_what_another_packs_or_picks_until_they_leave_it(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    one, two = world(dropshipper)
    other = cast.staff("Magazzino", name="Bruno Leoni")
    packing.scan(one.pk, "MCI-1", by=other.pk)
    waves.start(by=other.pk, order_ids=[two.pk])

    for order in (one, two):
        with pytest.raises(HeldBy) as held:
            packing.scan(order.pk, "MCI-1", by=staff.pk)
        assert "Bruno Leoni" in str(held.value)
    for order in (one, two):
        page = client_for(staff).get(reverse("orders:desk_order", args=[order.pk])).content.decode()
        assert "data-at-it" in page
        assert "Bruno Leoni" in page
    with pytest.raises(HeldBy):
        packing.close(one.pk, [Size(1)], by=staff.pk)
    packing.leave(one.pk, by=staff.pk)  # it is not theirs to leave
    assert scanned(one) == 1

    long_ago = timezone.now() - IDLE - dt.timedelta(minutes=1)
    Packing.objects.update(touched_at=long_ago)
    packing.begin(one.pk, by=staff.pk)
    assert (scanned(one), Packing.objects.get().by_id) == (0, staff.pk)
    packing.leave(one.pk, by=staff.pk)
    assert not Packing.objects.exists()


def test_who_goes_on_packing_keeps_the_order_and_who_stops_for_half_an_hour_does_not(
    dropshipper: Any, staff: Any
) -> None:
    """A large parcel takes longer than half an hour: what was scanned of it must not be scanned again by another."""
    (order,) = world(dropshipper, 1)
    other = cast.staff("Magazzino")
    for _piece in range(2):
        packing.scan(order.pk, "MCI-1", by=staff.pk)
        Packing.objects.update(touched_at=F("touched_at") - IDLE + dt.timedelta(minutes=1))
    with pytest.raises(HeldBy):
        packing.scan(order.pk, "MCI-1", by=other.pk)
    assert scanned(order) == 2
    Packing.objects.update(touched_at=F("touched_at") - dt.timedelta(minutes=2))
    packing.scan(order.pk, "MCI-2", by=other.pk)
    assert (Packing.objects.get().by, scanned(order)) == (other, 1)


def test_what_was_picked_to_the_end_anybody_packs(dropshipper: Any, staff: Any) -> None:
    (order,) = world(dropshipper, 1)
    picker = cast.staff("Magazzino")
    wave = waves.start(by=picker.pk)
    waves.scan(wave.pk, "MCI-1", by=picker.pk, quantity=2)
    waves.scan(wave.pk, "MCI-2", by=picker.pk)

    fill(order, staff.pk)
    packing.close(order.pk, [], by=staff.pk, as_priced=True)

    assert state(order) == "packed"
    assert list(Piece.objects.values_list("number", "weight_g")) == [(1, order.shipment.weight_g)]


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_order_at_once_are_one(dropshipper: Any, staff: Any) -> None:
    (order,) = world(dropshipper, 1)
    other = cast.staff("Magazzino")

    met = meet(lambda: packing.begin(order.pk, by=staff.pk), lambda: packing.begin(order.pk, by=other.pk))

    assert met.waited
    assert isinstance(met.second, HeldBy)
    assert Packing.objects.get().by_id == staff.pk


@pytest.mark.django_db(transaction=True)
def test_a_parcel_that_is_closed_twice_at_once_is_closed_once(dropshipper: Any, staff: Any) -> None:
    (order,) = world(dropshipper, 1)
    fill(order, staff.pk)

    met = meet(
        lambda: packing.close(order.pk, [Size(900)], by=staff.pk),
        lambda: packing.close(order.pk, [Size(900), Size(1)], by=staff.pk),
    )

    assert met.waited
    assert isinstance(met.second, AlreadyDone)
    assert Piece.objects.count() == 1
    assert order.events.filter(code="packed").count() == 1


def test_the_same_page_sent_twice_counts_once(dropshipper: Any, staff: Any) -> None:
    (order,) = world(dropshipper, 1)

    packing.scan(order.pk, "MCI-1", by=staff.pk, seen=0)
    with pytest.raises(ScannedBefore):
        packing.scan(order.pk, "MCI-1", by=staff.pk, seen=0)

    assert scanned(order) == 1


def test_what_is_cancelled_or_gone_is_not_packed(dropshipper: Any, staff: Any) -> None:
    one, two = world(dropshipper)
    packing.scan(one.pk, "MCI-1", by=staff.pk)
    parcels.cancel(one.pk, by=staff.pk, staff=True)
    parcels.mark_shipped(two.pk, tracking_number="IT1", by=staff.pk)

    for order in (one, two):
        with pytest.raises(parcels.TooLate):
            packing.scan(order.pk, "MCI-2", by=staff.pk)
        with pytest.raises(parcels.TooLate):
            packing.close(order.pk, [Size(1)], by=staff.pk)
    with pytest.raises(NotToPack):
        packing.begin(two.pk, by=staff.pk)
    assert not Packing.objects.exists()


@pytest.mark.parametrize("sizes", [[], [Size(0)], [Size(1_000_001)], [Size(1, 10_001, 1, 1)], [Size(1)] * 100])
def test_impossible_pieces_are_refused_and_nothing_is_closed(dropshipper: Any, staff: Any, sizes: list[Size]) -> None:
    (order,) = world(dropshipper, 1)
    fill(order, staff.pk)

    with pytest.raises(BadPieces):
        packing.close(order.pk, sizes, by=staff.pk)

    assert (state(order), Piece.objects.count(), scanned(order)) == ("to_pick", 0, 3)


def test_an_amount_that_changed_meanwhile_is_looked_at_first(dropshipper: Any, staff: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "900.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method, payment="cod")
    stage_sync(order)
    packing.scan(order.pk, "MCI-1", by=staff.pk)
    shown = parcels.collect_mark(order)
    collect.lower(order.pk, Decimal("30.00"), by=staff.pk)

    with pytest.raises(CollectChanged):
        packing.close(order.pk, [Size(500)], by=staff.pk, shown=shown)

    assert (state(order), Piece.objects.count()) == ("to_pick", 0)


def stage_sync(order: Order) -> None:
    from tests.orders.test_dispatch import sync

    sync(order)
    order.refresh_from_db()


def test_what_is_unpacked_is_packed_anew_with_other_pieces(dropshipper: Any, staff: Any) -> None:
    (order,) = world(dropshipper, 1)
    fill(order, staff.pk)
    packing.close(order.pk, [Size(900), Size(650)], by=staff.pk)
    undo.take_back(order.pk, "unpacked", reason="due colli, era uno", by=staff.pk)

    assert scanned(order) == 0
    fill(order, staff.pk)
    packing.close(order.pk, [Size(1500)], by=staff.pk)

    labels = facts.labels_of(facts.load([order.pk])[order.pk])
    assert [(label.reference, label.weight_g) for label in labels] == [(order.number, 1500)]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1,25", [Size(1250)]),
        ("0.9 kg 40x30x20 cm\n2 10 20 30,5", [Size(900, 400, 300, 200), Size(2000, 100, 200, 305)]),
        ("", None),
        ("0", None),
        ("nan", None),
        ("1 2x3", None),
        ("uno", None),
        ("-1", None),
        ("1e9", None),
    ],
)
def test_pieces_are_typed_as_people_write_them(typed: str, read: list[Size] | None) -> None:
    form = PieceForm({"pieces": typed})

    assert form.is_valid() == (read is not None)
    if read is not None:
        assert form.cleaned_data["pieces"] == read


# ---- the page, by scanner alone


def test_an_order_is_packed_and_leaves_by_scanner_alone(dropshipper: Any, staff: Any, client_for: Any) -> None:
    (order,), client = world(dropshipper, 1), client_for(staff)

    def scan(text: str, **more: str) -> str:
        url = reverse("orders:bench_item", args=[order.pk]) if more or at_order else reverse("orders:bench_scan")
        return client.post(url, {"scan": text, "last": last, **more}, follow=True).content.decode()

    last = ""

    at_order = False
    nothing = scan("MCI-1")
    opened = scan(order.number.lower())
    at_order = True
    wrong = scan("A-10")
    early = scan(order.number)
    scan("MCI-1", quantity="2")
    whole = scan("MCI-2")
    closed = scan(f"{order.number}")
    at_order, last = False, str(order.pk)
    goods = scan("MCI-1")
    gone = scan("IT1234567")

    assert 'data-said="no"' in nothing
    assert 'data-left="3"' in opened
    assert 'data-said="no"' in wrong
    assert "2 × MCI-1" in early
    assert 'data-left="0"' in whole
    assert f'data-last="{order.pk}"' in closed
    assert f'name="last" value="{order.pk}"' in closed
    assert 'data-said="no"' in goods
    assert 'data-said="ok"' in gone
    order.refresh_from_db()
    assert (state(order), order.shipment.tracking) == ("shipped", "IT1234567")


def test_the_bench_weighs_prints_leaves_and_says_what_it_cannot_read(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    (one, two), client = world(dropshipper), client_for(staff)
    for order in (one, two):
        client.post(reverse("orders:bench_scan"), {"scan": order.number})
        fill(order, staff.pk)

    unreadable = client.post(reverse("orders:bench_close", args=[one.pk]), {"pieces": "tanto"})
    client.post(reverse("orders:bench_close", args=[one.pk]), {"pieces": "1,5 40x30x20\n0,7"})
    again = client.post(reverse("orders:bench_close", args=[one.pk]), {"pieces": "1"}, follow=True)
    client.post(reverse("orders:bench_leave", args=[two.pk]))
    left = client.get(reverse("orders:bench_order", args=[two.pk]))
    label = client.post(reverse("orders:print_paper", args=[one.pk]), {"paper": "label-a6"})

    assert unreadable.status_code == 422
    assert list(one.shipment.pieces.values_list("weight_g", flat=True)) == [1500, 700]
    assert 'data-said="no"' in again.content.decode()
    assert (left.status_code, left.url) == (302, reverse("orders:bench"))
    assert label.content.startswith(b"%PDF-")


def test_who_may_not_hand_over_only_packs(dropshipper: Any, client_for: Any) -> None:
    (order,) = world(dropshipper, 1)
    clerk = cast.staff("-")
    clerk.user_permissions.add(cast.permission("see_desk"), cast.permission("pack_parcel"))
    client = client_for(clerk)
    client.post(reverse("orders:bench_scan"), {"scan": order.number})
    fill(order, clerk.pk)
    client.post(reverse("orders:bench_item", args=[order.pk]), {"scan": order.number})

    client.post(reverse("orders:bench_scan"), {"scan": "IT1234567", "last": order.pk})

    assert state(order) == "packed"


def test_the_couriers_number_goes_to_the_parcel_that_the_page_showed(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    (one, two), client = world(dropshipper), client_for(staff)
    for order in (one, two):  # two windows of one person: the second closes its parcel while the first shows `one`
        packing.begin(order.pk, by=staff.pk)
        fill(order, staff.pk)
        client.post(reverse("orders:bench_item", args=[order.pk]), {"scan": order.number})

    unasked = client.post(reverse("orders:bench_scan"), {"scan": "IT1234567"}, follow=True)
    assert 'data-said="no"' in unasked.content.decode()
    assert (state(one), state(two)) == ("packed", "packed")
    shown = client.post(reverse("orders:bench_scan"), {"scan": "IT1234567", "last": one.pk}, follow=True)

    assert one.number in shown.content.decode()
    assert f'data-last="{two.pk}"' in shown.content.decode()  # what is still asked for
    assert (state(one), state(two)) == ("shipped", "packed")
    assert one.shipment.tracking == "IT1234567"


def test_a_parcel_that_is_not_closed_takes_no_couriers_number(dropshipper: Any, staff: Any, client_for: Any) -> None:
    (order,), client = world(dropshipper, 1), client_for(staff)

    refused = client.post(reverse("orders:bench_scan"), {"scan": "IT1234567", "last": order.pk}, follow=True)

    assert 'data-said="no"' in refused.content.decode()
    assert state(order) == "to_pick"


def test_what_was_weighed_stays_when_the_parcel_is_not_whole(dropshipper: Any, staff: Any, client_for: Any) -> None:
    (order,), client = world(dropshipper, 1), client_for(staff)
    packing.begin(order.pk, by=staff.pk)

    refused = client.post(reverse("orders:bench_close", args=[order.pk]), {"pieces": "2,5 40x30x20\n1,1"})

    assert refused.status_code == 422
    assert 'data-said="no"' in refused.content.decode()
    assert "2,5 40x30x20\n1,1" in refused.content.decode()
    assert state(order) == "to_pick"


def test_what_was_weighed_stays_over_the_next_scan_and_closes_the_parcel(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    (order,), client = world(dropshipper, 1), client_for(staff)
    packing.begin(order.pk, by=staff.pk)
    fill(order, staff.pk)
    item = reverse("orders:bench_item", args=[order.pk])
    page = client.post(item, {"scan": "MCI-1", "pieces": "2,5 40x30x20\n1,1"}, follow=True).content.decode()
    assert "2,5 40x30x20\n1,1" in page
    assert "2,5 40x30x20" in client.get(reverse("orders:bench_order", args=[order.pk])).content.decode()

    unread = client.post(item, {"scan": order.number, "pieces": "due chili"})
    assert (unread.status_code, state(order)) == (422, "to_pick")
    client.post(item, {"scan": order.number, "pieces": "2,5 40x30x20\n1,1"})
    assert state(order) == "packed"
    assert list(order.shipment.pieces.order_by("pk").values_list("weight_g", "length_mm")) == [(2500, 400), (1100, 0)]


def test_an_order_scanned_again_with_its_own_weight_is_closed_as_it_was_priced(
    dropshipper: Any, staff: Any, client_for: Any
) -> None:
    (order,), client = world(dropshipper, 1), client_for(staff)
    packing.begin(order.pk, by=staff.pk)
    fill(order, staff.pk)
    page = client.get(reverse("orders:bench_order", args=[order.pk])).content.decode()
    shown = re.search(r"<textarea[^>]*form=\"bench-scan\"[^>]*>\s*([\d,]+)", page)
    assert shown is not None
    client.post(reverse("orders:bench_item", args=[order.pk]), {"scan": order.number, "pieces": shown[1]})
    assert state(order) == "packed"
