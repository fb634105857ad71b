"""A store that was connected before is connected again: what is known of it goes over to the connection that goes on,
so that no order of it is new a second time. Deliveries and the log stay with the connection that they came by."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Model

from connectors.models import InboxOrder, Listing, Match, MatchBatch, PaymentRule, PriceRule, Shop

log = logging.getLogger(__name__)

# What there is once per shop, and by which field: what the new connection has stays.
_ONCE: tuple[tuple[type[Model], str], ...] = (
    (PaymentRule, "gateway"),
    (Match, "subject"),
    (Listing, "external_id"),
)
_SETTINGS = ("method_id", "import_since", "stock_on", "stock_buffer")
_TRIES = 3  # a webhook may bring an order in the same moment


def settings_of(old: Shop) -> dict[str, object]:
    """What the reseller chose for a store, for the new connection of it."""
    return {name: getattr(old, name) for name in _SETTINGS}


def hand_over(shop: Shop, heirs_of: Sequence[Shop]) -> int:
    """Moves what is known of a store from connections that ended to `shop`; how many orders. Within the transaction
    that makes the connection."""
    orders = 0
    for old in heirs_of:
        orders += _move_orders(shop, old)
        for model, field in _ONCE:
            _move(model, shop, old, field)
        _move_price_rules(shop, old)
        MatchBatch.objects.filter(shop=old).update(shop=shop)
    return orders


def _move_orders(shop: Shop, old: Shop) -> int:
    # What a platform remembered of its own writing means nothing to another one, which reads before it writes.
    memory: dict[str, object] = {} if old.platform == shop.platform else {"told_memory": {}}
    return _move(InboxOrder, shop, old, "external_id", **memory)


def _move(model: type[Model], shop: Shop, old: Shop, field: str, **fields: object) -> int:
    for _try in range(_TRIES):
        there = model._default_manager.filter(shop=shop).values(field)
        rows = model._default_manager.filter(shop=old).exclude(**{f"{field}__in": there})
        try:
            with transaction.atomic():
                return rows.update(shop=shop, **fields)
        except IntegrityError:
            continue
    log.warning("What is known of shop %s could not go over to %s: %s", old.pk, shop.pk, model.__name__)
    return 0


def _move_price_rules(shop: Shop, old: Shop) -> None:
    """All or none: one of them is the default, and there is one for each category."""
    if PriceRule.objects.filter(shop=shop).exists():
        Listing.objects.filter(shop=shop, rule__shop=old).update(rule=None)
    else:
        PriceRule.objects.filter(shop=old).update(shop=shop)
