"""What happened to an order."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from orders.models.order import Order


class OrderEvent(models.Model):
    """The timeline: what happened, when, by whom and why; append-only. `code` is translated by orders/timeline.py."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="events")
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="orders_event_order")]

    def __str__(self) -> str:
        return self.code
