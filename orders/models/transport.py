"""The transport documents (DDT): numbered without gaps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from orders.models.order import Order


class TransportDocument(models.Model):
    """The DDT of an order's parcel (art. 1 D.P.R. 472/1996). Made by orders/warehouse/transport.py alone, which draws
    the number under a lock: no number of a year is left out, and none is given twice. A cancelled order keeps its
    number, annulled. `facts` is what it says of seller, buyer, goods and transport, so that it says the same whenever
    it is printed; where the goods go is the shipment's, which is frozen once it has left."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="transport_document")
    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    day = models.DateField(_("date"))  # by the supplier's clock
    facts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("transport document"), _("transport documents")
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="orders_transport_number"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, day__year=models.F("year")), name="orders_transport_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}/{self.year}"
