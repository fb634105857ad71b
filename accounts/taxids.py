"""Italian tax identities: check digits by python-stdnum, with a sentence for each way of being wrong.

Sources: DPR 633/72 art. 35 (partita IVA), DM 23/12/1976 (codice fiscale), FatturaPA 1.2 (codice destinatario)."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.exceptions import InvalidChecksum, InvalidLength
from stdnum.exceptions import ValidationError as BadNumber
from stdnum.it import codicefiscale, iva


def vat_number(text: str) -> str:
    """Eleven digits of a partita IVA, without IT and spaces."""
    try:
        return str(iva.validate(text))
    except InvalidLength:
        raise ValidationError(_("A VAT number (partita IVA) has 11 digits."), code="length") from None
    except InvalidChecksum:
        raise ValidationError(_("The check digit is wrong: look for a mistyped digit."), code="checksum") from None
    except BadNumber:
        raise ValidationError(_("This is not an Italian VAT number (partita IVA)."), code="invalid") from None


def fiscal_code(text: str) -> str:
    """A codice fiscale: 16 characters of a person or 11 digits of a company."""
    compact = re.sub(r"[\s.\-]", "", text).upper()
    try:
        return str(iva.validate(compact)) if compact.isdigit() else str(codicefiscale.validate(compact))
    except InvalidLength:
        raise ValidationError(_("A fiscal code has 16 characters, a company’s 11 digits."), code="length") from None
    except InvalidChecksum:
        raise ValidationError(_("The check character is wrong: look for a mistyped one."), code="checksum") from None
    except BadNumber:
        raise ValidationError(_("This is not an Italian fiscal code."), code="invalid") from None


def sdi_code(text: str) -> str:
    """A codice destinatario: 7 letters and digits. `0000000` says "none": then a PEC is needed."""
    compact = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z0-9]{7}", compact, re.ASCII):
        raise ValidationError(_("An SDI code has 7 letters and digits."), code="invalid")
    return compact
