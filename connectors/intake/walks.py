"""A shop's orders changed since a moment, page by page, for who compares them with what is here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from django.utils import timezone

from connectors.errors import SamePage
from connectors.models import Shop
from connectors.platforms import platform
from connectors.platforms.base import RawOrder
from connectors.shops.access import access_of
from connectors.shops.schedule import Onward


def since(shop: Shop, moment: dt.datetime, *, most: int) -> Iterator[tuple[dt.datetime, Sequence[RawOrder]]]:
    """When each page was asked for, and its orders; at most `most` pages. Raises SamePage for a list that leads back to
    where it was, TryLater, NeedsHand."""
    api, access, cursor = platform(shop.platform), access_of(shop), None
    seen: set[str] = set()
    onward = Onward()
    for _page in range(most):
        at = timezone.now()
        page = api.orders_since(access, moment, cursor)
        onward.look(())
        yield at, page.orders
        cursor = page.cursor
        if cursor is None:
            return
        if cursor in seen:
            raise SamePage
        seen.add(cursor)
