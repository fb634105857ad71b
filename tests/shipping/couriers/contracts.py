"""Our contracts with the imitations, and a parcel to book."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.address import Address
from demo.couriers import FakeCouriers
from shipping.couriers.base import Access, Collo, Known, ParcelToBook

SENDER = Address(
    name="",
    company="Scontimania S.r.l.",
    street="Via dell'Artigianato 8",
    postcode="20019",
    city="Settimo Milanese",
    province="MI",
    phone="+390233500001",
    email="magazzino@scontimania.example",
)
MARIA = Address(
    name="Maria Rossi",
    street="Via Giuseppe Garibaldi 12/B",
    postcode="20121",
    city="Milano",
    province="MI",
    phone="+393331112233",
    email="maria@rossi.example",
)
_numbers = itertools.count(12)


def brt(world: FakeCouriers) -> Access:
    url = world.brt.url
    return Access(
        credentials={"user_id": world.brt.user, "password": world.brt.password, "orm_key": world.brt.orm_key},
        sender=SENDER,
        contract={"customer_code": "1020999", "departure_depot": world.brt.depot},
        addresses={"rest": f"{url}/rest/v1", "vas": f"{url}/vas", "orm": f"{url}/orm"},
        cod_caps={"cash": Decimal("1999.99")},
    )


def gls(world: FakeCouriers) -> Access:
    fake = world.gls
    return Access(
        credentials={"sede": fake.sede, "client": fake.client, "password": fake.password},
        sender=SENDER,
        contract={"contract": fake.contract, "applicant": "Magazzino"},
        addresses={"label": f"{fake.url}/label", "track": f"{fake.url}/track"},
        cod_caps={"cash": Decimal("999.99")},
    )


def poste(world: FakeCouriers) -> Access:
    fake = world.poste
    return Access(
        credentials={"client_id": fake.client_id, "secret": fake.secret},
        sender=SENDER,
        contract={"cost_center": "CDC-DEMO"},
        addresses={"api": fake.url},
        cod_caps={"cash": Decimal("2999.00"), "bank_cheque": Decimal("12499.00")},
    )


def manual(_world: FakeCouriers) -> Access:
    return Access(cod_caps={"cash": Decimal("999.99")})


# By slug: the contract tests speak to the imitation that stands here; a folder that can book needs a line.
CONTRACTS: dict[str, Callable[[FakeCouriers], Access]] = {"brt": brt, "gls": gls, "poste": poste, "manual": manual}


def parcel(**changes: Any) -> ParcelToBook:
    """One piece of 1.25 kg to Milano, prepaid."""
    number = next(_numbers)
    usual = ParcelToBook(
        reference=f"MCI-{number:06d}",
        number=number,
        recipient=MARIA,
        colli=(Collo(1250, 300, 200, 100),),
        content="Casalinghi",
        ship_on=dt.date(2026, 11, 30),
    )
    return replace(usual, **changes)


def cod(amount: str, **changes: Any) -> ParcelToBook:
    return parcel(cod=Decimal(amount), **changes)


def to(**changes: Any) -> Address:
    return replace(MARIA, **changes)


def known(number: str, reference: str = "MCI-000012", **extra: str) -> Known:
    return Known(reference, number, 12, (), extra)


def with_contract(access: Access, **changes: Any) -> Access:
    contract: Mapping[str, Any] = {**access.contract, **changes}
    return replace(access, contract=contract)
