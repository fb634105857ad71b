"""What the courier is asked to pay: opened with its last day, sent, paid or not. EUR as the bank shows it.

The lock of a claim is its order's. Money that comes makes the loss less; the reseller was or is credited by the table
of who pays, whatever the courier says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from orders.models import Case, Claim


def open_for(case: Case, *, amount: Decimal, days: int, by: int | None, documents: str = "") -> Claim:
    """The caller has locked the order. The clock runs from the handing over for a loss, from the delivery or the
    arrival for a damage."""
    shipment = case.order.shipment
    assert shipment is not None
    began = shipment.shipped_at if case.kind == Case.Kind.LOST else shipment.delivered_at or case.arrived_at
    day = timezone.localtime(began or timezone.now()).date()
    return Claim.objects.create(
        case=case, amount=amount, due_on=day + dt.timedelta(days=days), documents=documents[:300], by_id=by
    )


def drop(case: Case) -> None:
    """What was claimed is there after all; what the courier paid stays in the books and on the case."""
    open_ = Claim.objects.filter(case=case, state__in=[Claim.State.OPEN, Claim.State.SENT])
    open_.update(state=Claim.State.DROPPED, closed_at=timezone.now())
