"""A connection that was begun."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core.sealed import open_sealed, seal

# Until its end or its hour is over it has what was typed; one of an earlier version has what its platform needs.
HOLDS_SECRETS = ~models.Q(form_sealed=b"") | ~models.Q(kept_sealed=b"")


class ConnectAttempt(models.Model):
    """A connection that was begun, and how far it is. A worker takes it from phase to phase
    (connectors/connect/attempts.py); between them it waits for the shop, or for the person who began it. Its token ties
    the shop's answer to the address that he typed. One use. What is secret in it is sealed, and goes with its end."""

    class Phase(models.TextChoices):
        ASKED = "asked", _("The address is looked at")
        WAITING = "waiting", _("The shop is waited for")
        ANSWERED = "answered", _("The connection is tried")
        PENDING = "pending", _("To be confirmed")
        CONFIRMED = "confirmed", _("It is connected")
        KEPT = "kept", _("Its webhooks are made")
        DONE = "done", _("Connected")
        FAILED = "failed", _("Not connected")

    token = models.CharField(max_length=64, unique=True)
    dropshipper = models.ForeignKey(Dropshipper, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    platform = models.SlugField(max_length=20)
    address = models.URLField(max_length=200)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.WAITING)
    renews = models.ForeignKey(  # the shop that he wants to connect anew
        "connectors.Shop", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    shop = models.ForeignKey("connectors.Shop", models.CASCADE, null=True, blank=True, related_name="+")
    trouble = models.CharField(max_length=40, blank=True)
    trouble_params = models.JSONField(default=dict, blank=True)
    found = models.JSONField(default=dict, blank=True)  # of the store that answered, to be shown: name, address, orders
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    form_sealed = models.BinaryField(default=b"")  # JSON: what he typed
    way_sealed = models.BinaryField(default=b"")  # JSON: where his browser goes, the code to show
    kept_sealed = models.BinaryField(default=b"")  # JSON: what the platform needs when the answer comes
    answer_sealed = models.BinaryField(default=b"")  # JSON: what the shop brought; a worker goes on with it
    found_sealed = models.BinaryField(default=b"")  # JSON: the connection that was tried, with its credentials
    answered_at = models.DateTimeField(null=True, blank=True)
    try_after = models.DateTimeField(null=True, blank=True)  # when a worker takes it up; None: nothing to do
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    phase__in=["asked", "waiting", "answered", "pending", "confirmed", "kept", "done", "failed"]
                ),
                name="connectors_attempt_phase",
            )
        ]
        indexes = [
            models.Index(
                fields=["try_after"], name="connectors_attempt_due", condition=models.Q(try_after__isnull=False)
            ),
            models.Index(fields=["expires_at"], name="connectors_attempt_secrets", condition=HOLDS_SECRETS),
            models.Index(fields=["expires_at"], name="connectors_attempt_over"),  # mci/database/retention.py
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.address}"

    @property
    def is_over(self) -> bool:
        """Its hour has passed, and nobody is at work with it."""
        return self.expires_at <= timezone.now() and self.phase not in (
            self.Phase.CONFIRMED,
            self.Phase.KEPT,
            self.Phase.DONE,
        )

    @property
    def version(self) -> str:
        """Which answer of the shop it shows: what is confirmed is what was seen."""
        return self.answered_at.isoformat() if self.answered_at else ""

    def read(self, part: str) -> dict[str, Any]:
        """What is sealed in it: form | way | kept | answer | found."""
        blob = bytes(getattr(self, f"{part}_sealed"))
        return dict(json.loads(open_sealed(blob, context=self.sealing_context(f"{part}_sealed")))) if blob else {}

    def sealed(self, part: str, data: Mapping[str, Any]) -> dict[str, bytes]:
        """The column of `part` with `data`, for an UPDATE."""
        blob = seal(json.dumps(dict(data)), context=self.sealing_context(f"{part}_sealed")) if data else b""
        setattr(self, f"{part}_sealed", blob)
        return {f"{part}_sealed": blob}

    def sealing_context(self, column: str) -> str:
        """Where a secret of this row belongs (core/sealed.py)."""
        part = column.removesuffix("_sealed")
        return f"attempt:{self.token}" if part == "kept" else f"attempt:{self.token}:{part}"


NO_SECRETS: dict[str, bytes] = {f"{part}_sealed": b"" for part in ("form", "way", "kept", "answer", "found")}
