"""Any courier by file: what goes out, what comes back, and that a file read twice counts once."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from demo.couriers.codfile import as_xlsx
from shipping.couriers import courier
from shipping.couriers.base import Access, CodMode, Collo, State
from shipping.couriers.errors import CodOverCap, CourierSettings, FileUnreadable, NotForThisCourier
from tests.shipping.couriers.contracts import cod, parcel, to

MANUAL = courier("manual")
ACCESS = Access(cod_caps={"cash": Decimal("999.99")})


def exported(access: Access, *parcels, separator: str = ";", encoding: str = "utf-8") -> list[list[str]]:
    data = MANUAL.export(access, parcels)
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=separator))


def test_the_usual_file_has_a_heading_and_a_row_for_each_parcel() -> None:
    head, paid, free = exported(ACCESS, cod("1.50", note="dopo le 18"), parcel(recipient=to(postcode="00144")))
    assert len(head) == len(paid) == len(free)
    row = dict(zip(head, paid, strict=True))
    assert (row["cod_amount"], row["weight_kg"], row["note"], row["phone"]) == (
        "1.50",
        "1.3",
        "dopo le 18",
        "+393331112233",
    )
    row = dict(zip(head, free, strict=True))
    assert (row["cod_amount"], row["cod_mode"], row["postcode"]) == ("", "", "00144")


def test_columns_are_the_staffs_with_their_own_headings_and_fixed_texts() -> None:
    access = replace(
        ACCESS,
        contract={
            "export": [
                ["RAGIONE SOCIALE", "recipient"],
                ["CIVICO", "street_number"],
                ["PORTO", "=F"],
                ["COD", "cod_amount"],
            ],
            "decimals": "comma",
            "separator": "bar",
            "encoding": "windows-1252",
        },
    )
    asked = cod("890.50", recipient=to(name="Niccolò Rossi"))
    assert exported(access, asked, separator="|", encoding="cp1252") == [
        ["RAGIONE SOCIALE", "CIVICO", "PORTO", "COD"],
        ["Niccolò Rossi", "12/B", "F", "890,50"],
    ]


def test_cents_modes_and_days_have_their_columns() -> None:
    columns = [[name, name] for name in ("cod_cents", "cod_mode", "is_cod", "ship_on", "parcels", "weight_g")]
    access = replace(ACCESS, contract={"export": columns, "heading": "no", "cod_modes": {"bank_cheque": "AB"}})
    asked = cod("890.50", cod_mode=CodMode.BANK_CHEQUE, colli=(Collo(100), Collo(25)))
    assert exported(access, asked, parcel()) == [
        ["89050", "AB", "S", "30/11/2026", "2", "125"],
        ["", "", "N", "30/11/2026", "1", "1250"],
    ]


def test_a_column_that_is_none_is_said_before_a_file_is_made() -> None:
    with pytest.raises(CourierSettings) as caught:
        MANUAL.export(replace(ACCESS, contract={"export": [["X", "nonsense"]]}), [parcel()])
    assert "nonsense" in str(caught.value)


def test_nothing_of_a_parcel_breaks_the_row_of_another() -> None:
    asked = parcel(recipient=to(name='Ditta; "Rossi"\r\n& C.'), note="a\nb;c")
    assert len(exported(ACCESS, asked, parcel())) == 3


@pytest.mark.parametrize(("asked", "error"), [(cod("0.00"), NotForThisCourier), (cod("1000.00"), CodOverCap)])
def test_a_parcel_that_cannot_be_meant_makes_no_file(asked, error) -> None:
    with pytest.raises(error):
        MANUAL.export(ACCESS, [parcel(), asked])


def test_an_amount_of_another_kind_is_collected_under_its_own_cap() -> None:
    assert exported(ACCESS, cod("1000.00", cod_mode=CodMode.BANK_CHEQUE))


# ---- numbers


def test_numbers_come_back_by_our_reference() -> None:
    data = b"Rif. mittente;Lettera di vettura;Colli\nMCI-000012;1234 5678-90;2\nMCI-000013;ab1234567;1\n"
    read = MANUAL.read_numbers(ACCESS, "numeri.csv", data)
    assert [(row.reference, row.number, row.colli) for row in read.good] == [
        ("MCI-000012", "1234567890", 2),
        ("MCI-000013", "AB1234567", 1),
    ]
    assert read.columns.columns == {"reference": 0, "number": 1, "colli": 2}


def test_the_same_row_again_is_dropped_and_two_numbers_for_one_parcel_are_left_to_a_person() -> None:
    rows = ("MCI-000012,A1111", "MCI-000012,A1111", "MCI-000013,A2222", "mci-000013,A3333", "MCI-000014,A4444")
    data = "\n".join(["reference,tracking", *rows]).encode()
    read = MANUAL.read_numbers(ACCESS, "n.csv", data)
    assert [row.reference for row in read.good] == ["MCI-000012", "MCI-000014"]
    assert [row.number for row in read.rows if row.text] == ["A2222", "A3333"]


@pytest.mark.parametrize("number", ["", "1,23457E+19", "12", "è1234", "=1+1+1+1"])
def test_what_is_no_number_is_not_taken(number: str) -> None:
    data = f"Ordine;LDV\nMCI-000012;{number}\nMCI-000013;A2222\n".encode()
    read = MANUAL.read_numbers(ACCESS, "n.csv", data)
    assert [row.reference for row in read.good] == ["MCI-000013"]
    assert read.rows[0].text


def test_a_workbook_of_numbers_keeps_long_ones_that_are_text_and_refuses_those_whose_digits_are_gone() -> None:
    head = ("Ordine", "LDV")
    data = as_xlsx([["MCI-000012", "123456789012345678"], ["MCI-000013", Decimal("123456789012345678")]], head=head)
    read = MANUAL.read_numbers(ACCESS, "n.xlsx", data)
    assert [(row.reference, row.number) for row in read.good] == [("MCI-000012", "123456789012345678")]
    assert len(read.rows) == 2


def test_saved_columns_go_before_the_guess_and_unused_ones_are_named() -> None:
    data = b"Ordine;Spedizione;Codice interno\nMCI-000012;A1111;B2222\n"
    read = MANUAL.read_numbers(replace(ACCESS, columns={"number": "codice interno"}), "n.csv", data)
    assert [row.number for row in read.good] == ["B2222"]
    assert read.columns.unused == ["Spedizione"]


def test_a_file_without_its_columns_is_refused_and_says_which() -> None:
    with pytest.raises(FileUnreadable) as caught:
        MANUAL.read_numbers(ACCESS, "n.csv", b"Ordine;Peso\nMCI-000012;3\n")
    assert "number" in str(caught.value)


# ---- outcomes


def test_a_file_of_outcomes_read_twice_says_the_same_and_each_event_once() -> None:
    data = b"LDV;Data;Ora;Esito\nA1;24/11/2026;08:00;In consegna\nA1;24/11/2026;12:00;Consegnata\n"
    [once] = MANUAL.read_events(ACCESS, data)
    [twice] = MANUAL.read_events(ACCESS, data + data.partition(b"\n")[2])
    assert once == twice
    assert [event.state for event in once.events] == [State.OUT_FOR_DELIVERY, State.DELIVERED]
    assert once.events[1].at == dt.datetime(2026, 11, 24, 11, 0, tzinfo=dt.UTC)


def test_an_outcome_without_a_day_is_left_out() -> None:
    assert MANUAL.read_events(ACCESS, b"LDV;Data;Esito\nA1;ieri;Consegnata\n") == ()
