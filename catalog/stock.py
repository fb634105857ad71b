"""The only writer of Stock and StockMove. Pieces are whole; available = on hand − reserved − buffer.

Set-based: the number of statements does not depend on the number of orders. Callers of `reserve`, `release` and `ship`
hold the transaction and have locked their order rows before; stock rows are locked here in the order of variant ids
(FOR NO KEY UPDATE), so that two batches which share SKUs wait for each other and never deadlock. Every change adds 1 to
the row's version and tells no one: who publishes stock compares versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from catalog.errors import CountTooLow, OutOfStock
from catalog.models import Variant

# Everything in one statement: lock in order, see who lacks, and only if nobody does, change and write the moves.
# `locked` reads the rows as they are after the wait for the lock, not as the statement's snapshot has them.
_RESERVE = """
WITH wanted AS MATERIALIZED (
    SELECT variant_id, sum(pieces) AS pieces
    FROM unnest(%(variants)s::bigint[], %(pieces)s::int[]) AS u(variant_id, pieces)
    GROUP BY variant_id
), locked AS MATERIALIZED (
    SELECT variant_id, on_hand - reserved - buffer AS available FROM catalog_stock
    WHERE variant_id = ANY(%(variants)s::bigint[]) ORDER BY variant_id FOR NO KEY UPDATE
), lacking AS MATERIALIZED (
    SELECT w.variant_id, w.pieces, greatest(coalesce(l.available, 0), 0) AS available
    FROM wanted w LEFT JOIN locked l USING (variant_id) WHERE coalesce(l.available, 0) < w.pieces
), changed AS (
    UPDATE catalog_stock s SET reserved = s.reserved + w.pieces, version = s.version + 1, updated_at = now()
    FROM wanted w WHERE s.variant_id = w.variant_id AND NOT EXISTS (SELECT 1 FROM lacking)
), moved AS (
    INSERT INTO catalog_stockmove (variant_id, kind, on_hand_change, reserved_change, reference, by_id, at)
    SELECT u.variant_id, 'reserved', 0, u.pieces, u.reference, %(by)s, now()
    FROM unnest(%(variants)s::bigint[], %(pieces)s::int[], %(references)s::text[]) AS u(variant_id, pieces, reference)
    WHERE NOT EXISTS (SELECT 1 FROM lacking)
)
SELECT v.sku, lacking.pieces, lacking.available FROM lacking JOIN catalog_variant v ON v.id = lacking.variant_id
ORDER BY lacking.variant_id
"""

_LOCK_OF_REFERENCE = """
SELECT variant_id FROM catalog_stock
WHERE variant_id IN (SELECT variant_id FROM catalog_stockmove WHERE reference = %(reference)s)
ORDER BY variant_id FOR NO KEY UPDATE
"""

# Runs after the lock, so its snapshot sees what another release of the same reference has already done.
_END_RESERVATION = """
WITH open AS MATERIALIZED (
    SELECT variant_id, sum(reserved_change) AS pieces FROM catalog_stockmove WHERE reference = %(reference)s
    GROUP BY variant_id HAVING sum(reserved_change) > 0
), changed AS (
    UPDATE catalog_stock s SET reserved = s.reserved - open.pieces,
        on_hand = s.on_hand - CASE WHEN %(leaves)s THEN open.pieces ELSE 0 END,
        version = s.version + 1, updated_at = now()
    FROM open WHERE s.variant_id = open.variant_id
)
INSERT INTO catalog_stockmove (variant_id, kind, on_hand_change, reserved_change, reference, by_id, at)
SELECT variant_id, %(kind)s, CASE WHEN %(leaves)s THEN -pieces ELSE 0 END, -pieces, %(reference)s, %(by)s, now()
FROM open
"""

# The mirror of what was shipped: a move of the same kind the other way round, so that shipping again finds it held.
_UNSHIP = """
WITH gone AS MATERIALIZED (
    SELECT variant_id, -sum(on_hand_change) AS pieces FROM catalog_stockmove
    WHERE reference = %(reference)s AND kind = 'shipped' GROUP BY variant_id HAVING sum(on_hand_change) < 0
), changed AS (
    UPDATE catalog_stock s SET on_hand = s.on_hand + gone.pieces, reserved = s.reserved + gone.pieces,
        version = s.version + 1, updated_at = now()
    FROM gone WHERE s.variant_id = gone.variant_id
)
INSERT INTO catalog_stockmove (variant_id, kind, on_hand_change, reserved_change, reference, by_id, at)
SELECT variant_id, 'shipped', pieces, pieces, %(reference)s, %(by)s, now() FROM gone
"""

# In variant order: an upsert locks its rows in the order in which they come.
_RECEIVE = """
WITH came AS MATERIALIZED (
    SELECT variant_id, sum(pieces) AS pieces
    FROM unnest(%(variants)s::bigint[], %(pieces)s::int[]) AS u(variant_id, pieces)
    GROUP BY variant_id ORDER BY variant_id
), changed AS (
    INSERT INTO catalog_stock AS s (variant_id, on_hand, reserved, buffer, version, updated_at)
    SELECT variant_id, pieces, 0, 0, 1, now() FROM came ORDER BY variant_id
    ON CONFLICT (variant_id) DO UPDATE
    SET on_hand = s.on_hand + excluded.on_hand, version = s.version + 1, updated_at = now()
)
INSERT INTO catalog_stockmove (variant_id, kind, on_hand_change, reserved_change, reference, by_id, at)
SELECT variant_id, 'received', pieces, 0, %(reference)s, %(by)s, now() FROM came
"""


def lock(variant_ids: Iterable[int]) -> dict[int, int]:
    """Pieces available per variant, with the rows locked until the transaction ends. A variant without stock row is
    absent: it has none. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT variant_id, greatest(on_hand - reserved - buffer, 0) FROM catalog_stock"
            " WHERE variant_id = ANY(%s::bigint[]) ORDER BY variant_id FOR NO KEY UPDATE",
            [list(variant_ids)],
        )
        return dict(cursor.fetchall())


