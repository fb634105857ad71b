"""Alerts about an order that was sent: they stay until a person says that he looked."""

from __future__ import annotations

from django.db import transaction

from orders import problems, timeline
from orders.intake import lock


@transaction.atomic
def seen(order_id: int, code: str, *, by: int) -> bool:
    """Takes an alert away and writes it on the timeline; whether there was one. Other problems are not touched."""
    if not problems.is_alert(code):
        return False
    order = lock(order_id)
    gone, _per_model = order.problems.filter(code=code).delete()
    if gone:
        timeline.record(order.pk, "alert_seen", by=by, alert=str(problems.CATALOGUE[code].words))
    return bool(gone)
