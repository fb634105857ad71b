"""Waves: orders that one person picks on one walk, summed by shelf, with what remains."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from catalog import shelves
from core import leases
from orders.models import IDLE, Order, OrderLine, Packing, Wave, WaveOrder, WavePick
from orders.warehouse import holding
from orders.warehouse.errors import HeldBy, NothingToPick, ScannedBefore, TooManyItems, WaveOver, WrongItem, WrongShelf
from shipping.models import Shipment
from shipping.papers import pick_list
from shipping.papers.pick_list import Pick, PickList, write_pick_lists
from shipping.papers.words import Party

MOST = 1000  # orders of a wave
_NUMBER = re.compile(r"W-0*(\d{1,9})", re.IGNORECASE | re.ASCII)
_HERE = Q(order__shipment__state=Shipment.State.TO_PICK)


def waiting(*, courier_id: int | None = None, until: dt.datetime | None = None) -> QuerySet[Order]:
    """The orders that nobody is at, oldest first."""
    held = WaveOrder.objects.filter(order=OuterRef("pk"), held=True)
    packed = Packing.objects.filter(order=OuterRef("pk"), touched_at__gte=leases.now() - IDLE)
    found = Order.objects.filter(
        ~Exists(held), ~Exists(packed), state=Order.State.DISPATCHED, shipment__state=Shipment.State.TO_PICK
    )
    if courier_id is not None:
        found = found.filter(shipment__method__courier_id=courier_id)
    if until is not None:
        found = found.filter(shipment__created_at__lte=until)
    return found.order_by("shipment_id")


@transaction.atomic
def start(
    *,
    by: int,
    courier_id: int | None = None,
    until: dt.datetime | None = None,
    order_ids: Sequence[int] | None = None,
    most: int = MOST,
) -> Wave:
    """A wave of the marked orders, or of all that wait for this courier and were sent to us `until` then. What another
    person is at is left out; what was left alone for IDLE is free. Raises NothingToPick."""
    holding.one_at_a_time()
    holding.give_back_idle()
    found = waiting(courier_id=courier_id, until=until)
    if order_ids is not None:
        found = found.filter(pk__in=list(order_ids))
    ids = list(found.values_list("pk", flat=True)[: max(1, min(most, MOST))])
    if not ids:
        raise NothingToPick
    wave = Wave.objects.create(by_id=by, courier_id=courier_id, until=until)
    WaveOrder.objects.bulk_create([WaveOrder(wave=wave, order_id=pk) for pk in ids])
    return wave


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces of an article for a wave: where they lie, and how many are still to be taken."""

    variant_id: int
    shelf: str
    others: tuple[str, ...]
    sku: str
    name: str
    ean: str
    wanted: int
    picked: int
    orders: int

    @property
    def remaining(self) -> int:
        return self.wanted - self.picked


def rows(wave: Wave) -> list[Row]:
    """In the order in which one walks; 3 queries. What was packed or cancelled meanwhile is not wanted any more."""
    lines, picked, places = _wanted(wave)
    picks = _picks(lines, picked, places)
    variants = {line.variant.sku: line.variant for line in lines if line.variant}
    found = []
    for row in pick_list.summed(picks):
        variant = variants[row.pick.sku]
        found.append(
            Row(
                variant.pk,
                row.pick.shelf,
                tuple(places.get(variant.pk, [])[1:]),
                variant.sku,
                row.pick.description,
                variant.ean,
                row.quantity,
                row.picked,
                row.orders,
            )
        )
    return found


def _wanted(wave: Wave) -> tuple[list[OrderLine], dict[int, int], dict[int, list[str]]]:
    held = WaveOrder.objects.filter(_HERE, wave=wave, held=True).values("order")
    lines = list(
        OrderLine.objects.filter(order__in=held, variant__isnull=False, ignored=False)
        .select_related("variant__product")
        .order_by("order_id", "position", "pk")
    )
    picked = dict(wave.picks.values_list("variant_id", "picked"))
    return lines, picked, shelves.of({line.variant_id for line in lines if line.variant_id})


def _picks(lines: Sequence[OrderLine], picked: dict[int, int], places: dict[int, list[str]]) -> list[Pick]:
    """A pick for each line; what was taken goes to the oldest orders first."""
    left, found = dict(picked), []
    for line in lines:
        if line.variant is None:
            continue
        taken = min(left.get(line.variant.pk, 0), line.quantity)
        left[line.variant.pk] = left.get(line.variant.pk, 0) - taken
        name = " · ".join(filter(None, [line.variant.product.name, line.variant.title]))
        shelf = places.get(line.variant.pk, [""])[0]
        number = f"MCI-{line.order_id:06d}"
        found.append(Pick(shelf, line.variant.sku, name, line.quantity, taken, number, "", line.variant.ean))
    return found


def remaining(found: Sequence[Row]) -> int:
    """Pieces still to be taken."""
    return sum(row.remaining for row in found)


