"""Users and the tenant. Everything a reseller sees hangs from his Dropshipper."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=5, default="it")
    theme = models.CharField(_("theme"), max_length=5, default="auto")
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_lower")]

    def __str__(self) -> str:
        return self.name or self.email


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
    staff_told_at = models.DateTimeField(null=True, blank=True, editable=False)  # accounts/digest.py

    class Meta:
        verbose_name = _("dropshipper")
        verbose_name_plural = _("dropshippers")
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
