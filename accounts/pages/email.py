"""A user's own address: change it, confirm the new one, stop the change from the old one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.access import signed_in
from accounts.errors import LinkExpired, SameEmail
from accounts.models import User
from accounts.pages.forms import EmailForm
from accounts.people import emails
from accounts.sign_in.reauth import recently_proven
from core.errors import Refused, TooManyTries
from core.inbound import throttles


def _fresh(request: HttpRequest) -> User:
    """The signed-in user as he is now: the one on the request may have come with the session."""
    assert isinstance(request.user, User)
    return User.objects.get(pk=request.user.pk)


@sensitive_post_parameters("password")
@signed_in
@recently_proven
def email(request: HttpRequest) -> HttpResponse:
    """The address, the change that waits, and the form that asks for one."""
    user = _fresh(request)
    form = EmailForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_bound and form.is_valid():
        try:
            throttles.take("e-mail change", str(user.pk), limit=10, seconds=24 * 3600)
            emails.ask(user, new=form.cleaned_data["new"])
            return redirect("accounts:email")
        except (SameEmail, TooManyTries) as refusal:
            form.add_error("new", str(refusal))
    context = {"form": form, "address": user.email, "waiting": emails.waiting(user), "last": emails.last(user)}
    return render(request, "accounts/email.html", context, status=422 if form.is_bound else 200)


@require_POST
@signed_in
def email_withdraw(request: HttpRequest) -> HttpResponse:
    emails.withdraw(_fresh(request))
    messages.success(request, _("The change was withdrawn: the link does nothing any more."))
    return redirect("accounts:email")


@signed_in
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link at the new address. Who is signed out signs in first, with the password and the second factor: a link
    that went to a mistyped address gives its reader nothing."""
    user = _fresh(request)
    try:
        change = emails.by_confirm_token(token)
        emails.check(change, by=user)
        if request.method == "POST":
            emails.confirm(change.pk, by=user)
            messages.success(request, _("From now on you sign in with %(email)s.") % {"email": change.new})
            return redirect("accounts:email")
    except Refused as refusal:
        return render(request, "accounts/email_confirm.html", {"refusal": refusal})
    return render(request, "accounts/email_confirm.html", {"change": change})


def email_stop(request: HttpRequest, token: str) -> HttpResponse:
    """The link at the old address. It needs no session: the account may be in other hands by now."""
    try:
        change = emails.by_stop_token(token)
        if request.method == "POST":
            emails.stop(change.pk)
            return render(request, "accounts/email_stop.html", {"done": change})
        emails.check_stop(change)
    except Refused as refusal:
        context = {"refusal": refusal, "expired": isinstance(refusal, LinkExpired)}
        return render(request, "accounts/email_stop.html", context)
    return render(request, "accounts/email_stop.html", {"change": change})
