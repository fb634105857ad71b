"""How allauth's doors (sign-in, sign-up, reset) speak: links begin with SITE_URL whatever a request calls its host,
letters are in their reader's language, and one that cannot be sent is logged and stops nothing."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from accounts.companies import company
from accounts.models import User
from accounts.people import letters
from core.inbound import redirects

log = logging.getLogger(__name__)


class DoorAdapter(DefaultAccountAdapter):
    """allauth's hooks that concern identity."""

    def is_safe_url(self, url: str) -> bool:
        """A `next` leads to a page of this portal and nowhere else."""
        return redirects.is_ours(self.request, url)

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", quote(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def send_account_already_exists_mail(self, email: str) -> None:
        """Instead of a confirmation, where a sign-up did not make an account: its reader learns why, nobody else."""
        owner = User.objects.filter(email=email.lower()).first()
        if owner is not None:
            if letters.may_write(owner.email):
                self.send_mail("account/email/account_already_exists", owner.email, {"user": owner})
        else:
            letters.vat_number_taken(email, translation.get_language() or "it")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        portal = SimpleNamespace(name="MCI", domain=urlsplit(settings.SITE_URL).netloc)
        user = context.get("user")
        language = user.language if isinstance(user, User) else translation.get_language()
        with translation.override(language):
            try:
                super().send_mail(
                    template_prefix, email, {**context, "current_site": portal, "site_url": settings.SITE_URL}
                )
            except OSError:
                log.exception("The letter %s was not sent.", template_prefix)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        done = super().confirm_email(request, email_address)
        if done:
            company.announce(email_address.user)
        return done
