"""Where a form leads back to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To the page that the form came from (`next`), if it is one of ours, else to the address `otherwise`. What is no
    address is none of ours: Django would take it for the name of a page."""
    target = request.POST.get("next", "")
    host = {request.get_host()}
    if "/" not in target or not url_has_allowed_host_and_scheme(target, host, require_https=request.is_secure()):
        target = otherwise
    return HttpResponseRedirect(target)
