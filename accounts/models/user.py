"""Users and the tenant. Everything a reseller sees hangs from his Dropshipper."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """From the server's command line: whoever types there needs no letter to prove an address."""
        from allauth.account.models import EmailAddress  # its models need this one

        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        return user


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


class EmailChange(models.Model):
    """A user's wish to sign in with another address. The link at the new address grants it, the one at the old address
    stops it or takes it back. An address is nobody's until it is confirmed: a wish reserves nothing."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CONFIRMED = "confirmed", _("Confirmed")
        WITHDRAWN = "withdrawn", _("Withdrawn")  # by the user, or by a later wish
        # From the old address, before or after it was confirmed.
        STOPPED = "stopped", pgettext_lazy("change of e-mail", "Stopped")

    user = models.ForeignKey(User, models.CASCADE, related_name="email_changes")
    old = models.EmailField()
    new = models.EmailField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("change of e-mail")
        verbose_name_plural = _("changes of e-mail")
        constraints = [
            models.UniqueConstraint("user", condition=models.Q(state="waiting"), name="accounts_one_email_change"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "confirmed", "withdrawn", "stopped"]),
                name="accounts_email_change_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


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


class OpenSession(models.Model):
    """A browser that somebody is signed in with. The session itself is Django's; this row is what its owner reads of it
    and ends it by (accounts/sign_in/sessions.py)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "seen_at"], name="accounts_open_session_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.device}"


class SecurityEvent(models.Model):
    """What happened to the keys of an account: never changed, read by its owner. Written by
    accounts/sign_in/security_log.py alone. `dropshipper` is set where the whole company is concerned: its owners read
    it too."""

    user = models.ForeignKey(User, models.CASCADE, related_name="security_events", verbose_name=_("user"))
    dropshipper = models.ForeignKey(
        Dropshipper, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("dropshipper")
    )
    code = models.CharField(_("what"), max_length=40)
    params = models.JSONField(default=dict, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        indexes = [
            models.Index(fields=["user", "-id"], name="accounts_event_user"),
            models.Index(fields=["at"], name="accounts_event_at"),  # mci/database/retention.py
            models.Index(fields=["address"], name="accounts_event_address"),
            models.Index(
                fields=["dropshipper", "-id"],
                name="accounts_event_dropshipper",
                condition=models.Q(dropshipper__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.pk}"


class KeptForm(models.Model):
    """What a person had typed when the session was over: for that person's next sign-in, for an hour. Written and read
    by accounts/kept/forms.py alone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="kept_forms")
    handle = models.CharField(max_length=43, unique=True)  # in addresses: no number that somebody could count on from
    page = models.CharField(max_length=500)  # where the form stood
    action = models.CharField(max_length=500)  # where it was sent
    fields_sealed = models.BinaryField()  # JSON: [[name, value], …]
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], name="accounts_kept_expires"),  # mci/database/retention.py
            models.Index(fields=["user", "-id"], name="accounts_kept_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.page}"

    def sealing_context(self, column: str) -> str:
        return f"accounts_keptform:{self.handle}:{column}"
