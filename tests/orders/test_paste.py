"""A pasted order is read: which words are which field, what is left to a person, and nothing invented."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import Place
from orders.paste.cleaning import MOST, clean
from orders.paste.reading import read
from tests import cast  # noqa: F401 - Django is up

pytestmark = pytest.mark.django_db
SHARED = Path(__file__).resolve().parents[3] / "shared" / "cases"
PLACES = (
    *(("33100", "Udine", "UD"), ("36100", "Vicenza", "VI"), ("20121", "Milano", "MI"), ("10024", "Moncalieri", "TO")),
    *(("39100", "Bolzano", "BZ"), ("00184", "Roma", "RM"), ("47121", "Forlì", "FC"), ("73100", "Lecce", "LE")),
    *(("50058", "Signa", "FI"), ("24121", "Bergamo", "BG"), ("10093", "Collegno", "TO")),
)


@pytest.fixture(autouse=True)
def _places(db: Any) -> None:
    from core.places import city_key

    Place.objects.bulk_create(
        Place(postcode=code, city=city, city_key=city_key(city), province=letters) for code, city, letters in PLACES
    )


def ours(codes: Iterable[str]) -> set[str]:
    return {code for code in codes if code.upper().startswith(("MCI-", "SCN-"))}


def said(text: str) -> dict[str, Any]:
    pasted = read(text, ours)
    values: dict[str, Any] = {name: found.value for name, found in pasted.fields.items()}
    if pasted.rows:
        values["rows"] = [(row.words, row.pieces) for row in pasted.rows]
    if pasted.choices:
        values["asks"] = {name: [one.value for one in several] for name, several in pasted.choices.items()}
    return values


def test_a_chat_is_read_whole() -> None:
    text = """[23/11/26, 21:40] Gianni 🔧: Buonasera, ne prendo 2 x SCN-00012 e 1 lampada
[23/11/26, 21:41] Gianni 🔧: Lucia Finta
via dei Mille 7/B scala A int. 4
24121 Bergamo BG
cell. 347/1110021, consegnare dopo le 17
pago alla consegna, totale 64,80 €"""
    assert said(text) == {
        "name": "Lucia Finta",
        "street": "Via dei Mille 7/B",
        "street2": "scala A int. 4",
        "postcode": "24121",
        "city": "Bergamo",
        "province": "BG",
        "phone": "+393471110021",
        "note": "consegnare dopo le 17",
        "payment": "cod",
        "to_collect": "64.80",
        "rows": [("SCN-00012", 2), ("lampada", 1)],
    }


PERSON = "Lucia Finta\nvia dei Mille 7\n24121 Bergamo BG\n1 x MCI-0001\n"


@pytest.mark.parametrize(("text", "amount"), [("totale 0,00 €", None), ("totale 0 €", None), ("totale 0,50 €", "0.50")])
def test_an_amount_of_nothing_is_no_amount(text: str, amount: str | None) -> None:
    """A parcel that collects 0,00 is one that nobody pays for."""
    found = said(f"{PERSON}contrassegno, {text}")
    assert (found["payment"], found.get("to_collect")) == ("cod", amount)


@pytest.mark.parametrize(
    ("number", "phone"), [("06698212345", None), ("39024567890", None), ("0669821234", "+390669821234")]
)
def test_eleven_figures_that_nobody_calls_a_telephone_are_a_vat_number(number: str, phone: str | None) -> None:
    assert said(f"{PERSON}{number}").get("phone") == phone


@pytest.mark.parametrize(
    ("text", "payment"),
    [
        ("pago in contrassegno\nanzi no scusa, ho già pagato con bonifico", "prepaid"),
        ("ho già pagato con bonifico\nanzi no scusa, pago in contrassegno", "cod"),
    ],
)
def test_of_two_ways_to_pay_the_one_that_takes_back_the_other_counts(text: str, payment: str) -> None:
    found = said(f"{PERSON}{text}")
    assert (found.get("payment"), "payment" in found.get("asks", {})) == (payment, False)


@pytest.mark.parametrize("pieces", [2, 3, 12])
def test_a_code_that_is_named_first_and_counted_later_has_the_pieces_that_were_counted(pieces: int) -> None:
    found = said(f"Vorrei MCI-0001\nquindi MCI-0001 x{pieces}\nLucia Finta\nvia dei Mille 7\n24121 Bergamo BG")
    assert found["rows"] == [("MCI-0001", pieces)]


def test_the_page_of_a_marketplace_is_read_whole() -> None:
    text = """Ordine n. 12-34567-89012 Copia
