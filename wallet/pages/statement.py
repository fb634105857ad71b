"""The statement's page and its files: one for people, one that can be verified, and the program that verifies it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import PortalRequest, role_required
from core import filters
from wallet.books import hashchain
from wallet.models import Account
from wallet.pages.forms import PeriodForm
from wallet.statement import history, periods, readable, verifiable
from wallet.statement.periods import Period

CHECKER = "mci-verify-statement.py"


@require_GET
@role_required("accounting")
def statement_page(request: PortalRequest) -> HttpResponse:
    """wallet:statement. Which period, what it sums to, and its two files."""
    form = PeriodForm(request.GET)
    filters.tell_wrong_dates(request, form)
    wallet = history.accounts_of(request.dropshipper.pk).get(Account.Kind.WALLET)
    context = {
        "form": form,
        "choices": periods.choices(timezone.localdate()),
        "period": form.period,
        "totals": history.totals(wallet, form.period) if wallet else None,
        "query": form.query,
        "today": timezone.localdate(),
        "checker": CHECKER,
        "proof_name": _name("verifiable", form.period),
    }
    return render(request, "wallet/statement.html", context)


@require_GET
@role_required("accounting")
def statement_file(request: PortalRequest) -> HttpResponseBase:
    """wallet:statement_file. The movements of a period, or of all time, for people."""
    form = PeriodForm(request.GET)
    if filters.tell_wrong_dates(request, form):  # a statement of other days than those that were asked for is none
        return redirect("wallet:statement")
    return _file(readable.lines(request.dropshipper.pk, form.period), _name(_("statement"), form.period))


@require_GET
@role_required("accounting")
def proof_file(request: PortalRequest) -> HttpResponseBase:
    """wallet:proof. The same entries with their hashes, to be verified by whoever gets the file."""
    form = PeriodForm(request.GET)
    if filters.tell_wrong_dates(request, form):
        return redirect("wallet:statement")
    return _file(verifiable.lines(request.dropshipper.pk, form.period), _name("verifiable", form.period))


@require_GET
@role_required("accounting")
def checker(request: PortalRequest) -> HttpResponse:
    """wallet:checker. The program that verifies the file: our own source, which needs nothing but Python."""
    source = Path(hashchain.__file__).read_text(encoding="utf-8")
    answer = HttpResponse(source, content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{CHECKER}"'
    return answer


def _file(found: Iterator[str], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse((line.encode() for line in found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _name(what: str, period: Period) -> str:
    until = period.last or timezone.localdate()
    days = f"{period.first:%Y-%m-%d}_{until:%Y-%m-%d}" if period.first else f"{until:%Y-%m-%d}"
    return f"mci-{what}-{days}.csv"
