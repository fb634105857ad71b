"""How the papers in a reseller's parcels look."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper


class PaperStyle(models.Model):
    """The reseller's own on packing and return slips: a logo and a line to the customer. Written by
    shipping/parcels/paper_style.py alone, which looks at the picture before it is kept."""

    dropshipper = models.OneToOneField(Dropshipper, models.CASCADE, related_name="paper_style")
    logo = models.BinaryField(blank=True, default=b"")  # PNG, WebP or JPEG, as it came
    line = models.CharField(_("line for your customers"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("look of a reseller's papers"), _("looks of resellers' papers")

    def __str__(self) -> str:
        return str(self.dropshipper_id)
