"""The daily proof that no order of a shop was lost."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OrderProof(models.Model):
    """One day's proof that no order of a shop was lost: its own list of orders held against ours."""

    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="proofs")
    at = models.DateTimeField(default=timezone.now)
    since = models.DateTimeField()  # orders placed in the shop from here on
    theirs = models.PositiveIntegerField()  # orders that the shop has
    same = models.PositiveIntegerField()  # of them here already, in the version of the shop or a newer one
    healed = models.JSONField(default=list, blank=True)  # numbers of those that were missing or old, and are here now
    gone = models.JSONField(default=list, blank=True)  # numbers of ours that the shop has no more: it told nobody
    left_out = models.PositiveIntegerField(default=0)  # not for us: sent before the shop was connected, drafts
    unread = models.JSONField(default=list, blank=True)  # ids of those that cannot be read: among the dead messages
    whole = models.BooleanField(default=True)  # false: more was missing than one proof mends; everything is read anew

    class Meta:
        verbose_name = _("order proof")
        verbose_name_plural = _("order proofs")
        indexes = [
            models.Index(fields=["shop", "-id"], name="connectors_proof_shop"),
            models.Index(fields=["at"], name="connectors_proof_at"),  # mci/database/retention.py
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.at:%Y-%m-%d}"

    @property
    def is_clean(self) -> bool:
        return self.whole and not self.unread
