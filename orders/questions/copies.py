"""Where a customer stands a second time: orders that a person made by hand from a shop's order, as a copy of it or by
typing it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Concat, Lower, Right, Trim, Upper

from core.address import phone
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


@dataclass(frozen=True, slots=True)
class Marks:
    """By what persons are found again in what somebody typed: an e-mail, a telephone, or a name with its postcode."""

    emails: frozenset[str]
    phones: frozenset[str]
    places: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, people: Iterable[Person]) -> Marks:
        known = list(people)
        return cls(
            frozenset({person.email.strip().lower() for person in known} - {""}),
            frozenset(key for person in known if (key := last_figures(person.phone))),
            frozenset((name, person.postcode.strip()) for person in known if (name := plain_name(person.name))),
        )

    def __bool__(self) -> bool:
        return bool(self.emails or self.phones or self.places)

    def fit(self, told: Mapping[str, str]) -> bool:
        """Whether email, phone, name and postcode as somebody typed them are one of them."""
        return (
            told.get("email", "").strip().lower() in self.emails
            or not self.phones.isdisjoint(_figures(told.get("phone", "")))
            or (plain_name(told.get("name", "")), told.get("postcode", "").strip()) in self.places
        )

    def fit_any(self, cells: Iterable[str]) -> bool:
        """Whether one of them stands in a row of a table whose columns nobody has named yet."""
        names = {name for name, _postcode in self.places}
        return any(
            cell.strip().lower() in self.emails
            or not self.phones.isdisjoint(_figures(cell))
            or plain_name(cell) in names
            for cell in cells
        )


def _figures(text: str) -> set[str]:
    """The telephones of a field that may hold two, each by its last figures."""
    read = phone(text)
    return {last_figures(one) for one in (text, read.number, *read.others)} - {""}


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
    marks = Marks.of(known)
    places = {f"{name}|{postcode}" for name, postcode in marks.places}
    manual = Order.objects.filter(dropshipper_id__in=set(dropshipper_ids), source="manual", forgotten_at=None)
    found: set[int] = set()
    if marks.emails:
        found |= set(
            manual.annotate(mail=Lower(Trim("email"))).filter(mail__in=marks.emails).values_list("pk", flat=True)
        )
    if marks.phones:
        digits = Right(_replaced(F("phone"), r"\D", ""), _DIGITS)
        found |= set(manual.annotate(digits=digits).filter(digits__in=marks.phones).values_list("pk", flat=True))
    if places:
        spelt = Upper(_replaced(Trim("name"), r"\s+", " "))
        place = Concat(spelt, Value("|"), Trim("postcode"), output_field=CharField())
        found |= set(manual.annotate(place=place).filter(place__in=places).values_list("pk", flat=True))
    return found


def last_figures(number: str) -> str:
    """A telephone's last figures, the same with and without its prefix; "" for what is none."""
    digits = re.sub(r"\D", "", number)
    return digits[-_DIGITS:] if len(digits) >= _FEWEST else ""


def plain_name(name: str) -> str:
    """As the database writes it, see `of_persons`; "" for a name that is none."""
    plain = re.sub(r"\s+", " ", name.strip()).upper()
    return plain if any(sign.isalpha() for sign in plain) else ""


def _replaced(what: object, pattern: str, by: str) -> Func:
    return Func(what, Value(pattern), Value(by), Value("g"), function="regexp_replace", output_field=CharField())
