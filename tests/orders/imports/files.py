"""Files of orders of our own making, as marketplaces and spreadsheets write them."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.sax.saxutils import escape

AMAZON = (
    *("order-id", "order-item-id", "purchase-date", "payments-date", "buyer-email", "buyer-phone-number", "sku"),
    *("product-name", "quantity-purchased", "quantity-shipped", "quantity-to-ship", "recipient-name", "ship-address-1"),
    *("ship-address-2", "ship-address-3", "ship-city", "ship-state", "ship-postal-code", "ship-country"),
    *("purchase-order-number", "is-buyer-requested-cancellation", "buyer-requested-cancel-reason", "cpf"),
)
_ROW = {
    "purchase-date": "2026-11-23T21:40:11+00:00",
    "payments-date": "2026-11-23T21:40:11+00:00",
    "buyer-phone-number": "3331110001",
    "sku": "MCI-0001",
    "product-name": "Trapano",
    "quantity-purchased": "1",
    "quantity-shipped": "0",
    "quantity-to-ship": "1",
    "recipient-name": "Lucia Provetti",
    "ship-address-1": "Via Roma 18",
    "ship-city": "Torino",
    "ship-state": "TO",
    "ship-postal-code": "10121",
    "ship-country": "IT",
    "is-buyer-requested-cancellation": "false",
}


def amazon_id(number: int) -> str:
    return f"405-{number:07d}-{number:07d}"


def row(number: int, **cells: str) -> dict[str, str]:
    """A row of the order `number`; keywords with `_` for `-`."""
    own = {"order-id": amazon_id(number), "order-item-id": f"5100{number:010d}"}
    return _ROW | own | {name.replace("_", "-"): text for name, text in cells.items()}


def amazon(*rows: dict[str, str], without: tuple[str, ...] = (), encoding: str = "utf-8") -> bytes:
    """The unshipped orders, as Amazon writes them: tabs, no quoting."""
    head = [name for name in AMAZON if name not in without]
    lines = ["\t".join(head), *("\t".join(one.get(name, "") for name in head) for one in rows)]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def template(*rows: str, head: str = "") -> bytes:
    """Our own table, in Italian."""
    names = (
        head or "Numero ordine;Destinatario;Indirizzo e civico;CAP;Città;Provincia;Telefono;SKU;Quantità;Contrassegno"
    )
    return ("\ufeff" + "\r\n".join([names, *rows]) + "\r\n").encode()


def workbook(rows: list[list[Any]], *, more: str = "") -> bytes:
    """An XLSX with one sheet: numbers are numbers, the rest is text. `more`: rows as they are written."""

    def cell(value: Any) -> str:
        if isinstance(value, (int, float)):
            return f"<c><v>{value!r}</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'

    sheet = "".join(f"<row>{''.join(map(cell, one))}</row>" for one in rows) + more
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kinds = '<Default Extension="xml" ContentType="text/xml"/>'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packed}/content-types">{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{packed}/relationships"><Relationship Id="r1"'
        f' Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packed}/relationships"><Relationship Id="r1"'
        f' Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{sheet}</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return out.getvalue()
