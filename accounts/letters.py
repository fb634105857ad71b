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

from accounts.models import Dropshipper, Member, User

log = logging.getLogger(__name__)


def _send(user: User, name: str, context: dict[str, object]) -> None:
    """templates/accounts/letters/<name>.txt: the first line is the subject."""
    with translation.override(user.language):
        text = render_to_string(
            f"accounts/letters/{name}.txt", {"user": user, "site_url": settings.SITE_URL, **context}
        ).strip()
    subject, _, body = text.partition("\n")
    try:
        send_mail(subject.strip(), body.strip() + "\n", None, [user.email])
    except OSError:
        log.exception("The letter %s to user %s was not sent.", name, user.pk)


def status_changed(dropshipper: Dropshipper) -> None:
    """To every owner: approved, suspended or rejected, with the reason."""
    owners = Member.objects.filter(dropshipper=dropshipper, role=Member.Role.OWNER).select_related("user")
    for member in owners:
        _send(member.user, f"status_{dropshipper.status}", {"dropshipper": dropshipper})


def signed_up(companies: Sequence[Dropshipper], *, count: int) -> None:
    """To the staff: these wait, of `count` in all."""
    one = companies[0] if count == 1 else None
    path = reverse("accounts:dropshipper", args=[one.pk]) if one else reverse("accounts:dropshippers")
    for user in User.objects.filter(is_staff=True, is_active=True):
        context = {"companies": companies, "count": count, "more": count - len(companies), "path": path}
        _send(user, "signed_up", context)


def welcome(user: User, dropshipper: Dropshipper) -> None:
    """To a colleague who was added: a link to choose a password (valid as long as a password reset)."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    _send(user, "welcome", {"dropshipper": dropshipper, "path": path})
