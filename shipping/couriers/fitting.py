"""A parcel's address and note as one courier's fields hold them. The cutting is that of shipping/parcels/texts.py: the
house number survives, what is cut goes to the note."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _

from core import strict
from core.address import Address
from shipping.couriers.base import Access
from shipping.couriers.errors import NotForThisCourier
from shipping.parcels.texts import Fit, fit, signs

if TYPE_CHECKING:
    from shipping.models import Courier

_LONGEST = 500
_DOOR = re.compile(r"^(?P<street>.*[^\W\d_].*?)[\s,]+(?P<number>\d+(?:\s?[/-]?\s?[A-Za-z0-9]{1,3})?)$")


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths by field, None where none is known. `street_number`: the length of a field of its own for the house
    number, 0 where it stands with the street. `text_form`: "ascii", "latin1" or "" (all signs); `refused`: signs that
    the courier does not take besides."""

    name: int | None = None
    street: int | None = None
    street_number: int = 0
    city: int | None = None
    email: int | None = None
    phone: int | None = None
    note: int | None = None
    reference: int | None = None
    content: int | None = None
    text_form: str = "ascii"
    refused: str = ""

    # as shipping/parcels/texts.py names them of a Courier
    @property
    def name_limit(self) -> int | None:
        return self.name

    @property
    def street_limit(self) -> int | None:
        return self.street

    @property
    def city_limit(self) -> int | None:
        return self.city

    @property
    def email_limit(self) -> int | None:
        return self.email

    @property
    def note_limit(self) -> int | None:
        return self.note

    @property
    def refused_signs(self) -> str:
        return self.refused


def limits_of(access: Access, usual: Limits) -> Limits:
    """The folder's limits with those that staff changed; names that are none of ours count for nothing."""
    known = {name: value for name, value in access.limits.items() if name in Limits.__slots__}
    known = {name: value for name, value in known.items() if name not in ("text_form", "refused", "street_number")}
    return replace(usual, **known)  # type: ignore[arg-type] # lengths alone


def fitted(address: Address, note: str, limits: Limits, *, before: Callable[[str], str] | None = None) -> Fit:
    """`before`: what the courier wants written otherwise (GLS: an accent as an apostrophe), done before anything is
    measured. Raises NotForThisCourier where of a name, a street or a city nothing is left that the courier can read."""

    def clean(text: str) -> str:
        plain = strict.text(text, _LONGEST)
        return before(plain) if before is not None else plain

    address = replace(
        address,
        name=clean(address.name),
        company=clean(address.company),
        street=clean(address.street),
        street2=clean(address.street2),
        city=clean(address.city),
    )
    note = clean(note)
    found = fit(address, note, cast("Courier", limits))
    if limits.phone and len(found.phone) > limits.phone:
        found = replace(found, phone="", cut=(*found.cut, "phone"))  # half a number is none
    if not (found.name or found.company) or not found.street or not found.city:
        raise NotForThisCourier(text=_("it cannot write the letters of this name or address"))
    return found


def cut(text: str, most: int | None, limits: Limits) -> str:
    """Any other text: its signs, and no longer than `most`."""
    plain = signs(text, limits.text_form, limits.refused)[0]
    return plain[:most].rstrip() if most else plain


def door(street: str, most: int) -> tuple[str, str]:
    """(street, house number) where the number has a field of its own of `most` signs; a longer one stays with its
    street, so that it is not lost."""
    found = _DOOR.match(street)
    if not found:
        return street, ""
    number = re.sub(r"\s", "", found["number"])
    return (found["street"].rstrip(" ,"), number) if len(number) <= most else (street, "")
