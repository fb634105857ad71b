"""Nothing typed is lost with a session (accounts/kept/forms.py): what is posted too late is kept, and comes back
filled."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.kept import forms
from accounts.kept.refill import PART, is_a_click, refill
from accounts.models import KeptForm, User

PARAM = "kept"


class KeptMiddleware:
    """After TenantMiddleware and before DoorMiddleware, which ends sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        row = _asked_for(request)
        response = self.get_response(request)
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
        if signed_in and isinstance(request.user, User) and _is_page(response):
            forms.remember(request, response, request.user)
        if row is not None:
            drawn = getattr(request, "kept_form", None) is None  # by the page itself
            return response if drawn else _filled(request, response, row)
        if request.method == "POST" and not request.user.is_authenticated and _leads_to_sign_in(response):
            return _kept(request, response)
        return response


def with_form(page: str, row: KeptForm) -> str:
    """The address of a page that comes back filled."""
    return f"{page}{'&' if '?' in page else '?'}{urlencode({PARAM: row.handle})}"


def _asked_for(request: HttpRequest) -> KeptForm | None:
    """The form that this page is to be filled with; the page itself does not see that it is asked for."""
    if PARAM not in request.GET or request.method != "GET" or not isinstance(request.user, User):
        return None
    row = forms.find(request.user, request.GET[PARAM])
    if row is None:
        return None
    rest = request.GET.copy()
    del rest[PARAM]
    request.GET = rest  # type: ignore[assignment]
    request.META["QUERY_STRING"] = rest.urlencode()
    text = _("You were signed out meanwhile. What you had typed is back in the form: nothing was sent yet. {all}")
    see = format_html('<a href="{}">{}</a>', reverse("accounts:kept", args=[row.handle]), _("See all that was typed"))
    part = format_html("<b {}>{}</b> ", PART, _("Not all of it found its place."))
    messages.warning(request, format_html(text, all=format_html("{}{}", part, see)))
    request.kept_form = row  # type: ignore[attr-defined]
    return row


def _filled(request: HttpRequest, response: HttpResponseBase, row: KeptForm) -> HttpResponseBase:
    if response.status_code != 200 or not _is_page(response) or not isinstance(response, HttpResponse):
        return response
    text, fields = response.content.decode(response.charset), forms.fields_of(row)
    html = refill(text, page=request.get_full_path(), action=row.action, fields=fields)
    if html is None:  # the page has no such form any more, or draws it later; or it was a button that was pressed
        if not is_a_click(text, page=request.get_full_path(), action=row.action, fields=fields):
            return redirect("accounts:kept", row.handle)
        forms.forget(row)
        messages.warning(request, _("You were signed out meanwhile, and nothing was done. Do it again if you want to."))
        return redirect(row.page)
    response.content = html.encode(response.charset)
    return response


def _is_page(response: HttpResponseBase) -> bool:
    return not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")


def _leads_to_sign_in(response: HttpResponseBase) -> bool:
    if response.status_code != 302:
        return False
    path = urlsplit(response.headers.get("Location", "")).path
    return path in (resolve_url(settings.LOGIN_URL), reverse("admin:login"))


def _kept(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The way to the sign-in, with what was typed put by for the person whose page it was."""
    owner = forms.owner_of(request)
    row = forms.keep(request, owner) if owner is not None else None
    if row is not None:
        messages.warning(request, _("Your session is over. Sign in again: what you typed is kept and comes back."))
        response.headers["Location"] = (
            f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': with_form(row.page, row)})}"
        )
    elif not parse_qs(urlsplit(response.headers["Location"]).query).get("next"):
        response.headers["Location"] = resolve_url(settings.LOGIN_URL)
    return response
