"""What is said of an import: sentences by code, names of fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.problem_kinds import CATALOGUE, words

FIELD_NAMES: dict[str, Promise] = {
    "marketplace": _("Marketplace"),
    "number": _("Its order number"),
    "item_id": _("The marketplace’s line id"),
    "placed_at": _("Date"),
    "name": _("Name and surname"),
    "first_name": _("First name"),
    "last_name": _("Surname"),
    "company": _("Company"),
    "street": _("Address and number"),
    "street2": _("Flat, stairs, c/o"),
    "line1": _("Address and number"),
    "line2": _("Flat, stairs, c/o"),
    "line3": _("Flat, stairs, c/o"),
    "civico": _("Street number"),
    "postcode": _("Postcode (CAP)"),
    "city": _("City"),
    "province": _("Province"),
    "country": _("Country"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "sku": _("SKU"),
    "ean": _("EAN"),
    "title": _("Title of the article"),
    "quantity": _("Quantity"),
    "line_total": _("Total of the line, VAT included"),
    "line_price": _("Price, VAT included"),
    "sale_total": _("The customer pays, VAT included"),
    "to_collect": _("To collect at the door (€)"),
    "payment": _("Payment"),
    "note": _("Note for the courier"),
    "shipping": _("Shipping"),
}
_SENTENCES: dict[str, Promise] = {
    "damaged": _(
        "“%(text)s” was shortened by a spreadsheet: its figures are gone. Take the file as it was downloaded."
    ),
    "quantity": _("“%(text)s” is no number of pieces."),
    "no_sku": _("It has no SKU: say which article it is."),
    "row_twice": _("The file has the same line twice (%(text)s): it counts once."),
    "country": _("We do not know the country “%(text)s”."),
    "date": _("The date “%(text)s” can be read in two ways: today’s is taken."),
    "too_long": _("The order’s number is too long: %(text)s…"),
    "too_many_lines": _("An order has at most %(most)s articles."),
    "ambiguous": _("“%(text)s” can be read in two ways: write %(whole)s for thousands, or two figures for the cents."),
    "amount": _("“%(text)s” is not an amount in EUR."),
    "payment": _("It is not clear whether “%(text)s” was paid or is cash on delivery."),
    "masked": _("The marketplace does not show it yet (*): download the file again when the order is to be shipped."),
    "signs": _("There are broken letters: “%(text)s”. Write it as it should be on the label."),
    "cancel_asked": _("The buyer asked to cancel it. %(why)s"),
    "unpaid": _("The file does not say that it was paid."),
    "number_missing": _("It has no order number: imported twice, it would be two orders."),
    "there_twice": _("The same number stands further up in this file."),
    "zeros_lost": _("The postcode lost its zeros: %(postcode)s in %(city)s?"),
    # Left out, with a word.
    "shipped": _("Shipped already"),
    "cancelled": _("Cancelled"),
    "pending": _("Not confirmed by the marketplace yet"),
    "sent_by_marketplace": _("The marketplace ships it itself"),
    "no_article": _("No article in it"),
    "forgotten": _("The customer asked to be forgotten"),
    # Of the whole file.
    "may_be_shipped": _(
        "This report also lists orders that were shipped or cancelled, without saying so: “Ordini non spediti” is"
        " surer."
    ),
    "no_cancel_column": _(
        "The file has no column that says whether a buyer asked to cancel: add it to the report, or look yourself."
    ),
}


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """What an issue says, in the reader's language; also a problem's of orders."""
    if code in _SENTENCES:
        return (str(_SENTENCES[code]) % _Filled(params)).strip()
    return str(words(code, params)) if code in CATALOGUE else code


class _Filled(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""
