"""What of ours stands in the shops, and at which price."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Variant
from core import leases
from core.money import MoneyField, in_range

_LOWEST, _HIGHEST = Decimal("-99999.99"), Decimal("99999.99")  # of what a rule adds, EUR


class PriceRule(models.Model):
    """How a shop's price is reckoned; formula.py does it. A listing that names no rule takes the one of
    its product's category, then of the category above, then the shop's default."""

    class Base(models.TextChoices):
        RETAIL = "retail", _("Suggested retail price")
        COST = "cost", _("Our cost (net price of the catalogue)")

    class Rounding(models.TextChoices):
        NONE = "none", _("None, to the cent")
        NINETY = "90", _("Up to the next ,90")
        NINETY_NINE = "99", _("Up to the next ,99")
        HALF = "50", _("Up to the next 0.50")

    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="price_rules")
    name = models.CharField(_("name"), max_length=60)
    is_default = models.BooleanField(default=False)
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("only for the category")
    )
    base = models.CharField(_("start from"), max_length=10, choices=Base, default=Base.RETAIL)
    factor = models.DecimalField(
        _("times"),
        max_digits=6,
        decimal_places=3,
        default=Decimal("1"),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal("100"))],
    )
    amount = MoneyField(
        _("plus (€)"),
        default=Decimal("0.00"),
        validators=[MinValueValidator(_LOWEST), MaxValueValidator(_HIGHEST)],
    )
    add_vat = models.BooleanField(_("add the VAT of the product"), default=False)
    rounding = models.CharField(_("rounding"), max_length=4, choices=Rounding, default=Rounding.NONE)
    margin = models.DecimalField(
        _("at least this margin on our cost with VAT (%)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal("0"),
        validators=[MinValueValidator(Decimal("0")), MaxValueValidator(Decimal("500"))],
    )
    compare_at = models.BooleanField(_("strike through the suggested retail price"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("price rule")
        verbose_name_plural = _("price rules")
        ordering = ["-is_default", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop"], condition=models.Q(is_default=True), name="connectors_pricerule_one_default"
            ),
            models.UniqueConstraint(
                fields=["shop", "category"],
                condition=models.Q(category__isnull=False),
                name="connectors_pricerule_category_once",
            ),
            models.CheckConstraint(
                condition=models.Q(category__isnull=True) | models.Q(is_default=False),
                name="connectors_pricerule_default_for_all",
            ),
            models.CheckConstraint(
                condition=models.Q(base__in=["retail", "cost"], rounding__in=["none", "90", "99", "50"]),
                name="connectors_pricerule_words",
            ),
            models.CheckConstraint(
                condition=models.Q(factor__gte=Decimal("0.01"), factor__lte=100, margin__gte=0, margin__lte=500)
                & in_range("amount", low=_LOWEST, high=_HIGHEST),
                name="connectors_pricerule_ranges",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Listing(models.Model):
    """A product (or variation) of a shop that is a variant of ours. `told` is the stock that the shop shows as far as
    we know (told by us, or read since), `shown` what it showed at the last comparison; both in pieces of theirs.

    `ours`: MCI made the product in the shop, and may change all of it. Any other is the merchant's own: MCI sets its
    stock if `Shop.stock_on` says so and its price if `price_on` does, and nothing else."""

    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="listings")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="listings")
    external_id = models.CharField(max_length=80)
    sku = models.CharField("SKU", max_length=100, blank=True)
    title = models.CharField(max_length=200, blank=True)
    stock_id = models.CharField(max_length=40, blank=True)  # what the shop counts its stock under: RemoteProduct
    quantity = models.PositiveSmallIntegerField(default=1)  # pieces of ours in one of theirs
    shown = models.IntegerField(null=True, blank=True)
    shown_at = models.DateTimeField(default=timezone.now)
    told = models.IntegerField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    try_after = models.DateTimeField(default=leases.now)
    error = models.CharField(max_length=120, blank=True)  # the shop's own code; a person looks at it
    drift_shown = models.IntegerField(null=True, blank=True)  # what a comparison found in the shop instead of …
    drift_true = models.IntegerField(null=True, blank=True)  # … what it should have shown; told again since
    drifted_at = models.DateTimeField(null=True, blank=True)
    # Pieces of theirs that the shop had sold when `told` was noted, and whose orders were not here yet: taken off what
    # it is told until they are. `heard_at`: when that was; orders that came later are in neither figure.
    unheard = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField(null=True, blank=True)

    ours = models.BooleanField(default=False)
    asked_whose = models.BooleanField(
        default=False
    )  # the shop was asked whether MCI made it: connectors/listings/adoption.py
    off_at = models.DateTimeField(null=True, blank=True)  # taken off sale by us: told nothing any more
    url = models.URLField(max_length=500, blank=True)
    rule = models.ForeignKey(PriceRule, models.SET_NULL, null=True, blank=True, related_name="listings")
    price_on = models.BooleanField(default=False)  # MCI keeps the price
    price_told = MoneyField(null=True, blank=True)  # EUR, VAT included
    compare_told = MoneyField(null=True, blank=True)
    price_told_at = models.DateTimeField(null=True, blank=True)
    price_try_after = models.DateTimeField(default=leases.now)
    price_error = models.CharField(max_length=120, blank=True)
    price_shown = MoneyField(null=True, blank=True)  # what the last comparison found instead of `price_told`, …
    compare_shown = MoneyField(null=True, blank=True)
    price_drifted_at = models.DateTimeField(null=True, blank=True)  # … when; None: they were the same
    price_asked = models.BooleanField(default=False)  # a person says whose price it is; till then none is told

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="connectors_listing_once")]
        indexes = [
            models.Index(fields=["shop", "sku", "id"], name="connectors_listing_shop"),
            models.Index(  # which shops have something to be told at all: see connectors/news/sweep.py
                fields=["shop"],
                name="connectors_listing_kept",
                condition=models.Q(off_at=None) & (models.Q(ours=True) | models.Q(price_on=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id}/{self.external_id}"

    @property
    def product_id(self) -> str:
        """The shop's id of the product that this is, or that this is a variation of."""
        return self.external_id.partition("/")[0]

    @property
    def is_drifted(self) -> bool:
        return self.drifted_at is not None

    @property
    def is_price_drifted(self) -> bool:
        return self.price_drifted_at is not None
