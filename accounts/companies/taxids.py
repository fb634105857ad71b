"""Italian tax identities: check digits by python-stdnum, with a sentence for each way of being wrong.

Sources: DPR 633/72 art. 35 (partita IVA), DM 23/12/1976 (codice fiscale), FatturaPA 1.2 (codice destinatario)."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.exceptions import InvalidChecksum, InvalidLength
from stdnum.exceptions import ValidationError as BadNumber
from stdnum.it import codicefiscale, iva

_BEFORE_VAT = re.compile(r"(?:PIVA|PARTITAIVA|VAT)(?=(?:IT)?\d)")  # what stands before the number on an invoice
_BEFORE_CODE = re.compile(r"(?:CODICEFISCALE|CF|(?:CF)?IT)(?=(?:[0-9A-Z]{16}|\d{11})$)")


def compact(text: str) -> str:
    """Capital letters and digits alone: what people put between, and what no eye sees, is no part of a code."""
    return re.sub(r"[^0-9A-Za-z]", "", unicodedata.normalize("NFKC", text)).upper()


def _without(words: re.Pattern[str], plain: str) -> str:
    found = words.match(plain)
    return plain[found.end() :] if found else plain


def vat_number(text: str) -> str:
    """Eleven digits of a partita IVA, without IT and spaces."""
    try:
        return str(iva.validate(_without(_BEFORE_VAT, compact(text))))
    except InvalidLength:
        raise ValidationError(_("A VAT number (partita IVA) has 11 digits."), code="length") from None
    except InvalidChecksum:
        raise ValidationError(_("The check digit is wrong: look for a mistyped digit."), code="checksum") from None
    except BadNumber:
        raise ValidationError(_("This is not an Italian VAT number (partita IVA)."), code="invalid") from None


def fiscal_code(text: str) -> str:
    """A codice fiscale: 16 characters of a person or 11 digits of a company."""
    plain = _without(_BEFORE_CODE, compact(text))
    try:
        return str(iva.validate(plain)) if plain.isdigit() else str(codicefiscale.validate(plain))
    except InvalidLength:
        raise ValidationError(_("A fiscal code has 16 characters, a company’s 11 digits."), code="length") from None
    except InvalidChecksum:
        raise ValidationError(_("The check character is wrong: look for a mistyped one."), code="checksum") from None
    except BadNumber:
        raise ValidationError(_("This is not an Italian fiscal code."), code="invalid") from None


def sdi_code(text: str) -> str:
    """A codice destinatario: 7 letters and digits. `0000000` says "none": then a PEC is needed."""
    plain = compact(text)
    if not re.fullmatch(r"[A-Z0-9]{7}", plain, re.ASCII):
        raise ValidationError(_("An SDI code has 7 letters and digits."), code="invalid")
    return plain
