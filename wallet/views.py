"""The reseller's wallet: balances, movements, statement and top-ups."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import PortalRequest, member_required, role_required
from accounts.models import Member
from core import throttles
from core.errors import DomainError
from core.pagination import keyset_page
from wallet import history
from wallet.chart import chart
from wallet.errors import OtherAmount
from wallet.forms import PeriodForm, TopUpForm
from wallet.models import Account
from wallet.movement_words import link_of, look_of, name_of
from wallet.queries import Balances, access_top_up, balances_from, open_top_ups, top_ups_of
from wallet.statement import label_of, lines
from wallet.topups import mark_sent, withdraw
from wallet.topups import request as ask_top_up


@require_GET
@member_required
def overview(request: PortalRequest) -> HttpResponse:
    """What is there, what is held, what comes, and how it came to be. Who does the orders sees the balances alone."""
    dropshipper = request.dropshipper
    if request.member.role == Member.Role.ORDERS:
        return render(request, "wallet/overview.html", {"balances": _balances(request)})
    form = PeriodForm(request.GET)
    with history.one_moment():
        context = _overview(dropshipper.pk, form, request.GET.get("cursor"))
    context |= {
        "full": True,
        "form": form,
        "top_ups": open_top_ups(dropshipper.pk),
        "top_up_form": TopUpForm(initial={"key": uuid.uuid4()}) if settings.SUPPLIER_IBAN else None,
    }
    return render(request, "wallet/overview.html", context)


def _overview(dropshipper_id: int, form: PeriodForm, cursor: str | None) -> dict[str, Any]:
    accounts = history.accounts_of(dropshipper_id)
    balances = balances_from(accounts.values())
    wallet = accounts.get(Account.Kind.WALLET)
    if wallet is None:  # no money ever moved
        return {"balances": balances}
    shown = accounts[form.account_kind]
    page = history.page_of(shown, form.period, form.kind, cursor)
    coming = history.coming(accounts[Account.Kind.COD_DUE])
    return {
        "balances": balances,
        "page": page,
        "rows": [_row(entry) for entry in page.rows],
        "totals": history.totals(shown, form.period, form.kind),
        "chart": chart(history.days(wallet, form.days)),
        "coming": coming,
        "next": [(*found, link_of(found[0]), label_of(found[0])) for found in coming.oldest],
        "orders_left": history.orders_left(wallet, balances.spendable),
        "shown": shown.kind,
        "today": timezone.localdate(),
    }


def _row(entry: Any) -> dict[str, Any]:
    what = entry.reverses or entry
    return {
        "entry": entry,
        "look": look_of(entry),
        "of": look_of(what) if entry.reverses else None,
        "name": name_of(entry),
        "link": link_of(entry.reference),
    }


@require_GET
@role_required("accounting")
def statement(request: PortalRequest) -> StreamingHttpResponse:
    """The statement of a period, or of all time, as a file."""
    form = PeriodForm(request.GET)
    found = (line.encode() for line in lines(request.dropshipper.pk, form.period))
    answer = StreamingHttpResponse(found, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="mci-statement-{timezone.localdate():%Y-%m-%d}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "POST"])
@role_required("accounting")
def top_up(request: PortalRequest) -> HttpResponse:
    """Asks for a top-up; then its own page says where to send the money."""
    if request.method == "POST":
        form = TopUpForm(request.POST)
        if form.is_valid() and settings.SUPPLIER_IBAN:
            data = form.cleaned_data
            try:
                throttles.take("top-up", str(request.dropshipper.pk), limit=20, seconds=3600)
                made = ask_top_up(request.dropshipper.pk, data["amount"], key=data["key"], by=request.user.pk)
            except DomainError as error:
                form.add_error("amount", str(error))
                if isinstance(error, OtherAmount):  # the page that comes back is a form of its own
                    form.data = {**request.POST.dict(), "key": str(uuid.uuid4())}
            else:
                return redirect("wallet:top_up_detail", made.pk)
        return _top_up_page(request, form, status=422)
    initial = {"key": uuid.uuid4(), "preset": "250"}
    if wanted := request.GET.get("amount", "")[:15]:
        initial |= {"preset": "other", "amount": wanted.replace(".", ",")}
    return _top_up_page(request, TopUpForm(initial=initial))


def _top_up_page(request: PortalRequest, form: TopUpForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form if settings.SUPPLIER_IBAN else None,
        "balances": _balances(request),
        "top_ups": open_top_ups(request.dropshipper.pk),
    }
    return render(request, "wallet/top_up.html", context, status=status)


def _balances(request: PortalRequest) -> Balances:
    return balances_from(history.accounts_of(request.dropshipper.pk).values())


@require_GET
@role_required("accounting")
def top_up_detail(request: PortalRequest, pk: int) -> HttpResponse:
    """Where to send the money, with which causale, and what has become of it."""
    found = access_top_up(request.dropshipper.pk, pk)
    context = {
        "top_up": found,
        "amount_typed": f"{found.amount:.2f}".replace(".", ","),  # as the forms of Italian banks take it
        "iban": settings.SUPPLIER_IBAN,
        "iban_words": _fours(settings.SUPPLIER_IBAN),
        "supplier": settings.SUPPLIER_NAME,
    }
    return render(request, "wallet/top_up_detail.html", context)


def _fours(iban: str) -> str:
    return " ".join(iban[n : n + 4] for n in range(0, len(iban), 4))


@require_POST
@role_required("accounting")
def top_up_sent(request: PortalRequest, pk: int) -> HttpResponse:
    """“I have sent the transfer”."""
    found = access_top_up(request.dropshipper.pk, pk)
    try:
        mark_sent(found.pk)
        messages.success(
            request, _("Thank you. The amount becomes available as soon as the transfer is on our account.")
        )
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("wallet:top_up_detail", found.pk)


@require_POST
@role_required("accounting")
def top_up_withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    """The transfer will not be sent."""
    found = access_top_up(request.dropshipper.pk, pk)
    try:
        withdraw(found.pk, by=request.user.pk)
        messages.success(request, _("The top-up was withdrawn."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("wallet:topups")


@require_GET
@role_required("accounting")
def topups(request: PortalRequest) -> HttpResponse:
    """All top-ups, the newest first."""
    page = keyset_page(top_ups_of(request.dropshipper.pk), by=("-id",), cursor=request.GET.get("cursor"))
    return render(request, "wallet/topups.html", {"page": page})
