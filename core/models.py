"""Places of Italy, so that an address can be checked. The data is loaded by `manage.py load_places`."""

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
