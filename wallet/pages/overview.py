"""The reseller's wallet: balances and movements."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import PortalRequest, member_required
from accounts.models import Member
from core import filters
from wallet.models import Account
from wallet.pages.forms import PeriodForm, TopUpForm
from wallet.queries import balances, balances_from, note_of, open_top_ups
from wallet.statement import history
from wallet.statement.chart import chart
from wallet.statement.movement_words import label_of, link_of, look_of, name_of


@require_GET
@member_required
def overview(request: PortalRequest) -> HttpResponse:
    """What is there, what is held, what comes, and how it came to be. Who does the orders sees the balances alone."""
    dropshipper = request.dropshipper
    if request.member.role == Member.Role.ORDERS:
        return render(request, "wallet/overview.html", {"balances": balances(dropshipper.pk)})
    form = PeriodForm(request.GET)
    filters.tell_wrong_dates(request, form)
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
    found = balances_from(accounts.values())
    wallet = accounts.get(Account.Kind.WALLET)
    if wallet is None:  # no money ever moved
        return {"balances": found}
    shown = accounts[form.account_kind]
    page = history.page_of(shown, form.period, form.kind, cursor, reference=form.reference)
    coming = history.coming(accounts[Account.Kind.COD_DUE])
    return {
        "balances": found,
        "page": page,
        "rows": [_row(entry) for entry in page.rows],
        "totals": history.totals(shown, form.period, form.kind, form.reference),
        "chart": chart(history.days(wallet, form.days)),
        "coming": coming,
        "next": [(*one, link_of(one[0]), label_of(one[0])) for one in coming.oldest],
        "orders_left": history.orders_left(wallet, found.spendable),
        "shown": shown.kind,
        "order_name": label_of(form.reference),
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
        "note": note_of(entry.memo, name_of(entry)),
    }
