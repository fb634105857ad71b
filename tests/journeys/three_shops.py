"""The demo shops as the journeys use them: how each is connected in the browser, what each shows to its merchant."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

APP = ("mci-client", "hush-hush-0123")  # the app that the reseller made in his Shopify


def _woocommerce(page: Any, fake: Any, web: str) -> None:
    page.locator("[name=address]").fill(fake.url)
    page.locator("main form button.btn-primary").click()
    page.locator("#approve").click(timeout=30_000)
    # The page in the shop names who will be given the orders.
    assert "Scontimania" in page.locator("main").inner_text()
    page.locator(".wc-auth-approve").click()
    page.locator("#confirm").click(timeout=30_000)


def _shopify(page: Any, fake: Any, web: str) -> None:
    fake.register_app(*APP)
    page.locator("[name=mode][value=own_app]").check()
    page.locator("[name=address]").fill(fake.url)
    page.locator("[name=client_id]").fill(APP[0])
    page.locator("[name=client_secret]").fill(APP[1])
    page.locator("main form button.btn-primary").click()
    page.locator("#approve").click(timeout=30_000)
    page.locator("[name=decision][value=install]").click()
    page.locator("#confirm").click(timeout=30_000)


def _wordpress(page: Any, fake: Any, web: str) -> None:
    page.locator("[name=address]").fill(fake.url)
    page.locator("main form button.btn-primary").click()
    with page.context.expect_page() as opened:
        page.locator("#approve").click(timeout=30_000)
    admin = opened.value
    pair_in_wordpress(admin, web)
    page.locator("#confirm").click(timeout=30_000)
    admin.locator("[data-paired]").wait_for(timeout=30_000)
    admin.close()


def pair_in_wordpress(admin: Any, web: str) -> None:
    """The plugin's page: the code, who will be given the orders, and the click that means it."""
    admin.locator("[name=portal]").fill(web)
    admin.get_by_role("button", name="Continua").click()
    assert "Scontimania" in admin.locator("[data-receiver]").inner_text()
    admin.get_by_role("button", name="Collega").click()
    admin.locator("[data-waiting-for-mci]").wait_for()


def _counted(fake: Any, sku: str) -> int | None:
    doc = fake.products.by_sku(sku)
    return doc["stock"] if doc else None


def _levels(fake: Any, sku: str) -> int | None:
    variant = fake.products.by_sku(sku)
    if variant is None:
        return None
    levels = fake.store.get("item", variant["item"])["levels"].values()
    return sum(level["available"] for level in levels if level["active"])


@dataclass(frozen=True, slots=True)
class Kind:
    """`connect(page, fake, web)` goes through the wizard's own pages of the platform; `stock(fake, sku)` is the figure
    that the shop shows; `order_page` leads to an order as its merchant sees it."""

    slug: str
    connect: Callable[[Any, Any, str], None]
    stock: Callable[[Any, str], int | None]
    order_page: str

    def open(self) -> AbstractContextManager[Any]:
        from demo.shops import shopify, woocommerce, wordpress

        kinds = {"woocommerce": woocommerce.FakeShop, "shopify": shopify.FakeShop, "wordpress": wordpress.FakeShop}
        return kinds[self.slug](deliver_after=0.2)


KINDS = [
    Kind("woocommerce", _woocommerce, _counted, "/wp-admin/ordine/{}/"),
    Kind("shopify", _shopify, _levels, "/admin/ordine/{}/"),
    Kind("wordpress", _wordpress, _counted, "/wp-admin/ordine/{}/"),
]


def connect(kind: Kind, page: Any, fake: Any, web: str) -> Any:
    """The wizard from its first page to the rules; the Shop."""
    from connectors.models import Shop

    page.goto("/shops/connect/")
    page.locator(f"main a[href='/shops/connect/{kind.slug}/']").click()
    kind.connect(page, fake, web)
    page.wait_for_url(re.compile(r"/shops/\d+/rules/"), timeout=20_000)
    return Shop.objects.get(platform=kind.slug)
