"""What a courier's fields can hold of an address: limits are data of the courier (see Courier), the house number is
never cut off, and what does not fit on the street's line goes to the note."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.address import Address, phone

if TYPE_CHECKING:
    from shipping.models import Courier


@dataclass(frozen=True, slots=True)
class Fit:
    """An address as one courier takes it. `street2` is empty where the courier has one line alone; `cut` names the
    fields that lost something: name, company, street, city, email, note."""

    name: str
    company: str
    street: str
    street2: str
    city: str
    email: str
    phone: str
    note: str
    cut: tuple[str, ...]


# What is the same to a reader and has no accent to be taken off.
_SAME = str.maketrans(
    {
        **dict.fromkeys("’‘‚‛´`ʼ′", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("–—―‐‑‒−", "-"),
        "…": "...",
        "€": "EUR",
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ł": "l",
        "Ł": "L",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "№": "n.",
        "•": "-",
        "·": "-",
    }
)
_SMALL = frozenset(
    ["e", "ed", "di", "de", "del", "dei", "della", "delle", "degli", "da", "dal", "la", "le", "san", "s."]
)
_NUMBER = (
    r"(?:(?:n(?:r|um|ro)?[.°º]?|km\.?|civ(?:ico)?\.?)\s*)?\d+(?:[+.]\d+)?"
    r"(?:\s*[/-]\s*[A-Za-z0-9]{1,4}\b|\s?[A-Za-z]\b(?!\.)|\s*(?:bis|ter|quater)\b)*"
    r"|s\.?\s?n\.?\s?c\b\.?"
)
_BEFORE_NUMBER = re.compile(r"[\s,]+((?:n(?:r|um|ro)?[.°º]?|km\.?|civ(?:ico)?\.?))$", re.IGNORECASE)
_CIVIC = re.compile(
    rf"^(?P<name>.*[^\W\d_.][.'’]?)[\s,]+(?P<number>{_NUMBER})(?P<tail>(?:[\s,;:(–-].*)?)$", re.IGNORECASE
)
_LONE_NUMBER = re.compile(rf"^(?P<number>{_NUMBER})(?P<tail>(?:[\s,;:(–-].*)?)$", re.IGNORECASE)
# Where the door ends and the way inside begins. What lies between them is read from its first sign only.
_INSIDE = re.compile(
    r"(?<![\s,;(–-])[\s,;(–-]+(?=(?:(?:sc(?:ala)?|int(?:erno)?|app(?:artamento)?|pal(?:azzina)?|ed(?:ificio)?|lotto|blocco)\b\.?\s*"
    r"(?:n\.?\s*)?(?:\d|[A-Z]\b)|p(?:iano)?\b\.?\s*\d|piano\b|\d+[°º]\s*piano\b|c/o\b|presso\b|citofon))",
    re.IGNORECASE,
)


def signs(text: str, form: str, refused: str = "") -> tuple[str, bool]:
    """`text` with the signs that a courier takes (`form`: a Courier.TextForm), and whether letters were lost on the
    way: those of an alphabet that has no form there. Emoji and quotation marks are no loss."""
    lost = False
    if form:
        encoding = "ascii" if form == "ascii" else "latin-1"
        kept = []
        for sign in unicodedata.normalize("NFC", text):
            plain = sign if _fits(sign, encoding) else _plain(sign, encoding)
            lost = lost or (not plain and unicodedata.category(sign)[0] in "LN")
            kept.append(plain)
        text = "".join(kept)
    for sign in refused:
        text = text.replace(sign, "'" if sign == '"' else " ")
    return " ".join(text.split()).strip(), lost


def fit(address: Address, note: str, courier: Courier) -> Fit:
    """The address and the note as this courier's fields hold them. Pure."""
    cut: list[str] = []

    def form(name: str, text: str) -> str:
        found, lost = signs(text, courier.text_form, courier.refused_signs)
        if lost:
            cut.append(name)
        return found

    def short(name: str, text: str, most: int | None) -> str:
        text = form(name, text)
        found = _words(text, most)
        if found != text:
            cut.append(name)
        return found

    name = short("name", address.name, courier.name_limit)
    company = short("company", address.company, courier.name_limit)
    street, street2, over, shortened = _street(
        form("street", address.street), form("street2", address.street2), courier.street_limit
    )
    if shortened:
        cut.append("street")
    city = short("city", address.city, courier.city_limit)
    email, _lost = signs(address.email, courier.text_form)
    if courier.email_limit and len(email) > courier.email_limit:  # half an address is none
        email = ""
        cut.append("email")
    notes = " - ".join(filter(None, [over, form("note", note)]))
    told = _words(notes, courier.note_limit)
    if told != notes:
        cut.append("note")
    number = phone(address.phone, address.country).number
    return Fit(name, company, street, street2, city, email, number, told, tuple(dict.fromkeys(cut)))


def _street(street: str, more: str, most: int | None) -> tuple[str, str, str, bool]:
    """(the street's line with its number, a second line, what goes to the note, whether the street's name was cut)."""
    if not re.search(r"\d", street) and (lone := _LONE_NUMBER.match(more)):  # the number stands in the second field
        street, more = f"{street} {lone['number']}", lone["tail"].strip(" ,;:(–-")
    if most is None:
        return street, more, "", False
    whole = f"{street}, {more}" if more else street
    if len(whole) <= most:
        return whole, "", "", False
    if len(street) <= most:
        return street, "", more, False
    door, *inside = _INSIDE.split(street, maxsplit=1)
    found = _CIVIC.match(door)
    if found and not (
        " " not in found["name"].strip() and re.match(r"\s*[^\W\d_]{2,}", found["tail"])
    ):  # Via 4 Novembre
        name, number, tail = found["name"].strip(" ,"), found["number"].strip(), found["tail"].strip(" ,;:(–-")
        if before := _BEFORE_NUMBER.search(name):  # km 12, n. 12
            name, number = name[: before.start()], f"{before[1]} {number}"
    else:
        name, number, tail = door, "", ""
    words = name.split()
    dropped: list[str] = []
    while len(words) > 1 and (len(" ".join([*words, number]).strip()) > most or words[-1].lower() in _SMALL):
        if len(" ".join([*words, number]).strip()) <= most and not dropped:
            break
        dropped.insert(0, words.pop())
    line = " ".join(filter(None, [" ".join(words), number]))
    if len(line) > most:  # one endless word: the number keeps its place
        line = f"{line[: most - len(number) - 1].rstrip()} {number}"[:most] if number else line[:most]
    over = " - ".join(filter(None, [" ".join(dropped), tail, *inside, more]))
    return line, "", over, bool(dropped) or len(line) < len(" ".join(filter(None, [" ".join(words), number])))


def _words(text: str, most: int | None) -> str:
    """`text` within `most` signs, cut where a word ends when there is one in the second half."""
    if not most or len(text) <= most:
        return text
    end = text.rfind(" ", most // 2, most + 1)
    return text[: end if end > 0 else most].rstrip(" -,;")


def _fits(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _plain(sign: str, encoding: str) -> str:
    """The nearest that the encoding has, "" for none."""
    found = sign.translate(_SAME)
    if found == sign:
        found = unicodedata.normalize("NFKD", sign)
    return "".join(one for one in found if _fits(one, encoding))
