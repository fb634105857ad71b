"""How many pieces of a line are to be sent now, are due later, and have left: by what the fulfilment orders say."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.platforms.base import Doubt
from connectors.platforms.shopify import order_lines
from connectors.platforms.shopify.order_delivery import Sending
from connectors.platforms.shopify.order_words import Words
from tests.connectors.shopify.test_orders import node

ID = "14000000000002"


def item(**fields: Any) -> dict[str, Any]:
    return {**node()["lineItems"]["nodes"][0], **fields}


def read(sending: Sending, *items: dict[str, Any]) -> tuple[list[tuple[int, int, bool]], list[str]]:
    """Now, sent and elsewhere of each line; and the doubts."""
    doubts: list[Doubt] = []
    lines = order_lines.read(node(lineItems={"nodes": list(items)}), Words(True), sending, doubts)
    return [(line.quantity, line.sent, line.elsewhere) for line in lines], [doubt.code for doubt in doubts]


@pytest.mark.parametrize(
    ("current", "left", "due", "later", "wanted", "said"),
    [
        (7, 7, 7, 0, (7, 0, False), []),
        (7, 5, 5, 0, (5, 2, False), []),
        (7, 9, 7, 0, (7, 0, False), []),  # never more than are wanted now
        (7, 7, 4, 3, (4, 0, False), ["scheduled"]),
        (7, 5, 2, 3, (2, 2, False), ["scheduled"]),
        (7, 5, 1, 9, (0, 2, False), ["scheduled"]),  # never more later than there are
        (7, 7, 6, 0, (7, 0, True), []),  # one of them is another's to send
        (7, 7, 0, 7, (7, 0, False), ["scheduled", "on_hold_in_shop"]),  # nothing is due: shown whole, and waits
    ],
)
def test_what_is_due_now(
    current: int, left: int, due: int, later: int, wanted: tuple[int, int, bool], said: list[str]
) -> None:
    sending = Sending(known=True, due={ID: due} if due else {}, later={ID: later} if later else {})
    one = item(quantity=8, currentQuantity=current, unfulfilledQuantity=left)
    assert read(sending, one) == ([wanted], said)


@pytest.mark.parametrize(
    ("ordered", "left", "never", "wanted"),
    [
        (6, 0, 6, (6, 0, False)),  # "needs no shipping" counts as impossible to fulfil: nothing has left
        (6, 0, 2, (2, 4, False)),
        (6, 0, 0, (0, 6, False)),
        (6, 3, 2, (3, 3, False)),
    ],
)
def test_what_needs_no_shipping_has_left_only_where_the_shop_says_so(
    ordered: int, left: int, never: int, wanted: tuple[int, int, bool]
) -> None:
    one = item(
        quantity=ordered,
        currentQuantity=6,
        unfulfilledQuantity=left,
        nonFulfillableQuantity=never,
        requiresShipping=False,
    )
    assert read(Sending(), one)[0] == [wanted]
