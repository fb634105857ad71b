"""The books: a double-entry ledger that PostgreSQL guards (migrations 0002+).

wallet/books/ledger.py is the only writer of Account, Entry and Posting. Positive credits the account's owner. EUR."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core.money import MAX_AMOUNT, MoneyField, in_range


class Account(models.Model):
    """A dropshipper's accounts cache a balance, moved by a trigger alone; the supplier's cache nothing."""

    class Kind(models.TextChoices):
        WALLET = "wallet", _("Available")
        HELD = "held", _("Held")
        COD_DUE = "cod_due", _("COD to come")
        BANK = "bank", _("Bank")
        CARD = "card", _("Cards")
        COD_IN_TRANSIT = "cod_in_transit", _("COD in transit")
        SALES = "sales", _("Sales")
        SHIPPING_INCOME = "shipping_income", _("Shipping")
        COD_FEES = "cod_fees", _("COD fees")
        VAT = "vat", _("VAT")
        ADJUSTMENTS = "adjustments", _("Adjustments")
        LOSSES = "losses", _("Losses")

    kind = models.CharField(max_length=20, choices=Kind)
    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, null=True, blank=True, related_name="accounts")
    balance = MoneyField(null=True, blank=True, editable=False)
    floor = MoneyField(null=True, blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["dropshipper", "kind"], condition=models.Q(dropshipper__isnull=False), name="wallet_account_own"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(dropshipper__isnull=True), name="wallet_account_system"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    dropshipper__isnull=False, kind__in=["wallet", "held", "cod_due"], balance__isnull=False
                )
                | models.Q(
                    dropshipper__isnull=True,
                    kind__in=[
                        "bank",
                        "card",
                        "cod_in_transit",
                        "sales",
                        "shipping_income",
                        "cod_fees",
                        "vat",
                        "adjustments",
                        "losses",
                    ],
                    balance__isnull=True,
                    floor__isnull=True,
                ),
                name="wallet_account_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(floor__isnull=True) | models.Q(balance__gte=models.F("floor")),
                name="wallet_account_floor",
            ),
            models.CheckConstraint(condition=in_range("balance", low=-MAX_AMOUNT), name="wallet_account_range"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.dropshipper}" if self.dropshipper else str(self.get_kind_display())


class Entry(models.Model):
    """A ledger transaction: at least two postings that sum to zero. Never changed; mended by one reversing entry."""

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("Top-up")
        SALE = "sale", _("Order")
        COD_SALE = "cod_sale", _("COD order")
        COD_AMENDMENT = "cod_amendment", _("COD amount lowered")
        SHIPPING_CHANGE = "shipping_change", _("Shipping to another address")
        GUARANTEE = "guarantee", _("Guarantee")
        REMITTANCE = "remittance", _("COD remitted")
        GUARANTEE_RELEASE = "guarantee_release", _("Guarantee released")
        GUARANTEE_CAPTURE = "guarantee_capture", _("Guarantee kept")
        REVERSAL = "reversal", _("Reversal")
        LOSS = "loss", _("Lost parcel")
        FOUND = "found", _("Lost parcel found again")
        RETURN_CREDIT = "return_credit", _("Return credited")
        RETURN_CHARGE = "return_charge", _("Costs of a return")
        CLAIM_PAID = "claim_paid", _("Paid by the courier for a claim")
        ADJUSTMENT = "adjustment", _("Adjustment")

    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=100, unique=True)  # "order:12:sale"
    request_hash = models.BinaryField(max_length=32)
    reference = models.CharField(max_length=60)  # "order:12"
    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, null=True, blank=True, related_name="+")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    memo = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        permissions = [("adjust", _("Can adjust wallets"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "top_up",
                        "sale",
                        "cod_sale",
                        "cod_amendment",
                        "shipping_change",
                        "guarantee",
                        "remittance",
                        "guarantee_release",
                        "guarantee_capture",
                        "reversal",
                        "loss",
                        "found",
                        "return_credit",
                        "return_charge",
                        "claim_paid",
                        "adjustment",
                    ]
                ),
                name="wallet_entry_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="reversal", reverses__isnull=False)
                | (~models.Q(kind="reversal") & models.Q(reverses__isnull=True)),
                name="wallet_entry_reversal",
            ),
            # A dispatch is charged or booked as COD: once, and never both.
            models.UniqueConstraint(
                fields=["reference"], condition=models.Q(kind__in=["sale", "cod_sale"]), name="wallet_entry_one_sale"
            ),
        ]
        indexes = [
            models.Index(fields=["reference"], name="wallet_entry_reference"),
            models.Index(fields=["dropshipper", "at", "id"], name="wallet_entry_tenant"),
            models.Index(fields=["id"], condition=models.Q(kind="adjustment"), name="wallet_entry_adjustment"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.pk}"


class Posting(models.Model):
    """One signed line of an entry, EUR."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings")
    amount = MoneyField()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(fields=["entry", "account"], name="wallet_posting_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=-MAX_AMOUNT, amount__lte=MAX_AMOUNT) & ~models.Q(amount=0),
                name="wallet_posting_amount",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="wallet_posting_account")]

    def __str__(self) -> str:
        return f"{self.account}: {self.amount}"


class OpenItem(models.Model):
    """What is still open of a reference on a `cod_due` account: the sum of its postings there (EUR), as long as it is
    not zero, and when the first was posted. Moved with the balance, by the same trigger, and by nothing else."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="open_items")
    reference = models.CharField(max_length=60)
    amount = MoneyField()
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "reference"], name="wallet_open_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=-MAX_AMOUNT, amount__lte=MAX_AMOUNT), name="wallet_open_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"


class Seal(models.Model):
    """A link of a dropshipper's hash chain: sha256(previous hash, the entry's content)."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="seal")
    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="+")
    position = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dropshipper", "position"], name="wallet_seal_position")]

    def __str__(self) -> str:
        return f"{self.dropshipper_id}/{self.position}"
