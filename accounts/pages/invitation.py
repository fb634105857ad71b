"""Invites colleagues, and takes in who follows an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.access import PortalRequest, role_required
from accounts.pages.forms import AcceptForm
from accounts.people import invitations
from accounts.queries import access_invitation
from core.errors import Refused


@require_POST
@role_required()
def invitation_withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    invitation = access_invitation(request.dropshipper, pk)
    invitations.withdraw(invitation)
    messages.success(request, _("The invitation of %(email)s was withdrawn.") % {"email": invitation.email})
    return redirect("accounts:members")


@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a letter. Its reader chooses a name and a password, and signs in with them."""
    try:
        found = invitations.by_token(token)
        form = AcceptForm(request.POST if request.method == "POST" else None, email=found.email)
        if form.is_bound and form.is_valid():
            data = form.cleaned_data
            invitations.accept(found.pk, name=data["name"], password=data["password"], language=get_language() or "it")
            messages.success(request, _("Your account is ready: sign in."))
            return redirect("account_login")
    except Refused as refusal:
        return render(request, "accounts/invitation.html", {"refusal": refusal})
    context = {"form": form, "invitation": found}
    return render(request, "accounts/invitation.html", context, status=422 if form.is_bound else 200)
