"""Shopify, for its merchants: how they know that they have it, and what MCI asks for."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from connectors.platforms.about import About, Right

ABOUT = About(
    title="Shopify",
    sentences=(
        _("You pay Shopify every month and manage your shop at admin.shopify.com."),
        _("You connect it with one click: Shopify asks whether MCI may come in, and you press “Install”."),
    ),
    picture="connectors/pictures/shopify.svg",
    alt=_("The administration of Shopify: admin.shopify.com in the address bar, Settings at the bottom of the menu"),
    button=_("Install"),
    rights=(
        Right("write_orders", _("read your orders; cancel or mark as paid only where you switch that on")),
        Right("write_products", _("publish those of our articles that you choose, with their prices")),
        Right("write_inventory", _("keep the stock of our articles")),
        Right("read_locations", _("know at which of your locations that stock is")),
        Right("write_merchant_managed_fulfillment_orders", _("see what is to be sent, and mark what left")),
        Right("write_fulfillments", _("give the order its tracking number, and say when it was delivered")),
        Right("write_publications", _("show the articles that you publish in your online store")),
    ),
)
_SHOPIFY = re.compile(r"(?:[a-z0-9-]+\.)?(?:myshopify\.com|admin\.shopify\.com|shopifypreview\.com)(?:[/:?].*)?")
_PAGES = re.compile(r"[^/]+/(?:[a-z]{2}(?:-[a-z]{2})?/)?(?:collections(?:/|$)|products/)")


def recognises(typed: str) -> str:
    """See Platform.recognises. `typed`: lower case, without its scheme."""
    if _SHOPIFY.fullmatch(typed):
        return "sure"
    return "likely" if _PAGES.match(typed) else ""
