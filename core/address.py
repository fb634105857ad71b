"""A postal address as Italian couriers want it: its normal form, the forms by which two are compared, and its check,
which says what may be wrong and never that it is right beyond what the data knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import places
from core.errors import for_reader
from core.models import Place
from core.places import Suggestion as Suggestion
from core.places import city_key as city_key
from core.places import places_at_hand as places_at_hand
from core.places import places_for_postcode as places_for_postcode
from core.places import postcodes_for_city as postcodes_for_city
from core.postal import provinces
from core.postal.phones import Phone as Phone
from core.postal.phones import phone as phone
from core.postal.phones import phone_key as phone_key


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


# No literal "%" and no plural in these sentences: they are filled from `params`.
_SENTENCES: dict[str, str | Promise] = {
    "postcode_malformed": _("An Italian postcode has five digits."),
    "postcode_unknown": _("We do not know the postcode %(postcode)s."),
    "postcode_generic": _("%(postcode)s is the generic postcode of %(city)s: couriers want the one of the street."),
    "postcode_elsewhere": _("The postcode %(postcode)s is of the province %(found)s, not %(province)s."),
    "province_elsewhere": _("The postcode %(postcode)s is not in the province %(province)s: what is right?"),
    "postcode_abroad": _("%(postcode)s is in %(country)s, not in Italy."),
    "outside_customs": _("%(city)s lies outside the customs or VAT territory."),
    "city_not_of_postcode": _("%(city)s does not have the postcode %(postcode)s."),
    "city_unknown": _("We do not know %(city)s at the postcode %(postcode)s."),
    "street_number_missing": _("The street number is missing."),
    "place_unconfirmed": _(
        "We do not know %(city)s at %(postcode)s, which is %(found)s. If it is a hamlet, it is fine."
    ),
}


@dataclass(frozen=True, slots=True)
class PlaceDoubt:
    """Something in an address that may be wrong. `code` is stable; `field_name` is the field to look at; `suggestions`
    are what was probably meant, best first."""

    code: str
    field_name: str
    params: dict[str, Any] = field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether another price or other papers hang on it: an order does not go before a person has looked."""
        return self.code in ("postcode_abroad", "outside_customs", "province_elsewhere")

    def __str__(self) -> str:
        return str(_SENTENCES[self.code]) % for_reader(self.params)


_MOST_SAID = 90
_NO_NUMBER = re.compile(
    r"\b(s\.?\s?n\.?\s?c\.?|senza numero|km|c\.?p\.?|casella|localit[aà]|loc\.|fraz)\b", re.IGNORECASE
)


def normal(address: Address) -> Address:
    """The address in the form that couriers and tariffs want: the province in today's letters, an Italian postcode as
    its digits, the telephone as +39…. What cannot be read stays as it was given, for a person to see; what a telephone
    held besides its number is `aside`. Twice is once. No query but for provinces that the postcode alone does not
    tell (those of Sardinia, a missing one): 1, none within `places_at_hand`."""
    number = phone(address.phone, address.country).number if address.phone else ""
    changed = replace(address, phone=number or address.phone, postcode=places.plain_postcode(address))
    if not places.is_italian(address) or places.abroad(changed.postcode, address.city, address.province):
        return changed
    return replace(changed, province=_province(changed))


def aside(address: Address) -> str:
    """What `normal` takes out of the telephone and the driver may need: "int. 12, tel. +39 011 111 0011"; with words in
    it all of it, as it was given. Short."""
    found = phone(address.phone, address.country) if address.phone else Phone()
    if found.said:
        return f"tel.: {found.said}"[:_MOST_SAID].rstrip()
    parts = [f"int. {found.extension}"] if found.number and found.extension else []
    parts += [f"tel. {phone(other).shown}" for other in found.others[:3]]
    return ", ".join(parts)


def with_aside(note: str, address: Address, *, most: int | None = 200) -> str:
    """The note for the courier with what is `aside` put before it, once; the note gives way where both are too long."""
    extra = aside(address)
    if not extra or extra in note:
        return note[:most]
    return f"{extra} – {note}"[:most].rstrip(" –") if note.strip() else extra[:most]


_WAYS = {
    **dict.fromkeys(("v", "via"), "via"),
    **dict.fromkeys(("vle", "viale", "vl"), "viale"),
    **dict.fromkeys(("pza", "pzza", "piazza", "pz", "pzz"), "piazza"),
    **dict.fromkeys(("ple", "pzle", "piazzale"), "piazzale"),
    **dict.fromkeys(("cso", "corso", "co"), "corso"),
    **dict.fromkeys(("lgo", "largo"), "largo"),
    **dict.fromkeys(("str", "strada"), "strada"),
    **dict.fromkeys(("vic", "vco", "vicolo"), "vicolo"),
    **dict.fromkeys(("loc", "localita"), "localita"),
    **dict.fromkeys(("fraz", "fr", "frazione"), "frazione"),
    **dict.fromkeys(("ctr", "cda", "contr", "contrada"), "contrada"),
}


