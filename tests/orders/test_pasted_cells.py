"""Cell by cell what is read of pasted lists, of couriers' numbers and of articles, with the line that each stands on:
the rows as a whole, so that nothing of one row is taken for another's."""

from __future__ import annotations

import pytest

from orders.entry.forms import read_pasted, split_pieces
from orders.errors import BadTracking, DamagedTracking, OwnLabel
from orders.fulfilment import number_rows, tracking_numbers


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            "MCI-000001 TRK1\n\nfoo bar\nMCI-000002 TRK2",
            [(1, "MCI-000001", "TRK1"), (3, "foo", "bar"), (4, "MCI-000002", "TRK2")],
        ),
        # Below a line of names each line counts where something stands in one of the two columns.
        ("x;y\n\nOrdine;LDV\n;\nMCI-1;T1\n;T2\nMCI-3;", [(5, "MCI-1", "T1"), (6, "", "T2"), (7, "MCI-3", "")]),
        ('LDV;Ordine\n "T1" ; "#MCI 1"', [(2, "MCI-1", "T1")]),
        ("Ordine;LDV\nMCI-1", [(2, "MCI-1", "")]),
        ("Ordine cliente;Data;Awb\n1;2;T1", [(2, "1", "T1")]),
        ("Cod. ordine;N. DHL tracking\nMCI-1;T1", [(2, "MCI-1", "T1")]),
        ("Rif;Ordine;LDV\nA;B;T1", [(2, "A", "T1")]),
        ("Rif;Ordine;LDV\nA;B;T1\nC;MCI-2;T2", [(2, "B", "T1"), (3, "MCI-2", "T2")]),
        ("#;LDV\nMCI-1;T1", [(2, "MCI-1", "T1")]),
        ("#;LDV", []),
        # What names only one of the two, or neither, is a line like the others.
        ("LDV;Note\nT1;MCI-1\nT2;", [(1, "LDV", "Note"), (2, "MCI-1", "T1"), (3, "T2", "")]),
        ("ord;LDV\nMCI-1;T1", [(1, "ord", "LDV"), (2, "MCI-1", "T1")]),
        ("Tracking;", [(1, "Tracking", "")]),
        ("\n".join([*"abcdefghi", "Ordine;LDV", "MCI-1;T1"]), [(11, "MCI-1", "T1")]),
        (
            "\n".join([*"abcdefghij", "Ordine;LDV", "MCI-1;T1"]),
            [*((n, sign, "") for n, sign in enumerate("abcdefghij", 1)), (11, "Ordine", "LDV"), (12, "MCI-1", "T1")],
        ),
        ("sep=", []),
        ("sep= x", [(1, "sep", "x")]),
        ("a\nTRK;MCI-7x;1", [(1, "a", ""), (2, "TRK", "MCI-7x; 1")]),
        # What people write before our number, and after it.
        ("1. #MCI-12: GLS: 123456789", [(1, "MCI-12", "123456789")]),
        ("12) ordine nr. MCI 12 DHL 1234567890", [(1, "MCI-12", "1234567890")]),
        ("- rif. MCI-5; 2,5; AB123456789; 20121", [(1, "MCI-5", "AB123456789")]),
        ("ORDINE N. MCI-3 T1\nn° MCI-4 T2\nnum MCI-5 T3", [(1, "MCI-3", "T1"), (2, "MCI-4", "T2"), (3, "MCI-5", "T3")]),
        ("99999) MCI-3 T1", [(1, "99999)", "MCI-3 T1")]),
        ("MCI-1234567890 T1", [(1, "MCI-1234567890", "T1")]),
        ("MCI 123456789 t1\nmci-00000000000003 T2", [(1, "MCI-123456789", "t1"), (2, "mci-00000000000003", "T2")]),
        # Ours behind.
        ("123456789012 MCI-000001", [(1, "MCI-000001", "123456789012")]),
        ("abc123-MCI-5\nabc123MCI-5", [(1, "MCI-5", "abc123"), (2, "abc123MCI-5", "")]),
        ("T1;#MCI-5;x", [(1, "T1", "#MCI-5; x")]),
        # Of several cells the one that can be the courier's.
        ("MCI-1 123456789012; Rossi", [(1, "MCI-1", "123456789012")]),
        ("MCI-5 BRT. 12345678\nMCI-6 BRT 1234567", [(1, "MCI-5", "12345678"), (2, "MCI-6", "BRT 1234567")]),
        ("MCI-5;29/11/2026 10:15;12345678", [(1, "MCI-5", "12345678")]),
        ("MCI-5;2026-11-29T10:15:00;12345678", [(1, "MCI-5", "12345678")]),
        ("MCI-5;12345678;ABCDEFGH1234", [(1, "MCI-5", "12345678")]),
        ("MCI-5;12345678;ABCDE12345", [(1, "MCI-5", "12345678; ABCDE12345")]),
        ("MCI-5;1234567;20121", [(1, "MCI-5", "1234567; 20121")]),
    ],
)
def test_each_row_of_numbers_is_read_whole(text: str, rows: list[tuple[int, str, str]]) -> None:
    assert number_rows.read(text) == rows


