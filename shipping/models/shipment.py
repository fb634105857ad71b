"""The parcels, and what happened to them."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core import strict
from core.address import Address
from core.money import CASH_LIMIT, ZERO, MoneyField
from shipping.models.courier import Method


def _parts_of(field: str, name: str, **only: str) -> GinIndex:
    """Parts of it can be searched for (core/lookup.py)."""
    return GinIndex(OpClass(Upper(field), name="gin_trgm_ops"), name=name, condition=models.Q(**only) if only else None)


class Shipment(models.Model):
    """One parcel group sent by one courier with one tracking number. The address is frozen at Sincronizza."""

    class State(models.TextChoices):
        TO_PICK = "to_pick", _("To pick")
        PACKED = "packed", _("Packed")
        SHIPPED = "shipped", _("Shipped")
        OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
        HELD = "held", _("Held at the depot")
        DELIVERED = "delivered", _("Delivered")
        RETURNING = "returning", _("On its way back")
        RETURNED = "returned", _("Returned")
        LOST = "lost", _("Lost")
        CANCELLED = "cancelled", _("Cancelled")

    class Cash(models.TextChoices):
        NONE = "", _("Prepaid")
        BOOKED = "booked", _("To collect")
        COLLECTED = "collected", _("Collected")
        REMITTED = "remitted", _("Remitted")
        REVERSED = "reversed", _("Reversed")

    reference = models.CharField(max_length=40, unique=True)  # "order:12": one shipment for a dispatch, ever
    dropshipper = models.ForeignKey(
        Dropshipper, models.PROTECT, related_name="shipments", verbose_name=_("dropshipper")
    )
    method = models.ForeignKey(Method, models.PROTECT, related_name="shipments", verbose_name=_("shipping method"))
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.TO_PICK)
    cash = models.CharField(_("COD cash"), max_length=10, choices=Cash, default=Cash.NONE, blank=True)
    cod_amount = MoneyField(_("to collect (EUR)"), default=ZERO)
    weight_g = models.PositiveIntegerField(_("weight (g)"))
    tracking = models.CharField(_("tracking number"), max_length=60, blank=True, db_index=True)
    holds = models.CharField(max_length=90, null=True, unique=True, editable=False)  # noqa: DJ001 - shipping/parcels/numbers.py
    # Since when what was said of it is not so: another number, not delivered after all. Who tells others looks here.
    corrected_at = models.DateTimeField(null=True, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    company = models.CharField(_("company"), max_length=120, blank=True)
    street = models.CharField(_("address and number"), max_length=200)
    street2 = models.CharField(_("more"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12)
    city = models.CharField(_("city"), max_length=80)
    province = models.CharField(_("province"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, default="IT")
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    note = models.CharField(_("note for the courier"), max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("shipment"), _("shipments")
        permissions = [("courier_file", _("Can take the couriers' files with all recipients"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "to_pick",
                        "packed",
                        "shipped",
                        "out_for_delivery",
                        "held",
                        "delivered",
                        "returning",
                        "returned",
                        "lost",
                        "cancelled",
                    ]
                ),
                name="shipping_shipment_state",
            ),
            models.CheckConstraint(
                condition=models.Q(cash="", cod_amount=0)
                | models.Q(
                    cash__in=["booked", "collected", "remitted", "reversed"],
                    cod_amount__gt=0,
                    cod_amount__lte=CASH_LIMIT,
                ),
                name="shipping_shipment_cash",
            ),
        ]
        indexes = [
            models.Index(fields=["dropshipper", "-id"], name="shipping_shipment_tenant"),
            models.Index(fields=["state", "id"], name="shipping_shipment_state_idx"),
            models.Index("shipped_at", name="shipping_shipment_left", condition=~models.Q(shipped_at=None)),
            models.Index("corrected_at", name="shipping_shipment_corrected", condition=~models.Q(corrected_at=None)),
            # What a scanner reads: in full, or its beginning. Not yet given, it takes no room.
            models.Index(
                OpClass(Upper("tracking"), "text_pattern_ops"),
                name="shipping_shipment_scan",
                condition=models.Q(tracking__gt=""),
            ),
            _parts_of("tracking", "shipping_shipment_track_trgm", tracking__gt=""),
            _parts_of("name", "shipping_shipment_name_trgm"),
            _parts_of("company", "shipping_shipment_firm_trgm", company__gt=""),
            models.Index(Upper("city"), F("dropshipper"), name="shipping_shipment_city"),
            models.Index(fields=["postcode", "dropshipper"], name="shipping_shipment_postcode"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def address(self) -> Address:
        return Address(
            name=self.name,
            company=self.company,
            street=self.street,
            street2=self.street2,
            postcode=self.postcode,
            city=self.city,
            province=self.province,
            country=self.country,
            phone=self.phone,
            email=self.email,
        )

    @property
    def at_the_door(self) -> Decimal | None:
        """What the courier collects or has collected (EUR); None when it is nothing, or was taken back."""
        return self.cod_amount if self.cash not in (self.Cash.NONE, self.Cash.REVERSED) else None

    @property
    def tracking_link(self) -> str:
        template = self.method.courier.tracking_url
        return strict.web(template.replace("{tracking}", quote(self.tracking, safe=""))) if self.tracking else ""

    @property
    def order_id(self) -> int | None:
        """The order that this parcel was booked for (`reference` is "order:12"), or None."""
        kind, _colon, number = self.reference.partition(":")
        return int(number) if kind == "order" and number.isascii() and number.isdigit() else None

    @property
    def number(self) -> str:
        """The order's number as people know it: MCI-000012."""
        return f"MCI-{self.order_id:06d}" if self.order_id else self.reference


class Piece(models.Model):
    """One collo of a shipment, as it was weighed and measured when it was packed; without any the shipment is one.
    Written with the packing alone (orders/warehouse/packing.py). Of several the first bears the COD amount."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="pieces")
    number = models.PositiveSmallIntegerField()  # 1, 2, …
    weight_g = models.PositiveIntegerField()
    # 0: not measured.
    length_mm = models.PositiveIntegerField(default=0)
    width_mm = models.PositiveIntegerField(default=0)
    height_mm = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("piece of a shipment"), _("pieces of shipments")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["shipment", "number"], name="shipping_piece_once"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, number__lte=99, weight_g__gte=1, weight_g__lte=1_000_000),
                name="shipping_piece_weight",
            ),
            models.CheckConstraint(
                condition=models.Q(length_mm__lte=10_000, width_mm__lte=10_000, height_mm__lte=10_000),
                name="shipping_piece_sizes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.weight_g} g"


class ShipmentEvent(models.Model):
    """What happened to a parcel: who, when and what was said; append-only. On the axis `paper` what was printed of it:
    `to_value` which paper, `from_value` "again" when it had been before, `note` the mark of what it said."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="events")
    axis = models.CharField(max_length=10, default="state")  # state | cash | tracking | address | paper
    from_value = models.CharField(max_length=60, blank=True)
    to_value = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(axis="state", to_value=""), name="shipping_event_to")]
        indexes = [
            models.Index(fields=["shipment", "id"], name="shipping_event_shipment"),
            # A number that a parcel had before: an old label is scanned, a customer asks with it.
            models.Index(Upper("from_value"), name="shipping_event_old_number", condition=models.Q(axis="tracking")),
        ]

    def __str__(self) -> str:
        return f"{self.from_value} → {self.to_value}"
