"""eBay's orders report (Seller Hub), in English, German and the words seen in Italian; its first row of an order with
several articles is their sum and no article. Prepaid always."""

from __future__ import annotations

from orders.imports import values
from orders.imports.formats.base import Report, Row, names

_COLUMNS = names(
    record="sales record number|numero vendita|verkaufsprotokollnummer",
    number="order number|numero ordine|bestellnummer|numero dell ordine",
    name="ship to name|post to name|nome destinatario|spedisci a nome",
    phone="ship to phone|post to phone|telefono|telefono destinatario",
    email="buyer email|e mail acquirente|email acquirente",
    line1="ship to address 1|post to address 1|indirizzo 1|indirizzo destinatario 1",
    line2="ship to address 2|post to address 2|indirizzo 2|indirizzo destinatario 2",
    line3="post to address 3",
    city="ship to city|post to city|citta|citta destinatario",
    province="ship to state|post to county|provincia|provincia destinatario",
    postcode="ship to zip|post to postcode|cap|cap destinatario",
    country="ship to country|post to country|paese|paese destinatario",
    listing="item number|numero oggetto|artikelnummer",
    title="item title|titolo oggetto|titolo inserzione|angebotstitel",
    sku="custom label|etichetta personalizzata|bestandseinheit",
    quantity="quantity|quantita|anzahl|stuckzahl",
    line_total="sold for|venduto per|verkauft fur",
    sale_total="total price|prezzo totale|gesamtbetrag|gesamtpreis",
    placed_at="sale date|data vendita|data di vendita|verkauft am",
    paid_at="paid on date|data pagamento|data di pagamento|zahlungsdatum",
    shipped_at="shipped on date|posted on date|data spedizione|data di spedizione|versanddatum",
    note="buyer note|nota dell acquirente|nota acquirente",
    wish="variation details|dettagli variante|dettagli della variante",
    item_id="transaction id|id transazione|transaktionsnummer",
)


def _left(row: Row) -> str:
    return "shipped" if row.get("shipped_at") else ""


def _held(row: Row) -> str:
    return "" if row.get("paid_at") else "unpaid"


def _is_order(row: Row) -> bool:
    """Not what stands below the orders, also in the middle of joined files: "4","record(s) downloaded"."""
    first = values.fold(" ".join((row.get("record", ""), row.get("number", ""))))
    if "seller id" in first or "record(s)" in first:
        return False
    return bool(row.get("title") or row.get("sku") or row.get("name") or row.get("line1"))


_HOOKS = {"left": _left, "held": _held, "is_order": _is_order}
REPORTS = (
    Report(
        "ebay_transactions",
        "eBay: Report sulle transazioni",
        "eBay",
        frozenset({"type", "order number", "payout id"}),
        take="Report sugli ordini",
    ),
    *(
        Report(f"ebay_{code}", "eBay: Report sugli ordini", "eBay", frozenset(signature), _COLUMNS, **_HOOKS)  # type: ignore[arg-type]
        for code, signature in (
            ("orders", ("sales record number", "order number", "custom label")),
            ("orders_it", ("numero ordine", "etichetta personalizzata", "data pagamento")),
            ("orders_de", ("verkaufsprotokollnummer", "bestellnummer")),
        )
    ),
)
