"""Couriers' numbers on parcels: what a courier's number looks like, and whose it is.

A number is one parcel's of its courier, and PostgreSQL holds it: `Shipment.holds` is unique. Two parcels to one door
may travel under one number, as one (GLS merges them by itself): the first of them holds it. What is older than
REUSED_AFTER gives it up, for couriers begin anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.address import place_key
from shipping.errors import TrackingTaken, TrackingUnusual
from shipping.models import Courier, Shipment

REUSED_AFTER = dt.timedelta(days=180)
_DIGIT, _LETTER, _EITHER = "9", "A", "X"


def shapes_of(courier: Courier) -> list[str]:
    """The masks of its numbers: 9 stands for a digit, A for a letter, X for either; other signs for themselves."""
    return [mask for part in courier.tracking_shapes.upper().split(",") if (mask := "".join(part.split()))]


def is_usual(courier: Courier, number: str) -> bool:
    """Whether it looks as this courier's numbers do; of one whose numbers nobody described everything does."""
    masks = shapes_of(courier)
    return not masks or any(_fits(mask, number.upper()) for mask in masks)


def must_be_usual(courier: Courier, number: str) -> None:
    """Raises TrackingUnusual, which a person may overrule."""
    if not is_usual(courier, number):
        usual = ", ".join(example(mask) for mask in shapes_of(courier))
        raise TrackingUnusual(tracking=number, courier=courier.name, usual=usual)


def example(mask: str) -> str:
    """A mask as people read it: a number that fits."""
    signs = {_DIGIT: "1234567890", _LETTER: "ABCDEFGHIJ", _EITHER: "A1B2C3D4E5"}
    return "".join(signs[sign][place % 10] if sign in signs else sign for place, sign in enumerate(mask))


def _fits(mask: str, number: str) -> bool:
    return len(mask) == len(number) and all(_matches(*pair) for pair in zip(mask, number, strict=True))


def _matches(sign: str, given: str) -> bool:
    digit, letter = given in "0123456789", "A" <= given <= "Z"
    return {_DIGIT: digit, _LETTER: letter, _EITHER: digit or letter}.get(sign, sign == given)


def others_with(shipment: Shipment, tracking: str) -> Iterable[Shipment]:
    """Parcels of somebody else that have this number of the same courier now, the newest first."""
    found = Shipment.objects.filter(tracking__gt="", tracking__iexact=tracking, method__courier=shipment.method.courier)
    recent = found.exclude(state=Shipment.State.CANCELLED).filter(shipped_at__gte=timezone.now() - REUSED_AFTER)
    return [one for one in recent.exclude(pk=shipment.pk).order_by("-pk")[:20] if door(one) != door(shipment)]


def take(shipment: Shipment, tracking: str, *, loaded: bool = False) -> None:
    """Makes the number this parcel's; the caller has locked it and saves `tracking` in the same transaction. Raises
    TrackingTaken. `loaded`: history that comes as it is; what is taken is then held by the first."""
    if not tracking:
        return
    _one_by_one(f"{shipment.method.courier_id}:{tracking.upper()}")
    theirs = list(others_with(shipment, tracking))
    if theirs and not loaded:
        raise TrackingTaken(tracking=tracking, number=theirs[0].number)
    key = _key(shipment, tracking)
    held = Shipment.objects.filter(holds=key).exclude(pk=shipment.pk)
    held.filter(shipped_at__lt=timezone.now() - REUSED_AFTER).update(holds=None)
    shipment.holds = None if held.exists() else key
    try:
        with transaction.atomic():
            shipment.save(update_fields=["holds"])
    except IntegrityError:  # another desk was faster
        number = Shipment.objects.values_list("reference", flat=True).filter(holds=key).first() or ""
        raise TrackingTaken(tracking=tracking, number=Shipment(reference=number).number) from None


def give_up(shipment: Shipment) -> None:
    """The parcel has no number any more, or another one. Who shares it holds it then."""
    before, shipment.holds = shipment.holds, None
    if before is None:
        return
    shipment.save(update_fields=["holds"])
    same = Shipment.objects.filter(tracking__iexact=shipment.tracking, method__courier=shipment.method.courier)
    heir = same.exclude(pk=shipment.pk).exclude(state=Shipment.State.CANCELLED).order_by("-pk").first()
    if heir is not None:  # and still has it when whoever changes it now is done
        Shipment.objects.filter(pk=heir.pk, tracking__iexact=shipment.tracking).update(holds=before)


def _key(shipment: Shipment, tracking: str) -> str:
    return f"{shipment.method.courier_id}:{tracking.upper()}"


def _one_by_one(number: str) -> None:
    """Of two desks at once the second sees the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tracking:{number}"])


def door(shipment: Shipment) -> str:
    """What two parcels have in common that go to one door."""
    return place_key(shipment.address) or f"{shipment.name.casefold()} {shipment.postcode}"
