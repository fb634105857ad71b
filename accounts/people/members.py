"""The people of a company. There is always an owner. Who joins was invited (accounts/people/invitations.py) or signed
up."""

from __future__ import annotations

from django.db import transaction

from accounts.errors import LastOwner, NotYourself
from accounts.models import Dropshipper, Member, User
from accounts.sign_in import security_log, sessions

OWNER = Member.Role.OWNER


def _lock(dropshipper: Dropshipper) -> None:
    """Changes of one company's people go one after another: two owners must not demote each other at once."""
    Dropshipper.objects.select_for_update(no_key=True).get(pk=dropshipper.pk)


def _require_another_owner(member: Member) -> None:
    others = Member.objects.filter(dropshipper_id=member.dropshipper_id, role=OWNER, user__is_active=True)
    if member.role == OWNER and not others.exclude(pk=member.pk).exists():
        raise LastOwner


def _note(code: str, member: Member, by: User) -> None:
    """Read by whom it concerns and by the owners."""
    params = {"by": by, "member": member.user, "role": member.role}
    security_log.note(member.user, code, params, dropshipper=member.dropshipper)


@transaction.atomic
def change_role(member: Member, role: str, *, by: User) -> None:
    """Raises NotYourself, LastOwner."""
    _lock(member.dropshipper)
    member.refresh_from_db(fields=["role"])
    if member.role == role:
        return
    if member.user_id == by.pk:
        raise NotYourself
    _require_another_owner(member)
    member.role = role
    member.save(update_fields=["role"])
    _note("member_role", member, by)


@transaction.atomic
def remove(member: Member, *, by: User) -> None:
    """The person leaves the company and can't sign in; rows that name them stay. Who is the supplier's keeps that
    account: a reseller switches off his own people only. Raises NotYourself, LastOwner."""
    _lock(member.dropshipper)
    if member.user_id == by.pk:
        raise NotYourself
    _require_another_owner(member)
    user = member.user
    _note("member_removed", member, by)
    member.delete()
    if not (user.is_staff or user.is_superuser):
        user.is_active = False
        user.save(update_fields=["is_active"])
    sessions.end_all(user)
