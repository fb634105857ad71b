"""Asked again: what may cost money or give an account away wants a proof of at most ten minutes ago.

    @require_POST
    @role_required()
    @recently_proven
    def member_remove(request, pk): …

A sign-in counts as a proof. When it is older the same address answers with one question, and the form that was sent
goes along in hidden fields: with the right answer the act is done, nothing is typed twice. Who has a second factor
answers with it, the others with their password.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.access import referring_page
from accounts.models import User
from accounts.sign_in import mfa, security_log
from core import lines
from core.errors import Refused

SECONDS = 600
SAFE = ("GET", "HEAD", "OPTIONS")
PREFIX = "prove"
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ProveForm(lines.Form):
    """One answer: a code or a passkey for who has a factor, else the password. `how` is set when it is right."""

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data, prefix=PREFIX)
        self.request = request
        self.user = cast(User, request.user)
        types = {row.type for row in mfa.factors_of(self.user)}
        self.by_factor, self.by_passkey = bool(types), Authenticator.Type.WEBAUTHN in types
        self.by_app = Authenticator.Type.TOTP in types
        if self.by_factor:
            self.fields["code"] = forms.CharField(
                label=_("Code of your app, or a recovery code") if self.by_app else _("Recovery code"),
                max_length=40,
                required=not self.by_passkey,
                widget=forms.TextInput(
                    attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
                ),
            )
        else:
            self.fields["password"] = forms.CharField(
                label=_("Password"),
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
            )
        if self.by_passkey:
            self.fields["credential"] = forms.JSONField(required=False, widget=forms.HiddenInput)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        # The adapter counts the tries, as at the sign-in.
        found = get_adapter(self.request).authenticate(self.request, email=self.user.email, password=password)
        if found is None or found.pk != self.user.pk:
            raise ValidationError(_("This password is not right."), code="wrong_password")
        return password

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.by_factor or self.errors:
            return data
        try:
            if data.get("credential"):
                webauthn.parse_authentication_response(data["credential"])
                webauthn.complete_authentication(self.user, data["credential"]).record_usage()
            else:
                mfa.accept_code(self.user, data.get("code", ""))
        except (Refused, ValidationError) as error:
            security_log.note(self.user, "factor_failed", request=self.request)
            text = str(error) if isinstance(error, Refused) else _("This passkey is not one of yours.")
            self.add_error("code", text)
        return data

    def save(self) -> None:
        mfa.record(self.request, self.user, "mfa" if self.by_factor else "password", reauthenticated=True)


def is_recent(request: HttpRequest, user: User) -> bool:
    """Whether `user` proved in this session who he is, within the last ten minutes: with a second factor where he has
    one, also in a session that is older than the factor."""
    records = get_authentication_records(request, user)
    return _within(records, "mfa") or (_within(records, "password") and not mfa.has_factor(user))


def _within(records: list[dict[str, Any]], method: str) -> bool:
    proofs = [one["at"] for one in records if one.get("method") == method]
    return bool(proofs) and 0 <= time.time() - max(proofs) < SECONDS


def recently_proven(view: View) -> View:
    """For what changes something (POST and the like); a page may be looked at."""
    return _guarded(view, reads=False)


def recently_proven_to_read(view: View) -> View:
    """For pages that show a secret: asked for their GET too."""
    return _guarded(view, reads=True)


def _guarded(view: View, *, reads: bool) -> View:
    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = ask_unless_recent(request, reads=reads)
        return view(request, *args, **kwargs) if answer is None else answer

    guard.needs_proof = True  # type: ignore[attr-defined]
    return cast(View, guard)


def ask_unless_recent(request: HttpRequest, *, reads: bool = False) -> HttpResponse | None:
    """None when the request may go on, else the answer that asks. For what is no view of ours (the administration)."""
    if request.method in SAFE and not reads:
        return None
    user = request.user
    if not isinstance(user, User) or is_recent(request, user):
        return None
    answers = request.method == "POST" and any(name.startswith(f"{PREFIX}-") for name in request.POST)
    form = ProveForm(request, request.POST if answers else None)
    if answers and form.is_valid():
        form.save()
        return None
    return ask(request, form)


def ask(request: HttpRequest, form: ProveForm, *, to: str = "") -> HttpResponse:
    """The question. What was sent goes along, but for files: they cannot, and the page says so."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        answer = HttpResponse(status=200)
        page = htmx.current_url_abs_path or referring_page(request)
        answer["HX-Redirect"] = f"{reverse('accounts:prove')}?{urlencode({'next': page})}"
        return answer
    sent = request.method not in SAFE and not to
    lost = sent and bool(request.FILES)
    kept: list[tuple[str, str]] = []
    if sent and not lost:
        kept = [
            (name, str(value))
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken" and not name.startswith(f"{PREFIX}-")
        ]
    here = request.get_full_path()
    context: dict[str, Any] = {
        "form": form,
        "kept": kept,
        "sent": sent,
        "lost": lost,
        "action": here if sent and not lost else reverse("accounts:prove"),
        "next": to or here,
        "back": referring_page(request) if sent else "/",
        "base": mfa.base_template(request, form.user),
    }
    if form.by_passkey:
        context["passkey"] = {"request_options": webauthn.begin_authentication(form.user)}
    answer = render(request, "accounts/prove.html", context, status=422 if form.errors else 403 if sent else 200)
    answer["Cache-Control"] = "no-store"  # it holds what was typed
    return answer