Spedisci a
Marta Inventata
Officina Prova S.r.l.
Corso Torino 25, piano 2
10024 Moncalieri TO
Italia
Telefono: +39 011 111 0022
Trapano a batteria
Etichetta personalizzata (SKU): MCI-0001
Quantità: 3
Totale ordine: EUR 1.089,00
Pagato con PayPal il 05/11/2026"""
    assert said(text) == {
        "reference": "12-34567-89012",
        "marketplace": "eBay",
        "name": "Marta Inventata",
        "company": "Officina Prova S.r.l.",
        "country": "IT",
        "street": "Corso Torino 25",
        "street2": "piano 2",
        "postcode": "10024",
        "city": "Moncalieri",
        "province": "TO",
        "phone": "+390111110022",
        "payment": "prepaid",
        "sale_total": "1089.00",
        "rows": [("MCI-0001", 3)],
    }


@pytest.mark.parametrize(
    ("text", "street", "more"),
    [
        ("via 4 novembre n.10 bis sc. B int 3", "Via 4 Novembre 10 bis", "sc. B int 3"),
        ("VIA XX SETTEMBRE 5", "Via XX Settembre 5", None),
        ("Piazza 5 Giornate, 3", "Piazza 5 Giornate 3", None),
        ("Via 25 Aprile 12/A", "Via 25 Aprile 12/A", None),
        ("v.le della Libertà n° 8", "V.le della Libertà 8", None),
        ("Via Roma, 7 - interno 3", "Via Roma 7", "interno 3"),
        ("Strada Cantonale s.n.c.", "Strada Cantonale s.n.c.", None),
        ("C.da San Nicola snc", "C.da San Nicola snc", None),
        ("S.S. 16 km 3,500", "S.S. 16 km 3,500", None),
        ("Bahnhofstraße 12", "Bahnhofstraße 12", None),
        ("Via Dr. Streiter 4/b", "Via Dr. Streiter 4/B", None),
    ],
)
def test_a_street_keeps_its_name_and_its_number(text: str, street: str, more: str | None) -> None:
    values = said(f"Lucia Finta\n{text}\n33100 Udine UD")
    assert (values["street"], values.get("street2"), values["name"]) == (street, more, "Lucia Finta")


@pytest.mark.parametrize(
    "text",
    [
        *("33100 Udine (UD)", "33100 Udine UD", "Udine, UD 33100", "UDINE (UD), 33100", "CAP 33100 – Udine – UD"),
        "CAP: 33100\nCittà: Udine\nProvincia: UD",
    ],
)
def test_postcode_comune_and_province_in_any_order(text: str) -> None:
    values = said(f"Lucia Finta\nvia Roma 1\n{text}\nItalia")
    assert [values[name] for name in ("postcode", "city", "province")] == ["33100", "Udine", "UD"]


def test_what_is_said_later_as_a_correction_wins() -> None:
    text = """23/11/26, 21:40 - Ugo: Lucia Finta via Roma 1, 33100 Udine, tel 3471110021