def reserve(wanted: Mapping[str, Mapping[int, int]], *, by: int | None) -> None:
    """Promises pieces to references: `{"order:12": {variant_id: pieces}}`. All or nothing, in one statement; raises
    OutOfStock for the first variant that lacks, and has then changed nothing."""
    rows = [
        (variant_id, pieces, reference)
        for reference, lines in wanted.items()
        for variant_id, pieces in sorted(lines.items())
        if _positive(pieces)
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE,
            {
                "variants": [row[0] for row in rows],
                "pieces": [row[1] for row in rows],
                "references": [row[2] for row in rows],
                "by": by,
            },
        )
        lacking = cursor.fetchone()
    if lacking:
        sku, pieces, available = lacking
        raise OutOfStock(sku=sku, wanted=int(pieces), available=int(available))


def release(reference: str, *, by: int | None) -> None:
    """Gives back what the reference still holds; nothing when it holds nothing, so twice is once."""
    _end_reservation(reference, kind="released", leaves=False, by=by)


def ship(reference: str, *, by: int | None) -> None:
    """What the reference holds leaves the house; twice is once."""
    _end_reservation(reference, kind="shipped", leaves=True, by=by)


def unship(reference: str, *, by: int | None) -> None:
    """What left by mistake of the desk is here again, and held for the reference as before; twice is once."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_OF_REFERENCE, {"reference": reference})
        cursor.execute(_UNSHIP, {"reference": reference, "by": by})


def receive(variant_id: int, quantity: int, *, by: int | None, reference: str = "") -> None:
    """Pieces came in (a delivery of the maker, a return that is as new)."""
    receive_all({variant_id: quantity}, by=by, reference=reference)


def receive_all(pieces: Mapping[int, int], *, by: int | None, reference: str = "") -> None:
    """Pieces of many variants came in; makes the stock row of a variant that has none. One statement."""
    rows = {variant_id: quantity for variant_id, quantity in pieces.items() if _positive(quantity)}
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _RECEIVE, {"variants": list(rows), "pieces": list(rows.values()), "reference": reference, "by": by}
        )


def receive_once(variant_id: int, quantity: int, *, key: str, by: int | None) -> bool:
    """As `receive`, for a person's click: the same key counts once, however often it is sent. False: it had counted."""
    with transaction.atomic(), connection.cursor() as cursor:
        _row(cursor, variant_id)
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM catalog_stockmove WHERE variant_id = %s AND reference = %s)",
            [variant_id, key],
        )
        if cursor.fetchone()[0]:
            return False
        receive(variant_id, quantity, by=by, reference=key)
        return True


