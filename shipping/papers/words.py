"""How papers write amounts, weights, days and places: in the paper's language, whatever the reader's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone, translation
from django.utils.formats import date_format, number_format

from core.address import Address
from core.postal.countries import country_name


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody on a paper: `lines` are the address as it is written under the name; `vat_number` with its country's
    letters where it has any; `tax_code` the codice fiscale."""

    name: str
    lines: tuple[str, ...] = ()
    vat_number: str = ""
    tax_code: str = ""


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """What is written within is in `language` (it, en)."""
    with translation.override(language):
        yield


def euro(amount: Decimal) -> str:
    """1.234,50 € (EUR)."""
    return f"{number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)}\N{NO-BREAK SPACE}€"


def kilos(grams: int) -> str:
    """1,25 kg, of grams."""
    return f"{number_format(f'{(Decimal(grams) / 1000).normalize():f}', use_l10n=True)}\N{NO-BREAK SPACE}kg"


def count(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def day(date: dt.date) -> str:
    return date_format(date, "SHORT_DATE_FORMAT")


def moment(at: dt.datetime) -> str:
    """Day and hour of the supplier's clock (settings.TIME_ZONE)."""
    local = timezone.localtime(at)
    return f"{day(local.date())} {date_format(local, 'H:i')}"


def town(address: Address) -> str:
    """41122 Modena (MO)."""
    province = f"({address.province})" if address.province else ""
    return " ".join(filter(None, [address.postcode, address.city, province]))


def country(address: Address) -> str:
    """The country's name in capitals, "" at home."""
    return "" if address.country in ("", "IT") else country_name(address.country).upper()


def consignee(address: Address) -> Party:
    """The address of a parcel as a party."""
    lines = (address.company, address.street, address.street2, town(address), country(address))
    return Party(address.name, tuple(filter(None, lines)))
