"""How often a person may ask something of the shops. Within it he waits for nothing that was known before of a shop
which did not answer: he has mended it, perhaps."""

from __future__ import annotations

from connectors.errors import AskedTooOften
from connectors.models import Shop, ShopAsk
from core.errors import TooManyTries
from core.inbound import throttles
from core.outbound import breaker

# Of a company in a minute, whatever the shop: a test, a connection.
_A_MINUTE = {"limit": 6, "seconds": 60}
# Of one shop in an hour: what reads all that it has.
_AN_HOUR: dict[str, dict[str, int]] = {
    ShopAsk.What.PROVE: {"limit": 4, "seconds": 3600},
    ShopAsk.What.COMPARE: {"limit": 6, "seconds": 3600},
}


def connect(dropshipper_id: int) -> None:
    """Raises AskedTooOften."""
    _take("ask a shop", dropshipper_id, **_A_MINUTE)


def ask(shop: Shop, what: str) -> None:
    """`what` of ShopAsk. Raises AskedTooOften."""
    if what in _AN_HOUR:
        _take(f"ask a shop: {what}", shop.pk, **_AN_HOUR[what])
    else:
        _take("ask a shop", shop.dropshipper_id, **_A_MINUTE)
    breaker.forget(shop.address)


def tell(shop: Shop) -> None:
    """Raises AskedTooOften."""
    _take("tell a shop again", shop.dropshipper_id, **_A_MINUTE)
    breaker.forget(shop.address)


def _take(name: str, key: int, *, limit: int, seconds: int) -> None:
    try:
        throttles.take(name, str(key), limit=limit, seconds=seconds)
    except TooManyTries as error:
        wait = error.after.total_seconds() if error.after else seconds / limit
        raise AskedTooOften(after=error.after, minutes=max(1, -int(-wait // 60))) from None
