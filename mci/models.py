"""What the roof itself remembers: whose turn a sweep is, and when beat and the workers were last heard. No tenant."""

from __future__ import annotations

from django.db import models


class Sweep(models.Model):
    """One seat of a sweep (mci/operation/sweeps.py): who sits in it works. All times are the database's."""

    name = models.CharField(max_length=100)  # of the task
    seat = models.PositiveSmallIntegerField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)  # without an error

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "seat"], name="mci_sweep_seat")]

    def __str__(self) -> str:
        return f"{self.name} {self.seat}"


class Heartbeat(models.Model):
    """Beat, or the workers of one queue (mci/operation/heartbeat.py). The database's time."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    skew_ms = models.BigIntegerField()  # how far its own clock is ahead of the database's

    def __str__(self) -> str:
        return self.name
