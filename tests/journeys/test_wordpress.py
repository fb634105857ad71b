"""A WordPress shop is connected by the code that the wizard shows, in two windows as a reseller has them: the portal
goes on by itself when the shop has answered, and its first order is in the inbox."""

from __future__ import annotations

from typing import Any

import pytest

from tests import cast
from tests.connectors.conftest import make_goods
from tests.journeys.eyes import faults, picture
from tests.journeys.three_shops import pair_in_wordpress


@pytest.mark.parametrize("width", [390])  # the wide one: tests/journeys/test_three_shops.py
def test_a_shop_is_paired_by_its_code_and_its_order_arrives(
    width: int, web: str, new_page: Any, sign_in: Any, console: Any, celery_worker_process: Any
) -> None:
    from connectors.intake import deliveries
    from connectors.models import InboxOrder, Shop
    from demo.shops.wordpress import FakeShop

    make_goods()
    owner = cast.member(cast.dropshipper())
    page = new_page(width=width, height=900)
    sign_in(page, owner)
    with FakeShop(deliver_after=0) as shop:
        page.goto("/shops/connect/wordpress/")
        picture(page, f"wordpress-1-address-{width}")
        page.locator("[name=address]").fill("http://127.0.0.1:9")
        page.locator("main form button.btn-primary").click()
        page.locator("#mend").wait_for(timeout=30_000)
        assert faults(page) == []
        picture(page, f"wordpress-2-not-a-shop-{width}")
        page.locator("#mend").click()
        assert page.locator("[name=address]").input_value() == "http://127.0.0.1:9"
        page.locator("[name=address]").fill(shop.url)
        page.locator("main form button.btn-primary").click()
        code = page.locator("[data-code]").inner_text(timeout=30_000)
        assert faults(page) == []
        picture(page, f"wordpress-3-code-{width}")

        with page.context.expect_page() as opened:
            page.locator("#approve").click()
        admin = opened.value
        assert admin.locator("[name=code]").input_value() == code
        shop.faults.add("mci/prove", times=2, status=403, body="firewall")
        admin.locator("[name=portal]").fill(web)
        admin.get_by_role("button", name="Continua").click()
        assert owner.member.dropshipper.name in admin.locator("[data-receiver]").inner_text()
        picture(admin, f"wordpress-3-who-gets-the-orders-{width}")
        admin.get_by_role("button", name="Collega").click()
        admin.locator("[role=alert]").wait_for(timeout=30_000)
        page.get_by_text("HTTP 403").first.wait_for(timeout=30_000)
        assert faults(page) == []
        picture(page, f"wordpress-4-trouble-{width}")

        console.clear()  # the shop's page said 422
        admin.locator("[name=code]").fill(code)
        pair_in_wordpress(admin, web)
        page.locator("#confirm").wait_for(timeout=30_000)
        assert faults(page) == []
        picture(page, f"wordpress-5-is-it-yours-{width}")
        page.locator("#confirm").click()
        admin.locator("[data-paired]").wait_for(timeout=30_000)
        picture(admin, f"wordpress-5-paired-in-the-shop-{width}")
        page.wait_for_url("**/rules/?new=1", timeout=30_000)
        picture(page, f"wordpress-6-rules-{width}")

        order = shop.place_order([("SCN-00001", 1)])
        shop.flush()
        assert Shop.objects.get().address == shop.url
        deliveries.drain()
        assert InboxOrder.objects.get().external_id == str(order["id"])
        page.goto("/inbox/wordpress/?tab=all")
        assert page.locator(f"text={order['number']}").count()
        picture(page, f"wordpress-7-inbox-{width}")
        found = Shop.objects.get()
        found.facts["troubles"] = [{"code": "plugin_outdated", "installed": "0.9.0", "newest": "1.0.0"}]
        found.save(update_fields=["facts"])
        page.goto(f"/shops/{found.pk}/")
        assert faults(page) == []
        picture(page, f"wordpress-8-shop-{width}")
        page.goto("/shops/connect/")
        picture(page, f"wordpress-0-choose-{width}")
