"""Packing by scan: an order, then its goods, then the parcel with its weight; wrong goods stop and say what is wanted.
One person at an order at a time (orders/warehouse/holding.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog import shelves
from catalog.models import Variant
from core import leases
from orders.errors import TooLate
from orders.fulfilment import parcels
from orders.intake.creation import lock
from orders.models import Order, Packing
from orders.warehouse import holding
from orders.warehouse.errors import (
    BadPieces,
    NotToPack,
    NotWholly,
    ScannedBefore,
    ShelfScanned,
    TooManyItems,
    WrongItem,
)
from shipping.models import Piece, Shipment

MOST_PIECES = 99  # of a shipment


@dataclass(frozen=True, slots=True)
class Item:
    """An article of the order: how many pieces are wanted, and how many were scanned."""

    variant: Variant
    wanted: int
    scanned: int
    personal: tuple[tuple[str, str], ...]

    @property
    def remaining(self) -> int:
        return self.wanted - self.scanned


@dataclass(frozen=True, slots=True)
class Size:
    """A piece of the shipment: grams, and millimetres (0: not measured)."""

    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


@transaction.atomic
def begin(order_id: int, *, by: int) -> Packing:
    """This person packs the order now; who was at it before and left it for IDLE is not any more, and what they scanned
    is scanned again. Raises TooLate when it is not to be packed (any more), HeldBy."""
    order = lock(order_id)
    _must_be_here(order)
    holding.must_be_free(order, by)
    known = Packing.objects.filter(order=order).first()
    if known is not None and known.by_id == by:
        Packing.objects.filter(pk=known.pk).update(touched_at=leases.now())
        return known
    Packing.objects.filter(order=order).delete()
    return Packing.objects.create(order=order, by_id=by)


@transaction.atomic
def leave(order_id: int, *, by: int) -> None:
    """They leave it as it is; what was scanned is scanned again. Twice is once."""
    order = lock(order_id)
    Packing.objects.filter(order=order, by_id=by).delete()


@transaction.atomic
def scan(order_id: int, text: str, *, by: int, quantity: int = 1, seen: int | None = None) -> Item:
    """Goods that go into the parcel. `seen`: how many pieces the page showed as scanned. Raises ShelfScanned, WrongItem
    and TooManyItems (what is expected instead), ScannedBefore, HeldBy, TooLate."""
    packing = begin(order_id, by=by)
    packing = Packing.objects.select_related("order").get(pk=packing.pk)
    found = items(packing.order, packing)
    if seen is not None and seen != count(found):
        raise ScannedBefore
    if shelves.is_shelf(text):
        raise ShelfScanned(text=text)
    meant = {variant.pk for variant in shelves.goods(text)}
    mine = [item for item in found if item.variant.pk in meant]
    if not mine:
        raise WrongItem(text=text, expected=missing(found))
    item = next((one for one in mine if one.remaining), mine[0])
    if not 1 <= quantity <= item.remaining:
        raise TooManyItems(text=item.variant.sku, wanted=item.remaining)
    packing.scanned = {**packing.scanned, str(item.variant.pk): item.scanned + quantity}
    packing.save(update_fields=["scanned"])
    return Item(item.variant, item.wanted, item.scanned + quantity, item.personal)


@transaction.atomic
def close(order_id: int, sizes: Sequence[Size], *, by: int, shown: str | None = None, as_priced: bool = False) -> Order:
    """The parcel is closed: its pieces are weighed, and of several the first bears what is collected. `shown`: the
    `collect_mark` of the page. `as_priced`: one piece of the weight that it was priced with, for who has no scale.
    Raises NotWholly (with what is missing), BadPieces, HeldBy, TooLate, CollectChanged, LabelChanged, AlreadyDone."""
    order = lock(order_id)
    shipment = _must_be_here(order, packed_too=True)
    if shipment.state == Shipment.State.PACKED:
        return parcels.mark_packed(order.pk, by=by, shown=shown, at_the_desk=True)  # told: it was done before
    holding.must_be_free(order, by)
    found = items(order, Packing.objects.filter(order=order, by_id=by).first())
    if any(item.remaining for item in found):
        raise NotWholly(expected=missing(found))
    chosen = [Size(max(1, shipment.weight_g))] if as_priced else list(sizes)
    if not 1 <= len(chosen) <= MOST_PIECES or any(not _is_possible(size) for size in chosen):
        raise BadPieces
    shipment.pieces.all().delete()
    Piece.objects.bulk_create(
        [
            Piece(
                shipment=shipment,
                number=number,
                weight_g=size.weight_g,
                length_mm=size.length_mm,
                width_mm=size.width_mm,
                height_mm=size.height_mm,
            )
            for number, size in enumerate(chosen, start=1)
        ]
    )
    return parcels.mark_packed(order.pk, by=by, shown=shown, at_the_desk=True)


def items(order: Order, packing: Packing | None) -> list[Item]:
    """The articles of an order, pieces of the same article together; 1 query."""
    wanted: dict[int, int] = {}
    variants: dict[int, Variant] = {}
    personal: dict[int, list[tuple[str, str]]] = {}
    lines = order.lines.filter(variant__isnull=False, ignored=False).select_related("variant__product")
    for line in lines.order_by("position", "pk"):
        if line.variant is None:
            continue
        key = line.variant.pk
        variants[key] = line.variant
        wanted[key] = wanted.get(key, 0) + line.quantity
        personal.setdefault(key, []).extend((name, value) for name, value in line.attributes)
    scanned = packing.scanned if packing else {}
    return [
        Item(variant, wanted[key], min(int(scanned.get(str(key), 0)), wanted[key]), tuple(personal[key]))
        for key, variant in variants.items()
    ]


def count(found: Sequence[Item]) -> int:
    """Pieces that were scanned."""
    return sum(item.scanned for item in found)


def missing(found: Sequence[Item]) -> str:
    """What is still expected: "2 × ABC, 1 × DEF"."""
    return ", ".join(f"{item.remaining} × {item.variant.sku}" for item in found if item.remaining) or "–"


def _is_possible(size: Size) -> bool:
    sides = (size.length_mm, size.width_mm, size.height_mm)
    return 1 <= size.weight_g <= 1_000_000 and all(0 <= side <= 10_000 for side in sides)


def _must_be_here(order: Order, *, packed_too: bool = False) -> Shipment:
    here = (Shipment.State.TO_PICK, Shipment.State.PACKED) if packed_too else (Shipment.State.TO_PICK,)
    if order.shipment_id is None or order.state == Order.State.CANCELLED:
        raise TooLate(number=order.number)
    shipment = Shipment.objects.get(pk=order.shipment_id)
    if shipment.state not in here:
        raise NotToPack(number=order.number, state=str(shipment.get_state_display()))
    return shipment
