"""Postcode, comune and province in a text, held against the places of Italy that are loaded."""

from __future__ import annotations

import re

from core import places
from core.models import Place
from core.postal import provinces
from orders.paste.cleaning import Line, as_written
from orders.paste.found import Found
from orders.paste.ground import Ground

_CODE = re.compile(r"(?<![\w/.,-])(?:I-|IT-)?(?P<code>\d{5})(?![\w/-]|[.,]\d)", re.ASCII)
_CAP = re.compile(
    r"\b(?:c\.?a\.?p\.?|codice postale|zip(?: code)?|post ?code|postal code|plz|postleitzahl)(?: ?(?:giusto|"
    r"corretto|esatto))?(?: ?(?:è|e['’]|sarebbe))?\W{0,3}$",
    re.IGNORECASE,
)
_CITY = re.compile(
    r"(?:^|(?<=[,;(\s]))(?:citt[aà]|comune|localit[aà]|paese|city|town|ort|stadt|"
    r"ville) ?[:=]\s*(?P<city>[^\d,;:()\x01]{2,60})",
    re.IGNORECASE,
)
_PROVINCE = re.compile(
    r"\b(?:prov(?:incia|\.)?|state|provincia di)\W{0,3}(?P<letters>[A-Za-z]{2}|"
    r"[A-Z][a-z]{3,20})\b(?!\w)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|[’'.](?=[\w ]|$))*(?:[/-][^\W\d_]+)*", re.UNICODE)
_NAMED_PROVINCE = re.compile(r"(?P<city>[A-ZÀ-Ý][\w’' .-]{2,40}?) ?\((?P<letters>[A-Z]{2})\)")
_COUNTRIES = {
    **dict.fromkeys(("italia", "italy", "italien", "italie"), "IT"),
    **dict.fromkeys(("san marino", "repubblica di san marino", "rsm"), "SM"),
    **dict.fromkeys(("germania", "germany", "deutschland"), "DE"),
    **dict.fromkeys(("francia", "france"), "FR"),
    **dict.fromkeys(("austria", "österreich"), "AT"),
    **dict.fromkeys(("svizzera", "schweiz", "switzerland"), "CH"),
    **dict.fromkeys(("spagna", "españa", "spain"), "ES"),
}
_COUNTRY = re.compile(
    rf"(?:^|(?<=[,;\s]))(?:(?:paese|nazione|country|land) ?: ?)?(?P<land>{'|'.join(_COUNTRIES)})\b\W*$", re.IGNORECASE
)
_MOST_CODES = 8


def country(ground: Ground) -> list[Found]:
    """A country that stands at a line's end; another than Italy only where little else stands in the line."""
    found = []
    for line, match in list(ground.search(_COUNTRY)):
        start, end = line.start + match.start("land"), line.start + match.end("land")
        code = _COUNTRIES[match.group("land").lower()]
        if code == "IT" or len(line.text.split()) <= 6:
            found.append(Found("country", code, 0.8 if code != "IT" else 0.9, start, end))
            ground.take(line.start + match.start(), line.start + match.end())
    return found


def read(ground: Ground) -> list[Found]:
    """At most two queries, whatever the text."""
    spots = [(line, match) for line, match in ground.search(_CODE)][:_MOST_CODES]
    served: dict[str, list[Place]] = {}
    for place in Place.objects.filter(postcode__in={match.group("code") for _line, match in spots}) if spots else ():
        served.setdefault(place.postcode, []).append(place)
    found: list[Found] = []
    for line, match in spots:
        found += _at(ground, line, match, served)
    found += _labelled(ground, bool(found))
    if not any(one.field == "city" for one in found):
        found += _without_code(ground)
    return found


