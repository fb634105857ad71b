"""Which pieces of a Shopify order our parcel fulfils, and why some of them cannot be. Pure.

Never more than left here, never more than the shop still waits for, and nothing of a line that is not ours: the rest of
the order is for the merchant and his other suppliers to send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.platforms.errors import LinesUnknown, NotWhollyTold
from connectors.platforms.parcel import Parcel, names
from connectors.platforms.shopify.fulfilment_read import Line, Order
from connectors.platforms.shopify.refusals import (
    FulfilmentCancelled,
    FulfilmentHidden,
    FulfilmentIncomplete,
    NothingToFulfil,
    NotInOrder,
    OnHold,
    Scheduled,
    SentByOthers,
)

_WAITS: dict[str, type[NothingToFulfil]] = {
    "INCOMPLETE": FulfilmentIncomplete,
    "ON_HOLD": OnHold,
    "SCHEDULED": Scheduled,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`calls`: the fulfilment orders and pieces of each fulfilment, one per location. `missing`: pieces by key that
    found no place."""

    calls: Sequence[list[dict[str, Any]]]
    taken: Counter[str]
    missing: Counter[str]


def plan(order: Order, left: Counter[str], parcel: Parcel) -> Plan:
    """Spreads what left over the fulfilment orders that take it."""
    missing = Counter({key: count for key, count in left.items() if count > 0})
    by_location: dict[str, list[dict[str, Any]]] = {}
    taken: Counter[str] = Counter()
    for sending in order.sendings:
        if not sending.may_send:
            continue
        rows = []
        for entry in sending.entries:
            pieces = min(entry.remaining, missing[entry.key]) if _is_ours(entry.key, parcel) else 0
            if pieces > 0:
                rows.append({"id": entry.id, "quantity": pieces})
                missing[entry.key] -= pieces
                taken[entry.key] += pieces
        if rows:
            part = {"fulfillmentOrderId": sending.id, "fulfillmentOrderLineItems": rows}
            by_location.setdefault(sending.location, []).append(part)
    return Plan(list(by_location.values()), taken, +missing)


def why(
    order: Order, made: Plan, lines: Sequence[Line], parcel: Parcel, *, ours: Counter[str], theirs: Sequence[str]
) -> NotWhollyTold | None:
    """Why not all was told. `order` and `lines` as they were before `made`; `ours`: what our fulfilments held by then;
    `theirs`: the tracking numbers of others."""
    for kind in ("INCOMPLETE", "ON_HOLD", "SCHEDULED", ""):
        for sending in order.sendings:
            waits = any(entry.remaining and made.missing[entry.key] for entry in sending.entries)
            if not waits or sending.is_over or sending.may_send:
                continue
            if kind == sending.status:
                return _WAITS[kind]()
            if not kind:
                return NothingToFulfil(reason=sending.status)
    opened: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for line in lines:
        opened[line.key] += line.open
        wanted[line.key] += line.wanted
    shown: Counter[str] = Counter()
    for sending in order.sendings:
        for entry in sending.entries:
            shown[entry.key] += 0 if sending.is_over else entry.remaining
    for key in made.missing:
        if opened[key] > shown[key]:  # somebody is to send it, and Shopify does not show us who
            over = {one.status for one in order.sendings if one.is_over and any(e.key == key for e in one.entries)}
            return FulfilmentCancelled() if "CANCELLED" in over else FulfilmentHidden()
    if parcel.unknown and any(line.open and not line.key and line.shipped for line in lines):
        return LinesUnknown(lines=names(parcel.unknown))
    for key in made.missing:
        if wanted[key] > opened[key] + ours[key]:
            return SentByOthers(theirs=names(theirs) or "–")
    return NotInOrder() if made.missing else None


def _is_ours(key: str, parcel: Parcel) -> bool:
    return parcel.whole or parcel.is_ours(key)
