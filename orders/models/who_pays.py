"""Who pays what when a parcel or a piece fails: data with history, which the staff edit."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import ZERO, MoneyField, in_range


class Reason(models.TextChoices):
    REFUSED = "refused", _("Refused at the door")
    UNKNOWN_ADDRESS = "unknown_address", _("Unknown address")
    NOT_HOME = "not_home", _("Nobody at home")
    WRONG_GOODS = "wrong_goods", _("Wrong goods")
    DAMAGED = "damaged", _("Damaged")
    LOST = "lost", _("Lost")
    CHANGE_OF_MIND = "change_of_mind", _("Change of mind")
    WARRANTY = "warranty", _("Warranty")


class Fault(models.TextChoices):
    SUPPLIER = "supplier", _("the supplier")
    COURIER = "courier", _("the courier")
    RESELLER = "reseller", _("the reseller")
    CUSTOMER = "customer", _("the customer")


class Payer(models.TextChoices):
    """Who bears a cost towards us. What a customer should pay is the reseller's to ask of them."""

    SUPPLIER = "supplier", _("supplier")
    COURIER = "courier", _("courier")
    RESELLER = "reseller", _("reseller")


PARTS = ("goods", "goods_unpaid", "way_out", "way_back", "storage", "handling")
_PAYERS = ["supplier", "courier", "reseller"]


class WhoPays(models.Model):
    """One version of the rule for a reason and a fault; the one in force on a day is the last that began by then. Rows
    are only added.

    `goods`: who bears what cannot be sold again, of an order that was paid; `goods_unpaid` of a COD parcel that nobody
    paid at the door. `handling_net`, EUR without VAT, a parcel. `second_choice`: percent of its price that a piece of
    second choice is credited with where the reseller bears the goods. `credit`: whether a lost parcel is credited at
    once, or when the claim is decided. `claim_days`: how long the courier takes a claim, from the day on which the
    parcel was handed over (lost) or given out (damaged). `window_days`: how long after the delivery a reseller may open
    a case."""

    class Credit(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        ON_DECISION = "on_decision", _("when it is decided")

    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    fault = models.CharField(_("whose fault"), max_length=10, choices=Fault)
    since = models.DateField(_("in force since"))
    goods = models.CharField(_("goods"), max_length=10, choices=Payer)
    goods_unpaid = models.CharField(_("goods of an unpaid COD parcel"), max_length=10, choices=Payer)
    way_out = models.CharField(_("way out"), max_length=10, choices=Payer)
    way_back = models.CharField(_("way back"), max_length=10, choices=Payer)
    storage = models.CharField(_("storage"), max_length=10, choices=Payer)
    handling = models.CharField(_("handling"), max_length=10, choices=Payer)
    handling_net = MoneyField(_("handling (EUR, VAT excluded)"), default=ZERO)
    second_choice = models.DecimalField(
        _("second choice credited at (%)"), max_digits=5, decimal_places=2, default=Decimal(50)
    )
    credit = models.CharField(_("lost parcels credited"), max_length=12, choices=Credit, default=Credit.AT_ONCE)
    claim_days = models.PositiveSmallIntegerField(_("days to claim"), null=True, blank=True)
    window_days = models.PositiveSmallIntegerField(_("days for a reseller to ask"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("who pays"), _("who pays")
        permissions = [("edit_who_pays", _("Can change who pays for returns"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    reason__in=[
                        "refused",
                        "unknown_address",
                        "not_home",
                        "wrong_goods",
                        "damaged",
                        "lost",
                        "change_of_mind",
                        "warranty",
                    ],
                    fault__in=["supplier", "courier", "reseller", "customer"],
                ),
                name="orders_whopays_what",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    goods__in=_PAYERS,
                    goods_unpaid__in=_PAYERS,
                    way_out__in=_PAYERS,
                    way_back__in=_PAYERS,
                    storage__in=_PAYERS,
                    handling__in=_PAYERS,
                    credit__in=["at_once", "on_decision"],
                ),
                name="orders_whopays_payers",
            ),
            models.CheckConstraint(
                condition=in_range("handling_net") & models.Q(second_choice__gte=0, second_choice__lte=100),
                name="orders_whopays_amounts",
            ),
        ]
        indexes = [models.Index(fields=["reason", "fault", "-since", "-id"], name="orders_whopays_now")]

    def __str__(self) -> str:
        return f"{self.reason} / {self.fault} {self.since}"
