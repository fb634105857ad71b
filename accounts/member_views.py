"""The people of a company and their roles; only an owner changes them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import members as people
from accounts.access import PortalRequest, member_required, role_required
from accounts.forms import MemberForm
from accounts.models import Member
from accounts.queries import access_member, members_of
from core.errors import Refused


@member_required
def members(request: PortalRequest) -> HttpResponse:
    """The list, and the form that adds a colleague."""
    is_owner = request.member.role == Member.Role.OWNER
    form = MemberForm(request.POST if request.method == "POST" and is_owner else None)
    status = 200
    if form.is_bound:
        if form.is_valid():
            try:
                member = people.add(request.dropshipper, by=request.user, **form.cleaned_data)
                messages.success(
                    request,
                    _("%(email)s was added and gets a link to choose a password.") % {"email": member.user.email},
                )
                return redirect("accounts:members")
            except Refused as refusal:
                form.add_error("email", str(refusal))
        status = 422
    context = {
        "rows": members_of(request.dropshipper),
        "form": form,
        "is_owner": is_owner,
        "roles": Member.Role.choices,
    }
    return render(request, "accounts/members.html", context, status=status)


@require_POST
@role_required()
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
def member_remove(request: PortalRequest, pk: int) -> HttpResponse:
    member = access_member(request.dropshipper, pk)
    try:
        people.remove(member, by=request.user)
        messages.success(request, _("%(email)s can no longer sign in.") % {"email": member.user.email})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("accounts:members")