def taken(found: Sequence[Row]) -> int:
    """Pieces taken: what a page shows, so that the same page sent twice counts once."""
    return sum(row.picked for row in found)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan did: the shelf one stands at, or pieces that were taken. `left`: pieces of the whole wave."""

    row: Row
    pieces: int
    left: int


@transaction.atomic
def scan(wave_id: int, text: str, *, by: int, quantity: int = 1, seen: int | None = None) -> Scanned:
    """A shelf shows what to take there and counts nothing; goods are taken. `seen`: `taken` of the page that was
    scanned on. Raises WrongShelf, WrongItem, TooManyItems, ScannedBefore, HeldBy, WaveOver."""
    wave = _mine(wave_id, by)
    found = rows(wave)
    open_ = [row for row in found if row.remaining]
    if shelves.is_shelf(text):
        here = [row for row in open_ if text.strip().upper() in (row.shelf, *row.others)]
        if not here:
            raise WrongShelf(text=text, expected=open_[0].shelf if open_ else "–")
        return Scanned(here[0], 0, remaining(found))
    meant = {variant.pk for variant in shelves.goods(text)}
    mine = [row for row in found if row.variant_id in meant]
    if not mine:
        raise WrongItem(text=text, expected=missing(open_))
    row = next((one for one in mine if one.remaining), mine[0])
    return _take(wave, found, row, quantity, seen)


@transaction.atomic
def take(wave_id: int, variant_id: int, *, by: int, quantity: int, seen: int | None = None) -> Scanned:
    """Pieces taken without a scan, or put back (a negative `quantity`). Raises as `scan`."""
    wave = _mine(wave_id, by)
    found = rows(wave)
    row = next((one for one in found if one.variant_id == variant_id), None)
    if row is None:
        raise WrongItem(text="–", expected=missing([one for one in found if one.remaining]))
    return _take(wave, found, row, quantity, seen)


def _take(wave: Wave, found: list[Row], row: Row, quantity: int, seen: int | None) -> Scanned:
    if seen is not None and seen != taken(found):
        raise ScannedBefore
    if not -row.picked <= quantity <= row.remaining:
        raise TooManyItems(text=row.sku, wanted=row.remaining)
    WavePick.objects.update_or_create(wave=wave, variant_id=row.variant_id, defaults={"picked": row.picked + quantity})
    left = remaining(found) - quantity
    Wave.objects.filter(pk=wave.pk).update(
        state=Wave.State.OPEN if left else Wave.State.PICKED, touched_at=leases.now()
    )
    return Scanned(row, quantity, left)


def missing(open_: Sequence[Row]) -> str:
    """What is wanted next, as people say it: "2 × ABC (A-3)"."""
    return (
        ", ".join(f"{row.remaining} × {row.sku}" + (f" ({row.shelf})" if row.shelf else "") for row in open_[:3]) or "–"
    )


@transaction.atomic
def give_back(wave_id: int, *, by: int) -> None:
    """Its orders wait again for whoever comes. Twice is once. Of another person only what they left alone for IDLE, or
    have picked: HeldBy."""
    wave = access(wave_id, lock=True)
    if wave.is_over:
        return
    if wave.by_id != by and wave.state == Wave.State.OPEN and timezone.now() - wave.touched_at < IDLE:
        raise HeldBy(number=wave.number, who=str(wave.by))
    holding.end([wave.pk], Wave.State.DROPPED)


def access(wave_id: int, *, lock: bool = False) -> Wave:
    """For staff pages alone; Http404."""
    found = Wave.objects.select_for_update(no_key=True, of=("self",)) if lock else Wave.objects.all()
    wave = found.select_related("by", "courier").filter(pk=wave_id).first()
    if wave is None:
        raise Http404
    return wave


def by_number(text: str) -> Wave | None:
    """The wave that the barcode of a pick list names."""
    said = _NUMBER.fullmatch(text.strip())
    return Wave.objects.filter(pk=int(said[1])).first() if said else None


def _mine(wave_id: int, by: int) -> Wave:
    wave = access(wave_id, lock=True)
    if wave.is_over:
        raise WaveOver(number=wave.number)
    if wave.by_id != by:
        raise HeldBy(number=wave.number, who=str(wave.by))
    return wave


def at_work() -> QuerySet[Wave]:
    """The waves that are not over, newest first, each with how many orders it still holds (`left`)."""
    found = Wave.objects.filter(state__in=[Wave.State.OPEN, Wave.State.PICKED]).select_related("by", "courier")
    return found.annotate(left=Count("orders", filter=Q(orders__held=True))).order_by("-pk")


def held_orders(wave: Wave) -> list[Order]:
    """Its orders that are still to be packed, oldest first."""
    found = Order.objects.filter(waves__wave=wave, waves__held=True).select_related("shipment__method__courier")
    return list(found.order_by("shipment_id"))


def paper(wave: Wave) -> bytes:
    """Its pick list as a PDF. Raises NothingToPick."""
    picks = _picks(*_wanted(wave))
    if not picks:
        raise NothingToPick
    out = io.BytesIO()
    courier = wave.courier.name if wave.courier else ""
    one = PickList(wave.number, courier, wave.created_at, Party(settings.SUPPLIER_NAME), tuple(picks))
    write_pick_lists([one], out)
    return out.getvalue()
