"""The papers on A4: packing slip, DDT, return slip, pick list and manifest."""

from __future__ import annotations

import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest
from django.utils import translation
from django.utils.translation import gettext
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase.ttfonts import TTFontFace

from core.address import Address
from shipping.papers.ddt import write_transport_documents
from shipping.papers.errors import BadPaper, NoBarcode, NothingToPrint
from shipping.papers.manifest import Handed, write_manifests
from shipping.papers.packing_slip import SlipLine, write_packing_slips
from shipping.papers.pick_list import Pick, summed, write_pick_lists
from shipping.papers.return_slip import write_return_slips
from shipping.papers.words import Party, consignee
from shipping.papers.writing import as_bytes
from tests.shipping.papers.reading import PRICE, flat, overlaps, read
from tests.shipping.papers.samples import (
    ENDLESS,
    LINES,
    LUCIA,
    RESELLER,
    SELLER,
    TODAY,
    ddt,
    logo,
    manifest,
    many_lines,
    pick_list,
    return_slip,
    slip,
)

PICKS = tuple(
    Pick(
        ["A-2", "", "A-10", "B-01"][number % 4],
        f"SKU-{number % 40:04d}",
        "Lampada da tavolo ricaricabile con base in legno di faggio e paralume in lino",
        1 + number % 3,
        order_number=f"MCI-{number:06d}",
    )
    for number in range(240)
)
PAPERS = {
    "packing slip": (write_packing_slips, slip),
    "DDT": (write_transport_documents, ddt),
    "return slip": (write_return_slips, return_slip),
    "manifest": (write_manifests, manifest),
    "pick list": (write_pick_lists, lambda: pick_list(PICKS)),
}
LONG = {
    "packing slip": (
        write_packing_slips,
        slip(
            lines=many_lines(),
            recipient=ENDLESS,
            reseller=Party("Emporio Felice di Davide e figli " * 4, ("Via dell'Industria 5 " * 9,) * 4),
            order_number="#1042" * 12,
            line="Grazie per il tuo acquisto! " * 40,
            courier="Corriere Espresso " * 9,
            tracking="x9Y8z7" * 10,
        ),
    ),
    "DDT": (
        write_transport_documents,
        ddt(
            lines=many_lines(),
            recipient=ENDLESS,
            seller=replace(SELLER, name="Scontimania " * 20),
            buyer=replace(consignee(ENDLESS), vat_number="IT01234567890", tax_code="01234567890"),
            reason="Vendita – consegna a terzi per conto del cessionario " * 5,
            appearance="Scatola di cartone " * 9,
            carrier=consignee(ENDLESS),
            reference="ORDINE-" + "x9Y8z7" * 11,
            note="Ordine del cliente " * 50,
        ),
    ),
    "return slip": (
        write_return_slips,
        return_slip(lines=many_lines(), sent_by=ENDLESS, send_to=ENDLESS, line="Ci dispiace. " * 90),
    ),
    "manifest": (
        write_manifests,
        manifest(
            courier="Corriere Espresso " * 9,
            shipments=tuple(
                Handed(
                    f"MCI-{number:06d}" * (1 + number % 3),
                    "BN00123456789" * (1 + number % 4),
                    ENDLESS if number % 3 else LUCIA,
                    99,
                    9_999_999,
                    Decimal("4999.99"),
                )
                for number in range(200)
            ),
        ),
    ),
    "pick list": (
        write_pick_lists,
        pick_list(
            tuple(
                Pick(
                    f"CORSIA-{number % 9}-" + "SCAFFALE" * (number % 9),
                    f"SKU-{number:04d}" + "-LUNGHISSIMO" * (number % 5),
                    "Lampada da tavolo ricaricabile con base in legno di faggio " * (1 + number % 9),
                    99_999,
                    number % 2 * 500,
                )
                for number in range(200)
            ),
            title="Onda del pomeriggio " * 9,
        ),
    ),
}


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", ["it", "en"])
def test_a_paper_is_a4_in_its_language_and_counts_its_pages(paper, language):
    write, make = PAPERS[paper]
    pages = read(as_bytes(write, [make()], language=language), codes=False)
    with translation.override(language):
        words = gettext("Page %(number)s of %(pages)s")
    for number, page in enumerate(pages, start=1):
        assert (round(page.width), round(page.height)) == (595, 842)
        assert words % {"number": number, "pages": len(pages)} in flat(page.text)
        assert overlaps(page) == []


