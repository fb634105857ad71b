"""Who pays what when a parcel or a piece fails: the table as it stands on a day, and how it changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.money import ZERO, vat_on
from orders.dispatch.price import Price
from orders.failed.errors import NoWhoPays, RuleMoved, RuleTooEarly, SameRule
from orders.models import Fault, Order, Payer, Reason, WhoPays
from shipping.models import Shipment

EDITED = (
    *("goods", "goods_unpaid", "way_out", "way_back", "storage", "handling", "handling_net", "second_choice"),
    *("credit", "claim_days", "window_days"),
)


def table(day: dt.date | None = None) -> list[WhoPays]:
    """The rules in force on a day (today), by reason and fault; 1 query."""
    rows = WhoPays.objects.filter(since__lte=day or timezone.localdate()).order_by("reason", "fault", "-since", "-pk")
    found = rows.distinct("reason", "fault").select_related("by")
    reasons, faults = Reason.values, Fault.values
    return sorted(found, key=lambda row: (reasons.index(row.reason), faults.index(row.fault)))


def in_force(reason: str, fault: str, day: dt.date | None = None) -> WhoPays:
    """The rule of a case that begins on a day (today). Raises NoWhoPays."""
    rows = WhoPays.objects.filter(reason=reason, fault=fault, since__lte=day or timezone.localdate())
    found = rows.order_by("-since", "-pk").first()
    if found is None:
        raise NoWhoPays(
            reason=str(dict(Reason.choices).get(reason, reason)), fault=str(dict(Fault.choices).get(fault, fault))
        )
    return found


def versions(reason: str, fault: str) -> list[WhoPays]:
    """All there were and will be, the newest first."""
    rows = WhoPays.objects.filter(reason=reason, fault=fault).select_related("by")
    return list(rows.order_by("-since", "-pk")[:50])


@transaction.atomic
def change(current_id: int, values: Mapping[str, Any], *, since: dt.date, by: int) -> WhoPays:
    """A new version of a rule from a day on, today at the earliest: what has begun keeps its own. `current_id` is the
    newest version that the page showed. Raises RuleMoved when there is a newer one, RuleTooEarly, SameRule."""
    shown = WhoPays.objects.get(pk=current_id)
    # The first version of a rule is there for ever: who changes the rule holds it.
    first = WhoPays.objects.filter(reason=shown.reason, fault=shown.fault).order_by("pk")
    first.select_for_update(no_key=True).first()
    newest = WhoPays.objects.filter(reason=shown.reason, fault=shown.fault).order_by("-pk").first()
    if newest is None or newest.pk != shown.pk:
        raise RuleMoved
    if since < timezone.localdate():
        raise RuleTooEarly
    fields = {name: values[name] for name in EDITED}
    if all(getattr(shown, name) == value for name, value in fields.items()):
        raise SameRule
    return WhoPays.objects.create(reason=shown.reason, fault=shown.fault, since=since, by_id=by, **fields)


def window(reason: str) -> int | None:
    """How many days after the delivery a reseller may open a case for this reason; None: not at all. The fault is not
    known yet: the longest counts."""
    days = [row.window_days for row in table() if row.reason == reason and row.window_days is not None]
    return max(days, default=None)


def pays_reseller(rule: WhoPays, part: str) -> bool:
    return bool(getattr(rule, part) == Payer.RESELLER)


def refusal_rule() -> WhoPays | None:
    """Who pays for a parcel that the customer refuses, today; None where the table does not say."""
    try:
        return in_force(Reason.REFUSED, Fault.CUSTOMER)
    except NoWhoPays:
        return None


def refused_cost(price: Price, rule: WhoPays | None) -> Decimal:
    """What a COD parcel of this price costs if the customer refuses it (EUR, VAT included), by `refusal_rule`: the
    ways, as its guarantee holds them, and handling. What nobody knows before, as storage, is not in it."""
    if rule is None:
        return price.guarantee
    rate = price.shipping_rate
    out = min(price.shipping_net + vat_on(price.shipping_net, rate), price.guarantee)
    parts = {
        "way_out": out,
        "way_back": price.guarantee - out,
        "handling": rule.handling_net + vat_on(rule.handling_net, rate),
    }
    return sum((amount for part, amount in parts.items() if pays_reseller(rule, part)), ZERO)


def is_unpaid(order: Order, shipment: Shipment) -> bool:
    """A COD parcel whose cash nobody paid at the door."""
    return order.payment == Order.Payment.COD and shipment.cash in (Shipment.Cash.BOOKED, Shipment.Cash.REVERSED)
