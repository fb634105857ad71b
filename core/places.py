"""The places of Italy that are loaded (CAP, comune, provincia), asked one by one or for many addresses at once; and the
postcodes in Italy's numbering that are not in Italy, or not in its customs territory."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from django.db.models import Q

from core.models import Place

if TYPE_CHECKING:
    from core.address import Address

MANY = 4  # more suggestions than this help nobody
POSTCODE = re.compile(r"\d{5}", re.ASCII)
SAINTS = {"san", "sant", "santo", "santa", "ss"}
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "di de del dei della delle dello degli d da al alla alle in nel nell nella l la le lo il i e con su sul sulla",
    )
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place whose parts agree: to be put in the form by one click."""

    postcode: str
    city: str
    province: str
    country: str = "IT"

    def __str__(self) -> str:
        return f"{self.postcode} {self.city} ({self.province or self.country})"


def city_key(name: str) -> str:
    """The form in which the writings of a place are the same: Forlì and FORLI', Reggio nell'Emilia and Reggio Emilia,
    Sant'Agata and S. Agata."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[’‘`´]", "'", name)).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    kept = ["s" if word in SAINTS else word for word in words if word not in _SMALL_WORDS]
    return " ".join(kept or words)[:80]


# The second name of comuni with two languages, which the lists of postcodes do not have.
_OTHER_TONGUE: dict[str, tuple[str, ...]] = {
    city_key(name): tuple(city_key(other) for other in others.split("|"))
    for name, others in (
        *(("Bolzano", "Bozen"), ("Merano", "Meran"), ("Bressanone", "Brixen"), ("Brunico", "Bruneck")),
        *(("Laives", "Leifers"), ("Appiano sulla strada del vino", "Eppan|Eppan an der Weinstraße|Appiano")),
        *(("Caldaro sulla strada del vino", "Kaltern|Kaltern an der Weinstraße|Caldaro"), ("Egna", "Neumarkt")),
        *(("Vipiteno", "Sterzing"), ("Silandro", "Schlanders"), ("Chiusa", "Klausen"), ("Dobbiaco", "Toblach")),
        *(("San Candido", "Innichen"), ("Ora", "Auer"), ("Lagundo", "Algund"), ("Scena", "Schenna")),
        *(("Termeno sulla strada del vino", "Tramin|Tramin an der Weinstraße|Termeno"), ("Naturno", "Naturns")),
        *(("Valle Aurina", "Ahrntal"), ("Campo Tures", "Sand in Taufers"), ("Castelrotto", "Kastelruth")),
        *(("Fiè allo Sciliar", "Völs am Schlern"), ("Ortisei", "St. Ulrich|Urtijëi|St. Ulrich in Gröden")),
        *(
            ("Selva di Val Gardena", "Wolkenstein|Wolkenstein in Gröden|Sëlva"),
            ("Renon", "Ritten"),
            ("Laces", "Latsch"),
        ),
        *(
            ("Malles Venosta", "Mals|Malles"),
            ("Salorno sulla strada del vino", "Salurn|Salorno"),
            ("Terlano", "Terlan"),
        ),
        *(("Nova Levante", "Welschnofen"), ("Nova Ponente", "Deutschnofen"), ("Sarentino", "Sarntal")),
        *(
            ("San Genesio Atesino", "Jenesien"),
            ("Badia", "Abtei"),
            ("Corvara in Badia", "Corvara"),
            ("Parcines", "Partschins"),
        ),
        *(("San Leonardo in Passiria", "St. Leonhard in Passeier"), ("Varna", "Vahrn"), ("Rifiano", "Riffian")),
        *(("Valdaora", "Olang"), ("Monguelfo-Tesido", "Welsberg-Taisten|Welsberg"), ("Rio di Pusteria", "Mühlbach")),
        *(("Aosta", "Aoste"), ("Trieste", "Trst"), ("Gorizia", "Gorica"), ("Duino Aurisina", "Devin Nabrežina")),
    )
}
_VATICAN = frozenset(
    map(city_key, ("Città del Vaticano", "Stato della Città del Vaticano", "Vaticano", "Vatican City"))
)
# Not "San Marino" alone: there are hamlets of that name in Emilia.
_TITANO = frozenset(
    map(city_key, ("Repubblica di San Marino", "Rep. San Marino", "Rep. di San Marino", "Repubblica San Marino", "RSM"))
) | {city_key("San Marino RSM"), city_key("San Marino (Repubblica)"), city_key("Republic of San Marino")}
# Outside the customs or the VAT territory: Livigno, Campione d'Italia. (The CAP 22060 and 23030 that they once had are
# those of their neighbours too.)
_OUTSIDE = {"23041": "Livigno", "22061": "Campione d'Italia"}
_OUTSIDE_KEYS = {
    **{city_key(name): name for name in _OUTSIDE.values()},
    "trepalle": "Livigno",
    "campione": "Campione d'Italia",
}


def is_italian(address: Address) -> bool:
    return (address.country or "IT").strip().upper() == "IT"


def plain_postcode(address: Address) -> str:
    """The postcode; an Italian one without what is written around its digits (I-20121, 201 21)."""
    text = address.postcode.strip()
    if not is_italian(address):
        return text
    digits = re.sub(r"^(?:IT?|ITA)\s*[-–]\s*|\s", "", text.upper())
    return digits if POSTCODE.fullmatch(digits) else text


def abroad(postcode: str, city: str = "", province: str = "") -> str:
    """The country of a place that Italy's postcodes number but that is not in Italy: SM, VA, else "". 47031 is what
    San Marino had before."""
    postcode, letters = postcode.strip(), re.sub(r"[^A-Z]", "", province.upper())
    if re.fullmatch(r"4789\d|47031", postcode, re.ASCII) or letters in ("RSM", "SM"):
        return "SM"
    if city_key(city) in _TITANO or (city_key(city) == "s marino" and letters == "RN"):
        return "SM"
    return "VA" if postcode == "00120" or city_key(city) in _VATICAN else ""


def outside_customs(postcode: str, city: str) -> str:
    """Livigno or Campione d'Italia by their postcode or name, else ""."""
    return _OUTSIDE.get(postcode.strip()) or _OUTSIDE_KEYS.get(city_key(city), "")


