"""The state of a shop has one writer: a compare-and-set with its event. A worker that comes back from a long call to a
shop that was disconnected meanwhile changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connectors.models import Shop, ShopEvent
from core.errors import DomainError

_S = Shop.State
LIVE = (_S.ACTIVE, _S.PAUSED, _S.BROKEN)


def move(
    shop_id: int,
    to: str,
    *,
    before: Iterable[str],
    event: str,
    params: dict[str, Any] | None = None,
    where: dict[str, Any] | None = None,
    **fields: Any,
) -> bool:
    """Moves a shop from one of the states `before` to `to`, with `fields`, and notes it; False, and nothing done, when
    it is in another state by now. `where`: what else must still be so (a lease's token)."""
    with transaction.atomic():
        found = Shop.objects.filter(pk=shop_id, state__in=list(before), **(where or {}))
        if not found.update(state=to, **fields):
            return False
        ShopEvent.objects.create(shop_id=shop_id, code=event, params=params or {})
    return True


def broken(shop_id: int, error: DomainError, *, where: dict[str, Any], **fields: Any) -> bool:
    """The shop refused us: to reconnect, unless it was paused, disconnected, or connected anew, while it was asked.
    `where`: by what that is seen, the token of a lease (who disconnects or connects takes all leases away) or the
    credentials that it was called with."""
    words: dict[str, Any] = {"trouble": error.code, "trouble_params": error.stored_params()}
    return move(
        shop_id,
        _S.BROKEN,
        before=[_S.ACTIVE],
        event=error.code,
        params=error.stored_params(),
        where=where,
        **words,
        **fields,
    )


def troubled(shop_id: int, error: DomainError, *, where: dict[str, Any]) -> bool:
    """A passing trouble for the card; of a shop that is paused or disconnected by now, or another's in hand, none."""
    found = Shop.objects.filter(pk=shop_id, state=_S.ACTIVE, **where)
    return bool(found.update(trouble=error.code, trouble_params=error.stored_params()))


def well(shop_id: int, known: str, *, where: dict[str, Any]) -> bool:
    """The shop answered: the trouble `known` before is over, if it is still the one that is said. True when there was
    one."""
    found = Shop.objects.filter(pk=shop_id, state=_S.ACTIVE, trouble=known, **where).exclude(trouble="")
    return bool(found.update(trouble="", trouble_params={}))


def same(shop: Shop) -> QuerySet[Shop]:
    """The shop, if it was neither disconnected nor connected elsewhere since `shop` was read."""
    return Shop.objects.filter(pk=shop.pk, address=shop.address, state__in=LIVE)
