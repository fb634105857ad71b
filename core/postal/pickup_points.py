"""Addresses that are no door but a place where a parcel waits for its customer, as people type them: "Fermo posta
Milano Centrale", "InPost Locker MI123". Pure."""

from __future__ import annotations

import re

from core.address import Address

_POINT = re.compile(
    r"(?<!\w)(?:fermo ?-?(?:posta|point|deposito)|(?:amazon|inpost|dhl|poste|ups|gls|brt|parcel) ?-?lockers?"
    r"|lockers? (?:amazon|inpost|dhl|poste|ups|gls|brt)|inpost|punto ?-?poste|pudo|parcel ?shop|access ?point"
    r"|packstation|paczkomat|mondial relay|punto (?:di )?ritiro|punto (?:gls|brt|dhl|ups|pack)|amazon (?:hub|counter)"
    r"|casella postale|p\.? ?o\.? ?box|(?:presso|c/o) (?:l['’] ?)?(?:ufficio postale|poste italiane))(?!\w)",
    re.IGNORECASE,
)
_LOCKER = re.compile(r"(?<!\w)lockers?(?!\w)", re.IGNORECASE)
_STREET = re.compile(r"^\W*(?:via|viale|v\.le|corso|piazza|p\.zza|largo|strada|vicolo)\s", re.IGNORECASE)


def pickup_point(address: Address) -> str:
    """The line that names a pickup point or locker; "" for none. A company may be called anything: of it, and of the
    name, only what can be nothing else tells."""
    for line in (address.street, address.street2, address.company, address.name):
        if _POINT.search(line):
            return line.strip()
    for line in (address.street, address.street2):
        if _LOCKER.search(line) and not _STREET.match(line):
            return line.strip()
    return ""
