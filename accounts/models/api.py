"""Programs that act for a reseller: their keys, what each write was answered, and what they asked."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.dropshipper import Dropshipper
from accounts.models.member import Member
from accounts.models.user import User

SCOPES = (
    *("catalogue:read", "stock:read", "orders:read", "orders:write", "orders:send"),
    *("shipments:read", "wallet:read", "shops:read", "inbox:read"),
)


class ApiKey(models.Model):
    """What a program of a reseller proves itself with. The key itself is shown once and kept nowhere: `prefix` finds
    the row, `digest` is the SHA-256 of the whole (it is random and long: no salt, no slow hash). Written by
    accounts/keys/keys.py alone."""

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=20), verbose_name=_("what it may do"))
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)  # empty: from anywhere
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    used_from = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            # Also what makes a form that is sent twice one key.
            models.UniqueConstraint(
                fields=["dropshipper", "name"], condition=models.Q(revoked_at=None), name="accounts_apikey_name"
            ),
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=list(SCOPES), scopes__len__gt=0), name="accounts_apikey_scopes"
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="accounts_apikey_revoked_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.prefix}"

    @property
    def is_answered_for(self) -> bool:
        """Whether who made it is still an owner: what it does is done in their name. Read `made_by__member` with it."""
        member = getattr(self.made_by, "member", None)
        return (
            member is not None
            and self.made_by.is_active
            and member.dropshipper_id == self.dropshipper_id
            and member.role == Member.Role.OWNER
        )

    @property
    def is_over(self) -> bool:
        return self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= timezone.now())


class ApiAnswer(models.Model):
    """What a write was answered, by the caller's own Idempotency-Key: written in the act's transaction, given again to
    the same request for 30 days (accounts/keys/once.py). No customer's name nor address stands in it."""

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # of method, path and body
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    location = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dropshipper", "key"], name="accounts_apianswer_once"),
            models.CheckConstraint(
                condition=models.Q(status__gte=200, status__lt=500), name="accounts_apianswer_status"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="accounts_apianswer_at")]  # mci/database/retention.py

    def __str__(self) -> str:
        return f"{self.dropshipper_id} · {self.key}"


class ApiRequest(models.Model):
    """A request of a program, for who looks for its mistake: without query, without body, without the key."""

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="+")
    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    request_id = models.CharField(max_length=20)
    method = models.CharField(max_length=7)
    path = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40, blank=True)  # of the problem
    took_ms = models.PositiveIntegerField()
    address = models.GenericIPAddressField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("API request")
        verbose_name_plural = _("API requests")
        indexes = [
            models.Index(fields=["dropshipper", "-id"], name="accounts_apirequest_tenant"),
            models.Index(fields=["at"], name="accounts_apirequest_at"),  # mci/database/retention.py
            models.Index(fields=["api_key"], name="accounts_apirequest_key"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status}"