@pytest.mark.parametrize("paper", LONG)
def test_two_hundred_long_lines_neither_overlap_nor_run_over(paper):
    write, made = LONG[paper]
    pages = read(as_bytes(write, [made]), codes=False)
    assert len(pages) > 3
    for page in pages:
        assert overlaps(page) == []
    whole = " ".join(page.text for page in pages)
    if paper in ("packing slip", "DDT", "return slip"):
        assert all(f"SKU-{number:04d}" in whole for number in range(200))
        assert "124/bis" in pages[0].text


@pytest.mark.parametrize("paper", ["packing slip", "DDT", "return slip", "pick list"])
@pytest.mark.parametrize("language", ["it", "en"])
def test_no_price_is_on_a_paper(paper, language):
    for known in (PAPERS, LONG):
        write, made = known[paper]
        pages = read(as_bytes(write, [made() if callable(made) else made], language=language), codes=False)
        text = " ".join(page.text for page in pages)
        assert len(text) > 100  # of a blank sheet all of this is true
        assert not PRICE.search(text)
        assert "€" not in text
        assert "EUR" not in text


@pytest.mark.parametrize(
    ("paper", "code"), [("packing slip", "MCI-000012"), ("DDT", "MCI-000012"), ("manifest", "BRT-2026-0331")]
)
def test_the_code_of_a_paper_is_read_back_from_it(paper, code):
    write, make = PAPERS[paper]
    page = read(as_bytes(write, [make()]))[0]
    assert page.codes == {("Code128", code)}
    assert code in page.text


@pytest.mark.parametrize("paper", PAPERS)
def test_the_same_paper_is_the_same_bytes(paper):
    write, make = PAPERS[paper]
    assert as_bytes(write, [make()]) == as_bytes(write, [make()])


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_to_print_is_said_and_nothing_is_written(paper):
    out = io.BytesIO()
    with pytest.raises(NothingToPrint):
        PAPERS[paper][0]([], out)
    assert out.getvalue() == b""


def test_each_paper_of_a_run_counts_its_own_pages():
    slips = [slip(), slip(lines=many_lines(60)), slip(order_number="#1043")]
    pages = read(as_bytes(write_packing_slips, slips, language="en"), codes=False)
    found = [re.search(r"Page (\d+) of (\d+)", flat(page.text)) for page in pages]
    told = [(int(one[1]), int(one[2])) for one in found if one]
    most = max(pages for _number, pages in told)
    assert told == [(1, 1), *((number, most) for number in range(1, most + 1)), (1, 1)]


# The packing slip


def test_a_packing_slip_is_the_resellers_and_knows_nobody_else():
    data = as_bytes(write_packing_slips, [slip(logo=logo())])
    page = read(data, codes=False)[0]
    for part in ("Casa Bella di Luca Verdi", "#1042", "Lucia Bianchi", "Via dei Mille 12/A", "Grazie per il tuo"):
        assert part in page.text
    for line in LINES:
        assert line.sku in page.text
        assert line.description in page.text
    assert b"Scontimania" not in data
    assert "Scontimania" not in page.text


@pytest.mark.parametrize("form", ["WEBP", "PNG", "JPEG"])
def test_the_logo_of_the_reseller_is_drawn(form):
    def red(data: bytes) -> int:
        picture = pypdfium2.PdfDocument(data)[0].render(scale=1).to_pil().convert("RGB")
        return sum(1 for dot in picture.get_flattened_data() if dot[0] > 180 and dot[1] < 80 and dot[2] < 80)

    assert red(as_bytes(write_packing_slips, [slip(logo=logo(form))])) > 300
    assert red(as_bytes(write_packing_slips, [slip()])) == 0


def test_a_logo_that_is_none_stops_no_parcel():
    assert "Casa Bella" in read(as_bytes(write_packing_slips, [slip(logo=b"GIF89a nonsense")]), codes=False)[0].text


def test_two_hundred_slips_carry_their_logo_once():
    one = len(as_bytes(write_packing_slips, [slip(logo=logo())]))
    many = as_bytes(write_packing_slips, (slip(reference=f"MCI-{n:06d}", logo=logo()) for n in range(50)))
    assert len(many) < one + 50 * 3000


# The DDT


def test_a_ddt_names_three_parties_and_all_that_the_law_and_the_driver_want():
    text = flat(read(as_bytes(write_transport_documents, [ddt()]), codes=False)[0].text)
    for part in (
        "123/2026",
        "30/11/2026",
        "Scontimania S.r.l.",
        "IT09876543210",
        "Casa Bella di Luca Verdi",
        "IT01234567890",
        "Lucia Bianchi",
        "Via dei Mille 12/A",
        "Vendita – consegna a terzi per conto del cessionario",
        "Scatola di cartone",
        "3,45 kg",
        "BRT S.p.A.",
        "30/11/2026 17:30",
        "Franco",
        "BICCH-6 Set di 6 bicchieri in vetro soffiato 2",
        "LAMP-01 Lampada da tavolo ricaricabile – colore: blu 1",
    ):
        assert part in text


