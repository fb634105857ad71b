"""A shop's products, and what became of a run, as CSV; what a spreadsheet would run is quoted (core/sheet.py)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from connectors.listings import publish_queries
from connectors.listings.outcomes import outcome, refusal_of
from connectors.models import Listing, PublishRun, Shop
from core.pagination import walk
from core.sheet import For, sheet

_CHUNK = 500


def listings(shop: Shop, found: QuerySet[Listing]) -> Iterator[str]:
    """By SKU. Prices are EUR, VAT included; *should* is what MCI wants the shop to show."""
    head = [
        "SKU", _("MCI’s SKU"), _("Product"), _("In the shop"), _("Pieces of ours in one of theirs"),
        _("Stock in the shop"), _("Stock it should show"), _("Drifted: showed"), _("Drifted: should have shown"),
        _("Price in the shop"), _("Price it should show"), _("Lowest price allowed"), _("Refused by the shop"),
        _("Last told"),
    ]  # fmt: skip
    return sheet(head, _rows(shop, walk(found, by=("sku", "id"))), to=For.PEOPLE)


def _rows(shop: Shop, found: Iterator[Listing]) -> Iterator[list[Any]]:
    while part := list(islice(found, _CHUNK)):
        yield from map(_row, publish_queries.rows(shop, part))


def _row(row: publish_queries.Row) -> list[Any]:
    it = row.listing
    kind = _("off sale") if it.off_at else _("published by MCI") if it.ours else _("yours")
    return [
        it.sku, it.variant.sku, it.title or it.variant.product.name, kind, it.quantity, it.told, row.pieces,
        it.drift_shown, it.drift_true, it.price_told, row.priced.price if row.priced else None,
        row.priced.floor if row.priced else None, it.error or it.price_error,
        date_format(localtime(it.told_at), "SHORT_DATETIME_FORMAT") if it.told_at else "",
    ]  # fmt: skip


def results(run: PublishRun) -> Iterator[str]:
    """Each product of a run in its order."""
    head = [_("Product"), _("Result"), _("Why"), _("Address in the shop")]
    found = walk(publish_queries.items(run), by=("position", "id"))
    return sheet(
        head, ([item.product.name, outcome(item), refusal_of(item), item.url] for item in found), to=For.PEOPLE
    )
