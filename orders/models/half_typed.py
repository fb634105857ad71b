"""What somebody is typing and has not sent: no order, and nothing that an order's rules hold for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Dropshipper


class HalfTyped(models.Model):
    """The form of an order as far as it is typed, kept while a person types: of each person and company one new order
    (`order` empty) and one edit of each of its orders. See orders/entry/half_typed.py."""

    class State(models.TextChoices):
        LIVE = "live"
        DISCARDED = "discarded"  # put away by hand, or by another window's: it can be had back
        SENT = "sent"  # empty: what this form still sends late is not kept again

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    order = models.ForeignKey("orders.Order", models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.LIVE)
    key = models.UUIDField()  # of the form: the order that it becomes bears it as its entry_key
    window = models.CharField(max_length=36, blank=True)  # the browser's window that typed last
    revision = models.PositiveIntegerField(default=0)  # a window that shows an older one does not write over it
    content = models.JSONField(default=dict, blank=True)  # see orders/entry/half_typed.py: personal data of a customer
    at = models.DateTimeField(default=timezone.now, db_index=True)  # of the last change; mci/database/retention.py

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dropshipper", "user", "order", "state"], name="orders_half_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["live", "discarded", "sent"]), name="orders_half_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.order_id or 'new'} ({self.state})"
