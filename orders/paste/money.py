"""How an order is paid and how much it is, in the words of a chat or of a page. EUR, VAT included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from core.money import BadAmount, from_person
from orders.paste.found import Found
from orders.paste.ground import Ground

_COD = re.compile(
    r"\b(?:in )?contras+egno\b|\bc/assegno\b|\bc\.?o\.?d\b\.?|\bcash on delivery\b|\bnachnahme\b|"
    r"\b(?:pag\w*|soldi|saldo|contanti) (?:\w+ ){0,2}?(?:alla|al momento della|a|in) consegna\b|"
    r"\balla consegna\b|\b(?:in )?contanti\b|"
    r"\bpag\w* (?:\w+ ){0,3}?(?:al|il) (?:corriere|postino)\b|\bpag\w* quando (?:arriva|ricevo)\b|\bda incassare\b|"
    r"\bda pagare alla consegna\b|\bcontanti al corriere\b",
    re.IGNORECASE,
)
_NO_COD = re.compile(r"\b(?:no|non|niente|senza)\b[^.\n]{0,14}\b(?:contras+egno|alla consegna)\b", re.IGNORECASE)
_PREPAID = re.compile(
    r"\b(?:gi[aà] (?:\w+ )?(?:pagat[oaie]|saldat[oa]|accreditat[oa])|pagat[oa]|ho (?:gi[aà] )?(?:pagato|saldato|"
    r"fatto il bonifico|"
    r"inviato i soldi|mandato i soldi|ricaricato)|pago (?:ora|subito|adesso|con|tramite)|pay ?pal|post ?e?pay|"
    r"satispay|"
    r"(?:con |tramite |fatto |via )?bonifico|carta(?: di (?:credito|debito))?|kreditkarte|stripe|nexi|klarna|"
    r"scalapay|apple pay|"
    r"google pay|"
    r"paid|bezahlt|addebitat[oa]|prepagato|anticipato|ricarica|versato|accreditato|pagamento (?:effettuato|ricevuto|"
    r"completato))\b",
    re.IGNORECASE,
)
_NOT_PAID = re.compile(r"\b(?:non|ancora|da|come|posso|se) (?:\w+ )?$", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?<![\w,./-])(?P<sign>€ ?|eur(?:o)? ?)?(?P<number>\d{1,3}(?:[.' ]\d{3})+(?:,\d{1,2})?|"
    r"\d{1,6}(?:[.,]\d{1,2})?)(?P<after> ?(?:€|euro?\b))?"
    r"(?![\w/-]|[.,]\d)",
    re.IGNORECASE | re.ASCII,
)
# What stands before an amount, the surest first.
_TOTALS = (
    (re.compile(r"=\W*$"), 0.95),
    (
        re.compile(
            r"\b(?:da incassare|da pagare(?: alla consegna)?|incasso|alla consegna|"
            r"importo (?:del )?contrassegno)\W{0,4}(?:di|:)?\W*$",
            re.I,
        ),
        0.95,
    ),
    (
        re.compile(
            r"\b(?:totale(?: ordine| complessivo| da pagare| finale)?|tot\.?|(?:grand |order )?total(?: price)?|"
            r"order total|gesamt\w*|"
            r"summe)\b[^\d\n]{0,14}$",
            re.I,
        ),
        0.93,
    ),
    (
        re.compile(
            r"\b(?:contras+egno|c/assegno|c\.?o\.?d\.?|contanti|nachnahme|alla consegna|al (?:corriere|"
            r"postino))\b[^\d\n]{0,20}$",
            re.I,
        ),
        0.9,
    ),
    (
        re.compile(
            r"\b(?:pag(?:o|ato|ati|amento)|importo|saldo|prezzo finale|in tutto|ammontare)\b[^\d\n]{0,12}$", re.I
        ),
        0.8,
    ),
)
_NO_TOTAL = re.compile(
    r"\b(?:parziale|sub-?tot\w*|item total|articoli|tot(?:ale)? (?:spedizione|iva|sconto|articoli|prodotti|merce)|"
    r"vat|iva|zwischensumme|"
    r"venduto (?:per|a)|spedizione|sconto|tasse?|commission\w*)\b[^\d\n]{0,14}$",
    re.IGNORECASE,
)
_CODED = re.compile(r"[A-Z]{2,6}-\d{2,6}", re.ASCII)
_AND_CENTS = re.compile(r"^ e (\d{2})\b(?! ?(?:pz|pezzi))")
_SUM = re.compile(
    r"(?<![\w,.])(?P<a>\d{1,4}(?:[.,]\d{1,2})?) ?(?:€|euro?)? ?(?:\+|"
    r"più) ?€? ?(?P<b>\d{1,3}(?:[.,]\d{1,2})?)(?![\d.,]) ?(?:€|euro?)?(?! ?[=\d])"
    r" ?(?:di |per la |per )?(?:sped\w*|spese|trasporto|s\.s\.|ss\b|corriere)",
    re.IGNORECASE,
)
_TOTAL_BEHIND = re.compile(
    r"^ ?(?:€|euro?)?[ ,(]*(?:da pagare |da incassare |da saldare |pago |paga )?(?:(?:in |alla |al |"
    r"a )?(?:contras+egno|consegna\b|corriere|postino)|"
    r"in tutto|tutto (?:compreso|incluso)|total[ei]|(?:con )?(?:spedizione|sped\.?|ss|s\.s\.) (?:gi[aà] )?(?:inclus|"
    r"compres)|compres[oa] (?:di )?sped|"
    r"comprensiv[oi] di sped)",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\d ?(?:€|euro)? (?:o|oppure)\b[^\n]{0,40}\d", re.IGNORECASE)
_PARTS = re.compile(
    r"\b(?:spedizione|sped\.?|trasporto|consegna|spese|cad(?:auno|\.)?|l['’]uno|unitario|prezzo|subtotale|"
    r"sub-totale|sconto|iva|"
    r"articoli|shipping|item|versand|acconto)\b[^\d\n]{0,12}$",
    re.IGNORECASE,
)
_PART_BEHIND = re.compile(
    r"^\W*(?:di |per la |per )?(?:spedizione|sped\.?|spese|cad(?:auno|\.)?|l['’]un[oa]|trasporto|di spese|\+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    value: Decimal
    sure: float
    start: int
    end: int
    late: bool


def payment(ground: Ground) -> tuple[list[Found], bool]:
    """Prepaid or COD, each once; and whether both were said."""
    cod: Found | None = None
    paid: Found | None = None
    for line in ground.lines:
        denied = [(one.start(), one.end()) for one in _NO_COD.finditer(line.text)]
        for match in _COD.finditer(line.text):
            if not any(start <= match.start() < end for start, end in denied):
                cod = cod or Found(
                    "payment", "cod", 0.93, line.start + match.start(), line.start + match.end(), line.corrects
                )
        for match in _PREPAID.finditer(line.text):
            if not _NOT_PAID.search(line.text[: match.start()]):
                paid = paid or Found(
                    "payment", "prepaid", 0.9, line.start + match.start(), line.start + match.end(), line.corrects
                )
    if cod and paid:
        if cod.late != paid.late:
            return [cod if cod.late else paid], False
        return [cod, paid], True
    return [one for one in (cod, paid) if one], False


def amounts(ground: Ground) -> list[Amount]:
    """What the customer pays in all, where the text says so: the surest first; of parts (shipping, price of one) none,
    unless it is the only amount that is there."""
    found: list[Amount] = []
    alone: list[Amount] = []
    for at, line in enumerate(ground.lines):
        if _EITHER.search(line.text):
            continue  # 54 o 59? Nobody knows yet.
        if (both := _SUM.search(ground.left(line))) and "=" not in line.text[both.end() :]:
            goods, way = _amount(both.group("a")), _amount(both.group("b"))
            if goods and way:
                found.append(
                    Amount(goods + way, 0.85, line.start + both.start(), line.start + both.end("b"), line.corrects)
                )
        for match in _AMOUNT.finditer(ground.left(line)):
            start, end = line.start + match.start(), line.start + match.end()
            if not ground.is_free(start, end):
                continue
            number, marked = match.group("number"), bool(match.group("sign") or match.group("after"))
            cents = bool(re.search(r"[.,]\d{2}$", number))
            before = line.text[: match.start()]
            if not before.strip(" :€=") and at:  # the amount stands alone under its word
                before = f"{ground.lines[at - 1].text} "
            sure = next((sure for pattern, sure in _TOTALS if pattern.search(before)), 0.0)
            if not sure and _TOTAL_BEHIND.match(line.text[match.end() :]):
                sure = 0.9
            if sure and _CODED.search(before):
                continue  # the total of one article's row
            if (not (marked or cents) and sure < 0.9) or (_NO_TOTAL.search(before) and "=" not in before[-3:]):
                continue
            value = _amount(number)
            if (more := _AND_CENTS.match(line.text[match.end() :])) and value is not None:
                value, end = value + Decimal(more.group(1)) / 100, end + more.end()
            if value is None or value == 0:
                continue
            one = Amount(value, sure, start, end, line.corrects)
            is_part = bool(_PARTS.search(before)) or bool(_PART_BEHIND.match(line.text[match.end() :]))
            if sure and not (is_part and sure < 0.93):
                found.append(one)
            elif not is_part:
                alone.append(Amount(value, 0.7, start, end, line.corrects))
    if found:
        return sorted(found, key=lambda one: (one.late, one.sure), reverse=True)
    return alone if len({one.value for one in alone}) == 1 else []


def _amount(number: str) -> Decimal | None:
    plain = number.replace(" ", ".").replace("'", ".") if "," in number else number
    try:
        return from_person(plain)
    except BadAmount:
        return None
