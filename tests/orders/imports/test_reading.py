"""Files of orders are read as marketplaces mean them: no order is lost, doubled, guessed or made of what is none."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.imports import grid, reading
from orders.imports.errors import (
    FileEmpty,
    FileRefused,
    FileTooLarge,
    FileUnreadable,
    MappingIncomplete,
    NoRecipients,
    OldWorkbook,
    WrongReport,
)
from orders.imports.shape import Found, Reading
from orders.imports.words import sentence
from tests.orders.imports.files import amazon, row, template, workbook

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"


def case(name: str) -> Reading:
    found = next(CASES.glob(f"{name}*"), None) if CASES.is_dir() else None
    if found is None:
        pytest.skip("the folder of the field's cases is not here")
    return reading.read(found.read_bytes())


def codes(order: Found) -> set[str]:
    return {issue.code for issue in order.issues}


def goods(order: Found) -> list[tuple[str, int]]:
    return [(piece.sku, piece.quantity) for piece in order.pieces]


# ---- the field's cases


def test_a_lone_quote_swallows_no_row() -> None:
    assert len(case("csv-01").orders) == 3


def test_windows_letters_are_right_on_the_label() -> None:
    first, second = case("csv-02").orders
    assert (first.fields["name"], first.fields["city"]) == ("Nicolò D'Esempio", "Forlì")
    assert second.fields["name"] == "Jürgen Müßig"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("1", 1), ("999", 999), ("1000", 1000), ("9999", 9999), ("10000", None), ("-1", None), ("1,5", None), ("x", None)],
)
def test_as_many_pieces_as_an_order_takes_are_read_and_no_more(text: str, pieces: int | None) -> None:
    """What is none is one piece and asks to be looked at: it is never sent so."""
    (order,) = reading.read(amazon(row(1, quantity_to_ship=text))).orders
    assert (goods(order), "quantity" in codes(order)) == ([("MCI-0001", pieces or 1)], pieces is None)


def test_rows_of_one_order_are_one_order_and_twins_are_two_pieces() -> None:
    first, _second = case("csv-03").orders
    assert goods(first) == [("MCI-0001", 1), ("MCI-0001", 1), ("MCI-0002", 2)]
    assert len({piece.item_id for piece in first.pieces}) == 3
    assert not first.issues


def test_who_asked_to_cancel_is_held_and_what_left_already_is_not_sent_again() -> None:
    asked, part, gone = case("csv-04").orders
    assert codes(asked) == {"cancel_asked"}
    assert goods(part) == [("MCI-0002", 1)]
    assert gone.left == "shipped"


def test_numbers_that_a_spreadsheet_shortened_are_refused_and_never_filled_up() -> None:
    first, second = case("csv-07").orders
    assert {(issue.code, issue.column) for issue in first.issues} == {
        ("damaged", "item_id"),
        ("damaged", "ean"),
        ("damaged", "phone"),
    }
    assert first.fields["phone"] == ""
    assert first.fields["postcode"] == "184"  # what was lost is proposed later, by the table of places
    assert goods(second) == [("", 2)]


def test_the_street_is_found_in_the_line_where_it_stands() -> None:
    firm, second, locker = case("csv-08").orders
    assert (firm.fields["company"], firm.fields["street"]) == ("Officina Prova S.n.c.", "Via delle Industrie 12")
    assert firm.fields["note"] == "PO 2026/77."
    assert second.fields["street"] == "Viale Europa 14"
    assert locker.fields["street2"] == "Locker Prova c/o Supermercato"


def test_an_ebay_sum_is_no_article() -> None:
    first, unmatched, unpaid = case("csv-09").orders
    assert goods(first) == [("MCI-0001", 1), ("MCI-0002", 2)]
    assert first.fields["sale_total"] == "120.80"
    assert codes(unmatched) == {"no_sku"}
    assert codes(unpaid) == {"unpaid", "number_missing"}


def test_local_amounts_and_dates_are_read_and_the_ambiguous_is_refused() -> None:
    first, second = case("csv-10").orders
    assert (first.fields["sale_total"], first.pieces[0].total) == ("1240.50", "1234.50")
    assert [order.fields["placed_at"][:10] for order in (first, second)] == ["2026-11-05", "2026-11-06"]
    assert {"ambiguous", "unpaid"} <= codes(second)
    assert second.fields["sale_total"] == ""


# ---- our own


def test_the_same_line_twice_counts_once_and_says_so() -> None:
    (order,) = reading.read(amazon(row(1), row(1))).orders
    assert goods(order) == [("MCI-0001", 1)]
    assert codes(order) == {"row_twice"}


@pytest.mark.parametrize(
    ("head", "take"),
    [
        ("amazon-order-id\torder-status\tfulfillment-channel\tsku", "Ordini non spediti"),
        ("amazon-order-id\tshipment-item-id\tsku\tquantity", "Ordini non spediti"),
        ("Sale Date,Order ID,Full Name,Number of Items,Street 1", "Order Items (EtsySoldOrderItems)"),
        ("Type,Order number,Payout ID,Net amount", "Report sugli ordini"),
        ("ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name", "CSV (order_number, sku, …)"),
    ],
)
def test_a_wrong_report_is_named_together_with_the_one_to_take(head: str, take: str) -> None:
    with pytest.raises(WrongReport) as refused:
        reading.read(f"{head}\n1\t2\t3\t4,5,6,7\n".encode())
    assert take in str(refused.value)


def test_a_report_without_anybodys_data_is_refused_whole() -> None:
    bare = row(1, recipient_name="", ship_address_1="", ship_city="")
    with pytest.raises(NoRecipients):
        reading.read(amazon(bare))


def test_masked_data_is_an_error_and_is_not_kept() -> None:
    (order,) = reading.read(amazon(row(1, recipient_name="S*******"))).orders
    assert ("masked", "name") in {(issue.code, issue.column) for issue in order.issues}
    assert order.fields["name"] == ""


def test_a_tax_code_is_nowhere_in_what_is_read() -> None:
    table = reading.table_of(amazon(row(1, cpf="PRVLCU80A41L219X")))
    assert "cpf" not in table.head
    assert "PRVLCU80A41L219X" not in repr(table)


def test_a_missing_cancel_column_is_said_once_for_the_file() -> None:
    assert reading.read(amazon(row(1))).remarks == ()
    assert reading.read(amazon(row(1), without=("is-buyer-requested-cancellation",))).remarks == ("no_cancel_column",)


def test_what_the_marketplace_ships_itself_is_left_out_with_a_word() -> None:
    data = amazon(row(1), row(2)).decode().replace("\tcpf", "\tfulfillment-channel")
    lines = data.splitlines()
    lines[2] += "AFN"
    first, second = reading.read("\n".join(lines).encode()).orders
    assert (first.left, second.left) == ("", "sent_by_marketplace")


def test_broken_letters_are_an_error_and_never_reach_a_label() -> None:
    (order,) = reading.read(amazon(row(1, ship_city="ForlÃ¬"))).orders
    assert codes(order) == {"signs"}


def test_the_purchase_order_is_cut_off_the_name_and_told_as_a_note() -> None:
    (order,) = reading.read(amazon(row(1, recipient_name="Lucia Provetti 77", purchase_order_number="77"))).orders
    assert (order.fields["name"], order.fields["note"]) == ("Lucia Provetti", "PO 77.")


def test_our_template_takes_cash_on_delivery_and_several_articles() -> None:
    orders = reading.read(
        template(
            "A1;Anna Campione;Via Appia 7;00184;Roma;RM;3331110004;MCI-0001;1;146,70",
            ";;;;;;;MCI-0002;2;",
            "A2;Ugo Modello;Via Lazio 9;00187;Roma;RM;3331110005;MCI-0002;1;",
            "A3;Ugo Modello;Via Lazio 9;00187;Roma;RM;3331110005;MCI-0002;1;1.234",
        )
    ).orders
    first, second, third = orders
    assert goods(first) == [("MCI-0001", 1), ("MCI-0002", 2)]
    assert (first.fields["payment"], first.fields["to_collect"]) == ("cod", "146.70")
    assert (second.fields["payment"], second.fields["to_collect"]) == ("prepaid", "")
    assert codes(third) == {"ambiguous"}


def test_two_orders_of_one_number_at_two_marketplaces_stay_two() -> None:
    head = "Marketplace;Numero ordine;Destinatario;Indirizzo e civico;CAP;Città;SKU;Quantità"
    found = reading.read(
        template("eBay;7;Anna;Via Appia 7;00184;Roma;A;1", "Vinted;7;Ugo;Via Lazio 9;00187;Roma;A;1", head=head)
    )
    assert [order.fields["marketplace"] for order in found.orders] == ["eBay", "Vinted"]


@pytest.mark.parametrize("word", ["NaN", "sì", "inf", "0x10", "€ tanti"])
def test_an_amount_to_collect_that_is_none_is_asked_and_never_prepaid_in_silence(word: str) -> None:
    head = "Numero ordine;Destinatario;Indirizzo e civico;CAP;Città;SKU;Quantità;Contrassegno"
    (order,) = reading.read(template(f"7;Anna;Via Appia 7;00184;Roma;A;1;{word}", head=head)).orders
    assert codes(order) == {"amount"}


@pytest.mark.parametrize("word", ["", "-", "--", "€", "no", "N/A"])
def test_a_cell_that_says_nothing_is_no_amount(word: str) -> None:
    head = "Numero ordine;Destinatario;Indirizzo e civico;CAP;Città;SKU;Quantità;Contrassegno"
    (order,) = reading.read(template(f"7;Anna;Via Appia 7;00184;Roma;A;1;{word}", head=head)).orders
    assert (order.fields["payment"], codes(order)) == ("prepaid", set())


@pytest.mark.parametrize("word", ["boh", "senza contrassegno", "non in contrassegno"])
def test_a_payment_that_nobody_can_read_is_asked_and_no_cash(word: str) -> None:
    head = "Numero ordine;Destinatario;Indirizzo e civico;CAP;Città;SKU;Quantità;Pagamento"
    (order,) = reading.read(template(f"7;Anna;Via Appia 7;00184;Roma;A;1;{word}", head=head)).orders
    assert order.fields["payment"] == "prepaid"
    assert codes(order) == {"payment"}


def test_a_file_of_ones_own_is_guessed_and_waits_for_a_person() -> None:
    data = "Rif. ordine;Nominativo;Via;Civico;C.A.P.;Località;Cellulare;Cod. articolo;Q.tà;Codice fiscale\n".encode()
    data += b"9;Anna Campione;Via Appia;7;00184;Roma;3331110004;MCI-0001;2;CMPNNA80A41H501X\n"
    asked = reading.read(data)
    assert (asked.report, asked.orders) == ("", ())
    assert "CMPNNA80A41H501X" not in repr(asked)
    (order,) = reading.read(data, mapping=asked.guess, marketplace="Subito").orders
    assert order.fields["street"] == "Via Appia 7"
    assert (order.fields["marketplace"], goods(order)) == ("Subito", [("MCI-0001", 2)])
    with pytest.raises(MappingIncomplete):
        reading.read(data, mapping={"Nominativo": "name"})


def test_tiktok_describes_its_columns_in_a_row_that_is_no_order() -> None:
    head = "Order ID,Order Status,SKU ID,Seller SKU,Product Name,Quantity,Paid Time,Recipient,Phone #,City,Zipcode,"
    head += "Address Line 1"
    said = "Platform unique order ID.,Status,Id,Sku,Name,Number,Time,Name,Phone,City,Zip,Address"
    real = '"576000000000000001\t",To ship,"17290\t",MCI-0001,Trapano,1,25/06/2026 13:03:57,Anna,(+39)3331110004,'
    real += "Roma,00184,Via Appia 7"
    (order,) = reading.read("\n".join([head, said, real]).encode()).orders
    assert (order.fields["number"], order.pieces[0].item_id) == ("576000000000000001", "17290")


def test_temu_renames_its_columns_and_is_known_all_the_same() -> None:
    head = (
        "order id,order status,Order item ID,order item status,product name,contribution sku,quantity to ship,"
        "recipient name,ship address 1,ship city,ship postal code (Must be shipped to the following zip code.),"
        "ship country "
    )
    (order,) = reading.read(
        f"{head}\nPO-1,Unshipped,PO-1-1,Unshipped,Lampada,MCI-0004,1,Anna,Via Appia 7,Roma,00184,Italy".encode()
    ).orders
    assert (order.fields["postcode"], goods(order)) == ("00184", [("MCI-0004", 1)])


def test_shopify_says_the_order_on_its_first_row_alone() -> None:
    head = (
        "Name,Email,Financial Status,Fulfillment Status,Total,Lineitem quantity,Lineitem name,Lineitem sku,"
        "Shipping Name,Shipping Address1,Shipping City,Shipping Zip,Cancelled at"
    )
    rows = [
        "#1001,a@example.com,paid,unfulfilled,113.90,1,Trapano,MCI-0001,Anna,Via Appia 7,Roma,'00184,",
        "#1001,a@example.com,,,,1,Punte,MCI-0002,,,,,",
        "#1002,b@example.com,pending,unfulfilled,24.90,1,Punte,MCI-0002,Ugo,Via Lazio 9,Roma,'00187,",
        "#1003,b@example.com,paid,unfulfilled,24.90,1,Punte,MCI-0002,Ugo,Via Lazio 9,Roma,'00187,2026-11-24",
    ]
    first, pending, cancelled = reading.read("\n".join([head, *rows]).encode()).orders
    assert (first.fields["postcode"], goods(first)) == ("00184", [("MCI-0001", 1), ("MCI-0002", 1)])
    assert codes(pending) == {"unpaid"}
    assert cancelled.left == "cancelled"


# ---- workbooks

calamine = pytest.mark.skipif(
    not __import__("importlib").util.find_spec("python_calamine"), reason="python-calamine is not installed"
)


@calamine
def test_a_workbook_is_read_and_an_id_that_it_rounded_is_refused() -> None:
    head = ["Numero ordine", "Destinatario", "Indirizzo e civico", "CAP", "Città", "SKU", "Quantità"]
    data = workbook([head, [576000000000000123, "Anna", "Via Appia 7", "00184", "Roma", "MCI-0001", 2.0]])
    (order,) = reading.read(data).orders
    assert codes(order) == {"damaged"}
    assert order.fields["number"] == ""
    assert goods(order) == [("MCI-0001", 2)]


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (grid.MOST_UNPACKED + 1))
    assert len(out.getvalue()) < 1_000_000
    with pytest.raises(FileTooLarge):
        reading.read(out.getvalue())


@calamine
@pytest.mark.parametrize(
    ("far", "error"),
    [
        ('<row r="60000"><c r="XFD60000"><v>1</v></c></row>', FileTooLarge),
        ('<row r="2"><c r="B2"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>', FileTooLarge),
        ('<x:row xmlns:x="urn:x"><x:c r="AAA3"><x:v>1</x:v></x:c></x:row>', FileTooLarge),
        ('<!-- <c x=" --><row><c r="XFD9"><v>1</v></c></row><!-- "/> -->', FileTooLarge),
        (f"<row>{'<c><v>1</v></c>' * (grid.MOST_COLUMNS + 1)}</row>", FileTooLarge),
        (f"<row>{'<c/>' * grid.MOST_COLUMNS}<c><v>1</v></c></row>", FileTooLarge),
        ("<row><c><v>1</v></c></row>" * (grid.MOST_ROWS + 1001), FileTooLarge),
        ('<row><c r="B2:XFD9"><v>1</v></c></row>', FileTooLarge),
        ('<row><c r="B2"><v>1</v></row>', FileUnreadable),
        # A colour down to the last line is no content.
        ('<row r="1048576"><c r="XFD1048576" s="1"/></row><row r="1"><c r="A1"><v>1</v></c></row>', FileEmpty),
    ],
)
def test_a_cell_in_a_far_corner_never_makes_room_for_all_cells_before_it(far: str, error: type[FileRefused]) -> None:
    data = workbook([], more=far)
    assert len(data) < 20_000
    with pytest.raises(error):
        reading.read(data)


@pytest.mark.parametrize("name", ["xl/workbook.bin", "content.xml", "XL\\Workbook.bin"])
def test_a_workbook_of_two_kinds_is_not_read_as_the_one_that_is_not_measured(name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("xl/workbook.xml", "<broken")
        book.writestr(name, "<office:document/>")
    with pytest.raises(FileUnreadable):
        reading.read(out.getvalue())


def test_a_table_of_ten_thousand_columns_is_refused_and_empty_ones_are_not() -> None:
    head = "Numero ordine;Destinatario;Indirizzo e civico;CAP;Città;SKU;Quantità"
    cells = "7;Anna;Via Appia 7;00184;Roma;A;1"
    (order,) = reading.read(template(cells + ";" * 9_000, head=head + ";" * 9_000)).orders
    assert order.fields["name"] == "Anna"
    for wide in (template(cells + ";x" * 9_000, head=head), template(cells, head=head + ";x" * 9_000)):
        with pytest.raises(FileTooLarge):
            reading.read(wide)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", FileEmpty),
        (b"\r\n\r\n", FileEmpty),
        (b"PK\x03\x04nonsense", FileUnreadable),
        (b"\xd0\xcf\x11\xe0old", OldWorkbook),
        (b"x" * (grid.MOST_BYTES + 1), FileTooLarge),
        (amazon(), FileEmpty),
        (amazon(*[row(1)] * (grid.MOST_ROWS + 1)), FileTooLarge),
    ],
)
def test_what_is_no_table_of_orders_is_refused_with_its_reason(data: bytes, error: type[FileRefused]) -> None:
    with pytest.raises(error):
        reading.read(data)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(alphabet='";,\t\n\r€à*0123456789ABC', max_size=300).map(str.encode)))
def test_no_bytes_break_the_reader(tail: bytes) -> None:
    for begin in (b"", amazon(row(1)), template("A;B"), b"PK\x03\x04", b"\xff\xfe"):
        try:
            found = reading.read(begin + tail)
        except FileRefused:
            continue
        for order in found.orders:
            assert all(sentence(issue.code, issue.params) for issue in order.issues)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), max_size=12),
        min_size=6,
        max_size=6,
    )
)
def test_whatever_stands_in_the_cells_both_orders_are_there(cells: list[str]) -> None:
    names = (
        "product_name",
        "recipient_name",
        "ship_address_2",
        "ship_city",
        "quantity_purchased",
        "buyer_phone_number",
    )
    poison: Any = dict(zip(names, cells, strict=True))
    found = reading.read(amazon(row(1, **poison), row(2)))
    assert [order.fields["number"][:11] for order in found.orders] == ["405-0000001", "405-0000002"]
