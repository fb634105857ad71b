"""The log of a shop: what happened, and how often. The same thing again is one row with a counter, so that an order
that is refused each hour does not push everything else off the card."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F
from django.utils import timezone

from connectors.models import ShopEvent

SAME_WITHIN = dt.timedelta(days=7)


def note(shop_id: int, code: str, params: dict[str, Any] | None = None) -> None:
    """One event; the same code with the same params as lately raises that row's counter instead."""
    params = params or {}
    now = timezone.now()
    same = (
        ShopEvent.objects.filter(shop_id=shop_id, code=code, params=params, at__gt=now - SAME_WITHIN)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    if same is not None:
        ShopEvent.objects.filter(pk=same).update(count=F("count") + 1, at=now)
    else:
        ShopEvent.objects.create(shop_id=shop_id, code=code, params=params, at=now, first_at=now)
