"""A connected store."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core import leases
from core.sealed import open_sealed, seal
from shipping.models import Method


def new_key() -> str:
    return secrets.token_urlsafe(18)


def in_a_while() -> dt.datetime:  # of the migrations
    return timezone.now() + dt.timedelta(minutes=20)


def first_look_back() -> Any:
    return leases.now() + dt.timedelta(minutes=20)


class Shop(models.Model):
    """One connected store of a dropshipper on one platform. `platform` has no choices: a platform is a folder."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Connected")
        PAUSED = "paused", _("Paused")
        BROKEN = "broken", _("To reconnect")
        GONE = "gone", _("Disconnected")

    class PriceDrift(models.TextChoices):
        """What is done with a price that somebody changed in the shop."""

        ASK = "ask", _("Ask me")
        HEAL = "heal", _("Put MCI’s price back")

    dropshipper = models.ForeignKey(Dropshipper, models.PROTECT, related_name="shops")
    platform = models.SlugField(max_length=20)
    key = models.CharField(max_length=40, unique=True, default=new_key)  # names the shop in the webhook's address
    name = models.CharField(_("name"), max_length=120)
    address = models.URLField(_("address"), max_length=200)  # home URL without trailing slash
    # What the store is recognised by, whoever connects it and by which platform: connectors/shops/stores.py.
    store_keys = ArrayField(models.CharField(max_length=220), default=list, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    trouble = models.CharField(max_length=40, blank=True)  # an error's code, for the health card
    trouble_params = models.JSONField(default=dict, blank=True)
    sealed_credentials = models.BinaryField(default=b"")  # JSON, AES-GCM with `key` as associated data
    webhook_secret_sealed = models.BinaryField(default=b"")
    facts = models.JSONField(
        default=dict, blank=True
    )  # what the shop says of itself: version, currency, time zone, gateways
    options = models.JSONField(default=dict, blank=True)  # what the reseller chose in the platform's own options_form
    method = models.ForeignKey(
        Method, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("usual shipping")
    )
    import_since = models.DateTimeField(_("orders from"), default=timezone.now)
    connected_at = models.DateTimeField(default=timezone.now)
    renew_lease_until = models.DateTimeField(
        null=True, blank=True
    )  # who renews the credentials: connectors/credentials
    renew_lease_token = models.UUIDField(null=True, blank=True)

    cursor = models.DateTimeField(null=True, blank=True)  # last modification seen, the shop's own time in UTC
    pull_after = models.DateTimeField(default=leases.now)  # due when passed, by the database's clock
    pull_failures = models.PositiveSmallIntegerField(default=0)
    pull_lease_until = models.DateTimeField(null=True, blank=True)
    pull_lease_token = models.UUIDField(null=True, blank=True)
    pull_walk = models.CharField(max_length=2000, blank=True)  # where a walk that was not finished goes on
    slow_visits = models.PositiveSmallIntegerField(default=0)  # in a row, that used their time up for a few pages
    last_pull_at = models.DateTimeField(null=True, blank=True)
    heard_until = models.DateTimeField(
        null=True, blank=True
    )  # all orders that it had then are here: connectors/intake/pull.py
    last_delivery_at = models.DateTimeField(null=True, blank=True)
    last_check_at = models.DateTimeField(null=True, blank=True)
    gaps_healed = models.PositiveIntegerField(default=0)  # orders that only the pull brought
    look_back_after = models.DateTimeField(default=first_look_back)  # the last days are then read again and compared

    stock_on = models.BooleanField(_("MCI keeps the stock"), default=False)  # the merchant's word: his products change
    prices_after = models.DateTimeField(default=leases.now)  # when its prices are next reckoned: levels.py
    price_drift = models.CharField(max_length=4, choices=PriceDrift, default=PriceDrift.ASK)
    stock_buffer = models.PositiveIntegerField(_("pieces kept back"), default=0)
    compared_at = models.DateTimeField(null=True, blank=True)  # its products were last compared with the catalogue
    compare_after = models.DateTimeField(default=leases.now)
    compare_walk = models.CharField(max_length=2000, blank=True)  # where a comparison that was not finished goes on …
    compare_began = models.DateTimeField(null=True, blank=True)  # … and when it began
    compare_asked = models.BooleanField(default=False)  # by a person: soon, though MCI does not keep its stock

    prove_after = models.DateTimeField(default=leases.now)  # the next daily proof that no order was lost

    news_after = models.DateTimeField(default=leases.now)  # told nothing before
    news_failures = models.PositiveSmallIntegerField(default=0)
    news_lease_until = models.DateTimeField(null=True, blank=True)
    news_lease_token = models.UUIDField(null=True, blank=True)
    # A comparison or a proof, one at a time; and a check. Who disconnects or connects the shop takes all leases away.
    turn_lease_until = models.DateTimeField(null=True, blank=True)
    turn_lease_token = models.UUIDField(null=True, blank=True)
    check_lease_until = models.DateTimeField(null=True, blank=True)
    check_lease_token = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "address"],
                condition=models.Q(state__in=["active", "paused", "broken"]),
                name="connectors_shop_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "paused", "broken", "gone"]), name="connectors_shop_state"
            ),
            models.CheckConstraint(
                condition=models.Q(price_drift__in=["ask", "heal"]), name="connectors_shop_price_drift"
            ),
        ]
        indexes = [
            models.Index(fields=["dropshipper", "platform"], name="connectors_shop_tenant"),
            GinIndex(fields=["store_keys"], name="connectors_shop_store"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def credentials(self) -> str:
        """The platform's own JSON text; never logged, shown or exported."""
        return open_sealed(bytes(self.sealed_credentials), context=self.sealing_context("sealed_credentials"))

    @credentials.setter
    def credentials(self, text: str) -> None:
        self.sealed_credentials = seal(text, context=self.sealing_context("sealed_credentials"))

    def sealing_context(self, column: str) -> str:
        """Where a secret of this row belongs (core/sealed.py)."""
        return f"shop:{self.key}:{'credentials' if column == 'sealed_credentials' else 'webhook'}"

    @property
    def webhook_secret(self) -> str:
        return open_sealed(bytes(self.webhook_secret_sealed), context=self.sealing_context("webhook_secret_sealed"))

    @webhook_secret.setter
    def webhook_secret(self, text: str) -> None:
        self.webhook_secret_sealed = seal(text, context=self.sealing_context("webhook_secret_sealed"))
