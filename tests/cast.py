"""The cast: small factories of accounts, used by every room's tests. Rooms add their own beside their tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from stdnum import luhn

from accounts import emails
from accounts.models import Dropshipper, Member, User

_numbers = count(1)


def vat_number() -> str:
    """A valid partita IVA that no other dropshipper of this run has."""
    body = f"{next(_numbers):07d}058"
    return body + luhn.calc_check_digit(body)


def dropshipper(name: str = "Bottega Aurora S.r.l.", **fields: Any) -> Dropshipper:
    """An active reseller with whole fiscal data and an address in Rome."""
    number = vat_number()
    fields = {
        "vat_number": number,
        "fiscal_code": number,
        "sdi_code": "ABC1234",
        "phone": "+390612345678",
        "street": "Via Appia Nuova 10",
        "postcode": "00183",
        "city": "Roma",
        "province": "RM",
        "status": Dropshipper.Status.ACTIVE,
        **fields,
    }
    return Dropshipper.objects.create(name=name, **fields)


def user(email: str = "", **fields: Any) -> User:
    """A person with a proven address; the password of everyone is `correct horse`."""
    person = User.objects.create_user(email or f"person{next(_numbers)}@example.com", "correct horse", **fields)
    emails.settle(person, verified=True)
    return person


def member(dropshipper: Dropshipper, role: str = Member.Role.OWNER, **fields: Any) -> User:
    """A user who works for `dropshipper` in `role`."""
    person = user(**fields)
    Member.objects.create(user=person, dropshipper=dropshipper, role=role)
    return person


def staff(**fields: Any) -> User:
    """A person of the supplier who may do everything."""
    return user(is_staff=True, is_superuser=True, **fields)
