"""Who there is in the demo: the supplier's people, three resellers, and one who waits to be let in."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from stdnum import luhn

from accounts.companies import approval, company
from accounts.models import Dropshipper, Member, User
from accounts.people import emails
from accounts.sign_in import mfa
from core.sealed import SecretUnreadable
from demo.clock import it_is

PASSWORD = "demo-scontimania-2026"  # of everyone; the demo is never installed in production
STAFF = "staff@scontimania.example"
# Staff sign in with a second factor here too: anybody may type this into an app, or ask `manage.py demo_code`.
APP_SECRET = "SCONTIMANIADEMOSCONTIMANIADEMOAB"
MANAGER = "responsabile@scontimania.example"
ACCOUNTANT = "contabilita@scontimania.example"
WAREHOUSE = "magazzino@scontimania.example"


@dataclass(frozen=True, slots=True)
class Login:
    """`page` is where to look first."""

    email: str
    name: str
    role: str  # of Member; staff has none
    told: str = ""  # what `demo_logins` says of it; without words it is not shown
    group: str = ""  # of staff


@dataclass(frozen=True, slots=True)
class Reseller:
    key: str
    company: dict[str, str]
    people: tuple[Login, ...]
    days: int  # since he was approved; 0: he still waits
    number: int = field(default=0)


SUPPLIER = (
    Login(STAFF, "Marta Colombo", "", "Scontimania: il fornitore, con tutte le scrivanie"),
    Login(MANAGER, "Elena Rota", "", "Scontimania: la responsabile", "Responsabile"),
    Login(ACCOUNTANT, "Bruno Leoni", "", "Scontimania: la contabilità", "Contabilità"),
    Login("assistenza@scontimania.example", "Nadia Serra", "", "Scontimania: l'assistenza", "Assistenza"),
    Login(WAREHOUSE, "Ivan Greco", "", "Scontimania: il magazzino", "Magazzino"),
)
NEW = Reseller(
    "new",
    {
        "name": "Bottega Aurora S.r.l.",
        "sdi_code": "M5UXCR1",
        "phone": "+390115550140",
        "street": "Via Garibaldi 21",
        "postcode": "10122",
        "city": "Torino",
        "province": "TO",
    },
    (Login("anna@bottegaaurora.example", "Anna Ferri", "owner", "Bottega Aurora: appena approvata, da iniziare"),),
    days=1,
    number=1,
)
BUSY = Reseller(
    "busy",
    {
        "name": "Casa Bella S.r.l.",
        "sdi_code": "KRRH6B9",
        "phone": "+390515550199",
        "street": "Via Indipendenza 44",
        "postcode": "40121",
        "city": "Bologna",
        "province": "BO",
    },
    (
        Login("luca@casabella.example", "Luca Marchetti", "owner", "Casa Bella: a pieno regime, con il suo negozio"),
        Login("giada@casabella.example", "Giada Santoro", "orders", "Casa Bella: solo ordini"),
        Login("paolo@casabella.example", "Paolo Rinaldi", "accounting", "Casa Bella: solo contabilità"),
    ),
    days=62,
    number=2,
)
PROBLEMS = Reseller(
    "problems",
    {
        "name": "Mercatino del Lago S.n.c.",
        "pec": "mercatinodellago@pec.example",
        "phone": "+390315550171",
        "street": "Lungo Lario Trento 5",
        "postcode": "22100",
        "city": "Como",
        "province": "CO",
    },
    (Login("sara@mercatinodellago.example", "Sara Conti", "owner", "Mercatino del Lago: con molto da sistemare"),),
    days=40,
    number=3,
)
PENDING = Reseller(
    "pending",
    {
        "name": "Emporio Felice di Davide Russo",
        "sdi_code": "0000000",
        "pec": "emporiofelice@pec.example",
        "phone": "+390815550122",
        "street": "Via Toledo 256",
        "postcode": "80132",
        "city": "Napoli",
        "province": "NA",
    },
    (Login("davide@emporiofelice.example", "Davide Russo", "owner", "Emporio Felice: attende l'approvazione"),),
    days=0,
    number=4,
)
RESELLERS = (NEW, BUSY, PROBLEMS, PENDING)


@dataclass(slots=True)
class People:
    """The rows: users by e-mail, dropshippers by key."""

    users: dict[str, User] = field(default_factory=dict)
    dropshippers: dict[str, Dropshipper] = field(default_factory=dict)

    @property
    def staff(self) -> int:
        return self.users[STAFF].pk

    @property
    def warehouse(self) -> int:
        return self.users[WAREHOUSE].pk

    @property
    def accountant(self) -> int:
        return self.users[ACCOUNTANT].pk

    def owner(self, reseller: Reseller) -> int:
        return self.users[reseller.people[0].email].pk


def make(now: dt.datetime) -> People:
    """Signs everybody up, through the acts of the room; approvals are the staff's."""
    people = People()
    password = make_password(PASSWORD)  # once: it is slow on purpose
    for login in SUPPLIER:
        with it_is(now - dt.timedelta(days=70)):
            people.users[login.email] = _user(login, password, now - dt.timedelta(days=70), staff=True)
            _with_app(people.users[login.email])
    for reseller in RESELLERS:
        joined = now - dt.timedelta(days=reseller.days, hours=7)
        for login in reseller.people:
            people.users[login.email] = _user(login, password, joined)
        first, *others = reseller.people
        made = company.register(owner=people.users[first.email], data={**reseller.company, **_tax_ids(reseller)})
        Dropshipper.objects.filter(pk=made.pk).update(created_at=joined)
        for login in others:
            Member.objects.create(user=people.users[login.email], dropshipper=made, role=login.role)
        if reseller.days:
            with it_is(joined + dt.timedelta(hours=2)):
                approval.approve(made.pk, by=people.users[STAFF])
        people.dropshippers[reseller.key] = made
    return people


def _user(login: Login, password: str, joined: dt.datetime, *, staff: bool = False) -> User:
    made = User.objects.create(
        email=login.email,
        name=login.name,
        password=password,
        is_staff=staff,
        is_superuser=login.email == STAFF,
        date_joined=joined,
    )
    emails.settle(made, verified=True)
    if login.group:
        made.groups.add(Group.objects.get(name=login.group))
    return made


def _with_app(user: User) -> None:
    with mfa.secrets_of(user.pk):
        secret = mfa.SealedAdapter().encrypt(APP_SECRET)
    mfa.Authenticator.objects.create(user=user, type=mfa.Type.TOTP, data={"secret": secret})


def shows_demo_code(user: User) -> bool:
    """Whether `manage.py demo_code` is right for this person. Who came with an older demo makes a factor of his own."""
    found = mfa.Authenticator.objects.filter(user=user, type=mfa.Type.TOTP).first()
    if found is None:
        return False
    with mfa.secrets_of(user.pk), suppress(SecretUnreadable):
        return mfa.SealedAdapter().decrypt(found.data["secret"]) == APP_SECRET
    return False


def _tax_ids(reseller: Reseller) -> dict[str, str]:
    body = f"99900{reseller.number:02d}058"
    number = body + str(luhn.calc_check_digit(body))
    return {"vat_number": number, "fiscal_code": number}
