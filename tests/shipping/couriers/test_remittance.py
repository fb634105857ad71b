"""The list of paid COD money: what was paid and not what was due, each row once, nothing read wrongly."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from demo.couriers.codfile import HEAD, Paid, as_csv, as_xlsx, rows
from shipping.couriers.errors import FileUnreadable
from shipping.couriers.remittance import Bucket, read_remittance

MARIA = Paid("660000001", "MCI-000012", Decimal("39.90"), Decimal("39.90"))
UGO = Paid("660000002", "MCI-000013", Decimal("1234.56"), Decimal("1234.56"), recipient="Verdi Ugo")


def test_every_row_with_its_money_number_reference_and_day() -> None:
    read = read_remittance("distinta.csv", as_csv(rows([MARIA, UGO])))
    assert [(row.number, row.reference, row.paid, row.due, row.bucket) for row in read.rows] == [
        ("660000001", "MCI-000012", Decimal("39.90"), Decimal("39.90"), Bucket.PAID),
        ("660000002", "MCI-000013", Decimal("1234.56"), Decimal("1234.56"), Bucket.PAID),
    ]
    assert read.rows[0].paid_on == dt.date(2026, 11, 24)
    assert read.rows[0].bank_reference == "0123456789012345"
    assert read.total == Decimal("1274.46")
    assert read.paid == Decimal("1274.46")
    assert read.adds_up
    assert read.columns.unused == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_whatever_encoding_it_was_saved_in(encoding: str) -> None:
    paid = Paid("1", "MCI-000012", Decimal(5), Decimal(5), "Niccolò")
    read = read_remittance("d.csv", as_csv(rows([paid]), encoding=encoding))
    assert read.rows[0].recipient == "Niccolò"
    assert read.rows[0].mode == "CONTANTI"


def test_a_workbook_says_the_same_as_the_csv_and_is_the_same_rows() -> None:
    text = read_remittance("d.csv", as_csv(rows([MARIA, UGO])))
    book = read_remittance("d.xlsx", as_xlsx(rows([MARIA, UGO])))
    assert [row.key for row in book.rows] == [row.key for row in text.rows]
    assert book.total == text.total


def test_numbers_of_a_workbook_that_are_no_text_keep_their_cents() -> None:
    found = [["660000001", "MCI-000012", "Rossi", Decimal("39.90"), Decimal("1039.9"), "C", "46350", ""]]
    [row] = read_remittance("d.xlsx", as_xlsx(found)).rows
    assert (row.paid, row.paid_on) == (Decimal("1039.90"), dt.date(2026, 11, 24))


def test_what_was_paid_goes_before_what_was_due() -> None:
    short = Paid("660000001", "MCI-000012", Decimal("39.90"), Decimal("30.00"))
    [row] = read_remittance("d.csv", as_csv(rows([short]))).rows
    assert (row.paid, row.due) == (Decimal("30.00"), Decimal("39.90"))


def test_a_row_that_is_due_and_not_paid_is_not_money() -> None:
    late = Paid("660000001", "MCI-000012", Decimal("39.90"), Decimal("0.00"))
    read = read_remittance("d.csv", as_csv(rows([late])))
    assert [row.bucket for row in read.rows] == [Bucket.NOT_YET]
    assert read.paid == 0


@pytest.mark.parametrize(
    ("status", "bucket"),
    [
        ("Pagato", Bucket.PAID),
        ("RIMESSA EFFETTUATA", Bucket.PAID),
        ("Non pagato", Bucket.NOT_YET),
        ("Da pagare", Bucket.NOT_YET),
        ("In lavorazione", Bucket.NOT_YET),
        ("Da rimettere", Bucket.NOT_YET),
    ],
)
def test_a_status_must_say_that_it_is_paid(status: str, bucket: Bucket) -> None:
    data = f"LDV;Importo;Stato\n660000001;39,90;{status}\n".encode()
    assert [row.bucket for row in read_remittance("d.csv", data).rows] == [bucket]


def test_a_correction_takes_money_back_and_counts_by_itself() -> None:
    back = Paid("660000001", "MCI-000012", Decimal("39.90"), Decimal("-39.90"))
    read = read_remittance("d.csv", as_csv(rows([MARIA, back])))
    assert [row.bucket for row in read.rows] == [Bucket.PAID, Bucket.CORRECTION]
    assert read.paid == 0
    assert read.adds_up


def test_the_same_row_again_is_the_same_row_in_this_file_and_in_the_next() -> None:
    twice = read_remittance("a.csv", as_csv(rows([MARIA, MARIA, UGO])))
    assert [row.bucket for row in twice.rows] == [Bucket.PAID, Bucket.REPEATED, Bucket.PAID]
    assert twice.paid == Decimal("1274.46")
    again = read_remittance("b.csv", as_csv(rows([UGO, MARIA]), encoding="latin-1"))
    assert {row.key for row in again.rows} == {row.key for row in twice.rows}


def test_a_total_that_does_not_add_up_is_seen() -> None:
    assert not read_remittance("d.csv", as_csv(rows([MARIA], total=Decimal("40.00")))).adds_up


@pytest.mark.parametrize("amount", ["1.234", "", "abc", "12,345", "NaN", "1e3", "=1+1"])
def test_an_amount_that_can_be_read_in_two_ways_or_in_none_is_left_to_a_person(amount: str) -> None:
    read = read_remittance("d.csv", f"LDV;Pagato\n660000001;{amount}\n660000002;5,00\n".encode())
    assert [row.bucket for row in read.rows] == [Bucket.UNREADABLE, Bucket.PAID]
    assert read.rows[0].text
    assert read.rows[0].paid == 0
    assert read.paid == Decimal("5.00")


def test_a_number_whose_digits_a_spreadsheet_has_lost_is_left_to_a_person() -> None:
    read = read_remittance("d.csv", b"LDV;Pagato\n8,05768E+12;5,00\n")
    assert [row.bucket for row in read.rows] == [Bucket.UNREADABLE]


def test_columns_are_found_by_our_document_number_alone_and_below_a_title() -> None:
    data = b"Distinta del 24/11/2026;;\n\nTipo;Importo;Cliente;Documento\nContanti;39,90;Rossi Maria;MCI-000012\n"
    [row] = read_remittance("d.csv", data).rows
    assert (row.reference, row.paid, row.recipient, row.mode) == (
        "MCI-000012",
        Decimal("39.90"),
        "Rossi Maria",
        "Contanti",
    )


def test_columns_that_staff_saved_go_before_the_guess() -> None:
    data = b"LDV;Pagato;Netto a Voi\n660000001;39,90;37,90\n"
    assert read_remittance("d.csv", data).rows[0].paid == Decimal("39.90")
    assert read_remittance("d.csv", data, {"paid": "netto a voi"}).rows[0].paid == Decimal("37.90")


@pytest.mark.parametrize(
    "data",
    [b"", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"Nome;Cognome\nMaria;Rossi\n", b"LDV;Nome\n1;Maria\n"],
)
def test_what_is_no_such_file_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_remittance("d.csv", data)
    assert str(caught.value)


def test_the_heading_of_the_demo_is_known() -> None:
    assert len(HEAD) == len(read_remittance("d.csv", as_csv(rows([MARIA]))).columns.columns)
