"""The cast: small factories of accounts, used by every room's tests. Rooms add their own beside their tests."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

from allauth.account.internal.flows import login as records
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.test import Client
from stdnum import luhn

from accounts.models import Dropshipper, Member, User
from accounts.sign_in import mfa, sessions

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
    # As `emails.settle` would, which looks first whether there is one: half the cost of a person.
    EmailAddress.objects.create(user=person, email=person.email.lower(), primary=True, verified=True)
    return person


def member(dropshipper: Dropshipper, role: str = Member.Role.OWNER, **fields: Any) -> User:
    """A user who works for `dropshipper` in `role`."""
    person = user(**fields)
    Member.objects.create(user=person, dropshipper=dropshipper, role=role)
    return person


APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_app(person: User) -> User:
    """Gives `person` an authenticator app, without a word in the log."""
    with mfa.secrets_of(person.pk):
        secret = mfa.SealedAdapter().encrypt(APP_SECRET)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": secret})
    return person


def app_code(secret: str = APP_SECRET) -> str:
    """What the app shows now."""
    return mfa.current_code(secret)


def sign_in(client: Client, person: User, *, factor: bool = True, ago: float = 0) -> None:
    """A session of `person`, as the sign-in page would leave it `ago` seconds later. Who has a second factor has
    used it, and so have all staff, unless `factor` is off."""
    client.force_login(person)
    at = time.time() - ago
    session = client.session
    used = [{"method": "password", "at": at}]
    if factor and (mfa.must_have(person) or mfa.has_factor(person)):
        used.append({"method": "mfa", "type": "totp", "at": at})
    session[records.AUTHENTICATION_METHODS_SESSION_KEY] = used
    session[records._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session[sessions.SINCE] = at
    session[sessions.SEEN] = time.time()
    session.save()


def staff(group: str = "", **fields: Any) -> User:
    """A person of the supplier, with an authenticator app (`app_code`): who may do everything, or what the `group` may
    (Magazzino, Contabilità, Assistenza, Responsabile); `group="-"` may do nothing."""
    if not group:
        return with_app(user(is_staff=True, is_superuser=True, **fields))
    person = with_app(user(is_staff=True, **fields))
    if group != "-":
        person.groups.add(Group.objects.get(name=group))
    return person


def permission(codename: str) -> Permission:
    """The permission of that name, to give it to somebody."""
    return Permission.objects.get(codename=codename)
