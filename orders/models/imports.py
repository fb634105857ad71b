"""A file of orders between its upload and the orders that come of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from catalog.models import Variant
from core.money import MoneyField, in_range
from orders.models.order import Order


class Import(models.Model):
    """One file. It is read at the upload (of its bytes nothing is kept), checked and made into orders by a worker, who
    holds the lease. Times in UTC."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns to confirm")
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("To look at")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Cancelled")

    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=10, choices=State)
    name = models.CharField(max_length=120, blank=True)  # of the file
    digest = models.CharField(max_length=64)  # of its bytes: the same file is one import
    report = models.CharField(max_length=30, blank=True)  # orders/imports/formats
    marketplace = models.CharField(max_length=60, blank=True)
    remarks = models.JSONField(default=list, blank=True)  # codes of orders/imports/words.py
    # {"head": […], "rows": [[line, […]]], "guess": {…}} until its columns are confirmed, then empty.
    table = models.JSONField(default=dict, blank=True)
    trouble = models.CharField(max_length=40, blank=True)  # code of the error for which it was not taken back
    trouble_params = models.JSONField(default=dict, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["mapping", "checking", "ready", "importing", "done", "undoing", "undone"]
                ),
                name="orders_import_state",
            ),
            models.UniqueConstraint(
                fields=["dropshipper", "digest"], condition=~models.Q(state="undone"), name="orders_import_once"
            ),
        ]
        indexes = [
            models.Index(fields=["dropshipper", "-id"], name="orders_import_tenant"),
            models.Index(
                fields=["id"],
                name="orders_import_due",
                condition=models.Q(state__in=["checking", "importing", "undoing"]),
            ),
            models.Index(fields=["created_at"], name="orders_import_created"),  # mci/database/retention.py
        ]

    def __str__(self) -> str:
        return self.name or str(self.key)

    @property
    def is_working(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.IMPORTING, self.State.UNDOING)


class ImportRow(models.Model):
    """An order of the file. `data` holds a customer's data until the order is made, then nothing of them."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being checked")
        VALID = "valid", _("Valid")
        WARNING = "warning", _("Valid, with a remark")
        HELD = "held", _("To confirm")
        ERROR = "error", _("To mend")
        THERE = "there", _("Already there")
        LEFT = "left", _("Left out")
        CREATED = "created", _("Imported")
        REMOVED = "removed", _("Cancelled")

    batch = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField()  # of the file
    number = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    left = models.CharField(max_length=30, blank=True)  # why it is left out: orders/imports/words.py
    data = models.JSONField(default=dict, blank=True)  # {"fields": {…}, "pieces": […]}: orders/imports/shape.py
    read = models.JSONField(default=list, blank=True)  # issues of the reading: [[level, code, column, params]]
    issues = models.JSONField(default=list, blank=True)  # all, as it was last checked
    accepted = models.BooleanField(default=False)  # what is held: a person has seen it
    method = models.ForeignKey("shipping.Method", models.SET_NULL, null=True, blank=True, related_name="+")
    cost = MoneyField(null=True, blank=True)  # EUR, VAT included, by the tariff of when it was checked
    need = MoneyField(null=True, blank=True)  # what Sincronizza takes out of the wallet for it
    order = models.ForeignKey(Order, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("row of an import"), _("rows of an import")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        *("waiting", "valid", "warning", "held", "error", "there", "left", "created", "removed"),
                    ]
                ),
                name="orders_import_row_state",
            ),
            models.CheckConstraint(condition=in_range("cost") & in_range("need"), name="orders_import_row_amounts"),
            models.UniqueConstraint(fields=["batch", "position"], name="orders_import_row_once"),
        ]
        indexes = [models.Index(fields=["batch", "state", "position"], name="orders_import_row_list")]

    def __str__(self) -> str:
        return f"{self.number or self.line}: {self.state}"


class ImportArticle(models.Model):
    """Which article of ours a marketplace's SKU means, as this company said once for all."""

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="+")
    marketplace = models.CharField(max_length=60, blank=True)
    sku = models.CharField(max_length=100)  # by catalog.queries.code_key
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("article of an import"), _("articles of imports")
        constraints = [
            models.UniqueConstraint(fields=["dropshipper", "marketplace", "sku"], name="orders_import_article_once")
        ]

    def __str__(self) -> str:
        return self.sku


class ImportMapping(models.Model):
    """What the columns of a company's own kind of file are, as a person confirmed it."""

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="+")
    signature = models.CharField(max_length=64)  # of the columns' names
    marketplace = models.CharField(max_length=60, blank=True)
    fields = models.JSONField(default=dict)  # column → field

    class Meta:
        verbose_name, verbose_name_plural = _("columns of an import"), _("columns of imports")
        constraints = [models.UniqueConstraint(fields=["dropshipper", "signature"], name="orders_import_mapping_once")]

    def __str__(self) -> str:
        return self.marketplace or self.signature[:8]
