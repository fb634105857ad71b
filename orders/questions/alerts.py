"""Alerts about an order that was sent: they stay until a person says that he looked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from orders import problems, timeline
from orders.intake import merge
from orders.intake.creation import lock
from orders.intake.data import as_kept
from orders.models import Order
from orders.questions import questions

CHANGED = "changed_in_shop"


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


def changed_in_shop(order: Order, found: Iterable[Sequence[str]]) -> None:
    """The shop says more of a sent order: (what, old, new). With what nobody has read yet it is one alert, without what
    is as it goes already, or went back to where it was. `order.shop_data` is the shop's last word."""
    known = order.problems.filter(code=CHANGED).first()
    _say(order, merge.together(known.params.get("changes", []) if known else [], found))


def changed_here(order: Order) -> None:
    """After a person changed where a sent order goes, or what is collected: the alert is held against that from now on.
    Else a shop that goes back to its first word would take it away, and the parcel goes by the second one."""
    known = order.problems.filter(code=CHANGED).first()
    if known is not None:
        rows = known.params.get("changes", [])
        _say(order, [[name, old if (goes := _goes(order, name)) is None else goes, new] for name, old, new in rows])


def _say(order: Order, rows: Iterable[Sequence[str]]) -> None:
    told = as_kept(order.shop_data)
    left = [list(row) for row in rows if told.get(row[0], row[2]) != _goes(order, row[0])]
    if left:
        problems.alert(order, CHANGED, {"changes": left})
    else:
        order.problems.filter(code=CHANGED).delete()


def _goes(order: Order, name: str) -> str | None:
    """What goes, in the form of merge.changes; None: of this (the goods, what was paid before) nothing was changed here
    since it was sent."""
    if name == "total" and order.payment == Order.Payment.COD and order.to_collect is not None:
        return str(order.to_collect)
    return str(getattr(order, name)) if name in (*merge.FIELDS, "payment") else None
