"""Booking so that a parcel is bought once, whatever answers were lost."""

from __future__ import annotations

from shipping.couriers.base import Access, Booked, ParcelToBook
from shipping.couriers.contract import Courier


def book_once(courier: Courier, access: Access, parcel: ParcelToBook, *, asked_before: bool) -> Booked:
    """`asked_before`: a call of `book` with this reference was begun and its answer is not with us (OutcomeUnknown, or
    a worker that died). Then it is looked up first; what is there and gives no label any more is taken back and booked
    anew. Whoever calls notes that they ask *before* they ask. Raises what `book`, `find` and `cancel` raise."""
    if asked_before and courier.can_find:
        found = courier.find(access, parcel.reference, parcel.number)
        if found is not None:
            if found.labels or found.labels_later:
                return found
            courier.cancel(access, found.known)
    return courier.book(access, parcel)
