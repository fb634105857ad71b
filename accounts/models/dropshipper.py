"""The tenant: a reseller's company, and what it wants changed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.user import User


class Dropshipper(models.Model):
    """The reseller's business: the tenant."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for approval")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        REJECTED = "rejected", _("Rejected")

    name = models.CharField(_("company name"), max_length=200)
    vat_number = models.CharField(_("VAT number"), max_length=11, unique=True)
    fiscal_code = models.CharField(_("fiscal code"), max_length=16, blank=True)
    sdi_code = models.CharField(_("SDI code"), max_length=7, blank=True)
    pec = models.EmailField(_("certified e-mail (PEC)"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    street = models.CharField(_("address and number"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode (CAP)"), max_length=5, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    province = models.CharField(_("province"), max_length=2, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    status_reason = models.CharField(_("reason"), max_length=200, blank=True)
    status_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    status_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    staff_told_at = models.DateTimeField(null=True, blank=True, editable=False)  # accounts/companies/digest.py

    class Meta:
        verbose_name = _("dropshipper")
        verbose_name_plural = _("dropshippers")
        permissions = [
            ("approve_dropshipper", _("Can approve and reject dropshippers")),
            ("suspend_dropshipper", _("Can suspend dropshippers and end a suspension")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "active", "suspended", "rejected"]),
                name="accounts_dropshipper_status",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class CompanyChange(models.Model):
    """New data for the invoices of an approved company: they count once staff has looked."""

    class State(models.TextChoices):
        WAITING = "waiting", _("To check")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", pgettext_lazy("change of the company", "Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")  # by an owner, or by a later request

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="changes")
    old = models.JSONField()  # field → text, only of the fields that change
    new = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("change of company data")
        verbose_name_plural = _("changes of company data")
        constraints = [
            models.UniqueConstraint(
                "dropshipper", condition=models.Q(state="waiting"), name="accounts_one_company_change"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "approved", "refused", "withdrawn"]),
                name="accounts_company_change_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dropshipper} · {self.get_state_display()}"
