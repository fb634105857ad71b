"""What the page of an order shows, decided once for its template."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.address import PlaceDoubt, check_place, is_known, unsure
from core.errors import DomainError
from orders.dispatch import plan
from orders.dispatch.price import Price
from orders.failed import lists
from orders.failed.who_pays import refusal_rule, refused_cost
from orders.fulfilment import cancel as cancelling
from orders.fulfilment import readdress, standing
from orders.intake.data import as_kept
from orders.models import Case, Order, Problem
from orders.problems import CATALOGUE, is_alert
from orders.templatetags.orders_words import amount
from shipping.parcels.tracking import STILL_HERE
from wallet.queries import entries_of

UNDECIDED = (Order.Payment.AWAITING, Order.Payment.REVIEW)


@dataclass(frozen=True, slots=True)
class Alert:
    """What somebody should know of an order that was sent. `as_in_shop`: it can be sent where the shop says by now.
    `lower`: what is collected at the door can be lowered to `owed` (EUR, VAT included)."""

    problem: Problem
    advice: str
    as_in_shop: bool
    lower: bool
    owed: Decimal | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A payment kind that a person may say it is."""

    value: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The question before a cancellation. `comes_back`: what returns to the wallet (EUR, VAT included); None when
    nothing was charged."""

    question: str
    comes_back: Decimal | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """What the page of an order shows: which actions there are, with their words, and which notes and doubts. An action
    that is None, empty or False is not there. Amounts in EUR, VAT included. `sync_need`: what leaves the wallet at
    Sincronizza, where nothing stands against it. `moved`: the address was changed after it was sent. `undecided`: its
    payment is to be decided first. `figures`: of the plan while it is open, then those it was sent with; None while
    they are not known. `missing`: how many articles are not in them. `after`: the preview, where it is complete."""

    list_href: str
    key: uuid.UUID
    sold_on: str
    # actions
    edit: str
    duplicate: str
    restore: bool
    sync: bool
    sync_need: Decimal | None
    edit_recipient: bool
    readdress: bool
    choose_method: bool
    kinds: Sequence[Kind]
    cancel: Cancelling | None
    # notes
    alerts: Sequence[Alert]
    refusal: DomainError | None
    problems: Sequence[Problem]
    problems_title: str
    moved: bool
    undecided: bool
    tracking_later: str
    has_document: bool  # a DDT, which the reseller may read
    # doubts about the place
    doubts: Sequence[PlaceDoubt]
    agrees: bool
    unsure: PlaceDoubt | None
    # money
    figures: Price | standing.Standing | None
    is_cod: bool
    missing: int
    todays_prices: bool
    after: plan.Preview | None
    refused_cost: Decimal | None
    entries: Sequence[Any]
    # returns
    cases: Sequence[Case]
    ask_return: bool

    @property
    def short_of_money(self) -> bool:
        return self.refusal is not None and self.refusal.code == "insufficient_funds"


def page_of(order: Order, preview: plan.Preview | None, *, may: bool, list_href: str, sees: bool = True) -> OrderPage:
    """`may`: the reader does orders; `sees`: they are shown customers. Before the customer is veiled: the doubts are
    about the true address."""
    opened, cancelled = order.is_open, order.state == Order.State.CANCELLED
    problems = list(order.problems.all())
    price, refusal = (preview.price, preview.refusal) if preview else (None, None)
    agrees = opened and is_known(order.address)
    shows_after = preview is not None and price is not None and not preview.unknown
    return OrderPage(
        list_href=list_href,
        key=uuid.uuid4(),
        sold_on=_sold_on(order),
        edit=_edit_words(order) if opened and may else "",
        duplicate="" if not may else _("Make it again as a draft") if cancelled else _("Duplicate"),
        restore=may and cancelling.may_restore(order),
        sync=may and order.state == Order.State.READY,
        sync_need=price.wallet_need if price and not refusal else None,
        edit_recipient=opened and may,
        readdress=not opened and may and readdress.may(order),
        choose_method=opened and may and order.shipment is None,
        kinds=_kinds(order) if opened and may else (),
        cancel=_cancelling(order) if may else None,
        alerts=[] if opened else _alerts(order, problems),
        refusal=refusal if order.state == Order.State.READY else None,
        problems=problems if opened else [],
        problems_title=_("To fix before it can go") if any(row.blocking for row in problems) else _("Worth a look"),
        moved=order.readdressed_at is not None and not cancelled,
        undecided=opened and may and order.payment in UNDECIDED,
        has_document=sees and not cancelled and hasattr(order, "transport_document"),
        tracking_later="–" if cancelled else _("when the parcel leaves the warehouse"),
        doubts=check_place(order.address) if opened else [],
        agrees=agrees,
        unsure=unsure(order.address) if opened and not agrees else None,
        figures=price if preview else standing.of(order) if order.cost is not None else None,
        is_cod=order.payment == Order.Payment.COD,
        missing=len(preview.unknown) if preview else 0,
        todays_prices=preview is not None,
        after=preview if shows_after else None,
        refused_cost=_refused_cost(order, price),
        entries=[one for one in entries_of(order.reference) if one.moves] if order.shipment_id else [],
        cases=lists.cases_of(order) if order.shipment_id else [],
        ask_return=may and order.shipment is not None and order.shipment.state == "delivered",
    )


def _refused_cost(order: Order, price: Price | None) -> Decimal | None:
    if price is None or order.payment != Order.Payment.COD:
        return None
    return refused_cost(price, refusal_rule()) or None


def _sold_on(order: Order) -> str:
    """The marketplace or shop, with its own number: an order by hand may have neither."""
    place = order.source_label or ("" if order.source == "manual" else order.source)
    if not (order.source_number or order.source_label):
        return ""
    return f"{place} #{order.source_number}" if order.source_number else place


def _edit_words(order: Order) -> str:
    return _("Complete the order") if order.state == Order.State.DRAFT else _("Edit")


def _kinds(order: Order) -> list[Kind]:
    """What its payment may be said to be: of an order by hand only while it is not decided."""
    if order.payment not in UNDECIDED and order.source == "manual":
        return []
    every = [
        Kind(Order.Payment.PREPAID, "credit-card", _("It is prepaid")),
        Kind(Order.Payment.COD, "cash", _("It is COD")),
    ]
    return [kind for kind in every if kind.value != order.payment]


def _cancelling(order: Order) -> Cancelling | None:
    if not _may_cancel(order):
        return None
    dispatched = order.state == Order.State.DISPATCHED
    params = {"number": order.number, "name": order.name or "–", "city": order.city}
    question = _("Cancel %(number)s for %(name)s, %(city)s?") if order.city else _("Cancel %(number)s for %(name)s?")
    return Cancelling(question % params, standing.frozen(order).wallet_need if dispatched else None)


def _may_cancel(order: Order) -> bool:
    return order.is_open or (order.shipment is not None and order.shipment.state == "to_pick")


def _alerts(order: Order, problems: Iterable[Problem]) -> list[Alert]:
    here = order.shipment is not None and order.shipment.state in STILL_HERE
    moved = readdress.may(order) and _elsewhere_in_shop(order)
    found = []
    for problem in problems:
        if is_alert(problem.code) and not CATALOGUE[problem.code].desk:
            owed = amount(problem.params.get("owed"))
            lower = problem.code == "owes_less" and here and owed is not None
            as_in_shop = problem.code == "changed_in_shop" and moved
            found.append(Alert(problem, _advice(problem.code, _may_cancel(order), here), as_in_shop, lower, owed))
    return found


def _advice(code: str, may_cancel: bool, here: bool) -> str:
    """What can be done about an alert while the parcel is `here`, or that nothing can."""
    if code in ("cancelled_in_shop", "asked_in_shop") and may_cancel:
        return _("The parcel is still here: you can cancel the order and everything is given back.")
    if code == "cancelled_in_shop":
        return _("The parcel has left: if the customer refuses it, it comes back.")
    if code == "asked_in_shop":
        if here:
            return _("The parcel is packed and still here: ask the warehouse to stop it.")
        return _("The parcel has left.")
    if code == "owes_less":
        if here:
            return _("The parcel is still here: what the courier collects can be lowered.")
        return _("The parcel has left: tell the customer, and give back what he pays too much.")
    if code == "renumbered":
        return _("If you gave the customer the old number, tell him the new one.")
    return _("The parcel goes as it was when you sent it. Compare it with the shop.")


def _elsewhere_in_shop(order: Order) -> bool:
    """Whether its shop names another place by now than the parcel has."""
    if order.source == "manual" or not order.shop_data.get("address"):
        return False
    told = as_kept(order.shop_data)
    return any(told[name] != getattr(order, name) for name in readdress.FIELDS)
