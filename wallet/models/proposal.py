"""Money above a limit, which two people want."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Dropshipper
from core.money import MAX_AMOUNT, MoneyField
from wallet.models.books import Entry


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