def _at(ground: Ground, line: Line, match: re.Match[str], served: dict[str, list[Place]]) -> list[Found]:
    code = match.group("code")
    start, end = line.start + match.start("code"), line.start + match.end("code")
    if line.taken_back:
        ground.take(line.start, line.end)
        return []
    called = _CAP.search(ground.before(line, match.start()))
    here = served.get(code, [])
    city = _city_beside(ground, line, match, here)
    if not here and not called and city is None:
        return []
    sure = 0.98 if here and city and city.sure > 0.8 else 0.9 if called or here else 0.7
    found = [Found("postcode", code, sure, start, end, line.corrects)]
    begin = line.start + (called.start() + max(0, match.start() - 40) if called else match.start())
    ground.take(begin, end)
    if city is not None:
        found.append(city)
        ground.take(city.start, city.end)
    letters = _province_beside(ground, line, match, city, {place.province for place in here})
    if letters is not None:
        found.append(letters)
        ground.take(letters.start, letters.end)
    return found


def _city_beside(ground: Ground, line: Line, match: re.Match[str], here: list[Place]) -> Found | None:
    """The comune behind the postcode, before it, or on the line above or below; first what the places know."""
    left = ground.left(line)
    at = ground.lines.index(line)
    behind = (left[match.end() :], line.start + match.end())
    before = (left[: match.start()], line.start)
    above = [(ground.left(one), one.start) for one in reversed(ground.lines[max(0, at - 3) : at])]
    below = [(ground.left(one), one.start) for one in ground.lines[at + 1 : at + 2]]
    beside = () if line.corrects else (*below, *above)
    for (text, start), last in ((behind, False), (before, True), *((one, False) for one in beside)):
        if (found := _known(text, start, here, last=last, late=line.corrects)) is not None:
            return found
    for text, start in (behind, *(below if not behind[0].strip(" ,.;-–") and not line.corrects else [])):
        if (guessed := _unknown(text, start, late=line.corrects)) is not None:
            return guessed
    return None


def _known(text: str, start: int, here: list[Place], *, last: bool, late: bool) -> Found | None:
    words = list(_WORDS.finditer(text))[:60]
    best: Found | None = None
    for size in (6, 5, 4, 3, 2, 1):
        for at in range(len(words) - size + 1):
            part = words[at : at + size]
            between = text[part[0].end() : part[-1].start()] if size > 1 else ""
            said = text[part[0].start() : part[-1].end()]
            if "\x01" in said or re.search(r"[,;:(\d–—]| - ", between):
                continue
            if part[0].group().lower() in _LITTLE or part[-1].group().lower() in _LITTLE:
                continue  # a comune's name neither begins nor ends with them
            if size > 1 and re.search(r" [A-Z]{2}$", said):  # a province's letters, or the way of writing in capitals
                continue
            if len(said) < 2 or (size == 1 and len(said) == 2 and said.isupper()):
                continue
            if any(places.fits(said, place) for place in here):
                best = Found("city", as_written(said), 0.95, start + part[0].start(), start + part[-1].end(), late)
                if not last:
                    return best
        if best is not None:
            return best
    return None


_LITTLE = {"in", "a", "di", "e", "da", "con", "al", "alla", "è", "sono", "siamo", "cap", "per", "via"}
_STOPS = re.compile(
    r"[,;:(\d\x01]| [-–] |\b(?:tel|cell|telefono|cap|prov|provincia|in|via|viale|corso|contrassegno|pago|e-?mail|"
    r"italia|italy)\b",
    re.IGNORECASE,
)


def _unknown(text: str, start: int, *, late: bool) -> Found | None:
    """A hamlet, or a comune written otherwise: one to four words right behind the postcode."""
    label = re.match(r"[ ,.–-]*(?:(?:citt[aà]|comune|localit[aà])(?: di)? )?", text, re.IGNORECASE)
    begin = label.end() if label else 0
    stop = _STOPS.search(text, begin)
    said = text[begin : stop.start() if stop else len(text)].rstrip(" .-–")
    tail = re.search(r"[ ,]+[A-Z]{2}$", said)
    if tail and provinces.today(said[tail.start() :].strip(" ,"), ""):
        said = said[: tail.start()]
    words = said.split()
    if not 1 <= len(words) <= 4 or not all(_WORDS.fullmatch(word.strip(".")) for word in words):
        return None
    if len(said) == 2:
        return None
    return Found("city", as_written(said), 0.65, start + begin, start + begin + len(said), late)


