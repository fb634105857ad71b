"""What a platform may know of a shop."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

from django.conf import settings

from connectors.models import Shop
from connectors.platforms.base import Access
from connectors.shops import credentials


def webhook_address(shop: Shop) -> str:
    """Where the shop sends its webhooks, with the final slash: WooCommerce takes a redirect for success."""
    return f"{settings.SITE_URL}/webhooks/{shop.platform}/{shop.key}/"


def intake_access(shop: Shop) -> Access:
    """For the signature of a webhook alone: nothing that would call the shop. Raises SecretUnreadable."""
    return Access(
        address=shop.address,
        key=shop.key,
        credentials=json.loads(shop.credentials or "{}"),
        webhook_secret=shop.webhook_secret,
        webhook_address=webhook_address(shop),
        facts=shop.facts,
        options=shop.options,
    )


def access_of(shop: Shop) -> Access:
    """Raises SecretUnreadable when the stored secrets cannot be opened."""
    known = intake_access(shop)
    return replace(known, renew=partial(credentials.renew, shop.pk, known))
