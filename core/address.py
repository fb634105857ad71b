"""A postal address as Italian couriers want it, and its check, which warns and never blocks: the data has gaps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import Place


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes. `postcode` is text (00100 is a CAP); `country` ISO alpha-2; `province` two letters in IT."""

    name: str
    street: str
    postcode: str
    city: str
    province: str
    country: str = "IT"
    company: str = ""
    street2: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A triple that agrees: to be put in the form by one click."""

    postcode: str
    city: str
    province: str

    def __str__(self) -> str:
        return f"{self.postcode} {self.city} ({self.province})"


# No literal "%" and no plural in these sentences: they are filled from `params`.
_SENTENCES: dict[str, str | Promise] = {
    "postcode_malformed": _("An Italian postcode has five digits."),
    "postcode_unknown": _("We do not know the postcode %(postcode)s."),
    "postcode_generic": _("%(postcode)s is the generic postcode of %(city)s: couriers want the one of the street."),
    "postcode_elsewhere": _("The postcode %(postcode)s is of the province %(found)s, not %(province)s."),
    "city_not_of_postcode": _("%(city)s does not have the postcode %(postcode)s."),
    "city_unknown": _("We do not know %(city)s at the postcode %(postcode)s."),
    "street_number_missing": _("The street number is missing."),
}


@dataclass(frozen=True, slots=True)
class PlaceDoubt:
    """Something in an address that may be wrong. `code` is stable; `field_name` is the field to look at; `suggestions`
    are what was probably meant, best first."""

    code: str
    field_name: str
    params: dict[str, Any] = field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()

    def __str__(self) -> str:
        return str(_SENTENCES[self.code]) % self.params


MANY = 4  # more suggestions than this help nobody
_SAINTS = {"san", "sant", "santo", "santa", "ss"}
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "di de del dei della delle dello degli d da al alla alle in nel nell nella l la le lo il i e con su sul sulla",
    )
)
_NO_NUMBER = re.compile(
    r"\b(s\.?\s?n\.?\s?c\.?|senza numero|km|c\.?p\.?|casella|localit[aà]|loc\.|fraz)\b", re.IGNORECASE
)
_POSTCODE = re.compile(r"\d{5}", re.ASCII)


def city_key(name: str) -> str:
    """The form in which the writings of a place are the same: Forlì and FORLI', Reggio nell'Emilia and Reggio Emilia,
    Sant'Agata and S. Agata."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[’‘`´]", "'", name)).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    kept = ["s" if word in _SAINTS else word for word in words if word not in _SMALL_WORDS]
    return " ".join(kept or words)[:80]


@dataclass(frozen=True, slots=True)
class _Known:
    """The places that some addresses ask for, by postcode and by the key of their city."""

    by_postcode: dict[str, list[Place]]
    by_key: dict[str, list[Place]]
    any: bool


_at_hand: ContextVar[_Known | None] = ContextVar("places_at_hand", default=None)


@contextmanager
def places_at_hand(addresses: Iterable[Address]) -> Iterator[None]:
    """Within, `check_place` of these addresses asks the database nothing more: for many at once. At most 2 queries."""
    pairs = {(address.postcode.strip(), city_key(address.city)) for address in addresses if _is_italian(address)}
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


def _near(postcode: str, key: str) -> list[Place]:
    known = _at_hand.get()
    if known is None or postcode not in known.by_postcode or key not in known.by_key:
        return list(Place.objects.filter(Q(postcode=postcode) | Q(city_key=key)))
    return list({place.pk: place for place in (*known.by_postcode[postcode], *known.by_key[key])}.values())


def _is_italian(address: Address) -> bool:
    return (address.country or "IT").upper() == "IT"


def check_place(address: Address) -> list[PlaceDoubt]:
    """What looks wrong in an Italian address; empty for other countries, and for places while none are loaded. One or
    two queries. It never says that an address is right: hamlets and new streets are not in the data."""
    if not _is_italian(address):
        return []
    doubts = _check_postcode_and_city(address)
    street = f"{address.street} {address.street2}".strip()
    if street and not re.search(r"\d", street) and not _NO_NUMBER.search(street):
        doubts.append(PlaceDoubt("street_number_missing", "street"))
    return doubts


