"""The runs that put products of ours into the shops."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from catalog.models import Product
from connectors.models.listing import PriceRule
from core import leases
from core.runs import Run


class PublishRun(Run):
    """One click on *Publish* or *Take off sale*, for one product or many."""

    class Kind(models.TextChoices):
        PUBLISH = "publish", _("Publish")
        UNPUBLISH = "unpublish", _("Take off sale")

    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="publish_runs")
    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="publish_runs")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PUBLISH)
    rule = models.ForeignKey(PriceRule, models.SET_NULL, null=True, blank=True, related_name="+")  # None: by category
    own_prices = models.BooleanField(default=False)  # his word: also the prices of products that are his own
    try_after = models.DateTimeField(default=leases.now)
    failures = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=40, blank=True)  # why it does not go on now: an error's code
    trouble_params = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("publish run")
        verbose_name_plural = _("publish runs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["queued", "running", "done", "stopped"], kind__in=["publish", "unpublish"]
                ),
                name="connectors_publishrun_state",
            ),
            models.UniqueConstraint(
                fields=["shop"],
                condition=models.Q(state__in=["queued", "running"]),
                name="connectors_publishrun_one_a_shop",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-id"], name="connectors_publishrun_shop"),
            models.Index(fields=["finished_at"], name="connectors_publishrun_finished"),  # mci/database/retention.py
        ]


class PublishItem(models.Model):
    """What became of one product in a run."""

    class Result(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CREATED = "created", _("Published")
        UPDATED = "updated", _("Updated")
        PRICED = "priced", _("Price set")
        OFF = "off", _("Taken off sale")
        REFUSED = "refused", _("Refused")
        STOPPED = "stopped", _("Not tried: the run was stopped")

    run = models.ForeignKey(PublishRun, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    result = models.CharField(max_length=10, choices=Result, default=Result.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)  # counted at the claim: a worker may die of one product
    code = models.CharField(max_length=120, blank=True)  # an error's code, ours or the shop's own
    detail = models.CharField(max_length=300, blank=True)  # the shop's words to it
    url = models.URLField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "product"], name="connectors_publishitem_once"),
            models.CheckConstraint(
                condition=models.Q(result__in=["waiting", "created", "updated", "priced", "off", "refused", "stopped"]),
                name="connectors_publishitem_result",
            ),
        ]
        indexes = [models.Index(fields=["run", "position"], name="connectors_publishitem_run")]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.result}"
