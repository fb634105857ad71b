"""A tracking number goes to a shop and its customer: what is none, and what is somebody else's, is refused before."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from orders.errors import BadTracking, OwnLabel, TrackingTaken
from orders.fulfilment import parcels as fulfilment
from orders.fulfilment import tracking_numbers, undo
from orders.models import Order
from shipping.models import Shipment
from shipping.parcels import numbers
from tests.meeting import meet
from tests.orders import lists, stage
from tests.orders.test_dispatch import sync


def parcels(dropshipper: Any) -> list[Order]:
    """Two orders of one person at one door, and one of somebody else."""
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "500.00")
    orders = [stage.order(dropshipper, ("MCI-1", 1), method=method) for _ in range(3)]
    Order.objects.filter(pk=orders[2].pk).update(name="Ugo Bianchi", street="Via Po 3")
    for order in orders:
        order.refresh_from_db()
        sync(order)
    return orders


@pytest.fixture
def sent(dropshipper: Any) -> list[Order]:
    return parcels(dropshipper)


def states() -> list[tuple[str, str]]:
    return list(Shipment.objects.order_by("pk").values_list("state", "tracking"))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1Z999AA10123456784", "1Z999AA10123456784"),
        (" 1z 999 aa1 ", "1z999aa1"),
        ("\ufeffTRK-1", "TRK-1"),
        ("TRK\u200b1\u00ad23", "TRK123"),
        ('"TRK333"', "TRK333"),
        ("\u00a0BRT\u00a0123", "BRT123"),
        ("ＴＲＫ１", "TRK1"),
        ("RR/123.456_7-IT", "RR/123.456_7-IT"),
        ("- TRK666.", "TRK666"),
        ("123456789012.0", "123456789012"),
        ("0123456789,00", "0123456789"),
    ],
)
def test_a_number_is_read_as_people_bring_it(typed: str, number: str) -> None:
    assert tracking_numbers.number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "\u200b",
        "\ufeff \u00ad",
        "spedito",
        "TRK111; Mario Rossi; Roma",
        "TRK111 Mario Rossi",
        "<script>alert(1)</script>",
        "https://courier.example/1",
        "5,1E+13",
        "5.1E13",
        "29/11/2026",
        "2026-11-29",
        "123456789012/123456789013",
        "1" * 61,
        "१२३",
    ],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(BadTracking):
        tracking_numbers.number(typed)


@pytest.mark.parametrize("typed", ["MCI-000293", "mci 000293", "MCI000293"])
def test_our_own_label_is_no_tracking_number(typed: str) -> None:
    with pytest.raises(OwnLabel):
        tracking_numbers.number(typed)


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("MCI-000001;TRK1", ("MCI-000001", "TRK1")),
        ("MCI-000001\u00a0TRK1", ("MCI-000001", "TRK1")),
        ('"MCI-000001","TRK1"', ("MCI-000001", "TRK1")),
        ("\ufeffMCI-000001\tTRK 1\t", ("MCI-000001", "TRK 1")),
        ("MCI-000001 - TRK1", ("MCI-000001", "TRK1")),
        ("MCI-000001: TRK1", ("MCI-000001", "TRK1")),
        ("MCI-000001 ; ; TRK1", ("MCI-000001", "TRK1")),
        ("MCI-000001;TRK1;Mario Rossi", ("MCI-000001", "TRK1; Mario Rossi")),
        ("MCI-000001", ("MCI-000001", "")),
        ("  ;;\u200b ", ("", "")),
    ],
)
def test_a_pasted_line_names_an_order_and_what_follows(line: str, pair: tuple[str, str]) -> None:
    assert tracking_numbers.pair(line) == pair


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["\u200b", "TRK1;Mario Rossi;Roma", "<b>1</b>", "MCI-000001"])
def test_what_is_no_number_ships_nothing_by_either_form(
    sent: list[Order], staff: Any, client_for: Any, typed: str
) -> None:
    client = client_for(staff)
    assert client.post(reverse("orders:ship", args=[sent[0].pk]), {"tracking": typed}).status_code == 422
    page, verdicts = lists.preview(client, f"{sent[0].number} {typed}")
    assert set(verdicts.values()) <= {"bad_number", "no_number"}
    assert b"checkbox" not in page.content
    assert states() == [("to_pick", "")] * 3


@pytest.mark.django_db
def test_a_number_goes_to_one_person(sent: list[Order], staff: Any, client_for: Any) -> None:
    """A number that was dragged down in a spreadsheet would tell one customer of another's parcel."""
    client = client_for(staff)
    page, verdicts = lists.preview(client, "\n".join(f"{one.number} TRK1" for one in sent))
    assert set(verdicts.values()) == {"number_twice"}
    # Two orders to one door may travel as one parcel.
    page, verdicts = lists.preview(client, "\n".join(f"{one.number} TRK1" for one in sent[:2]))
    assert set(verdicts.values()) == {"unpacked"}
    lists.send(client, page, 1, 2)
    assert states() == [("shipped", "TRK1"), ("shipped", "TRK1"), ("to_pick", "")]
    assert list(lists.preview(client, f"{sent[2].number} trk1")[1].values()) == ["taken"]
    with pytest.raises(TrackingTaken):
        fulfilment.mark_shipped(sent[2].pk, tracking_number="trk1", by=staff.pk, at_the_desk=True)
    client.post(reverse("orders:ship", args=[sent[2].pk]), {"tracking": "TRK2"})
    assert states()[2] == ("shipped", "TRK2")