def count(variant_id: int, on_hand: int, *, by: int | None, reference: str = "") -> None:
    """The shelf was counted: `on_hand` pieces are there. Raises CountTooLow when more are promised to orders; an equal
    count is written down too, because it says that somebody looked."""
    if on_hand < 0:
        raise ValueError("A count is not negative.")
    with transaction.atomic(), connection.cursor() as cursor:
        before, reserved = _row(cursor, variant_id)
        if on_hand < reserved:
            raise CountTooLow(sku=_sku(variant_id), counted=on_hand, reserved=reserved)
        cursor.execute(
            "UPDATE catalog_stock SET on_hand = %s, version = version + %s, updated_at = now() WHERE variant_id = %s",
            [on_hand, int(on_hand != before), variant_id],
        )
        cursor.execute(
            "INSERT INTO catalog_stockmove (variant_id, kind, on_hand_change, reserved_change, reference, by_id, at)"
            " VALUES (%s, 'counted', %s, 0, %s, %s, now())",
            [variant_id, on_hand - before, reference, by],
        )


def arrange(variant_id: int, *, buffer: int, restock_on: dt.date | None) -> None:
    """Sets the pieces that are kept back from sale and the day on which more will come. No piece moves."""
    with transaction.atomic(), connection.cursor() as cursor:
        _row(cursor, variant_id)
        cursor.execute(
            "UPDATE catalog_stock SET version = version + CASE WHEN buffer = %(buffer)s THEN 0 ELSE 1 END,"
            " buffer = %(buffer)s, restock_on = %(restock_on)s, updated_at = now() WHERE variant_id = %(variant)s",
            {"buffer": buffer, "restock_on": restock_on, "variant": variant_id},
        )


def open_reservations() -> dict[int, int]:
    """Pieces per variant that the moves say are reserved now (variants with 0 are absent): equals `Stock.reserved`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT variant_id, sum(reserved_change) FROM catalog_stockmove"
            " GROUP BY variant_id HAVING sum(reserved_change) <> 0"
        )
        return {variant_id: int(pieces) for variant_id, pieces in cursor.fetchall()}


def _end_reservation(reference: str, *, kind: str, leaves: bool, by: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_OF_REFERENCE, {"reference": reference})
        cursor.execute(_END_RESERVATION, {"reference": reference, "kind": kind, "leaves": leaves, "by": by})


def _row(cursor: Any, variant_id: int) -> tuple[int, int]:
    """(on hand, reserved) of the row, made if there was none, locked."""
    cursor.execute(
        "INSERT INTO catalog_stock (variant_id, on_hand, reserved, buffer, version, updated_at)"
        " VALUES (%s, 0, 0, 0, 0, now()) ON CONFLICT DO NOTHING",
        [variant_id],
    )
    cursor.execute("SELECT on_hand, reserved FROM catalog_stock WHERE variant_id = %s FOR NO KEY UPDATE", [variant_id])
    on_hand, reserved = cursor.fetchone()
    return on_hand, reserved


def _sku(variant_id: int) -> str:
    return Variant.objects.values_list("sku", flat=True).get(pk=variant_id)


def _positive(pieces: int) -> bool:
    if pieces < 0:
        raise ValueError("A quantity of pieces is not negative.")
    return pieces > 0
