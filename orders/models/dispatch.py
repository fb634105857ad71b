"""A run of Sincronizza over many orders, and its result per order."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core.runs import Run
from orders.models.order import Order
from shipping.models import Method


class DispatchRun(Run):
    """One click on Sincronizza, for one order or many."""

    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="runs")
    source = models.CharField(max_length=20, blank=True)  # the inbox it was started from
    method = models.ForeignKey(Method, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("dispatch run")
        verbose_name_plural = _("dispatch runs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "done", "stopped"]), name="orders_run_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"], name="orders_run_due", condition=models.Q(state__in=["queued", "running"])
            ),
            models.Index(fields=["dropshipper", "-id"], name="orders_run_tenant"),
            models.Index(fields=["finished_at"], name="orders_run_finished"),  # mci/database/retention.py
        ]


class DispatchItem(models.Model):
    """The result of a run for one order."""

    class Result(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DISPATCHED = "dispatched", _("Sent to MCI")
        ALREADY = "already", _("Was already in MCI: no new charge")
        REFUSED = "refused", _("Refused")
        STOPPED = "stopped", _("Not tried: the run was stopped")

    run = models.ForeignKey(DispatchRun, models.CASCADE, related_name="items")
    order = models.ForeignKey(Order, models.CASCADE, related_name="dispatch_items")
    position = models.PositiveIntegerField()
    method = models.ForeignKey(Method, models.PROTECT, null=True, blank=True, related_name="+")
    seen = models.CharField(
        max_length=50, blank=True
    )  # the figures that the click was about (orders/dispatch/figures.py)
    result = models.CharField(max_length=10, choices=Result, default=Result.WAITING)
    code = models.CharField(max_length=40, blank=True)  # the refusal's error code
    params = models.JSONField(default=dict, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "order"], name="orders_item_once")]
        indexes = [models.Index(fields=["run", "position"], name="orders_item_run")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.result}"

    @property
    def new_key(self) -> uuid.UUID:
        """For a form that tries it again: another click."""
        return uuid.uuid4()
