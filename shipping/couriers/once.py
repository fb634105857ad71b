"""Booking so that a parcel is bought once, whatever answers were lost."""

from __future__ import annotations

from shipping.couriers.base import Access, Booked, ParcelToBook
from shipping.couriers.contract import Courier
from shipping.couriers.errors import LookBeforeAgain


def book_once(
    courier: Courier, access: Access, parcel: ParcelToBook, *, asked_before: bool, looked: bool = False
) -> Booked:
    """`asked_before`: a call of `book` with this reference was begun and its answer is not with us (OutcomeUnknown, or
    a worker that died). Then it is looked up first; what is there and gives no label any more is taken back and booked
    anew. `looked`: a person saw on the courier's own pages that it is not there, for couriers that cannot be asked.
    Whoever calls notes that they ask *before* they ask. Raises LookBeforeAgain and what the verbs raise."""
    if asked_before and not looked:
        if not courier.can_find:
            raise LookBeforeAgain(courier=courier.name, reference=parcel.reference)
        found = courier.find(access, parcel.reference, parcel.number)
        if found is not None:
            if found.labels or found.labels_later:
                return found
            courier.cancel(access, found.known)
    return courier.book(access, parcel)
