"""The values of cells as people and programs write them. Pure; what can be read in two ways is not read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable

from django.utils.dateparse import parse_datetime

from core import table
from core.postal.countries import COUNTRIES

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "gen jan ene janv gennaio january januar janvier enero",
            "feb fev fevr febbraio february februar fevrier febrero",
            "mar mrz maer marz mars marzo march",
            "apr abr avr avril aprile april abril",
            "mag may mai maggio mayo",
            "giu jun juin giugno june juni junio",
            "lug jul juil luglio july juli julio juillet",
            "ago aug aout agosto august",
            "set sep sept settembre september septembre septiembre",
            "ott oct okt ottobre october oktober octobre octubre",
            "nov novembre november noviembre",
            "dic dec dez dicembre december dezember decembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_WORD_DATE = re.compile(r"(?:(\d{1,2})[-. /]+([a-z]+)|([a-z]+)[-. /]+(\d{1,2}))\.?,?[-. /]+(\d{4}|\d{2})\b")
_FIGURES = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EXPONENT = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE | re.ASCII)
_CODES = frozenset(code for code, _name in COUNTRIES)
_COUNTRY = {
    **dict.fromkeys(("it", "ita", "italy", "italia", "italien", "italie"), "IT"),
    **dict.fromkeys(("sm", "smr", "san marino"), "SM"),
    **dict.fromkeys(("va", "vat"), "VA"),
    **dict.fromkeys(("de", "deu", "germany", "deutschland", "germania", "allemagne", "alemania"), "DE"),
    **dict.fromkeys(("fr", "fra", "france", "francia", "frankreich"), "FR"),
    **dict.fromkeys(("es", "esp", "spain", "spagna", "espana", "españa", "spanien", "espagne"), "ES"),
    **dict.fromkeys(("at", "aut", "austria", "österreich"), "AT"),
    **dict.fromkeys(("ch", "che", "svizzera", "switzerland", "schweiz", "suisse"), "CH"),
    **dict.fromkeys(("be", "bel", "belgio", "belgium", "belgique"), "BE"),
    **dict.fromkeys(("nl", "nld", "paesi bassi", "netherlands"), "NL"),
    **dict.fromkeys(("gb", "gbr", "uk", "united kingdom", "regno unito"), "GB"),
    **dict.fromkeys(("si", "svn", "slovenia"), "SI"),
    **dict.fromkeys(("hr", "hrv", "croazia", "croatia"), "HR"),
    **dict.fromkeys(("pt", "prt", "portogallo", "portugal"), "PT"),
    **dict.fromkeys(("pl", "pol", "polonia", "poland"), "PL"),
}
_DOUBLY = re.compile(r"[ÃÂ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")


def fold(text: str) -> str:
    """Small letters without accents, for comparison."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()


def heading(text: str) -> str:
    """A column's name as it is compared: "ship-Postal_Code (Must be …)*" is "ship postal code"."""
    plain = re.sub(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]", " ", fold(text[:300].strip("\ufeff")))
    plain = re.sub(r"[-_*\"'’`:#°º./]+", " ", plain)
    return " ".join(plain.split())


def is_damaged(text: str) -> bool:
    """5,1E+13: a spreadsheet has thrown its figures away."""
    return table.is_damaged(text) or bool(_EXPONENT.fullmatch(text.strip()))


def is_masked(text: str) -> bool:
    """S*******: the marketplace does not show it (yet)."""
    return "*" in text


def has_broken_signs(text: str) -> bool:
    """Whether letters are lost, or stand as two (NicolÃ²)."""
    return "\ufffd" in text or bool(_DOUBLY.search(text))


def pieces(text: str) -> int | None:
    """1 to 9,999; None for what is none."""
    found = table.whole(text)
    return found if found is not None and 0 <= found <= 9999 else None


def is_yes(text: str) -> bool:
    return fold(text.strip()) in {"true", "yes", "y", "1", "si", "ja", "oui", "vero", "x"}


def country(text: str) -> str:
    """ISO alpha-2; Italy where nothing is said, "" for what nobody knows."""
    plain = text.strip()
    if not plain:
        return "IT"
    if found := _COUNTRY.get(plain.casefold()) or _COUNTRY.get(fold(plain)):
        return found
    return plain.upper() if plain.upper() in _CODES else ""


def day_comes_first(texts: Iterable[str]) -> bool | None:
    """Of all dates of a column: whether 05/11/2026 is in November; None while nothing tells."""
    for text in texts:
        found = _FIGURES.match(text.strip())
        if found and int(found[1]) > 12:
            return True
        if found and int(found[2]) > 12:
            return False
    return None


def date(text: str, *, day_first: bool | None = None) -> dt.datetime | None:
    """A moment, in UTC where the file says no zone; None for what is none or can be read in two ways."""
    plain = " ".join(text.split())[:60]
    try:
        if _ISO.match(plain):
            found = parse_datetime(plain[:10] + "T00:00" if len(plain) == 10 else plain)
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)) if found else None
        if words := _WORD_DATE.match(fold(plain)):
            month = _MONTHS.get(words[2] or words[3])
            return _day(int(words[5]), month, int(words[1] or words[4])) if month else None
        if figures := _FIGURES.match(plain):
            first, second, year = int(figures[1]), int(figures[2]), int(figures[3])
            if first > 12 or day_first or first == second:
                return _day(year, second, first)
            if second > 12 or day_first is False:
                return _day(year, first, second)
    except (ValueError, OverflowError):
        return None
    return None


def _day(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year + 2000 if year < 100 else year, month, day, tzinfo=dt.UTC)
