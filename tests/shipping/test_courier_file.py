"""The file that a courier's program reads: values as they are, nothing that a spreadsheet would want."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import pytest

from core.address import Address
from shipping.models import Courier, Shipment
from shipping.parcels import booking
from tests.shipping import prices

pytestmark = pytest.mark.django_db
LONG = {
    "name": "Associazione Amici dell’Università",
    "street": "Via Santa Maria del Suffragio e San Vincenzo 157 H",
    "street2": "terza casa",
    "postcode": "00184",
    "city": "Forlì",
    "province": "FC",
    "phone": "+393331110001",
    "email": "lucia@example.it",
    "note": "Citofono “Rossi” 🔔\tin fondo",
}


def book(seller: Any, number: int, **fields: Any) -> Shipment:
    given = {**LONG, **fields}
    note, collect = given.pop("note"), Decimal(given.pop("collect", "0"))
    method_id = given.pop("method_id")
    parcel = booking.Parcel(f"order:{number}", seller.pk, method_id, 1500, collect, Address(**given), note)
    return Shipment.objects.get(pk=booking.book([parcel], by=None)[parcel.reference])


def rows(client: Any, code: str, encoding: str = "ascii") -> list[dict[str, str]]:
    answer = client.get(f"/shipments/courier/{code}.csv")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode(encoding)
    assert not text.startswith("\ufeff")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


def test_a_telephone_and_a_postcode_arrive_as_they_are(dropshipper: Any, staff: Any, client_for: Any) -> None:
    method = prices.method()
    Courier.objects.update(street_limit=35, name_limit=70, note_limit=70, text_form="ascii")
    book(dropshipper, 12, method_id=method.pk, collect="1249.90")
    (row,) = rows(client_for(staff), method.courier.code)
    assert (row["phone"], row["postcode"], row["reference"]) == ("+393331110001", "00184", "MCI-000012")
    assert (row["address"], row["address2"]) == ("Via Santa Maria del Suffragio 157 H", "")
    assert row["note"] == 'e San Vincenzo - terza casa - Citofono "Rossi" in fondo'
    assert (row["name"], row["city"]) == ("Associazione Amici dell'Universita", "Forli")
    assert (row["cod_amount"], row["weight_kg"], row["parcels"]) == ("1249.90", "1.50", "1")


@pytest.mark.parametrize("text", ["=1+1", "-Rossi", "@home", "＋39", "'x"])
def test_no_apostrophe_is_put_before_anything(dropshipper: Any, staff: Any, client_for: Any, text: str) -> None:
    method = prices.method()
    book(dropshipper, 1, method_id=method.pk, name=text, phone="-")
    (row,) = rows(client_for(staff), method.courier.code, "utf-8")
    assert (row["name"], row["phone"], row["cod_amount"]) == (text, "", "")
    assert row["address2"] == "terza casa"  # nothing is known of this courier's fields


def test_only_what_waits_for_this_courier_and_only_for_staff(
    dropshipper: Any, owner: Any, staff: Any, client_for: Any
) -> None:
    method, other = prices.method(), prices.method("altro")
    book(dropshipper, 1, method_id=method.pk)
    book(dropshipper, 2, method_id=other.pk)
    Shipment.objects.filter(pk=book(dropshipper, 3, method_id=method.pk).pk).update(state="shipped")
    assert [row["reference"] for row in rows(client_for(staff), method.courier.code, "utf-8")] == ["MCI-000001"]
    assert client_for(owner).get(f"/shipments/courier/{method.courier.code}.csv").status_code in (302, 403, 404)
    assert client_for(staff).get("/shipments/courier/nessuno.csv").status_code == 404


def test_a_resellers_list_keeps_the_number_and_makes_formulas_plain(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = prices.method()
    book(dropshipper, 1, method_id=method.pk, name="＝cmd|' /C calc'!A0", company="\t=1+1", street=" +1 Via Roma")
    answer = client_for(owner).get("/shipments/export.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = list(csv.reader(text.splitlines(), delimiter=";"))[1:]
    assert "+393331110001" in row
    assert "00184" in row
    assert row[7].startswith("'＝cmd")
    assert row[8].startswith("'")
    assert row[9].startswith("' +1 Via")


def test_the_desk_offers_the_file_of_the_courier_that_is_shown(staff: Any, client_for: Any) -> None:
    method = prices.method()
    client = client_for(staff)
    link = f"/shipments/courier/{method.courier.code}.csv"
    assert link in client.get(f"/orders/desk/?courier={method.courier.code}").content.decode()
    assert link not in client.get("/orders/desk/").content.decode()
    assert link not in client.get(f"/orders/desk/?courier={method.courier.code}&state=delivered").content.decode()
    assert client.get("/orders/desk/?courier=a b/..").status_code == 200
