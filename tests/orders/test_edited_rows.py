"""What a person writes in the rows of a shop's order: each row says its own, and an article is what its SKU says."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.urls import reverse

from orders.dispatch import runs
from orders.intake import creation
from orders.models import Order
from tests import cast, differing
from tests.orders import stage
from tests.orders.test_entry_page import filled

pytestmark = pytest.mark.django_db
Row = tuple[str | None, int, str | None, str, str, D | None, int | None]


def rows_of(order: Order) -> list[Row]:
    """Our article, pieces, and what the shop said of them: SKU, product, line, price, count."""
    return [
        (
            line.variant.sku if line.variant else None,
            line.quantity,
            line.sku,
            line.external_id,
            line.shop_line,
            line.sale_gross,
            line.shop_quantity,
        )
        for line in order.lines.select_related("variant")
    ]


@pytest.fixture
def world() -> differing.World:
    return differing.world()


@pytest.fixture
def order(world: differing.World) -> Order:
    """A shop's order of four lines: two of one product that a person tied to an article, one in pairs, one
    that is not ours."""
    data = world.data(
        *[("NEGOZIO-A", 2), ("DIV-B", 3), ("NEGOZIO-A", 5), ("ALTRUI", 7)],
        source="woocommerce",
        source_label="casabella.it",
        source_number="7731",
    )
    tied = world.articles["DIV-A"].pk
    said = [
        {"variant_id": tied, "external_id": "p1", "shop_line": "l11"},
        {"external_id": "p2", "shop_line": "l22", "pieces": 2},
        {"variant_id": tied, "external_id": "p1", "shop_line": "l33"},
        {"external_id": "p4", "shop_line": "l44", "ignored": True},
    ]
    lines = [replace(line, **more) for line, more in zip(data.lines, said, strict=True)]
    return creation.create(
        replace(data, lines=lines), dropshipper_id=world.seller.pk, method_id=world.methods["uno"].pk
    )


A1: Row = ("DIV-A", 2, "NEGOZIO-A", "p1", "l11", D("38.00"), 2)
B: Row = ("DIV-B", 6, "DIV-B", "p2", "l22", D("58.11"), 3)
A2: Row = ("DIV-A", 5, "NEGOZIO-A", "p1", "l33", D("98.70"), 5)
OTHER: Row = (None, 7, "ALTRUI", "p4", "l44", D("140.77"), 7)


def new(sku: str, pieces: int) -> Row:
    return (sku, pieces, sku, "", "", None, None)


EDITS: dict[str, tuple[list[tuple[int | None, str, int]], list[Row]]] = {
    "as it stands": ([(0, "DIV-A", 2), (1, "DIV-B", 6), (2, "DIV-A", 5)], [A1, B, A2, OTHER]),
    "another article in the first row": (
        [(0, "DIV-C", 2), (1, "DIV-B", 6), (2, "DIV-A", 5)],
        [new("DIV-C", 2), B, A2, OTHER],
    ),
    "another article in the last row, and other pieces": (
        [(0, "DIV-A", 2), (1, "DIV-B", 6), (2, "DIV-D", 4)],
        [A1, B, new("DIV-D", 4), OTHER],
    ),
    "fewer pieces of the second of two like rows": (
        [(0, "DIV-A", 2), (1, "DIV-B", 6), (2, "DIV-A", 1)],
        [A1, B, (*A2[:1], 1, *A2[2:]), OTHER],
    ),
    "the first of two like rows taken out": ([(1, "DIV-B", 6), (2, "DIV-A", 5)], [B, A2, OTHER]),
    "the rows in another order": ([(2, "DIV-A", 5), (0, "DIV-A", 2), (1, "DIV-B", 6)], [A2, A1, B, OTHER]),
    "two rows that change their articles": (
        [(0, "DIV-B", 2), (1, "DIV-A", 6), (2, "DIV-A", 5)],
        # What the shop called DIV-B is in the other row now; of NEGOZIO-A nobody said that it is DIV-A.
        [("DIV-B", 2, "DIV-B", "p2", "l22", None, 3), new("DIV-A", 6), A2, OTHER],
    ),
    "a row more, of what the shop calls as we do": (
        [(0, "DIV-A", 2), (1, "DIV-B", 6), (None, "DIV-B", 8), (2, "DIV-A", 5)],
        [A1, B, new("DIV-B", 8), A2, OTHER],
    ),
    "a row more, of an article that is there": (
        [(0, "DIV-A", 2), (1, "DIV-B", 6), (2, "DIV-A", 5), (None, "DIV-A", 8)],
        [A1, B, A2, new("DIV-A", 8), OTHER],
    ),
}


@pytest.mark.parametrize("what", EDITS)
def test_a_row_keeps_what_the_shop_said_only_while_it_is_that_article(
    what: str, world: differing.World, order: Order, client_for: Any
) -> None:
    rows, expected = EDITS[what]
    assert rows_of(order) == [A1, B, A2, OTHER]
    ids = list(order.lines.values_list("pk", flat=True))
    form = filled(
        *[(sku, quantity) for _at, sku, quantity in rows],
        version=order.version,
        method=world.methods["uno"].pk,
        sale_total="187,43",
    )
    form |= {f"lines-{n}-row": "" if at is None else str(ids[at]) for n, (at, _sku, _quantity) in enumerate(rows)}
    client = client_for(cast.member(world.seller))
    assert client.post(reverse("orders:edit", args=[order.pk]), form).status_code == 302
    order = Order.objects.get(pk=order.pk)
    assert rows_of(order) == expected
    runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None, seen=stage.seen(order))
    order.refresh_from_db()
    net = sum((D(differing.ARTICLES[row[0]][0]) * row[1] for row in expected if row[0]), D(0))
    assert (order.state, order.goods_net) == ("dispatched", net)
    assert order.shipment is not None
    assert order.shipment.weight_g == sum(differing.ARTICLES[row[0]][2] * row[1] for row in expected if row[0])
