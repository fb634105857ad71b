"""Which of a marketplace's address lines is the street: buyers write a company, a locker or nothing into the first."""

from __future__ import annotations

import re

_STREET = re.compile(
    r"^\W*(?:via|v\.|viale|v\.?le|corso|c\.?so|piazza|p\.?zza|piazzale|p\.?le|largo|l\.?go|strada|str\.|vicolo|vico|"
    r"contrada|c\.?da|localit[aà]|loc\.|frazione|fraz\.|borgo|lungo\w+|calle|salita|discesa|traversa|rione|regione|"
    r"galleria|circonvallazione|rampa|riva|fondamenta|campo|zona|villaggio|stra(?:ss|ß)e|platz|weg|gasse)\b",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"\b(?:s\.?r\.?l\.?s?|s\.?p\.?a|s\.?n\.?c|s\.?a\.?s|s\.?s|soc\.? ?coop|societ[aà]|ditta|studio|impresa|gmbh|ltd|"
    r"sarl|s\.?l\.?u)\b\.?",
    re.IGNORECASE,
)
_CIVICO = re.compile(r"(?:n\.?|nr\.?|civ\.?|civico)?\s?\d{1,5}\s?(?:[/-]?\s?[a-z]|bis|ter)?(?:/\d{1,3})?", re.I | re.A)


def arranged(*lines: str, company: str = "", civico: str = "") -> tuple[str, str, str]:
    """(company, street, second line) of up to three lines. Nothing is lost, and nothing is made up."""
    said = [line.strip() for line in lines if line.strip()]
    if civico.strip() and said and civico.strip() not in said[0].split():
        said[0] = f"{said[0]} {civico.strip()}"
    if not said:
        return company, "", ""
    at = next((place for place, line in enumerate(said) if _STREET.match(line)), 0)
    street, before, behind = said[at], said[:at], said[at + 1 :]
    if not re.search(r"\d", street) and behind and _CIVICO.fullmatch(behind[0]):
        street = f"{street} {behind.pop(0)}"
    rest = []
    for line in before:
        if not company and _FIRM.search(line):
            company = line
        else:
            rest.append(line)
    return company, street, ", ".join([*rest, *behind])
