"""What an order wants, line by line."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.db.models.functions import Upper

from catalog.models import Variant
from core.money import MAX_AMOUNT, MoneyField, in_range
from orders.models.order import Order

MOST_PIECES = 9999  # of a line


class OrderLine(models.Model):
    """One article. A line whose SKU is not (yet) ours has no variant and is a Problem, unless it is `ignored`."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=0)
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="+")
    sku = models.CharField(max_length=100, blank=True)  # as the shop or the person wrote it
    name = models.CharField(max_length=200, blank=True)
    external_id = models.CharField(max_length=60, blank=True)  # the shop's product/variation id, for matching
    quantity = models.PositiveIntegerField()
    sale_gross = MoneyField(null=True, blank=True)  # what the customer pays for the line, VAT included, shop's currency
    ignored = models.BooleanField(default=False)  # not ours: someone else ships it
    shop_line = models.CharField(max_length=60, blank=True)  # the shop's own id of the line: what its news name
    shop_quantity = models.PositiveIntegerField(null=True, blank=True)  # in the shop's units: a pair is 1
    attributes = models.JSONField(default=list, blank=True)  # [[name, value]]: an engraving; the packer reads it
    bundle = models.CharField(max_length=200, blank=True)  # the title of the bundle that it is a part of
    unit_net = MoneyField(null=True, blank=True)  # frozen at Sincronizza
    vat_rate = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)  # frozen at Sincronizza

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, quantity__lte=MOST_PIECES), name="orders_line_quantity"
            ),
            models.CheckConstraint(
                condition=in_range("sale_gross", low=-MAX_AMOUNT) & in_range("unit_net"), name="orders_line_amounts"
            ),
        ]
        indexes = [models.Index(Upper("sku"), F("order"), name="orders_line_sku")]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"
