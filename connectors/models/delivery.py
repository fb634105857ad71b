"""A webhook's request as it came, and what became of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from connectors.models.shop import Shop
from core import leases

# A plain name: within Meta the class's own states cannot be reached.
_DEAD = models.Q(state="dead")


class Delivery(models.Model):
    """One webhook request as received. `dedupe` is sha256(topic, body): WooCommerce's delivery id is not unique."""

    class State(models.TextChoices):
        NEW = "new", _("To read")
        DONE = "done", _("Read")
        IGNORED = "ignored", _("Nothing to do")
        DEAD = "dead", _("Unreadable")

    # No index of its own: the unique one begins with it. No constraint in the database: its check locks the shop's row,
    # which all webhooks of a busy shop would share (docs/performance.md); shops are kept for good, only marked as gone.
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="deliveries", db_index=False, db_constraint=False)
    dedupe = models.BinaryField(max_length=32)
    topic = models.CharField(max_length=60)
    delivery_id = models.CharField(max_length=80, blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_after = models.DateTimeField(default=leases.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)  # a domain error's code, or the name of a fault of ours
    error_params = models.JSONField(blank=True, db_default={})  # of its sentence; the intake's INSERT does not name it
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("view_raw", _("Can see bodies as the shops sent them"))]
        constraints = [
            models.UniqueConstraint(fields=["shop", "dedupe"], name="connectors_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["new", "done", "ignored", "dead"]), name="connectors_delivery_state"
            ),
        ]
        indexes = [
            models.Index(fields=["try_after"], name="connectors_delivery_due", condition=models.Q(state="new")),
            models.Index(fields=["shop", "-received_at", "-id"], name="connectors_delivery_dead", condition=_DEAD),
        ]

    def __str__(self) -> str:
        return f"{capfirst(str(self._meta.verbose_name))} {self.pk}"
