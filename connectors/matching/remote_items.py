"""A shop's products that are no article of ours (yet): kept by the comparison, each with the likeliest article of ours,
so that they can be matched before the first order asks for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from connectors.matching.suggestions import Article, guess
from connectors.models import Match, RemoteItem, Shop
from connectors.platforms.goods import RemoteProduct
from core import leases

_MATCH = Match.objects.filter(shop=OuterRef("shop"), subject=OuterRef("subject"))


def subject_of(product: RemoteProduct) -> str:
    """What a Match of it hangs on, as the lines of an order name it: the SKU, else "product/variation" ("12/0" for a
    simple one)."""
    if product.sku.strip():
        return f"sku:{product.sku.strip().upper()}"[:110]
    return f"product:{product.external_id if '/' in product.external_id else f'{product.external_id}/0'}"[:110]


def keep(shop: Shop, others: Sequence[RemoteProduct], ours: Sequence[str], now: dt.datetime) -> None:
    """One page of the shop's products: those that are not ours, with their guesses, and the ids of those that are.
    Three statements."""
    shop.remote_items.filter(external_id__in=list(ours)).delete()
    guesses = guess([Article(product.sku, product.ean, product.title) for product in others])
    rows = []
    for i, product in enumerate(others):
        one = guesses.get(i)
        rows.append(
            RemoteItem(
                shop=shop,
                external_id=product.external_id,
                subject=subject_of(product),
                sku=product.sku,
                ean=product.ean[:14],
                title=product.title,
                quantity=product.quantity,
                seen_at=now,
                guess_id=one.variant_id if one else None,
                score=round(one.score * 100) if one else 0,
                why=one.why if one else "",
            )
        )
    RemoteItem.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["shop", "external_id"],
        update_fields=["subject", "sku", "ean", "title", "quantity", "seen_at", "guess", "score", "why"],
    )


def drop_unseen(shop: Shop, started: dt.datetime) -> None:
    """After a walk that reached its end: what was not in it is gone from the shop."""
    shop.remote_items.filter(seen_at__lt=started).delete()


def ask(shop: Shop) -> None:
    """A person wants the shop's products read; a worker does it soon."""
    Shop.objects.filter(pk=shop.pk).update(compare_asked=True, compare_after=leases.now())


def open_items(shop: Shop) -> QuerySet[RemoteItem]:
    """What is not matched yet, nor said to be not ours."""
    return shop.remote_items.filter(~Exists(_MATCH))


def foreign_items(shop: Shop) -> QuerySet[RemoteItem]:
    """What the reseller said to be not ours."""
    return shop.remote_items.filter(Exists(_MATCH.filter(variant__isnull=True)))
