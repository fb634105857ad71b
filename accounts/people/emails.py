"""The one address of a user: `User.email`. allauth keeps a row of its own, which only says whether the address was
proven; the database holds it to the user's (migration). An address is changed by four steps and no other way: the
password, a link at the new address, used by the same user, and no objection from the old one."""

from __future__ import annotations

import datetime as dt
import functools

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import EmailTaken, LinkExpired, LinkStopped, LinkUsed, NotYourLink, SameEmail
from accounts.models import EmailChange, User
from accounts.people import letters
from accounts.sign_in import mfa, security_log

State = EmailChange.State
CONFIRM = dt.timedelta(hours=48)
STOP = dt.timedelta(days=7)
_CONFIRM_SALT, _STOP_SALT = "accounts.email.confirm", "accounts.email.stop"


def settle(user: User, *, verified: bool) -> None:
    """allauth's row says what the user says."""
    row = {"email": user.email.lower(), "primary": True, "verified": verified}
    EmailAddress.objects.update_or_create(user=user, defaults=row)


def is_verified(user: User) -> bool:
    return EmailAddress.objects.filter(user=user, email=user.email.lower(), verified=True).exists()


def mark_verified(user: User) -> bool:
    """A link that went to the address was used. True the first time."""
    if is_verified(user):
        return False
    settle(user, verified=True)
    return True


def waiting(user: User) -> EmailChange | None:
    """The change that still can be confirmed."""
    return user.email_changes.filter(state=State.WAITING, asked_at__gt=timezone.now() - CONFIRM).first()


def last(user: User) -> EmailChange | None:
    """The newest change of all, for the page."""
    return user.email_changes.order_by("-pk").first()


def confirm_token(change: EmailChange) -> str:
    return signing.dumps(change.pk, salt=_CONFIRM_SALT)


def stop_token(change: EmailChange) -> str:
    return signing.dumps(change.pk, salt=_STOP_SALT)


def by_confirm_token(token: str) -> EmailChange:
    """Raises LinkExpired, also for what is no link of ours."""
    return _by_token(token, _CONFIRM_SALT, CONFIRM)


def by_stop_token(token: str) -> EmailChange:
    """Raises LinkExpired, also for what is no link of ours."""
    return _by_token(token, _STOP_SALT, STOP)


def _by_token(token: str, salt: str, age: dt.timedelta) -> EmailChange:
    try:
        pk = signing.loads(token, salt=salt, max_age=age)
    except signing.BadSignature:
        raise LinkExpired from None
    change = EmailChange.objects.select_related("user").filter(pk=pk).first()
    if change is None:
        raise LinkExpired
    return change


def ask(user: User, *, new: str) -> EmailChange:
    """The page has checked the password. Replaces an earlier wish. The answer is the same whether the address has an
    account or not; who has one there gets a letter that says so. Raises SameEmail."""
    new = new.strip().lower()
    with transaction.atomic():
        user = _lock_user(user.pk)  # two wishes at once: the later one replaces the earlier
        if new == user.email.lower():
            raise SameEmail
        _end(user.email_changes.filter(state=State.WAITING), State.WITHDRAWN)
        change = EmailChange.objects.create(user=user, old=user.email, new=new)
        owner = User.objects.filter(email__iexact=new).first()
        if owner is None:
            tell = functools.partial(letters.confirm_email, change, confirm_token(change))
        else:
            tell = functools.partial(letters.email_is_taken, owner)
        transaction.on_commit(tell, robust=True)
        transaction.on_commit(functools.partial(letters.email_will_change, change, stop_token(change)), robust=True)
    return change


@transaction.atomic
def withdraw(user: User) -> None:
    """The user thought better of it."""
    _lock_user(user.pk)
    _end(user.email_changes.filter(state=State.WAITING), State.WITHDRAWN)


def check(change: EmailChange, *, by: User) -> None:
    """Whether `by` may confirm it now. Raises NotYourLink, LinkUsed, LinkStopped, LinkExpired."""
    if change.user_id != by.pk:
        raise NotYourLink
    if change.state == State.CONFIRMED:
        raise LinkUsed
    if change.state != State.WAITING:
        raise LinkStopped
    if change.asked_at <= timezone.now() - CONFIRM:
        raise LinkExpired


def check_stop(change: EmailChange) -> None:
    """Raises LinkUsed."""
    if change.state == State.STOPPED:
        raise LinkUsed


def confirm(pk: int, *, by: User) -> EmailChange:
    """From now on `by` signs in with the new address, and reset letters go there alone. Raises what `check` raises, and
    EmailTaken when another account got the address meanwhile."""
    try:
        with transaction.atomic():
            user, change = _lock(pk)
            check(change, by=by)
            _move(user, change.new)
            security_log.note(user, "email_changed", {"old": change.old, "new": change.new})
            _end(EmailChange.objects.filter(pk=pk), State.CONFIRMED)
            transaction.on_commit(functools.partial(letters.email_changed, change, stop_token(change)), robust=True)
    except IntegrityError as error:
        raise EmailTaken(email=change.new) from error
    change.state = State.CONFIRMED
    return change


def stop(pk: int) -> EmailChange:
    """The reader of the old address says "that was not me": the old address is (again) the user's, password and second
    factors are void, all sessions end, and a link to choose a new password goes to the old address. What was changed
    after it is void too, with its own link to stop: else whoever had taken the account takes it back with the letter
    that went to him. Raises LinkUsed, EmailTaken."""
    try:
        with transaction.atomic():
            user, change = _lock(pk)
            check_stop(change)
            if user.email != change.old and _was_confirmed(change):
                security_log.note(user, "email_changed", {"old": user.email, "new": change.old})
                _move(user, change.old)
            if mfa.has_factor(user):
                mfa.reset(user, by=change.old)  # a passkey alone opens the account: one may be the stranger's
            user.set_unusable_password()  # every session hangs from the password
            user.save(update_fields=["password"])
            _end(user.email_changes.filter(pk__gte=pk).exclude(state=State.STOPPED), State.STOPPED)
            transaction.on_commit(functools.partial(letters.choose_password, user), robust=True)
    except IntegrityError as error:
        raise EmailTaken(email=change.old) from error
    change.state = State.STOPPED
    return change


def _was_confirmed(change: EmailChange) -> bool:
    """This change, or one that came after it: then the user is no longer where this letter went."""
    return change.user.email_changes.filter(pk__gte=change.pk, state=State.CONFIRMED).exists()


def _lock(pk: int) -> tuple[User, EmailChange]:
    """The change as it is once nobody else decides on it: what concerns one user's address goes one after another."""
    user = _lock_user(EmailChange.objects.values_list("user_id", flat=True).get(pk=pk))
    return user, EmailChange.objects.select_related("user").get(pk=pk)


def _lock_user(pk: int) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=pk)


def _move(user: User, email: str) -> None:
    user.email = email
    user.save(update_fields=["email"])  # IntegrityError: the database keeps addresses apart, whatever their case
    settle(user, verified=True)


def _end(rows: QuerySet[EmailChange], state: str) -> None:
    rows.update(state=state, done_at=timezone.now())
