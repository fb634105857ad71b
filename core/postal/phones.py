"""Telephone numbers as customers type them, read for a courier who has to dial them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneNumberMatcher, PhoneNumberType

HOME = "IT"
_LONGEST = 14  # digits without the country's: with those and a 0 put back it is what can be parsed (E.164 has 15)


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` is the one to dial, as +390111110011, "" when nothing that was given is a telephone number; `shown` is
    how people read it. `extension`: digits to dial after it; `others`: further numbers that were given; `said`: all of
    what was given, where there were words in it ("dopo le 18", "marito")."""

    number: str = ""
    shown: str = ""
    extension: str = ""
    others: tuple[str, ...] = ()
    said: str = ""


_EXTENSIONS = re.compile(
    r"(?<![\s,;#(])[\s,;#(]*"  # read from its first sign only
    r"(?:\b(?:ext(?:ension)?|extn|est(?:ensione)?|int(?:erno)?)\b\.?|\bx(?=\s?\d)|;ext=)\s*[:.=#]?\s*(\d{1,7})\)?",
    re.IGNORECASE,
)
# +39+39…, +39 0039…, 0039 39…: the prefix again before a number that is whole without it
_AGAIN = re.compile(r"^\W*(?:(?:\+|00)\s*39|39)[\s.()/-]*(?=(?:\+|00)\s*39)")
_TWO = re.compile(r"(\+?\d{8,13}) +(\+?\d{8,13})", re.ASCII)
_LABELS = re.compile(
    r"(?<![^\W\d_])(?:tel|telefono|cell|cellulare|mobile|phone|n|nr|num|numero|oppure|or|o|e)\.?(?![^\W\d_])",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{2}")
_TOKEN = re.compile(r"\+?[\d().-]+", re.ASCII)
_BETWEEN = re.compile(r"\s*(?:[/;|,&\n]|\boppure\b|\bor\b|\bo\b|\be\b|\s-\s)\s*", re.IGNORECASE)


def phone(text: str, country: str = HOME) -> Phone:
    """Reads what was typed as a telephone. Numbers without a prefix are those of `country` (ISO); an Italian landline
    keeps its 0. Pure, and never raises."""
    plain = whole = _printable(text)
    found = list(dict.fromkeys(_EXTENSIONS.findall(plain)))
    plain = re.sub(r"(?<=\d{8})\.0{1,2}(?!\d)", "", plain)  # a spreadsheet's: 3331110001.0
    plain = _EXTENSIONS.sub(" ", plain).replace(";", "/").strip()
    region = country.strip().upper() or HOME
    numbers = _numbers(plain, region)
    if not numbers:
        return Phone()
    first, *others = numbers
    shown = phonenumbers.format_number(phonenumbers.parse(first, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    said = " ".join(whole.split()) if _LETTERS.search(_LABELS.sub(" ", plain)) and "@" not in whole else ""
    return Phone(first, shown, found[0] if found else "", tuple(others), said)


def phone_key(text: str, country: str = HOME) -> str:
    """The form in which the writings of one number are the same: +39 333 1234567, 3331234567 and 0039333… ; "" for
    what is no telephone."""
    return phone(text, country).number


def _printable(text: str) -> str:
    text = unicodedata.normalize("NFKC", "/".join(text[:200].split("\n")))
    return "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zs") else sign
        for sign in text
        if unicodedata.category(sign) != "Cf"
    )


def _numbers(plain: str, region: str) -> list[str]:
    """All numbers in a text, E.164, the first one first."""
    whole = _one(plain, region)
    if whole:
        return [whole]
    row = _in_a_row(plain.split(), region)
    if len(row) > 1:
        return list(dict.fromkeys(row))
    parts = [part for part in _BETWEEN.split(plain) if sum(map(str.isdigit, part)) >= 6]
    found = [number for part in parts if (number := _one(part, region) or _within(part, region))]
    if len(found) < 2:  # two with a space alone between them, or words
        found += _all_within(plain, region)
    return list(dict.fromkeys(found))


def _in_a_row(tokens: list[str], region: str) -> list[str]:
    """Numbers with nothing but spaces between and within them, where all of it is such: the longest first."""
    if len(tokens) > 12 or not all(_TOKEN.fullmatch(token) for token in tokens):
        return []
    for end in range(len(tokens), 0, -1):
        number = _one(" ".join(tokens[:end]), region)
        if number and end == len(tokens):
            return [number]
        if number and (rest := _in_a_row(tokens[end:], region)):
            return [number, *rest]
    return []


def _within(plain: str, region: str) -> str:
    """A number among words: `333 1110001 (ore pasti)`, `Mario 333 1110001`."""
    return next(iter(_all_within(plain, region)), "")


def _all_within(plain: str, region: str) -> list[str]:
    known = region if region in phonenumbers.SUPPORTED_REGIONS else HOME
    matches = PhoneNumberMatcher(_mended(plain), known, leniency=Leniency.VALID, max_tries=5)
    found = [number for match in matches if (number := _accepted(match.number))]
    if len(found) < 2 and (two := _TWO.fullmatch(plain)):
        both = [_one(part, region) for part in two.groups()]
        found = both if all(both) else found
    return found


def _one(plain: str, region: str) -> str:
    """`plain` as one number, "" when it is not one."""
    plain = _mended(plain)
    if re.search(
        r"[^\W\d_]{2}.*\d|\d.*[^\W\d_]",
        re.sub(r"^\W*(?:tel|cell|telefono|cellulare|mobile|phone)\b\.?", "", plain, flags=re.IGNORECASE),
    ):
        return ""  # letters would be dialled as digits, as on an old American telephone
    try:
        number = phonenumbers.parse(plain, region if region in phonenumbers.SUPPORTED_REGIONS else HOME)
    except NumberParseException:
        return ""
    return _accepted(number)


def _mended(plain: str) -> str:
    while (shorter := _AGAIN.sub("", plain)) != plain:
        plain = shorter
    return plain


def _accepted(number: phonenumbers.PhoneNumber) -> str:
    digits = phonenumbers.national_significant_number(number)
    if len(digits) > _LONGEST:
        return ""
    if number.country_code == 39:
        if digits.startswith("39") and not phonenumbers.is_valid_number(number):  # 0039 39 333…: the prefix again
            return _accepted(phonenumbers.parse(f"+39{digits[2:]}", None)) if len(digits) > 8 else ""
        if digits[:1] in "1245679" and not phonenumbers.is_valid_number(number):  # the 0 of a landline was dropped
            number = phonenumbers.parse(f"+390{digits}", None)
            if phonenumbers.number_type(number) != PhoneNumberType.FIXED_LINE:
                return ""
        if not phonenumbers.is_valid_number(number):
            return ""
    elif not phonenumbers.is_possible_number(number):
        return ""
    if len(digits) < 5 or len(set(digits)) == 1 or digits.lstrip("0") in "123456789012345":
        return ""  # 0000000000, 3333333333, 1234567890: something had to be typed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
