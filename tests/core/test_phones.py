"""core/postal/phones.py: telephones as customers type them, for a courier who has to dial them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.postal.phones import Phone, phone, phone_key

MOBILE = "+393331234567"
_PARTS = ("347 1110021", "3471110021", "0", "12", "33100", "39", "+39", "0039", "(", "/", "-", " ", "011", "1110007")


@pytest.mark.parametrize(
    "written",
    [
        *("3331234567", "+39 333 1234567", "0039 333 123 4567", "393331234567", "333.123.4567", "333-1234567"),
        *("+39+393331234567", "+39 +39 333 1234567", "0039 39 3331234567", "+39 0039 3331234567", "39 39 3331234567"),
        *("(+39) 333 1234567", "++39 3331234567", "333/1234567", "333\u200e 123 4567", "\u202a+39 333 1234567\u202c"),
        *(
            "３３３１２３４５６７",
            "tel. 333 1234567",
            "cell: 3331234567",
            "Mario 333 1234567",
            "333 1234567 (ore pasti)",
        ),
    ],
)
def test_the_writings_of_one_number_are_the_same(written: str) -> None:
    assert phone_key(written) == MOBILE


@pytest.mark.parametrize(
    ("written", "number"),
    [
        *(
            ("011 111 0011", "+390111110011"),
            ("+39 011 1110011", "+390111110011"),
            ("0039 02 12345678", "+390212345678"),
        ),
        *(("06/12345678", "+390612345678"), ("049 1110", "+390491110"), ("+39 (0)2 12345678", "+390212345678")),
        *(("+39 6 12345678", "+390612345678"), ("612345678", "+390612345678")),  # its 0 was dropped before us
        *(("333123456", "+39333123456"), ("39333123456", "+39333123456")),  # nine digits: the old mobiles
        *(("393 1234567", "+393931234567"), ("800 123456", "+39800123456")),
        *(
            ("+41 91 123 45 67", "+41911234567"),
            ("0041 91 1234567", "+41911234567"),
            ("+378 0549 991234", "+3780549991234"),
        ),
        *(("+49 30 1234567", "+49301234567"), ("+1-210-728-4548 ext. 04455", "+12107284548")),
    ],
)
def test_landlines_keep_their_0_and_foreign_numbers_stay(written: str, number: str) -> None:
    assert phone(written).number == number


@pytest.mark.parametrize(
    "written",
    [
        *("", "-", "--", ".", "n/a", "no", "0", "0000000000", "+39", "+390000000000", "333", "123", "1234567890"),
        *("3333333333", "11111111111", "3,93331E+11", "3.9333E+11", "nessuno", "x" * 300, "+", "00", "ext. 5"),
    ],
)
def test_what_had_to_be_typed_is_no_number(written: str) -> None:
    assert phone(written) == Phone()


@pytest.mark.parametrize(
    ("written", "extension"),
    [
        ("+39 011 111 0011 int. 04455 ext. 04455", "04455"),
        *(("0111110011 interno 12", "12"), ("0111110011 x12", "12"), ("011 1110011;ext=12", "12")),
        *(("011 1110011 (int 7)", "7"), ("0111110011 est.12", "12"), ("0111110011", "")),
    ],
)
def test_an_extension_is_cut_off_and_kept(written: str, extension: str) -> None:
    found = phone(written)
    assert (found.number, found.extension) == ("+390111110011", extension)


@pytest.mark.parametrize(
    "written",
    [
        *("333 1234567 / 011 1110011", "3331234567/0111110011", "333 1234567 - 011 1110011", "3331234567;0111110011"),
        *("333 1234567 oppure 011 1110011", "cell. 3331234567, casa 011 1110011", "333 1234567\n011 1110011"),
    ],
)
def test_of_two_numbers_the_first_is_dialled_and_both_are_known(written: str) -> None:
    found = phone(written)
    assert (found.number, found.others, found.shown) == (MOBILE, ("+390111110011",), "+39 333 123 4567")


def test_a_number_without_prefix_is_of_the_addresss_country() -> None:
    assert phone("091 123 45 67", "CH").number == "+41911234567"
    assert phone("089 1234567", "DE").number == "+49891234567"
    assert phone("3331234567", "ZZ").number == MOBILE


@pytest.mark.parametrize("written", ["3331110001.0", "+393331110001.00", "393331110001.0"])
def test_a_spreadsheets_decimals_are_not_dialled(written: str) -> None:
    assert phone(written).number == "+393331110001"


@pytest.mark.parametrize(
    "written",
    [
        "3331234567 0212345678",
        "333 1234567 / 02 12345678",
        "cell.3331234567 casa 02 12345678",
        "3331234567  0212345678",
    ],
)
def test_the_second_number_is_not_lost_whatever_stands_between_the_two(written: str) -> None:
    found = phone(written)
    assert (found.number, found.others) == (MOBILE, ("+390212345678",))


@pytest.mark.parametrize("between", [" ", "  ", " / ", ", ", " - ", " o "])
def test_the_third_number_is_not_lost_and_the_first_is_dialled(between: str) -> None:
    found = phone(between.join(["333 1234567", "011 1110011", "0212345678"]))
    assert (found.number, found.others, found.said) == (MOBILE, ("+390111110011", "+390212345678"), "")


@pytest.mark.parametrize(
    "written",
    [
        *("333 1234567 (ore pasti)", "Mario 333 1234567", "333 1234567 Sig.ra Rossi dopo le 18", "3331234567 whatsapp"),
        *("3331234567 marito 3471112223 moglie", "333 1234567, scala B", "cell. 3331234567 chiamare prima"),
    ],
)
def test_words_beside_the_number_are_kept_as_they_were_given(written: str) -> None:
    found = phone(written)
    assert (found.number, found.said) == (MOBILE, written)


@pytest.mark.parametrize(
    "written",
    [
        *("cell. 333 1234567", "Tel.: 3331234567", "n. 333 1234567", "333 1234567 int. 12", "333 1234567 x12"),
        *("333 1234567 oppure 011 1110011", "333 1234567 e 011 1110011", "mario@example.it 333 1234567", MOBILE),
    ],
)
def test_what_only_names_a_telephone_is_no_word(written: str) -> None:
    assert phone(written).said == ""


@given(st.text(alphabet="0123456789+() /-.", max_size=40) | st.lists(st.sampled_from(_PARTS), max_size=8).map("".join))
def test_no_row_of_figures_breaks_it(written: str) -> None:
    found = phone(written)
    for number in filter(None, (found.number, *found.others)):
        assert re.fullmatch(r"\+\d{6,15}", number, re.ASCII)


@pytest.mark.parametrize("written", ["11100073471110021", "20331003471110021", "+39 0039 11100073471110021"])
def test_a_number_that_is_too_long_for_any_country_is_none(written: str) -> None:
    assert phone(written).number in ("", "+393471110021")
