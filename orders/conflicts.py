"""A field that a person changed here and the shop changed too: both words are shown side by side, and one click takes
either. The problem `conflict` holds them; its subject is the field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from orders import intake, problems, timeline
from orders.errors import NotEditable
from orders.models import Order, Problem
from orders.questions import check_seen

MINE, THEIRS = "mine", "theirs"
TEXTS = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email", "note")
FIELDS = (*TEXTS, "to_collect")


@transaction.atomic
def take(order_id: int, field: str, side: str, *, by: int, seen: str = "") -> bool:
    """Keeps what stands here (`mine`) or takes the shop's last word (`theirs`); whether there was such a conflict.
    `seen` as in questions.answer. Raises NotEditable for an order that was sent or cancelled, StaleEdit."""
    if field not in FIELDS or side not in (MINE, THEIRS):
        return False
    order = intake.lock(order_id)
    if not order.is_open:
        raise NotEditable(number=order.number)
    row = order.problems.filter(code="conflict", subject=field).first()
    if row is None:
        return False
    check_seen(order, row, seen)
    row.delete()
    before = _shown(getattr(order, field))
    if side == THEIRS:
        _take_theirs(order, field, row)
    order.version += 1
    order.save()
    after = _shown(getattr(order, field))
    if side == THEIRS:
        timeline.record(order.pk, "conflict_taken", by=by, field=field, changes=[[field, before, after]])
    else:
        timeline.record(order.pk, "conflict_kept", by=by, field=field)
    problems.recompute(order, by=by)
    return True


def _take_theirs(order: Order, field: str, row: Problem) -> None:
    if field == "to_collect":
        intake.settle_collect(order, intake.told_to_collect(order))
        return
    limit = Order._meta.get_field(field).max_length or 0
    setattr(order, field, _told(order, field, row)[:limit])


def _told(order: Order, field: str, row: Problem) -> str:
    """The shop's last word of a text of the address; the problem's own where the shop's is not kept."""
    told: Any = order.shop_data.get("address")
    if isinstance(told, list):
        told = dict(zip(TEXTS, told, strict=False))
    found = told.get(field) if isinstance(told, dict) else None
    return str(row.params.get("theirs", "") if found is None else found)


def _shown(value: str | Decimal | None) -> str:
    return "" if value is None else str(value)
