"""shipping/papers/couriers_labels.py and logo.py: what others made is printed, and does no harm."""

from __future__ import annotations

import contextlib
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from shipping.papers.couriers_labels import MOST_BYTES, checked, write_merged
from shipping.papers.errors import BadLabelFile, BadLogo, NothingToPrint
from shipping.papers.label import Format, write_labels
from shipping.papers.logo import logo as printed_logo
from shipping.papers.logo import or_none
from shipping.papers.writing import as_bytes
from tests.shipping.papers.reading import read
from tests.shipping.papers.samples import label, logo


def of_courier(reference: str) -> bytes:
    return as_bytes(write_labels, [label(reference=reference)], format=Format.ROLL)


def test_a_couriers_label_is_passed_through_as_it_is():
    data = of_courier("BN001")
    assert checked(data) is data


def test_many_files_become_one_in_their_order_and_every_code_is_still_read():
    files = [of_courier("BN001"), as_bytes(write_labels, [label(), label(reference="MCI-2")]), of_courier("BN003")]
    pages = read(as_bytes(write_merged, files))
    assert [page.values("Code128") for page in pages] == [{"BN001"}, {"MCI-000012"}, {"MCI-2"}, {"BN003"}]
    assert (round(pages[0].width), round(pages[1].width)) == (283, 298)


def test_what_many_files_share_is_kept_once():
    files = [of_courier(f"BN{number:03d}") for number in range(20)]
    assert len(as_bytes(write_merged, files)) < sum(len(data) for data in files) / 4


def test_nothing_of_a_foreign_file_acts_by_itself():
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    writer = PdfWriter(clone_from=io.BytesIO(of_courier("BN001")))
    writer.root_object[NameObject("/OpenAction")] = action
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([DictionaryObject({NameObject("/A"): action})])
    out = io.BytesIO()
    writer.write(out)
    assert b"JavaScript" in out.getvalue()
    merged = as_bytes(write_merged, [out.getvalue()])
    assert b"JavaScript" not in merged
    assert b"OpenAction" not in merged
    assert read(merged)[0].values("Code128") == {"BN001"}


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(of_courier("BN001")))
    writer.encrypt("x", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"<html>Session expired</html>",
        lambda: b"%PDF-1.4\n" + b"x" * MOST_BYTES,
        lambda: b"%PDF-1.4\nnothing of it",
        lambda: of_courier("BN001")[:400],
        encrypted,
    ],
)
def test_a_file_that_cannot_be_printed_needs_a_person_and_writes_nothing(make):
    data = make()
    with pytest.raises(BadLabelFile):
        checked(data)
    out = io.BytesIO()
    with pytest.raises(BadLabelFile):
        write_merged([of_courier("BN001"), data], out)
    assert out.getvalue() == b""


def test_no_file_is_no_print():
    with pytest.raises(NothingToPrint):
        write_merged([], io.BytesIO())


WHOLE = of_courier("BN001")
# Where the structure is written, not the compressed drawings and letters.
STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
STRUCTURE = [
    place
    for start, end in zip(
        [0, *(found.end() for found in STREAM.finditer(WHOLE))],
        [*(found.start() for found in STREAM.finditer(WHOLE)), len(WHOLE)],
        strict=True,
    )
    for place in range(start, end)
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STRUCTURE), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_damaged_file_is_refused_or_printed_and_never_breaks(damages):
    data = bytearray(WHOLE)
    for place, byte in damages:
        data[place] = byte
    with contextlib.suppress(BadLabelFile, NothingToPrint):
        write_merged([bytes(data)], io.BytesIO())


# Logos


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
def test_a_logo_is_made_small_and_keeps_its_shape(form):
    wide, high = printed_logo(logo(form, (3000, 1000))).getSize()
    assert wide <= 900
    assert high <= 400
    assert wide / high == pytest.approx(3, rel=0.02)


def picture(form: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("1", size).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"<svg onload='x'/>",
        lambda: logo()[:200],
        lambda: picture("GIF", (10, 10)),
        lambda: picture("PNG", (4001, 10)),
        lambda: picture("PNG", (20_000, 20_000)),
        lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 3_000_000,
    ],
)
def test_what_is_no_logo_is_refused_where_it_is_given_and_left_out_where_it_is_printed(make):
    data = make()
    with pytest.raises(BadLogo):
        printed_logo(data)
    assert or_none(data) is None
