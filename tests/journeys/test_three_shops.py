"""What works for one platform works for each: connected by its wizard, an order goes all the way and comes back as
tracking; fifty products stand in three shops, and a piece sold in one place is gone from all of them."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from tests import cast
from tests.journeys.eyes import picture
from tests.journeys.three_shops import KINDS, Kind, connect


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.2)
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_a_shop_is_connected_its_order_sent_and_the_tracking_is_seen_in_it(
    kind: Kind, new_page: Any, sign_in: Any, web: str, celery_worker_process: Any
) -> None:
    from orders.models import Order
    from tests.orders import stage
    from wallet.queries import balances

    seller = cast.dropshipper()
    method = stage.method()
    stage.variant("SCN-00001", pieces=5)
    stage.money(seller, "100.00")
    with kind.open() as fake:
        page = new_page()
        sign_in(page, cast.member(seller))
        connect(kind, page, fake, web)
        picture(page, f"three-{kind.slug}-connected")
        placed = fake.place_order([("SCN-00001", 1)], payment="cod")
        wait_for(lambda: Order.objects.filter(source=kind.slug).exists(), "the order in MCI")
        order = Order.objects.get(source=kind.slug)
        assert order.payment == "cod"

        page.goto(f"/inbox/{kind.slug}/")
        row = page.locator(f"tr[data-order='{order.pk}']")
        with page.expect_response(re.compile(rf"/inbox/{kind.slug}/\d+/")):
            row.locator("select[name=method]").select_option(str(method.pk))
        with page.expect_response(re.compile(rf"/inbox/{kind.slug}/\d+/")):
            row.locator("button.syncb").click()
        order.refresh_from_db()
        assert (order.state, order.to_collect) == ("dispatched", order.sale_total)
        assert balances(seller.pk).cod_due == order.margin

        desk = new_page()
        sign_in(desk, cast.staff())
        desk.goto(f"/orders/desk/{order.pk}/")
        desk.locator("input[name=tracking]").fill("TRK-77")
        desk.locator("input[name=tracking]").press("Enter")
        desk.locator("main :text('TRK-77')").first.wait_for()
        merchant = new_page()
        address = fake.url + kind.order_page.format(placed["id"])

        def seen() -> bool:
            merchant.goto(address)
            return "TRK-77" in merchant.content()

        wait_for(seen, "the tracking in the shop")
        picture(merchant, f"three-{kind.slug}-tracking")


def test_fifty_products_stand_in_three_shops_and_a_piece_sold_is_gone_from_all(
    new_page: Any, sign_in: Any, web: str, console: Any, celery_worker_process: Any
) -> None:
    from catalog.models import ProductImage
    from connectors.models import Listing
    from orders.dispatch import runs
    from tests.catalog import goods
    from tests.orders import stage

    seller = cast.dropshipper()
    owner = cast.member(seller)
    method = stage.method()
    stage.money(seller, "100.00")
    for number in range(50):
        product = goods.product(f"Lumino {number:02d}", slug=f"lumino-{number:02d}")
        goods.variant(
            9,
            product=product,
            sku=f"LUM-{number:02d}",
            net_price=Decimal("10.00"),
            retail_price=Decimal("24.90"),
            ean="",
            weight_g=750,
        )
        ProductImage.objects.create(product=product, file=f"products/{number}-1024.webp")
    category = product.category.slug
    with ExitStack() as stack:
        page = new_page()
        sign_in(page, owner)
        fakes = {}
        for kind in KINDS:
            fakes[kind] = stack.enter_context(kind.open())
            shop = connect(kind, page, fakes[kind], web)
            page.goto(f"/publish/?category={category}&shop={shop.pk}")
            assert page.locator("[data-new]").get_attribute("data-new") == "50"
            page.locator("[data-publish]").click()
            page.locator("#run[data-run-state=done]").wait_for(timeout=60_000)
            picture(page, f"three-{kind.slug}-published")
            assert page.locator("#run").get_attribute("data-good") == "50"
        assert Listing.objects.filter(ours=True).count() == 150
        for kind, fake in fakes.items():
            assert kind.stock(fake, "LUM-07") == 9

        order = stage.order(seller, ("LUM-07", 2), method=method)
        runs.dispatch_now(order.pk, dropshipper_id=seller.pk, key=uuid.uuid4(), by=owner.pk)
        for kind, fake in fakes.items():
            wait_for(lambda kind=kind, fake=fake: kind.stock(fake, "LUM-07") == 7, f"the stock in {kind.slug}")
            assert kind.stock(fake, "LUM-08") == 9
    console.expect("404")  # the pictures of these products are names alone
