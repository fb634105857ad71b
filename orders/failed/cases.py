"""The case that a reseller opens for pieces that a customer has: asked, decided by the staff, received; then settled as
any return (orders/failed/returned.py). No piece is in two cases."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from core.errors import AlreadyDone
from orders import timeline
from orders.failed import who_pays
from orders.failed.errors import (
    AnswerMissing,
    CaseMoved,
    NoPieces,
    NotDelivered,
    ReasonNotOffered,
    TooManyPieces,
    WindowOver,
)
from orders.failed.returned import locked, must_be
from orders.fulfilment.parcels import must_not_be_own
from orders.intake.creation import lock
from orders.models import Case, CaseLine, Order, OrderLine, Reason
from shipping.models import Shipment

# Of these nothing was taken: their pieces can be asked for again.
VOID = (Case.State.REFUSED, Case.State.FOUND)


def pieces_left(order: Order) -> dict[OrderLine, int]:
    """The lines that were sent, with the pieces that are in no case yet; 2 queries."""
    taken = dict(
        CaseLine.objects.filter(case__order=order)
        .exclude(case__state__in=VOID)
        .values_list("line_id")
        .annotate(pieces=Sum("pieces"))
    )
    sent = order.lines.filter(unit_net__isnull=False, variant__isnull=False, ignored=False)
    return {line: line.quantity - taken.get(line.pk, 0) for line in sent.select_related("variant__product")}


def reasons(order: Order) -> list[tuple[str, str]]:
    """The reasons for which a case may be opened today, with their words; none for what was not delivered."""
    shipment = order.shipment
    if shipment is None or shipment.state != Shipment.State.DELIVERED:
        return []
    gone = _days_since(shipment)
    found = [(Reason(code), who_pays.window(code)) for code in Reason.values]
    return [(reason.value, str(reason.label)) for reason, days in found if days is not None and gone <= days]


def _days_since(shipment: Shipment) -> int:
    delivered = timezone.localtime(shipment.delivered_at or timezone.now()).date()
    return (timezone.localdate() - delivered).days


@transaction.atomic
def open_case(
    order_id: int, pieces: Mapping[int, int], *, reason: str, note: str, key: uuid.UUID | None, by: int
) -> Case:
    """A case for pieces (by order line) of a delivered order. The same form twice is one case. Raises NotDelivered,
    ReasonNotOffered, WindowOver, NoPieces, TooManyPieces."""
    order = lock(order_id)
    before = Case.objects.filter(order=order, key=key).first() if key else None
    if before is not None:
        return before
    shipment = Shipment.objects.filter(pk=order.shipment_id).first() if order.shipment_id else None
    if shipment is None or shipment.state != Shipment.State.DELIVERED:
        raise NotDelivered(number=order.number)
    days = who_pays.window(reason)
    words = str(dict(Reason.choices).get(reason, reason))
    if days is None:
        raise ReasonNotOffered(reason=words)
    if _days_since(shipment) > days:
        raise WindowOver(reason=words, days=days)
    left = pieces_left(order)
    wanted = {line: pieces.get(line.pk, 0) for line in left if pieces.get(line.pk, 0)}
    if not wanted or min(wanted.values()) < 0:
        raise NoPieces
    for line, number in wanted.items():
        if number > left[line]:
            raise TooManyPieces(sku=line.sku, pieces=left[line])
    case = Case.objects.create(
        order=order,
        kind=Case.Kind.CUSTOMER,
        state=Case.State.ASKED,
        reason=reason,
        note=note[:500],
        key=key,
        opened_by_id=by,
    )
    CaseLine.objects.bulk_create(CaseLine(case=case, line=line, pieces=number) for line, number in wanted.items())
    timeline.record(order.pk, "case_opened", by=by, case=case.number, case_reason=reason)
    return case


@transaction.atomic
def approve(case_id: int, *, fault: str, answer: str, by: int) -> Case:
    """The staff say whose fault it is, and so who pays: by the rule of the day on which the case was opened. The pieces
    may come. Twice is once (AlreadyDone). Raises CaseMoved, NoWhoPays, OwnMatter."""
    case, order = _to_decide(case_id, Case.State.APPROVED, by=by)
    case.rule = who_pays.in_force(case.reason, fault, _day(case.opened_at))
    case.state, case.fault, case.answer = Case.State.APPROVED, fault, answer[:500]
    _decided(case, by=by)
    timeline.record(order.pk, "case_approved", by=by, case=case.number)
    return case


@transaction.atomic
def refuse(case_id: int, *, answer: str, by: int) -> Case:
    """The staff do not take it, and say why. Its pieces can be asked for again. Raises AlreadyDone, CaseMoved,
    AnswerMissing, OwnMatter."""
    case, order = _to_decide(case_id, Case.State.REFUSED, by=by)
    if not answer.strip():
        raise AnswerMissing
    case.state, case.answer = Case.State.REFUSED, answer.strip()[:500]
    _decided(case, by=by)
    timeline.record(order.pk, "case_refused", by=by, case=case.number, text=case.answer[:150])
    return case


def _to_decide(case_id: int, to: str, *, by: int) -> tuple[Case, Order]:
    case, order = locked(case_id)
    must_not_be_own(order, by)
    if case.state == to and case.decided_at is not None:
        raise AlreadyDone.told(case.decided_by, case.decided_at)
    must_be(case, Case.State.ASKED)
    return case, order


def _decided(case: Case, *, by: int) -> None:
    case.decided_by_id, case.decided_at = by, timezone.now()
    case.save()


@transaction.atomic
def receive(case_id: int, *, by: int) -> Case:
    """The pieces are here, or need not come: they can be inspected. Twice is once (AlreadyDone). Raises CaseMoved."""
    case, order = locked(case_id)
    if case.kind != Case.Kind.CUSTOMER:
        raise CaseMoved(number=case.number, state=case.get_state_display())
    if case.state == Case.State.ARRIVED and case.arrived_at is not None:
        raise AlreadyDone.told(case.arrived_by, case.arrived_at)
    must_be(case, Case.State.APPROVED)
    case.state, case.arrived_by_id, case.arrived_at = Case.State.ARRIVED, by, timezone.now()
    case.save()
    timeline.record(order.pk, "case_received", by=by, case=case.number)
    return case


def _day(moment: dt.datetime) -> dt.date:
    return timezone.localtime(moment).date()