def places_for_postcode(postcode: str) -> list[Suggestion]:
    """The comuni that a CAP serves, by name; empty for an unknown or incomplete one."""
    if not _POSTCODE.fullmatch(postcode.strip()):
        return []
    return _suggestions(Place.objects.filter(postcode=postcode.strip()).order_by("city"))


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
    return _suggestions(found)[:limit]


def _check_postcode_and_city(address: Address) -> list[PlaceDoubt]:
    postcode, province = address.postcode.strip(), address.province.strip().upper()
    key = city_key(address.city)
    if not _POSTCODE.fullmatch(postcode):
        return [PlaceDoubt("postcode_malformed", "postcode", suggestions=_of_city(key, province))] if postcode else []
    near = _near(postcode, key)
    served = [place for place in near if place.postcode == postcode]
    named = [place for place in near if place.city_key == key and key]
    if not served:
        return _unknown_postcode(address.city.strip(), postcode, province, named)
    fitting = [place for place in served if place.city_key == key]
    doubts = []
    provinces = sorted({place.province for place in served})
    # Sardinia's provinces were redrawn more than once: both the old and the new letters are in use there.
    if len(province) == 2 and province not in provinces and postcode[:2] not in ("07", "08", "09"):
        doubts.append(
            PlaceDoubt(
                "postcode_elsewhere",
                "province",
                {"postcode": postcode, "found": "/".join(provinces), "province": province},
                _best(fitting or served, _of_city(key, province)),
            )
        )
    if key and not fitting:
        params = {"city": address.city.strip(), "postcode": postcode}
        if named and any(place.postcode for place in named):
            options = _best(_in_province(named, province) or named, served)
            doubts.append(PlaceDoubt("city_not_of_postcode", "city", params, options))
        elif not named and any(_like(key, place.city_key) for place in served):
            # A name like that of a place there is a slip of the pen; one like no other is most often a hamlet.
            doubts.append(
                PlaceDoubt("city_unknown", "city", params, _best([p for p in served if _like(key, p.city_key)], []))
            )
    return doubts[:1] if doubts and doubts[0].suggestions else doubts


def _unknown_postcode(city: str, postcode: str, province: str, named: Sequence[Place]) -> list[PlaceDoubt]:
    here = _in_province(named, province) or list(named)
    known = [place for place in here if place.postcode]
    if named and not known:
        return []  # a comune whose postcodes we do not have: nothing can be said
    known_places = _at_hand.get()
    if not named and not (known_places.any if known_places else Place.objects.exists()):
        return []
    options = _best(known, [])
    generic = postcode.endswith("00") and len(known) > 1 and {place.postcode[:3] for place in known} == {postcode[:3]}
    if generic:
        return [PlaceDoubt("postcode_generic", "postcode", {"postcode": postcode, "city": city}, options)]
    return [PlaceDoubt("postcode_unknown", "postcode", {"postcode": postcode}, options)]


def _of_city(key: str, province: str) -> tuple[Suggestion, ...]:
    if not key:
        return ()
    known = _at_hand.get()
    if known is not None and key in known.by_key:
        named = [place for place in known.by_key[key] if place.postcode]
    else:
        named = list(Place.objects.filter(city_key=key).exclude(postcode=""))
    return _best(_in_province(named, province) or named, [])


def _in_province(places: Iterable[Place], province: str) -> list[Place]:
    return [place for place in places if place.province == province]


def _best(first: Iterable[Place], then: Iterable[Place | Suggestion]) -> tuple[Suggestion, ...]:
    return tuple(dict.fromkeys([*_suggestions(first)[:MANY], *_suggestions(then)[:MANY]]))[:MANY]


def _suggestions(places: Iterable[Place | Suggestion]) -> list[Suggestion]:
    return [Suggestion(place.postcode, place.city, place.province) for place in places if place.postcode]


def _like(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= 0.75
