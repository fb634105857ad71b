"""An order of a marketplace that a program sends is here once, by the marketplace's own number: also after a time-out,
with another Idempotency-Key, and when two of its processes send it at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from orders.entry import marketplaces
from orders.errors import OrderExists


def claim(dropshipper_id: int, *, marketplace: str, reference: str) -> None:
    """Within the transaction that makes the order: nobody else makes one of this number until it ends. Raises
    OrderExists. An order without a number is none of anybody's."""
    if not (number := marketplaces.number(reference)):
        return
    _hold(dropshipper_id, number)
    found = marketplaces.typed_before(dropshipper_id, marketplace=marketplace, reference=number)
    if found is not None:
        raise OrderExists(
            reference=number, existing=str(found.pk), existing_number=found.number, existing_state=found.state
        )


def _hold(dropshipper_id: int, number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 78))", [f"{dropshipper_id}\n{number}"])


def hold_many(dropshipper_id: int, numbers: Iterable[str]) -> None:
    """As `claim` holds one, of many orders that are made in this transaction; always in the same order."""
    keys = sorted({f"{dropshipper_id}\n{number}" for number in numbers if number})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(key, 78))"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS k(key, at) ORDER BY at",
            [keys],
        )
