"""What the pages of returns read with: cases and claims by state, and what a scan names. A reseller's start from their
company; an id from outside goes by access_*."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core.money import ZERO
from core.requests import whole_number
from orders import queries
from orders.failed import returned
from orders.failed.reckoning import Figures
from orders.models import Case, CaseLine, Claim, Order, Payer
from shipping.models import Shipment

S = Case.State
TABS: dict[str, tuple[str | Promise, Q]] = {
    "inspect": (_("To inspect"), Q(state=S.ARRIVED)),
    "decide": (_("To decide"), Q(state=S.ASKED)),
    "coming": (_("To come"), Q(state=S.APPROVED)),
    "claims": (_("Claims"), Q(claim__state__in=[Claim.State.OPEN, Claim.State.SENT]) | Q(state=S.WAITING)),
    "done": (_("Closed"), Q(state__in=[S.SETTLED, S.REFUSED, S.FOUND])),
}
_PARTS = {
    "goods": _("Goods"),
    "way_out": _("Way out"),
    "way_back": _("Way back"),
    "storage": _("Storage"),
    "handling": _("Handling"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of what is or will be posted: EUR, VAT excluded, signed as the reseller gains."""

    code: str
    words: str | Promise
    payer: str
    net: Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """`rows` and `vat` sum to `total` (VAT included). `held` and `released` of an unpaid COD parcel: its guarantee, and
    what of it goes back to the wallet (below zero: what the wallet pays beside it); None where there was none."""

    rows: list[Row]
    vat: Decimal
    total: Decimal
    reversed_collect: Decimal | None = None
    held: Decimal | None = None
    released: Decimal | None = None
    mark: str = ""


def money_of(case: Case, figures: Figures | None) -> Money | None:
    """What was posted, or what will be; None while nobody knows."""
    payers = {code: str(Payer(getattr(case.rule, code)).label) if case.rule else "" for code in _PARTS}
    if figures is not None:
        return Money(
            rows=[Row(part.code, _PARTS[part.code], str(Payer(part.payer).label), part.net) for part in figures.parts],
            vat=figures.vat,
            total=figures.total,
            reversed_collect=figures.reversed_collect or None,
            held=figures.held or None,
            released=figures.released if figures.held else None,
            mark=figures.mark,
        )
    if case.total is None:
        return None
    nets = {
        "goods": case.goods_net,
        "way_out": case.out_net,
        "way_back": case.back_net,
        "storage": case.storage_due,
        "handling": case.handling_net,
    }
    if case.order.payment == Order.Payment.COD and case.kind != Case.Kind.CUSTOMER and case.rule:
        payers["goods"] = str(Payer(case.rule.goods_unpaid).label)
    rows = [Row(code, _PARTS[code], payers[code], net or ZERO) for code, net in nets.items()]
    return Money(rows=rows, vat=case.vat or ZERO, total=case.total)


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("order__dropshipper", "order__shipment__method__courier", "rule", "claim")


def access_any_case(pk: int) -> Case:
    """For staff pages alone: whoever's it is."""
    return get_object_or_404(_cases().select_related("opened_by", "decided_by", "arrived_by", "settled_by"), pk=pk)


def access_case(dropshipper: Dropshipper, pk: int) -> Case:
    """The company's own case; a stranger's is a 404."""
    return get_object_or_404(_cases(), pk=pk, order__dropshipper=dropshipper)


def access_any_claim(pk: int) -> Claim:
    return get_object_or_404(Claim.objects.select_related("case__order"), pk=pk)


def desk(tab: str) -> QuerySet[Case]:
    """The cases of a tab of the desk; the page sorts them."""
    return _cases().filter(TABS[tab][1])


def desk_counts() -> dict[str, int]:
    """Bounded; 1 statement."""
    return queries.count_each({name: Case.objects.filter(of_tab) for name, (_words, of_tab) in TABS.items()})


def mine(dropshipper: Dropshipper) -> QuerySet[Case]:
    return _cases().filter(order__dropshipper=dropshipper)


def cases_of(order: Order) -> list[Case]:
    """All cases of an order, the newest first; 1 query."""
    found = list(Case.objects.filter(order=order).select_related("rule").order_by("-pk"))
    for case in found:
        case.order = order
    return found


def lines_of(case: Case) -> list[CaseLine]:
    return returned.lines_of(case)


def by_scan(text: str) -> Case | Order:
    """What a scanned code names: a case by its number (R-000012), else the parcel's order by ours or the courier's
    number. Of an order that has one open case, that one. Http404 if nothing."""
    text = text.strip()
    head, _dash, digits = text.upper().partition("-")
    number = whole_number(digits, 9)
    if head == "R" and number is not None:
        return access_any_case(number)
    order = queries.by_scan(text)
    open_ = [case for case in order.cases.order_by("-pk") if case.is_open]
    return open_[0] if len(open_) == 1 and open_[0].state != S.WAITING else order


def on_their_way_back() -> int:
    """Parcels of which the courier says that they come back."""
    return Shipment.objects.filter(state=Shipment.State.RETURNING).count()


def preview(case: Case) -> Figures | None:
    return returned.preview(case) if case.state == S.ARRIVED else None


def may_be_taken_in(order: Order) -> bool:
    """Whether the order's parcel can come back now, or be lost."""
    shipment: Any = order.shipment
    return bool(shipment and order.state != Order.State.CANCELLED and shipment.state in returned.ON_THE_ROAD)


def may_come_back(order: Order) -> bool:
    """May be taken in at the desk: on the road, or lost and not credited yet."""
    if may_be_taken_in(order):
        return True
    lost: Any = order.shipment and order.shipment.state == Shipment.State.LOST
    return bool(lost) and order.cases.filter(kind=Case.Kind.LOST, state=S.WAITING).exists()


def undelivered(order: Order) -> Case | None:
    """The loss of a lost parcel that may be found again."""
    rows = order.cases.filter(kind=Case.Kind.LOST, state__in=[S.WAITING, S.SETTLED])
    return rows.first()
