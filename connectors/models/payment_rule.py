"""What a shop's payment method or tag means, as its reseller said."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from connectors.models.shop import Shop
from orders.models import Order


class PaymentRule(models.Model):
    """The reseller said what a payment method of his shop is; remembered for the next orders."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="payment_rules")
    gateway = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Order.Payment)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "gateway"], name="connectors_rule_once")]

    def __str__(self) -> str:
        return f"{self.gateway} = {self.kind}"
