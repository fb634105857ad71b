"""The reseller's top-ups: asked for, sent, withdrawn; and what is taken back of these. `next` leads to where the money
was missing, through all of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import PortalRequest, role_required
from core.errors import DomainError
from core.inbound import redirects, throttles
from core.money import BadAmount, from_person
from core.pagination import keyset_page
from wallet import topups as acts
from wallet.errors import OtherAmount
from wallet.models import TopUp
from wallet.pages.forms import TopUpForm
from wallet.queries import access_top_up, asked_with, balances, open_top_ups, top_ups_of


@require_http_methods(["GET", "POST"])
@role_required("accounting")
def top_up(request: PortalRequest) -> HttpResponse:
    """Asks for a top-up; then its own page says where to send the money."""
    if request.method == "POST":
        form = TopUpForm(request.POST)
        if form.is_valid() and settings.SUPPLIER_IBAN:
            data = form.cleaned_data
            before = asked_with(request.dropshipper.pk, data["key"])
            try:
                throttles.take("top-up", str(request.dropshipper.pk), limit=20, seconds=3600)
                made = acts.request(request.dropshipper.pk, data["amount"], key=data["key"], by=request.user.pk)
            except DomainError as error:
                form.add_error("amount", str(error))
                if isinstance(error, OtherAmount):  # the page that comes back is a form of its own
                    form.data = {**request.POST.dict(), "key": str(uuid.uuid4())}
            else:
                if before:
                    words = _("You have asked for this before: here it is, nothing was asked for twice.")
                    messages.info(request, words)
                return _to(made, redirects.ours(request, request.POST.get("next", "")))
        return _top_up_page(request, form, back=request.POST.get("next", ""), status=422)
    back = request.GET.get("next", "")
    initial = {"key": uuid.uuid4(), "preset": "250"}
    wanted = request.GET.get("amount", "")[:15]
    if wanted:
        initial |= {"preset": "other", "amount": wanted.replace(".", ",")}
    return _top_up_page(request, TopUpForm(initial=initial), back=back, gap=_amount(wanted))


def _amount(text: str) -> Decimal | None:
    try:
        return from_person(text) if text else None
    except BadAmount:
        return None


def _top_up_page(
    request: PortalRequest, form: TopUpForm, *, back: str, gap: Decimal | None = None, status: int = 200
) -> HttpResponse:
    back = redirects.ours(request, back)
    context = {
        "form": form if settings.SUPPLIER_IBAN else None,
        "balances": balances(request.dropshipper.pk),
        "top_ups": open_top_ups(request.dropshipper.pk),
        "back": back,
        "gap": gap if back else None,
    }
    return render(request, "wallet/top_up.html", context, status=status)


def _to(top_up: TopUp, back: str) -> HttpResponse:
    address = reverse("wallet:top_up_detail", args=[top_up.pk])
    return redirect(f"{address}?{urlencode({'next': back})}" if back else address)


@require_GET
@role_required("accounting")
def top_up_detail(request: PortalRequest, pk: int) -> HttpResponse:
    """Where to send the money, with which causale, and what has become of it."""
    found = access_top_up(request.dropshipper.pk, pk)
    back = redirects.ours(request, request.GET.get("next", ""))
    context = {
        "top_up": found,
        "amount_typed": f"{found.amount:.2f}".replace(".", ","),  # as the forms of Italian banks take it
        "iban": settings.SUPPLIER_IBAN,
        "iban_words": _fours(settings.SUPPLIER_IBAN),
        "supplier": settings.SUPPLIER_NAME,
        "back": back,
        "carried": f"?{urlencode({'next': back})}" if back else "",
    }
    return render(request, "wallet/top_up_detail.html", context)


def _fours(iban: str) -> str:
    return " ".join(iban[n : n + 4] for n in range(0, len(iban), 4))


@require_POST
@role_required("accounting")
def top_up_sent(request: PortalRequest, pk: int) -> HttpResponse:
    """“I have sent the transfer”."""
    found = access_top_up(request.dropshipper.pk, pk)
    said = _("You had said so already, on %(when)s: nothing else is needed.") % {"when": _when(found.sent_at)}
    return _act(
        request,
        found,
        lambda: acts.mark_sent(found.pk),
        done=_("Thank you. The amount becomes available as soon as the transfer is on our account."),
        already=said if found.status == TopUp.Status.SENT else "",
    )


@require_POST
@role_required("accounting")
def top_up_unsent(request: PortalRequest, pk: int) -> HttpResponse:
    """“I have not sent it after all”: it can be sent, or withdrawn, later."""
    found = access_top_up(request.dropshipper.pk, pk)
    return _act(
        request,
        found,
        lambda: acts.mark_unsent(found.pk),
        done=_("Noted: the transfer is still to be sent."),
        already=_("The transfer is still to be sent: nothing was changed.") if _is(found, "requested") else "",
    )


@require_POST
@role_required("accounting")
def top_up_withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    """The transfer will not be sent."""
    found = access_top_up(request.dropshipper.pk, pk)
    said = _("It was withdrawn already, on %(when)s.") % {"when": _when(found.decided_at)}
    return _act(
        request,
        found,
        lambda: acts.withdraw(found.pk, by=request.user.pk),
        done=_("The top-up was withdrawn. If that was a mistake, you can take it up again here."),
        already=said if _is(found, "withdrawn") else "",
    )


@require_POST
@role_required("accounting")
def top_up_reopen(request: PortalRequest, pk: int) -> HttpResponse:
    """It was withdrawn by mistake."""
    found = access_top_up(request.dropshipper.pk, pk)
    return _act(
        request,
        found,
        lambda: acts.reopen(found.pk),
        done=_("The top-up is open again, with the same payment reference."),
        already=_("The top-up is open already: nothing was changed.") if found.is_open else "",
    )


def _is(found: TopUp, status: str) -> bool:
    return bool(found.status == status)


def _when(at: object) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else ""  # type: ignore[arg-type]


def _act(request: PortalRequest, found: TopUp, act: Callable[[], TopUp], *, done: str, already: str) -> HttpResponse:
    """One act and its outcome in words; who comes second (another tab, a second click) is told what was done."""
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if already:
            messages.info(request, already)
        else:
            messages.success(request, done)
    return _to(found, redirects.ours(request, request.GET.get("next", "")))


@require_GET
@role_required("accounting")
def topups(request: PortalRequest) -> HttpResponse:
    """All top-ups, the newest first."""
    page = keyset_page(top_ups_of(request.dropshipper.pk), by=("-id",), cursor=request.GET.get("cursor"))
    return render(request, "wallet/topups.html", {"page": page})
