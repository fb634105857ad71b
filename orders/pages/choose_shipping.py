"""One shipping method for many orders, from a list: those that are ticked, or all that the list shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import PortalRequest, role_required, sees_customers
from orders import queries
from orders.dispatch import readiness
from orders.intake import editing
from orders.pages.forms.list import FindForm
from orders.pages.list import method_asked
from orders.templatetags.orders_words import refusal_words
from shipping.models import Method


@require_POST
@role_required("orders")
def choose_shipping(request: PortalRequest) -> HttpResponse:
    """orders:choose_shipping."""
    if request.POST.get("everything"):
        wanted = FindForm(request.POST).wanted(
            default_tab="ship", default_source="manual", contacts=sees_customers(request)
        )
        found = queries.find(request.dropshipper, wanted).filter(state__in=["received", "ready"]).order_by("pk")
        ids = list(found.values_list("pk", flat=True)[: queries.BULK_LIMIT])
    else:
        ids = queries.own_ids(request.dropshipper, request.POST.getlist("order"))
    choose(request, ids)
    home, target = reverse("orders:list"), request.POST.get("next", "")
    safe = target == home or (target.startswith(f"{home}?") and "\\" not in target and "\n" not in target)
    return redirect(target if safe else home)


def choose(request: PortalRequest, ids: Sequence[int]) -> None:
    """The method that the form names for these orders, and what came of it as a message: how many of them can go now,
    and why the others cannot."""
    pk = method_asked(request.POST.get("method", ""))
    method = Method.objects.select_related("courier").filter(pk=pk).first() if pk else None
    if method is None:
        messages.error(request, _("Choose a shipping method."))
        return
    changed = editing.choose_method(ids, method.pk, dropshipper_id=request.dropshipper.pk, by=request.user.pk)
    known = readiness.of(request.dropshipper.pk)
    go = sum(pk in known.going for pk in ids)
    kept = Counter(known.kept[pk] for pk in ids if pk in known.kept)
    words = [
        ngettext(
            "Shipping changed on %(n)s order: %(method)s.", "Shipping changed on %(n)s orders: %(method)s.", changed
        )
        % {"n": changed, "method": method},
        ngettext("%(n)s of them can go now.", "%(n)s of them can go now.", go) % {"n": go},
    ]
    if kept:
        why = ", ".join(f"{n} {refusal_words(code)}" for code, n in kept.most_common())
        words.append(_("Not yet: %(why)s.") % {"why": why})
    (messages.warning if kept else messages.success)(request, " ".join(words))
