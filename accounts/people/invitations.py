"""Asks people to work for a company. The answer does not say whether an address has an account; the letter says nothing
that the inviter wrote."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import (
    AlreadyInvited,
    AlreadyMember,
    EmailTaken,
    LinkExpired,
    LinkStopped,
    LinkUsed,
    TooManyInvitations,
    TooManyPeople,
)
from accounts.models import Dropshipper, Invitation, Member, User
from accounts.people import emails, letters
from accounts.sign_in import security_log
from core import tenancy

State = Invitation.State
VALID = dt.timedelta(days=7)
MOST_PEOPLE = 50  # members and open invitations of one company
MOST_OPEN = 10  # invitations that nobody has answered
_SALT = "accounts.invitation"


def token_of(invitation: Invitation) -> str:
    return signing.dumps(invitation.pk, salt=_SALT)


@tenancy.across  # whose it is, the token says
def by_token(token: str) -> Invitation:
    """Raises LinkExpired (also for what is no link of ours), LinkUsed, LinkStopped."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=VALID)
    except signing.BadSignature:
        raise LinkExpired from None
    invitation = Invitation.objects.select_related("dropshipper").filter(pk=pk).first()
    if invitation is None:
        raise LinkExpired
    check(invitation)
    return invitation


def check(invitation: Invitation) -> None:
    """Whether it can be accepted. A company that is stopped takes in nobody. Raises LinkUsed, LinkExpired,
    LinkStopped."""
    if invitation.state == State.ACCEPTED:
        raise LinkUsed
    if invitation.state == State.EXPIRED or invitation.asked_at <= timezone.now() - VALID:
        raise LinkExpired
    if invitation.state != State.WAITING or not invitation.dropshipper.is_active:
        raise LinkStopped


def invite(dropshipper: Dropshipper, *, email: str, role: str, by: User) -> Invitation:
    """A letter with a link, or, where the address has an account, a letter that says that an account works for one
    company. Raises AlreadyMember, AlreadyInvited, TooManyInvitations, TooManyPeople."""
    email = email.strip().lower()
    with transaction.atomic():
        Dropshipper.objects.select_for_update(no_key=True).get(pk=dropshipper.pk)  # the cap holds for two at once
        expire(dropshipper)
        if dropshipper.members.filter(user__email__iexact=email).exists():
            raise AlreadyMember(email=email)
        waiting = dropshipper.invitations.filter(state=State.WAITING)
        if waiting.filter(email__iexact=email).exists():
            raise AlreadyInvited(email=email)
        asked = waiting.count()
        if asked >= MOST_OPEN:
            raise TooManyInvitations(most=MOST_OPEN)
        if asked + dropshipper.members.count() >= MOST_PEOPLE:
            raise TooManyPeople(most=MOST_PEOPLE)
        invitation = Invitation.objects.create(dropshipper=dropshipper, email=email, role=role, by=by)
        owner = User.objects.filter(email__iexact=email).first()
        if owner is None:
            tell = functools.partial(letters.invited, invitation, by.language, token_of(invitation))
        else:
            tell = functools.partial(letters.cannot_be_invited, owner, dropshipper)
        transaction.on_commit(tell, robust=True)
    return invitation


def expire(dropshipper: Dropshipper) -> None:
    """Links that are too old no longer count as open."""
    old = dropshipper.invitations.filter(state=State.WAITING, asked_at__lte=timezone.now() - VALID)
    old.update(state=State.EXPIRED, done_at=timezone.now())


def as_rows(found: Iterable[Invitation]) -> list[tuple[Invitation, bool]]:
    """(invitation, its link still works), for the page."""
    now = timezone.now()
    return [(row, row.state == State.WAITING and row.asked_at > now - VALID) for row in found]


def withdraw(invitation: Invitation) -> None:
    """The link does nothing any more. Of one that was answered nothing changes."""
    Invitation.objects.filter(pk=invitation.pk, state=State.WAITING).update(
        state=State.WITHDRAWN, done_at=timezone.now()
    )


@tenancy.across
def accept(pk: int, *, name: str, password: str, language: str) -> Member:
    """The reader of the letter becomes a user and a member; its link proved the address. Raises what `check` raises,
    and EmailTaken when the address got an account meanwhile."""
    invitation = Invitation.objects.get(pk=pk)
    try:
        with transaction.atomic():
            dropshipper = Dropshipper.objects.select_for_update(no_key=True).get(pk=invitation.dropshipper_id)
            invitation = Invitation.objects.select_related("dropshipper", "by").get(pk=pk)
            check(invitation)
            user = User.objects.create_user(invitation.email, password, name=name, language=language)
            emails.settle(user, verified=True)
            member = Member.objects.create(user=user, dropshipper=dropshipper, role=invitation.role)
            said = {"by": invitation.by, "member": user, "role": member.role}
            security_log.note(user, "member_added", said, dropshipper=dropshipper)
            invitation.state, invitation.done_at = State.ACCEPTED, timezone.now()
            invitation.save(update_fields=["state", "done_at"])
    except IntegrityError as error:
        raise EmailTaken(email=invitation.email) from error
    return member