def place_key(address: Address) -> str:
    """The form in which the writings of one door are the same: Via Roma, 1 and V. ROMA N. 1 at one postcode. "" when
    there is no street."""
    street = address.street if re.search(r"\d", address.street) else f"{address.street} {address.street2}"
    plain = re.sub(
        r"\b([vpclf])\s*\.\s*(?=(?:le|lo|zza|za|zle|so|go|co|da)\b)", r"\1", _ascii(street)
    )  # v.le, p.zza, c.so
    plain = re.sub(r"\b(?:n(?:um|umero|r|o)?|civico)\b[.°º:\s]*(?=\d)", " ", plain)
    plain = re.sub(r"(\d)\s*[/\-\s]\s*([a-z]|bis|ter|quater)\b", r"\1\2", plain)  # 1/A, 1 bis
    words = re.findall(r"[a-z0-9]+", plain)
    if not words:
        return ""
    words = [_WAYS.get(words[0], words[0]), *("s" if word in places.SAINTS else word for word in words[1:])]
    country = (address.country or "IT").strip().upper()
    return f"{' '.join(words)}|{places.plain_postcode(address).upper() or city_key(address.city)}|{country}"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("°", ".").replace("º", ".").replace("’", "'"))
    return plain.encode("ascii", "ignore").decode().lower()


def _province(address: Address) -> str:
    """Today's letters of an Italian address, or what was given when it is no province."""
    text, postcode = address.province.strip(), address.postcode
    letters = provinces.today(text, postcode)
    in_sardinia = provinces.of_postcode(postcode) in provinces.SARDINIA and (
        letters in provinces.SARDINIA or not letters
    )
    if letters and not in_sardinia:
        return letters
    if text and not letters and not in_sardinia:
        return text
    key = city_key(address.city)
    if not key or not places.POSTCODE.fullmatch(postcode):
        return letters or text
    found = [place for place in places.near(postcode, key) if place.city_key == key]
    # Of Sardinia's comuni many are known without their postcodes: the island is enough, the name is there only once.
    fitting = {
        place.province
        for place in found
        if place.postcode == postcode or (in_sardinia and place.province in provinces.SARDINIA)
    }
    if len(fitting) == 1 and (letters or not text):
        return fitting.pop()
    return letters or text


def check_place(address: Address) -> list[PlaceDoubt]:
    """What looks wrong in an Italian address; empty for other countries, and for places while none are loaded. One or
    two queries. It never says that an address is right: hamlets and new streets are not in the data."""
    if not places.is_italian(address):
        return []
    elsewhere = _check_border(address)
    doubts = elsewhere or _check_postcode_and_city(address)
    street = f"{address.street} {address.street2}".strip()
    if street and not re.search(r"\d", street) and not _NO_NUMBER.search(street):
        doubts.append(PlaceDoubt("street_number_missing", "street"))
    return doubts


def is_known(address: Address) -> bool:
    """Whether postcode, comune and province are all in the data and agree: only then may a page say so. 1 query."""
    return places.is_italian(address) and _agrees(address, _served(address))


def unsure(address: Address) -> PlaceDoubt | None:
    """What a page says of an Italian place of which `check_place` doubts nothing and that is not known to agree either:
    a comune that this postcode does not serve. It may be a hamlet, so it is said and not asked. At most 2 queries."""
    city, postcode = address.city.strip(), places.plain_postcode(address)
    if not places.is_italian(address) or not city or any(d.field_name != "street" for d in check_place(address)):
        return None
    served = _served(address)
    if not served or any(places.fits(city, place) for place in served):
        return None
    key = city_key(city)
    if any(place.city_key == key and not place.postcode for place in places.near(postcode, key)):
        return None  # a comune whose postcodes we do not have
    alike = places.begins_with(key)
    letters = provinces.today(address.province, postcode)
    names = sorted({place.city for place in served})
    found = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    options = places.best([*places.in_province(alike, letters)[:2], *served[:2]], alike)
    return PlaceDoubt("place_unconfirmed", "city", {"city": city, "postcode": postcode, "found": found}, options)


def _served(address: Address) -> list[Place]:
    postcode, key = places.plain_postcode(address), city_key(address.city)
    return [place for place in places.near(postcode, key) if place.postcode == postcode] if postcode and key else []