23/11/26, 21:44 - Ugo: anzi, civico 12
23/11/26, 21:45 - Ugo: scusa il telefono è 3471110022"""
    values = said(text)
    assert (values["street"], values["phone"]) == ("Via Roma 12", "+393471110022")
    assert "asks" not in values


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("tel 3471110021\ntel 3471110022", {"phone": ["+393471110021", "+393471110022"]}),
        ("totale 40,00 €\ntotale 45,00 €", {"sale_total": ["40.00", "45.00"]}),
        ("contrassegno, ma ho già pagato con Postepay", {"payment": ["cod", "prepaid"]}),
        ("Destinatario: Lucia Finta\nDestinatario: Marta Inventata", {"name": ["Lucia Finta", "Marta Inventata"]}),
    ],
)
def test_of_two_that_are_as_likely_a_person_chooses(text: str, asks: dict[str, list[str]]) -> None:
    values = said(text)
    assert values.pop("asks") == asks
    assert not asks.keys() & values.keys()


@pytest.mark.parametrize(
    ("text", "payment"),
    [
        ("contrassegno", "cod"),
        ("pago al corriere", "cod"),
        ("Nachnahme", "cod"),
        ("non in contrassegno, ho già pagato", "prepaid"),
        ("fatto bonifico stamattina", "prepaid"),
        ("pagato con Satispay", "prepaid"),
        ("come posso pagare?", None),
        ("non ancora pagato", None),
    ],
)
def test_how_it_is_paid(text: str, payment: str | None) -> None:
    assert said(f"Lucia Finta, via Roma 1, 33100 Udine\n{text}").get("payment") == payment


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("138,80 + 7,90 di spedizione = 146,70", "146.70"),
        ("Totale: 1.234,50 €", "1234.50"),
        ("tot. € 45", "45.00"),
        ("39,90 più 5,00 di spedizione", "44.90"),
        ("12,00 l'uno", None),
        ("totale 1.234", None),  # two amounts in one writing
        ("tre pezzi", None),
    ],
)
def test_what_is_paid_in_all(text: str, amount: str | None) -> None:
    assert said(text).get("sale_total") == amount


@pytest.mark.parametrize(
    "text",
    [
        "P. IVA 01234567890",
        "CF: FNTLCU80A41L483X",
        "IBAN IT60X0542811101000000123456",
        "codice univoco ABC1234",
        "ordinato il 05/11/2026 alle 21:40",
        "https://www.example.com/ordini/33100-12345678",
        "Buonasera, grazie mille!",
        "",
        "\n \n",
    ],
)
def test_what_is_nothing_of_an_order_is_made_into_nothing(text: str) -> None:
    assert said(text) == {}


def test_each_value_says_from_which_words_it_was_read() -> None:
    pasted = read("Lucia Finta\u200b\nvia Roma 1\n33100 Udine (UD)\ntel 347 1110021", ours)
    words = {name: pasted.text[found.start : found.end] for name, found in pasted.fields.items()}
    assert words == {
        "name": "Lucia Finta",
        "street": "via Roma 1",
        "postcode": "33100",
        "city": "Udine",
        "province": "UD",
        "phone": "347 1110021",
    }
    assert "".join(text for text, _what in pasted.marked()) == pasted.text
    assert {text for text, what in pasted.marked() if what} == set(words.values())


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "via Roma 12",
                    "33100",
                    "Udine",
                    "(UD)",
                    "tel",
                    "347 1110021",
                    "2 x",
                    "MCI-0001",
                    "totale",
                    "39,90 €",
                ),
                *(
                    "contrassegno",
                    "\n",
                    ",",
                    "Lucia Finta",
                    "anzi",
                    "c/o",
                    "n.",
                    "€",
                    "12-34567-89012",
                    "[23/11/26, 21:40] A: ",
                ),
                *(
                    "a@example.com",
                    "s.n.c.",
                    "(",
                    ")",
                    " - ",
                    "\u202e",
                    "é",
                    "Nome:",
                    "Città:",
                    "=",
                    "1.234",
                    "🔧",
                    "x",
                    "0",
                ),
            ]
        ),
        max_size=40,
    )
)
def test_no_text_breaks_it_and_each_value_stands_in_it(words: list[str]) -> None:
    pasted = read(" ".join(words), ours)
    assert "".join(text for text, _what in pasted.marked()) == pasted.text
    for found in pasted.fields.values():
        assert pasted.text[found.start : found.end].strip()
    assert not pasted.fields.keys() & pasted.choices.keys()
    assert all(1 <= row.pieces <= 9999 for row in pasted.rows)


@pytest.mark.parametrize(
    "piece", ["via Roma 1 ", "33100 ", "2 x A-1 ", "347 1110021 ", "= 1,00 ", "a" * 50, "(,;", "1", " -"]
)
def test_the_work_grows_with_the_text_and_not_faster(piece: str, django_assert_max_num_queries: Any) -> None:
    """Counted in calls, so that no clock decides: twice the text is at most some three times the work."""
    import sys

    def calls(text: str) -> int:
        count = 0

        def seen(_frame: Any, event: str, _arg: Any) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(seen)
        try:
            read(text, ours)
        finally:
            sys.setprofile(None)
        return count

    line = piece * (60 // len(piece)) + "\n"
    short, long = (line * (size // len(line)) for size in (3_000, 6_000))
    calls("x")
    with django_assert_max_num_queries(30):
        assert calls(long) < 3.2 * calls(short) + 2_000


def test_what_is_longer_than_an_order_is_cut() -> None:
    assert len(clean("a\n" * MOST)) <= MOST


CASES = {
    "paste-01-chat-street-with-numbers.txt": {
        "street": "Via 4 Novembre 10 bis",
        "street2": "sc. B int 3",
        "postcode": "33100",
        "city": "Udine",
        "phone": "+393471110007",
        "payment": "cod",
        "to_collect": "146.70",
        "rows": [("MCI-0002", 2), ("trapano", 1)],
    },
    "paste-02-marketplace-page-block.txt": {
        "name": "Carlo Bozza",
        "street": "Strada Cantonale s.n.c.",
        "street2": "c/o Bar Sport",
        "postcode": "36100",
        "city": "Vicenza",
        "province": "VI",
        "phone": "+393471110008",
        "payment": "prepaid",
        "reference": "405-1112223-3334446",
        "rows": [("MCI-0001", 1)],
    },
}


@pytest.mark.parametrize("name", CASES)
def test_the_texts_that_failed_somebody(name: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("the folder of cases is not beside this repository")
    values = said((SHARED / name).read_text(encoding="utf-8"))
    assert {field: values.get(field) for field in CASES[name]} == CASES[name]
