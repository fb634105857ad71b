"""The manifest (borderò) of a courier and a day: closed once with what left, so that a driver signs for it. What missed
it stays visible and goes on the next one."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone

from core.errors import AlreadyDone
from core.money import ZERO
from orders.models import Manifest, ManifestRow, Order
from orders.warehouse import facts
from orders.warehouse.errors import NothingToHandOver
from shipping.models import Courier, Piece, Shipment
from shipping.papers.manifest import Handed, write_manifests
from shipping.papers.manifest import Manifest as Paper
from shipping.papers.words import Party

SINCE = dt.timedelta(days=14)  # what left longer ago without a manifest is not on the next one
_LEFT = [Shipment.State.SHIPPED, Shipment.State.OUT_FOR_DELIVERY, Shipment.State.HELD, Shipment.State.DELIVERED]


def to_hand_over(courier_id: int) -> QuerySet[Shipment]:
    """The courier's parcels that have its number and are on no manifest, oldest first."""
    on_one = ManifestRow.objects.filter(shipment=OuterRef("pk"), stayed=False)
    found = Shipment.objects.filter(
        ~Exists(on_one),
        method__courier_id=courier_id,
        state__in=_LEFT,
        shipped_at__gte=timezone.now() - SINCE,
        reference__startswith="order:",
    )
    return found.order_by("shipped_at", "pk")


def without_number(courier_id: int) -> QuerySet[Shipment]:
    """Packed parcels of the courier that cannot leave: they have no number yet."""
    found = Shipment.objects.filter(method__courier_id=courier_id, state=Shipment.State.PACKED)
    return found.order_by("pk")


@dataclass(frozen=True, slots=True)
class Today:
    """A courier's day: what would be on its manifest now (COD in EUR, VAT included), what cannot leave, and today's
    manifest when it is closed."""

    courier: Courier
    ready: int
    pieces_cod: Decimal
    packed: int
    closed: Manifest | None


def today() -> list[Today]:
    """By courier, those with something to do or done; 1 query and 3 for each courier."""
    day = timezone.localdate()
    closed = {row.courier_id: row for row in Manifest.objects.filter(day=day).select_related("courier", "by")}
    found = []
    for courier in Courier.objects.order_by("name"):
        ready = to_hand_over(courier.pk).order_by()
        sums = ready.aggregate(n=Count("pk"), cod=Coalesce(Sum("cod_amount"), ZERO))
        packed = without_number(courier.pk).count()
        if courier.active or sums["n"] or packed or courier.pk in closed:
            found.append(Today(courier, sums["n"], sums["cod"], packed, closed.get(courier.pk)))
    return found


@transaction.atomic
def close(courier_id: int, *, by: int) -> Manifest:
    """Today's manifest of the courier, with all that has its number. Raises AlreadyDone when it was closed today (by
    whom and when), NothingToHandOver."""
    _one_at_a_time(courier_id)
    day = timezone.localdate()
    known = Manifest.objects.select_related("by").filter(courier_id=courier_id, day=day).first()
    if known is not None:
        raise AlreadyDone.told(known.by, known.closed_at)
    ids = list(to_hand_over(courier_id).values_list("pk", flat=True))
    orders = Order.objects.select_for_update(no_key=True, of=("self",)).filter(shipment_id__in=ids).order_by("pk")
    list(orders.values_list("pk", flat=True))
    # Read again under the locks: one that was said not to have left in this moment is not on it.
    parcels = list(
        to_hand_over(courier_id)
        .filter(pk__in=ids)
        .prefetch_related(Prefetch("pieces", Piece.objects.order_by("number")))
    )
    if not parcels:
        raise NothingToHandOver
    made = Manifest.objects.create(courier_id=courier_id, day=day, by_id=by)
    rows = []
    for parcel in parcels:
        sizes = facts.sizes_of(parcel)
        weight = sum(grams for _number, grams in sizes)
        rows.append(
            ManifestRow(
                manifest=made,
                shipment=parcel,
                pieces=len(sizes),
                weight_g=weight,
                cod_amount=parcel.at_the_door,
                tracking=parcel.tracking,
            )
        )
    ManifestRow.objects.bulk_create(rows)
    return made


def stays(shipment_id: int) -> None:
    """It did not leave after all, as was said of a parcel whose order the caller has locked: it goes on the next one,
    and the closed one stays as the driver signed it."""
    ManifestRow.objects.filter(shipment_id=shipment_id, stayed=False).update(stayed=True)


def access(pk: int) -> Manifest:
    """For staff pages alone; Http404."""
    found = Manifest.objects.select_related("courier", "by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def rows_of(manifest: Manifest) -> list[ManifestRow]:
    return list(manifest.rows.select_related("shipment").order_by("pk"))


def lately() -> QuerySet[Manifest]:
    """The closed ones, newest first, with how many shipments each has (`n`)."""
    return Manifest.objects.select_related("courier", "by").annotate(n=Count("rows")).order_by("-pk")


def paper(manifest: Manifest) -> bytes:
    """For the driver to sign; the same bytes each time, unless a customer was forgotten since."""
    handed = tuple(
        Handed(
            order_number=row.shipment.number,
            tracking=row.tracking,
            recipient=row.shipment.address,
            parcels=row.pieces,
            weight_g=row.weight_g,
            cod=row.cod_amount,
        )
        for row in rows_of(manifest)
    )
    out = io.BytesIO()
    one = Paper(manifest.number, manifest.courier.name, manifest.closed_at, Party(settings.SUPPLIER_NAME), handed)
    write_manifests([one], out)
    return out.getvalue()


def _one_at_a_time(courier_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.manifest'), %s)", [courier_id % 2**31])
