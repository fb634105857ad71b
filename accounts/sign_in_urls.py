"""Addresses whose names are allauth's or Django's: the second step of the sign-in, and the administration's own doors,
which lead to ours."""

from __future__ import annotations

from allauth.mfa.base.views import authenticate
from allauth.mfa.webauthn.views import login_webauthn
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse

from accounts.pages import security
from core.inbound import redirects


def admin_login(request: HttpRequest) -> HttpResponse:
    """The administration has no sign-in of its own: there the second factor and the throttles would be missing."""
    wanted = redirects.ours(request, request.GET.get("next", "")) or reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(wanted)
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect(reverse("admin:index") if wanted.startswith(request.path) else wanted)


def admin_password(request: HttpRequest) -> HttpResponse:
    return redirect("account_change_password")


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/login/code/", authenticate, name="mfa_authenticate"),
    path("account/login/passkey/", login_webauthn, name="mfa_login_webauthn"),
    # where allauth would ask again
    path("account/security/prove/", security.prove, name="mfa_reauthenticate"),
    path("account/security/prove/", security.prove, name="mfa_reauthenticate_webauthn"),
    path("account/security/", security.security, name="mfa_index"),
    path("admin/login/", admin_login, name="admin_login"),
    path("admin/password_change/", admin_password, name="admin_password"),
]
