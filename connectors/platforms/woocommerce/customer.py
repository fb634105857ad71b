"""What else the customer wrote at the checkout, in metadata: WooCommerce's core has no field for the numbers that an
Italian invoice needs, nor for a delivery wish. Each plugin has keys of its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.platforms.woocommerce.fields import bare, block, metas, words
from core.strict import text

MAX_DETAILS = 20
# Before a checkout field's own name: the core's, the block checkout's, and those of plugins.
_PREFIX = re.compile(
    r"^_?(?:wc_(?:billing|shipping|other)/(?:[a-z0-9_-]+/)?)?(?:_?(?:billing|shipping|order|additional|customer|cliente)_)?"
    r"(?:wc_piva_cf_|wcpdf_(?:it_)?|fatt_?24_|f24_|wfic_|woofatture_|wcpdf_)?"
)
_SUFFIX = re.compile(r"(?:_aruba_fe|_fe|_field|_2|_cliente)$")
_KINDS = {
    "tax_code": re.compile(
        r"cf2?|cod(?:ice)?_?fis(?:c|cale)?|codfis\w*|c_f|fiscal_?code|tax_?code|cfiscale|codice_fiscale_\w+|cf_piva|"
        r"cf_?p_?i(?:va)?|piva_cf|cf_?o_?piva|ssn|(?:invoice|fatt\w*|user|it)_(?:cf|codice_fiscale)"
    ),
    "vat_number": re.compile(
        r"(?:eu_)?vat(?:_?(?:number|code|id|no))?|p_?iva|part(?:ita)?_?iva|partiva|pi|p_i|partita_iva_\w+|vat_?number_\w+"
        r"|(?:company|invoice|fatt\w*|user|it|business)_(?:vat(?:_?(?:number|code|id))?|p_?iva|pi|partita_iva)"
    ),
    "sdi_code": re.compile(
        r"(?:cod(?:ice)?_?)?sdi(?:_(?:code|id|pec|o_pec))?|cod(?:ice)?_?dest(?:inatario)?|cod(?:ice)?_?univoco|univoco"
        r"|pa_?code|recipient_?code|receiver_?code|nin(?:_code)?|cod(?:ice)?_?unico|codice_identificativo|(?:it|invoice|fatt\w*|user|company)_(?:sdi|codice_univoco)|pec_?(?:o_)?(?:sdi|code|codice)\w*|codice_pec\w*|codice_interscambio"
    ),
    "pec": re.compile(r"(?:indirizzo_|email_|e_mail_|mail_)?pec(?:_?(?:email|e_mail|mail|address))?"),
}
_PERSON = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]")
_SHAPES = {
    "tax_code": re.compile(r"[A-Z]{6}[A-Z0-9]{9}[A-Z]|(?=(?:[A-Z]*\d){4})[A-Z0-9]{8,20}"),
    "vat_number": re.compile(r"(?=(?:[A-Z]*\d){6})[A-Z0-9]{7,15}"),
    "sdi_code": re.compile(r"[A-Z0-9]{4,12}"),
    "pec": re.compile(r"[^@\s]{1,120}@[^@\s]{1,120}"),
}
_COMPANY = re.compile(r"(?:IT)?\d{11}", re.ASCII)
_DETAIL = re.compile(
    r"(?:^|_)(?:not[ae]|notes?|citofon\w*|campanell\w*|orari\w*|fascia|consegna|deliver(?:y|ies)|istruzion\w*|instructions?"
    r"|piano|scala|interno|palazz\w+|telefon\w*|phone|cellulare|whatsapp|regalo|gift|messagg\w*|message|bigliett\w*|dedica\w*"
    r"|richiest\w*|preferenz\w*|prefer\w*|referente|corriere|commento|comment|data_(?:di_)?\w+|giorno)(?:_|$)"
)
_NOISE = re.compile(
    r"hash|utm|attribution|nonce|token|stripe|paypal|gateway|user_agent|session|cookie|(?:^|_)(?:ip|id|ids|lang|ga|fb|url)(?:_|$)"
    r"|gclid|mailchimp|newsletter|consent|privacy|terms|email|sent|count|tracking|label|printed|synced|exported|pickup|locker"
    r"|point|vat_exempt|version|status|payment|invoice|fattura|refund"
)
_PHONE = re.compile(
    r"(?:phone|telefono|tel|cellulare|cell|mobile|mobile_phone|cellphone|whatsapp)(?:_number|_numero|_2)?"
)
_CUSTOMER_FIELD = re.compile(r"^_?(?:wc_(?:billing|shipping|other)/|billing_|shipping_|additional_)")
_NAMES = ("first_name", "last_name", "company")
_CORE = frozenset({*_NAMES, "address_1", "address_2", "city", "state", "postcode", "country", "email", "phone"})


def fiscal(data: Mapping[str, Any]) -> dict[str, str]:
    """tax_code, vat_number, sdi_code and pec, those that the customer gave."""
    found: dict[str, str] = {}
    spare = ""
    for key, value in _fields(data):
        kind = _kind(_name(key))
        said = text(value, 254).strip() if kind else ""
        if not kind or not said:
            continue
        kind, said = _by_shape(kind, said)
        if not _SHAPES[kind].fullmatch(said):
            continue
        if kind in found and found[kind] != said:
            spare = spare or (said if kind == "tax_code" else "")
        found.setdefault(kind, said)
    if spare and "vat_number" not in found:  # one field for either number, and a second one for the other
        pair = sorted((found["tax_code"], spare), key=lambda code: bool(_COMPANY.fullmatch(code)))
        if _PERSON.fullmatch(pair[0]) and _COMPANY.fullmatch(pair[1]):
            found["tax_code"], found["vat_number"] = pair
    return {kind: found[kind] for kind in _KINDS if kind in found}


def phone(data: Mapping[str, Any]) -> str:
    """The telephone that a checkout keeps apart from the addresses; the recipient's before the payer's."""
    found = [
        (not _flat(key).startswith(("shipping", "wc_shipping")), words(value, 80))
        for key, value, _entry in metas(data)
        if isinstance(value, str | int) and not isinstance(value, bool) and _PHONE.fullmatch(_name(key))
    ]
    numbers = [pair for pair in found if len(re.findall(r"\d", pair[1])) >= 6]
    return min(numbers, key=lambda pair: pair[0])[1] if numbers else ""


def details(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the customer wrote for the whole order: fields of the checkout, and those whose name speaks of the delivery.
    Keys with an underscore are the plugins' own, but for fields that the checkout stores so."""
    found: dict[tuple[str, str], None] = {}
    for key, value, _entry in metas(data):
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            continue
        field = _CUSTOMER_FIELD.match(key.lower())
        name = _name(key)
        if (key.startswith("_") and not field) or name in _CORE or _kind(name) or _NOISE.search(_flat(key)):
            continue
        written = " " in key.strip() or (key[:1].isupper() and "_" not in key)  # the label of a form, not a key
        said = bare(value, 200)
        if said and (written or _DETAIL.search(name)) and not _is_flag(said):
            shown = text(key if written else name.replace("_", " ").strip().capitalize(), 60)
            found[shown, said] = None
    return list(found)[:MAX_DETAILS]


