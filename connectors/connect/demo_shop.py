"""The demo shop of a company that tries the portal: one on each platform, its own, below the address of the demo's
(settings.DEMO_SHOPS, empty in production). Nobody makes it: it is there as soon as somebody opens it."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.text import slugify

from accounts.models import Dropshipper
from connectors.models import Shop


def address_of(slug: str, dropshipper: Dropshipper) -> str:
    """ "" where there is none."""
    home = settings.DEMO_SHOPS.get(slug, "")
    if not home:
        return ""
    own = salted_hmac("connectors.demo_shop", str(dropshipper.pk), algorithm="sha256").hexdigest()[:8]
    name = slugify(dropshipper.name)[:30].strip("-") or "negozio"
    return f"{home}/prova/{name}-{own}"


def addresses(dropshipper: Dropshipper) -> dict[str, str]:
    """By platform, for those that are switched on."""
    found = {slug: address_of(slug, dropshipper) for slug in settings.PLATFORMS}
    return {slug: address for slug, address in found.items() if address}


def is_demo(shop: Shop) -> bool:
    """Is it one of this machine's demo shops, where anybody may place an order?"""
    home: str = settings.DEMO_SHOPS.get(shop.platform, "")
    return bool(home) and (shop.address == home or shop.address.startswith(f"{home}/"))
