"""allauth's pages that we keep, where they need more than allauth does."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification import verify_email_and_resume
from allauth.account.models import EmailConfirmationHMAC
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.companies import company
from accounts.models import User
from accounts.pages.forms import PasswordForm
from accounts.people import emails


class PasswordChangeView(allauth_views.PasswordChangeView):
    """Other sessions end with the old password. Who has none (a reset is on its way) gets one by letter."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and not request.user.has_usable_password():
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)


class PasswordResetFromKeyView(allauth_views.PasswordResetFromKeyView):
    """The link went to the user's address, so whoever uses it reads it."""

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        if emails.mark_verified(self.reset_user):
            company.announce(self.reset_user)
        return answer


@sensitive_post_parameters("password")
def confirm_email(request: HttpRequest, key: str) -> HttpResponseBase:
    """The link of a sign-up. It counts for who signed up: the browser that did, or who knows the password. Else the
    reader of a foreign mailbox would, with one friendly click, prove an address for an account that is not his."""
    confirmation = EmailConfirmationHMAC.from_key(key)
    if confirmation is None:
        return render(request, "account/email_confirm.html", {"gone": True})
    user: User = confirmation.email_address.user
    known = _signs_in_here(request, user)
    form = PasswordForm(request.POST if request.method == "POST" and not known else None, user=user)
    if request.method == "POST" and (known or form.is_valid()):
        _address, answer = verify_email_and_resume(request, confirmation)
        if answer is not None:
            return answer
        if known:
            return redirect("account_login")
        return perform_login(request, user, email=user.email)
    context = {"form": form, "known": known, "email": user.email, "company": _company_of(user)}
    return render(request, "account/email_confirm.html", context, status=422 if form.is_bound else 200)


def _signs_in_here(request: HttpRequest, user: User) -> bool:
    if request.user.is_authenticated:
        return request.user.pk == user.pk
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    return stage is not None and stage.login.user is not None and stage.login.user.pk == user.pk


def _company_of(user: User) -> str:
    member = getattr(user, "member", None)
    return member.dropshipper.name.removesuffix(".") if member else ""  # its sentence ends with a dot
