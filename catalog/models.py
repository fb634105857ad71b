"""The supplier's goods: categories, products, variants, pictures, stock. Prices are EUR, VAT excluded unless said."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import MoneyField, cents, in_range, vat_on


class Followed(models.Model):
    """A row whose changes can be asked for: `changed_in` is the transaction that wrote it last, set by a trigger
    whoever writes (migration 0004). Read by catalog/changes.py."""

    changed_in = models.BigIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class Category(models.Model):
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Maker(models.Model):
    """Who made goods, as the GPSR (EU 2023/988, art. 19) wants it shown where they are sold at a distance; of a maker
    outside the EU also who answers for him within it."""

    name = models.CharField(_("name"), max_length=160, unique=True)
    address = models.CharField(_("postal address"), max_length=250)
    contact = models.CharField(_("e-mail or web address"), max_length=200)
    eu_name = models.CharField(
        _("responsible person in the EU"),
        max_length=160,
        blank=True,
        help_text=_("Only if the maker is outside the EU."),
    )
    eu_address = models.CharField(_("their postal address"), max_length=250, blank=True)
    eu_contact = models.CharField(_("their e-mail or web address"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("maker")
        verbose_name_plural = _("makers")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(eu_name="", eu_address="", eu_contact="")
                | ~models.Q(eu_name="") & ~models.Q(eu_address="") & ~models.Q(eu_contact=""),
                name="catalog_maker_eu_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Product(Followed):
    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("slug"), max_length=180, unique=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", verbose_name=_("category"))
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    description_html = models.TextField(_("description"), blank=True)
    option_names = models.CharField(
        _("options"),
        max_length=120,
        blank=True,
        help_text=_("What the parts of the variants' names are, for example “Colour / Size”."),
    )
    maker = models.ForeignKey(
        Maker, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("maker")
    )
    warnings = models.TextField(
        _("warnings and safety information"), blank=True, help_text=_("In the language of the buyers, one a line.")
    )
    active = models.BooleanField(_("on sale"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="catalog_product_name_trgm"),
            models.Index(fields=["category", "-id"], name="catalog_product_category"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductImage(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    file = models.ImageField(upload_to="products/")
    thumb = models.ImageField(upload_to="products/", blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.file.name or ""

    @property
    def small_url(self) -> str:
        """96 px, for rows; catalog/images.py names the three sizes alike."""
        return self.thumb.url.replace("-320.", "-96.") if self.thumb else self.file.url

    @property
    def thumb_url(self) -> str:
        return self.thumb.url if self.thumb else self.file.url


class Variant(Followed):
    """What is sold and kept in stock: one SKU."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="variants")
    sku = models.CharField("SKU", max_length=64, unique=True)
    ean = models.CharField("EAN", max_length=14, blank=True, db_index=True)
    title = models.CharField(
        _("variant"), max_length=80, blank=True, help_text=_("Size, colour…; empty for a simple product")
    )
    net_price = MoneyField(_("net price (EUR, VAT excluded)"))
    vat_rate = models.DecimalField(_("VAT rate (%)"), max_digits=4, decimal_places=2, default=Decimal("22.00"))
    retail_price = MoneyField(_("suggested retail price (EUR, VAT included)"), null=True, blank=True)
    weight_g = models.PositiveIntegerField(_("weight (g)"))
    length_mm = models.PositiveIntegerField(_("length (mm)"), default=0)
    width_mm = models.PositiveIntegerField(_("width (mm)"), default=0)
    height_mm = models.PositiveIntegerField(_("height (mm)"), default=0)
    active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.CheckConstraint(condition=in_range("net_price"), name="catalog_variant_net_price"),
            models.CheckConstraint(condition=in_range("retail_price"), name="catalog_variant_retail_price"),
            models.CheckConstraint(
                condition=models.Q(vat_rate__gte=0, vat_rate__lte=30), name="catalog_variant_vat_rate"
            ),
        ]
        indexes = [models.Index(Upper("sku"), name="catalog_variant_sku_upper")]

    def __str__(self) -> str:
        return f"{self.sku} {self.product.name} {self.title}".strip()

    @property
    def gross_price(self) -> Decimal:
        """EUR, VAT included."""
        return cents(self.net_price) + vat_on(self.net_price, self.vat_rate)

    @property
    def margin(self) -> Decimal | None:
        """What is left of the suggested retail price after the goods; EUR, VAT included in both, before shipping."""
        return None if self.retail_price is None else self.retail_price - self.gross_price

    @property
    def available(self) -> int:
        """Pieces that can be sold now; 0 when it never had stock. Costs a query unless stock was selected with it."""
        return self.stock.available if hasattr(self, "stock") else 0


class Stock(Followed):
    """Pieces of a variant. Written by catalog/stock.py alone. available = on_hand − reserved − buffer."""

    variant = models.OneToOneField(Variant, models.CASCADE, primary_key=True, related_name="stock")
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)
    buffer = models.PositiveIntegerField(_("safety buffer"), default=0)
    version = models.BigIntegerField(_("version"), default=0)
    restock_on = models.DateField(_("back on"), null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(condition=models.Q(reserved__gte=0), name="catalog_stock_reserved"),
            models.CheckConstraint(condition=models.Q(on_hand__gte=models.F("reserved")), name="catalog_stock_enough"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.on_hand} ({self.reserved})"

    @property
    def available(self) -> int:
        return max(0, self.on_hand - self.reserved - self.buffer)


class Location(models.Model):
    """A shelf on which a variant lies; it may lie on several, and many may share one. `code` is what the shelf's
    barcode says: printable ASCII, and never the code of goods (catalog/shelves.py)."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="locations", verbose_name=_("variant"))
    code = models.CharField(_("shelf"), max_length=20)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("0: picked from here first."))

    class Meta:
        verbose_name = _("shelf of a variant")
        verbose_name_plural = _("shelves of variants")
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "code"], name="catalog_location_once"),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Z0-9][A-Z0-9./-]*$"), name="catalog_location_code"
            ),
        ]
        indexes = [models.Index(fields=["code"], name="catalog_location_code_idx")]

    def __str__(self) -> str:
        return self.code


class StockMove(models.Model):
    """Why stock changed; append-only. Replayed, the moves of a variant give `on_hand` and `reserved`."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening")
        RECEIVED = "received", _("Received")
        COUNTED = "counted", _("Counted")
        RESERVED = "reserved", _("Reserved")
        RELEASED = "released", _("Released")
        SHIPPED = "shipped", _("Shipped")

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="moves")
    kind = models.CharField(max_length=10, choices=Kind)
    on_hand_change = models.IntegerField(default=0)
    reserved_change = models.IntegerField(default=0)
    reference = models.CharField(max_length=60, blank=True)  # "order:12"
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        indexes = [
            models.Index(fields=["variant", "-id"], name="catalog_move_variant"),
            models.Index(fields=["reference"], name="catalog_move_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on_hand_change:+d}/{self.reserved_change:+d}"