@dataclass(frozen=True, slots=True)
class _Known:
    """The places that some addresses ask for, by postcode and by the key of their city."""

    by_postcode: dict[str, list[Place]]
    by_key: dict[str, list[Place]]
    any: bool


_at_hand: ContextVar[_Known | None] = ContextVar("places_at_hand", default=None)


@contextmanager
def places_at_hand(addresses: Iterable[Address]) -> Iterator[None]:
    """Within, `check_place` and `normal` of these addresses ask the database nothing more: for many at once. At most 2
    queries."""
    pairs = {(plain_postcode(address), city_key(address.city)) for address in addresses if is_italian(address)}
    by_postcode: dict[str, list[Place]] = {postcode: [] for postcode, _key in pairs}
    by_key: dict[str, list[Place]] = {key: [] for _postcode, key in pairs}
    found = list(Place.objects.filter(Q(postcode__in=by_postcode) | Q(city_key__in=by_key))) if pairs else []
    for place in found:
        by_postcode.get(place.postcode, []).append(place)
        by_key.get(place.city_key, []).append(place)
    token = _at_hand.set(_Known(by_postcode, by_key, bool(found) or Place.objects.exists()))
    try:
        yield
    finally:
        _at_hand.reset(token)


def near(postcode: str, key: str) -> list[Place]:
    """The places with this postcode or this city's key. 1 query, none where they are at hand."""
    known = _at_hand.get()
    if known is None or postcode not in known.by_postcode or key not in known.by_key:
        return list(Place.objects.filter(Q(postcode=postcode) | Q(city_key=key)))
    return list({place.pk: place for place in (*known.by_postcode[postcode], *known.by_key[key])}.values())


def of_city(key: str, province: str) -> tuple[Suggestion, ...]:
    """What a city has for postcodes, those in the province where there are any."""
    if not key:
        return ()
    known = _at_hand.get()
    if known is not None and key in known.by_key:
        named = [place for place in known.by_key[key] if place.postcode]
    else:
        named = list(Place.objects.filter(city_key=key).exclude(postcode=""))
    return best(in_province(named, province) or named, [])


