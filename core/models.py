"""Places of Italy, so that an address can be checked (the data is loaded by `manage.py load_places`), and how often
somebody tried something."""

from __future__ import annotations

from django.db import models


class Place(models.Model):
    """One pair of postcode and comune; a postcode may serve several comuni, and a city has several postcodes. An empty
    postcode says that the comune exists but its postcode is not known to us."""

    postcode = models.CharField(max_length=5)
    city = models.CharField(max_length=80)
    province = models.CharField(max_length=2)
    city_key = models.CharField(max_length=80, editable=False)  # made by core.address.city_key

    class Meta:
        constraints = [models.UniqueConstraint(fields=["postcode", "city", "province"], name="core_place_unique")]
        indexes = [
            models.Index(fields=["city_key"], name="core_place_city_key", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["postcode"], name="core_place_postcode", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.postcode} {self.city} ({self.province})"


class Throttle(models.Model):
    """How far somebody has used up a limit: at `full_at` it is whole again, and the row may go
    (core/inbound/throttles.py)."""

    key = models.CharField(max_length=64, primary_key=True)  # a hash: nobody is named here
    full_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["full_at"], name="core_throttle_full_at")]

    def __str__(self) -> str:
        return self.key[:8]


class Outage(models.Model):
    """A host outside that did not answer: how often in a row, and until when it is left alone
    (core/outbound/breaker.py)."""

    host = models.CharField(max_length=300, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.host
