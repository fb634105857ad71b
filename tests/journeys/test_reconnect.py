"""A store that is connected a second time: what was shipped stays shipped. By the browser, with a real worker."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from tests import cast
from tests.connectors.conftest import KEY, SECRET
from tests.journeys.eyes import faults, picture
from tests.journeys.three_shops import pair_in_wordpress


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.2)
    return found


def place(fake: Any, number: int, pieces: int = 1) -> Any:
    """An order of a customer of its own."""
    from demo.shops.woocommerce.orders import CUSTOMER

    own = {"first_name": "Ada", "phone": f"+39 333 12345{number:02}", "address_1": f"Via Roma {number + 1}"}
    customer = {**CUSTOMER, **own, "email": f"ada{number}@example.it"}
    return fake.place_order([("SCN-00001", pieces)], payment="cod", billing=customer)


def connect_by_keys(page: Any, fake: Any) -> None:
    page.goto("/shops/connect/woocommerce/")
    page.locator("[name=mode][value=keys]").check()
    page.locator("[name=address]").fill(fake.url)
    page.locator("[name=consumer_key]").fill(KEY)
    page.locator("[name=consumer_secret]").fill(SECRET)
    page.locator("main form button.btn-primary").click()


def disconnect(page: Any, shop: Any) -> None:
    page.goto(f"/shops/{shop.pk}/disconnect/")
    page.locator("main form button.btn-danger").click()
    page.wait_for_url("**/shops/")


def ship_all(seller: Any) -> None:
    """The warehouse sends all that is ready."""
    import uuid

    from orders.dispatch import runs
    from orders.fulfilment import parcels
    from orders.models import Order
    from tests.orders import stage

    ids = list(Order.objects.filter(state="ready").values_list("pk", flat=True))
    Order.objects.filter(pk__in=ids).update(method=stage.method())
    run = runs.start(ids, dropshipper_id=seller.pk, key=uuid.uuid4(), by=None)
    runs.advance(run.pk)
    for pk in ids:
        parcels.mark_packed(pk, by=None)
        parcels.mark_shipped(pk, tracking_number=f"TRK{pk}", by=None)


def test_disconnected_and_connected_again_with_shipped_orders(
    new_page: Any, sign_in: Any, web: str, celery_worker_process: Any
) -> None:
    from connectors.models import InboxOrder, Shop
    from demo.shops.woocommerce import FakeShop
    from orders.models import Order
    from tests.orders import stage
    from wallet.queries import balances

    seller = cast.dropshipper()
    stage.variant("SCN-00001", pieces=50)
    stage.money(seller, "300.00")
    page = new_page()
    sign_in(page, cast.member(seller))
    with FakeShop(deliver_after=0.2) as fake:
        page.goto("/shops/connect/woocommerce/")
        page.locator("[name=address]").fill(fake.url)
        page.locator("main form button.btn-primary").click()
        page.locator("#approve").click(timeout=30_000)
        fake.faults.add("*", times=6, slow=0.5)  # a slow shop: the page waits, and says what for
        page.locator(".wc-auth-approve").click()
        page.locator("#connecting[data-step=answered]").wait_for()
        picture(page, "reconnect-1-trying")
        page.locator("#confirm").click(timeout=30_000)
        page.wait_for_url(re.compile(r"/shops/\d+/rules/"), timeout=30_000)
        shop = Shop.objects.get()
        for number in range(3):
            place(fake, number)
        wait_for(lambda: Order.objects.filter(state="ready").count() == 3, "three orders")
        ship_all(seller)
        wait_for(lambda: InboxOrder.objects.exclude(told="").count() == 3, "their tracking in the shop")
        before = balances(seller.pk)

        disconnect(page, shop)
        wait_for(lambda: not fake.webhooks.all(), "our webhooks out of the shop")
        while_away = place(fake, 7, 2)
        page.goto("/shops/connect/woocommerce/")
        page.locator("[name=address]").fill(fake.url)
        page.locator("main form button.btn-primary").click()
        page.locator("#approve").click(timeout=30_000)
        page.locator(".wc-auth-approve").click()
        page.locator("#confirm").click(timeout=30_000)
        page.wait_for_url(re.compile(rf"/shops/{shop.pk}/rules/"), timeout=30_000)
        wait_for(lambda: Order.objects.filter(source_number=while_away["number"]).exists(), "the order meanwhile")
        assert Order.objects.count() == InboxOrder.objects.count() == 4
        assert Shop.objects.get().state == "active"
        assert balances(seller.pk) == before
        page.goto("/inbox/woocommerce/?tab=sync")
        assert page.locator("tr[data-order]").count() == 1
        page.goto(f"/shops/{shop.pk}/")
        assert faults(page) == []
        picture(page, "reconnect-2-connected-again")


def test_the_same_store_by_keys_and_by_plugin(
    new_page: Any, sign_in: Any, web: str, console: Any, celery_worker_process: Any
) -> None:
    from connectors import tasks
    from connectors.models import InboxOrder, Shop
    from demo.shops.wordpress import FakeShop
    from orders.models import Order
    from tests.orders import stage

    seller = cast.dropshipper()
    stage.variant("SCN-00001", pieces=50)
    stage.money(seller, "300.00")
    page = new_page()
    sign_in(page, cast.member(seller))
    with FakeShop(deliver_after=0.2) as fake:
        fake.keys_too = True
        fake.keys.add(KEY, SECRET)
        connect_by_keys(page, fake)
        page.wait_for_url(re.compile(r"/shops/\d+/rules/"), timeout=30_000)
        shop = Shop.objects.get()
        for number in range(2):
            place(fake, number)
        wait_for(lambda: Order.objects.filter(state="ready").count() == 2, "two orders")
        ship_all(seller)

        page.goto("/shops/connect/wordpress/")
        page.locator("[name=address]").fill(fake.url)
        page.locator("main form button.btn-primary").click()
        page.locator("main [role=alert]").first.wait_for()
        console.expect("422")
        assert shop.name in page.locator("main").inner_text()
        picture(page, "reconnect-3-refused")
        assert Shop.objects.count() == 1

        disconnect(page, shop)
        page.goto("/shops/connect/wordpress/")
        page.locator("[name=address]").fill(fake.url)
        page.locator("main form button.btn-primary").click()
        with page.context.expect_page() as opened:
            page.locator("#approve").click(timeout=30_000)
        admin = opened.value
        pair_in_wordpress(admin, web)
        page.locator("#confirm").click(timeout=30_000)
        admin.locator("[data-paired]").wait_for(timeout=30_000)
        page.wait_for_url(re.compile(r"/shops/\d+/rules/"), timeout=30_000)
        new = Shop.objects.get(platform="wordpress")
        assert new.inbox.count() == 2
        placed = place(fake, 8)
        wait_for(lambda: Order.objects.filter(source_number=placed["number"]).exists(), "the order by the plugin")

        def read_whole() -> Any:
            tasks.nudge_pull()  # beat does, every fifteen seconds
            return Shop.objects.get(pk=new.pk).last_pull_at

        wait_for(read_whole, "a reading of the whole shop")
        assert Order.objects.count() == InboxOrder.objects.count() == 3
        assert Order.objects.filter(state="dispatched").count() == 2
