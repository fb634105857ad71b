"""An order that a person makes with a form: the form sent twice is one order."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db import IntegrityError, transaction

from orders import intake
from orders.models import Order


def once(make: Callable[[], Order], *, key: uuid.UUID, dropshipper_id: int) -> Order:
    """What `make` makes, or what it made for the same `key` before; also when two clicks arrive at the same time."""
    mine = Order.objects.filter(dropshipper_id=dropshipper_id, entry_key=key)
    known = mine.first()
    if known:
        return known
    try:
        with transaction.atomic():
            order = make()
            Order.objects.filter(pk=order.pk).update(entry_key=key)
    except IntegrityError:
        return mine.get()  # the other one of two simultaneous clicks won
    return order


def create_once(
    data: intake.OrderData,
    *,
    key: uuid.UUID,
    dropshipper_id: int,
    by: int,
    draft: bool = False,
    method_id: int | None = None,
) -> Order:
    """`intake.create` for a form that may arrive twice."""
    return once(
        lambda: intake.create(data, dropshipper_id=dropshipper_id, by=by, draft=draft, method_id=method_id),
        key=key,
        dropshipper_id=dropshipper_id,
    )
