"""Shops, what they sent us, and what we learned about their payment methods and SKUs."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from catalog.models import Variant
from core import leases
from core.sealed import open_sealed, seal
from orders.models import Order
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


# A plain name: within Meta the class's own states cannot be reached.
_DEAD = models.Q(state="dead")
_PULLED = models.Q(via="pull")
_WITH_ORDER = models.Q(order__isnull=False) & ~models.Q(raw=b"")
_WITHOUT_ORDER = models.Q(order__isnull=True) & ~models.Q(raw=b"")


class Delivery(models.Model):
    """One webhook request as received. `dedupe` is sha256(topic, body): WooCommerce's delivery id is not unique."""

    class State(models.TextChoices):
        NEW = "new", _("To read")
        DONE = "done", _("Read")
        IGNORED = "ignored", _("Nothing to do")
        DEAD = "dead", _("Unreadable")

    # No index of its own: the unique one begins with it. No constraint in the database: its check locks the shop's row,
    # which all webhooks of a busy shop would share (docs/performance.md); shops are kept for good, only marked as gone.
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="deliveries", db_index=False, db_constraint=False)
    dedupe = models.BinaryField(max_length=32)
    topic = models.CharField(max_length=60)
    delivery_id = models.CharField(max_length=80, blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_after = models.DateTimeField(default=leases.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)  # a domain error's code, or the name of a fault of ours
    error_params = models.JSONField(blank=True, db_default={})  # of its sentence; the intake's INSERT does not name it
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("view_raw", _("Can see bodies as the shops sent them"))]
        constraints = [
            models.UniqueConstraint(fields=["shop", "dedupe"], name="connectors_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["new", "done", "ignored", "dead"]), name="connectors_delivery_state"
            ),
        ]
        indexes = [
            models.Index(fields=["try_after"], name="connectors_delivery_due", condition=models.Q(state="new")),
            models.Index(fields=["shop", "-received_at", "-id"], name="connectors_delivery_dead", condition=_DEAD),
        ]

    def __str__(self) -> str:
        return f"{capfirst(str(self._meta.verbose_name))} {self.pk}"


class InboxOrder(models.Model):
    """What a shop told us about one order; the newest version wins. One external order has at most one Order."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="inbox")
    external_id = models.CharField(max_length=60)
    number = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=40, blank=True)  # the shop's own word
    version_at = models.DateTimeField()  # the shop's modification time, UTC
    version_hash = models.BinaryField(max_length=32)  # total order within one second
    raw = models.BinaryField()  # the body that this version was read from
    order = models.OneToOneField(Order, models.PROTECT, null=True, blank=True, related_name="inbox")
    via = models.CharField(max_length=10, default="webhook")  # what brought it: see connectors/intake/upsert.py
    identity = models.CharField(max_length=80, blank=True)  # IncomingOrder.identity: the same id may be given twice
    placed_at = models.DateTimeField(null=True, blank=True)  # in the shop, UTC
    read_at = models.DateTimeField(null=True, blank=True)  # when the shop was last asked for it: later asked wins
    binned_at = models.DateTimeField(null=True, blank=True)  # when a webhook last told of the bin, or back from it
    elsewhere = models.BooleanField(default=False)  # sent under another connection of the same store: no Order here
    first_seen_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    told = models.CharField(max_length=100, blank=True)  # the news that the shop knows: see connectors/news/sweep.py
    told_at = models.DateTimeField(null=True, blank=True)
    told_last = models.BooleanField(default=False)  # nothing more can happen to it that a shop should know
    told_memory = models.JSONField(default=dict, blank=True)  # the platform's own: ids of what it wrote in the shop
    news_after = models.DateTimeField(default=leases.now)
    news_failures = models.PositiveSmallIntegerField(default=0)
    forgotten_at = models.DateTimeField(
        null=True, blank=True
    )  # its customer's data was deleted: connectors/intake/privacy.py
    news_error = models.CharField(max_length=40, blank=True)  # an error's code: a person looks at it
    news_params = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("inbox order")
        verbose_name_plural = _("inbox orders")
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="connectors_inbox_once")]
        indexes = [
            models.Index(
                fields=["shop", "news_after"],
                name="connectors_inbox_news",
                condition=models.Q(told_last=False, order__isnull=False),
            ),
            models.Index(
                fields=["shop", "first_seen_at"], name="connectors_inbox_seen"
            ),  # connectors/listings/stock.py
            # What only the pull brought, and nobody counted yet: connectors/intake/pull.py.
            models.Index(fields=["shop", "first_seen_at"], name="connectors_inbox_pulled", condition=_PULLED),
            # Bodies that the daily sweep may have to empty: connectors/intake/privacy.py.
            models.Index(fields=["updated_at"], name="connectors_inbox_bodies", condition=_WITH_ORDER),
            models.Index(fields=["updated_at"], name="connectors_inbox_strays", condition=_WITHOUT_ORDER),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id}/{self.external_id}"


class PaymentRule(models.Model):
    """The reseller said what a payment method of his shop is; remembered for the next orders."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="payment_rules")
    gateway = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Order.Payment)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "gateway"], name="connectors_rule_once")]

    def __str__(self) -> str:
        return f"{self.gateway} = {self.kind}"


class Match(models.Model):
    """A shop's own SKU (or, without one, its product) tied to a variant of ours; without a variant: "not ours"."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="matches")
    subject = models.CharField(max_length=110)  # "sku:ABC-1" or "product:123/456"
    variant = models.ForeignKey(Variant, models.CASCADE, null=True, blank=True, related_name="+")
    quantity = models.PositiveSmallIntegerField(default=1)  # pieces of ours in one of theirs
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "subject"], name="connectors_match_once")]

    def __str__(self) -> str:
        return f"{self.subject} → {self.variant_id}"