def test_in_italian_a_ddt_has_the_words_of_the_trade():
    text = flat(read(as_bytes(write_transport_documents, [ddt()]), codes=False)[0].text)
    for word in ("Documento di trasporto", "Cedente", "Cessionario", "Causale del trasporto", "Partita IVA"):
        assert word in text
    for word in ("Luogo di destinazione", "Aspetto esteriore dei beni", "Peso lordo", "Colli", "Firma del conducente"):
        assert word in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": ""},
        {"year": 2025},
        {"buyer": replace(RESELLER, vat_number="")},
        {"lines": ()},
        {"lines": (SlipLine("A", "b", 0),)},
        {"parcels": 0},
        {"weight_g": -1},
    ],
)
def test_a_ddt_that_would_not_hold_is_refused(wrong):
    with pytest.raises(BadPaper):
        ddt(**wrong)


# The return slip


def test_a_return_slip_is_scanned_by_its_code_and_says_where_to_send_it():
    page = read(as_bytes(write_return_slips, [return_slip()], language="en"))[0]
    assert page.codes == {("Code128", "RET-000077"), ("QRCode", "RET-000077")}
    text = flat(page.text)
    assert text.count("Casa Bella c/o Logistica") == 2  # in the box, and to cut out
    for part in ("Return by 14/12/2026", "#1042", "Lucia Bianchi", "BICCH-6", "changed my mind", "damaged on the way"):
        assert part in text


# The pick list


def test_a_pick_list_has_three_pages_with_every_code_and_what_remains():
    picks = tuple(replace(pick, sku=f"SKU-{number % 40:04d}") for number, pick in enumerate(PICKS[:160]))
    pages = read(as_bytes(write_pick_lists, [pick_list(picks)], language="en"))
    assert len(pages) == 3
    codes = set().union(*(page.values("Code128") for page in pages))
    assert codes == {"W-000031", "A-2", "A-10", "B-01", *(f"SKU-{number:04d}" for number in range(40))}
    whole = sum(pick.quantity for pick in picks)
    told = [re.search(r"after this page: (\d+) of (\d+) pieces", flat(page.text)) for page in pages]
    left = [int(one[1]) for one in told if one]
    assert len(left) == 3
    assert whole > left[0] > left[1] > left[2] == 0
    assert all(int(one[2]) == whole for one in told if one)
    assert f"{whole} pieces · 40 articles · 4 shelves · 160 orders" in pages[0].text


def test_pieces_of_one_article_are_summed_by_shelf_in_the_order_of_the_way():
    picks = [
        Pick("A-10", "X", "x", 2, 1, "MCI-1"),
        Pick("A-2", "Y", "y", 1, 0, "MCI-1"),
        Pick("A-10", "X", "x", 3, 0, "MCI-2"),
        Pick("", "Z", "z", 5, 0, "MCI-2"),
        Pick("A-2", "X", "x", 4, 0, "MCI-3"),
    ]
    assert [(row.pick.shelf, row.pick.sku, row.quantity, row.remaining, row.orders) for row in summed(picks)] == [
        ("A-2", "X", 4, 4, 1),
        ("A-2", "Y", 1, 1, 1),
        ("A-10", "X", 5, 4, 2),
        ("", "Z", 5, 5, 1),
    ]


def test_a_pick_list_shows_what_is_still_to_take_and_what_was_taken():
    picks = (Pick("A-1", "X", "Vaso", 5, 2), Pick("A-1", "Y", "Tazza", 3, 3))
    text = flat(read(as_bytes(write_pick_lists, [pick_list(picks)], language="en"), codes=False)[0].text)
    assert "2 of 5 taken already" in text
    assert "3 of 3 taken already" in text
    assert "0 of 3 pieces" in text


def test_the_barcode_of_the_goods_is_scanned_where_they_have_one():
    page = read(as_bytes(write_pick_lists, [pick_list((Pick("A-1", "X-1", "Vaso", 1, barcode="8012345678901"),))]))[0]
    assert page.values("Code128") == {"W-000031", "A-1", "8012345678901"}
    assert "X-1 · Vaso" in page.text


@pytest.mark.parametrize("wrong", [Pick("A", "X", "x", 0), Pick("A", "X", "x", 1, 2), Pick("A", "X", "x", 1, -1)])
def test_a_pick_of_more_than_there_is_is_refused(wrong):
    with pytest.raises(BadPaper):
        pick_list((wrong,))
    with pytest.raises(NoBarcode):
        pick_list((Pick("scaffale è", "X", "x", 1),))


# The manifest


