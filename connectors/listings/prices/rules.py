"""A shop's price rules: which one a product takes, and how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Product, Variant
from connectors.errors import RuleInUse
from connectors.listings.prices.formula import Cost, Rule
from connectors.models import PriceRule, Shop, ShopEvent
from core import leases


def rules_of(shop: Shop) -> list[PriceRule]:
    """The shop's rules, the default first. A shop that has none yet gets one in memory: the suggested retail price, and
    never below our cost."""
    found = list(shop.price_rules.select_related("category"))
    return found if any(rule.is_default for rule in found) else [_standard(shop), *found]


def _standard(shop: Shop) -> PriceRule:
    return PriceRule(shop=shop, name=_("Suggested retail price"), is_default=True)


def ensure_default(shop: Shop) -> PriceRule:
    """The stored default rule, made when there is none."""
    standard = _standard(shop)
    rule, _made = PriceRule.objects.get_or_create(shop=shop, is_default=True, defaults={"name": standard.name})
    return rule


def pick(rules: Sequence[PriceRule], product: Product) -> PriceRule | None:
    """The rule of the product's category, of the category above, or the default; as levels.py does in SQL."""
    by_category = {rule.category_id: rule for rule in rules if rule.category_id}
    default = next((rule for rule in rules if rule.is_default), None)
    above = product.category.parent_id
    return by_category.get(product.category_id) or (by_category.get(above) if above else None) or default


def as_rule(row: PriceRule) -> Rule:
    return Rule(row.base, row.factor, row.amount, row.add_vat, row.rounding, row.margin, row.compare_at)


def cost_of(variant: Variant, pieces: int = 1) -> Cost:
    """Of so many pieces in one of the shop's."""
    retail = None if variant.retail_price is None else variant.retail_price * pieces
    return Cost(Decimal(variant.net_price) * pieces, variant.vat_rate, retail)


@transaction.atomic
def save(rule: PriceRule, *, by: int) -> PriceRule:
    """Keeps the rule; the prices that follow it are told to the shop as news. The first rule of a shop is its default,
    and a new default takes the place of the old one. A category's rule is never the default."""
    shop = Shop.objects.select_for_update(no_key=True, of=("self",)).get(pk=rule.shop_id)
    others = shop.price_rules.exclude(pk=rule.pk)
    if rule.category_id is None and not others.filter(is_default=True).exists():
        rule.is_default = True
    if rule.is_default:
        others.filter(is_default=True).update(is_default=False)
    rule.save()
    if not shop.price_rules.filter(is_default=True).exists():
        ensure_default(shop)
    shop.listings.filter(price_on=True).exclude(price_error="").update(price_try_after=leases.now())
    Shop.objects.filter(pk=shop.pk).update(prices_after=leases.now())
    ShopEvent.objects.create(shop=shop, code="price_rule", params={"name": rule.name, "by": by})
    return rule


@transaction.atomic
def delete(rule: PriceRule, *, by: int) -> None:
    """What named the rule follows its category's or the default from now on. Raises RuleInUse for the default."""
    if rule.is_default:
        raise RuleInUse
    ShopEvent.objects.create(shop_id=rule.shop_id, code="price_rule_gone", params={"name": rule.name, "by": by})
    rule.delete()
    Shop.objects.filter(pk=rule.shop_id).update(prices_after=leases.now())
