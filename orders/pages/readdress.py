"""Another address for an order that was sent: the form, then what it costs, then the click."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import PortalRequest, role_required
from core.errors import DomainError
from core.money import ZERO
from core.templatetags.mci import euro
from orders import problems, queries, timeline
from orders.dispatch import figures
from orders.dispatch.price import Price
from orders.entry import typed
from orders.errors import FiguresChanged, OrderCancelled, StaleEdit, TooLate
from orders.fulfilment import readdress
from orders.intake.data import as_kept
from orders.models import Order
from orders.pages.forms.readdress import FIELDS, ReaddressForm
from orders.pages.list import method_asked
from shipping.errors import MethodUnavailable
from wallet.errors import InsufficientFunds
from wallet.queries import balances

_OVER = (TooLate, OrderCancelled)  # nothing is left to be changed here
_PRICED = (FiguresChanged, MethodUnavailable, InsufficientFunds)  # the address is fine: its price is shown again


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of the order before and after, EUR; `words` says whether VAT is in it."""

    name: str
    words: str | Promise
    before: Decimal | None
    after: Decimal | None
    strong: bool = False

    @property
    def difference(self) -> Decimal | None:
        return self.after - self.before if self.after is not None and self.before is not None else None


@role_required("orders")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: PortalRequest, pk: int) -> HttpResponse:
    """orders:readdress. POST `do`: check (what it costs), edit (back to the form), confirm (with what was seen)."""
    order = queries.access_order(request.dropshipper, pk)
    request.menu = order.source
    if order.is_open:
        return redirect("orders:edit", order.pk)
    try:
        readdress.check_may(order)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("orders:detail", order.pk)
    if request.method != "POST":
        told = as_kept(order.shop_data) if request.GET.get("from") == "shop" and order.shop_data.get("address") else {}
        initial = {name: told.get(name) or getattr(order, name) for name in FIELDS} | {"version": order.version}
        return _form(request, order, ReaddressForm(initial=initial, order=order))
    form = ReaddressForm(request.POST.copy(), order=order)
    do = request.POST.get("do", "")
    if do == "edit":
        form.is_valid()
        form.errors.clear()
        return _form(request, order, form)
    if not form.is_valid():
        return _form(request, order, form, status=422)
    return _confirm(request, order, form) if do == "confirm" else _check(request, order, form)


def _form(request: PortalRequest, order: Order, form: ReaddressForm, *, status: int = 200) -> HttpResponse:
    return render(request, "orders/readdress.html", {"order": order, "form": form}, status=status)


def _check(
    request: PortalRequest, order: Order, form: ReaddressForm, *, refused: DomainError | None = None
) -> HttpResponse:
    """What the address does to the order's figures, before anything is done."""
    method_id = method_asked(request.POST.get("method", ""))
    try:
        proposal = readdress.propose(order, form.address, form.note, method_id=method_id)
    except DomainError as error:
        form.add_error(None, str(error))
        return _form(request, order, form, status=422)
    offer, now = proposal.quote.chosen, proposal.quote.now
    money = balances(request.dropshipper.pk)
    context: dict[str, Any] = {
        "order": order,
        "form": form,
        "proposal": proposal,
        "changes": timeline.changes({"changes": proposal.changes}),
        "questions": [problems.words(doubt.code, doubt.params) for doubt in (*proposal.asked, *proposal.warned)],
        "offer": offer,
        "method_id": method_id,
        "key": uuid.uuid4(),
        "refused": refused,
        "is_cod": order.payment == Order.Payment.COD,
        "rows": _rows(order, now, offer.price) if offer.price else [],
        "back": max(ZERO, -offer.leaves),
        "after": money.available - offer.leaves,
        "missing": max(ZERO, offer.leaves - money.spendable) if offer.leaves > ZERO else ZERO,
    }
    return render(request, "orders/readdress_check.html", context, status=422 if refused else 200)


def _rows(order: Order, now: Price, then: Price) -> list[Row]:
    is_cod = order.payment == Order.Payment.COD
    rows = [
        Row("shipping", gettext_lazy("Shipping, net"), now.shipping_net, then.shipping_net),
        *([Row("fee", gettext_lazy("COD fee, net"), now.cod_fee_net, then.cod_fee_net)] if is_cod else []),
        Row("vat", gettext_lazy("VAT of the whole order"), now.vat, then.vat),
        Row("cost", gettext_lazy("Total cost, VAT included"), now.cost, then.cost, strong=True),
        Row("margin", gettext_lazy("Your margin, VAT included"), now.margin, then.margin),
        *(
            [Row("guarantee", gettext_lazy("Guarantee held, VAT included"), now.guarantee, then.guarantee)]
            if is_cod
            else []
        ),
    ]
    return [row for row in rows if row.before is not None or row.after is not None]


def _confirm(request: PortalRequest, order: Order, form: ReaddressForm) -> HttpResponse:
    before = order.cost
    try:
        done = readdress.readdress(
            order.pk,
            readdress.wanted_of(form.address, form.note),
            version=form.cleaned_data.get("version") or 0,
            seen=figures.brought(request.POST.get("seen", "")),
            key=typed.key_of(request.POST.get("key", "")),
            by=request.user.pk,
            method_id=method_asked(request.POST.get("method", "")),
        )
    except _OVER as error:
        messages.error(request, str(error))
        return redirect("orders:detail", order.pk)
    except _PRICED as error:
        return _check(request, queries.access_order(request.dropshipper, order.pk), form, refused=error)
    except DomainError as error:
        form.add_error(None, str(error))
        if isinstance(error, StaleEdit):
            form.data["version"] = str(queries.access_order(request.dropshipper, order.pk).version)  # type: ignore[index]
        return _form(request, order, form, status=422)
    _say(request, queries.access_order(request.dropshipper, order.pk), before or ZERO, done=done)
    return redirect("orders:detail", order.pk)


def _say(request: PortalRequest, order: Order, before: Decimal, *, done: bool) -> None:
    if not done:
        messages.info(request, _("This was done already: order %(number)s goes there.") % {"number": order.number})
        return
    difference = (order.cost or ZERO) - before
    words = _("Order %(number)s goes to the new address. It costs what it cost.")
    if difference > ZERO:
        words = _("Order %(number)s goes to the new address. It costs %(amount)s more, VAT included.")
    elif difference < ZERO:
        words = _("Order %(number)s goes to the new address. It costs %(amount)s less, VAT included.")
    messages.success(request, words % {"number": order.number, "amount": euro(abs(difference))})
