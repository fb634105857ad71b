"""What one person takes back alone counts together, the guarantees too."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from orders.fulfilment import parcels, undo
from tests import cast
from tests.orders import stage
from tests.orders.test_dispatch import sync
from wallet.models import Proposal

pytestmark = pytest.mark.django_db


def test_guarantees_that_one_takes_back_alone_count_together(dropshipper: Any, settings: Any) -> None:
    """Of parcels sold below their cost the wallet gives back the guarantee alone: hundreds of euros a day, unseen."""
    settings.SECOND_PERSON_ABOVE = D("20.00")
    stage.money(dropshipper, "200.00")
    method, article = stage.method(), stage.variant("MCI-1")
    orders = []
    for _time in range(2):
        order = stage.order(dropshipper, (article.sku, 2), method=method, payment="cod", total="20.00")
        sync(order)
        parcels.mark_shipped(order.pk, tracking_number=f"T{order.pk}", by=None)
        parcels.mark_delivered(order.pk, by=None)
        parcels.mark_remitted(order.pk, by=None)
        order.refresh_from_db()
        assert (order.margin, order.guarantee) == (D("-17.82"), D("12.20"))
        orders.append(order)
    clerk = cast.staff()
    done = [undo.take_back_cash(order.pk, reason="x", by=clerk.pk) for order in orders]
    assert done == [True, False]
    assert Proposal.objects.filter(kind="remittance_reversal").count() == 1
