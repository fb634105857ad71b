"""What somebody is typing is kept while he types, offered again, put away and had back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PortalRequest, role_required
from core.requests import whole_number
from orders import queries
from orders.entry import half_typed, typed
from orders.models import HalfTyped, Order


def place_of(request: PortalRequest, order: Order | None) -> half_typed.Place:
    return half_typed.Place(request.dropshipper.pk, request.user.pk, order.pk if order else None)


def asked_order(request: PortalRequest) -> Order | None:
    """The order that is being edited (`?order=`), the company's own; None for a new one."""
    asked = whole_number(request.GET.get("order", ""))
    return None if asked is None else queries.access_order(request.dropshipper, asked)


def keep_typed(
    request: PortalRequest,
    order: Order | None,
    *,
    instead: bool = False,
    said: tuple[QueryDict, list[dict[str, Any]]] | None = None,
) -> half_typed.Kept:
    """Keeps what the request's form says (or what was made of it: `said`). What is pasted stands in its rows."""
    post, rows = said or typed.read(request.POST)
    key = typed.key_of(post.get("key", ""))
    return half_typed.keep(
        place_of(request, order),
        half_typed.content_of(post, rows),
        key=key,
        window=post.get("window", "")[:36] or str(key),
        revision=revision_of(post),
        instead=instead,
    )


def revision_of(post: QueryDict) -> int:
    """What the form's page was made from; 0: from nothing."""
    return whole_number(post.get("revision", ""), 8) or 0


@require_POST
@role_required("orders")
def keep(request: PortalRequest) -> HttpResponse:
    """orders:keep: in the background, while somebody types. Says in one line what became of it."""
    order = asked_order(request)
    if order is not None and not order.is_open:
        return HttpResponse(status=204)
    kept = keep_typed(request, order, instead="instead" in request.GET)
    context = {"outcome": kept.outcome, "revision": kept.row.revision if kept.row else 0, "order": order}
    return render(request, "orders/_kept.html", context | {"half": half_typed.told(kept.row, order)})


@require_POST
@role_required("orders")
def discard(request: PortalRequest) -> HttpResponse:
    """orders:discard: what was half typed is put away; the page that follows offers to have it back."""
    order = asked_order(request)
    if half_typed.discard(place_of(request, order)):
        messages.success(request, _("What was half typed is put away. You can have it back here."))
    return _form(order)


@require_POST
@role_required("orders")
def restore(request: PortalRequest) -> HttpResponse:
    """orders:restore: has back what was put away, and opens it."""
    order = asked_order(request)
    if not half_typed.restore(place_of(request, order)):
        messages.info(request, _("There is nothing to have back any more."))
        return _form(order)
    return _form(order, "?half=1")


def _form(order: Order | None, query: str = "") -> HttpResponse:
    answer = redirect("orders:edit", order.pk) if order else redirect("orders:new")
    answer["Location"] += query
    return answer


def post_of(row: HalfTyped) -> tuple[QueryDict, list[dict[str, Any]]]:
    """The form as its window would have sent it: its fields, and its rows."""
    post = QueryDict(mutable=True)
    post.update({**row.content.get("fields", {}), "key": str(row.key)})
    return post, [dict(zip(("row", "sku", "quantity"), one, strict=False)) for one in row.content.get("rows", ())]
