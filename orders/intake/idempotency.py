"""An order that a person makes with a form: the form sent twice is one order."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable

from django.db import IntegrityError, transaction

from core import busy
from orders.errors import SentBefore
from orders.intake import creation
from orders.intake import data as order_data
from orders.models import Order


@busy.repeatable
def once(make: Callable[[], Order], *, key: uuid.UUID, dropshipper_id: int, content: object) -> Order:
    """What `make` makes, or what it made for the same `key` before; also when two clicks arrive at the same time.

    `content` (JSON) is all that the form says. The key with another content is neither a repeat nor a new order:
    SentBefore, because either guess would lose what somebody typed."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    mine = Order.objects.filter(dropshipper_id=dropshipper_id, entry_key=key)
    known = mine.first()
    if known is None:
        try:
            with transaction.atomic():
                order = make()
                Order.objects.filter(pk=order.pk).update(entry_key=key, entry_digest=digest)
            return order
        except IntegrityError:
            known = mine.first()
            if known is None:  # it was not about the key
                raise
    if known.entry_digest != digest:
        raise SentBefore(number=known.number)
    return known  # the other one of two simultaneous clicks won, or it is long done


def create_once(
    data: creation.OrderData,
    *,
    key: uuid.UUID,
    dropshipper_id: int,
    by: int,
    draft: bool = False,
    method_id: int | None = None,
) -> Order:
    """`creation.create` for a form that may arrive twice."""
    sold = [text for text in (data.source_label, data.source_number) if text]
    return once(
        lambda: creation.create(data, dropshipper_id=dropshipper_id, by=by, draft=draft, method_id=method_id),
        key=key,
        dropshipper_id=dropshipper_id,
        content=[order_data.sections(data), draft, method_id, *sold],
    )
