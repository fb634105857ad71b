"""E-mails of accounts, each in its reader's language. A letter that can't be sent is logged and stops nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.models import CompanyChange, Dropshipper, EmailChange, Invitation, Member, SecurityEvent, User
from accounts.queries import staff_who_may
from core import strict
from core.errors import TooManyTries
from core.inbound import throttles

log = logging.getLogger(__name__)
MOST_BY_OTHERS = 6


def _send(user: User, name: str, context: dict[str, object]) -> None:
    """To the user's own address."""
    _send_to(user.email, user.language, name, {"user": user, **context})


def _send_to(email: str, language: str, name: str, context: dict[str, object]) -> None:
    """templates/accounts/letters/<name>.txt: the first line is the subject. Links begin with SITE_URL, never with what
    a request calls its host."""
    with translation.override(language):
        text = render_to_string(f"accounts/letters/{name}.txt", {"site_url": settings.SITE_URL, **context}).strip()
    subject, _, body = text.partition("\n")
    try:
        send_mail(strict.text(subject, 200), body.strip() + "\n", None, [email])
    except OSError:
        log.exception("The letter %s was not sent.", name)


def may_write(email: str) -> bool:
    """Whether one more letter may go to this address that somebody else asked for by typing it into a form. So many a
    day, whoever asks and by whatever form: no mailbox is filled by way of us. Who asked is told the same."""
    try:
        throttles.take("letters that others ask for", email.strip().lower(), limit=MOST_BY_OTHERS, seconds=24 * 3600)
    except TooManyTries:
        log.warning("A letter was not written: too many for one address in a day.")
        return False
    return True


def _send_if_few(email: str, language: str, name: str, context: dict[str, object]) -> None:
    if may_write(email):
        _send_to(email, language, name, context)


def status_changed(dropshipper: Dropshipper) -> None:
    """To every owner: approved, suspended or rejected, with the reason."""
    owners = Member.objects.filter(dropshipper=dropshipper, role=Member.Role.OWNER).select_related("user")
    for member in owners:
        _send(member.user, f"status_{dropshipper.status}", {"dropshipper": dropshipper})


def signed_up(companies: Sequence[Dropshipper], *, count: int) -> None:
    """To those of the staff who may let them in: these wait, of `count` in all."""
    one = companies[0] if count == 1 else None
    path = reverse("accounts:dropshipper", args=[one.pk]) if one else reverse("accounts:dropshippers")
    for user in staff_who_may("approve_dropshipper"):
        context = {"companies": companies, "count": count, "more": count - len(companies), "path": path}
        _send(user, "signed_up", context)


def choose_password(user: User) -> None:
    """The account was secured from the old address: a link to choose a new password (valid as long as a reset)."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    _send(user, "choose_password", {"path": path})


def confirm_email(change: EmailChange, token: str) -> None:
    """To the new address: the link that makes it the user's."""
    path = reverse("accounts:email_confirm", args=[token])
    _send_if_few(change.new, change.user.language, "email_confirm", {"change": change, "path": path})


def email_is_taken(owner: User) -> None:
    """To who has an account with the address that somebody else asked for."""
    _send_if_few(owner.email, owner.language, "email_is_taken", {"user": owner})


def email_will_change(change: EmailChange, token: str) -> None:
    """To the old address, before anything changes: the link that stops it."""
    path = reverse("accounts:email_stop", args=[token])
    _send_to(change.old, change.user.language, "email_will_change", {"change": change, "path": path})


def email_changed(change: EmailChange, token: str) -> None:
    """To the old address: it was changed, and the link that takes it back."""
    path = reverse("accounts:email_stop", args=[token])
    _send_to(change.old, change.user.language, "email_changed", {"change": change, "path": path})


def email_changed_by_staff(user: User, old: str) -> None:
    """To the address that the user had."""
    _send_to(old, user.language, "email_changed_by_staff", {"user": user})


def invited(invitation: Invitation, language: str, token: str) -> None:
    """To somebody without an account. Names the company only while the staff's approval stands behind the name."""
    path = reverse("accounts:invitation", args=[token])
    _send_if_few(invitation.email, language, "invited", {"company": _proven_name(invitation.dropshipper), "path": path})


def cannot_be_invited(user: User, dropshipper: Dropshipper) -> None:
    """To somebody who has an account: one account works for one company."""
    context = {"user": user, "company": _proven_name(dropshipper)}
    _send_if_few(user.email, user.language, "cannot_be_invited", context)


def vat_number_taken(email: str, language: str) -> None:
    """To who asked for an account with a VAT number that somebody else has begun to register."""
    _send_if_few(email, language, "vat_number_taken", {})


def company_change_decided(change: CompanyChange) -> None:
    """To every owner: approved, or refused with the reason."""
    owners = Member.objects.filter(dropshipper=change.dropshipper, role=Member.Role.OWNER).select_related("user")
    for member in owners:
        _send(member.user, f"company_change_{change.state}", {"change": change, "dropshipper": change.dropshipper})


def _proven_name(dropshipper: Dropshipper) -> str:
    return strict.text(dropshipper.name, 200) if dropshipper.is_active else ""


def security(event: SecurityEvent, sentence: str) -> None:
    """To whose account it is: something serious happened to its keys, where, and what to do if it was somebody else."""
    context = {"event": event, "sentence": sentence, "path": reverse("accounts:activity")}
    _send(event.user, "security", {**context, "reset": reverse("account_reset_password")})
