"""The lines of an order: what its source says of them, tied to articles of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from catalog.models import Variant
from catalog.queries import find_skus
from orders.intake.data import LineData
from orders.models import MOST_PIECES, Order, OrderLine


def write_lines(order: Order, lines: Sequence[LineData], *, by_hand: bool = False) -> None:
    """Replaces the lines. What a person tied by hand to a shop's article stays tied. `by_hand`: a person wrote them;
    what the shop calls a piece is known only of those that it told."""
    known = _Known(order.lines.all())
    order.lines.all().delete()
    unknown = unknown_skus(lines)
    variants = find_skus(unknown) if unknown else {}
    OrderLine.objects.bulk_create(make_lines(order, lines, variants, known, by_hand=by_hand))


def as_told(line: OrderLine, quantity: int) -> LineData:
    """A line that is kept, with another number of pieces of ours."""
    return LineData(
        line.sku,
        line.name,
        quantity,
        None if line.ignored else line.variant_id,
        line.external_id,
        line.sale_gross,
        ignored=line.ignored,
        shop_line=line.shop_line,
        attributes=line.attributes,
        bundle=line.bundle,
    )


def unknown_skus(lines: Iterable[LineData]) -> list[str]:
    """Those that are to be looked up among ours."""
    return [line.sku for line in lines if line.variant_id is None and line.sku and not line.ignored]


class _Known:
    """The lines that were there before: each is found once, by the shop's own id of it, else by its product and SKU."""

    def __init__(self, lines: Iterable[OrderLine]) -> None:
        self._left = list(lines)

    def take(self, line: LineData) -> OrderLine | None:
        found = next((old for old in self._left if line.shop_line and old.shop_line == line.shop_line), None)
        if found is None:
            same = (old for old in self._left if self._is_same(old, line))
            found = next(same, None)
        if found is not None:
            self._left.remove(found)
        return found

    @staticmethod
    def _is_same(old: OrderLine, line: LineData) -> bool:
        if line.external_id and old.external_id and line.external_id != old.external_id:
            return False
        if old.shop_line and line.shop_line:
            return False
        return old.sku.upper() == line.sku.upper() if line.sku or old.sku else bool(line.external_id)


def make_lines(
    order: Order,
    lines: Sequence[LineData],
    variants: Mapping[str, Variant],
    known: _Known | None = None,
    *,
    by_hand: bool = False,
) -> list[OrderLine]:
    """The rows of an order's lines, not saved yet. `variants`: what `find_skus` knows of them; `known`: the lines that
    were there before."""
    rows = []
    for position, line in enumerate(line for line in lines if line.quantity or not line.sent):
        variant = variants.get(line.sku.strip().upper())
        before = known.take(line) if known and order.source != "manual" else None
        tied = line.variant_id or (variant.pk if variant else None) or (before.variant_id if before else None)
        pieces = line.quantity * line.pieces
        if pieces > MOST_PIECES:  # sent cut it would be short: it waits, tied to nothing
            tied, pieces = None, min(line.quantity, MOST_PIECES)
        told = None if by_hand or order.source == "manual" else line.quantity
        rows.append(
            OrderLine(
                order=order,
                position=position,
                variant_id=None if line.ignored else tied,
                sku=line.sku[:100],
                name=line.name[:200],
                external_id=(line.external_id or (before.external_id if before else ""))[:60],
                quantity=pieces,
                sale_gross=line.sale_gross,
                ignored=line.ignored,
                shop_line=(line.shop_line or (before.shop_line if before else ""))[:60],
                shop_quantity=before.shop_quantity if by_hand and before else told,
                attributes=[list(pair) for pair in line.attributes] or (before.attributes if before else []),
                bundle=(line.bundle or (before.bundle if before else ""))[:200],
            )
        )
    return rows