def test_a_manifest_sums_what_the_driver_takes_and_what_they_collect():
    made = manifest()
    assert (made.parcels, made.weight_g, made.cod) == (4, 5000, Decimal("1274.40"))
    text = flat(read(as_bytes(write_manifests, [made]), codes=False)[0].text)
    for part in ("BRT", "BRT-2026-0331", "1234567", "5 kg", "1.274,40 €", "39,90 €", "1.234,50 €", "08412345678901"):
        assert part in text
    english = flat(read(as_bytes(write_manifests, [made], language="en"), codes=False)[0].text)
    for part in ("Driver: signature", "Shipments 3", "Parcels 4", "Shipments with cash on delivery 2", "1,274.40 €"):
        assert part in english


def test_the_place_to_sign_is_on_the_last_page_once():
    shipments = tuple(Handed(f"MCI-{n:06d}", f"{n:014d}", LUCIA, 1, 100) for n in range(100))
    pages = read(as_bytes(write_manifests, [manifest(shipments=shipments)], language="en"), codes=False)
    assert ["Driver: signature" in flat(page.text) for page in pages] == [False] * (len(pages) - 1) + [True]
    assert "MCI-000099" in pages[-1].text  # never alone, without a parcel above it


@pytest.mark.parametrize("count", range(20, 36))
def test_the_last_row_goes_over_with_what_closes_the_list(count):
    shipments = tuple(Handed(f"MCI-{n:06d}", f"{n:014d}", LUCIA, 1, 100) for n in range(count))
    pages = read(as_bytes(write_manifests, [manifest(shipments=shipments)], language="en"), codes=False)
    assert f"MCI-{count - 1:06d}" in pages[-1].text
    assert sum(page.text.count("MCI-") for page in pages) == count
    assert all(overlaps(page) == [] for page in pages)


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        (Handed("MCI-1", "", LUCIA, 0, 1),),
        (Handed("MCI-1", "", LUCIA, 1, -1),),
        (Handed("MCI-1", "", LUCIA, 1, 1, Decimal("0.00")),),
        (Handed("MCI-1", "", LUCIA, 1, 1, Decimal("NaN")),),
    ],
)
def test_a_manifest_that_does_not_add_up_is_refused(wrong):
    with pytest.raises(BadPaper):
        manifest(shipments=wrong)


WORDS = st.text(max_size=200)


@settings(max_examples=25, deadline=None)
@given(WORDS, WORDS, WORDS, WORDS)
def test_no_name_address_or_article_breaks_a_paper(name, street, article, line):
    to = Address(name, f"{street} 124/bis", "41122", street[:80], "MO", company=name, street2=street)
    party = Party(name, (street, article), "IT01234567890")
    lines = (SlipLine(article, line, 1, name), SlipLine(name, article, 2))
    shipments = (Handed(article, "1", to, 1, 1), Handed(name, line.strip(), to, 1, 1))
    papers = [
        as_bytes(write_packing_slips, [slip(recipient=to, reseller=party, lines=lines, line=line)]),
        as_bytes(write_transport_documents, [ddt(recipient=to, buyer=party, lines=lines, reason=line, note=line)]),
        as_bytes(write_return_slips, [return_slip(sent_by=to, send_to=to, lines=lines, line=line)]),
        as_bytes(write_pick_lists, [pick_list((Pick("A-1", "X", article, 1, options=line),), title=name)]),
        as_bytes(write_manifests, [manifest(sender=party, shipments=shipments)]),
    ]
    for data in papers:
        for page in read(data, codes=False):
            assert overlaps(page) == []


def test_a_day_is_written_as_the_language_does():
    assert "30/11/2026" in read(as_bytes(write_packing_slips, [slip(date=TODAY)]), codes=False)[0].text


def test_papers_drawn_at_the_same_time_are_the_same_as_alone(monkeypatch):
    """A web server's threads share the typeface: none of them sees the letters of another's paper."""
    made = [ddt(recipient=ENDLESS), ddt(), ddt(note="ЖЯ Ωά Łódź"), ddt(lines=many_lines(30))]
    alone = [as_bytes(write_transport_documents, [one]) for one in made]
    seek = TTFontFace.seek

    def and_let_others_go(typeface, position):
        seek(typeface, position)
        time.sleep(0)

    monkeypatch.setattr(TTFontFace, "seek", and_let_others_go)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda one: as_bytes(write_transport_documents, [one]), made * 4))
    assert found == alone * 4


def test_the_language_of_a_paper_is_not_that_of_its_reader():
    with translation.override("en"):
        italian = as_bytes(write_manifests, [manifest()], language="it")
        assert translation.get_language() == "en"
    with translation.override("it"):
        assert as_bytes(write_manifests, [manifest()], language="it") == italian
