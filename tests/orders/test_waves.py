"""Waves: what is picked together, by whom, and what remains."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pypdfium2
import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from catalog import shelves
from catalog.errors import BadShelf, ShelfIsGoods
from catalog.models import Location, Variant
from orders.fulfilment import parcels, tracking_numbers
from orders.models import IDLE, Order, Packing, Wave, WaveOrder
from orders.queries import by_scan
from orders.warehouse import packing, waves
from orders.warehouse.errors import HeldBy, NothingToPick, ScannedBefore, TooManyItems, WaveOver, WrongItem, WrongShelf
from tests import cast
from tests.meeting import meet
from tests.orders import stage
from tests.orders.test_dispatch import sync
from tests.orders.test_papers import text_of

pytestmark = pytest.mark.django_db


def world(dropshipper: Any, how_many: int = 2) -> list[Order]:
    """Orders of 2 × MCI-1 and 1 × MCI-2 each; MCI-1 lies on A-10 and B-1, MCI-2 on A-2."""
    method = stage.method()
    for sku, ean in (("MCI-1", "8001234567897"), ("MCI-2", "")):
        made = stage.variant(sku)
        Variant.objects.filter(pk=made.pk).update(ean=ean)
    shelves.put(Variant.objects.get(sku="MCI-1").pk, "a-10")
    shelves.put(Variant.objects.get(sku="MCI-1").pk, "B-1", position=1)
    shelves.put(Variant.objects.get(sku="MCI-2").pk, "A-2")
    stage.money(dropshipper, "900.00")
    orders = [stage.order(dropshipper, ("MCI-1", 2), ("MCI-2", 1), method=method) for _n in range(how_many)]
    for order in orders:
        sync(order)
        order.refresh_from_db()
    return orders


def idle(wave: Wave) -> None:
    Wave.objects.filter(pk=wave.pk).update(touched_at=timezone.now() - IDLE - dt.timedelta(minutes=1))


# ---- shelves


def test_goods_lie_on_several_shelves_and_a_shelf_is_never_the_code_of_goods(dropshipper: Any) -> None:
    world(dropshipper, 0)
    one = Variant.objects.get(sku="MCI-1")

    assert shelves.of([one.pk]) == {one.pk: ["A-10", "B-1"]}
    shelves.put(one.pk, "A-10")
    for code in ("mci-2", "8001234567897"):
        with pytest.raises(ShelfIsGoods):
            shelves.put(one.pk, code)
    for code in ("", "A 1", "-A", "A" * 21, "è1"):
        with pytest.raises(BadShelf):
            shelves.put(one.pk, code)
    shelves.take(one.pk, "b-1")
    assert sorted(Location.objects.values_list("code", flat=True)) == ["A-10", "A-2"]


def test_a_scanner_that_reads_a_upc_finds_the_ean(dropshipper: Any) -> None:
    made = stage.variant("MCI-9")
    Variant.objects.filter(pk=made.pk).update(ean="0012345678905")

    assert [variant.pk for variant in shelves.goods("012345678905")] == [made.pk]
    assert [variant.pk for variant in shelves.goods("mci-9")] == [made.pk]
    assert shelves.goods("") == shelves.goods("\0") == []


def test_the_page_of_shelves_is_filled_by_scanner_and_by_a_list(dropshipper: Any, staff: Any, client_for: Any) -> None:
    world(dropshipper, 0)
    client = client_for(staff)

    shelf = client.post(reverse("orders:shelf_put"), {"shelf": "", "scan": "c-7"}, follow=True)
    put = client.post(reverse("orders:shelf_put"), {"shelf": "C-7", "scan": "8001234567897"}, follow=True)
    listed = client.post(reverse("orders:shelf_list"), {"lines": "MCI-2; D-1\nnobody; D-2\nMCI-2\nMCI-1, MCI-2"})

    assert 'data-shelf="C-7"' in shelf.content.decode()
    assert 'data-said="ok"' in put.content.decode()
    assert listed.status_code == 422
    assert "nobody; D-2\nMCI-2\nMCI-1, MCI-2</textarea>" in listed.content.decode()  # what was not taken, to be mended
    assert "nobody non è nel catalogo" in listed.content.decode()
    places = sorted(Location.objects.values_list("variant__sku", "code"))
    assert places == [("MCI-1", "A-10"), ("MCI-1", "B-1"), ("MCI-1", "C-7"), ("MCI-2", "A-2"), ("MCI-2", "D-1")]
    one = Variant.objects.get(sku="MCI-1")
    client.post(reverse("orders:shelf_take"), {"shelf": "C-7", "variant": str(one.pk)})
    assert not Location.objects.filter(code="C-7").exists()


# ---- which orders


def test_a_wave_takes_what_waits_by_courier_cut_off_and_number(dropshipper: Any, staff: Any) -> None:
    one, two, three = world(dropshipper, 3)
    courier = one.shipment.method.courier
    early = timezone.now() - dt.timedelta(hours=5)
    type(one.shipment).objects.filter(pk=one.shipment_id).update(created_at=early)

    with pytest.raises(NothingToPick):
        waves.start(by=staff.pk, courier_id=courier.pk + 99)
    cut_off = timezone.now() - dt.timedelta(hours=4)
    old = waves.start(by=staff.pk, courier_id=courier.pk, until=cut_off)
    old.refresh_from_db()
    assert old.until == cut_off
    rest = waves.start(by=staff.pk, most=1)

    assert [order.pk for order in waves.held_orders(old)] == [one.pk]
    assert [order.pk for order in waves.held_orders(rest)] == [two.pk]
    assert [order.pk for order in waves.waiting()] == [three.pk]


def test_nobody_gets_an_order_that_another_picks_until_they_leave_it(dropshipper: Any, staff: Any) -> None:
    one, two = world(dropshipper)
    other = cast.staff("Magazzino")
    mine = waves.start(by=staff.pk, order_ids=[one.pk])

    theirs = waves.start(by=other.pk, order_ids=[one.pk, two.pk])
    assert [order.pk for order in waves.held_orders(theirs)] == [two.pk]
    with pytest.raises(HeldBy):
        waves.give_back(mine.pk, by=other.pk)
    idle(mine)
    again = waves.start(by=other.pk, order_ids=[one.pk])

    mine.refresh_from_db()
    assert mine.state == "dropped"
    assert [order.pk for order in waves.held_orders(again)] == [one.pk]
    with pytest.raises(WaveOver):
        waves.scan(mine.pk, "MCI-1", by=staff.pk)


def test_a_wave_that_was_picked_to_the_end_is_not_given_back_by_itself(dropshipper: Any, staff: Any) -> None:
    (one,) = world(dropshipper, 1)
    wave = waves.start(by=staff.pk)
    waves.scan(wave.pk, "MCI-1", by=staff.pk, quantity=2)
    waves.scan(wave.pk, "MCI-2", by=staff.pk)
    idle(wave)

    with pytest.raises(NothingToPick):
        waves.start(by=cast.staff("Magazzino").pk)

    wave.refresh_from_db()
    assert wave.state == "picked"
    assert [order.pk for order in waves.held_orders(wave)] == [one.pk]


def test_what_was_picked_to_the_end_is_given_back_by_whoever_comes(dropshipper: Any, staff: Any) -> None:
    """Its goods lie on a trolley and nobody walks: who packs them need not wait half an hour for the one who picked."""
    (one,) = world(dropshipper, 1)
    other = cast.staff("Magazzino")
    wave = waves.start(by=staff.pk)
    waves.scan(wave.pk, "MCI-1", by=staff.pk, quantity=2)
    with pytest.raises(HeldBy):
        waves.give_back(wave.pk, by=other.pk)
    waves.scan(wave.pk, "MCI-2", by=staff.pk)

    waves.give_back(wave.pk, by=other.pk)
    waves.give_back(wave.pk, by=other.pk)

    wave.refresh_from_db()
    assert wave.state == "dropped"
    assert [order.pk for order in waves.waiting()] == [one.pk]


def test_who_goes_on_picking_keeps_the_wave_and_who_stops_for_half_an_hour_does_not(
    dropshipper: Any, staff: Any
) -> None:
    world(dropshipper, 1)
    other = cast.staff("Magazzino")
    wave = waves.start(by=staff.pk)
    for _piece in range(2):
        Wave.objects.update(touched_at=F("touched_at") - IDLE + dt.timedelta(minutes=1))
        waves.scan(wave.pk, "MCI-1", by=staff.pk)
    with pytest.raises(HeldBy):
        waves.give_back(wave.pk, by=other.pk)
    idle(wave)
    waves.give_back(wave.pk, by=other.pk)
    assert waves.waiting().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_waves_at_once_share_no_order(dropshipper: Any, staff: Any) -> None:
    world(dropshipper, 2)
    other = cast.staff("Magazzino")

    met = meet(lambda: waves.start(by=staff.pk, most=1), lambda: waves.start(by=other.pk, most=1))

    assert met.waited
    held = list(WaveOrder.objects.filter(held=True).values_list("order_id", flat=True))
    assert len(set(held)) == len(held) == 2


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_to_an_idle_wave_in_the_same_moment_keeps_it(dropshipper: Any, staff: Any) -> None:
    world(dropshipper, 1)
    wave, other = waves.start(by=staff.pk), cast.staff("Magazzino")
    idle(wave)

    met = meet(lambda: waves.scan(wave.pk, "MCI-1", by=staff.pk), lambda: waves.start(by=other.pk))

    assert met.waited
    assert isinstance(met.second, NothingToPick)
    wave.refresh_from_db()
    assert wave.state == "open"


def test_a_packed_or_cancelled_order_leaves_its_wave_and_the_last_one_ends_it(dropshipper: Any, staff: Any) -> None:
    one, two = world(dropshipper)
    wave = waves.start(by=staff.pk)

    parcels.mark_packed(one.pk, by=staff.pk)
    assert waves.remaining(waves.rows(wave)) == 3
    parcels.cancel(two.pk, by=staff.pk, staff=True)

    wave.refresh_from_db()
    assert (wave.state, wave.orders.filter(held=True).count()) == ("done", 0)
    assert wave.ended_at is not None


# ---- picking


def test_pieces_are_summed_by_shelf_in_the_order_of_the_walk(dropshipper: Any, staff: Any) -> None:
    world(dropshipper, 3)
    wave = waves.start(by=staff.pk)

    rows = waves.rows(wave)

    assert [(row.shelf, row.sku, row.wanted, row.orders) for row in rows] == [
        ("A-2", "MCI-2", 3, 3),
        ("A-10", "MCI-1", 6, 3),
    ]
    assert rows[1].others == ("B-1",)
    assert waves.remaining(rows) == 9


def test_a_shelf_counts_nothing_and_goods_are_counted_by_scan(dropshipper: Any, staff: Any) -> None:
    world(dropshipper)
    wave = waves.start(by=staff.pk)

    shelf = waves.scan(wave.pk, "b-1", by=staff.pk)
    first = waves.scan(wave.pk, "8001234567897", by=staff.pk)
    more = waves.scan(wave.pk, "mci-1", by=staff.pk, quantity=3)

    assert (shelf.row.sku, shelf.pieces, shelf.left) == ("MCI-1", 0, 6)
    assert (first.left, more.left) == (5, 2)
    with pytest.raises(TooManyItems):
        waves.scan(wave.pk, "mci-1", by=staff.pk)
    with pytest.raises(WrongShelf) as wrong:
        waves.scan(wave.pk, "A-10", by=staff.pk)
    assert "A-2" in str(wrong.value)
    waves.take(wave.pk, first.row.variant_id, by=staff.pk, quantity=-4)
    assert waves.remaining(waves.rows(wave)) == 6


def test_no_more_is_put_back_than_was_taken(dropshipper: Any, staff: Any) -> None:
    world(dropshipper)
    wave = waves.start(by=staff.pk)
    one = waves.scan(wave.pk, "MCI-1", by=staff.pk, quantity=2).row.variant_id

    for quantity in (-3, 3):
        with pytest.raises(TooManyItems):
            waves.take(wave.pk, one, by=staff.pk, quantity=quantity)
    assert waves.taken(waves.rows(wave)) == 2
    waves.take(wave.pk, one, by=staff.pk, quantity=-2)
    with pytest.raises(TooManyItems):
        waves.take(wave.pk, one, by=staff.pk, quantity=-1)
    assert waves.taken(waves.rows(wave)) == 0


def test_wrong_goods_stop_and_say_what_is_expected(dropshipper: Any, staff: Any) -> None:
    world(dropshipper)
    stage.variant("MCI-3")
    wave = waves.start(by=staff.pk)

    for text in ("MCI-3", "nonsense", ""):
        with pytest.raises(WrongItem) as wrong:
            waves.scan(wave.pk, text, by=staff.pk)
        assert "2 × MCI-2 (A-2)" in str(wrong.value)

    assert waves.taken(waves.rows(wave)) == 0


def test_the_same_page_sent_twice_counts_once(dropshipper: Any, staff: Any) -> None:
    world(dropshipper)
    wave = waves.start(by=staff.pk)

    waves.scan(wave.pk, "MCI-1", by=staff.pk, seen=0)
    with pytest.raises(ScannedBefore):
        waves.scan(wave.pk, "MCI-1", by=staff.pk, seen=0)

    assert waves.taken(waves.rows(wave)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_scans_at_once_are_both_counted(dropshipper: Any, staff: Any) -> None:
    world(dropshipper)
    wave = waves.start(by=staff.pk)

    met = meet(lambda: waves.scan(wave.pk, "MCI-1", by=staff.pk), lambda: waves.scan(wave.pk, "MCI-1", by=staff.pk))

    assert met.waited
    assert waves.taken(waves.rows(wave)) == 2


def test_only_who_walks_it_takes_pieces(dropshipper: Any, staff: Any) -> None:
    world(dropshipper)
    wave = waves.start(by=staff.pk)

    with pytest.raises(HeldBy):
        waves.scan(wave.pk, "MCI-1", by=cast.staff("Magazzino").pk)


def test_the_paper_says_what_remains_and_is_one_query_more_or_less(
    dropshipper: Any, staff: Any, django_assert_num_queries: Any
) -> None:
    world(dropshipper, 3)
    wave = waves.start(by=staff.pk)
    waves.scan(wave.pk, "MCI-2", by=staff.pk, quantity=2)

    with django_assert_num_queries(3):
        data = waves.paper(wave)

    said = text_of(data)
    assert all(words in said for words in (wave.number, "A-2", "A-10", "MCI-1"))
    assert len(pypdfium2.PdfDocument(data)) == 1


# ---- pages


def test_a_wave_is_walked_on_its_page(dropshipper: Any, staff: Any, client_for: Any) -> None:
    orders, client = world(dropshipper), client_for(staff)

    began = client.post(reverse("orders:wave_new"), {"most": "50", "courier": "", "cut_off": "", "hours": ""})
    wave = Wave.objects.get()
    page = client.get(began.url).content.decode()
    url = reverse("orders:wave_scan", args=[wave.pk])
    good = client.post(url, {"scan": "MCI-2", "quantity": "2", "seen": "0"}, follow=True).content.decode()
    bad = client.post(url, {"scan": "MCI-2", "seen": "2"}, follow=True).content.decode()
    row = {"variant": str(Variant.objects.get(sku="MCI-1").pk), "quantity": "4", "seen": "2"}
    last = client.post(url, row, follow=True).content.decode()

    assert began.url == reverse("orders:wave", args=[wave.pk])
    assert 'data-left="6"' in page
    assert 'data-said="ok"' in good
    assert 'data-left="4"' in good
    assert 'data-said="no"' in bad
    assert 'data-left="0"' in last
    assert client.get(reverse("orders:wave_list", args=[wave.pk]))["Content-Type"] == "application/pdf"
    assert orders[0].number in client.get(began.url).content.decode()
    client.post(reverse("orders:wave_back", args=[wave.pk]))
    assert "data-said" not in client.get(began.url).content.decode()
    assert waves.waiting().count() == 2


@pytest.mark.parametrize("typed", ["0", "abc", "-2", "1,5", "99999"])
def test_what_is_no_number_of_pieces_counts_nothing_on_either_desk(
    dropshipper: Any, staff: Any, client_for: Any, typed: str
) -> None:
    (order,) = world(dropshipper, 1)
    wave = waves.start(by=staff.pk)
    client = client_for(staff)
    sent = {"scan": "MCI-1", "quantity": typed}
    page = client.post(reverse("orders:wave_scan", args=[wave.pk]), sent, follow=True).content.decode()
    assert f"“{typed}” non è un numero di pezzi" in page
    packing.begin(order.pk, by=staff.pk)
    page = client.post(reverse("orders:bench_item", args=[order.pk]), sent, follow=True).content.decode()
    assert f"“{typed}” non è un numero di pezzi" in page
    assert all(not row.picked for row in waves.rows(wave))
    assert packing.count(packing.items(order, Packing.objects.get(order=order))) == 0


def test_marked_orders_and_a_cut_off_are_asked_for_on_the_page(dropshipper: Any, staff: Any, client_for: Any) -> None:
    _one, two = world(dropshipper)
    client = client_for(staff)

    client.post(reverse("orders:wave_new"), {"order": [str(two.pk)]})
    none = client.post(reverse("orders:wave_new"), {"most": "5", "hours": "700"}, follow=True)
    wrong = client.post(reverse("orders:wave_new"), {"most": "0", "cut_off": "nonsense"})
    unmarked = client.post(reverse("orders:wave_new"), {"marked": "1"}, follow=True)
    assert "Segna prima gli ordini da prelevare" in unmarked.content.decode()
    assert unmarked.redirect_chain == [(reverse("orders:desk"), 302)]

    assert list(WaveOrder.objects.values_list("order_id", flat=True)) == [two.pk]
    assert 'data-level="error"' in none.content.decode()
    assert wrong.status_code == 422
    assert Wave.objects.count() == 1


def test_a_piece_s_label_is_our_own_and_opens_its_order(dropshipper: Any) -> None:
    (one,) = world(dropshipper, 1)

    assert by_scan(f"{one.number}/2") == one
    with pytest.raises(tracking_numbers.OwnLabel):
        tracking_numbers.number(f"{one.number}/2")
