"""What a person says of an order's questions, conflicts and alerts, on the order's page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PortalRequest, role_required
from core.errors import DomainError
from core.money import ZERO, BadAmount, from_shop
from core.templatetags.mci import euro
from orders import queries
from orders.errors import StaleEdit
from orders.fulfilment import collect
from orders.models import Order
from orders.pages.list import back
from orders.questions import alerts, conflicts, questions


@require_POST
@role_required("orders")
def seen(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:seen: an alert about a sent order was read."""
    order = queries.access_order(request.dropshipper, pk)
    code, subject = request.POST.get("code", ""), request.POST.get("subject", "").replace("\0", "")
    try:
        done = alerts.seen(order.pk, code, subject=subject, by=request.user.pk, seen=_seen(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if done:
            messages.success(request, _("Noted: you have seen it."))
        else:
            messages.info(request, _("This was settled already."))
    return back(request, order)


@require_POST
@role_required("orders")
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:answer: "I have looked, it is right as it is". Twice is once; another question than the one that was shown
    is not answered."""
    order = queries.access_order(request.dropshipper, pk)
    code, subject = request.POST.get("code", ""), request.POST.get("subject", "").replace("\0", "")

    def act() -> bool:
        return questions.answer(order.pk, code, subject, by=request.user.pk, seen=_seen(request))

    return settle(request, order.pk, act, _("Noted: it is right as it is."))


@require_POST
@role_required("orders")
def take(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:take: of two changes of a field, ours or the shop's."""
    order = queries.access_order(request.dropshipper, pk)
    field, side = request.POST.get("field", ""), request.POST.get("side", "")
    said = _("The shop's word was taken.") if side == conflicts.THEIRS else _("What stands here was kept.")

    def act() -> bool:
        return conflicts.take(order.pk, field, side, by=request.user.pk, seen=_seen(request))

    return settle(request, order.pk, act, said)


@require_POST
@role_required("orders")
def lower_collect(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:lower_collect: the courier collects what the customer still owes, as the alert said."""
    order = queries.access_order(request.dropshipper, pk)
    try:
        amount = from_shop(request.POST.get("amount", ""))
        _check_shown(order, amount)
        collect.lower(order.pk, amount, by=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        words = _("The courier collects %(amount)s.") % {"amount": euro(amount)}
        messages.success(request, words if amount else _("The courier collects nothing: the order is prepaid."))
    return back(request, order)


def _check_shown(order: Order, amount: Decimal) -> None:
    """The amount is the one that the alert names now, or the one that is collected already (a second click)."""
    alert = order.problems.filter(code="owes_less").first()
    wanted: Decimal | None = order.to_collect or ZERO
    if alert is not None:
        try:
            wanted = from_shop(alert.params.get("owed", ""))
        except BadAmount:
            wanted = None
    if amount != wanted:
        raise StaleEdit(number=order.number)


def _seen(request: PortalRequest) -> str:
    """The question that the form was made for."""
    return request.POST.get("seen", "")


def settle(request: PortalRequest, pk: int, act: Callable[[], bool], said: str) -> HttpResponse:
    """Does it to an order that the caller may touch and says so, with what it did for the order; a second click finds
    nothing to do. Back to where the form was."""
    try:
        done = act()
    except DomainError as error:
        messages.error(request, str(error))
        done = None
    order = queries.access_order(request.dropshipper, pk)
    if done and order.state == Order.State.READY:
        messages.success(request, _("%(said)s The order is ready to be sent.") % {"said": said})
    elif done:
        messages.success(request, said)
    elif done is not None:
        messages.info(request, _("This was settled already."))
    return back(request, order)
