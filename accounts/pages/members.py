"""The people of a company and their roles; only an owner changes them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PortalRequest, member_required, role_required
from accounts.models import Member
from accounts.pages.forms import InvitationForm
from accounts.people import invitations
from accounts.people import members as people
from accounts.queries import access_member, members_of, open_invitations
from accounts.sign_in.reauth import recently_proven
from core.errors import Refused, TooManyTries
from core.inbound import throttles


@member_required
@recently_proven
def members(request: PortalRequest) -> HttpResponse:
    """The list, the open invitations, and the form that invites a colleague. What it answers is the same whether an
    address has an account or not."""
    is_owner = request.member.role == Member.Role.OWNER
    form = InvitationForm(request.POST if request.method == "POST" and is_owner else None)
    status = 200
    if form.is_bound:
        if form.is_valid():
            try:
                throttles.take("invitation", str(request.dropshipper.pk), limit=20, seconds=24 * 3600)
                sent = invitations.invite(request.dropshipper, by=request.user, **form.cleaned_data)
                messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": sent.email})
                return redirect("accounts:members")
            except (Refused, TooManyTries) as refusal:
                form.add_error("email", str(refusal))
        status = 422
    context = {
        "rows": members_of(request.dropshipper),
        "invitations": invitations.as_rows(open_invitations(request.dropshipper)),
        "form": form,
        "is_owner": is_owner,
        "roles": Member.Role.choices,
    }
    return render(request, "accounts/members.html", context, status=status)


@require_POST
@role_required()
@recently_proven
def member_role(request: PortalRequest, pk: int) -> HttpResponse:
    member = access_member(request.dropshipper, pk)
    role = request.POST.get("role", "")
    if role in Member.Role.values:
        try:
            people.change_role(member, role, by=request.user)
            messages.success(request, _("Saved."))
        except Refused as refusal:
            messages.error(request, str(refusal))
    return redirect("accounts:members")


@require_POST
@role_required()
@recently_proven
def member_remove(request: PortalRequest, pk: int) -> HttpResponse:
    member = access_member(request.dropshipper, pk)
    try:
        people.remove(member, by=request.user)
        messages.success(request, _("%(email)s can no longer sign in.") % {"email": member.user.email})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("accounts:members")
