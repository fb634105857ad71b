"""A tracking number goes to a shop and its customer: what is none, and what is somebody else's, is refused before."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from core.errors import Refused
from orders import fulfilment, tracking_numbers
from orders.errors import BadTracking, OwnLabel, TrackingTaken
from orders.models import Order
from shipping import tracking
from shipping.models import Shipment
from tests.orders import stage
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
    assert client.post(reverse("orders:ship_many"), {"lines": f"{sent[0].number} {typed}"}).status_code == 422
    assert states() == [("to_pick", "")] * 3


@pytest.mark.django_db
def test_a_number_goes_to_one_person(sent: list[Order], staff: Any, client_for: Any) -> None:
    """A number that was dragged down in a spreadsheet would tell one customer of another's parcel."""
    client = client_for(staff)
    answer = client.post(reverse("orders:ship_many"), {"lines": "\n".join(f"{one.number} TRK1" for one in sent)})
    page = answer.content.decode()
    assert (answer.status_code, page.count("data-outcome")) == (422, 1)
    assert sent[1].number in page
    # Two orders to one door may travel as one parcel.
    assert states() == [("shipped", "TRK1"), ("shipped", "TRK1"), ("to_pick", "")]
    with pytest.raises(TrackingTaken):
        fulfilment.mark_shipped(sent[2].pk, tracking_number="trk1", by=staff.pk, at_the_desk=True)
    client.post(reverse("orders:ship", args=[sent[2].pk]), {"tracking": "TRK2"})
    assert states()[2] == ("shipped", "TRK2")


@pytest.mark.django_db
def test_couriers_begin_anew_and_cancelled_parcels_hold_no_number(sent: list[Order], staff: Any) -> None:
    fulfilment.mark_shipped(sent[0].pk, tracking_number="TRK1", by=staff.pk, at_the_desk=True)
    parcel = Shipment.objects.get(order=sent[2])
    with pytest.raises(Refused):
        tracking_numbers.must_be_free(parcel, "TRK1")
    shipped = Shipment.objects.get(order=sent[0])
    Shipment.objects.filter(pk=shipped.pk).update(shipped_at=shipped.shipped_at - tracking_numbers.REUSED_AFTER)
    tracking_numbers.must_be_free(parcel, "TRK1")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_of_two_desks_at_once_one_has_the_number(
    dropshipper: Any, staff: Any, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Without the lock, which is the negative control, neither sees the other."""
    orders = parcels(dropshipper)
    both, plain, got = threading.Barrier(2), tracking.move, []
    if not guarded:
        monkeypatch.setattr(tracking_numbers, "_one_by_one", lambda _tracking: None)

    def when_both_have_looked(*args: Any, **kwargs: Any) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):  # the other waits for the lock
            both.wait(1)
        plain(*args, **kwargs)

    def ship(order: Order) -> None:
        try:
            fulfilment.mark_shipped(order.pk, tracking_number="TRK1", by=staff.pk, at_the_desk=True)
            got.append("shipped")
        except TrackingTaken:
            got.append("refused")
        finally:
            connection.close()

    monkeypatch.setattr(tracking, "move", when_both_have_looked)
    threads = [threading.Thread(target=ship, args=[order]) for order in orders[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == (["refused", "shipped"] if guarded else ["shipped", "shipped"])


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