def are_loaded() -> bool:
    known = _at_hand.get()
    return known.any if known else Place.objects.exists()


def places_for_postcode(postcode: str) -> list[Suggestion]:
    """The comuni that a CAP serves, by name; empty for an unknown or incomplete one."""
    if not POSTCODE.fullmatch(postcode.strip()):
        return []
    return suggestions(Place.objects.filter(postcode=postcode.strip()).order_by("city"))


def postcodes_for_city(text: str, *, province: str = "", limit: int = 20) -> list[Suggestion]:
    """The CAPs of the comuni whose name begins with `text` (accents, case and apostrophes do not count), the exact name
    first; empty when fewer than two letters are given."""
    key = city_key(text)
    if len(key) < 2:
        return []
    places = Place.objects.filter(city_key__startswith=key).exclude(postcode="")
    if province.strip():
        places = places.filter(province=province.strip().upper())
    found = sorted(places.order_by("city_key", "postcode")[: limit * 10], key=lambda place: place.city_key != key)
    return suggestions(found)[:limit]


def fits(city: str, place: Place) -> bool:
    """Whether what is typed names this comune: its name however it is written, one of its two languages, or its name
    cut short, as people do where the postcode tells the rest (S. Giovanni V.no, Cernusco s/N, Reggio). Only to be asked
    of the comuni that a postcode serves."""
    names = {place.city_key, *map(city_key, _parts(place.city)), *_OTHER_TONGUE.get(place.city_key, ())}
    plain = re.sub(r"[\s(,–-]+[A-Z]{2}\)?$", "", city.strip())  # Milano (MI)
    typed = (city, plain, *_parts(plain))  # Bolzano/Bozen
    return any(city_key(one) in names for one in typed) or any(_short(plain, name) for name in names)


def _parts(name: str) -> list[str]:
    """Corigliano-Rossano, Bolzano/Bozen: each of them is said alone too."""
    return [part for part in re.split(r"/|(?<=\w)-(?=\w)| [-–] ", name) if part.strip()]


def _short(city: str, key: str) -> bool:
    """Each word of what is typed is one of the name's, in their order, or the beginning of one and marked as such; one
    of them is whole, and no mere saint."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[’‘`´]", "'", city)).encode("ascii", "ignore").decode().lower()
    left, whole = key.split(), False
    for word, mark in re.findall(r"([a-z0-9]+)(\.[a-z]{2}\b|[./]?)", plain):  # V.no: the end stands behind the dot
        if word in _SMALL_WORDS or (word == "s" and mark == "/"):  # Cernusco s/N: sul
            continue
        word = "s" if word in SAINTS else word
        cut = bool(mark) or len(word) == 1
        at = next((n for n, one in enumerate(left) if one == word or (cut and one.startswith(word))), None)
        if at is None:
            return False
        whole = whole or (left[at] == word and len(word) > 3)
        left = left[at + 1 :]
    return whole


def begins_with(key: str) -> list[Place]:
    """The comuni whose name begins with all of this one's words: Cernusco is sul Naviglio or Lombardone. 1 query."""
    return list(Place.objects.filter(city_key__startswith=f"{key} ").exclude(postcode="").order_by("city_key")[:20])


def in_province(places: Iterable[Place], province: str) -> list[Place]:
    return [place for place in places if place.province == province]


def best(first: Iterable[Place], then: Iterable[Place | Suggestion]) -> tuple[Suggestion, ...]:
    return tuple(dict.fromkeys([*suggestions(first)[:MANY], *suggestions(then)[:MANY]]))[:MANY]


def suggestions(places: Iterable[Place | Suggestion]) -> list[Suggestion]:
    return [Suggestion(place.postcode, place.city, place.province) for place in places if place.postcode]


def alike(key: str, places: Sequence[Place]) -> list[Place]:
    """Those whose name is nearly this one: a slip of the pen."""
    return [place for place in places if SequenceMatcher(None, key, place.city_key).ratio() >= 0.75]
