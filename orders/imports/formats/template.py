"""Our own table: the template that is downloaded, and the file that gives back what was not imported."""

from __future__ import annotations

from orders.imports.formats.base import Report
from orders.imports.values import heading

# Field, Italian, English: the file that is downloaded has the reader's, both are read.
COLUMNS = (
    ("marketplace", "Marketplace", "Marketplace"),
    ("number", "Numero ordine", "Order number"),
    ("placed_at", "Data", "Date"),
    ("name", "Destinatario", "Recipient"),
    ("company", "Azienda", "Company"),
    ("line1", "Indirizzo e civico", "Address and number"),
    ("line2", "Scala, interno, presso", "Flat, stairs, c/o"),
    ("postcode", "CAP", "Postcode"),
    ("city", "Città", "City"),
    ("province", "Provincia", "Province"),
    ("country", "Paese", "Country"),
    ("phone", "Telefono", "Phone"),
    ("email", "E-mail", "Email"),
    ("sku", "SKU", "SKU"),
    ("quantity", "Quantità", "Quantity"),
    ("item_id", "ID riga", "Line ID"),
    ("payment", "Pagamento", "Payment"),
    ("sale_total", "Totale cliente", "Customer total"),
    ("to_collect", "Contrassegno", "Cash on delivery"),
    ("note", "Note per il corriere", "Note for the courier"),
)
_ITALIAN = {"numero ordine", "destinatario", "indirizzo e civico", "cap", "sku", "quantita"}
_ENGLISH = {"order number", "recipient", "address and number", "postcode", "sku", "quantity"}


def _columns(place: int) -> dict[str, tuple[str, ...]]:
    return {column[0]: (heading(column[place]),) for column in COLUMNS}


REPORTS = tuple(
    Report(code, "MCI", "", frozenset(signature), _columns(place), day_first=True, needs_number=False)
    for code, signature, place in (("mci", _ITALIAN, 1), ("mci_en", _ENGLISH, 2))
)
