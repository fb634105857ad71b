"""A postal address in the terms of Italian couriers, and its check. A check warns and never blocks: the data is not complete."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes. `postcode` is text (00100 is a CAP); `country` ISO alpha-2; `province` two letters in Italy."""

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
