"""The calls that were made to a shop, and what happened to it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


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