HEADS = [
    *("Ordine", "Ordini", "Order", "MCI", "Riferimento", "Rif", "Reference", "Rif. mittente", "Riferimento mittente"),
    *("Rif. mittente alfanumerico", "Riferimento mittente alfanumerico", "Rif mittente numerico", "Rif. cliente"),
    *("Riferimento mittente numerico", "Riferimento cliente", "Ordine cliente", "Riferimento ordine", "Rif. ordine"),
    *("BDA", "Customer reference", "N. del ordine", "Numero d'ordine", "Num. del Rif.", "Id order", "Nr. order"),
    *("Order code", "No. order", "Cod. di ordine", "Il codice ordine", "Della BDA"),
]
NUMBERS = [
    *("Tracking", "Tracking ID", "LDV", "Lettera di vettura", "Lettera vettura", "Lettera vett.", "Vettura", "AWB"),
    *("Spedizione", "Shipment", "Segnacollo", "Barcode", "Parcel", "Waybill", "Track and trace", "Tracciatura"),
    *("Tracciamento", "Tracking BRT", "Bartolini LDV", "GLS LDV", "SDA LDV", "DHL AWB", "UPS tracking", "TNT parcel"),
    *("DPD parcel", "FedEx tracking", "Poste LDV", "Posteitaliane LDV", "Nexive LDV", "N° spedizione"),
]


def test_every_name_of_a_column_is_known_in_the_words_of_couriers() -> None:
    """One row, of which neither cell is one of our numbers: only the names say which is which."""
    for head in HEADS:
        assert number_rows.read(f"Note;{head};LDV\nx;A7;T9") == [(2, "A7", "T9")], head
    for head in NUMBERS:
        assert number_rows.read(f"{head};Peso;Ordine\nT9;x;A7") == [(2, "A7", "T9")], head


@pytest.mark.parametrize(
    "name", ["BRT", "Bartolini", "gls", "SDA.", "dhl:", "UPS", "tnt", "DPD", "FedEx", "Poste", "Nexive"]
)
def test_a_couriers_name_before_his_number_is_not_part_of_it(name: str) -> None:
    assert number_rows.read(f"MCI-5 {name} 12345678") == [(1, "MCI-5", "12345678")]


