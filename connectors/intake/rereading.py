"""Reading an order again from its shop: what a webhook says is a hint, the shop's own answer is the truth. A shop that
does not answer costs the intake its time once, and its company the next turns."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from connectors.models import Shop
from connectors.platforms import platform
from connectors.platforms.base import Invisible, RawOrder, Withdrawn
from connectors.shops import calls
from connectors.shops.access import access_of
from core import http
from core.errors import DomainError

log = logging.getLogger(__name__)

ASK_S = 10.0  # of one order; where its shop is slower, the message must do
BATCH_WAITS_S = 5.0  # for its shops, all together, after which the others have their turn
_RESTS = 3  # times as long as it waited in vain for a shop, a company's deliveries wait for their next turn
_LONG_S = 1.0  # a refusal at once costs nobody anything
_ASK_AGAIN_S = 30.0  # how long a shop that did not answer is not asked again by this process

_silent_until: dict[int, float] = {}  # shop id → moment until which it is not asked

Answer = tuple[dt.datetime, RawOrder | Withdrawn | Invisible]  # when the shop was asked, and what it said


@dataclass(slots=True)
class Asked:
    """Of one batch."""

    answers: dict[tuple[int, str], Answer] = field(default_factory=dict)
    waited_s: float = 0.0  # for shops
    in_vain: bool = False  # one did not answer

    @property
    def rests(self) -> dt.timedelta | None:
        """One worker may be all there is: who makes it wait in vain has a part of its time, the others the rest."""
        long = self.in_vain and self.waited_s >= _LONG_S
        return dt.timedelta(seconds=_RESTS * self.waited_s) if long else None


def ask(shop: Shop, external_id: str, asked: Asked) -> Answer | None:
    """The order as the shop has it now and when it was asked, once per batch; None when it cannot be asked (the body
    must do)."""
    known = asked.answers.get((shop.pk, external_id))
    if known is not None:
        return known
    if shop.state != Shop.State.ACTIVE or _silent_until.get(shop.pk, 0.0) > time.monotonic():
        return None
    at, began = timezone.now(), time.monotonic()
    try:
        with calls.noted(shop), http.deadline(ASK_S):
            found = platform(shop.platform).order(access_of(shop), external_id)
    except DomainError as error:
        # The pull will say on the health card what is wrong, and heal what the body got wrong.
        log.info("Shop %s was not asked for an order: %s", shop.pk, error.code)
        _silent_until[shop.pk] = time.monotonic() + _ASK_AGAIN_S
        asked.in_vain = True
        return None
    finally:
        asked.waited_s += time.monotonic() - began
    asked.answers[shop.pk, external_id] = (at, found)
    return at, found


def forget_silence(shop_ids: Sequence[int] = ()) -> None:
    """Asks the shops again at once (all of them without ids): after a reconnection."""
    for shop_id in shop_ids or list(_silent_until):
        _silent_until.pop(shop_id, None)
