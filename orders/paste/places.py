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
    r"\b(?:c\.?a\.?p\.?|codice postale|zip(?: code)?|post ?code|postal code|plz|postleitzahl)\W{0,3}$", re.IGNORECASE
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
_LETTERS = re.compile(r"^\W{0,3}\(?(?P<letters>[A-Za-z]{2})\b\)?")
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
    """A country that stands at a line's end; Italy is what an order says anyway, so it is taken and not told."""
    found = []
    for line, match in list(ground.search(_COUNTRY)):
        start, end = line.start + match.start("land"), line.start + match.end("land")
        code = _COUNTRIES[match.group("land").lower()]
        if code != "IT" and len(line.text.split()) <= 6:
            found.append(Found("country", code, 0.8, start, end))
        if code == "IT" or found:
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
    above = [(ground.left(one), one.start) for one in ground.lines[max(0, at - 1) : at]]
    below = [(ground.left(one), one.start) for one in ground.lines[at + 1 : at + 2]]
    for (text, start), last in ((behind, False), (before, True), *((one, False) for one in (*below, *above))):
        if (found := _known(text, start, here, last=last, late=line.corrects)) is not None:
            return found
    for text, start in (behind, *(below if not behind[0].strip(" ,.;-–") else [])):
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
            if "\x01" in said or re.search(r"[,;:(\d]", between):
                continue
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


_STOPS = re.compile(
    r"[,;:(\d\x01]| [-–] |\b(?:tel|cell|telefono|cap|prov|provincia|e-?mail|italia|italy)\b", re.IGNORECASE
)


def _unknown(text: str, start: int, *, late: bool) -> Found | None:
    """A hamlet, or a comune written otherwise: one to four words right behind the postcode."""
    begin = len(text) - len(text.lstrip(" ,.-–"))
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
    """Two letters right behind comune or postcode, or before it; or a province's name behind a comma."""
    text, base = ground.text, 0
    spots = [match.end("code") + line.start]
    if city is not None:
        spots.insert(0, city.end)
    for spot in spots:
        end = text.find("\n", spot)
        rest = text[spot : end if end >= 0 else len(text)]
        letters = _LETTERS.match(rest)
        if letters and ground.is_free(spot + letters.start("letters"), spot + letters.end("letters")):
            word = letters.group("letters")
            today = provinces.today(word, match.group("code"))
            if today and (word.isupper() or today in known or f"({word})" in rest):
                start = base + spot + letters.start("letters")
                return Found("province", today, 0.97 if today in known else 0.8, start, start + 2, line.corrects)
        named = re.match(r"^ ?, ?(?P<name>[A-Za-zÀ-ÿ’' -]{4,25})\b", rest)
        if named:
            for size in range(len(named.group("name").split()), 0, -1):
                name = " ".join(named.group("name").split()[:size])
                today = provinces.today(name, match.group("code"))
                if today and len(name) > 2:
                    start = spot + named.start("name")
                    return Found("province", today, 0.9, start, start + len(name), line.corrects)
    before = re.search(r"(?:^|[,\s(])(?P<letters>[A-Z]{2})\)?[ ,]*$", ground.left(line)[: match.start()])
    if before and (today := provinces.today(before.group("letters"), match.group("code"))):
        start = line.start + before.start("letters")
        return Found("province", today, 0.9, start, start + 2, line.corrects)
    return None


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
