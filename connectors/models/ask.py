"""What a person asked of a shop by a button."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


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
