"""Where an order goes: the shipping address, and what the order, the billing address and the form add to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.shopify.order_words import HIDDEN, Words, block
from core.address import Address
from core.strict import text

_COUNTRY = re.compile(r"[A-Z]{2}")
_CUSTOMER = frozenset({"shippingAddress", "billingAddress", "email", "phone", "customer"})
_APART = frozenset({"fulfillmentOrders"})  # kept from us, it is a question of its own
_EXTENSION = re.compile(
    r"(?<![\s,;(])[\s,;(]*"  # read from its first sign only
    r"(?:(?<=\d)x|\b(?:ext(?:ension)?|int(?:erno)?|est|x)\b\.?|#)\s*[:.]?\s*(\d{1,8})\)?\s*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"[/;|,(]|\b(?:o|oppure|or|ext(?:ension)?|int(?:erno)?)\b", re.IGNORECASE)  # a second number
# field of the address: (key of the API, key of a webhook, our length)
_FIELDS = {
    "company": ("company", "company", 120),
    "street": ("address1", "address1", 200),
    "street2": ("address2", "address2", 200),
    "postcode": ("zip", "zip", 12),
    "city": ("city", "city", 80),
    "province": ("provinceCode", "province_code", 40),
}


def read(data: Mapping[str, Any], words: Words, form_phone: str, doubts: list[Doubt]) -> tuple[Address, str]:
    """The shipping address, and the extension of its telephone. Where there is none the billing one is *not* taken: it
    may be a pickup. `form_phone`: out of the order's attributes."""
    hidden = data.get(HIDDEN)
    kept = {name for name in hidden if isinstance(name, str)} if isinstance(hidden, list) else set()
    if kept - _APART:
        doubts.append(Doubt("customer_hidden"))
    found = words.pick(data, "shippingAddress", "shipping_address")
    if not isinstance(found, dict) and not kept & _CUSTOMER:
        doubts.append(Doubt("no_shipping"))
    place, billing = block(found), block(words.pick(data, "billingAddress", "billing_address"))

    def take(name: str, value: Any, length: int) -> str:
        taken = text(value, length)
        if len(taken) < len(text(value, length + 1)):
            doubts.append(Doubt("text_cut", name, {"field": name}))
        return taken

    fields = {name: take(name, words.pick(place, *keys), length) for name, (*keys, length) in _FIELDS.items()}
    if not fields["street"]:  # some write it into the second line alone
        fields["street"], fields["street2"] = fields["street2"], ""
    country = text(words.pick(place, "countryCodeV2", "country_code"), 2).upper()
    phone, extension = _phone(data, place, billing, form_phone)
    return (
        Address(
            name=take("name", _name(place, words), 120) or fields["company"],
            country=country if _COUNTRY.fullmatch(country) else "IT",
            phone=take("phone", phone, _room(phone)),
            email=take("email", text(data.get("email"), 300) or data.get("contact_email"), 254),
            **fields,
        ),
        extension,
    )


def _room(phone: str) -> int:
    """How much of a telephone is taken: one with another behind it may be longer than our column, where the first
    stands whole in front."""
    first = _BEHIND.split(phone)[0].strip()
    return 80 if len(first) <= 30 and 6 <= len(re.findall(r"\d", first)) <= 15 else 30


def _name(place: Mapping[str, Any], words: Words) -> Any:
    parts = (words.pick(place, "firstName", "first_name"), words.pick(place, "lastName", "last_name"))
    return " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip()) or place.get("name")


def _phone(
    data: Mapping[str, Any], place: Mapping[str, Any], billing: Mapping[str, Any], form_phone: str
) -> tuple[str, str]:
    customer = block(data.get("customer"))
    known = (place.get("phone"), data.get("phone"), billing.get("phone"), form_phone, customer.get("phone"))
    phone = next((found for value in known if (found := text(value, 80))), "")
    extensions: list[str] = []
    while match := _EXTENSION.search(phone):  # "+39 011 111 0011 int. 04455 ext. 04455"
        if len(re.findall(r"\d", phone[: match.start()])) < 6:
            break  # the number itself
        extensions.insert(0, match[1])
        phone = phone[: match.start()].rstrip(" ,;(")
    return phone, ", ".join(dict.fromkeys(extensions))
