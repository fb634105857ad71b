"""Questions that a shop's order raises (a part refund, a possible duplicate): a person looks and says that it is right
as it is. The answer holds for what was asked: with other particulars it is asked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from django.db import transaction

from orders import problems, timeline
from orders.errors import NotEditable, StaleEdit
from orders.intake.creation import lock
from orders.models import Order, Problem


@transaction.atomic
def answer(order_id: int, code: str, subject: str, *, by: int, seen: str = "") -> bool:
    """A person looked at this question and lets the order go on; whether there was one. `seen`: the `mark` of the
    question that he was shown. Raises NotEditable for an order that was sent or cancelled, StaleEdit when the question
    became another one meanwhile (5.00 refunded, then 10.00)."""
    kind = problems.CATALOGUE.get(code)
    if kind is None or not kind.answerable:
        return False
    order = lock(order_id)
    if not order.is_open:
        raise NotEditable(number=order.number)
    row = order.problems.filter(code=code, subject=subject).first()
    if row is None:
        return False
    check_seen(order, row, seen)
    note(order, [row])
    row.delete()
    order.version += 1
    order.save(update_fields=["answered", "version", "updated_at"])
    timeline.record(order.pk, "answered", by=by, question=problems.sentence(row))
    problems.recompute(order, by=by)
    return True


def note(order: Order, asked: Iterable[Problem]) -> None:
    """Keeps what was asked as answered, in an order that the caller saves."""
    order.answered = [*order.answered, *([row.code, row.subject, row.params] for row in asked)]


def mark(row: Problem) -> str:
    """What tells this question from the same one with other particulars."""
    return hashlib.sha256(json.dumps(row.params, sort_keys=True).encode()).hexdigest()[:16]


def check_seen(order: Order, row: Problem, seen: str) -> None:
    """Raises StaleEdit when a form speaks of another question than the one that stands here now; "" is no form."""
    if seen and seen != mark(row):
        raise StaleEdit(number=order.number)