def _agrees(address: Address, served: Sequence[Place]) -> bool:
    letters = provinces.today(address.province, address.postcode)
    here = {place.city_key for place in served if place.province == letters and places.fits(address.city, place)}
    return len(here) == 1 or city_key(address.city) in here


def _check_border(address: Address) -> list[PlaceDoubt]:
    """A place that Italy's postcodes number and that other rules hold for; a province in another part of Italy than
    the postcode, where a parcel costs something else. No query."""
    postcode, city = places.plain_postcode(address), address.city.strip()
    country = places.abroad(postcode, city, address.province)
    if country:
        name = {"SM": city or "San Marino", "VA": "Città del Vaticano"}[country]
        code = "00120" if country == "VA" else postcode if postcode.startswith("4789") else "47890"
        shown = postcode if places.abroad(postcode) else " ".join(filter(None, (postcode, city)))
        params = {"postcode": shown, "country": country}
        return [PlaceDoubt("postcode_abroad", "postcode", params, (Suggestion(code, name, "", country),))]
    outside = places.outside_customs(postcode, city)
    if outside:
        return [PlaceDoubt("outside_customs", "city", {"city": outside})]
    letters = provinces.today(address.province, postcode)
    if provinces.contradicts(letters, postcode):
        params = {"postcode": postcode, "province": letters}
        key = city_key(city)
        fitting = [place for place in places.near(postcode, key) if key and place.city_key == key]
        options = places.best([p for p in fitting if p.postcode == postcode], places.best(fitting, []))
        here = Suggestion(postcode, city, provinces.of_postcode(postcode))
        return [PlaceDoubt("province_elsewhere", "province", params, options or (here,))]
    return []


def _check_postcode_and_city(address: Address) -> list[PlaceDoubt]:
    postcode = address.postcode.strip()
    province = provinces.today(address.province, postcode) or address.province.strip().upper()
    key = city_key(address.city)
    if not places.POSTCODE.fullmatch(postcode):
        found = _with_zeros(postcode, key) or places.of_city(key, province) if postcode else ()
        return [PlaceDoubt("postcode_malformed", "postcode", suggestions=found)] if postcode else []
    near = places.near(postcode, key)
    served = [place for place in near if place.postcode == postcode]
    named = [place for place in near if place.city_key == key and key]
    if not served:
        return _unknown_postcode(address.city.strip(), postcode, province, named)
    fitting = [place for place in served if places.fits(address.city, place)] if key else []
    doubts = []
    found_in = sorted({place.province for place in served})
    # Sardinia's provinces were redrawn more than once: both the old and the new letters are in use there.
    if len(province) == 2 and province not in found_in and postcode[:2] not in ("07", "08", "09"):
        doubts.append(
            PlaceDoubt(
                "postcode_elsewhere",
                "province",
                {"postcode": postcode, "found": "/".join(found_in), "province": province},
                places.best(fitting or served, places.of_city(key, province)),
            )
        )
    if key and not fitting:
        params = {"city": address.city.strip(), "postcode": postcode}
        if named and any(place.postcode for place in named):
            options = places.best(places.in_province(named, province) or named, served)
            doubts.append(PlaceDoubt("city_not_of_postcode", "city", params, options))
        elif not named and (alike := places.alike(key, served)):
            # A name like that of a place there is a slip of the pen; one like no other is most often a hamlet.
            doubts.append(PlaceDoubt("city_unknown", "city", params, places.best(alike, [])))
    return doubts[:1] if doubts and doubts[0].suggestions else doubts


def _with_zeros(postcode: str, key: str) -> tuple[Suggestion, ...]:
    """184 in Roma is what a spreadsheet makes of 00184."""
    whole = postcode.zfill(5)
    if not places.POSTCODE.fullmatch(whole):
        return ()
    return places.best(
        [place for place in places.near(whole, key) if (place.postcode, place.city_key) == (whole, key)], []
    )


def _unknown_postcode(city: str, postcode: str, province: str, named: Sequence[Place]) -> list[PlaceDoubt]:
    here: Iterable[Place] = places.in_province(named, province) or list(named)
    known = [place for place in here if place.postcode]
    if named and not known:
        return []  # a comune whose postcodes we do not have: nothing can be said
    if not named and not places.are_loaded():
        return []
    options = places.best(known, [])
    generic = postcode.endswith("00") and len(known) > 1 and {place.postcode[:3] for place in known} == {postcode[:3]}
    if generic:
        return [PlaceDoubt("postcode_generic", "postcode", {"postcode": postcode, "city": city}, options)]
    return [PlaceDoubt("postcode_unknown", "postcode", {"postcode": postcode}, options)]
