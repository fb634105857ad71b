"""Where a WooCommerce order goes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce.fields import block, words
from core.address import Address, city_key
from core.strict import text

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_AFTER_NUMBER = re.compile(
    r"[\s,;(-]*(?<![a-z])(?:ext(?:ension|n)?|int(?:erno)?|x)\.?[\s:#]*\d.*$|[/;|(,].*$|\b(?:o|oppure|or)\b.*$",
    re.IGNORECASE,
)
_PHONE, _PHONE_WITH_MORE = 30, 80
# field of the address: (key of WooCommerce, our length)
_FIELDS = {
    "company": ("company", 120),
    "street": ("address_1", 200),
    "street2": ("address_2", 200),
    "postcode": ("postcode", 12),
    "city": ("city", 80),
    "province": ("state", 40),
}


def read(data: Mapping[str, Any], doubts: list[Doubt]) -> Address:
    """The shipping address, the billing one where there is none (pickup, orders by hand); phone and e-mail likewise. A
    shipping block without a street is filled from a billing block of the same town."""
    shipping, billing = block(data, "shipping"), block(data, "billing")
    chosen = shipping if any(_said(shipping, key) for key in ("address_1", "city", "postcode")) else billing
    if chosen is shipping and not (_said(shipping, "address_1") or _said(shipping, "address_2")):
        chosen = _with_street(shipping, billing, doubts)

    def take(name: str, value: Any, length: int) -> str:
        said = words(value, length)
        if isinstance(value, str) and len(said) < len(words(value, length + 1)):
            doubts.append(Doubt("text_cut", name, {"field": name}))
        return said

    names = [_full_name(part) for part in (chosen, billing)]
    phone = shipping.get("phone") or billing.get("phone")
    country = _country(chosen.get("country") or billing.get("country"), doubts)
    fields = {name: take(name, chosen.get(key), length) for name, (key, length) in _FIELDS.items()}
    if not fields["street"]:  # some write it into the second line alone
        fields["street"], fields["street2"] = fields["street2"], ""
    fields["province"] = fields["province"].removeprefix(f"{country}-")  # "DE-BY", and imports that write "IT-TO"
    if len(fields["province"]) == 2:
        fields["province"] = fields["province"].upper()
    return Address(
        name=take("name", names[0] or names[1], 120) or fields["company"],
        country=country,
        phone=take("phone", phone, _phone_length(phone)),
        email=take("email", billing.get("email") or shipping.get("email"), 254),
        **fields,
    )


def _said(part: Mapping[str, Any], key: str) -> str:
    return words(part.get(key), 80)


def _with_street(shipping: Mapping[str, Any], billing: Mapping[str, Any], doubts: list[Doubt]) -> Mapping[str, Any]:
    """The shipping block with the billing block's street, if that lies in the same town; else as it is."""
    if not _said(billing, "address_1"):
        return shipping
    for key in ("country", "postcode", "city"):
        one, other = _said(shipping, key), _said(billing, key)
        same = city_key(one) == city_key(other) if key == "city" else one.upper() == other.upper()
        if one and other and not same:
            return shipping
    doubts.append(Doubt("billing_street"))
    own = {key: value for key, value in shipping.items() if isinstance(value, str) and value.strip()}
    others = ("first_name", "last_name", "company") if _full_name(shipping) else ()
    return {**{key: value for key, value in billing.items() if key not in others}, **own}


def _full_name(part: Mapping[str, Any]) -> str:
    names = (part.get("first_name"), part.get("last_name"))
    return " ".join(name for name in names if isinstance(name, str)).strip()


def _country(value: Any, doubts: list[Doubt]) -> str:
    """Two letters; nothing means Italy. A word ("Germany") is not cut to the letters of another country."""
    said = text(value, 40)
    if not said:
        return "IT"
    if _COUNTRY.fullmatch(said.upper()):
        return said.upper()
    if said.casefold() not in ("italia", "italy", "ita"):
        doubts.append(Doubt("text_cut", "country", {"field": "country"}))
    return "IT"


def _phone_length(value: Any) -> int:
    """How much of a telephone is taken: with its extension or a second number it may be longer than our column, where
    the first number stands whole in front."""
    first = _AFTER_NUMBER.sub("", value[:200]).strip() if isinstance(value, str) else ""
    is_number = len(first) <= _PHONE and 6 <= sum(sign.isdigit() for sign in first) <= 15
    return _PHONE_WITH_MORE if is_number else _PHONE
