"""The busy reseller's other shops, on Shopify and WordPress: connected when `make run` serves them. Their orders come
by themselves, as they would."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils import timezone

from accounts.models import Dropshipper
from connectors.models import Shop, ShopEvent
from demo.data.people import BUSY

CLIENT_ID = "mci-demo"  # of the app that the demo's Shopify knows
_SINCE = dt.timedelta(days=30)


def _shopify(url: str, key: str, secret: str) -> dict[str, str]:
    return {"auth_mode": "legacy_token", "access_token": key, "client_id": CLIENT_ID, "client_secret": secret}


def _wordpress(url: str, key: str, secret: str) -> dict[str, str]:
    return {"install": "demo", "rest": f"{url}/wp-json/mci/v1/call"}


# slug: (prefix in the environment, the shop's name, how its credentials are kept)
_OTHERS: dict[str, tuple[str, str, Callable[[str, str, str], dict[str, str]]]] = {
    "shopify": ("DEMO_SHOPIFY", "Casa Bella Outlet", _shopify),
    "wordpress": ("DEMO_WORDPRESS", "Casa Bella Regali", _wordpress),
}


def bring_up_to_date(env: Mapping[str, str]) -> None:
    """Gives the demo's shops the addresses of this run (its port may be another than last time), and connects those
    that are not there yet. Does nothing for a database without the demo's busy reseller."""
    first = env.get("DEMO_SHOP_MCI_KEY")
    if first:
        Shop.objects.filter(key=first).update(address=env["DEMO_SHOP_URL"])
    for slug, (prefix, name, credentials) in _OTHERS.items():
        if f"{prefix}_MCI_KEY" not in env or slug not in settings.PLATFORMS:
            continue
        url = env[f"{prefix}_URL"]
        shop = Shop.objects.filter(key=env[f"{prefix}_MCI_KEY"]).first() or _new(slug, name, env[f"{prefix}_MCI_KEY"])
        if shop is None or shop.state == Shop.State.GONE:
            continue
        shop.address = url
        shop.credentials = json.dumps(credentials(url, env[f"{prefix}_KEY"], env[f"{prefix}_SECRET"]))
        shop.webhook_secret = env[f"{prefix}_WEBHOOK_SECRET"]
        is_new = shop.pk is None
        shop.save()
        if is_new:
            ShopEvent.objects.create(shop=shop, code="connected", params={}, at=shop.connected_at)


def _new(slug: str, name: str, key: str) -> Shop | None:
    owner = Dropshipper.objects.filter(members__user__email=BUSY.people[0].email).first()
    if owner is None:
        return None
    now = timezone.now()
    usual = owner.shops.filter(method__isnull=False).values_list("method_id", flat=True).first()
    return Shop(
        dropshipper=owner,
        platform=slug,
        key=key,
        name=name,
        import_since=now - _SINCE,
        connected_at=now - _SINCE,
        method_id=usual,
        facts={"currency": "EUR", "time_zone": "Europe/Rome", "language": "it"},
    )
