"""The manifests (borderò): what was handed over to a courier on one day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import CASH_LIMIT, MoneyField
from shipping.models import Courier, Shipment


class Manifest(models.Model):
    """One courier's parcels of one day, closed once (orders/warehouse/manifests.py)."""

    courier = models.ForeignKey(Courier, models.PROTECT, related_name="+", verbose_name=_("courier"))
    day = models.DateField(_("day"))  # by the supplier's clock
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(_("closed on"), default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("manifest"), _("manifests")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["courier", "day"], name="orders_manifest_once")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What its barcode says: BRT-20261130."""
        return f"{self.courier.code.upper()}-{self.day:%Y%m%d}"


class ManifestRow(models.Model):
    """A shipment as the driver took it over: pieces, weight and what is to collect (EUR, VAT included) stay as they
    were; to whom it went is the shipment's. `stayed`: it was said later that it did not leave, so that it goes on the
    next one."""

    manifest = models.ForeignKey(Manifest, models.CASCADE, related_name="rows")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="manifest_rows")
    pieces = models.PositiveSmallIntegerField()
    weight_g = models.PositiveIntegerField()
    cod_amount = MoneyField(null=True, blank=True)
    tracking = models.CharField(max_length=60)
    stayed = models.BooleanField(default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("row of a manifest"), _("rows of manifests")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shipment"], condition=models.Q(stayed=False), name="orders_manifest_row_once"
            ),
            models.CheckConstraint(
                condition=models.Q(pieces__gte=1, pieces__lte=99), name="orders_manifest_row_pieces"
            ),
            models.CheckConstraint(
                condition=models.Q(cod_amount__isnull=True) | models.Q(cod_amount__gt=0, cod_amount__lte=CASH_LIMIT),
                name="orders_manifest_row_cod",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manifest_id}: {self.shipment_id}"
