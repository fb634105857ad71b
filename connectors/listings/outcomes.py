"""What became of a product, and what a shop did not want of it, in the reader's words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from connectors.models import PublishItem
from core.errors import DomainError


def outcome(item: PublishItem) -> str:
    return str(item.get_result_display())


def refusal_of(item: PublishItem) -> str:
    """Why it was refused; of one that went well what the shop remarked, if anything."""
    if item.result != PublishItem.Result.REFUSED:
        if item.code == "vat_by_hand":
            return vat_by_hand(item.detail)
        return _("With a remark of the shop: %(words)s") % {"words": item.detail} if item.detail else ""
    return code_words(item.code, item.detail)


def code_words(code: str, detail: str = "") -> str:
    """The sentence of a code that we know, else the shop's own words."""
    found = DomainError.sentence(code, dict.fromkeys(("sku", "reason", "currency", "rate"), detail))
    if found != str(DomainError.message):
        return found
    words = f"{code}: {detail}" if detail else code
    return _("The shop refused it (%(words)s).") % {"words": words}


def vat_by_hand(rate: str) -> str:
    """Of goods whose VAT the platform's API cannot set."""
    return _(
        "Its VAT is %(rate)s %%, and this platform does not let MCI set it: set it in the tax settings of the shop, for"
        " a collection that has the product."
    ) % {"rate": rate}
