"""Where a form leads back to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def is_ours(request: HttpRequest, target: str) -> bool:
    """Whether `target` is an address of this portal, on the host that the reader is at. What is no address is none of
    ours: Django would take it for the name of a page."""
    host = {request.get_host()}
    return "/" in target and url_has_allowed_host_and_scheme(target, host, require_https=request.is_secure())


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To the page that the form came from (`next`), if it is one of ours, else to the address `otherwise`."""
    target = request.POST.get("next", "")
    return HttpResponseRedirect(target if is_ours(request, target) else otherwise)


def ours(request: HttpRequest, address: str) -> str:
    """`address` if it is a path of the portal, else ""."""
    return address if address.startswith("/") and is_ours(request, address) else ""
