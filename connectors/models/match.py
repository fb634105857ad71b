"""A shop's own articles, and which of ours they are."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from connectors.models.shop import Shop


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
