"""Couriers, and what they cost. Prices are EUR, VAT excluded; weights in grams."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.money import CASH_LIMIT, ZERO, MoneyField, in_range


class Courier(models.Model):
    class TextForm(models.TextChoices):
        ANY = "", _("All signs")
        LATIN = "latin1", _("Western European letters")
        ASCII = "ascii", _("Plain letters, without accents")

    name = models.CharField(_("name"), max_length=60)
    code = models.SlugField(_("code"), unique=True)
    cod_cap = MoneyField(
        _("COD cap (EUR)"),
        default=Decimal("999.00"),
        help_text=_("The highest amount that this courier collects at the door; the law's limit is 4,999.99."),
    )
    tracking_url = models.CharField(_("tracking address"), max_length=200, blank=True, help_text=_("With {tracking}"))
    tracking_shapes = models.CharField(
        _("what its numbers look like"),
        max_length=200,
        blank=True,
        help_text=_(
            "9 is a digit, A a letter, X either, other signs stand for themselves; several with commas. The desk asks"
            " before it takes another one. Empty: every number is usual."
        ),
    )
    # What its fields hold; empty: no limit is known. From the courier's manual: contracts differ.
    name_limit = models.PositiveSmallIntegerField(_("name, at most"), null=True, blank=True)
    street_limit = models.PositiveSmallIntegerField(
        _("address, at most"),
        null=True,
        blank=True,
        help_text=_("In one line, the street number included. What is longer goes to the note, never the number."),
    )
    city_limit = models.PositiveSmallIntegerField(_("city, at most"), null=True, blank=True)
    email_limit = models.PositiveSmallIntegerField(_("e-mail, at most"), null=True, blank=True)
    note_limit = models.PositiveSmallIntegerField(_("note, at most"), null=True, blank=True)
    text_form = models.CharField(_("signs in its files"), max_length=6, choices=TextForm, blank=True)
    refused_signs = models.CharField(_("refused signs"), max_length=20, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("courier"), _("couriers")
        ordering = ["name"]
        constraints = [
            # art. 49 D.Lgs. 231/2007: cash transfers of 5,000.00 or more are banned
            models.CheckConstraint(condition=in_range("cod_cap", high=CASH_LIMIT), name="shipping_courier_cap"),
            models.CheckConstraint(
                condition=models.Q(text_form__in=["", "latin1", "ascii"]), name="shipping_courier_text_form"
            ),
            # Shorter than this no street with its number can be told.
            models.CheckConstraint(
                condition=models.Q(street_limit__isnull=True) | models.Q(street_limit__gte=15),
                name="shipping_courier_street_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """A part of the world with its own price; a method without a rate for the zone does not go there."""

    name = models.CharField(_("name"), max_length=60)
    code = models.SlugField(_("code"), unique=True)

    class Meta:
        verbose_name, verbose_name_plural = _("zone"), _("zones")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ZoneArea(models.Model):
    """Which addresses lie in a zone: by country, province or beginning of the postcode. The most precise area wins:
    postcode (longest first), then province, then country."""

    zone = models.ForeignKey(Zone, models.CASCADE, related_name="areas", verbose_name=_("zone"))
    country = models.CharField(_("country"), max_length=2, default="IT")
    province = models.CharField(_("province"), max_length=2, blank=True)
    postcode_prefix = models.CharField(_("beginning of the postcode"), max_length=5, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("area"), _("areas")
        constraints = [
            models.UniqueConstraint(fields=["country", "province", "postcode_prefix"], name="shipping_area_unique"),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.country, self.province, self.postcode_prefix]))


class Method(models.Model):
    """A service of a courier that a reseller can choose."""

    courier = models.ForeignKey(Courier, models.PROTECT, related_name="methods", verbose_name=_("courier"))
    name = models.CharField(_("name"), max_length=60)
    code = models.SlugField(_("code"), unique=True)
    days_min = models.PositiveSmallIntegerField(_("working days, from"), default=1)
    days_max = models.PositiveSmallIntegerField(_("working days, to"), default=3)
    max_weight_g = models.PositiveIntegerField(_("maximum weight (g)"), default=30_000)
    vat_rate = models.DecimalField(_("VAT rate (%)"), max_digits=4, decimal_places=2, default=Decimal("22.00"))
    cod_allowed = models.BooleanField(_("cash on delivery"), default=True)
    cod_fee_fixed = MoneyField(_("COD fee, fixed (EUR, VAT excluded)"), default=ZERO)
    cod_fee_percent = models.DecimalField(_("COD fee (% of the amount)"), max_digits=5, decimal_places=2, default=ZERO)
    cod_fee_min = MoneyField(_("COD fee, minimum (EUR, VAT excluded)"), default=ZERO)
    return_net = MoneyField(
        _("return to sender (EUR, VAT excluded)"),
        null=True,
        blank=True,
        help_text=_("Empty: as much as the way out"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("shipping method"), _("shipping methods")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=in_range("cod_fee_fixed") & in_range("cod_fee_min") & in_range("return_net"),
                name="shipping_method_fees",
            ),
            models.CheckConstraint(
                condition=models.Q(cod_fee_percent__gte=0, cod_fee_percent__lte=100, vat_rate__gte=0, vat_rate__lte=30),
                name="shipping_method_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.courier.name} {self.name}"


class Rate(models.Model):
    """Price of a method in a zone up to a weight; the first rate whose `max_weight_g` holds the parcel applies."""

    method = models.ForeignKey(Method, models.CASCADE, related_name="rates")
    zone = models.ForeignKey(Zone, models.CASCADE, related_name="rates", verbose_name=_("zone"))
    max_weight_g = models.PositiveIntegerField(_("up to (g)"))
    net = MoneyField(_("price (EUR, VAT excluded)"))
    cod_allowed = models.BooleanField(_("cash on delivery"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("rate"), _("rates")
        ordering = ["method", "zone", "max_weight_g"]
        constraints = [
            models.UniqueConstraint(fields=["method", "zone", "max_weight_g"], name="shipping_rate_unique"),
            models.CheckConstraint(condition=in_range("net"), name="shipping_rate_net"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.zone} ≤{self.max_weight_g} g"
