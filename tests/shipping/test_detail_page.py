"""shipping:detail: the parcel's way, its cash, its recipient."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shipping.parcels import tracking
from tests.shipping.parcels import parcel

pytestmark = pytest.mark.django_db


def test_the_page_tells_the_way_of_the_parcel_and_of_its_cash(
    dropshipper: Any, owner: Any, staff: Any, client_for: Any
) -> None:
    shipment = parcel(dropshipper, cod="39.90", phone="+39333", note="Suonare due volte")
    tracking.move(shipment, "shipped", by=staff.pk, tracking="BRT1")
    tracking.move(shipment, "held", by=staff.pk, note="Destinatario assente <b>")
    client = client_for(owner)
    address = reverse("shipping:detail", args=[shipment.pk])

    held = client.get(address).content.decode()
    tracking.move(shipment, "delivered", by=staff.pk)
    tracking.move_cash(shipment, "collected", by=staff.pk)
    done = client.get(address).content.decode()

    assert "data-held" in held
    assert re.findall(r'data-event="([\w:]+)"', held) == ["state:held", "state:shipped"]
    assert "Destinatario assente &lt;b&gt;" in held
    assert str(staff.email) not in held
    assert 'data-cod="39.90"' in held
    assert "Suonare due volte" in held
    assert "data-held" not in done
    assert re.findall(r'data-event="([\w:]+)"', done)[:2] == ["cash:collected", "state:delivered"]


@pytest.mark.parametrize("cash", ["", "booked", "collected", "remitted", "reversed"])
def test_every_state_of_the_cash_has_its_page(dropshipper: Any, owner: Any, client_for: Any, cash: str) -> None:
    shipment = parcel(dropshipper, cod="39.90" if cash else "", cash=cash)
    page = client_for(owner).get(reverse("shipping:detail", args=[shipment.pk]))
    assert page.status_code == 200
    assert (b'data-cod="39.90"' in page.content) is bool(cash)


def test_the_page_asks_two_queries_of_the_room(dropshipper: Any, owner: Any, client_for: Any) -> None:
    shipment = parcel(dropshipper, cod="39.90")
    client = client_for(owner)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("shipping:detail", args=[shipment.pk]))
    assert len([query for query in queries if "shipping_" in query["sql"]]) == 2  # the parcel, its events
