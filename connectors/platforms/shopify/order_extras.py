"""What the customer, or the app that took the order, wrote for the whole order: the attributes of the cart (forms for
COD keep telephone, tax code and the courier's note there), the fields of Shopify's own checkout for Italy, and the
number that the order has in a marketplace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.platforms.shopify.order_words import Words, objects, pairs
from core.strict import text

_MOST = 30
_AMAZON = re.compile(r"(?<![\d-])\d{3}-\d{7}-\d{7}(?![\d-])", re.ASCII)
_EBAY = re.compile(r"(?<![\d-])\d{2}-\d{5}-\d{5}(?![\d-])", re.ASCII)
_TECHNICAL = re.compile(  # of no use to whoever packs, and none of our business
    r"(?:utm|gclid|fbclid|ttclid|fbp|fbc|ga)\b.*|ip|indirizzo ip|ip address|user agent|browser|landing ?\w*|referr?er"
    r"|(?:session|visitor|click) ?id|cart ?token"
)
_PHONE = re.compile(r"(?<!\w)(?:telefono|tel|cellulare|cell|phone|mobile|whatsapp|handy|telefon|telephone|movil)(?!\w)")
_NOTE = re.compile(
    r"not[ae] (?:per (?:il |la )?|al |del(?:la)? |di )?(?:corriere|consegna|spedizione)|istruzioni(?: \w+)*"
    r"|(?:delivery|courier|shipping) (?:notes?|instructions?)|note (?:to|for) (?:the )?courier"
)
# By what a checkout calls it, and by its shape: "vuoi la fattura? no" is no tax code.
_FISCAL: Sequence[tuple[str, re.Pattern[str], re.Pattern[str]]] = (
    ("pec", re.compile(r"(?<!\w)pec(?!\w)|tax email it"), re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    (
        "sdi_code",
        re.compile(r"(?<!\w)(?:sdi|codice (?:destinatario|univoco|sdi)|recipient code|cod univoco)(?!\w)"),
        re.compile(r"[A-Z0-9]{6,7}"),
    ),
    (
        "vat_number",
        re.compile(r"(?<!\w)(?:partita iva|p ?iva|vat(?: ?(?:number|no|id|code))?|tax credential \w\w)(?!\w)"),
        re.compile(r"(?:[A-Z]{2})?\d[A-Z0-9]{7,11}", re.ASCII),
    ),
    (
        "tax_code",
        re.compile(
            r"(?<!\w)(?:codice ?fiscale|cod ?fisc\w*|cf|c f|fiscal ?code|tax ?(?:code|id)|tax credential it)(?!\w)"
        ),
        re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]|\d{11}", re.ASCII),
    ),
)


@dataclass(frozen=True, slots=True)
class Extras:
    """`attributes`: all that is not hidden, as it was written; `details`: those of them that say something which has no
    place of its own on the order. `note`: for the courier, where the order's own note is empty."""

    attributes: Sequence[tuple[str, str]] = ()
    details: Sequence[tuple[str, str]] = ()
    fiscal: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""
    note: str = ""


def read(data: Mapping[str, Any], words: Words) -> Extras:
    attributes = pairs(words.pick(data, "customAttributes", "note_attributes"), 500)
    fiscal: dict[str, str] = {}
    details: list[tuple[str, str]] = []
    phone = note = ""
    own_note = text(data.get("note"), 200)
    numbers = list(_numbers(data, words, attributes))
    for name, worth in [*_localized(data, words), *attributes]:
        plain = _plain(name)
        kind, value = _fiscal(plain, worth)
        if kind:
            fiscal.setdefault(kind, value)
        elif _TECHNICAL.fullmatch(plain) or any(number in worth for _market, number in numbers):
            continue
        elif not phone and _PHONE.search(plain) and len(re.findall(r"\d", worth)) >= 6:
            phone = worth
        elif not note and not own_note and _NOTE.fullmatch(plain):
            note = text(worth, 200)
        else:
            details.append((name, worth))
    return Extras(attributes, [*numbers, *details][:_MOST], fiscal, phone, own_note or note)


def _localized(data: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    """The fields that Shopify's checkout asks for in a country, by key: TAX_CREDENTIAL_IT, TAX_EMAIL_IT."""
    for name in ("localizedFields", "localizationExtensions", "localized_fields", "localization_extensions"):
        for row in objects(data.get(name)):
            key, worth = text(row.get("key"), 60), text(row.get("value"), 200)
            if worth and key:
                is_known = any(_fiscal(_plain(key), worth))
                yield (key if is_known else text(row.get("title"), 60) or key), worth


def _fiscal(plain: str, worth: str) -> tuple[str, str]:
    """The field of our own and its value in capitals; "" for what is none, or does not look like it."""
    value = re.sub(r"[\s.\-/]", "", worth).upper()
    for kind, name, shape in reversed(_FISCAL):  # a field for both "C.F. / P. IVA": eleven digits are a VAT number
        if not name.search(plain):
            continue
        if kind == "pec":
            if shape.fullmatch(worth):
                return kind, worth
        elif shape.fullmatch(value) and not (kind == "tax_code" and value.isdigit() and _says_vat(plain)):
            return kind, value.removeprefix("IT") if kind == "vat_number" and value[2:].isdigit() else value
    return "", ""


def _says_vat(plain: str) -> bool:
    return bool(_FISCAL[2][1].search(plain))


def _numbers(data: Mapping[str, Any], words: Words, attributes: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The order's number in a marketplace: the same order may come again in that marketplace's own report. Amazon's is
    known by its shape; eBay's only where eBay is named."""
    source = text(words.pick(data, "sourceName", "source_name"), 60)
    where = [text(words.pick(data, "sourceIdentifier", "source_identifier"), 60)]
    where += [worth for _name, worth in attributes]
    where += [text(data.get("name"), 60), text(data.get("note"), 300)]
    named = " ".join([source, str(data.get("tags"))[:500], *(name for name, _worth in attributes), *where]).lower()
    amazon = next((found[0] for part in where if (found := _AMAZON.search(part))), "")
    if amazon:
        yield "Amazon", amazon
    ebay = next((found[0] for part in where if (found := _EBAY.search(part))), "") if "ebay" in named else ""
    if ebay:
        yield "eBay", ebay


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[_\-./:*?]+", " ", name.lower()).split())
