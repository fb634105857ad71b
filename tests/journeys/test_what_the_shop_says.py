"""What a shop says later, as its people meet it: paid after Sincronizza, sent in part, edited on both sides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.conftest import KEY, SECRET, WEBHOOK_SECRET, make_shop


@pytest.fixture
def stage(web: str, celery_worker_process: Any) -> Iterator[tuple[Any, Any, Any]]:
    """A WooCommerce store that is connected, its shop in MCI, and a method that its reseller can pay."""
    from demo.shops.woocommerce import FakeShop
    from tests import cast
    from tests.orders import stage as setting

    seller = cast.dropshipper()
    method = setting.method()
    setting.variant("SCN-00001", pieces=9)
    setting.money(seller, "100.00")
    with FakeShop(deliver_after=0.2) as fake:
        shop = make_shop(seller, address=fake.url)
        type(shop).objects.filter(pk=shop.pk).update(method=method)
        address = f"{web}/webhooks/woocommerce/{shop.key}/"
        fake.provision(key=KEY, secret=SECRET, deliver_to=address, webhook_secret=WEBHOOK_SECRET)
        yield fake, shop, seller


def soon(what: Callable[[], Any], why: str) -> Any:
    end = time.monotonic() + 15
    while not (found := what()):
        assert time.monotonic() < end, why
        time.sleep(0.2)
    return found


def arrived(**fields: Any) -> Any:
    from orders.models import Order

    return soon(lambda: Order.objects.filter(**fields).first(), f"no order with {fields}")


def test_paid_in_the_shop_after_sincronizza_nothing_is_collected_at_the_door(
    stage: tuple[Any, Any, Any], new_page: Any, sign_in: Any
) -> None:
    from tests import cast
    from wallet.queries import balances

    fake, _shop, seller = stage
    placed = fake.place_order([("SCN-00001", 1)], payment="cod")
    order = arrived(state="ready")
    page = new_page()
    sign_in(page, cast.member(seller))
    page.goto(f"/orders/{order.pk}/")
    page.locator("[data-sync]").click()
    page.locator("[data-order-state=dispatched]").wait_for()

    by_card = {"payment_method": "stripe", "payment_method_title": "Carta", "transaction_id": "ch_1"}
    fake.orders.change(placed["id"], {**by_card, "status": "pending"})  # the merchant sends a link to pay by
    fake.orders.change(placed["id"], {"set_paid": True})
    soon(lambda: order.problems.filter(code="owes_less").exists(), "nobody says that the customer has paid")
    page.reload()
    alert = page.locator("[data-alert=owes_less]")
    assert str(order.to_collect).replace(".", ",") in alert.inner_text()  # both amounts stand there
    assert "0,00" in alert.inner_text()
    alert.locator("[data-lower]").click()
    page.locator("[data-alert=owes_less]").wait_for(state="detached")
    order.refresh_from_db()
    assert (order.payment, order.shipment.cod_amount, order.shipment.cash) == ("prepaid", Decimal("0.00"), "")
    assert balances(seller.pk).available == Decimal("100.00") - order.cost
    assert balances(seller.pk).held == 0

    desk = new_page()
    sign_in(desk, cast.staff())
    desk.goto(f"/orders/desk/{order.pk}/")
    assert "39,90" not in desk.locator("main").inner_text()


def test_an_order_edited_on_both_sides_shows_both_and_one_click_takes_either(
    stage: tuple[Any, Any, Any], new_page: Any, sign_in: Any
) -> None:
    from tests import cast

    fake, _shop, seller = stage
    placed = fake.place_order([("SCN-00001", 1)], payment="stripe")
    order = arrived(state="ready")
    page = new_page()
    sign_in(page, cast.member(seller))
    page.goto(f"/orders/{order.pk}/edit/")
    page.locator("[name=street]").fill("Via Garibaldi 12, citofono Neri")
    page.locator("[name=phone]").fill("347 1112223")
    page.locator("[data-send]").click()
    page.wait_for_url(f"**/orders/{order.pk}/")

    shipping = {**placed["shipping"], "phone": "3480000000"}
    fake.orders.change(placed["id"], {"shipping": shipping, "billing": {**placed["billing"], "phone": "3480000000"}})
    soon(lambda: order.problems.filter(code="conflict").exists(), "nobody asks about the telephone")
    page.goto(f"/orders/{order.pk}/")
    assert page.locator("[data-order-state=received]").count()
    assert page.locator("[data-problem=conflict]").count() == 1  # the street is ours, and no question
    asked = page.locator("[data-problem=conflict][data-subject=phone]")
    assert "347" in asked.locator("[data-mine]").inner_text()
    assert "348" in asked.locator("[data-theirs]").inner_text()
    asked.locator("button[value=theirs]").click()
    page.locator("[data-order-state=ready]").wait_for()
    order.refresh_from_db()
    assert order.phone.endswith("3480000000")
    assert order.street == "Via Garibaldi 12, citofono Neri"


def test_a_part_that_the_merchant_sends_himself_is_not_sent_a_second_time(
    web: str, celery_worker_process: Any, new_page: Any, sign_in: Any
) -> None:
    from demo.shops.shopify import FakeShop
    from tests import cast
    from tests.connectors.shopify.stage import make_shop as make_shopify
    from tests.orders import stage as setting

    seller = cast.dropshipper()
    method = setting.method()
    setting.variant("SCN-00001", pieces=9)
    setting.money(seller, "100.00")
    key, secret = "shpat_journey", "hush-hush-0123"
    known = {"auth_mode": "legacy_token", "access_token": key, "client_id": "demo", "client_secret": secret}
    with FakeShop(deliver_after=0.2) as fake:
        shop = make_shopify(seller, fake.url, known)
        type(shop).objects.filter(pk=shop.pk).update(method=method)
        fake.provision(key=key, secret=secret, deliver_to=f"{web}/webhooks/shopify/{shop.key}/")
        placed = fake.place_order([("SCN-00001", 2)], payment="card")
        order = arrived(state="ready")
        assert order.lines.get().quantity == 2

        [waiting] = fake.fulfilment.of_order(placed["id"])
        [line] = waiting["lines"]
        fake.fulfilment.create([(waiting["id"], {line["id"]: 1})], [], notify=False)
        arrived(pk=order.pk, state="received")
        page = new_page()
        sign_in(page, cast.member(seller))
        page.goto(f"/orders/{order.pk}/")
        assert order.lines.get().quantity == 1
        page.locator("[data-problem=partly_sent] [data-answer]").click()
        page.locator("[data-order-state=ready]").wait_for()
        page.locator("[data-sync]").click()
        page.locator("[data-order-state=dispatched]").wait_for()
        order.refresh_from_db()
        assert order.goods_net == Decimal("12.00")  # one piece
