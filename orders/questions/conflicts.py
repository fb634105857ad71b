"""What a person changed here and the shop changed too: both words are shown side by side, and one click takes either.
The problem `conflict` holds them (orders/intake/follow.py); its subject is the field, or "lines" for the articles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from orders import problems, timeline
from orders.errors import NotEditable
from orders.intake import data as told
from orders.intake import merge
from orders.intake.creation import LineData, lock
from orders.intake.lines import write_lines
from orders.models import Order, Problem
from orders.questions.questions import check_seen

MINE, THEIRS = "mine", "theirs"
LINES = "lines"
TEXTS = (*told.ADDRESS, "note")
FIELDS = (*TEXTS, "to_collect", LINES)


@transaction.atomic
def take(order_id: int, field: str, side: str, *, by: int, seen: str = "") -> bool:
    """Keeps what stands here (`mine`) or takes the shop's last word (`theirs`); whether there was such a conflict. The
    shop's articles are taken by `take_lines`. `seen` as in questions.answer. Raises NotEditable for an order that was
    sent or cancelled, StaleEdit."""
    if field not in FIELDS or side not in (MINE, THEIRS) or (field, side) == (LINES, THEIRS):
        return False
    order, row = _conflict(order_id, field, seen)
    if row is None:
        return False
    if side == MINE:
        _settle(order, "conflict_kept", by=by, field=field)
        return True
    before = getattr(order, field)
    if field == "to_collect":
        is_cod = order.payment == Order.Payment.COD
        order.to_collect = told.told_collect(order) if is_cod else None
    else:
        setattr(order, field, told.as_kept(order.shop_data)[field])
    changes = [[field, _shown(before), _shown(getattr(order, field))]]
    _settle(order, "conflict_taken", by=by, field=field, changes=changes)
    return True


@transaction.atomic
def take_lines(order_id: int, lines: Sequence[LineData], *, by: int, seen: str = "") -> bool:
    """Takes the articles as the shop has them now, in the place of those that a person wrote; whether there was such a
    conflict. Raises NotEditable, StaleEdit."""
    order, row = _conflict(order_id, LINES, seen)
    if row is None:
        return False
    write_lines(order, lines)
    order.shop_data = {name: what for name, what in order.shop_data.items() if name != told.MINE}
    changes = [[LINES, _shown(row.params.get("mine")), _shown(row.params.get("theirs"))]]
    _settle(order, "conflict_taken", by=by, field=LINES, changes=changes)
    return True


def settle_edited(order: Order) -> None:
    """After a person's edit of a locked order: both sides are shown as they stand now, and what is the same on both is
    a conflict no more."""
    for row in order.problems.filter(code="conflict"):
        value = merge.pieces(rows_of(order)) if row.subject == LINES else getattr(order, row.subject, None)
        mine, theirs = _shown(value), row.params.get("theirs", "")
        if mine == theirs:
            row.delete()
        elif mine != row.params.get("mine"):
            row.params = {**row.params, "mine": mine}
            row.save(update_fields=["params"])


def rows_of(order: Order) -> list[list[Any]]:
    """The order's lines as they stand here, in the form of told ones."""
    return [[line.sku, line.external_id, line.name, line.quantity] for line in order.lines.all() if not line.ignored]


def _conflict(order_id: int, field: str, seen: str) -> tuple[Order, Problem | None]:
    """The order, locked, and its conflict, which is settled with that."""
    order = lock(order_id)
    if not order.is_open:
        raise NotEditable(number=order.number)
    row = order.problems.filter(code="conflict", subject=field).first()
    if row is not None:
        check_seen(order, row, seen)
        order.problems.filter(pk=row.pk).delete()
    return order, row


def _settle(order: Order, event: str, *, by: int, **params: object) -> None:
    order.version += 1
    order.save()
    timeline.record(order.pk, event, by=by, **params)
    problems.recompute(order, by=by)


def _shown(value: str | Decimal | None) -> str:
    return "" if value is None else str(value)
