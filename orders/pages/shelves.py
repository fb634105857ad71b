"""Where goods lie: scan a shelf, then what lies on it; or paste a list."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import StaffRequest, permission_required
from catalog import shelves as acts
from catalog.queries import find_skus
from core import strict
from core.errors import DomainError
from core.requests import whole_number
from orders.pages import scanning

MOST_LINES = 2000
_MOST_SHOWN = 50


@require_safe
@permission_required("orders.see_desk")
def shelves(request: StaffRequest) -> HttpResponse:
    """orders:shelves: what lies on the shelf of the address."""
    return _page(request, strict.text(request.GET.get("shelf", ""), 20).strip().upper())


def _page(request: StaffRequest, shelf: str, *, left: str = "", wrong: list[str] | None = None) -> HttpResponse:
    """`left`: the lines of a list that were not taken, as they were typed, and `wrong` why."""
    context = {
        "left": left,
        "wrong": (wrong or [])[:_MOST_SHOWN],
        "more": max(0, len(wrong or []) - _MOST_SHOWN),
        "shelf": shelf,
        "places": acts.on(shelf) if shelf else [],
        "said": scanning.said(request),
        "may": request.user.has_perm("orders.pack_parcel"),
    }
    return render(request, "orders/shelves.html", context, status=422 if wrong else 200)


def _back(shelf: str) -> HttpResponseRedirect:
    return redirect(f"{reverse('orders:shelves')}?{urlencode({'shelf': shelf})}")


@require_POST
@permission_required("orders.pack_parcel")
def shelf_put(request: StaffRequest) -> HttpResponse:
    """orders:shelf_put: goods that were scanned lie on the shelf now; any other code is the next shelf."""
    shelf = strict.text(request.POST.get("shelf", ""), 20).strip().upper()
    text = scanning.scanned(request)
    found = [] if acts.is_shelf(text) else acts.goods(text)
    if not shelf or not found:
        return _back(text[:20])
    if len(found) > 1:
        scanning.say(request, _("%(text)s stands for several articles: scan the SKU.") % {"text": text}, good=False)
        return _back(shelf)
    try:
        acts.put(found[0].pk, shelf)
    except DomainError as error:
        scanning.say(request, str(error), good=False)
    else:
        scanning.say(request, _("%(sku)s lies on %(shelf)s.") % {"sku": found[0].sku, "shelf": shelf})
    return _back(shelf)


@require_POST
@permission_required("orders.pack_parcel")
def shelf_take(request: StaffRequest) -> HttpResponse:
    """orders:shelf_take: it does not lie there any more."""
    shelf = strict.text(request.POST.get("shelf", ""), 20)
    acts.take(whole_number(request.POST.get("variant", "")) or 0, shelf)
    return _back(shelf)


@require_POST
@permission_required("orders.pack_parcel")
def shelf_list(request: StaffRequest) -> HttpResponse:
    """orders:shelf_list: lines of an article's code and its shelf. What cannot be read is said and stays in the field,
    the rest is taken."""
    lines = request.POST.get("lines", "").replace("\t", ";").splitlines()
    typed = [text for line in lines if (text := strict.text(line, 200))]
    pairs = [[cell.strip() for cell in re.split("[;,]", line)[:2]] for line in typed[:MOST_LINES]]
    known = find_skus(pair[0] for pair in pairs)
    left, wrong = typed[MOST_LINES:], []
    for line, pair in zip(typed, pairs, strict=False):
        variant = known.get(pair[0].upper())
        try:
            if len(pair) < 2:
                wrong.append(_("%(line)s: say the shelf too.") % {"line": line[:60]})
            elif variant is None:
                wrong.append(_("%(sku)s is not in the catalogue.") % {"sku": pair[0][:60]})
            else:
                acts.put(variant.pk, pair[1])
                continue
        except DomainError as error:
            wrong.append(f"{pair[0]}: {error}")
        left.append(line)
    done = len(typed) - len(left)
    if done:
        words = ngettext("%(n)s line was taken.", "%(n)s lines were taken.", done)
        messages.success(request, words % {"n": done})
    if len(typed) > MOST_LINES:
        wrong.insert(0, _("At most %(n)s lines at once: send the rest now.") % {"n": MOST_LINES})
    return _page(request, "", left="\n".join(left), wrong=wrong) if wrong else redirect("orders:shelves")
