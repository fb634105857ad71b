"""What a shop told of one order, and the order that it became."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors.models.shop import Shop
from core import leases
from orders.models import Order

_WITHOUT_ORDER = models.Q(order__isnull=True) & ~models.Q(raw=b"")


_WITH_ORDER = models.Q(order__isnull=False) & ~models.Q(raw=b"")


_PULLED = models.Q(via="pull")


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
