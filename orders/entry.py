"""An order that a person types: the form sent twice is one order."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction

from orders import intake
from orders.models import Order


def create_once(
    data: intake.OrderData,
    *,
    key: uuid.UUID,
    dropshipper_id: int,
    by: int,
    draft: bool = False,
    method_id: int | None = None,
) -> Order:
    """`intake.create` for a form that may arrive twice, even at once: the same `key` is the same order."""
    mine = Order.objects.filter(dropshipper_id=dropshipper_id, entry_key=key)
    known = mine.first()
    if known:
        return known
    try:
        with transaction.atomic():
            order = intake.create(data, dropshipper_id=dropshipper_id, by=by, draft=draft, method_id=method_id)
            Order.objects.filter(pk=order.pk).update(entry_key=key)
    except IntegrityError:
        return mine.get()  # the other one of two simultaneous clicks won
    return order
