"""Another address for an order that was sent, while its parcel is not packed: priced again, and the difference in the
books. A later word of its shop does not change it (orders/intake/follow.py)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core.address import Address
from orders import problems, timeline
from orders.dispatch import figures
from orders.errors import OrderCancelled, PackedMeanwhile, SameAddress, StaleEdit, TooLate, Undeliverable
from orders.fulfilment import requote
from orders.fulfilment.requote import Requote
from orders.intake import merge
from orders.intake.creation import lock
from orders.intake.data import ADDRESS, kept
from orders.models import Order
from orders.problems import Doubt
from orders.questions import alerts, questions
from shipping.models import Shipment
from shipping.parcels import booking
from wallet import moves

ALERT = "readdressed"  # for the packer, until the parcel is packed
FIELDS = (*ADDRESS, "note")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an address would do to an order, as it is shown before the click. `wanted` is field → text as it would be
    kept, `changes` (field, old, new), `asked` what a person has to look at, `warned` what he may."""

    wanted: Mapping[str, str]
    changes: list[list[str]]
    quote: Requote
    asked: list[Doubt]
    warned: list[Doubt]


def may(order: Order) -> bool:
    """Whether its address may still be changed. Its shipment must be read with it."""
    return order.state == Order.State.DISPATCHED and order.shipment is not None and order.shipment.state == "to_pick"


def check_may(order: Order) -> None:
    """Raises what `propose` raises when there is nothing to change any more."""
    _parcel(order, order.shipment)


def wanted_of(address: Address, note: str) -> Mapping[str, str]:
    """Field → text as the order would keep it."""
    return kept(address, note)


def propose(order: Order, address: Address, note: str, *, method_id: int | None = None) -> Proposal:
    """Writes nothing. Raises TooLate, PackedMeanwhile or OrderCancelled when there is nothing to change any more,
    SameAddress, Undeliverable for one that no parcel finds."""
    return _propose(order, _parcel(order, order.shipment), wanted_of(address, note), method_id)


@transaction.atomic
def readdress(
    order_id: int,
    wanted: Mapping[str, str],
    *,
    version: int,
    seen: str,
    key: uuid.UUID,
    by: int | None,
    method_id: int | None = None,
) -> bool:
    """Sends it to `wanted` (Proposal.wanted), by its own method or by `method_id`; posts the difference. `seen`: the
    figures that were shown. Whether this click did it: the same `key` again does nothing. Raises what `propose` raises,
    StaleEdit when the order is not the `version` that was shown, FiguresChanged, MethodUnavailable, InsufficientFunds;
    nothing is changed then."""
    order = lock(order_id)
    if order.events.filter(code="readdressed", params__key=str(key)).exists():
        return False
    parcels = Shipment.objects.select_related("method__courier")
    shipment = _parcel(order, parcels.filter(pk=order.shipment_id or 0).first())
    if order.version != version:
        raise StaleEdit(number=order.number)
    proposal = _propose(order, shipment, wanted, method_id)
    offer, before = proposal.quote.chosen, proposal.quote.now
    if offer.price is None:
        raise offer.refusal or TooLate(number=order.number)
    changed = figures.changed(seen, offer.price.figures)
    if changed is not None:
        raise changed
    price, is_cod = offer.price, order.payment == Order.Payment.COD
    moves.reship(
        order.reference,
        shipping_net=price.shipping_net,
        cod_fee_net=price.cod_fee_net,
        vat=price.vat,
        guarantee=price.guarantee if is_cod else None,
        key=key,
        by=by,
    )
    for name in FIELDS:
        setattr(order, name, proposal.wanted[name])
    order.shipping_net, order.cod_fee_net, order.vat = price.shipping_net, price.cod_fee_net, price.vat
    order.cost, order.margin, order.method_id = price.cost, price.margin, offer.method_id
    if is_cod:
        order.guarantee = price.guarantee
    order.version, order.readdressed_at = order.version + 1, timezone.now()
    questions.note(order, problems.rows(order, proposal.asked))
    order.save()
    booking.readdress(shipment, order.address, order.note, method_id=offer.method_id, by=by)
    _tell_the_packer(order, proposal.changes)
    alerts.changed_here(order)
    timeline.record(order.pk, "readdressed", by=by, changes=proposal.changes, key=str(key))
    if price.cost != before.cost:
        timeline.record(order.pk, "shipping_repriced", by=by, before=str(before.cost), amount=str(price.cost))
    return True


def _parcel(order: Order, shipment: Shipment | None) -> Shipment:
    """The parcel, if it is still to be picked."""
    if order.state == Order.State.CANCELLED:
        raise OrderCancelled(number=order.number)
    if shipment is None or order.state != Order.State.DISPATCHED:
        raise TooLate(number=order.number)
    if shipment.state == Shipment.State.PACKED:
        raise PackedMeanwhile(number=order.number)
    if shipment.state != Shipment.State.TO_PICK:
        raise TooLate(number=order.number)
    return shipment


def _propose(order: Order, shipment: Shipment, wanted: Mapping[str, str], method_id: int | None) -> Proposal:
    changes = [[name, getattr(order, name), wanted[name]] for name in FIELDS if getattr(order, name) != wanted[name]]
    if not changes:
        raise SameAddress(number=order.number)
    quote = requote.requote(order, shipment, wanted, method_id=method_id)
    there = Order(method_id=quote.chosen.method_id, answered=order.answered, **wanted)
    doubts = [doubt for doubt in problems.of_address(there) if not problems.is_answered(order, doubt)]
    for doubt in doubts:
        if doubt.blocking and not problems.CATALOGUE[doubt.code].answerable:
            raise Undeliverable(why=problems.words(doubt.code, doubt.params))
    return Proposal(
        wanted=wanted,
        changes=changes,
        quote=quote,
        asked=[doubt for doubt in doubts if doubt.blocking],
        warned=[doubt for doubt in doubts if not doubt.blocking],
    )


def _tell_the_packer(order: Order, changes: list[list[str]]) -> None:
    """From the first old address to the last new one: that is what his papers may say, and what they must."""
    known = order.problems.filter(code=ALERT).first()
    together = merge.together(known.params["changes"] if known else [], changes)
    problems.alert(order, ALERT, {"changes": together})
