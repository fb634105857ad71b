"""A shop's products matched with ours, many at once: ticked, all that are sure, or by a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PortalRequest, member_required, role_required
from catalog.queries import code_key, find_skus
from connectors import queries, tasks
from connectors.matching import bulk, csv_file, remote_items
from connectors.matching.suggestions import SURE
from connectors.models import MatchBatch, RemoteItem, Shop, ShopAsk
from connectors.pages.inbox import may_order
from connectors.platforms import platform as platform_of
from connectors.shops import limits
from core.errors import DomainError
from core.pagination import keyset_page
from core.requests import STOP_POLLING, whole_number
from orders.intake.matching import Tie
from orders.pages.list import csv_answer

PAGE_SIZE = 50
WRONG_SHOWN = 50
_SHOWN = {
    "open": gettext_lazy("To match"),
    "sure": gettext_lazy("Sure"),
    "guessed": gettext_lazy("With a suggestion"),
    "foreign": gettext_lazy("Not ours"),
}


@require_safe
@member_required
def bulk_match(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:bulk_match."""
    shop = queries.access_shop(request.dropshipper, pk)
    if request.htmx and "part" in request.GET:
        if not shop.compare_asked:
            return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
        return render(request, "connectors/_reading.html", {"shop": shop, "seen": shop.remote_items.count()})
    return _page(request, shop)


def _found(shop: Shop, shown: str) -> QuerySet[RemoteItem]:
    if shown == "foreign":
        return remote_items.foreign_items(shop)
    found = remote_items.open_items(shop)
    if shown == "sure":
        return found.filter(score__gte=SURE, guess__isnull=False)
    return found.filter(guess__isnull=False) if shown == "guessed" else found


