"""The main job, as its people do it: an order placed in the shop, Sincronizza in the inbox, the parcel on the desk, its
tracking back in the shop."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.conftest import KEY, SECRET, WEBHOOK_SECRET, make_shop

pytestmark = pytest.mark.each_run


def buy(page: Any, shop_url: str, payment: str) -> None:
    """A customer fills the basket and the checkout of the demo shop."""
    page.goto(shop_url)
    with page.expect_navigation():
        page.locator("form.buy:has(input[value='SCN-00001']) button").click()
    page.goto(f"{shop_url}/checkout/")
    for name, text in {
        "name": "Giulia Rossi",
        "first_name": "Giulia",
        "last_name": "Rossi",
        "address_1": "Via Garibaldi 12",
        "postcode": "10122",
        "city": "Torino",
        "phone": "333 1234567",
        "email": "giulia@example.com",
    }.items():
        field = page.locator(f"[name='{name}']")
        if field.count():
            field.fill(text)
    page.locator("[name='state']").select_option("TO")
    page.locator(f"[name='payment_method'][value='{payment}']").check()
    page.get_by_role("button", name="Effettua ordine").click()
    page.wait_for_load_state("load")


@pytest.mark.parametrize("payment", ["stripe", "cod"])
def test_an_order_of_the_shop_is_in_the_inbox_within_seconds_and_sincronizza_sends_it(
    payment: str, new_page: Any, sign_in: Any, web: str, celery_worker_process: Any
) -> None:
    from connectors import tasks
    from demo.shops.woocommerce import FakeShop
    from orders.models import Order
    from tests import cast
    from tests.orders import stage
    from wallet.queries import balances

    seller = cast.dropshipper()
    owner, staff = cast.member(seller), cast.staff()
    method = stage.method()
    stage.variant("SCN-00001", pieces=5)
    stage.money(seller, "100.00")
    with FakeShop() as fake:
        shop = make_shop(seller, address=fake.url)
        fake.provision(
            key=KEY,
            secret=SECRET,
            deliver_to=f"{web}/webhooks/woocommerce/{shop.key}/",
            webhook_secret=WEBHOOK_SECRET,
        )
        customer = new_page()
        buy(customer, fake.url, payment)
        assert fake.pending or fake.deliveries
        fake.flush()

        page = new_page()
        sign_in(page, owner)
        page.goto("/inbox/woocommerce/")
        row = page.locator("tr[data-order]")
        end = time.monotonic() + 5
        while not row.count():
            assert time.monotonic() < end, "the order is not in the inbox after 5 seconds"
            time.sleep(0.2)
            page.reload()
        assert row.get_attribute("data-payment") == ("cod" if payment == "cod" else "prepaid")
        order = Order.objects.get()
        assert order.state == "ready"

        with page.expect_response(re.compile(r"/inbox/woocommerce/\d+/")):
            row.locator("select[name=method]").select_option(str(method.pk))
        with page.expect_response(re.compile(r"/inbox/woocommerce/\d+/")):
            page.locator("tr[data-order] button.syncb").click()
        order.refresh_from_db()
        sent_and_charged(order, seller)
        page.locator(f"#top-balance[data-balance='{balances(seller.pk).available}']").wait_for()  # without a reload

        desk = new_page()
        sign_in(desk, staff)
        desk.goto("/orders/desk/")
        assert order.number in desk.locator("main").inner_text()
        desk.goto(f"/orders/desk/{order.pk}/")
        desk.locator("input[name=tracking]").fill("TRK-77")
        desk.locator("input[name=tracking]").press("Enter")
        desk.locator("main :text('TRK-77')").first.wait_for()
        tasks.nudge_news()
        merchant = new_page()
        # A paid one is completed as it leaves; what is collected at the door only when the customer has it.
        state = f"data-status='{'ok' if payment == 'cod' else 'done'}'"
        end = time.monotonic() + 10
        while "TRK-77" not in merchant.content() or not merchant.locator(f"[{state}]").count():
            assert time.monotonic() < end, f"the shop does not know the tracking and {state} after 10 seconds"
            time.sleep(0.2)
            merchant.goto(f"{fake.url}/wp-admin/ordine/{order.source_number}/")

    page.goto(f"/orders/{order.pk}/")
    assert "TRK-77" in page.locator("main").inner_text()


def sent_and_charged(order: Any, seller: Any) -> None:
    """The order is dispatched and its money moved, to the cent; the pieces wait for the warehouse."""
    from catalog.models import Stock
    from wallet.queries import balances

    assert order.state == "dispatched"
    assert order.shipment is not None
    assert order.cost is not None
    money = balances(seller.pk)
    if order.payment == "cod":
        assert order.to_collect == order.sale_total
        assert (order.shipment.cash, order.shipment.cod_amount) == ("booked", order.to_collect)
        assert money.available == Decimal("100.00") - (order.guarantee or 0)
        assert money.cod_due == order.margin
        assert order.margin == order.to_collect - order.cost
    else:
        assert order.cost == Decimal("20.74")
        assert money.available == Decimal("79.26")
        assert order.shipment.cash == ""
    assert Stock.objects.get().reserved == 1
    codes = list(order.events.order_by("id").values_list("code", flat=True))
    assert codes[0] == "received"
    assert {"dispatched", "stock_reserved"} <= set(codes)
