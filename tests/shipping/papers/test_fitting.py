"""shipping/papers/fitting.py and fonts.py: every text holds in its place, in letters that are there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping.papers.fitting import civic, cut, fit, wrapped
from shipping.papers.fonts import LACKING, Face, face, printable, width

ANY = st.text(max_size=200)
# No digit of its own: then the only house number is the one that is put there.
NAME = st.text(st.characters(blacklist_categories=("Nd", "Nl", "No")), min_size=1, max_size=200)


@pytest.mark.parametrize(
    "text",
    [
        "àèéìíîòóùúÀÈÉ€",  # Italian
        "ĂăÂâÎîȘșȚț",  # Romanian, with the comma below
        "ĄąĆćĘęŁłŃńÓóŚśŹźŻż",  # Polish
        "ÁáČčĎďÉéĚěÍíŇňŘřŠšŤťÚúŮůÝýŽž",  # Czech
        "ÄäÖöÜüßÅåÆæØøŐőŰűĞğİıŞş",
        "ΑΩάώ ЖЯжя",
    ],
)
def test_the_typeface_has_every_letter_of_our_customers(text):
    assert printable(text) == text
    for which in Face:
        assert all(ord(sign) in face(which).face.charToGlyph for sign in text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Anna 日本", f"Anna {LACKING}{LACKING}"),
        ("محمد", LACKING * 4),
        ("Maria 😀", "Maria"),
        ("👩‍👩‍👧", LACKING),
        ("\ud800nna", f"{LACKING}nna"),
        ("Via\u202eRoma\u0000 1\n\t2", "ViaRoma 1 2"),
        ("e\u0301", "é"),
        ("Ⅷ １２", "VIII 12"),
        ("   ", ""),
        ("", ""),
    ],
)
def test_what_the_typeface_lacks_is_written_otherwise_or_seen_to_be_lacking(text, shown):
    assert printable(text) == shown


@given(ANY)
def test_every_text_can_be_printed(text):
    shown = printable(text)
    assert printable(shown) == shown
    assert bool(shown) or not text.strip()
    assert width(shown, Face.BOLD, 10) >= 0


@settings(max_examples=150)
@given(ANY, st.floats(20, 300), st.integers(1, 4), st.booleans())
def test_a_fitted_text_is_within_its_place(text, room, lines, street):
    found = fit(text, room, face=Face.BOLD, size=14, least=7, lines=lines, street=street)
    assert len(found.lines) <= lines
    assert 7 <= found.size <= 14
    assert all(width(line, Face.BOLD, found.size) <= room + 0.01 for line in found.lines)
    assert bool(found.lines) == bool(printable(text))


@settings(max_examples=150)
@given(NAME, st.sampled_from(["1", "12/A", "124/bis", "7 bis", "km 12", "snc"]), st.floats(60, 300), st.integers(1, 3))
def test_the_house_number_survives_every_cut(name, number, room, lines):
    found = fit(f"Via {name} {number}", room, face=Face.BOLD, size=14, least=8, lines=lines, street=True)
    assert number in " ".join(found.lines)


@pytest.mark.parametrize(
    ("street", "number"),
    [
        ("Via Roma 1", "1"),
        ("Via Roma, 12/A", "12/A"),
        ("Via Roma n. 12", "n. 12"),
        ("Via 4 Novembre 12 bis", "12 bis"),
        ("Via Roma 1 scala B interno 4", "1"),
        ("Via Roma 1, c/o Rossi 45", "1"),
        ("Strada Statale 16 km 12", "km 12"),
        ("Piazza Duomo snc", "snc"),
        ("12, Rue de la Paix", "12"),
        ("ul. Długa 5", "5"),
        ("Contrada Sperduta", ""),
    ],
)
def test_the_house_number_is_found(street, number):
    before, found, after = civic(street)
    assert found == number
    assert before in street
    assert after in street


def test_a_text_is_first_shrunk_then_wrapped_then_cut():
    text = "Via dei Martiri della Libertà 12"
    whole = width(text, Face.BOLD, 12)
    assert fit(text, whole, face=Face.BOLD, size=12, least=8).size == 12
    shrunk = fit(text, whole * 0.8, face=Face.BOLD, size=12, least=8, lines=2)
    assert shrunk.lines == (text,)
    assert shrunk.size < 12
    two = fit(text, whole * 0.5, face=Face.BOLD, size=12, least=8, lines=2)
    assert len(two.lines) == 2
    assert " ".join(two.lines) == text
    short = fit(text, whole * 0.3, face=Face.BOLD, size=12, least=8, street=True)
    assert short.lines[0].endswith("… 12")


def test_a_word_without_end_is_broken():
    lines = wrapped("x" * 500, 100, Face.REGULAR, 10)
    assert "".join(lines) == "x" * 500
    assert all(width(line, Face.REGULAR, 10) <= 100 for line in lines)
    assert cut("x" * 500, 100, Face.REGULAR, 10).endswith("…")
