"""Papers of many parcels at once, printed by a worker."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.runs import Run
from orders.models.order import Order


class PrintRun(Run):
    """One click on *Print* for many parcels: which paper (PAPERS of
    orders/warehouse/papers.py), and the file that came of it."""

    paper = models.CharField(max_length=20)
    start = models.PositiveSmallIntegerField(default=1)  # the first label that is still on a sheet of four
    file = models.BinaryField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("print run"), _("print runs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "done", "stopped"]), name="orders_print_run_state"
            ),
            models.CheckConstraint(condition=models.Q(start__gte=1, start__lte=4), name="orders_print_run_start"),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"], name="orders_print_run_due", condition=models.Q(state__in=["queued", "running"])
            ),
            models.Index(fields=["finished_at"], name="orders_print_run_finished"),  # mci/database/retention.py
        ]


class PrintItem(models.Model):
    """What a run made of one parcel."""

    class Result(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        PRINTED = "printed", _("Printed")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(PrintRun, models.CASCADE, related_name="items")
    order = models.ForeignKey(Order, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    result = models.CharField(max_length=10, choices=Result, default=Result.WAITING)
    code = models.CharField(max_length=40, blank=True)  # the refusal's error code
    params = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("print of a parcel"), _("prints of parcels")
        constraints = [
            models.UniqueConstraint(fields=["run", "order"], name="orders_print_item_once"),
            models.CheckConstraint(
                condition=models.Q(result__in=["waiting", "printed", "refused"]), name="orders_print_item_result"
            ),
        ]
        indexes = [models.Index(fields=["run", "position"], name="orders_print_item_run")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.result}"
