"""Lists of paid COD money, as a courier might send them. No courier's own layout is public: these columns are ours,
with the peculiarities that integrators met."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

HEAD = (
    *("LDV", "Rif. mittente", "Destinatario", "Contrassegno", "Pagato", "Modalità", "Data pagamento"),
    "Rif. bonifico",
)


@dataclass(frozen=True)
class Paid:
    """EUR; `paid` below what was due is a short payment, below zero a correction."""

    number: str
    reference: str
    due: Decimal
    paid: Decimal
    recipient: str = "Rossi Maria"
    mode: str = "CONTANTI"
    on: date = date(2026, 11, 24)
    bank: str = "0123456789012345"


def italian(amount: Decimal) -> str:
    """1.234,56"""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def rows(paid: Iterable[Paid], *, prefix: str = "", total: Decimal | None = None) -> list[list[str]]:
    """With the row TOTALE at the end; `prefix`: before each number, as some couriers write it; `total`: one that does
    not add up."""
    paid = list(paid)
    found = [
        [
            *(f"{prefix}{one.number}", one.reference, one.recipient, italian(one.due), italian(one.paid), one.mode),
            *(f"{one.on:%d/%m/%Y}", one.bank),
        ]
        for one in paid
    ]
    summed = sum((one.paid for one in paid), Decimal(0)) if total is None else total
    return [*found, ["TOTALE", "", "", "", italian(summed), "", "", ""]]


def as_csv(found: Sequence[Sequence[str]], *, encoding: str = "utf-8-sig", head: Sequence[str] = HEAD) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(head)
    writer.writerows(found)
    return out.getvalue().encode(encoding)


_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_BOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets>'
    '<sheet name="Distinta" sheetId="1"/></sheets></workbook>'
)


def as_xlsx(found: Sequence[Sequence[str | Decimal]], *, head: Sequence[str] = HEAD) -> bytes:
    """Text cells are shared strings, as Excel writes them; a Decimal is a number."""
    shared: list[str] = []
    lines = []
    for at, cells in enumerate([list(head), *found], start=1):
        line = ""
        for column, cell in enumerate(cells):
            place = f"{chr(65 + column)}{at}"
            if isinstance(cell, Decimal):
                line += f'<c r="{place}"><v>{float(cell)!r}</v></c>'
                continue
            shared.append(cell)
            line += f'<c r="{place}" t="s"><v>{len(shared) - 1}</v></c>'
        lines.append(f'<row r="{at}">{line}</row>')
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("[Content_Types].xml", _TYPES)
        pack.writestr("xl/workbook.xml", _BOOK)
        pack.writestr("xl/sharedStrings.xml", f'<?xml version="1.0"?><sst {space}>{strings}</sst>')
        sheet = f'<?xml version="1.0"?><worksheet {space}><sheetData>{"".join(lines)}</sheetData></worksheet>'
        pack.writestr("xl/worksheets/sheet1.xml", sheet)
    return out.getvalue()
