"""A parcel that its courier lost: credited by the table at once or when the claim is decided, claimed from the courier,
and found again, which happens. Locks: order → stock → wallet."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog import stock
from core.errors import AlreadyDone
from core.money import ZERO, cents
from orders import states, timeline
from orders.failed import claims, who_pays
from orders.failed.errors import BadClaimPayment, CaseMoved, ClaimMoved, MoreThanClaimed, NotOnTheRoad, WrongPieces
from orders.failed.reckoning import Figures, figures
from orders.failed.returned import (
    ON_THE_ROAD,
    REASON,
    all_pieces,
    case_reference,
    close,
    lines_of,
    locked,
    must_be,
    parcel,
)
from orders.fulfilment.parcels import must_not_be_own
from orders.intake.creation import lock
from orders.models import Case, CaseLine, Claim, Fault, Order, Reason, WhoPays
from shipping.models import Shipment
from shipping.parcels import tracking
from wallet import moves

S, Cash = Shipment.State, Shipment.Cash


@transaction.atomic
def lose(order_id: int, *, by: int, note: str = "", documents: str = "", fault: str = Fault.COURIER) -> Case:
    """The courier lost the parcel: a case of all its pieces and a claim with its last day. By the rule in force today
    the reseller is credited now, or the case waits for the courier. Raises AlreadyDone, NotOnTheRoad, NoWhoPays,
    OwnMatter; InsufficientFunds where the table charges what the wallet has not."""
    order = lock(order_id)
    must_not_be_own(order, by)
    shipment = parcel(order)
    before = order.cases.filter(kind=Case.Kind.LOST).select_related("opened_by").order_by("-pk").first()
    if before is not None:
        raise AlreadyDone.told(before.opened_by, before.opened_at)
    if shipment.state not in ON_THE_ROAD:
        raise NotOnTheRoad(number=order.number, state=shipment.get_state_display())
    rule = who_pays.in_force(Reason.LOST, fault)
    case = Case.objects.create(
        order=order,
        kind=Case.Kind.LOST,
        state=Case.State.WAITING,
        reason=Reason.LOST,
        fault=fault,
        rule=rule,
        note=note[:500],
        opened_by_id=by,
    )
    case.order = order
    all_pieces(case, order)
    case.lines.update(missing=F("pieces"))
    tracking.move(shipment, S.LOST, by=by, note=note)
    timeline.record(order.pk, "lost", by=by, case=case.number)
    now = figures(case, order, shipment, rule, lines_of(case))
    if now.claim and rule.claim_days is not None:
        claims.open_for(case, amount=now.claim, days=rule.claim_days, by=by, documents=documents)
    if rule.credit == WhoPays.Credit.AT_ONCE:
        _credit(case, order, shipment, now, by=by)
    return case


@transaction.atomic
def decide(case_id: int, *, by: int) -> Case:
    """The reseller is credited by the table for a loss that waited. Raises AlreadyDone, CaseMoved, OwnMatter."""
    case, order = locked(case_id)
    must_not_be_own(order, by)
    if case.state == Case.State.SETTLED and case.settled_at is not None:
        raise AlreadyDone.told(case.settled_by, case.settled_at)
    must_be(case, Case.State.WAITING)
    _credit_now(case, order, by=by)
    return case


def _credit_now(case: Case, order: Order, *, by: int) -> None:
    assert case.rule is not None
    shipment = parcel(order)
    _credit(case, order, shipment, figures(case, order, shipment, case.rule, lines_of(case)), by=by)


def _credit(case: Case, order: Order, shipment: Shipment, now: Figures, *, by: int) -> None:
    """Reversed as if it had been cancelled; what the table lays on the reseller all the same is kept."""
    charged = [now.part(code) for code in ("storage", "handling")]
    goods, out = now.part("goods"), now.part("way_out")
    if now.unpaid:
        tracking.move_cash(shipment, Cash.REVERSED, by=by, note=case.number)
        kept = moves.Kept(
            goods_net=-goods.net,
            fees_net=-out.net - sum((part.net for part in charged), ZERO),
            vat=-now.vat,
            lost_net=now.lost_net,
        )
    else:
        kept = moves.Kept(
            goods_net=(order.goods_net or ZERO) - goods.net,
            fees_net=(order.shipping_net or ZERO) - out.net - sum((part.net for part in charged), ZERO),
            vat=(order.vat or ZERO) - now.vat,
            lost_net=now.lost_net,
        )
    moves.lose(order.reference, kept=kept, memo=f"{REASON}{case.reason}", by=by)
    close(case, order, now, by=by)


# ---- the claim


def _locked_claim(claim_id: int) -> tuple[Claim, Case, Order]:
    case, order = locked(Claim.objects.values_list("case_id", flat=True).get(pk=claim_id))
    claim = Claim.objects.get(pk=claim_id)
    claim.case = case
    return claim, case, order


def _must_be(claim: Claim, *wanted: str) -> None:
    if claim.state not in wanted:
        raise ClaimMoved(state=claim.get_state_display())


@transaction.atomic
def send(claim_id: int, *, amount: Decimal, reference: str, documents: str, note: str, by: int) -> Claim:
    """The courier was told: under which number, with which documents, for how much. May be said again until the courier
    has answered. Raises ClaimMoved, BadClaimPayment."""
    claim, case, order = _locked_claim(claim_id)
    _must_be(claim, Claim.State.OPEN, Claim.State.SENT)
    if amount <= ZERO:
        raise BadClaimPayment
    claim.state, claim.amount, claim.by_id = Claim.State.SENT, amount, by
    claim.reference, claim.documents, claim.note = reference[:60], documents[:300], note[:500]
    claim.sent_at = claim.sent_at or timezone.now()
    claim.save()
    timeline.record(order.pk, "claim_sent", by=by, case=case.number)
    return claim


@transaction.atomic
def paid(claim_id: int, *, amount: Decimal, by: int) -> Claim:
    """What the courier paid is on the supplier's account; a case that waited is credited. Twice is once (AlreadyDone).
    Raises ClaimMoved, BadClaimPayment, MoreThanClaimed, OwnMatter."""
    claim, case, order = _locked_claim(claim_id)
    must_not_be_own(order, by)
    if claim.state == Claim.State.PAID and claim.closed_at is not None:
        raise AlreadyDone.told(claim.by, claim.closed_at)
    _must_be(claim, Claim.State.OPEN, Claim.State.SENT)
    if amount <= ZERO or amount != cents(amount):
        raise BadClaimPayment
    if amount > claim.amount:  # a slip of the comma would stand in the books for good
        raise MoreThanClaimed(claimed=str(claim.amount))
    if case.state == Case.State.WAITING:
        _credit_now(case, order, by=by)
    moves.reimburse(order.reference, key=case_reference(case), amount=amount, by=by, memo=f"{REASON}{case.reason}")
    claim.state, claim.paid, claim.closed_at, claim.by_id = Claim.State.PAID, amount, timezone.now(), by
    claim.save()
    timeline.record(order.pk, "claim_paid", by=by, case=case.number)
    return claim


@transaction.atomic
def not_paid(claim_id: int, *, note: str, by: int) -> Claim:
    """The courier does not pay: the loss stays the supplier's, and a case that waited is credited by the table all the
    same. Raises ClaimMoved, OwnMatter."""
    claim, case, order = _locked_claim(claim_id)
    must_not_be_own(order, by)
    _must_be(claim, Claim.State.OPEN, Claim.State.SENT)
    if case.state == Case.State.WAITING:
        _credit_now(case, order, by=by)
    claim.state, claim.closed_at, claim.by_id = Claim.State.REFUSED, timezone.now(), by
    claim.note = note[:500] or claim.note
    claim.save()
    timeline.record(order.pk, "claim_refused", by=by, case=case.number)
    return claim


# ---- found again


@transaction.atomic
def delivered_after_all(order_id: int, *, by: int) -> Order:
    """A lost parcel was delivered: the sale stands again, what was credited is taken back and COD cash is collected.
    Raises CaseMoved where no loss stands, OwnMatter, InsufficientFunds when the reseller has spent it."""
    order = lock(order_id)
    must_not_be_own(order, by)
    shipment, case = parcel(order), _loss_of(order)
    settled = case.state == Case.State.SETTLED
    if settled:
        moves.find(order.reference, delivered=True, by=by, memo=f"{REASON}{case.reason}")
    if shipment.cash and order.state == Order.State.COMPLETED:
        states.move_back(order)
    if settled:
        order.margin = _margin(order)
        order.save(update_fields=["margin", "updated_at"])
    tracking.move(shipment, S.DELIVERED, by=by, note=case.number)
    if shipment.cash:
        tracking.move_cash(shipment, Cash.COLLECTED, by=by, note=case.number)
    elif order.state == Order.State.DISPATCHED:
        states.move(order, Order.State.COMPLETED, event="completed", by=by)
    _is_found(case, shipment)
    timeline.record(order.pk, "found_delivered", by=by, case=case.number)
    return order


def _margin(order: Order) -> Decimal | None:
    """As Sincronizza froze it (orders/dispatch/price.py)."""
    if order.payment == Order.Payment.COD:
        return (order.to_collect or ZERO) - (order.cost or ZERO)
    known = order.sale_total is not None and order.currency == "EUR"
    return (order.sale_total or ZERO) - (order.cost or ZERO) if known else None


@transaction.atomic
def back_after_all(order_id: int, restock: Mapping[int, int], *, by: int) -> Order:
    """A lost parcel that was credited came back to the desk: what can be sold again (pieces by case line) is stock and
    the supplier's loss no more; what was credited stays. One that was not credited yet is taken in as any other
    (returned.arrive). Raises CaseMoved, WrongPieces, OwnMatter."""
    order = lock(order_id)
    must_not_be_own(order, by)
    shipment, case = parcel(order), _loss_of(order)
    must_be(case, Case.State.SETTLED)
    lines = lines_of(case)
    pieces: dict[int, int] = {}
    worth = ZERO
    for line in lines:
        again = restock.get(line.pk, 0)
        if not 0 <= again <= line.pieces:
            raise WrongPieces(sku=line.line.sku, pieces=line.pieces)
        if again and line.line.variant_id:
            pieces[line.line.variant_id] = pieces.get(line.line.variant_id, 0) + again
        worth += (line.line.unit_net or ZERO) * again
        line.restock, line.missing = again, line.pieces - again
    CaseLine.objects.bulk_update(lines, ["restock", "missing"])
    stock.receive_all(dict(sorted(pieces.items())), by=by, reference=case_reference(case))
    moves.find(
        order.reference,
        delivered=False,
        goods_net=min(worth, case.lost_net or ZERO),
        by=by,
        memo=f"{REASON}{case.reason}",
    )
    tracking.move(shipment, S.RETURNED, by=by, note=case.number)
    _is_found(case, shipment)
    timeline.record(order.pk, "found_back", by=by, case=case.number)
    return order


def _loss_of(order: Order) -> Case:
    case = order.cases.filter(kind=Case.Kind.LOST).select_related("rule").order_by("-pk").first()
    if case is None:
        raise NotOnTheRoad(number=order.number, state=order.get_state_display())
    if case.state not in (Case.State.WAITING, Case.State.SETTLED):
        raise CaseMoved(number=case.number, state=case.get_state_display())
    return case


def _is_found(case: Case, shipment: Shipment) -> None:
    """Who was told that it was lost is told otherwise."""
    claims.drop(case)
    case.state = Case.State.FOUND
    case.save(update_fields=["state"])
    shipment.corrected_at = timezone.now()
    shipment.save(update_fields=["corrected_at"])
