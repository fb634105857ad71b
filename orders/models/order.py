"""The order. Four axes that are never mixed: order, payment kind, shipment, COD cash."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core.address import Address
from core.money import CASH_LIMIT, MAX_AMOUNT, MoneyField, in_range
from shipping.models import Method, Shipment

_PRICE = ("goods_net", "shipping_net", "cod_fee_net", "vat", "cost")


class Order(models.Model):
    """What the dropshipper asks us to ship, whatever the source. Costs are EUR and frozen at Sincronizza."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RECEIVED = "received", _("To fix")
        READY = "ready", _("Ready")
        DISPATCHED = "dispatched", _("Sent to MCI")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")

    class Payment(models.TextChoices):
        PREPAID = "prepaid", _("Prepaid")
        COD = "cod", _("COD")
        AWAITING = "awaiting", _("Awaiting payment")
        REVIEW = "review", _("To check")

    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="orders")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    source = models.SlugField(_("source"), max_length=20, default="manual")  # manual or a platform's slug
    source_label = models.CharField(_("shop"), max_length=120, blank=True)  # the shop's name, for lists
    source_number = models.CharField(_("shop's order number"), max_length=60, blank=True)
    payment = models.CharField(_("payment"), max_length=10, choices=Payment, default=Payment.PREPAID)
    payment_reason = models.CharField(max_length=40, blank=True)  # a code of orders/questions/payment_reasons.py
    payment_detail = models.CharField(max_length=120, blank=True)  # gateway title or id, as the shop says it
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    sale_total = MoneyField(_("paid by the customer (VAT included)"), null=True, blank=True)
    to_collect = MoneyField(_("to collect at the door (EUR)"), null=True, blank=True)
    name = models.CharField(_("name and surname"), max_length=120, blank=True)
    company = models.CharField(_("company"), max_length=120, blank=True)
    street = models.CharField(_("address and number"), max_length=200, blank=True)
    street2 = models.CharField(_("flat, stairs, c/o"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode (CAP)"), max_length=12, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    province = models.CharField(_("province"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, default="IT")
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    note = models.CharField(_("note for the courier"), max_length=200, blank=True)
    method = models.ForeignKey(
        Method, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shipping")
    )

    # Frozen by orders/dispatch/runs.py; empty before.
    goods_net = MoneyField(null=True, blank=True)
    shipping_net = MoneyField(null=True, blank=True)
    cod_fee_net = MoneyField(null=True, blank=True)
    vat = MoneyField(null=True, blank=True)
    cost = MoneyField(null=True, blank=True)  # goods + shipping + COD fee + VAT
    margin = MoneyField(null=True, blank=True)  # COD: to_collect − cost; prepaid: sale_total − cost when in EUR
    guarantee = MoneyField(null=True, blank=True)
    shipment = models.OneToOneField(Shipment, models.PROTECT, null=True, blank=True, related_name="order")
    dispatched_at = models.DateTimeField(null=True, blank=True)
    readdressed_at = models.DateTimeField(null=True, blank=True, editable=False)  # after it was sent; the last time

    placed_at = models.DateTimeField(_("placed"), default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    shop_data = models.JSONField(
        default=dict, blank=True
    )  # what the shop last said, by section: hand edits survive its repeats
    answered = models.JSONField(
        default=list, blank=True
    )  # questions that a person answered: orders/questions/questions.py
    # tax_code, vat_number, sdi_code, pec of the customer, as the shop's checkout asked for them
    fiscal = models.JSONField(default=dict, blank=True)
    details = models.JSONField(default=list, blank=True)  # [[name, value]]: what else the customer wrote for the order
    version = models.PositiveIntegerField(default=1)  # raised by each edit: a stale form is told so
    forget_asked_at = models.DateTimeField(null=True, blank=True, editable=False)  # the customer wants to be forgotten
    forgotten_at = models.DateTimeField(null=True, blank=True, editable=False)  # done: see orders/privacy.py
    entry_key = models.UUIDField(null=True, blank=True, editable=False)  # of the form: sent twice is once
    entry_digest = models.CharField(max_length=64, blank=True, editable=False)  # of what that form said

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("see_desk", _("Can see the warehouse's desk")),
            ("pack_parcel", _("Can pack parcels")),
            ("ship_parcel", _("Can hand parcels to the courier")),
            ("deliver_parcel", _("Can mark parcels delivered")),
            ("cancel_parcel", _("Can cancel parcels that are still here")),
            ("remit_cash", _("Can record the cash that a courier paid over")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "received", "ready", "dispatched", "completed", "cancelled"]),
                name="orders_order_state",
            ),
            models.CheckConstraint(
                condition=models.Q(payment__in=["prepaid", "cod", "awaiting", "review"]), name="orders_order_payment"
            ),
            models.CheckConstraint(
                condition=in_range("sale_total") & in_range("to_collect"), name="orders_order_amounts"
            ),
            models.CheckConstraint(
                condition=in_range("goods_net")
                & in_range("shipping_net")
                & in_range("cod_fee_net")
                & in_range("vat")
                & in_range("cost")
                & in_range("guarantee")
                & in_range("margin", low=-MAX_AMOUNT),
                name="orders_order_costs",
            ),
            # A price is frozen whole or not at all.
            models.CheckConstraint(
                condition=models.Q(**dict.fromkeys((f"{name}__isnull" for name in _PRICE), True))
                | models.Q(**dict.fromkeys((f"{name}__isnull" for name in _PRICE), False)),
                name="orders_order_price_whole",
            ),
            models.UniqueConstraint(fields=["dropshipper", "entry_key"], name="orders_order_entry_key"),
            # Dispatched ⇔ it has a shipment and a frozen cost; never with a payment that is not sure.
            models.CheckConstraint(
                condition=~models.Q(state__in=["dispatched", "completed"])
                | models.Q(
                    shipment__isnull=False,
                    cost__isnull=False,
                    dispatched_at__isnull=False,
                    payment__in=["prepaid", "cod"],
                ),
                name="orders_order_dispatched_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["dispatched", "completed"], payment="cod")
                | models.Q(to_collect__gt=0, to_collect__lte=CASH_LIMIT, currency="EUR"),
                name="orders_order_cod_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["dropshipper", "-id"], name="orders_order_tenant"),
            models.Index(fields=["dropshipper", "source", "state", "-id"], name="orders_order_list"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="orders_order_name_trgm"),
            models.Index(fields=["dropshipper", "source_number"], name="orders_order_number"),
            models.Index(fields=["dropshipper", "placed_at"], name="orders_order_placed"),
            models.Index(fields=["source_number"], name="orders_order_any_number"),  # the desks' search
            models.Index(Upper("city"), F("dropshipper"), name="orders_order_city"),
            # By what a customer who calls or writes says of himself; his name without accents: migration 0009.
            models.Index(fields=["phone"], name="orders_order_phone", condition=models.Q(phone__gt="")),
            models.Index(Upper("email"), name="orders_order_email", condition=models.Q(email__gt="")),
            models.Index(
                fields=["placed_at"], name="orders_order_named", condition=models.Q(forgotten_at__isnull=True)
            ),  # whose customer the daily sweep may have to forget: orders/privacy.py
            models.Index(
                fields=["id"],
                name="orders_order_to_forget",
                condition=models.Q(forget_asked_at__isnull=False, forgotten_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"MCI-{self.pk:06d}" if self.pk else "MCI-…"

    @property
    def reference(self) -> str:
        """The name of this order in the books, the stock moves and the shipment."""
        return f"order:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Not yet dispatched nor cancelled: may be edited, and a shop may still change it."""
        return self.state in (self.State.DRAFT, self.State.RECEIVED, self.State.READY)

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