def test_a_cell_with_two_numbers_a_date_or_a_name_is_asked() -> None:
    for text, error, told in [
        ("Rossi 12345678", BadTracking, {"text": "Rossi 12345678"}),
        ("BRT 12345678 Rossi9", None, "BRT12345678Rossi9"),
        ("ABC 1234", None, "ABC1234"),
        ("ABCD 1234", BadTracking, {"text": "ABCD 1234"}),
        ("12345678/87654321", BadTracking, {"text": "12345678/87654321"}),
        ("12345678/8765432", None, "12345678/8765432"),
        ("1/2/2026", BadTracking, {"text": "1/2/2026"}),
        ("2026.11.29", BadTracking, {"text": "2026.11.29"}),
        ("1/2.2026", None, "1/2.2026"),
        ("1234567,0", BadTracking, {"text": "1234567,0"}),
        ("12345678,0", None, "12345678"),
        ("12345678.00", None, "12345678"),
        ("12345678.000", None, "12345678.000"),
        ("1" * 60, None, "1" * 60),
        ("x y " * 30, BadTracking, {"text": ("x y " * 30)[:60]}),
        ("1,23457E+11", DamagedTracking, {"text": "1,23457E+11"}),
        ("MCI-123456789", OwnLabel, {"number": "MCI-123456789"}),
        ("MCI-1234567890", None, "MCI-1234567890"),
        ("-A", BadTracking, {"text": "A"}),
        ("A__1..2", None, "A__1..2"),
        ("’TRK 1»", None, "TRK1"),
    ]:
        if error is None:
            assert tracking_numbers.number(text) == told
            continue
        with pytest.raises(error) as refused:
            tracking_numbers.number(text)
        assert type(refused.value) is error
        assert refused.value.params == told


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *[("A-1  7", ("A-1", 7)), ("A-1 7", ("A-1 7", None)), ("A-1 \t 3", ("A-1", 3)), (" A-1 × 3 ", ("A-1", 3))],
        *[("A-1*12345", ("A-1*12345", None)), ("A-1*1234", ("A-1", 1234)), ("A-1×3", ("A-1", 3))],
        *[("A-1x3", ("A-1x3", None)), ("Ax 3", ("Ax 3", None)), ("x3", ("x3", None)), ("*3", ("*3", None))],
        *[("A;;3", ("A;", 3)), ("A-10 ;0003", ("A-10", 3)), ("A-1;0000", ("A-1;0000", None))],
        *[("A x 3", ("A", 3)), ("A\tX\t1", ("A", 1)), ("A-1;", ("A-1;", None)), ("A-1\t", ("A-1", None))],
    ],
)
def test_pieces_stand_behind_what_parts_them(text: str, read: tuple[str, int | None]) -> None:
    assert split_pieces(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        # Columns by their names, wherever they stand.
        ("sku;qty\n;4\nA-1;\nA-2;x\nA-3;2;zz\nA-4", [("4", 1), ("A-1;", 1), ("A-2 x", 1), ("A-3", 2), ("A-4", 1)]),
        ('Qtà\tCodice articolo\n2,0\t"A 1"\n1,5\tB', [("A 1", 2), ("1,5 B", 1)]),
        ("Qt.;Cod. Articolo;Prezzo\n3;'Z9';4,00", [("Z9", 3)]),
        ("A-1;2\nSKU;Qty\nB-2;3", [("A-1", 2), ("SKU", 1), ("B-2", 3)]),
        ("note;SKU;pz\n7;8;9\n7;8", [("8", 9), ("7", 8)]),
        # Columns by what stands in them.
        *[("'A-1' ; \"2\" ;;", [("A-1", 2)]), ("5;7", [("5", 7)]), ("12;A-1;", [("A-1", 12)]), (";2", [("2", 1)])],
        *[("12;A-1;9,90", [("12 A-1 9,90", 1)]), ("A-1;3;12,00;0,5", [("A-1", 3)]), ("A-1;3;4,0", [("A-1", 3)])],
        *[("A-1;3,00;4,00", [("A-1 3,00 4,00", 1)]), ("A-1;3 pz;4,00 €", [("A-1", 3)]), ("A-1;rosso;L", [("A-1", 1)])],
        *[("A-1;rosso;4 pezzi", [("A-1", 4)]), ("A-1;2;777", [("A-1 2 777", 1)]), ("A-1;x2", [("A-1", 2)])],
        *[("A-1;12345678;2", [("A-1 12345678 2", 1)]), ("A-1;€ 5", [("A-1 € 5", 1)]), ("A-1;2 x", [("A-1", 2)])],
        *[("a;b;-1,00", [("a b -1,00", 1)]), ("A-1;5,00 €", [("A-1 5,00 €", 1)]), ("7;3 pz", [("7", 3)])],
        ("A-1;1.2.3;2", [("A-1 1.2.3 2", 1)]),
        *[("0;A-1", [("0", 1)]), ("A;0,00;2", [("A", 2)])],
        # Words.
        *[("2 di A-10", [("2 di A-10", 1)]), ("2x di A-10", [("A-10", 2)]), ("2 pezzi di A-10", [("A-10", 2)])],
        *[
            ("1 pezzo A-10", [("A-10", 1)]),
            ("3 A1", [("3 A1", 1)]),
            ("3 AB-1", [("AB-1", 3)]),
            ("3 123", [("3 123", 1)]),
        ],
        *[
            ("1234 ABC", [("1234 ABC", 1)]),
            ("0 ABC", [("0 ABC", 1)]),
            ("2 × A-10", [("A-10", 2)]),
            ("AB 3", [("AB 3", 1)]),
        ],
        *[("A-10 = 4", [("A-10", 4)]), ("A-10 * 4 pz.", [("A-10", 4)]), ("A-10 (x4)", [("A-10", 4)])],
        *[("A-10 - 4", [("A-10", 4)]), ("A-10 – 4 pcs", [("A-10", 4)]), ("A-10 q.tà 4", [("A-10", 4)])],
        *[("A-10 qta: 4", [("A-10", 4)]), ("A-10 qty 4", [("A-10", 4)]), ("A-10 n. 4", [("A-10", 4)])],
        *[("A-10 4,00", [("A-10", 4)]), ("A-10 4.0", [("A-10", 4)]), ("A-10 4,5", [("A-10 4,5", 1)])],
        *[("A-10 x 0", [("A-10 x 0", 1)]), ("€€€ 3", [("€€€ 3", 1)]), ("A-10 2,", [("A-10", 2)])],
        *[("lungo nome 3", [("lungo nome 3", 1)]), ("4 PZ. ABC", [("ABC", 4)]), ("ABC 4 PEZZO", [("ABC", 4)])],
        ("A" * 120 + " 3\n" + "A" * 101, [("A" * 100, 4)]),
        ("  \n\nA-1 2\n'b  2';3\n\"B 2\"", [("A-1", 2), ("b 2", 4)]),
    ],
)
def test_each_row_of_articles_is_read_whole(text: str, read: list[tuple[str, int]]) -> None:
    assert read_pasted(text) == read


def test_every_name_of_the_columns_of_articles_is_known() -> None:
    skus = ("SKU", "Codice", "Codice articolo", "Articolo", "Cod. articolo", "EAN", "Codice EAN", "Item-SKU", "Article")
    counts = ("Quantità", "Quantit", "Q.tà", "Qt", "Qty", "Pezzi", "Pz", "Pcs", "Quantity", "Quantity purchased")
    for sku in skus:
        assert read_pasted(f"Pezzi;Riga;{sku}\n12;7;34") == [("34", 12)], sku
    for count in counts:
        assert read_pasted(f"{count};Riga;SKU\n12;7;34") == [("34", 12)], count
