"""The customers that a company already sent to: offered while somebody types a name or a telephone. Its own alone, and
nobody who was forgotten or asked for it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from django.db.models import QuerySet

from core.address import Address, place_key
from core.lookup import named
from orders.models import Order

FIELDS = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email")
SHORTEST = 3  # letters of a name
FEWEST = 5  # figures of a telephone
MOST = 6
LOOKED_AT = 5_000  # a company's newest orders: further back nobody looks, however many there are


@dataclass(frozen=True, slots=True)
class Known:
    """A recipient by the newest order that was for him."""

    order: Order

    @property
    def fill(self) -> str:
        """Field → text, as JSON: what choosing him puts into the form."""
        return json.dumps({name: getattr(self.order, name) for name in FIELDS})


def _recent(dropshipper_id: int) -> QuerySet[Order]:
    newest = Order.objects.filter(dropshipper_id=dropshipper_id).order_by("-pk").values("pk")[:LOOKED_AT]
    known = Order.objects.filter(pk__in=newest, dropshipper_id=dropshipper_id)
    return known.filter(forgotten_at=None, forget_asked_at=None).exclude(name="")


def like(dropshipper_id: int, *, name: str = "", phone: str = "") -> list[Known]:
    """Those whose name has all these words, or whose telephone has these figures; newest first. One query."""
    found = _recent(dropshipper_id)
    words = name.replace("\0", " ").split()[:6]
    digits = re.sub(r"\D", "", phone.strip().removeprefix("00"))
    if words and len("".join(words)) >= SHORTEST:
        found = found.filter(named("name", " ".join(words)))
    elif len(digits) >= FEWEST:
        found = found.filter(phone__contains=digits)
    else:
        return []
    once: dict[tuple[str, str], Known] = {}
    for order in found.order_by("-pk")[: MOST * 10]:
        key = (" ".join(order.name.casefold().split()), place_key(order.address) or order.city.casefold())
        once.setdefault(key, Known(order))
    return list(once.values())[:MOST]


def one(dropshipper_id: int, order_id: int) -> Known | None:
    """The recipient of that order; None where it is not the company's, or he is forgotten."""
    order = _recent(dropshipper_id).filter(pk=order_id).first()
    return Known(order) if order else None


def sent_before(dropshipper_id: int, address: Address, *, but: int | None = None) -> Order | None:
    """The newest order to the same door. One query."""
    key = place_key(address)
    if not key or len(address.postcode.strip()) < 3:
        return None
    there = _recent(dropshipper_id).filter(postcode=address.postcode.strip()).exclude(pk=but or 0)
    there = there.exclude(state__in=[Order.State.DRAFT, Order.State.CANCELLED]).order_by("-pk")[:50]
    return next((order for order in there if place_key(order.address) == key), None)
