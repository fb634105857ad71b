"""The courier's list of the money that it collected and paid (the *distinta*). No courier's own layout is public, so
the columns are guessed by the names that integrators met, and staff may save others. The amount is what was *paid*
where the file says it, because a file also lists what is only due. Each row ends in exactly one bucket."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from core.money import ZERO, BadAmount, from_person
from core.table import is_damaged
from shipping.couriers.columns import Preview, load, preview
from shipping.couriers.moments import day


class Bucket(StrEnum):
    """What becomes of a row, as far as the file alone can say it."""

    PAID = "paid"
    NOT_YET = "not_yet"  # listed, and nothing paid so far
    CORRECTION = "correction"  # below zero: money taken back
    REPEATED = "repeated"  # the same row again in this file
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """One row, EUR. `key` names its content, so that a file that is read again, or a row that comes in two files,
    counts once. `due`: what was to be collected, `fee`: kept by the courier, None where the file has no such column.
    `paid` is never reckoned from the others."""

    key: str
    line: int
    bucket: Bucket
    number: str
    reference: str
    paid: Decimal
    due: Decimal | None = None
    fee: Decimal | None = None
    mode: str = ""
    paid_on: dt.date | None = None
    bank_reference: str = ""
    recipient: str = ""
    text: str = ""  # why it cannot be read


@dataclass(frozen=True, slots=True)
class RemittanceFile:
    """`total`: of the file's own last row, None without one; `adds_up`: what it says is the sum of the rows."""

    rows: Sequence[RemittanceRow]
    total: Decimal | None
    columns: Preview

    @property
    def paid(self) -> Decimal:
        """EUR paid by this file: rows in the buckets paid and correction."""
        counted = (Bucket.PAID, Bucket.CORRECTION)
        return sum((row.paid for row in self.rows if row.bucket in counted), ZERO)

    @property
    def adds_up(self) -> bool:
        listed = (row.paid for row in self.rows if row.bucket != Bucket.UNREADABLE)
        return self.total is None or self.total == sum(listed, ZERO)


SYNONYMS: Mapping[str, Sequence[str]] = {
    "number": (
        *("ldv", "lettera di vettura", "n spedizione", "numero spedizione", "num spedizione", "nr spedizione"),
        *("spedizione", "tracking", "tracking number", "codice spedizione", "shipment", "numero", "numsped", "waybill"),
    ),
    "reference": (
        *("rif mittente", "riferimento mittente", "riferimento", "rif", "order num", "numero ordine", "n ordine"),
        *("ordine", "documento", "bda", "ddt", "reference", "rif cliente", "client reference", "riferimento cliente"),
    ),
    "paid": ("pagato", "importo pagato", "importo rimesso", "rimesso", "bonificato", "netto pagato", "paid"),
    "amount": ("importo", "importo incassato", "incassato", "amount", "importo eur", "totale"),
    "due": ("contrassegno", "importo contrassegno", "cod", "cod amount eur", "cod amount", "valore contrassegno"),
    "fee": ("commissione", "commissioni", "spese", "costo incasso", "diritti", "fee", "trattenuta"),
    "status": ("stato", "status", "esito", "stato pagamento"),
    "mode": ("modalita", "modalita incasso", "tipo incasso", "mezzo", "mode", "tipo"),
    "paid_on": (
        "data pagamento",
        "data rimessa",
        "data bonifico",
        "data valuta",
        "data accredito",
        "pagato il",
        "data",
    ),
    "bank_reference": ("cro", "trn", "riferimento bonifico", "rif bonifico", "bonifico", "bank reference", "distinta"),
    "recipient": ("destinatario", "cliente", "ragione sociale", "nominativo", "recipient"),
}
_NEEDED = (("number", "reference"), ("paid", "amount", "due"))
_TOTAL = re.compile(r"tot(?:\.|ale|ali)?\b", re.IGNORECASE)
_PAID = re.compile(r"(?<!non )(?<!da )\b(?:pagat|rimess|bonificat|accreditat|liquidat|paid)", re.IGNORECASE)


def read_remittance(name: str, data: bytes, saved: Mapping[str, str] | None = None) -> RemittanceFile:
    """Rows of a CSV or XLSX; `saved`: heading by field. Raises FileUnreadable."""
    table = load(name, data)
    found = preview(table, SYNONYMS, saved or {}, _NEEDED)
    seen: Counter[str] = Counter()
    rows: list[RemittanceRow] = []
    total: Decimal | None = None
    for line, cells in table.rows[found.first :]:
        first = next((cell.strip() for cell in cells if cell.strip()), "")
        if _TOTAL.match(first) and not found.cell(cells, "number").isdigit():
            total = _amount(_paid_cell(found, cells))
            continue
        row = _row(found, line, cells)
        if seen[row.key] and row.bucket != Bucket.UNREADABLE:
            row = replace(row, bucket=Bucket.REPEATED)
        seen[row.key] += 1
        rows.append(row)
    return RemittanceFile(rows, total, found)


def _paid_cell(found: Preview, cells: Sequence[str]) -> str:
    for name in ("paid", "amount", "due"):
        if name in found.columns:
            return found.cell(cells, name)
    return ""


def _amount(text: str) -> Decimal | None:
    try:
        return from_person(text) if text else None
    except BadAmount:
        return None


def _row(found: Preview, line: int, cells: Sequence[str]) -> RemittanceRow:
    def cell(name: str, most: int = 80) -> str:
        return found.cell(cells, name)[:most]

    number, reference, text = cell("number", 40), cell("reference", 60), ""
    paid = due = fee = None
    try:
        paid = from_person(_paid_cell(found, cells))
    except BadAmount as error:
        text = str(error)
    due, fee = _amount(cell("due")), _amount(cell("fee"))
    if is_damaged(number):
        text = text or f"{number}?"
    if not number and not reference:
        text = text or "-"
    status = cell("status")
    if text or paid is None:
        bucket = Bucket.UNREADABLE
    elif paid == 0 or (status and not _PAID.search(status)):
        bucket = Bucket.NOT_YET
    else:
        bucket = Bucket.CORRECTION if paid < 0 else Bucket.PAID
    paid_on, bank = day(cell("paid_on")), cell("bank_reference", 60)
    content = "|".join([number.upper(), reference.upper(), f"{paid}", f"{paid_on}", bank.upper(), bucket])
    return RemittanceRow(
        key=hashlib.sha256(content.encode()).hexdigest()[:32],
        line=line,
        bucket=bucket,
        number=number,
        reference=reference,
        paid=ZERO if paid is None or bucket == Bucket.UNREADABLE else paid,
        due=due,
        fee=fee,
        mode=cell("mode", 40),
        paid_on=paid_on,
        bank_reference=bank,
        recipient=cell("recipient"),
        text=text,
    )
