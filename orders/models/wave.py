"""Orders that are picked together, and who packs which."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from orders.models.order import Order
from shipping.models import Courier

IDLE = dt.timedelta(minutes=30)  # whoever left what they were at for so long holds it no more, if another wants it


class Wave(models.Model):
    """The orders that one person walks the shelves for. While `by` is at it nobody else picks or packs them; a wave
    that nobody touched for IDLE gives its orders back to who asks for them (orders/warehouse/holding.py)."""

    class State(models.TextChoices):
        OPEN = "open", _("To pick")
        PICKED = "picked", _("Picked, to pack")
        DONE = "done", _("Finished")
        DROPPED = "dropped", _("Given back")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    courier = models.ForeignKey(Courier, models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateTimeField(null=True, blank=True)  # orders sent to us by then: cut-off and age
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("wave"), _("waves")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "picked", "done", "dropped"]), name="orders_wave_state"
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], name="orders_wave_open", condition=models.Q(state__in=["open", "picked"])),
            models.Index(fields=["ended_at"], name="orders_wave_ended"),  # mci/database/retention.py
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What its pick list's barcode says."""
        return f"W-{self.pk:06d}" if self.pk else "W-…"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.DROPPED)


class WaveOrder(models.Model):
    """An order of a wave; `held` until it is packed, cancelled or given back."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="orders")
    order = models.ForeignKey(Order, models.CASCADE, related_name="waves")
    held = models.BooleanField(default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("order of a wave"), _("orders of waves")
        constraints = [
            models.UniqueConstraint(fields=["wave", "order"], name="orders_wave_order_once"),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(held=True), name="orders_wave_order_held_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id}: {self.order_id}"


class WavePick(models.Model):
    """How many pieces of a variant were taken for a wave."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="picks")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    picked = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("pick of a wave"), _("picks of waves")
        constraints = [models.UniqueConstraint(fields=["wave", "variant"], name="orders_wave_pick_once")]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.picked}"


class Packing(models.Model):
    """Who packs an order just now, and what they have scanned of it: pieces by variant id. It is gone when the parcel
    is closed or they leave it."""

    order = models.OneToOneField(Order, models.CASCADE, related_name="packing")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    scanned = models.JSONField(default=dict, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("packing of an order"), _("packings of orders")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.by_id}"
