"""mci:search, over everything that the reader may open: a page with what was found, and the same as a part for the
palette (Ctrl K). What is called exactly what was sent opens by itself."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import PortalRequest, signed_in
from accounts.models import User
from core import strict
from mci.pages.shell import Shell
from mci.search import reseller, staff
from mci.search.found import FEW, LONGEST, MANY, SHORTEST, the_one


@require_safe
@signed_in
def search_page(request: HttpRequest) -> HttpResponse:
    """mci:search."""
    shell = Shell(request)
    text = strict.text(request.GET.get("q", ""), LONGEST)
    typing = bool(getattr(request, "htmx", False))
    most = FEW if typing else MANY
    if shell.dropshipper is not None:
        groups = reseller.find(cast(PortalRequest, request), text, most)
    elif shell.is_desk:
        groups = staff.find(cast(User, request.user), text, most, menu=staff.menu_of(shell.sections))
    elif getattr(request, "dropshipper", None) is not None:
        return redirect("accounts:waiting")
    else:
        raise PermissionDenied
    if not typing and "go" in request.GET and len(text) >= SHORTEST and (url := the_one(groups)):
        return redirect(url)
    context = {"text": text, "groups": groups, "count": sum(len(group.hits) for group in groups)}
    return render(request, "mci/_found.html" if typing else "mci/search.html", context)