def _fields(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Metadata first; some plugins add their fields to the billing block of the API."""
    for key, value, _entry in metas(data):
        yield key, value
    for key, value in block(data, "billing").items():
        if key not in _CORE:
            yield key, value


def _flat(key: str) -> str:
    return re.sub(r"[^a-z0-9/]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()).strip("_")


def _name(key: str) -> str:
    """The field's own name: `_billing_codice_fiscale_aruba_fe` and “Codice Fiscale” are both codice_fiscale."""
    name = _PREFIX.sub("", re.sub(r"[^a-z0-9/_-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()))
    return _SUFFIX.sub("", re.sub(r"[^a-z0-9]+", "_", name).strip("_"))


def _kind(name: str) -> str:
    return next((kind for kind, names in _KINDS.items() if names.fullmatch(name)), "")


def _by_shape(kind: str, said: str) -> tuple[str, str]:
    """One field for two things is common: what stands in it decides."""
    if "@" in said:
        return "pec", said
    code = re.sub(r"[\s.\-/]", "", said).upper()
    if kind == "vat_number" and _PERSON.fullmatch(code):
        return "tax_code", code
    if kind == "pec" and _SHAPES["sdi_code"].fullmatch(code):
        return "sdi_code", code
    return kind, code


def _is_flag(said: str) -> bool:
    return said.casefold() in ("yes", "no", "si", "sì", "0", "1", "true", "false", "on", "off")
