"""What the columns of a file of somebody's own may be, by their names in five languages and by what stands in them. A
guess is shown and confirmed by a person; below the threshold a column is nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from core.address import phone
from core.postal import provinces
from orders.imports import values
from orders.imports.grid import Grid

FIELDS = (
    *("number", "item_id", "placed_at", "name", "first_name", "last_name", "company", "line1", "civico", "line2"),
    *("postcode", "city", "province", "country", "phone", "email", "sku", "ean", "title", "quantity", "line_total"),
    *("sale_total", "to_collect", "payment", "note"),
)
NEEDED = (("sku", "ean"), ("name", "last_name"), ("line1",), ("postcode",), ("city",))
# In it, en, de, fr, es; as `values.heading` writes them. What has two meanings (nome, stato, numero) stands in neither.
_NAMES = {
    "number": "numero ordine|n ordine|id ordine|rif ordine|ordine|order id|order no|order number|order reference|order"
    "|reference|bestellnummer|auftragsnr|auftragsnummer|numero de commande|n commande|n de commande|commande"
    "|numero de pedido|n de pedido|pedido",
    "item_id": "id articolo ordine|id riga|order item id|line item id|transaction id|positionsnr|transaktionsnr"
    "|id article|id de articulo",
    "placed_at": "data|data ordine|data acquisto|data vendita|creato il|purchase date|order date|sale date|created date"
    "|created at|date|bestelldatum|verkauft am|datum|date de commande|date d achat|fecha|fecha de compra"
    "|fecha de pedido|fecha del pedido",
    "name": "destinatario|nominativo|nome e cognome|nome cognome|intestatario|spedire a|nome destinatario|recipient"
    "|recipient name|ship to name|shipping name|delivery name|full name|consignee|empfanger|liefername|destinataire"
    "|nom complet|nombre completo|cliente|customer|customer name",
    "first_name": "first name|vorname|prenom|nombre",
    "last_name": "cognome|last name|surname|nachname|apellidos|apellido",
    "company": "ragione sociale|azienda|ditta|presso|c o|company|business name|firma|societe|entreprise|empresa"
    "|razon social",
    "line1": "indirizzo|via|indirizzo 1|recapito|indirizzo e civico|indirizzo di spedizione|address|address 1"
    "|address line 1|street|street address|shipping address|straße|strasse|adresse|anschrift|rue|voie|direccion|calle",
    "civico": "civico|n civico|numero civico|house number|street number|building no|hausnummer|hs nr|n de rue|n de voie"
    "|portal",
    "line2": "indirizzo 2|scala|interno|piano|citofono|address 2|address line 2|apt|suite|unit|adresszusatz|complement"
    "|batiment|piso|puerta|escalera",
    "postcode": "cap|codice postale|c a p|zip|zip code|postcode|postal code|plz|postleitzahl|code postal|cp"
    "|codigo postal",
    "city": "citta|comune|localita|city|town|post town|ort|stadt|ville|commune|ciudad|poblacion|localidad",
    "province": "provincia|prov|pr|sigla|province|county|region|state province|bundesland|departement",
    "country": "paese|nazione|country|country code|land|pays|pais",
    "phone": "telefono|tel|cellulare|cell|phone|phone number|mobile|telefon|handy|mobil|telephone|portable|movil",
    "email": "email|e mail|posta elettronica|mail|courriel|correo|correo electronico",
    "sku": "sku|codice articolo|codice prodotto|cod articolo|cod prodotto|cod|codice|riferimento articolo"
    "|etichetta personalizzata|seller sku|custom label|item sku|part no|artikelnummer|bestandseinheit"
    "|etiquette personnalisee|referencia",
    "ean": "ean|codice a barre|barcode|gtin|upc|ean13|strichcode|code barres|codigo de barras",
    "title": "titolo|prodotto|articolo|descrizione|nome prodotto|title|item name|product name|product|description"
    "|artikel|artikelbezeichnung|angebotstitel|designation|produit|titre|titulo|articulo|producto",
    "quantity": "quantita|quantit|qta|q ta|pezzi|pz|n pezzi|quantity|quantity to ship|qty|units|menge|anzahl|stuckzahl"
    "|quantite|qte|cantidad|uds",
    "line_total": "sold for|venduto per|totale riga|line total",
    "sale_total": "totale|importo|totale ordine|totale cliente|total|order amount|grand total|order total|gesamtbetrag"
    "|summe|montant",
    "to_collect": "contrassegno|da incassare|c assegno|c o d|importo contrassegno|cod|cod amount|cash on delivery"
    "|to collect|nachnahme|nachnahmebetrag|contre remboursement|contra reembolso|reembolso",
    "payment": "pagamento|metodo di pagamento|modalita di pagamento|metodo pagamento|payment|payment method"
    "|financial status|gateway|zahlungsart|paiement|reglement|pago|forma de pago",
    "note": "note|nota|annotazioni|messaggio|istruzioni|istruzioni di consegna|notes|note for the courier|message"
    "|delivery instructions|buyer note|bemerkung|hinweis|kaufernotiz|remarque|commentaire|observaciones",
}
_FIELD_OF = {values.fold(name): field for field, names in _NAMES.items() for name in names.split("|")}
# What is never kept, whatever it is called.
_PRIVATE = re.compile(
    r"\b(?:codice fiscale|cod fiscale|tax (?:identifier|id)|fiscal code|cpf|nif|birth|nascita|iban|card|carta|"
    r"payment id|paypal|private|privat\w*|buyer (?:tax|identification)|payment method details)\b"
)
_ENOUGH = 0.95
_LOOKED_AT = 200

_TESTS: dict[str, Callable[[str], bool]] = {
    "postcode": lambda cell: bool(re.fullmatch(r"'?\d{3,5}", cell)),
    "province": lambda cell: bool(provinces.today(cell, "")) or not cell.isdigit(),
    "phone": lambda cell: bool(phone(cell).number) or values.is_damaged(cell) or values.is_masked(cell),
    "quantity": lambda cell: values.pieces(cell) is not None,
    "placed_at": lambda cell: bool(re.search(r"\d", cell)),
    "email": lambda cell: "@" in cell,
    "ean": lambda cell: bool(re.fullmatch(r"\d{8,14}", cell)) or values.is_damaged(cell),
    "to_collect": lambda cell: bool(re.search(r"\d", cell)),
    "sale_total": lambda cell: bool(re.search(r"\d", cell)),
}


def is_private(name: str) -> bool:
    """Whether a column is of those that are dropped at reading: tax codes, births, payment ids."""
    return bool(_PRIVATE.search(values.heading(name)))


def mapping(grid: Grid) -> dict[str, str]:
    """Column's name → field, of the columns that are surely one; each field once."""
    found: dict[str, str] = {}
    for place, name in enumerate(grid.head):
        field = _FIELD_OF.get(values.heading(name))
        if field and field not in found.values() and not is_private(name) and _fits(field, _cells(grid, place)):
            found[name] = field
    return found


def _cells(grid: Grid, place: int) -> list[str]:
    return [cells[place] for _line, cells in grid.rows[:_LOOKED_AT] if place < len(cells) and cells[place]]


def _fits(field: str, cells: Sequence[str]) -> bool:
    test = _TESTS.get(field)
    return test is None or not cells or sum(map(test, cells)) >= _ENOUGH * len(cells)


def lacking(chosen: Sequence[str]) -> list[str]:
    """Of the fields that an order cannot do without those that no column has, the first of each choice."""
    return [choice[0] for choice in NEEDED if not set(choice) & set(chosen)]
