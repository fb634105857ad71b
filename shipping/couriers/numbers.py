"""A file that says which number the courier gave to which parcel of ours. Read again, it says the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.table import is_damaged
from shipping.couriers.columns import Preview, load, preview

SYNONYMS: Mapping[str, Sequence[str]] = {
    "reference": (
        *("rif mittente", "riferimento mittente", "riferimento", "rif", "reference", "rif cliente", "numero ordine"),
        *("n ordine", "order num", "ordine", "riferimento cliente", "client reference", "bda", "ddt", "documento"),
    ),
    "number": (
        *("ldv", "lettera di vettura", "tracking", "tracking number", "n spedizione", "numero spedizione", "waybill"),
        *("num spedizione", "nr spedizione", "codice spedizione", "spedizione", "segnacollo", "numsped", "shipment"),
    ),
    "colli": ("colli", "n colli", "numero colli", "parcels", "pezzi"),
}
_NUMBER = re.compile(r"[A-Za-z0-9]{4,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberRow:
    """`text`: why the row cannot be taken; "" when it can."""

    line: int
    reference: str
    number: str
    colli: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class NumbersFile:
    rows: Sequence[NumberRow]
    columns: Preview

    @property
    def good(self) -> Sequence[NumberRow]:
        return [row for row in self.rows if not row.text]


def read_numbers(name: str, data: bytes, saved: Mapping[str, str] | None = None) -> NumbersFile:
    """One reference has one number: two that differ are both left to a person; the same row again is dropped. Raises
    FileUnreadable."""
    table = load(name, data)
    found = preview(table, SYNONYMS, saved or {}, (("reference",), ("number",)))
    rows: list[NumberRow] = []
    given: dict[str, set[str]] = {}
    for line, cells in table.rows[found.first :]:
        reference = found.cell(cells, "reference")[:60]
        raw = found.cell(cells, "number")
        number = re.sub(r"[\s.\-/]", "", raw).upper()
        colli = found.cell(cells, "colli")
        text = ""
        if not reference or not number:
            text = _("no reference or no number")
        elif is_damaged(raw):
            text = _("the spreadsheet has lost digits of this number")
        elif not _NUMBER.fullmatch(number):
            text = _("this is no number of a parcel")
        row = NumberRow(line, reference, number[:40], int(colli) if colli.isdigit() and len(colli) < 4 else 0, text)
        if not text:
            if number in given.get(reference.upper(), set()):
                continue
            given.setdefault(reference.upper(), set()).add(number)
        rows.append(row)
    many = {reference for reference, numbers in given.items() if len(numbers) > 1}
    return NumbersFile(
        [
            row
            if row.text or row.reference.upper() not in many
            else NumberRow(row.line, row.reference, row.number, row.colli, _("this reference has several numbers"))
            for row in rows
        ],
        found,
    )
