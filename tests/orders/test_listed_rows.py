"""Every line of a pasted list of tracking numbers, whole: as typed, whose, which number, what becomes of it and why;
and what of it was then sent."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core import signing

from core.errors import AlreadyDone
from orders.dispatch import runs
from orders.errors import BadTracking, NotInPreview, OwnLabel, PackAgain
from orders.fulfilment import collect, number_lists
from orders.fulfilment import parcels as fulfilment
from orders.fulfilment.number_lists import Outcome, Row
from orders.models import Order
from shipping.errors import TrackingTaken, TrackingUnusual
from shipping.models import Courier, Shipment
from tests.orders import stage
from tests.orders.test_tracking_numbers import parcels, states

pytestmark = pytest.mark.django_db
L = number_lists


@pytest.fixture
def sent(dropshipper: Any, staff: Any) -> list[Order]:
    """Two orders to one door, the second one packed; the third, to another door, shipped as abc777; the fourth, COD,
    packed."""
    orders = parcels(dropshipper)
    who = replace(stage.ADDRESS, name="Piero Neri", street="Via Dora 5", phone="+393330000005")
    orders.append(stage.order(dropshipper, ("MCI-1", 1), method=orders[0].method, payment="cod", address=who))
    runs.dispatch_now(orders[3].pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    for order in (orders[1], orders[3]):
        fulfilment.mark_packed(order.pk, by=None)
    fulfilment.mark_shipped(orders[2].pk, tracking_number="abc777", by=staff.pk, at_the_desk=True)
    Courier.objects.update(tracking_shapes="999,AAA999")
    return list(Order.objects.select_related("shipment__method__courier").order_by("pk"))


def test_each_line_is_judged_whole(sent: list[Order], dropshipper: Any) -> None:
    a, b, c, d = sent
    assert c.shipment is not None
    left = fulfilment.shipped_under(c.shipment)
    several = "Oltre all’ordine"
    several_numbers = "Nell’elenco compare con più numeri."
    lines: list[tuple[str, list[Row]]] = [
        (f"x\n{a.number}  123", [Row(2, f"{a.number} 123", a, "123", L.UNPACKED, "Nessuno lo ha segnato imballato.")]),
        (f"{b.number} 1 2 3", [Row(1, f"{b.number} 1 2 3", b, "123", L.READY)]),
        (f"{b.number}", [Row(1, b.number, b, "", L.NO_NUMBER)]),
        (
            f"{b.number} 12",
            [
                Row(
                    1,
                    f"{b.number} 12",
                    b,
                    "12",
                    L.UNUSUAL,
                    str(TrackingUnusual(tracking="12", courier="Corriere Veloce", usual="123, ABC456")),
                )
            ],
        ),
        (f"{b.number} qui", [Row(1, f"{b.number} qui", b, "qui", L.BAD_NUMBER, str(BadTracking(text="qui")))]),
        (f"{b.number} MCI-5", [Row(1, f"{b.number} MCI-5", b, "MCI-5", L.BAD_NUMBER, str(OwnLabel(number="MCI-5")))]),
        (
            f"{b.number} 123\n{b.number} 1 2 3\n{b.number}",
            [
                Row(1, f"{b.number} 123", b, "123", L.READY),
                Row(2, f"{b.number} 1 2 3", b, "1 2 3", L.REPEATED),
                Row(3, b.number, b, "", L.NO_NUMBER),
            ],
        ),
        (
            f"{b.number} 123\n{b.number} 124\n{b.number}\n{b.number}",
            [
                Row(1, f"{b.number} 123", b, "123", L.TWICE, several_numbers),
                Row(2, f"{b.number} 124", b, "124", L.TWICE, several_numbers),
                Row(3, b.number, b, "", L.NO_NUMBER),
                Row(4, b.number, b, "", L.REPEATED),
            ],
        ),
        (
            f"{a.number} abc123\n{b.number} ABC 123",
            [
                Row(1, f"{a.number} abc123", a, "abc123", L.UNPACKED, "Nessuno lo ha segnato imballato."),
                Row(2, f"{b.number} ABC 123", b, "ABC123", L.READY),
            ],
        ),
        (
            f"{a.number} abc123\n{d.number} ABC 123\n{b.number} abc123",
            [
                Row(
                    1,
                    f"{a.number} abc123",
                    a,
                    "abc123",
                    L.SAME_NUMBER,
                    f"Anche per {d.number}, {b.number}, che va a un’altra persona.",
                ),
                Row(
                    2,
                    f"{d.number} ABC 123",
                    d,
                    "ABC 123",
                    L.SAME_NUMBER,
                    f"Anche per {a.number}, {b.number}, che va a un’altra persona.",
                ),
                Row(
                    3,
                    f"{b.number} abc123",
                    b,
                    "abc123",
                    L.SAME_NUMBER,
                    f"Anche per {a.number}, {d.number}, che va a un’altra persona.",
                ),
            ],
        ),
        (
            f"{b.number} ABC777",
            [
                Row(
                    1,
                    f"{b.number} ABC777",
                    b,
                    "ABC777",
                    L.TAKEN,
                    str(TrackingTaken(tracking="ABC777", number=c.number)),
                )
            ],
        ),
        (f"{c.number} ABC777", [Row(1, f"{c.number} ABC777", c, "ABC777", L.ALREADY, str(AlreadyDone(**left.params)))]),
        (f"{c.number} 778", [Row(1, f"{c.number} 778", c, "778", L.OTHER, str(left))]),
        (
            "MCI-999999 123\nRossi;124",
            [Row(1, "MCI-999999 123", None, "123", L.UNKNOWN), Row(2, "Rossi 124", None, "124", L.UNKNOWN)],
        ),
        ("abc777 123", [Row(1, "abc777 123", c, "123", L.OTHER, str(left))]),  # by the number under which it left
    ]
    before = states()
    for text, rows in lines:
        assert number_lists.preview(text)[-len(rows) :] == rows, text
    [told] = number_lists.preview(f"{b.number};12345678;12345679")
    cells = "12345678; 12345679"
    assert replace(told, why="") == Row(1, f"{b.number} {cells}", b, cells, L.BAD_NUMBER)
    assert told.why.startswith(several)
    assert left.params["tracking"] == "abc777"
    assert states() == before

    assert d.to_collect is not None
    collect.lower(d.pk, d.to_collect - Decimal("0.07"), by=None)
    d.refresh_from_db()
    [again] = number_lists.preview(f"{d.number} 123")
    assert again == Row(1, f"{d.number} 123", d, "123", L.GONE, str(PackAgain()))
    fulfilment.cancel(a.pk, by=None, staff=True)
    draft = stage.order(dropshipper, ("MCI-1", 1))
    for order, state in ((a, "Annullato"), (draft, "Pronto")):
        [gone] = number_lists.preview(f"{order.number} 123")
        assert gone == Row(1, f"{order.number} 123", order, "123", L.GONE, state)
    # What has no parcel goes to nobody's door: its number is not this one's, nor another such order's.
    second = stage.order(dropshipper, ("MCI-1", 1))
    two = number_lists.preview(f"{draft.number} 123\n{second.number} 123")
    assert [row.verdict for row in two] == [L.SAME_NUMBER] * 2
    assert [row.verdict for row in number_lists.preview(f"{draft.number} 123\n{b.number} 123")] == [L.SAME_NUMBER] * 2


def test_what_is_confirmed_goes_along_signed_for_an_hour(
    sent: list[Order], staff: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, c, d = sent
    rows = number_lists.preview(f"{a.number} 123\n\n{b.number} 12\n{c.number} 778\n{d.number} 124\nMCI-999999 125")
    assert [(row.line, row.verdict.may, row.verdict.ticked) for row in rows] == [
        *((1, True, False), (3, True, False), (4, False, False), (5, True, True), (6, False, False))
    ]
    carried = number_lists.sealed(rows)
    assert signing.loads(carried, salt="orders.number_lists") == [
        [1, a.pk, "123", "to_pick", ""],
        [3, b.pk, "12", "packed", ""],
        [5, d.pk, "124", "packed", "39.90"],
    ]
    fulfilment.cancel(b.pk, by=None, staff=True)
    before, now = states(), signing.time.time()
    with monkeypatch.context() as later:
        later.setattr(signing.time, "time", lambda: now + 3601)
        with pytest.raises(NotInPreview):
            number_lists.send(carried, ["1", "5"], by=staff.pk)
    with pytest.raises(NotInPreview):
        number_lists.send(signing.dumps([[1, a.pk, "123", "to_pick", ""]], salt="another page"), ["1"], by=staff.pk)
    assert states() == before
    number_lists.send(carried, [], by=staff.pk)
    assert states() == before

    with monkeypatch.context() as later:
        later.setattr(signing.time, "time", lambda: now + 3598)
        [one, gone] = number_lists.send(carried, ["1", "3", "4"], by=staff.pk)
    assert one == Outcome(a.number, a.pk, "123")
    assert (gone.number, gone.order, gone.tracking, gone.again, one.typed) == (
        b.number,
        b.pk,
        "12",
        False,
        f"{a.number} 123",
    )
    assert gone.error
    assert states() == [("shipped", "123"), ("cancelled", ""), ("shipped", "abc777"), ("packed", "")]
    shipped = a.events.get(code="shipped")
    assert (shipped.by, shipped.params) == (staff, {"tracking": "123"})
    [twice] = number_lists.send(carried, ["1"], by=None)
    assert twice == Outcome(a.number, a.pk, "123", twice.error, again=True)
    assert "staff" in twice.error.casefold() or str(staff) in twice.error
    assert Shipment.objects.filter(state="shipped").count() == 2
    unusual = number_lists.preview(f"{d.number} 7")
    assert unusual[0].verdict == L.UNUSUAL
    assert number_lists.send(number_lists.sealed(unusual), ["1"], by=staff.pk) == [Outcome(d.number, d.pk, "7")]
    assert states()[3] == ("shipped", "7")


def test_what_the_courier_collects_is_what_was_shown(sent: list[Order], staff: Any) -> None:
    d = sent[3]
    carried = number_lists.sealed(number_lists.preview(f"{d.number} 124"))
    assert d.to_collect is not None
    collect.lower(d.pk, d.to_collect - 1, by=None)
    [told] = number_lists.send(carried, ["1"], by=staff.pk)
    assert (told.again, bool(told.error), states()[3]) == (False, True, ("to_pick", ""))
