"""Whose turn it is to wait for a company's shops."""

from __future__ import annotations

import datetime as dt

from django.db import models

from accounts.models import Dropshipper

_HELD = models.Q(lease_token__isnull=False)


NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


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