@pytest.mark.django_db
def test_couriers_begin_anew_and_another_courier_counts_for_himself(
    dropshipper: Any, sent: list[Order], staff: Any
) -> None:
    fulfilment.mark_shipped(sent[0].pk, tracking_number="TRK1", by=staff.pk, at_the_desk=True)
    with pytest.raises(TrackingTaken):
        fulfilment.mark_shipped(sent[2].pk, tracking_number="TRK1", by=staff.pk, at_the_desk=True)
    other = stage.order(dropshipper, ("MCI-1", 1), method=stage.method("altro"))
    sync(other)
    Shipment.objects.filter(order=other).update(name="Ada Neri", street="Via Dora 9")
    fulfilment.mark_shipped(other.pk, tracking_number="TRK1", by=staff.pk, at_the_desk=True)
    shipped = Shipment.objects.get(order=sent[0])
    Shipment.objects.filter(pk=shipped.pk).update(shipped_at=shipped.shipped_at - numbers.REUSED_AFTER)
    fulfilment.mark_shipped(sent[2].pk, tracking_number="TRK1", by=staff.pk, at_the_desk=True)


@pytest.mark.django_db
def test_postgresql_holds_a_number_once_for_a_courier(sent: list[Order], staff: Any) -> None:
    fulfilment.mark_shipped(sent[0].pk, tracking_number="trk1", by=staff.pk, at_the_desk=True)
    shipment = Shipment.objects.select_related("method").get(order=sent[0])
    held = shipment.holds
    assert held == f"{shipment.method.courier_id}:TRK1"
    with pytest.raises(IntegrityError, match="holds"), transaction.atomic():
        Shipment.objects.filter(order=sent[2]).update(holds=held)


GUARDS = ["lock and database", "database alone", "none"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guards", GUARDS)
def test_of_two_desks_at_once_one_has_the_number(
    dropshipper: Any, staff: Any, monkeypatch: pytest.MonkeyPatch, guards: str
) -> None:
    """Without the lock neither sees the other, and the database's constraint says no; without both, which is the
    negative control, two people are told of one parcel."""
    orders = parcels(dropshipper)
    both, plain, got = threading.Barrier(2), numbers.others_with, []
    if guards != "lock and database":
        monkeypatch.setattr(numbers, "_one_by_one", lambda _number: None)
    if guards == "none":
        monkeypatch.setattr(numbers, "_key", lambda shipment, _number: str(shipment.pk))

    def when_both_look(*args: Any) -> Any:
        found = plain(*args)
        with contextlib.suppress(threading.BrokenBarrierError):  # the other waits for the lock
            both.wait(1)
        return found

    def ship(order: Order) -> None:
        try:
            fulfilment.mark_shipped(order.pk, tracking_number="TRK1", by=staff.pk, at_the_desk=True)
            got.append("shipped")
        except TrackingTaken:
            got.append("refused")
        finally:
            connection.close()

    monkeypatch.setattr(numbers, "others_with", when_both_look)
    threads = [threading.Thread(target=ship, args=[order]) for order in orders[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == (["shipped", "shipped"] if guards == "none" else ["refused", "shipped"])


@pytest.mark.django_db(transaction=True)
def test_two_parcels_to_one_door_get_one_number_though_two_desks_give_it_at_once(dropshipper: Any, staff: Any) -> None:
    """The second would be told that it is somebody else's, and his parcel stay here."""
    orders = parcels(dropshipper)[:2]
    number = {"tracking_number": "TRK1", "by": staff.pk, "at_the_desk": True}
    met = meet(*(lambda order=order: fulfilment.mark_shipped(order.pk, **number) for order in orders))
    assert met.waited, met
    assert [(state, tracking) for state, tracking in states()[:2]] == [("shipped", "TRK1")] * 2, met
    assert Shipment.objects.exclude(holds=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_parcel_that_did_not_leave_holds_no_number_that_another_gave_up(
    dropshipper: Any, staff: Any, locked: bool
) -> None:
    """Two parcels under one number: the one that holds it gets another, and the other is taken back. Held by one that
    has none, the number would be guarded for nobody."""
    one, other, _third = parcels(dropshipper)
    for order in (one, other):
        fulfilment.mark_shipped(order.pk, tracking_number="TRK1", by=staff.pk, at_the_desk=True)
    met = meet(
        lambda: undo.renumber(one.pk, "TRK2", reason="Letto male", by=staff.pk),
        lambda: undo.take_back(other.pk, "unshipped", reason="Rimasto qui", by=staff.pk),
    )
    assert met.waited, met
    held = dict(Shipment.objects.exclude(holds=None).values_list("order", "tracking"))
    assert (held == {one.pk: "TRK2"}) == locked, (met, held)


@pytest.mark.django_db
def test_of_a_long_list_all_or_none(sent: list[Order], staff: Any, client_for: Any) -> None:
    """What stood behind the 500th line was left out, and nobody was told."""
    lines = [f"MCI-9{n:05d} T{n}" for n in range(500)]
    answer = client_for(staff).post(reverse("orders:ship_many"), {"lines": "\n".join([*lines, f"{sent[0].number} T1"])})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "501" in page
    assert f"{sent[0].number} T1" in page  # it still stands in the field
    assert states() == [("to_pick", "")] * 3
