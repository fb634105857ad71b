"""People who sign in."""

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
