"""Where a person is signed in, what became of the account's keys, and what was typed when a session was over."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.dropshipper import Dropshipper
from accounts.models.user import User


class OpenSession(models.Model):
    """A browser that somebody is signed in with. The session itself is Django's; this row is what its owner reads of it
    and ends it by (accounts/sign_in/sessions.py)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "seen_at"], name="accounts_open_session_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.device}"


class SecurityEvent(models.Model):
    """What happened to the keys of an account: never changed, read by its owner. Written by
    accounts/sign_in/security_log.py alone. `dropshipper` is set where the whole company is concerned: its owners read
    it too."""

    user = models.ForeignKey(User, models.CASCADE, related_name="security_events", verbose_name=_("user"))
    dropshipper = models.ForeignKey(
        Dropshipper, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("dropshipper")
    )
    code = models.CharField(_("what"), max_length=40)
    params = models.JSONField(default=dict, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        indexes = [
            models.Index(fields=["user", "-id"], name="accounts_event_user"),
            models.Index(fields=["at"], name="accounts_event_at"),  # mci/database/retention.py
            models.Index(fields=["address"], name="accounts_event_address"),
            models.Index(
                fields=["dropshipper", "-id"],
                name="accounts_event_dropshipper",
                condition=models.Q(dropshipper__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.pk}"


class KeptForm(models.Model):
    """What a person had typed when the session was over: for that person's next sign-in, for an hour. Written and read
    by accounts/kept/forms.py alone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="kept_forms")
    handle = models.CharField(max_length=43, unique=True)  # in addresses: no number that somebody could count on from
    page = models.CharField(max_length=500)  # where the form stood
    action = models.CharField(max_length=500)  # where it was sent
    fields_sealed = models.BinaryField()  # JSON: [[name, value], …]
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], name="accounts_kept_expires"),  # mci/database/retention.py
            models.Index(fields=["user", "-id"], name="accounts_kept_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.page}"

    def sealing_context(self, column: str) -> str:
        return f"accounts_keptform:{self.handle}:{column}"
