"""The state of a shop has one writer: a compare-and-set with its event. A worker that comes back from a long call to a
shop that was disconnected meanwhile changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from connectors.models import Shop, ShopEvent

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


def broken(shop: Shop, code: str, params: dict[str, Any]) -> bool:
    """The shop refused the credentials that `shop` was called with: to reconnect, unless it was disconnected, or
    connected anew, while it was asked."""
    same = {"sealed_credentials": bytes(shop.sealed_credentials)}
    words: dict[str, Any] = {"trouble": code, "trouble_params": params}
    return move(shop.pk, _S.BROKEN, before=[_S.ACTIVE], event=code, params=params, where=same, **words)
