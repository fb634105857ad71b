"""Many orders of one shop at once, as a first reading brings them: a constant number of statements, and row by row the
same as `creation.create` makes of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from catalog.models import Variant
from catalog.queries import find_skus
from core.address import places_at_hand
from orders import problems
from orders.intake import creation
from orders.intake import lines as order_lines
from orders.models import Order, OrderEvent, OrderLine, Problem
from orders.questions import twins
from shipping.models import Method

_NUMBERS = "SELECT nextval(pg_get_serial_sequence('orders_order', 'id')) FROM generate_series(1, %s)"


def numbers(how_many: int) -> list[int]:
    """Ids for orders that are made next, so that other rows may name them before they are there."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [how_many])
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def create_many(
    found: Mapping[int, creation.OrderData],
    *,
    dropshipper_id: int,
    method_id: int | None = None,
    methods: Mapping[int, Method] | None = None,
    by: int | None = None,
) -> list[Order]:
    """New orders of a shop, or of a person's file, by the id that each shall have (see `numbers`), with lines, problems
    and timeline. `methods`: by the same ids, where each has its own."""
    by_code, by_id = _variants(found.values())
    usual = Method.objects.select_related("courier").get(pk=method_id) if method_id else None
    orders: list[Order] = []
    lines: list[OrderLine] = []
    troubles: list[Problem] = []
    events: list[OrderEvent] = []
    made: list[tuple[Order, list[OrderLine]]] = []
    with places_at_hand(data.address for data in found.values()):
        for pk, data in found.items():
            method = methods.get(pk) if methods is not None else usual
            order = creation.new(data, dropshipper_id=dropshipper_id, method_id=method.pk if method else None)
            order.pk, order.method = pk, method
            mine = order_lines.make_lines(order, data.lines, by_code)
            for line in mine:
                line.variant = by_id[line.variant_id] if line.variant_id else None
            made.append((order, mine))
        alike = twins.doubts(made)
        for order, mine in made:
            data = found[order.pk]
            wrong = {(doubt.code, doubt.subject): doubt for doubt in problems.find(order, mine)}
            wrong |= {(doubt.code, doubt.subject): doubt for doubt in data.doubts}
            if order.pk in alike:
                wrong[alike[order.pk].code, alike[order.pk].subject] = alike[order.pk]
            if data.source == "manual":
                events.append(OrderEvent(order=order, code="created", by_id=by))
            else:
                events.append(OrderEvent(order=order, code="received", params={"label": data.source_label}))
            if not any(doubt.blocking for doubt in wrong.values()):
                order.state = Order.State.READY
                events.append(OrderEvent(order=order, code="ready"))
            orders.append(order)
            lines += mine
            troubles += problems.rows(order, wrong.values())
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(lines)
    Problem.objects.bulk_create(troubles)
    OrderEvent.objects.bulk_create(events)
    return orders


def _variants(found: Iterable[creation.OrderData]) -> tuple[Mapping[str, Variant], Mapping[int, Variant]]:
    """What the lines mean, by code (see find_skus) and by id; 2 statements."""
    lines = [line for data in found for line in data.lines]
    unknown = order_lines.unknown_skus(lines)
    by_code = find_skus(unknown) if unknown else {}
    by_id = {variant.pk: variant for variant in by_code.values()}
    matched = {line.variant_id for line in lines if line.variant_id is not None} - by_id.keys()
    if matched:
        by_id |= Variant.objects.select_related("product").in_bulk(matched)
    return by_code, by_id
