"""Who works for a company, and who was asked to."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.dropshipper import Dropshipper
from accounts.models.user import User


class Member(models.Model):
    """A person who works for a dropshipper, in a role."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        ORDERS = "orders", _("Orders")
        ACCOUNTING = "accounting", _("Accounting")

    user = models.OneToOneField(User, models.CASCADE, related_name="member")
    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="members")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.OWNER)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "orders", "accounting"]), name="accounts_member_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.dropshipper}"


class Invitation(models.Model):
    """An owner asked somebody to work for the company. The person comes to be when the link is used, and not before:
    so the list of invitations looks the same whether the address has an account or not."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        WITHDRAWN = "withdrawn", pgettext_lazy("invitation", "Withdrawn")
        EXPIRED = "expired", _("Expired")

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Member.Role)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                "dropshipper", Lower("email"), condition=models.Q(state="waiting"), name="accounts_one_invitation"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "accepted", "withdrawn", "expired"]),
                name="accounts_invitation_state",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "orders", "accounting"]), name="accounts_invitation_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.dropshipper}"
