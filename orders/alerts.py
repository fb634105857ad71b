"""Alerts about an order that was sent: they stay until a person says that he looked."""

from __future__ import annotations

from django.db import transaction

from orders import problems, questions, timeline
from orders.intake import lock
from orders.models import Order


@transaction.atomic
def seen(order_id: int, code: str, *, by: int, subject: str = "", seen: str = "") -> bool:
    """Takes an alert away and writes it on the timeline; whether there was one. Other problems are not touched. `seen`:
    the questions.mark of the alert that the reader was shown. Raises StaleEdit when the shop said more meanwhile: what
    nobody has read stays."""
    if not problems.is_alert(code) or problems.CATALOGUE[code].desk:
        return False
    order = lock(order_id)
    row = order.problems.filter(code=code, subject=subject).first()
    if row is None:
        return False
    questions.check_seen(order, row, seen)
    if code == "asked_in_shop":  # else its next reading would ask again
        particulars = {name: value for name, value in row.params.items() if name not in ("kind", "of")}
        order.answered = [*order.answered, [row.params.get("kind"), row.params.get("of"), particulars]]
        order.save(update_fields=["answered", "updated_at"])
    row.delete()
    timeline.record(order.pk, "alert_seen", by=by, alert=problems.name(code))
    return True


def drop(order: Order) -> None:
    """Of a sent order that was cancelled: no parcel is left that they could speak of."""
    order.problems.filter(code__in=[code for code, kind in problems.CATALOGUE.items() if kind.alert]).delete()
