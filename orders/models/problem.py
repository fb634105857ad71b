"""Why an order can't be dispatched yet."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from orders.models.order import Order


class Problem(models.Model):
    """Why an order can't be dispatched yet (blocking), or what somebody should look at (an alert)."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="problems")
    code = models.CharField(max_length=40)  # a code of orders/problems.py
    subject = models.CharField(max_length=100, blank=True)  # the SKU, the field…
    params = models.JSONField(default=dict, blank=True)
    blocking = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "code", "subject"], name="orders_problem_once")]
        indexes = [models.Index(fields=["code", "subject"], name="orders_problem_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}".strip()
