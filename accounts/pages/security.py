"""The pages of the second factor: what there is, an app, passkeys, recovery codes, and the question that asks again."""

from __future__ import annotations

import base64
from typing import cast

from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.access import signed_in
from accounts.models import User
from accounts.pages.security_forms import AppForm, PasskeyForm
from accounts.sign_in import mfa, reauth
from accounts.sign_in.reauth import ProveForm, recently_proven, recently_proven_to_read
from accounts.sign_in.sessions import open_sessions
from core.errors import Refused
from core.inbound import redirects

NEXT = "mci_after_enrolment"


@require_safe
@signed_in
def security(request: HttpRequest) -> HttpResponse:
    """Everything that guards an account, with its state."""
    user = cast(User, request.user)
    factors = mfa.factors_of(user)
    context = {
        "apps": [row for row in factors if row.type == mfa.Type.TOTP],
        "passkeys": [row for row in factors if row.type == mfa.Type.WEBAUTHN],
        "protected": bool(factors),
        "must_have": mfa.must_have(user),
        "codes_left": mfa.count_unused(user),
        "sessions": open_sessions(user).count(),
        "may_remove": len(factors) > 1 or not mfa.must_have(user),
    }
    return render(request, "accounts/security.html", context)


@require_safe
@signed_in
def enrol(request: HttpRequest) -> HttpResponse:
    """Where staff without a second factor are led, whatever they asked for. Who has one proves it instead."""
    user = cast(User, request.user)
    wanted = redirects.ours(request, request.GET.get("next", ""))
    if not mfa.must_have(user) or mfa.is_proven(request, user):
        return redirect(wanted or "accounts:security")
    if mfa.has_factor(user):
        return reauth.ask(request, ProveForm(request), to=wanted or "/")
    request.session[NEXT] = wanted
    return render(request, "accounts/enrol.html")


@never_cache
@signed_in
def prove(request: HttpRequest) -> HttpResponse:
    """The question by itself, for what led here; it leads on to `next`."""
    wanted = redirects.ours(request, request.POST.get("next", "") or request.GET.get("next", "")) or "/"
    form = ProveForm(request, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.save()
        return redirect(wanted)
    return reauth.ask(request, form, to=wanted)


@never_cache
@signed_in
@recently_proven_to_read
def app(request: HttpRequest) -> HttpResponse:
    """Adds an authenticator app: the QR code, and a code of the app that confirms it."""
    user = cast(User, request.user)
    if any(row.type == mfa.Type.TOTP for row in mfa.factors_of(user)):
        return redirect("accounts:security")
    form = AppForm(request, user, request.POST if "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        fresh = mfa.add_app(user, form.secret, counter=form.counter)
        form.done()
        return _added(request, user, _("The app is set up: from now on a code of it is asked for."), fresh)
    adapter = mfa.SealedAdapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, form.secret))
    context = {
        "form": form,
        "qr": f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}",
        "secret": " ".join(form.secret[i : i + 4] for i in range(0, len(form.secret), 4)),
        "base": mfa.base_template(request, user),
    }
    return render(request, "accounts/app.html", context, status=422 if form.errors else 200)


@never_cache
@signed_in
@recently_proven_to_read
def passkey(request: HttpRequest) -> HttpResponse:
    """Adds a passkey: the browser makes it (static/accounts/passkey.js)."""
    user = cast(User, request.user)
    form = PasskeyForm(request.POST if "credential" in request.POST else None)
    if form.is_bound and form.is_valid():
        fresh = mfa.add_passkey(user, form.cleaned_data["name"], form.cleaned_data["credential"])
        return _added(request, user, _("The passkey is added: it signs you in without a password."), fresh)
    context = {
        "form": form,
        "data": {"creation_options": webauthn.begin_registration(user, passwordless=True)},
        "base": mfa.base_template(request, user),
    }
    return render(request, "accounts/passkey.html", context, status=422 if form.errors else 200)


def _added(request: HttpRequest, user: User, words: str, fresh_codes: bool) -> HttpResponse:
    """A factor was confirmed just now: this session has used it. New recovery codes are shown first."""
    mfa.record(request, user, "mfa", enrolled=True)
    messages.success(request, words)
    return redirect("accounts:codes") if fresh_codes else redirect(_after(request) or "accounts:security")


def _after(request: HttpRequest) -> str:
    return str(request.session.get(NEXT) or "")


@require_POST
@signed_in
@recently_proven
def factor_remove(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        mfa.remove(cast(User, request.user), pk)
        messages.success(request, _("Removed."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("accounts:security")


@never_cache
@signed_in
@recently_proven_to_read
def codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes that are left, to be printed or kept as a file; a POST makes new ones."""
    user = cast(User, request.user)
    if not mfa.has_factor(user):
        return redirect("accounts:security")
    if request.method == "POST" and "renew" in request.POST:
        mfa.new_codes(user)
        messages.success(request, _("These are your new codes; the old ones no longer work."))
        return redirect("accounts:codes")
    context = {
        "codes": [f"{code[:4]} {code[4:]}" for code in mfa.unused_codes(user)],
        "after": _after(request) or "/",
        "enrolling": NEXT in request.session,
        "base": mfa.base_template(request, user),
    }
    return render(request, "accounts/codes.html", context)


@require_GET
@never_cache
@signed_in
@recently_proven_to_read
def codes_file(request: HttpRequest) -> HttpResponse:
    """The same as a text file."""
    user = cast(User, request.user)
    left = mfa.unused_codes(user)
    if not left:
        raise Http404
    answer = render(request, "accounts/codes.txt", {"codes": left}, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="mci-codici-di-recupero.txt"'
    return answer
