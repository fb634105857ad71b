"""A top-up by bank transfer."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Dropshipper
from core.money import MAX_AMOUNT, ZERO, MoneyField


class TopUp(models.Model):
    """A bank transfer that a reseller announces; staff credits it when the money is on the account."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        SENT = "sent", _("Transfer sent")
        CREDITED = "credited", _("Credited")
        REJECTED = "rejected", pgettext_lazy("top-up", "Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REVERSED = "reversed", _("Taken back")

    # From the form: a second submit is the same request.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="top_ups")
    amount = MoneyField(_("amount (EUR)"))
    causale = models.CharField(_("payment reference"), max_length=20, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # Credited by mistake and taken back: who and when; `reason` says why.
    reversed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reversed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("top-up")
        verbose_name_plural = _("top-ups")
        permissions = [("credit_topup", _("Can credit top-ups")), ("reject_topup", _("Can reject top-ups"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=ZERO, amount__lte=MAX_AMOUNT), name="wallet_topup_amount"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["requested", "sent", "credited", "rejected", "withdrawn", "reversed"]),
                name="wallet_topup_status",
            ),
            models.CheckConstraint(
                condition=models.Q(status="reversed", reversed_by__isnull=False, reversed_at__isnull=False)
                & ~models.Q(reason="")
                | ~models.Q(status="reversed") & models.Q(reversed_by__isnull=True, reversed_at__isnull=True),
                name="wallet_topup_reversed",
            ),
        ]
        indexes = [
            models.Index(fields=["dropshipper", "-id"], name="wallet_topup_tenant"),
            models.Index(fields=["id"], condition=models.Q(status__in=["requested", "sent"]), name="wallet_topup_open"),
        ]

    def __str__(self) -> str:
        return self.causale

    @property
    def reference(self) -> str:
        """The name of this top-up in the books."""
        return f"topup:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.REQUESTED, self.Status.SENT)
