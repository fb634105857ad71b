"""The books: a double-entry ledger that PostgreSQL guards (migrations 0002+), and the top-up requests.

wallet/books/ledger.py is the only writer of Account, Entry and Posting. Positive credits the account's owner. EUR."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Dropshipper
from core.money import MAX_AMOUNT, ZERO, MoneyField, in_range


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


class TopUp(models.Model):
    """A bank transfer that a reseller announces; staff credits it when the money is on the account."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        SENT = "sent", _("Transfer sent")
        CREDITED = "credited", _("Credited")
        REJECTED = "rejected", pgettext_lazy("top-up", "Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REVERSED = "reversed", _("Taken back")

    # From the form: a second submit is the same request.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="top_ups")
    amount = MoneyField(_("amount (EUR)"))
    causale = models.CharField(_("payment reference"), max_length=20, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # Credited by mistake and taken back: who and when; `reason` says why.
    reversed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reversed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("top-up")
        verbose_name_plural = _("top-ups")
        permissions = [("credit_topup", _("Can credit top-ups")), ("reject_topup", _("Can reject top-ups"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=ZERO, amount__lte=MAX_AMOUNT), name="wallet_topup_amount"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["requested", "sent", "credited", "rejected", "withdrawn", "reversed"]),
                name="wallet_topup_status",
            ),
            models.CheckConstraint(
                condition=models.Q(status="reversed", reversed_by__isnull=False, reversed_at__isnull=False)
                & ~models.Q(reason="")
                | ~models.Q(status="reversed") & models.Q(reversed_by__isnull=True, reversed_at__isnull=True),
                name="wallet_topup_reversed",
            ),
        ]
        indexes = [
            models.Index(fields=["dropshipper", "-id"], name="wallet_topup_tenant"),
            models.Index(fields=["id"], condition=models.Q(status__in=["requested", "sent"]), name="wallet_topup_open"),
        ]

    def __str__(self) -> str:
        return self.causale

    @property
    def reference(self) -> str:
        """The name of this top-up in the books."""
        return f"topup:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.REQUESTED, self.Status.SENT)


class Proposal(models.Model):
    """Money that one of the staff wants to move and that a second person must confirm (wallet/second_person.py). Once
    decided it never changes: with its entry it says who wanted the money to move and who agreed."""

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("Credit of a top-up")
        ADJUSTMENT = "adjustment", _("Adjustment")
        TOP_UP_REVERSAL = "top_up_reversal", _("Credit taken back")
        REMITTANCE_REVERSAL = "remittance_reversal", _("COD cash taken back")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a second person")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", pgettext_lazy("proposal", "Refused")

    kind = models.CharField(max_length=20, choices=Kind)
    # Of the entry it will be: "topup:12"; of a reversal the key of the entry that it takes back: "topup:12:credit"
    reference = models.CharField(max_length=60)
    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="+")
    amount = MoneyField(_("amount (EUR)"))  # signed: what it does to the wallet
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.WAITING)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="proposal")

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", decided_by__isnull=True, entry__isnull=True)
                | models.Q(state="refused", decided_by__isnull=False, entry__isnull=True)
                | models.Q(state="confirmed", decided_by__isnull=False, entry__isnull=False)
                & ~models.Q(decided_by=models.F("proposed_by")),
                name="wallet_proposal_two_people",
            ),
            models.UniqueConstraint(
                fields=["reference"],
                condition=models.Q(state__in=["waiting", "confirmed"]),
                name="wallet_proposal_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=-MAX_AMOUNT, amount__lte=MAX_AMOUNT) & ~models.Q(amount=0),
                name="wallet_proposal_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="waiting"), name="wallet_proposal_waiting"),
        ]

    @property
    def parcel(self) -> int | None:
        """The order on whose desk it is confirmed; None: it is confirmed on the pages of the money."""
        kind, number = self.reference.split(":")[:2]
        return int(number) if kind == "order" else None

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"
