"""Products that MCI made in a shop, found again after a new connection: they carry our reference. Never by SKU alone:
the merchant may well have a product of his own with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet
from django.forms.models import model_to_dict
from django.utils import timezone

from catalog.models import Variant
from catalog.queries import code_key
from connectors.models import Listing, PriceRule, Shop
from connectors.platforms import platform
from connectors.platforms.base import Access
from connectors.platforms.goods import RemoteProduct
from connectors.shops import shop_log

_KEPT = ("price_on", "price_told", "compare_told", "price_told_at")


def whose(shop: Shop, access: Access, products: Sequence[RemoteProduct], ours: Sequence[str]) -> Mapping[str, str]:
    """The reference of our product, by external id, of those among `ours` (the ids that are articles of ours) that MCI
    made, as far as they are not known as such already. Asks the shop of each once, where its list does not say it.
    Raises TryLater, NeedsHand."""
    rows = shop.listings.filter(external_id__in=list(ours)).values_list("external_id", "ours", "asked_whose")
    known = {external_id for external_id, is_ours, _asked in rows if is_ours}
    asked = {external_id for external_id, _is_ours, was_asked in rows if was_asked}
    strange = set(ours) - known
    shown = {one.external_id: one.reference for one in products if one.reference and one.external_id in strange}
    open_ones = sorted(strange - asked - shown.keys())
    said = platform(shop.platform).references(access, open_ones) if open_ones else {}
    return {**said, **shown}


def adopt(shop: Shop, products: Sequence[RemoteProduct], references: Mapping[str, str]) -> int:
    """Makes listings of products that carry our reference ours again, kept as an earlier connection of the same store
    kept them; how many. The article must be of the product that the reference names, and have the SKU that we gave it:
    a copy that the merchant made of our product carries the reference too. Within a transaction."""
    by_id = {one.external_id: one for one in products if one.external_id in references}
    if not by_id:
        return 0
    rows = list(
        shop.listings.filter(external_id__in=list(by_id), ours=False).select_related("variant__product").order_by("pk")
    )
    wanted = [row.variant_id for row in rows]
    taken = set(shop.listings.filter(ours=True, variant__in=wanted).values_list("variant", flat=True))
    found = []
    for row in rows:
        its = row.variant.product.slug == references[row.external_id]
        if its and _has_our_sku(by_id[row.external_id], row.variant) and row.variant_id not in taken:
            taken.add(row.variant_id)
            found.append(row)
    if not found:
        return 0
    before = {row.external_id: row for row in _earlier(shop, [row.external_id for row in found])}
    rules = _rules(shop, [row.rule for row in before.values() if row.rule is not None])
    for row in found:
        row.ours = True
        row.off_at = None if by_id[row.external_id].live else timezone.now()
        old = before.get(row.external_id)
        if old is not None and old.variant_id == row.variant_id:
            for name in _KEPT:
                setattr(row, name, getattr(old, name))
            row.rule = rules.get(old.rule_id) if old.rule_id else None
    Listing.objects.bulk_update(found, ["ours", "off_at", "rule", *_KEPT])
    shop_log.note(shop.pk, "products_found", {"count": len(found)})
    return len(found)


def _has_our_sku(product: RemoteProduct, variant: Variant) -> bool:
    return bool(product.sku) and code_key(product.sku) == code_key(variant.sku)


def _earlier(shop: Shop, external_ids: Sequence[str]) -> QuerySet[Listing]:
    """What earlier connections of the same store knew of these products, the newest last."""
    same = Q(shop__address=shop.address)
    if shop.store_keys:
        same |= Q(shop__store_keys__overlap=shop.store_keys)
    found = Listing.objects.filter(same, shop__dropshipper=shop.dropshipper_id, external_id__in=external_ids, ours=True)
    return found.exclude(shop=shop).select_related("rule").order_by("pk")


def _rules(shop: Shop, named: Sequence[PriceRule]) -> dict[int, PriceRule]:
    """The rules of the earlier connection in this one, by their number there: all of them, where this one has none."""
    if not shop.price_rules.exists():
        shops = {rule.shop_id for rule in named} or set(
            Shop.objects.filter(dropshipper=shop.dropshipper_id, address=shop.address)
            .exclude(pk=shop.pk)
            .order_by("-pk")
            .values_list("pk", flat=True)[:1]
        )
        for rule in PriceRule.objects.filter(shop__in=shops):
            fields = model_to_dict(rule, exclude=["id", "shop", "category"])
            if not (rule.is_default and shop.price_rules.filter(is_default=True).exists()):
                PriceRule.objects.create(shop=shop, category=rule.category, **fields)
    mine = {(rule.name, rule.category_id): rule for rule in shop.price_rules.all()}
    return {rule.pk: mine[rule.name, rule.category_id] for rule in named if (rule.name, rule.category_id) in mine}
