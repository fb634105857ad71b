"""shipping/papers/label.py: the house label of a parcel."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.translation import gettext
from hypothesis import given, settings
from hypothesis import strategies as st

from core.address import Address
from shipping.papers.errors import BadPaper, NoBarcode, NothingToPrint
from shipping.papers.fonts import printable
from shipping.papers.label import Format, write_labels
from shipping.papers.writing import as_bytes
from tests.shipping.papers.reading import PRICE, flat, overlaps, read
from tests.shipping.papers.samples import ENDLESS, LUCIA, endless_label, label

MM = 72 / 25.4


def said(language: str, text: str) -> str:
    with translation.override(language):
        return gettext(text)


@pytest.mark.parametrize("format", list(Format))
def test_every_code_of_a_label_is_read_back_from_the_page(format):
    labels = [label(tracking="08412345678901"), endless_label(reference="MCI-000013/98"), label(reference="MCI-000014")]
    pages = read(as_bytes(write_labels, labels, format=format))
    assert set().union(*(page.codes for page in pages)) == {
        ("Code128", "MCI-000012"),
        ("QRCode", "MCI-000012"),
        ("Code128", "08412345678901"),
        ("Code128", "MCI-000013/98"),
        ("QRCode", "MCI-000013/98"),
        ("Code128", "BN00123456789ABCDEF12"),
        ("Code128", "MCI-000014"),
        ("QRCode", "MCI-000014"),
    }


def test_the_codes_are_read_at_the_resolution_of_a_cheap_thermal_printer():
    page = read(as_bytes(write_labels, [label(tracking="08412345678901")], format=Format.ROLL), dpi=203)[0]
    assert page.values("Code128") == {"MCI-000012", "08412345678901"}


def test_a_label_says_who_gets_it_by_whom_how_heavy_and_which_piece():
    found = label(piece=2, pieces=3, tracking="08412345678901", note="Dopo le 14", method="Espresso 24/48h")
    for language in ("it", "en"):
        page = read(as_bytes(write_labels, [found], language=language), codes=False)[0]
        text = flat(page.text)
        for part in ("BRT", "Espresso 24/48h", "Lucia Bianchi", "Via dei Mille 12/A", "Scala B, interno 4"):
            assert part in text
        for part in ("41122 Modena (MO)", "+39 059 1110011", "Dopo le 14", "08412345678901", "MCI-000012"):
            assert part in text
        assert said(language, "Parcel %(piece)s/%(pieces)s") % {"piece": 2, "pieces": 3} in text
        assert ("1,25 kg" if language == "it" else "1.25 kg") in text
        assert overlaps(page) == []


@pytest.mark.parametrize(("language", "amount"), [("it", "4.999,99 €"), ("en", "4,999.99 €")])
def test_what_the_driver_collects_is_unmistakable(language, amount):
    page = read(as_bytes(write_labels, [label(cod=Decimal("4999.99"))], language=language), codes=False)[0]
    assert f"{said(language, 'CASH ON DELIVERY')} {amount}" in flat(page.text)
    assert said(language, "Nothing to collect") not in page.text


def test_the_amount_is_written_larger_than_anything_else():
    page = read(as_bytes(write_labels, [label(cod=Decimal("39.90"))]), codes=False)[0]
    heights = sorted(top - bottom for _left, bottom, _right, top in page.boxes)
    assert heights[-1] > 1.3 * heights[-2]


@pytest.mark.parametrize(("pieces", "words"), [(1, "Nothing to collect"), (2, "Nothing to collect for this parcel")])
def test_a_label_without_an_amount_says_that_there_is_none(pieces, words):
    page = read(as_bytes(write_labels, [label(pieces=pieces)], language="en"), codes=False)[0]
    assert words in page.text.splitlines()
    assert not PRICE.search(page.text)


def test_in_italian_the_words_are_the_trades():
    data = as_bytes(write_labels, [label(cod=Decimal("39.90")), label(pieces=2)])
    first, second = read(data, codes=False)
    assert "CONTRASSEGNO 39,90 €" in flat(first.text)
    assert "Collo 1/2" in second.text
    assert "Nulla da incassare per questo collo" in second.text


@pytest.mark.parametrize(
    ("format", "size"), [(Format.A6, (105, 148)), (Format.ROLL, (100, 150)), (Format.A4_OF_FOUR, (210, 297))]
)
def test_a_label_has_the_size_of_the_paper_in_the_printer(format, size):
    page = read(as_bytes(write_labels, [label()], format=format), codes=False)[0]
    assert (page.width / MM, page.height / MM) == pytest.approx(size, abs=0.1)


@pytest.mark.parametrize(("start", "counts"), [(1, [4, 1]), (2, [3, 2]), (3, [2, 3]), (4, [1, 4])])
def test_a_sheet_of_four_goes_on_where_the_last_one_ended(start, counts):
    labels = [label(reference=f"MCI-{number:06d}", order_number=f"MCI-{number:06d}") for number in range(5)]
    pages = read(as_bytes(write_labels, labels, format=Format.A4_OF_FOUR, start=start))
    assert [len(page.values("Code128")) for page in pages] == counts
    left, bottom, right, top = next(iter(pages[0].boxes))
    assert (left + right < pages[0].width) == (start in (1, 3))
    assert (bottom + top > pages[0].height) == (start in (1, 2))


@pytest.mark.parametrize("format", list(Format))
@pytest.mark.parametrize("cod", [None, Decimal("4999.99")])
def test_the_longest_address_covers_nothing_and_keeps_its_number(format, cod):
    page = read(as_bytes(write_labels, [endless_label(cod=cod)], format=format))[0]
    assert overlaps(page) == []
    text = flat(page.text)
    assert "124/bis" in text
    assert "00144 Reggio nell'Emilia" in text
    assert "…" in text
    assert page.values("Code128") == {"MCI-000012", "BN00123456789ABCDEF12"}


def test_a_number_too_long_for_bars_is_printed_large():
    tracking = "ABC-" + "x9Y8z7" * 9
    page = read(as_bytes(write_labels, [label(tracking=tracking)]))[0]
    assert page.codes == {("Code128", "MCI-000012"), ("QRCode", "MCI-000012")}
    assert "ABC-x9Y8z7" in page.text
    assert overlaps(page) == []


WORDS = st.text(max_size=200)


@settings(max_examples=40, deadline=None)
@given(name=WORDS, street=WORDS, city=WORDS, company=WORDS, note=WORDS, sender=WORDS)
def test_no_name_or_address_breaks_a_label(name, street, city, company, note, sender):
    to = Address(name, f"Via {street}", "41122", city, "MO", company=company, street2=street, phone="+39 059 1110011")
    found = endless_label(recipient=to, note=note, sender=replace(label().sender, name=sender))
    page = read(as_bytes(write_labels, [found]), dpi=203)[0]
    assert overlaps(page) == []
    assert ("Code128", "MCI-000012") in page.codes
    first = printable(name).split(" ")[0]
    if first.isascii() and first.isalnum() and len(first) < 20:
        assert first in page.text


def test_letters_that_nobody_can_print_do_not_stop_the_others():
    to = replace(LUCIA, name="日本 \ud800 שלום 😀 Łukasz")
    text = flat(read(as_bytes(write_labels, [label(recipient=to)]), codes=False)[0].text)
    assert "Łukasz" in text
    assert "☐☐" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"piece": 0},
        {"piece": 3, "pieces": 2},
        {"weight_g": -1},
        {"cod": Decimal("0.00")},
        {"cod": Decimal("-1.00")},
        {"cod": Decimal("NaN")},
        {"cod": Decimal("39.905")},
    ],
)
def test_a_label_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(BadPaper):
        label(**wrong)


@pytest.mark.parametrize("value", ["", "MCI 日", "è", "a\nb", " 12", "x" * 81, "\ud800"])
def test_what_no_scanner_reads_is_refused(value):
    with pytest.raises(NoBarcode) as refused:
        label(reference=value)
    str(refused.value).encode()


def test_nothing_is_written_when_there_is_no_label_or_one_is_refused():
    out = io.BytesIO()
    with pytest.raises(NothingToPrint):
        write_labels([], out)
    with pytest.raises(NoBarcode):
        write_labels((label(reference=value) for value in ("MCI-1", "è")), out)
    with pytest.raises(BadPaper):
        write_labels([label()], out, format=Format.A4_OF_FOUR, start=5)
    assert out.getvalue() == b""


def test_the_same_labels_are_the_same_bytes():
    assert as_bytes(write_labels, [label()]) == as_bytes(write_labels, [label()])


def test_labels_are_taken_one_after_the_other():
    """Two hundred are made while they are printed: what is kept of one is its drawing, some hundreds of bytes."""
    drawn = []

    def labels():
        for number in range(200):
            drawn.append(number)
            yield label(reference=f"MCI-{number:06d}", recipient=ENDLESS if number == 7 else LUCIA)

    out = io.BytesIO()
    assert write_labels(labels(), out) == 200
    assert len(drawn) == 200
    assert len(out.getvalue()) < 200 * 4000
