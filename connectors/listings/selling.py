"""On which terms a shop sells: its currency, and what it makes of tax. Asked anew before prices or products are
written, and kept among the shop's facts, where the pages see them.

Facts: `currency` (ISO code), `prices_with_tax`, and of shops on WooCommerce those of connectors/platforms/tax.py."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.models import Shop
from connectors.platforms import platform
from connectors.platforms.base import Access
from connectors.platforms.errors import OtherCurrency, PricesWithoutTax, TaxClassMissing, TaxClassUnknown
from connectors.platforms.tax import class_for
from connectors.shops import shop_log
from connectors.shops.access import access_of
from core.errors import Refused

EUR = "EUR"  # of all our prices


def ask(shop: Shop, *, whole: bool) -> Access:
    """As `look`, before something is written. Raises OtherCurrency or PricesWithoutTax too, which are in the shop's log
    then."""
    access = look(shop, whole=whole)
    refused = refusal(shop.facts, sure=True)
    if refused:
        shop_log.note(shop.pk, refused.code, refused.stored_params())
        raise refused
    return access


def look(shop: Shop, *, whole: bool) -> Access:
    """Asks the shop for its terms; access to it with fresh facts, which `shop` has too. Raises what Platform.terms
    does."""
    access = access_of(shop)
    terms = platform(shop.platform).terms(access, whole=whole)
    if any(shop.facts.get(name) != value for name, value in terms.items()):
        now = Shop.objects.values_list("facts", flat=True).get(pk=shop.pk)  # others may have noted something meanwhile
        shop.facts = {**now, **terms}
        Shop.objects.filter(pk=shop.pk).update(facts=shop.facts)
    return dataclasses.replace(access, facts=shop.facts)


def refusal(facts: Mapping[str, Any], *, sure: bool = False) -> Refused | None:
    """Why nothing that has a price goes into the shop. `sure`: it was just asked, so that what it does not say counts
    against it; else only what is known does."""
    currency = str(facts.get("currency") or "")
    if currency != EUR and (currency or sure):
        return OtherCurrency(currency=currency or "?")
    if facts.get("prices_with_tax") is False and facts.get("tax_rates") is None:
        return PricesWithoutTax()
    return None


def tax_refusal(facts: Mapping[str, Any], vat_rate: Decimal) -> Refused | None:
    """Why goods of this VAT rate cannot be published, as far as the shop has said."""
    if "tax_rates" not in facts or class_for(facts, vat_rate) is not None:
        return None
    rate = f"{vat_rate.normalize():f}"
    return TaxClassUnknown(rate=rate) if facts["tax_rates"] is None else TaxClassMissing(rate=rate)
