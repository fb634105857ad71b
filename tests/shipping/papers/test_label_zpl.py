"""shipping/papers/label_zpl.py: the house label for thermal printers."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.address import Address
from shipping.papers.errors import BadPaper, NothingToPrint
from shipping.papers.label import Format
from shipping.papers.label_zpl import code128, plain, write_zpl
from shipping.papers.writing import as_bytes
from tests.shipping.papers import zpl_reader
from tests.shipping.papers.reading import scanned
from tests.shipping.papers.samples import LUCIA, endless_label, label

DPI = [203, 300]


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize("format", [Format.A6, Format.ROLL])
def test_what_is_printed_can_be_scanned(dpi, format):
    labels = [label(tracking="08412345678901"), endless_label(reference="MCI-000013/98"), label()]
    for wanted, printed in zip(
        labels, zpl_reader.read(as_bytes(write_zpl, labels, dpi=dpi, format=format)), strict=True
    ):
        codes = {("Code128", wanted.reference), ("QRCode", wanted.reference)}
        codes |= {("Code128", wanted.tracking)} if wanted.tracking else set()
        assert set(scanned(zpl_reader.picture(printed))) == codes


@pytest.mark.parametrize(("dpi", "size"), [(203, (800, 1200)), (300, (1181, 1771))])
def test_the_printer_is_told_its_paper_and_its_letters(dpi, size):
    data = as_bytes(write_zpl, [label()], dpi=dpi)
    printed = zpl_reader.read(data)[0]
    assert (printed.wide, printed.high) == pytest.approx(size, abs=1)
    assert data.startswith(b"^XA^CI28")
    assert data.rstrip().endswith(b"^XZ")


def test_the_amount_is_in_white_on_black_and_in_euro():
    printed = zpl_reader.read(as_bytes(write_zpl, [label(cod=Decimal("1239.90"))], language="en"))[0]
    amount = next(field for field in printed.fields if field.text == "1,239.90 EUR")
    assert amount.reverse
    assert amount.high == max(field.high for field in printed.fields if field.kind == "text")
    assert "Nothing to collect" in zpl_reader.read(as_bytes(write_zpl, [label()], language="en"))[0].texts()


@pytest.mark.parametrize("name", ["^XZ^XA^FO0,0^FDpwned", "~JA~JR", "_5EXZ", "a\\&b", "^FS", "\n^XZ", "\x10\x02"])
def test_no_name_gives_the_printer_an_order(name):
    clean = as_bytes(write_zpl, [label()]).decode()
    data = as_bytes(write_zpl, [label(recipient=replace(LUCIA, name=name))]).decode()
    assert [part[:2] for part in data.split("^")] == [part[:2] for part in clean.split("^")]
    assert "~" not in data
    assert "\\" not in data
    assert plain(name) in zpl_reader.read(data.encode())[0].texts()


@pytest.mark.parametrize("value", ["A^B~C>D_E", ">:>;", "12345678", "1234567", "MCI-000012/2"])
def test_a_code_with_signs_of_the_printers_language_is_read_as_it_is(value):
    printed = zpl_reader.read(as_bytes(write_zpl, [label(reference=value)]))[0]
    assert set(printed.codes()) == {("Code128", value), ("QRCode", value)}
    data, _modules = code128(value)
    assert "^" not in data
    assert "~" not in data


def test_pairs_of_digits_take_half_the_room():
    assert code128("12345678")[1] < code128("ABCDEFGH")[1]
    assert code128("12345678")[0].startswith(">;")
    assert code128("1234567")[0].startswith(">:")


@pytest.mark.parametrize(
    ("text", "letters"),
    [("Łódź", "Łódź"), ("Ștefan", "Ştefan"), ("39 €", "39 EUR"), ("日本", "??"), ("ạ", "a"), ("“x”", '"x"')],
)
def test_letters_that_the_printer_lacks_are_written_otherwise(text, letters):
    assert plain(text) == letters


WORDS = st.text(max_size=200)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, WORDS, st.sampled_from(DPI))
def test_nothing_lies_over_something_else(name, street, note, dpi):
    to = Address(name, f"{street} 124/bis", "41122", street[:80], "MO", company=name, street2=note, phone=name[:30])
    printed = zpl_reader.read(as_bytes(write_zpl, [endless_label(recipient=to, note=note)], dpi=dpi))[0]
    solid = [field for field in printed.fields if field.kind != "box"]
    for number, one in enumerate(solid):
        assert one.x + one.wide <= printed.wide
        assert one.y + one.high <= printed.high
        for other in solid[number + 1 :]:
            apart = one.x + one.wide <= other.x or other.x + other.wide <= one.x
            assert apart or one.y + one.high <= other.y or other.y + other.high <= one.y, (one, other)


def test_the_house_number_survives_on_thermal_paper_too():
    printed = zpl_reader.read(as_bytes(write_zpl, [endless_label()]))[0]
    assert any("124/bis" in text for text in printed.texts())


def test_labels_are_written_one_by_one():
    out = io.BytesIO()
    sizes = []

    def labels():
        for number in range(3):
            sizes.append(len(out.getvalue()))
            yield label(reference=f"MCI-{number:06d}")

    assert write_zpl(labels(), out) == 3
    assert sizes[0] == 0 < sizes[1] < sizes[2]


def test_a_printer_that_is_not_known_is_refused():
    out = io.BytesIO()
    with pytest.raises(BadPaper):
        write_zpl([label()], out, dpi=600)
    with pytest.raises(BadPaper):
        write_zpl([label()], out, format=Format.A4_OF_FOUR)
    with pytest.raises(NothingToPrint):
        write_zpl([], out)
    assert out.getvalue() == b""
