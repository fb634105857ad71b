"""A case: pieces of a sent order that came back, were lost or are asked about, and what it does to the money."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import MAX_AMOUNT, ZERO, MoneyField, in_range
from orders.models.line import MOST_PIECES, OrderLine
from orders.models.order import Order
from orders.models.who_pays import Fault, Reason, WhoPays

_SETTLED = ("goods_net", "out_net", "back_net", "storage_due", "handling_net", "lost_net", "vat", "total")


class Case(models.Model):
    """A return, claim, loss or damage of pieces of an order, with its reason. `rule` is who pays, frozen when the case
    began. The amounts (EUR) are frozen when it is settled, signed as the reseller gains: above zero credited, below
    zero charged; net, with the `vat` of all, and their sum `total`. `lost_net` is the supplier's loss. `storage_net` is
    what the courier asked for storage, `back_price` what the way back cost where it is not the tariff's, both net."""

    class Kind(models.TextChoices):
        BACK = "back", _("Parcel back")
        LOST = "lost", _("Parcel lost")
        CUSTOMER = "customer", _("Return of a customer")

    class State(models.TextChoices):
        ASKED = "asked", _("To decide")
        APPROVED = "approved", _("Approved, to come")
        ARRIVED = "arrived", _("Here, to inspect")
        WAITING = "waiting", _("Waiting for the courier")
        SETTLED = "settled", _("Settled")
        REFUSED = "refused", _("Not approved")
        FOUND = "found", _("Found again")

    order = models.ForeignKey(Order, models.PROTECT, related_name="cases")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    fault = models.CharField(_("whose fault"), max_length=10, choices=Fault, blank=True)
    rule = models.ForeignKey(WhoPays, models.PROTECT, null=True, blank=True, related_name="+")
    key = models.UUIDField(null=True, blank=True, editable=False)  # of the form that opened it: sent twice is once
    note = models.CharField(_("note"), max_length=500, blank=True)  # of who opened it
    answer = models.CharField(_("answer"), max_length=500, blank=True)  # of the staff, to the reseller
    storage_net = MoneyField(_("storage (EUR, VAT excluded)"), default=ZERO)
    back_price = MoneyField(_("way back (EUR, VAT excluded)"), null=True, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    arrived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    arrived_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    goods_net = MoneyField(null=True, blank=True)
    out_net = MoneyField(null=True, blank=True)
    back_net = MoneyField(null=True, blank=True)
    storage_due = MoneyField(null=True, blank=True)
    handling_net = MoneyField(null=True, blank=True)
    lost_net = MoneyField(null=True, blank=True)
    vat = MoneyField(null=True, blank=True)
    total = MoneyField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("case"), _("cases")
        permissions = [
            ("see_returns", _("Can see the desk of the returns")),
            ("take_return", _("Can take in what comes back")),
            ("settle_return", _("Can settle returns and lost parcels")),
            ("decide_case", _("Can approve the cases of resellers")),
            ("pursue_claim", _("Can pursue claims with couriers")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["back", "lost", "customer"],
                    state__in=["asked", "approved", "arrived", "waiting", "settled", "refused", "found"],
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
                    fault__in=["", "supplier", "courier", "reseller", "customer"],
                ),
                name="orders_case_states",
            ),
            models.CheckConstraint(
                condition=in_range("goods_net", low=-MAX_AMOUNT)
                & in_range("out_net", low=-MAX_AMOUNT)
                & in_range("back_net", low=-MAX_AMOUNT, high=ZERO)
                & in_range("storage_due", low=-MAX_AMOUNT, high=ZERO)
                & in_range("handling_net", low=-MAX_AMOUNT, high=ZERO)
                & in_range("storage_net")
                & in_range("back_price")
                & in_range("lost_net")
                & in_range("vat", low=-MAX_AMOUNT)
                & in_range("total", low=-MAX_AMOUNT),
                name="orders_case_amounts",
            ),
            models.CheckConstraint(
                condition=models.Q(total__isnull=True)
                | models.Q(
                    total=models.F("goods_net")
                    + models.F("out_net")
                    + models.F("back_net")
                    + models.F("storage_due")
                    + models.F("handling_net")
                    + models.F("vat")
                ),
                name="orders_case_sum",
            ),
            # What is settled has its figures, and who pays is known before.
            models.CheckConstraint(
                condition=~models.Q(state="settled")
                | models.Q(
                    rule__isnull=False, settled_at__isnull=False, **{f"{name}__isnull": False for name in _SETTLED}
                ),
                name="orders_case_settled_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "refused"]) | models.Q(rule__isnull=False),
                name="orders_case_rule",
            ),
            # A parcel fails once: it comes back, or it is lost. What was found and comes back is a case of its own.
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(kind__in=["back", "lost"]) & ~models.Q(state="found"),
                name="orders_case_parcel_once",
            ),
            models.UniqueConstraint(fields=["order", "key"], name="orders_case_key"),
        ]
        indexes = [models.Index(fields=["state", "kind", "id"], name="orders_case_desk")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"R-{self.pk:06d}" if self.pk else "R-…"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.ASKED, self.State.APPROVED, self.State.ARRIVED, self.State.WAITING)


class CaseLine(models.Model):
    """Pieces of a line of the order, and how they were found: sold again as new (`restock`), of `second` choice,
    `scrap`, or `missing`. `credit_net` is what of their price was credited (EUR)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+")
    pieces = models.PositiveIntegerField()
    restock = models.PositiveIntegerField(default=0)
    second = models.PositiveIntegerField(default=0)
    scrap = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    credit_net = MoneyField(default=ZERO)

    class Meta:
        ordering = ["line__position", "line_id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "line"], name="orders_caseline_once"),
            models.CheckConstraint(
                condition=models.Q(pieces__gte=1, pieces__lte=MOST_PIECES)
                & models.Q(
                    pieces__gte=models.F("restock") + models.F("second") + models.F("scrap") + models.F("missing")
                ),
                name="orders_caseline_pieces",
            ),
            models.CheckConstraint(condition=in_range("credit_net"), name="orders_caseline_credit"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} × {self.pieces}"


class Claim(models.Model):
    """What the courier is asked to pay for a loss or a damage, and what came of it. EUR. `due_on` is the last day on
    which the courier takes it."""

    class State(models.TextChoices):
        OPEN = "open", _("To be sent")
        SENT = "sent", _("Sent to the courier")
        PAID = "paid", _("Paid")
        REFUSED = "refused", _("Not paid")
        DROPPED = "dropped", _("Dropped: found again")

    case = models.OneToOneField(Case, models.PROTECT, related_name="claim")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    amount = MoneyField(_("claimed (EUR)"))
    paid = MoneyField(_("paid (EUR)"), null=True, blank=True)
    due_on = models.DateField(_("to be sent by"))
    reference = models.CharField(_("the courier's number"), max_length=60, blank=True)
    documents = models.CharField(_("documents"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("claim"), _("claims")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "sent", "paid", "refused", "dropped"]),
                name="orders_claim_state",
            ),
            models.CheckConstraint(condition=in_range("amount") & in_range("paid"), name="orders_claim_amounts"),
            models.CheckConstraint(
                condition=models.Q(state="paid", paid__gt=0) | (~models.Q(state="paid") & models.Q(paid__isnull=True)),
                name="orders_claim_paid",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="orders_claim_due")]

    def __str__(self) -> str:
        return f"{self.case}: {self.amount}"
