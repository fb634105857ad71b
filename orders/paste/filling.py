"""What was read of a pasted order, put into the fields of an entry form where nothing stands yet; a person sees it
before anything is saved."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.articles import find_articles
from catalog.queries import code_key, find_skus
from core.address import Address, normal
from orders.paste.found import Found, Pasted, Row
from orders.paste.reading import read as read_text

_IN_FORM = {"to_collect": "sale_total"}  # all that is collected is what the customer pays: see OrderForm.to_collect
_AMOUNTS = ("to_collect", "sale_total")
LABELS: dict[str, str | Promise] = {
    "name": _("Name and surname"),
    "company": _("Company"),
    "street": _("Address and number"),
    "street2": _("Flat, stairs, c/o"),
    "postcode": _("Postcode (CAP)"),
    "city": _("City"),
    "province": _("Province"),
    "country": _("Country"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "payment": _("Payment"),
    "to_collect": _("To collect at the door (€)"),
    "sale_total": _("The customer pays, VAT included"),
    "marketplace": _("Marketplace"),
    "reference": _("Its order number"),
    "note": _("Note for the courier"),
}
_MOST_BY_WORDS = 12  # articles that are looked for by their words: a query or more each


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of the text and what was made of it: `label` "" for nothing."""

    text: str
    label: str | Promise = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A field for which the text names several values."""

    field: str
    label: str | Promise
    values: list[tuple[str, str]]  # as the form takes it, as it is shown


def read(text: str) -> Pasted:
    """The text, read against the catalogue and the places. At most three queries."""
    return read_text(text, _ours)


def _ours(codes: Iterable[str]) -> set[str]:
    asked = list(codes)
    known = find_skus(asked)
    return {code for code in asked if code_key(code) in known}


def fill(post: MutableMapping[str, Any], rows: list[dict[str, Any]], pasted: Pasted) -> list[str]:
    """Puts what was found into the fields that are empty, and adds the articles; the names of the fields that it
    filled. Changes `post` and `rows`."""
    filled = []
    for name, found in pasted.fields.items():
        place = _IN_FORM.get(name, name)
        if not _is_empty(post, place):
            continue
        post[place] = in_form(found)
        filled.append(place)
    if _is_empty(post, "province") and post.get("postcode"):
        post["province"] = normal(_address(post)).province
    said = [row for row in rows if str(row.get("sku", "")).strip()]
    rows[:] = said + [{"sku": _sku(row, at), "quantity": str(row.pieces)} for at, row in enumerate(pasted.rows)] or rows
    return filled


def take(post: MutableMapping[str, Any], field: str, value: str) -> None:
    """One of several values, chosen by a person."""
    if field in LABELS:
        post[_IN_FORM.get(field, field)] = value[:200]


def marks(pasted: Pasted) -> list[Mark]:
    return [_mark(text, what) for text, what in pasted.marked()]


def choices(pasted: Pasted) -> list[Choice]:
    return [
        Choice(name, LABELS[name], [(in_form(one), _shown(one)) for one in several])
        for name, several in pasted.choices.items()
    ]


def in_form(found: Found) -> str:
    """The value as the form takes and shows it: amounts with a comma."""
    return found.value.replace(".", ",") if found.field in _AMOUNTS else found.value


def _shown(found: Found) -> str:
    if found.field != "payment":
        return in_form(found)
    return str(_("Cash on delivery") if found.value == "cod" else _("Prepaid"))


def _mark(text: str, what: Found | Row | None) -> Mark:
    if what is None:
        return Mark(text)
    label = LABELS[what.field] if isinstance(what, Found) else _("Article")
    return Mark(text, label, what.sure < 0.8)


def _is_empty(post: MutableMapping[str, Any], name: str) -> bool:
    text = str(post.get(name) or "").strip()
    return not text or (name == "country" and text == "IT") or (name == "payment" and text == "prepaid")


def _sku(row: Row, at: int) -> str:
    """Our SKU where the words are those of one article alone; else the words, for the row to be looked up."""
    if not row.is_code and at < _MOST_BY_WORDS:
        found = find_articles(row.words, limit=2)
        if len(found) == 1:
            return found[0].sku
    return row.words[:100]


def _address(post: MutableMapping[str, Any]) -> Address:
    return Address(
        name="",
        street=str(post.get("street") or ""),
        postcode=str(post.get("postcode") or ""),
        city=str(post.get("city") or ""),
        province="",
        country=str(post.get("country") or "IT"),
    )
