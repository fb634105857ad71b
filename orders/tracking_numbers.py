"""Tracking numbers as they come to the desk: scanned, typed, pasted from a courier's page or a spreadsheet.

Once a parcel is shipped its number is told to the shop and to the customer, and stands in no field any more. So what is
none, and what is another parcel's, is refused before."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from django.db import connection
from django.utils import timezone

from core.address import place_key
from orders.errors import BadTracking, OwnLabel, TrackingTaken
from orders.models import Order
from shipping.models import Shipment

LONGEST = 60
REUSED_AFTER = dt.timedelta(days=180)  # couriers begin anew; until then a number is one parcel's
_NUMBER = re.compile(r"[A-Z0-9]+(?:[./_-]+[A-Z0-9]+)*", re.IGNORECASE | re.ASCII)
_OURS = re.compile(r"MCI-?\d{1,9}", re.IGNORECASE | re.ASCII)
_EDGES = " \"'`“”„«»‘’-–—:=>→."
_LONGEST_WORD = 3  # of letters alone: BRT, GLS; a longer one is somebody's name


def number(text: str) -> str:
    """The number in `text`, without spaces, quotes and what cannot be seen. Raises BadTracking; OwnLabel where the
    scanner read our own number."""
    words = _plain(text).strip(_EDGES).split()
    found = "".join(words)
    named = len(words) > 1 and any(len(word) > _LONGEST_WORD and not _has_digit(word) for word in words)
    if named or len(found) > LONGEST or not _has_digit(found) or not _NUMBER.fullmatch(found):
        raise BadTracking(text=" ".join(words)[:LONGEST])
    if _OURS.fullmatch(found):
        raise OwnLabel(number=found)
    return found


def pair(line: str) -> tuple[str, str]:
    """What a pasted line names: our order, and the rest, which `number` reads; "" where nothing follows."""
    cells = [cell.strip(_EDGES) for cell in re.split(r"[;,\t|]", _plain(line))]
    cells = [cell for cell in cells if cell]
    if len(cells) == 1:
        first, _space, rest = cells[0].partition(" ")
        cells = [first.strip(_EDGES), rest.strip(_EDGES)]
    return (cells[0], "; ".join(filter(None, cells[1:]))) if cells else ("", "")


def must_be_free(shipment: Shipment, tracking: str) -> None:
    """Two parcels to one door may travel under one number, as one; a number that goes to two people is a mistake.
    Within the transaction that ships it. Raises TrackingTaken."""
    _one_by_one(tracking)
    others = Shipment.objects.filter(tracking__gt="", tracking__iexact=tracking).exclude(pk=shipment.pk)
    recent = others.exclude(state=Shipment.State.CANCELLED).filter(shipped_at__gte=timezone.now() - REUSED_AFTER)
    for other in recent.order_by("-pk")[:20]:
        if _door(other) != _door(shipment):
            raise TrackingTaken(tracking=tracking, number=Order(pk=other.order_id).number)


def _one_by_one(tracking: str) -> None:
    """Of two desks at once the second sees the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tracking:{tracking.upper()}"])


def _door(shipment: Shipment) -> str:
    return place_key(shipment.address) or f"{shipment.name.casefold()} {shipment.postcode}"


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _plain(text: str) -> str:
    """Without what is not seen (a file's mark of byte order, soft hyphens), full-width signs as ours."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
