"""Where a customer stands a second time: orders that a person made by hand from a shop's order, as a copy of it or by
typing it again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Concat, Lower, Right, Trim, Upper

from orders.models import Order

_DIGITS = 9  # the last ones of a telephone: with and without its prefix it is the same
_FEWEST = 7
_MOST_STEPS = 20  # a copy of a copy of a copy


@dataclass(frozen=True, slots=True)
class Person:
    """What a customer is recognised by; "" where it is not known."""

    email: str = ""
    phone: str = ""
    name: str = ""
    postcode: str = ""
    street: str = ""
    tax_code: str = ""


def persons(order_ids: Iterable[int]) -> list[Person]:
    """The customers of these orders."""
    rows = Order.objects.filter(pk__in=list(order_ids)).values_list(
        "email", "phone", "name", "postcode", "street", "fiscal__tax_code"
    )
    return [Person(*(str(value or "") for value in row)) for row in rows]


def of(order_ids: Iterable[int]) -> set[int]:
    """The orders that were duplicated from these, and from those in turn."""
    found, edge = set[int](), set(order_ids)
    for _step in range(_MOST_STEPS):
        rows = Order.objects.filter(pk__in=edge).only("pk", "dropshipper_id")
        numbers = [order.number for order in rows]
        tenants = {order.dropshipper_id for order in rows}
        copies = Order.objects.filter(
            dropshipper_id__in=tenants, source="manual", events__code="duplicated", events__params__number__in=numbers
        )
        edge = set(copies.values_list("pk", flat=True)) - found
        if not edge:
            break
        found |= edge
    return found


def of_persons(dropshipper_ids: Iterable[int], known: Iterable[Person]) -> set[int]:
    """The orders that these dropshippers entered by hand for the same persons: same e-mail, or telephone, or name and
    postcode."""
    people = list(known)
    emails = {person.email.strip().lower() for person in people} - {""}
    phones = {key for person in people if (key := last_figures(person.phone))}
    places = {f"{name}|{person.postcode.strip()}" for person in people if (name := plain_name(person.name))}
    manual = Order.objects.filter(dropshipper_id__in=set(dropshipper_ids), source="manual", forgotten_at=None)
    found: set[int] = set()
    if emails:
        found |= set(manual.annotate(mail=Lower(Trim("email"))).filter(mail__in=emails).values_list("pk", flat=True))
    if phones:
        digits = Right(_replaced(F("phone"), r"\D", ""), _DIGITS)
        found |= set(manual.annotate(digits=digits).filter(digits__in=phones).values_list("pk", flat=True))
    if places:
        spelt = Upper(_replaced(Trim("name"), r"\s+", " "))
        place = Concat(spelt, Value("|"), Trim("postcode"), output_field=CharField())
        found |= set(manual.annotate(place=place).filter(place__in=places).values_list("pk", flat=True))
    return found


def last_figures(phone: str) -> str:
    """A telephone's last figures, the same with and without its prefix; "" for what is none."""
    digits = re.sub(r"\D", "", phone)
    return digits[-_DIGITS:] if len(digits) >= _FEWEST else ""


def plain_name(name: str) -> str:
    """As the database writes it, see `of_persons`; "" for a name that is none."""
    plain = re.sub(r"\s+", " ", name.strip()).upper()
    return plain if any(sign.isalpha() for sign in plain) else ""


def _replaced(what: object, pattern: str, by: str) -> Func:
    return Func(what, Value(pattern), Value(by), Value("g"), function="regexp_replace", output_field=CharField())
