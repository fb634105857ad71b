"""What comes back: taken in by scan, inspected piece by piece, settled in one act: money, stock, parcel and order.

Taking in and inspecting move no money. Locks: order → stock → wallet."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog import stock
from core.errors import AlreadyDone
from core.money import ZERO
from orders import states, timeline
from orders.failed import claims, who_pays
from orders.failed.errors import CaseFiguresMoved, CaseMoved, CashOut, NotInspected, NotOnTheRoad, WrongPieces
from orders.failed.reckoning import Figures, Found, figures
from orders.fulfilment.parcels import must_not_be_own
from orders.intake.creation import lock
from orders.models import Case, CaseLine, Order
from shipping.models import Shipment
from shipping.parcels import tracking
from wallet import moves

S, Cash = Shipment.State, Shipment.Cash
ON_THE_ROAD = (S.SHIPPED, S.OUT_FOR_DELIVERY, S.HELD, S.RETURNING)
REASON = "reason:"  # begins the note of an entry, which wallet/queries.py tells in the reader's language


@transaction.atomic
def arrive(order_id: int, *, reason: str, fault: str, by: int, note: str = "") -> Case:
    """A parcel that was never delivered is back at the desk: a case of all its pieces, to be inspected. The rule is the
    one in force today. Raises AlreadyDone (it was taken in before), NotOnTheRoad, NoWhoPays."""
    order = lock(order_id)
    shipment = parcel(order)
    before = order.cases.filter(kind=Case.Kind.BACK).select_related("arrived_by").first()
    if before is not None:
        raise AlreadyDone.told(before.arrived_by, before.arrived_at or before.opened_at)
    waiting = order.cases.filter(kind=Case.Kind.LOST, state=Case.State.WAITING).first()
    if shipment.state not in ON_THE_ROAD and not (shipment.state == S.LOST and waiting):
        raise NotOnTheRoad(number=order.number, state=shipment.get_state_display())
    rule = who_pays.in_force(reason, fault)
    if waiting is not None:  # nothing was credited yet: it is found, and that is all
        claims.drop(waiting)
        waiting.state = Case.State.FOUND
        waiting.save(update_fields=["state"])
        shipment.corrected_at = timezone.now()  # who was told that it was lost is told otherwise
        shipment.save(update_fields=["corrected_at"])
    now = timezone.now()
    case = Case.objects.create(
        order=order,
        kind=Case.Kind.BACK,
        state=Case.State.ARRIVED,
        reason=reason,
        fault=fault,
        rule=rule,
        note=note[:500],
        opened_by_id=by,
        arrived_by_id=by,
        arrived_at=now,
    )
    all_pieces(case, order)
    tracking.move(shipment, S.RETURNED, by=by, note=note)
    timeline.record(order.pk, "came_back", by=by, case=case.number, case_reason=reason)
    return case


def all_pieces(case: Case, order: Order) -> None:
    sent = order.lines.filter(unit_net__isnull=False, variant__isnull=False, ignored=False)
    CaseLine.objects.bulk_create(CaseLine(case=case, line=line, pieces=line.quantity) for line in sent)


@transaction.atomic
def inspect(
    case_id: int,
    found: Mapping[int, Found],
    *,
    by: int,
    storage_net: Decimal = ZERO,
    back_price: Decimal | None = None,
) -> Case:
    """How each piece was found (by case line), what the courier asked for storage, and what the way back cost where it
    was not the tariff's (a customer's return alone). May be changed until it is settled. Raises CaseMoved, WrongPieces,
    NotInspected."""
    case, _order = locked(case_id)
    must_be(case, Case.State.ARRIVED)
    lines = lines_of(case)
    for line in lines:
        said = found.get(line.pk, Found())
        if min(said.restock, said.second, said.scrap, said.missing) < 0 or said.pieces > line.pieces:
            raise WrongPieces(sku=line.line.sku, pieces=line.pieces)
        if said.pieces < line.pieces:
            raise NotInspected
        line.restock, line.second, line.scrap, line.missing = said.restock, said.second, said.scrap, said.missing
    CaseLine.objects.bulk_update(lines, ["restock", "second", "scrap", "missing"])
    case.storage_net = storage_net
    case.back_price = back_price if case.kind == Case.Kind.CUSTOMER else None
    case.save(update_fields=["storage_net", "back_price"])
    timeline.record(case.order_id, "inspected", by=by, case=case.number)
    return case


def is_inspected(lines: list[CaseLine]) -> bool:
    return all(line.pieces == line.restock + line.second + line.scrap + line.missing for line in lines)


def preview(case: Case) -> Figures | None:
    """What settling it would post; None until every piece was inspected. For the page; reads only."""
    lines = lines_of(case)
    if case.rule is None or not is_inspected(lines):
        return None
    return figures(case, case.order, parcel(case.order), case.rule, lines)


@transaction.atomic
def settle(case_id: int, *, shown: str, by: int) -> Case:
    """Money, stock and order at once, as the page showed it (`shown`: Figures.mark): what can be sold again is stock,
    the reseller is credited or charged by the table, the parcel's order is over. Once: AlreadyDone tells who. Raises
    OwnMatter, CaseMoved, CashOut, NotInspected, CaseFiguresMoved; InsufficientFunds, when the costs are above what
    guarantee and wallet have: nothing was changed then."""
    case, order = locked(case_id)
    must_not_be_own(order, by)
    if case.state == Case.State.SETTLED and case.settled_at is not None:
        raise AlreadyDone.told(case.settled_by, case.settled_at)
    must_be(case, Case.State.ARRIVED)
    shipment, lines = parcel(order), lines_of(case)
    if not is_inspected(lines) or case.rule is None:
        raise NotInspected
    if shipment.cash == Cash.COLLECTED:
        raise CashOut(number=order.number)
    now = figures(case, order, shipment, case.rule, lines)
    if now.mark != shown:
        raise CaseFiguresMoved(before=shown.partition("/")[0], now=str(now.total))
    restocked: dict[int, int] = {}
    for line in lines:
        if line.restock and line.line.variant_id:
            restocked[line.line.variant_id] = restocked.get(line.line.variant_id, 0) + line.restock
    stock.receive_all(dict(sorted(restocked.items())), by=by, reference=case_reference(case))
    if now.unpaid:
        tracking.move_cash(shipment, Cash.REVERSED, by=by, note=case.number)
        _post_unpaid(case, order, now, by=by)
    else:
        _post_paid(case, order, now, by=by)
    close(case, order, now, by=by)
    if now.claim and case.rule.claim_days is not None:
        claims.open_for(case, amount=now.claim, days=case.rule.claim_days, by=by)
    return case


def _post_unpaid(case: Case, order: Order, now: Figures, *, by: int) -> None:
    out, back = now.part("way_out"), now.part("way_back")
    goods, storage, handling = now.part("goods"), now.part("storage"), now.part("handling")
    more = moves.Kept(
        goods_net=-goods.net,
        fees_net=-storage.net - handling.net,
        vat=-goods.vat - storage.vat - handling.vat,
        lost_net=now.lost_net,
    )
    moves.refuse(
        order.reference,
        out_net=-out.net,
        shipping_vat=-out.vat,
        return_net=-back.net,
        return_vat=-back.vat,
        more=more,
        memo=f"{REASON}{case.reason}",
        by=by,
    )


def _post_paid(case: Case, order: Order, now: Figures, *, by: int) -> None:
    goods, out = now.part("goods"), now.part("way_out")
    charged = [now.part(code) for code in ("way_back", "storage", "handling")]
    costs = moves.Kept(
        fees_net=-sum((part.net for part in charged), ZERO),
        vat=-sum((part.vat for part in charged), ZERO),
        lost_net=now.lost_net,
    )
    moves.give_back(
        order.reference,
        key=case_reference(case),
        goods_net=goods.net,
        shipping_net=out.net,
        vat=goods.vat + out.vat,
        charge=costs,
        memo=f"{REASON}{case.reason}",
        by=by,
    )


def close(case: Case, order: Order, now: Figures, *, by: int | None) -> None:
    """The case has its figures and is over, and so is an order that was still under way."""
    for line in (lines := lines_of(case)):
        line.credit_net = ZERO if now.unpaid else now.credits[line.pk]
    CaseLine.objects.bulk_update(lines, ["credit_net"])
    case.state, case.settled_by_id, case.settled_at = Case.State.SETTLED, by, timezone.now()
    case.goods_net, case.out_net = now.part("goods").net, now.part("way_out").net
    case.back_net, case.storage_due = now.part("way_back").net, now.part("storage").net
    case.handling_net, case.lost_net, case.vat = now.part("handling").net, now.lost_net, now.vat
    case.total = now.total
    case.save()
    timeline.record(order.pk, "case_settled", by=by, case=case.number, total=str(now.total))
    if now.unpaid:  # the sale never was: what the case costs is all that is left of it
        order.margin = now.total
        order.save(update_fields=["margin", "updated_at"])
    elif case.kind != Case.Kind.CUSTOMER:  # nor was this one: what it cost beyond what is credited
        order.margin = now.total - (order.cost or ZERO)
        order.save(update_fields=["margin", "updated_at"])
    if order.state == Order.State.DISPATCHED:
        states.move(order, Order.State.COMPLETED, event="completed", by=by)


# ---- what the acts of a case share


def locked(case_id: int) -> tuple[Case, Order]:
    """The case as it is under its order's lock: nobody changes a case who has not locked its order."""
    order = lock(Case.objects.values_list("order_id", flat=True).get(pk=case_id))
    case = Case.objects.select_related("rule", "settled_by", "decided_by").get(pk=case_id)
    case.order = order
    return case, order


def lines_of(case: Case) -> list[CaseLine]:
    return list(case.lines.select_related("line__variant__product").order_by("line__position", "line_id"))


def must_be(case: Case, *wanted: Any) -> None:
    if case.state not in wanted:
        raise CaseMoved(number=case.number, state=case.get_state_display())


def parcel(order: Order) -> Shipment:
    """The order's parcel, which nobody moves who has not locked the order. Raises NotOnTheRoad for an order that has
    none or was cancelled."""
    if order.shipment_id is None or order.state == Order.State.CANCELLED:
        raise NotOnTheRoad(number=order.number, state=order.get_state_display())
    return Shipment.objects.select_related("method__courier").get(pk=order.shipment_id)


def case_reference(case: Case) -> str:
    """The name of a case in stock moves, and of its entries within those of its order."""
    return f"return:{case.pk}"
