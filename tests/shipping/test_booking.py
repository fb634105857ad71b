"""shipping/parcels/booking.py: many parcels, one statement, one parcel per reference ever."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.address import Address
from shipping.models import Shipment, ShipmentEvent
from shipping.parcels.booking import Parcel, book
from tests.shipping import prices

pytestmark = pytest.mark.django_db
HOME = Address(
    name="Lucia D'Angelo",
    street="Via Roma 1",
    postcode="00144",
    city="Roma",
    province="RM",
    phone="+39333",
    email="a@b.it",
)


def parcel(number: int, dropshipper: Any, method: Any, collect: str = "0.00") -> Parcel:
    return Parcel(f"order:{number}", dropshipper.pk, method.pk, 800, Decimal(collect), HOME, note="Suonare due volte")


def test_many_parcels_are_one_statement_and_keep_the_address_as_it_was(dropshipper: Any, owner: Any) -> None:
    method = prices.method()
    with CaptureQueriesContext(connection) as queries:
        made = book([parcel(n, dropshipper, method, "39.90" if n % 2 else "0.00") for n in range(30)], by=owner.pk)
    assert len(queries) == 1
    assert len(made) == 30
    cod, prepaid = Shipment.objects.get(pk=made["order:1"]), Shipment.objects.get(pk=made["order:2"])
    assert (cod.state, cod.cash, cod.cod_amount, cod.address, cod.note) == (
        "to_pick", "booked", Decimal("39.90"), HOME, "Suonare due volte",
    )  # fmt: skip
    assert (prepaid.cash, prepaid.cod_amount) == ("", 0)
    assert set(cod.events.values_list("axis", "from_value", "to_value", "by")) == {
        ("state", "", "to_pick", owner.pk),
        ("cash", "", "booked", owner.pk),
    }
    assert prepaid.events.count() == 1


def test_nothing_to_book_is_nothing_asked() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert book([], by=None) == {}
    assert len(queries) == 0


def test_a_reference_is_booked_once_and_a_second_time_leaves_nothing(dropshipper: Any) -> None:
    method = prices.method()
    book([parcel(1, dropshipper, method)], by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        book([parcel(2, dropshipper, method), parcel(1, dropshipper, method)], by=None)
    assert Shipment.objects.count() == ShipmentEvent.objects.count() == 1


def test_cash_beyond_the_law_is_refused_by_the_database(dropshipper: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        book([parcel(1, dropshipper, prices.method(), "5000.00")], by=None)
    assert Shipment.objects.count() == 0
