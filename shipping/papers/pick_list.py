"""What to take from which shelf: in the order of the shelves, pieces of the same article summed, barcodes of shelf and
article to scan, and on each page how many pieces are still to come."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from shipping.papers import barcodes, sheet
from shipping.papers.errors import BadPaper
from shipping.papers.fonts import Face
from shipping.papers.sheet import Sheet
from shipping.papers.table import Bars, Column, Group, Row, Tick
from shipping.papers.words import Party, count, moment


@dataclass(frozen=True, slots=True)
class Pick:
    """Pieces of an article for an order. `shelf` is its place as the scanner reads it, "" when it has none; `picked`
    are those that were taken already; `barcode` is on the goods (an EAN), "" where the SKU is."""

    shelf: str
    sku: str
    description: str
    quantity: int
    picked: int = 0
    order_number: str = ""
    options: str = ""
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class PickList:
    """`reference` names the wave and is scanned at its start; `at` when it was made (aware), `warehouse` whose it is.
    Raises BadPaper, NoBarcode."""

    reference: str
    title: str
    at: dt.datetime
    warehouse: Party
    picks: tuple[Pick, ...]

    def __post_init__(self) -> None:
        barcodes.plain(self.reference)
        for pick in self.picks:
            barcodes.plain(pick.barcode or pick.sku)
            if pick.shelf:
                barcodes.plain(pick.shelf)
        if not self.picks or any(not 0 <= pick.picked <= pick.quantity > 0 for pick in self.picks):
            raise BadPaper(reference=self.reference)


def write_pick_lists(lists: Iterable[PickList], out: BinaryIO, *, language: str = "it") -> int:
    """A PDF of `lists` into `out`, each from a page of its own; how many pages. Raises NothingToPrint."""
    return sheet.write_sheets((_sheet(one) for one in lists), out, language)


@dataclass(frozen=True, slots=True)
class Summed:
    """All pieces of an article on a shelf, and how many orders they are for."""

    pick: Pick
    quantity: int
    picked: int
    orders: int

    @property
    def remaining(self) -> int:
        return self.quantity - self.picked


def summed(picks: Iterable[Pick]) -> list[Summed]:
    """In the order in which one walks: shelf by shelf (A-2 before A-10), what has no shelf at the end."""

    def place(pick: Pick) -> tuple[bool, list[tuple[int, int, str]], str, list[tuple[int, int, str]], str, str]:
        return (not pick.shelf, _natural(pick.shelf), pick.shelf, _natural(pick.sku), pick.sku, pick.barcode)

    found = []
    for _key, group in groupby(sorted(picks, key=place), key=lambda pick: (pick.shelf, pick.sku, pick.barcode)):
        same = list(group)
        orders = {pick.order_number for pick in same if pick.order_number}
        found.append(Summed(same[0], sum(p.quantity for p in same), sum(p.picked for p in same), len(orders)))
    return found


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Numbers within it by their size, letters without their case."""
    parts = re.findall(r"([0-9]+)|([^0-9]+)", text.casefold())
    return [(0, int(digits), "") if digits else (1, 0, letters) for digits, letters in parts]


def _sheet(one: PickList) -> Sheet:
    rows = summed(one.picks)
    left = sum(row.remaining for row in rows)
    shelves = len({row.pick.shelf for row in rows})
    orders = len({pick.order_number for pick in one.picks if pick.order_number})
    told = [
        ngettext("%(count)s piece", "%(count)s pieces", left) % {"count": count(left)},
        ngettext("%(count)s article", "%(count)s articles", len(rows)) % {"count": count(len(rows))},
        ngettext("%(count)s shelf", "%(count)s shelves", shelves) % {"count": count(shelves)},
    ]
    if orders:
        told.append(ngettext("%(count)s order", "%(count)s orders", orders) % {"count": count(orders)})
    return Sheet(
        title=_("Pick list"),
        number=one.reference if one.title in ("", one.reference) else f"{one.title} · {one.reference}",
        issuer=one.warehouse,
        about=(moment(one.at), " · ".join(told)),
        code=one.reference,
        columns=[
            Column("", 8),
            Column(_("Pieces"), 17, align="right", face=Face.BLACK, size=17, least=9),
            Column(pgettext("paper", "Article"), 58),
            Column(_("Description"), 79, size=9.5, least=8, lines=3),
            Column(_("Orders"), 14, align="right", size=9.5),
        ],
        items=list(_items(rows)),
        counted=True,
    )


def _items(rows: Iterable[Summed]) -> Iterator[Row | Group]:
    for shelf, group in groupby(rows, key=lambda row: row.pick.shelf):
        here = list(group)
        left = sum(row.remaining for row in here)
        told = ngettext("%(count)s piece", "%(count)s pieces", left) % {"count": count(left)}
        yield Group(shelf or _("Without a shelf"), told, shelf)
        for row in here:
            pick = row.pick
            what = f"{pick.description} – {pick.options}" if pick.options else pick.description
            if pick.barcode and pick.barcode != pick.sku:
                what = f"{pick.sku} · {what}"
            if row.picked:
                so_far = _("%(picked)s of %(quantity)s taken already")
                what = f"{what} ({so_far % {'picked': count(row.picked), 'quantity': count(row.quantity)}})"
            orders = count(row.orders) if row.orders else ""
            yield Row((Tick(), count(row.remaining), Bars(pick.barcode or pick.sku), what, orders), row.remaining)
