"""What MCI notes of a shop beside its orders (models, apart from connectors/models/shop.py for their length)."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from catalog.models import Variant

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_HELD = models.Q(lease_token__isnull=False)


class ShopCall(models.Model):
    """One call that MCI made to a shop: see connectors/shops/calls.py."""

    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="calls", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(_("call"), max_length=80)  # "GET orders", a GraphQL operation's name
    result = models.CharField(_("result"), max_length=20)  # the HTTP status, or why there was no answer
    ms = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("call to a shop")
        verbose_name_plural = _("calls to shops")
        indexes = [
            models.Index(fields=["shop", "-id"], name="connectors_call_shop"),
            models.Index(fields=["at"], name="connectors_call_at"),
        ]

    def __str__(self) -> str:
        return f"{capfirst(str(self._meta.verbose_name))} {self.pk}"

    @property
    def is_good(self) -> bool:
        return self.result.startswith("2")


class RemoteItem(models.Model):
    """A product (or variation) of a shop that is no article of ours, as the last comparison saw it, and the article of
    ours that it is likeliest to be. Once it is matched it becomes a Listing (connectors/listings/compare.py)."""

    class Why(models.TextChoices):
        SKU = "sku", _("similar SKU")
        EAN = "ean", _("same EAN")
        TITLE = "title", _("similar name")

    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="remote_items", db_index=False)
    external_id = models.CharField(max_length=80)
    subject = models.CharField(max_length=110)  # what a Match of it hangs on: "sku:ABC-1", "product:123/456"
    sku = models.CharField("SKU", max_length=100, blank=True)
    ean = models.CharField("EAN", max_length=14, blank=True)
    title = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField(null=True, blank=True)  # the stock that the shop shows; None: it counts none
    seen_at = models.DateTimeField(default=timezone.now)
    guess = models.ForeignKey(Variant, models.SET_NULL, null=True, blank=True, related_name="+")
    score = models.PositiveSmallIntegerField(default=0)  # how sure the guess is, in percent
    why = models.CharField(max_length=5, choices=Why, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="connectors_remote_once")]
        indexes = [
            models.Index(fields=["shop", "-score", "id"], name="connectors_remote_score"),
            models.Index(fields=["shop", "subject"], name="connectors_remote_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id}/{self.external_id}"


class MatchBatch(models.Model):
    """Matches that were made together (ticked, or brought by a file), so that they can be taken back together."""

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="match_batches")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # [[subject, [variant, quantity], what it was before: the same or null], …]; without a variant: "not ours"
    changes = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="connectors_matchbatch_at")]  # mci/database/retention.py

    def __str__(self) -> str:
        return f"{self.shop_id} {self.at:%Y-%m-%d %H:%M}"


class OrderProof(models.Model):
    """One day's proof that no order of a shop was lost: its own list of orders held against ours."""

    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="proofs")
    at = models.DateTimeField(default=timezone.now)
    since = models.DateTimeField()  # orders placed in the shop from here on
    theirs = models.PositiveIntegerField()  # orders that the shop has
    same = models.PositiveIntegerField()  # of them here already, in the version of the shop or a newer one
    healed = models.JSONField(default=list, blank=True)  # numbers of those that were missing or old, and are here now
    gone = models.JSONField(default=list, blank=True)  # numbers of ours that the shop has no more: it told nobody
    left_out = models.PositiveIntegerField(default=0)  # not for us: sent before the shop was connected, drafts
    unread = models.JSONField(default=list, blank=True)  # ids of those that cannot be read: among the dead messages
    whole = models.BooleanField(default=True)  # false: more was missing than one proof mends; everything is read anew

    class Meta:
        verbose_name = _("order proof")
        verbose_name_plural = _("order proofs")
        indexes = [
            models.Index(fields=["shop", "-id"], name="connectors_proof_shop"),
            models.Index(fields=["at"], name="connectors_proof_at"),  # mci/database/retention.py
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.at:%Y-%m-%d}"

    @property
    def is_clean(self) -> bool:
        return self.whole and not self.unread


class ShopEvent(models.Model):
    """The log of a shop for its health card: troubles, gaps healed, webhooks mended. No secret, no customer."""

    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="events")
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)  # of the last time
    count = models.PositiveIntegerField(default=1)  # how often the same happened: connectors/shops/shop_log.py
    first_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["shop", "-id"], name="connectors_event_shop"),
            models.Index(fields=["at"], name="connectors_event_at"),  # mci/database/retention.py
        ]

    def __str__(self) -> str:
        return self.code


class ShopAsk(models.Model):
    """What a person asked of a shop by a button (test it, compare its products, prove its orders), or what is left to
    do in one that was disconnected; a worker does it (connectors/shops/asks.py) and notes what came of it."""

    class What(models.TextChoices):
        TEST = "test", _("Test")
        COMPARE = "compare", _("Comparison")
        PROVE = "prove", _("Proof")
        LEAVE = "leave", _("Disconnection")

    shop = models.ForeignKey("connectors.Shop", models.CASCADE, related_name="asks")
    what = models.CharField(max_length=8, choices=What)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    try_after = models.DateTimeField(null=True, blank=True, default=timezone.now)  # None: it is over
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=40, blank=True)  # the error that ended it; "": it went well
    params = models.JSONField(default=dict, blank=True)  # of the error's sentence, or the figures of what was found

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "what"], condition=models.Q(try_after__isnull=False), name="connectors_ask_once"
            ),
            models.CheckConstraint(
                condition=models.Q(what__in=["test", "compare", "prove", "leave"]), name="connectors_ask_what"
            ),
        ]
        indexes = [
            models.Index(fields=["try_after"], name="connectors_ask_due", condition=models.Q(try_after__isnull=False)),
            models.Index(fields=["shop", "what", "-id"], name="connectors_ask_shop"),
            models.Index(fields=["done_at"], name="connectors_ask_done"),  # mci/database/retention.py
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.what}"

    @property
    def is_over(self) -> bool:
        return self.try_after is None


class Visit(models.Model):
    """One of the few turns that a company's shops have at the workers at a time; see connectors/shops/visits.py."""

    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="visits", db_index=False)
    kind = models.CharField(max_length=8)
    number = models.PositiveSmallIntegerField()  # from 0; how many there are is a setting
    taken_at = models.DateTimeField(default=NEVER)  # last, by the database's clock: who waits longest is next
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)  # of what was claimed with it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dropshipper", "kind", "number"], name="connectors_visit_once")]
        indexes = [models.Index(fields=["lease_token"], name="connectors_visit_held", condition=_HELD)]

    def __str__(self) -> str:
        return f"{self.dropshipper_id} {self.kind} {self.number}"