def _page(
    request: PortalRequest,
    shop: Shop,
    *,
    errors: dict[int, tuple[str, str]] | None = None,
    wrong: Any = (),
    file_error: str = "",
    status: int = 200,
) -> HttpResponse:
    """`errors`: the field (sku, pieces) and what is wrong with it, by item."""
    shown = request.GET.get("show", "open")
    shown = shown if shown in _SHOWN else "open"
    words = request.GET.get("q", "").strip().replace("\0", "")[:100]
    found = _found(shop, shown).select_related("guess__product")
    if words:
        found = found.filter(Q(sku__icontains=words) | Q(title__icontains=words) | Q(ean=words[:14]))
    page = keyset_page(found, by=("-score", "id"), cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    typed = request.POST if errors else {}
    rows = [
        (
            item,
            typed.get(f"sku-{item.pk}", item.guess.sku if item.guess else ""),
            typed.get(f"pieces-{item.pk}", "1"),
            dict([errors[item.pk]]) if errors and item.pk in errors else {},
            str(item.pk) in (request.POST.getlist("item") if errors else ()),
        )
        for item in page.rows
    ]
    context = {
        "shop": shop,
        "api": platform_of(shop.platform),
        "tabs": [(name, label, _found(shop, name).count()) for name, label in _SHOWN.items()],
        "shown": shown,
        "q": words,
        "page": page,
        "rows": rows,
        "sure_from": SURE,
        "sure": _found(shop, "sure").count(),
        "batches": list(shop.match_batches.filter(undone_at=None).select_related("by").order_by("-pk")[:3]),
        "wrong": list(wrong)[:WRONG_SHOWN],
        "wrong_more": max(len(wrong) - WRONG_SHOWN, 0),
        "errors": errors,
        "file_error": file_error,
        "may_order": may_order(request) and shop.state != Shop.State.GONE,
    }
    return render(request, "connectors/bulk_match.html", context, status=status)


@require_POST
@role_required("orders")
def bulk_match_read(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:bulk_match_read: a worker reads the shop's products."""
    shop = queries.access_shop(request.dropshipper, pk)
    if shop.state == Shop.State.ACTIVE:
        try:
            if not shop.compare_asked:  # a second click is none
                limits.ask(shop, ShopAsk.What.COMPARE)
        except DomainError as error:
            messages.warning(request, str(error))
        else:
            remote_items.ask(shop)
            transaction.on_commit(tasks.nudge_stock)
    else:
        messages.error(request, _("The shop is not connected."))
    return redirect("connectors:bulk_match", shop.pk)


@require_POST
@role_required("orders")
def bulk_match_accept(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:bulk_match_accept: the ticked ones with the SKU beside them, or as not ours; or all that are sure."""
    shop = queries.access_shop(request.dropshipper, pk)
    if request.POST.get("do") == "sure":
        return _done(request, shop, lambda: bulk.accept_sure(shop, by=request.user.pk))
    ids = [whole_number(text) for text in request.POST.getlist("item")[:PAGE_SIZE]]
    items = list(shop.remote_items.filter(pk__in=[one for one in ids if one is not None]))
    if not items:
        messages.warning(request, _("Tick the products that you mean."))
        return redirect("connectors:bulk_match", shop.pk)
    wanted, errors = _wanted(request, items)
    if errors:
        return _page(request, shop, errors=errors, status=422)
    return _done(request, shop, lambda: bulk.accept_many(shop, wanted, by=request.user.pk))


def _wanted(request: PortalRequest, items: list[RemoteItem]) -> tuple[dict[str, Tie], dict[int, tuple[str, str]]]:
    if request.POST.get("do") == "foreign":
        return {item.subject: Tie(None) for item in items}, {}
    typed = {item.pk: request.POST.get(f"sku-{item.pk}", "").strip()[:100] for item in items}
    variants = find_skus(filter(None, typed.values()))
    wanted: dict[str, Tie] = {}
    errors: dict[int, tuple[str, str]] = {}
    for item in items:
        variant, pieces = variants.get(code_key(typed[item.pk])), request.POST.get(f"pieces-{item.pk}", "1").strip()
        if variant is None:
            errors[item.pk] = ("sku", _("No product of ours has this SKU or EAN."))
        elif not (pieces.isascii() and pieces.isdigit() and 1 <= int(pieces[:9]) <= 9999):
            errors[item.pk] = ("pieces", _("Pieces: a whole number from 1 to 9,999."))
        else:
            wanted[item.subject] = Tie(variant.pk, int(pieces))
    return wanted, errors


def _done(request: PortalRequest, shop: Shop, act: Any) -> HttpResponse:
    try:
        made = act()
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("connectors:bulk_match", shop.pk)
    words = ngettext("%(n)s product matched.", "%(n)s products matched.", made.articles) % {"n": made.articles}
    if made.orders:
        ready = ngettext("%(n)s order is now ready.", "%(n)s orders are now ready.", made.orders)
        words = f"{words} {ready % {'n': made.orders}}"
    messages.success(request, words)
    transaction.on_commit(tasks.nudge_news)
    return redirect("connectors:bulk_match", shop.pk)


@require_safe
@member_required
def bulk_match_export(request: PortalRequest, pk: int) -> HttpResponseBase:
    """connectors:bulk_match_export: the articles as a file, with what is likely."""
    shop = queries.access_shop(request.dropshipper, pk)
    return csv_answer(csv_file.lines(shop), f"mci-match-{shop.pk}-{localdate():%Y%m%d}.csv")


@require_POST
@role_required("orders")
def bulk_match_import(request: PortalRequest, pk: int) -> HttpResponse:
    """connectors:bulk_match_import: the file with the reseller's decisions; a wrong row, and nothing is done."""
    shop = queries.access_shop(request.dropshipper, pk)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return _page(request, shop, file_error=_("Choose a CSV file."), status=422)
    found = csv_file.read(shop, file.read(csv_file.MAX_BYTES + 1))
    if found.wrong:
        return _page(request, shop, wrong=found.wrong, status=422)
    return _done(request, shop, lambda: bulk.accept_many(shop, found.wanted, by=request.user.pk))


@require_POST
@role_required("orders")
def bulk_match_undo(request: PortalRequest, pk: int, key: str) -> HttpResponse:
    """connectors:bulk_match_undo: what was matched together is taken back together."""
    shop = queries.access_shop(request.dropshipper, pk)
    batch = get_object_or_404(MatchBatch, shop=shop, key=key)
    taken = bulk.undo(batch, by=request.user.pk)
    words = ngettext("%(n)s match taken back.", "%(n)s matches taken back.", taken.articles)
    messages.success(request, words % {"n": taken.articles})
    return redirect("connectors:bulk_match", shop.pk)
