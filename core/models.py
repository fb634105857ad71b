"""Places of Italy, so that an address can be checked. The data is loaded by `manage.py load_places`."""

from __future__ import annotations

from django.db import models


class Place(models.Model):
    """One pair of postcode and comune; a postcode may serve several comuni, and a city has several postcodes."""

    postcode = models.CharField(max_length=5)
    city = models.CharField(max_length=80)
    province = models.CharField(max_length=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["postcode", "city", "province"], name="core_place_unique")]
        indexes = [models.Index(fields=["city"], name="core_place_city")]

    def __str__(self) -> str:
        return f"{self.postcode} {self.city} ({self.province})"
