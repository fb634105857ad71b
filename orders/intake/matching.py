"""Many shop SKUs tied to articles of ours at once, and untied again, in the orders that are still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from orders import problems, timeline
from orders.models import MOST_PIECES, Order, OrderLine


class Tie(NamedTuple):
    """`pieces` of a variant of ours in one of the shop's; without a variant: not ours."""

    variant_id: int | None
    pieces: int = 1


def subject(line: OrderLine) -> str:
    """What a tie of this line hangs on: "sku:ABC-1", or "product:12/0" for an article without SKU."""
    if line.sku.strip():
        return f"sku:{line.sku.strip().upper()}"
    return f"product:{line.external_id}" if line.external_id else ""


@transaction.atomic
def tie(order_ids: Iterable[int], ties: Mapping[str, Tie], *, by: int | None) -> int:
    """Ties the lines of open orders that have no article yet, by their subject. How many orders became ready."""
    freed = 0
    for order in _open(order_ids):
        before, changed = order.state, []
        for line in order.lines.all():
            wanted = ties.get(subject(line))
            if wanted is None or line.variant_id is not None or line.ignored:
                continue
            if line.quantity * wanted.pieces > MOST_PIECES:  # sent cut it would be short: it waits
                continue
            line.variant_id, line.ignored = wanted.variant_id, wanted.variant_id is None
            line.quantity *= wanted.pieces
            changed.append(line)
        if changed:
            _write(order, changed, "matched", by=by)
            freed += before != Order.State.READY and order.state == Order.State.READY
    return freed


@transaction.atomic
def untie(order_ids: Iterable[int], ties: Mapping[str, Tie], *, by: int | None) -> int:
    """Takes back what `tie` did in orders that are still open. How many orders wait again."""
    waiting = 0
    for order in _open(order_ids):
        told = _told(order)
        before, changed = order.state, []
        for line in order.lines.all():
            made = ties.get(subject(line))
            if made is None or (line.variant_id, line.ignored) != (made.variant_id, made.variant_id is None):
                continue
            line.variant_id, line.ignored = None, False
            line.quantity = told.get((line.sku, line.external_id), max(line.quantity // made.pieces, 1))
            changed.append(line)
        if changed:
            _write(order, changed, "unmatched", by=by)
            waiting += before == Order.State.READY and order.state != Order.State.READY
    return waiting


def _open(order_ids: Iterable[int]) -> list[Order]:
    """Locked, in the order of their ids, with their lines."""
    found = Order.objects.select_for_update(no_key=True).filter(pk__in=list(order_ids)).order_by("pk")
    return [order for order in found.prefetch_related("lines") if order.is_open]


def _told(order: Order) -> dict[tuple[str, str], int]:
    """The quantities as the shop said them, by SKU and product; not those of an article that it names twice."""
    found: dict[tuple[str, str], int] = {}
    twice = set()
    for row in order.shop_data.get("lines", []):
        key = (str(row[0])[:100], str(row[1])[:60])
        twice |= {key} & found.keys()
        found[key] = min(int(row[3]), MOST_PIECES)
    return {key: quantity for key, quantity in found.items() if key not in twice}


def _write(order: Order, changed: list[OrderLine], event: str, *, by: int | None) -> None:
    OrderLine.objects.bulk_update(changed, ["variant", "ignored", "quantity"])
    order.version += 1
    Order.objects.filter(pk=order.pk).update(version=order.version, updated_at=timezone.now())
    timeline.record(order.pk, event, by=by, sku=", ".join(line.sku or line.external_id for line in changed)[:200])
    problems.recompute(order, by=by)