def _province_beside(
    ground: Ground, line: Line, match: re.Match[str], city: Found | None, known: set[str]
) -> Found | None:
    """Its two letters or its name: on the lines of comune and postcode, or alone on a line beside them."""
    code = match.group("code")
    at = ground.lines.index(line)
    near = {at}
    if city is not None:
        near.add(next(n for n, one in enumerate(ground.lines) if one.start <= city.start <= one.end))
    near |= {n for n in range(min(near) - 1, max(near) + 2) if 0 <= n < len(ground.lines) and _is_short(ground, n)}
    best: Found | None = None
    for n in sorted(near, key=lambda n: (n not in (at,), abs(n - at))):
        one = ground.lines[n]
        for word in _LETTER_WORDS.finditer(ground.left(one)):
            said = word.group("name")
            today = provinces.today(said, code)
            if not today or (known and today not in known and not said.isupper()):
                continue
            letters = len(said) == 2
            if letters and not (said.isupper() or today in known):
                continue
            if not letters and known and today not in known:
                continue
            if (
                n == at
                and not letters
                and word.end() > match.start()
                and "," not in one.text[match.end() : word.start() + 1]
            ):
                continue  # behind the postcode a name is a comune's
            start = one.start + word.start("name")
            sure = 0.97 if today in known else 0.8
            if best is None or sure > best.sure:
                best = Found("province", today, sure, start, start + len(said), line.corrects)
    return best


_LETTER_WORDS = re.compile(
    r"(?<![\w’'.])(?P<name>[A-Za-zÀ-ÿ]{2}(?![\w’'.])|[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ’' -]{3,25}[A-Za-zÀ-ÿ])(?!\w)"
)


def _is_short(ground: Ground, n: int) -> bool:
    """A line that holds nothing but one or two free words: BO, Bolzano, PUGLIA."""
    words = ground.left(ground.lines[n]).replace("\x01", " ").split()
    return 1 <= len(words) <= 2 and not any(char.isdigit() for char in ground.lines[n].text)


def _labelled(ground: Ground, some: bool) -> list[Found]:
    """Città: …, Provincia: … where they stand on lines of their own."""
    found = []
    for line, match in list(ground.search(_CITY)):
        said = match.group("city").strip()
        start = line.start + match.start("city") + match.group("city").index(said)
        if len(said) > 1:
            found.append(Found("city", as_written(said), 0.9, start, start + len(said), line.corrects))
            ground.take(line.start + match.start(), start + len(said))
    for line, match in list(ground.search(_PROVINCE)):
        today = provinces.today(match.group("letters"), "")
        if today:
            start, end = line.start + match.start("letters"), line.start + match.end("letters")
            found.append(Found("province", today, 0.9, start, end, line.corrects))
            ground.take(line.start + match.start(), end)
    return found


def by_name(ground: Ground) -> list[Found]:
    """A comune that stands alone between commas, or behind a street, without its postcode. One query."""
    spots = [(text, start, line) for line in ground.lines for text, start in ground.segments(line)][:40]
    keys = {places.city_key(text): (text, start, line) for text, start, line in reversed(spots) if 3 < len(text) <= 40}
    known = set(Place.objects.filter(city_key__in=keys).values_list("city_key", flat=True)) if keys else set()
    for key, (text, start, line) in keys.items():
        if key in known:
            ground.take(start, start + len(text))
            return [Found("city", as_written(text), 0.8, start, start + len(text), line.corrects)]
    return []


def _without_code(ground: Ground) -> list[Found]:
    """Moncalieri (TO): the province in brackets says that it is a comune."""
    for line, match in list(ground.search(_NAMED_PROVINCE)):
        today = provinces.today(match.group("letters"), "")
        words = match.group("city").split()
        for size in range(min(5, len(words)), 0, -1):
            name = " ".join(words[-size:])
            key = places.city_key(name)
            if today and key and Place.objects.filter(city_key=key, province=today).exists():
                end = line.start + match.end("city")
                start = end - len(name)
                letters = line.start + match.start("letters")
                ground.take(start, end)
                ground.take(letters, letters + 2)
                return [
                    Found("city", as_written(name), 0.9, start, end, line.corrects),
                    Found("province", today, 0.95, letters, letters + 2, line.corrects),
                ]
    return []
