"""The inbox in a browser: many orders at once, SKUs linked, payments decided, a shop connected."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from tests import cast
from tests.connectors.conftest import KEY, SECRET, make_shop
from tests.journeys.eyes import reach, write

INBOX = "/inbox/woocommerce/"


@pytest.fixture
def shop(transactional_db: None) -> Any:
    """A shop with a usual shipping; its reseller can pay for two prepaid orders of one MCI-0001 (20.74 each)."""
    from tests.connectors.arrivals import ready_shop

    shop = make_shop(cast.dropshipper(), address="http://127.0.0.1:9")
    ready_shop(shop, money="60.00")
    return shop


@pytest.fixture
def four(shop: Any) -> dict[str, Any]:
    """Two that can go, one that wants the last piece, one that is out of stock."""
    from tests.connectors.arrivals import PREPAID, arrive
    from tests.orders import stage

    stage.variant("LAST", pieces=1, net="1.00")
    stage.variant("NONE", pieces=0)
    return {
        "none": arrive(shop, 101, sku="NONE", **PREPAID),
        "last": arrive(shop, 102, sku="LAST", **PREPAID),
        "one": arrive(shop, 103, **PREPAID),
        "two": arrive(shop, 104, **PREPAID),
    }


def available(shop: Any) -> Decimal:
    from wallet.queries import balances

    return balances(shop.dropshipper_id).available


def states(orders: dict[str, Any]) -> dict[str, str]:
    for order in orders.values():
        order.refresh_from_db()
    return {name: order.state for name, order in orders.items()}


def somebody_buys_the_last_piece() -> None:
    from catalog import stock
    from catalog.models import Variant

    stock.count(Variant.objects.get(sku="LAST").pk, 0, by=None)


def test_many_orders_go_at_once_and_each_says_how_it_went(
    shop: Any, four: dict[str, Any], browser_page: Any, sign_in: Any, celery_worker_process: Any
) -> None:
    page = browser_page
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    reach(page, "#all")
    page.keyboard.press("Space")
    page.locator("#selection [data-selected='4'][data-going='3']").wait_for()
    # 2 × 20.74 and 7.32 for the last piece: what the bar shows is what is taken, if all of them go.
    assert page.locator("#selection [data-charge]").get_attribute("data-charge") == "48.80"
    somebody_buys_the_last_piece()
    reach(page, "#selection [data-sync]")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"run="))
    page.locator("#run[data-run-state=done]").wait_for()
    page.locator("#run-title:focus").wait_for()
    results = {
        row.get_attribute("data-order"): row.get_attribute("data-result")
        for row in page.locator("#run [data-result]").all()
    }
    assert results == {
        str(four["one"].pk): "dispatched",
        str(four["two"].pk): "dispatched",
        str(four["last"].pk): "refused",
    }
    assert states(four) == {"one": "dispatched", "two": "dispatched", "last": "ready", "none": "ready"}
    assert available(shop) == Decimal("60.00") - 2 * Decimal("20.74")
    # The list under the panel shows it too, without a reload.
    page.locator(f"#o{four['one'].pk}").wait_for(state="detached")
    assert page.locator(f"#o{four['last'].pk}").count() == 1
    reach(page, "#run a[href*='/orders/plan/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/plan/**")
    assert page.locator("[data-confirm]").count() == 0


def test_without_scripts_the_plan_stands_between_the_selection_and_the_run(
    shop: Any, four: dict[str, Any], new_page: Any, sign_in: Any
) -> None:
    from orders.dispatch import runs

    page = new_page(width=390, java_script_enabled=False)
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    for order in four.values():
        page.locator(f"#o{order.pk} [name=order]").check()
    page.locator("button[form=bulk]").click()
    page.wait_for_url("**/orders/plan/**")
    assert available(shop) == Decimal("60.00")
    somebody_buys_the_last_piece()
    page.locator("[data-confirm]").click()
    page.wait_for_url("**/orders/runs/**")
    assert page.locator("#run[data-run-state=done]").count() == 0
    runs.advance_due()  # what the worker does
    page.locator("#run a.mci-nojs").click()
    page.locator("#run[data-run-state=done]").wait_for()
    assert page.locator("#run [data-result=dispatched]").count() == 2
    assert page.locator("#run [data-result=refused]").count() == 1
    assert states(four) == {"one": "dispatched", "two": "dispatched", "last": "ready", "none": "ready"}
    assert available(shop) == Decimal("60.00") - 2 * Decimal("20.74")


def test_when_the_wallet_is_not_enough_the_bar_says_how_many_go(
    shop: Any, four: dict[str, Any], browser_page: Any, sign_in: Any
) -> None:
    from tests.orders import stage

    stage.money(shop.dropshipper, "-30.00")
    page = browser_page
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    page.locator("#all").check()
    page.locator("#selection [data-selected='4'][data-going='2']").wait_for()
    assert page.locator("#selection [data-charge]").get_attribute("data-charge") == "28.06"
    assert len(page.locator("#selection form[action$='/sync/'] [name=order]").get_attribute("value").split(",")) == 2


@pytest.mark.parametrize("scripts", [True, False])
def test_a_sku_linked_once_frees_all_that_wait(scripts: bool, shop: Any, new_page: Any, sign_in: Any) -> None:
    from tests.connectors.arrivals import PREPAID, arrive

    waiting = {str(number): arrive(shop, number, sku="ALIENO", **PREPAID) for number in (1, 2)}
    assert set(states(waiting).values()) == {"received"}
    page = new_page(width=1440 if scripts else 390, java_script_enabled=scripts)
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    link = "tr[data-order] [data-problem=unknown_sku] a"
    if scripts:
        reach(page, link)
        page.keyboard.press("Enter")
        page.wait_for_url("**/shops/match/**")
        write(page, ".mci-pick [name=sku]", "mci-0001")
        page.keyboard.press("Enter")
    else:
        page.locator(link).first.click()
        page.wait_for_url("**/shops/match/**")
        page.locator(".mci-pick [name=sku]").fill("mci-0001")
        page.locator(".mci-pick-b button").first.click()
    page.locator("[data-match]").wait_for()
    assert set(states(waiting).values()) == {"ready"}
    page.goto(INBOX)
    assert page.locator("tr[data-order] .syncb").count() == 2


@pytest.mark.parametrize("scripts", [True, False])
def test_a_payment_decided_once_is_remembered(scripts: bool, shop: Any, new_page: Any, sign_in: Any) -> None:
    from connectors.models import PaymentRule
    from tests.connectors.arrivals import PREPAID, arrive

    unknown = {**PREPAID, "payment_method": "nostra_cassa", "payment_method_title": "Cassa del negozio"}
    orders = {str(number): arrive(shop, number, **unknown) for number in (1, 2)}
    page = new_page(width=1440 if scripts else 390, java_script_enabled=scripts)
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    badge = f"#o{orders['1'].pk} .mci-pay"
    if scripts:
        reach(page, badge)
        page.keyboard.press("Enter")
        page.locator("#sheet [name=kind]").first.wait_for()
        assert page.locator("#sheet[open]").count() == 1
        reach(page, "#sheet [name=kind]")
        page.keyboard.press("ArrowUp")
        while page.evaluate("document.activeElement.value") != "prepaid":
            page.keyboard.press("ArrowUp")
        page.keyboard.press("Space")
        reach(page, "#sheet [name=remember]")
        page.keyboard.press("Space")
        reach(page, "#sheet button.btn-primary")
        page.keyboard.press("Enter")
    else:
        page.locator(badge).click()
        page.locator("[name=kind][value=prepaid]").check()
        page.locator("[name=remember]").check()
        page.locator("main form button.btn-primary").click()
    page.locator(f"#o{orders['1'].pk}[data-payment=prepaid]").wait_for()
    for order in orders.values():
        order.refresh_from_db()
        assert (order.payment, order.state) == ("prepaid", "ready")
    assert PaymentRule.objects.get().kind == "prepaid"
    assert arrive(shop, 3, **unknown).payment == "prepaid"


def test_the_sheet_gives_the_focus_back(shop: Any, browser_page: Any, sign_in: Any) -> None:
    from tests.connectors.arrivals import TRANSFER, arrive

    order = arrive(shop, 1, **TRANSFER)
    page = browser_page
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    reach(page, f"#o{order.pk} .mci-pay")
    page.keyboard.press("Enter")
    page.locator("#sheet [name=kind]").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("#sheet[open]").wait_for(state="detached")
    assert page.evaluate("document.activeElement.matches('.mci-pay')")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_shop_is_connected_with_its_keys_and_a_wrong_one_is_said(
    scripts: bool, new_page: Any, sign_in: Any, console: Any
) -> None:
    from connectors.connect import attempts
    from connectors.models import Shop
    from demo.shops.woocommerce import FakeShop
    from tests.orders import stage

    method = stage.method()
    owner = cast.member(cast.dropshipper())
    page = new_page(width=1440 if scripts else 390, java_script_enabled=scripts)
    sign_in(page, owner)
    wrong = "cs_" + "9" * 40
    with FakeShop() as fake:
        fake.keys.add(KEY, SECRET)
        page.goto(INBOX)
        if scripts:
            reach(page, "main a[href='/shops/connect/woocommerce/']")
            page.keyboard.press("Enter")
            page.wait_for_url("**/connect/woocommerce/")
            reach(page, "[name=mode]")
            page.keyboard.press("ArrowDown")
            write(page, "[name=address]", fake.url)
            write(page, "[name=consumer_key]", KEY)
            write(page, "[name=consumer_secret]", wrong)
            page.keyboard.press("Enter")
        else:
            page.locator("main a[href='/shops/connect/woocommerce/']").click()
            page.locator("[name=mode][value=keys]").check()
            page.locator("[name=address]").fill(fake.url)
            page.locator("[name=consumer_key]").fill(KEY)
            page.locator("[name=consumer_secret]").fill(wrong)
            page.locator("main form button.btn-primary").click()
        page.wait_for_url("**/shops/connecting/*/")
        attempts.advance_due()
        page.goto(page.url)
        page.locator("#mend").click()
        assert not Shop.objects.exists()
        assert page.locator("[name=address]").input_value() == fake.url
        assert page.locator("[name=consumer_secret]").input_value() == ""
        page.locator("[name=mode][value=keys]").check()
        page.locator("[name=consumer_key]").fill(KEY)
        if scripts:
            write(page, "[name=consumer_secret]", SECRET)
            page.keyboard.press("Enter")
        else:
            page.locator("[name=consumer_secret]").fill(SECRET)
            page.locator("main form button.btn-primary").click()
        page.wait_for_url("**/shops/connecting/*/")
        attempts.advance_due()
        page.goto(page.url)
        page.locator("[data-tested]").wait_for()
        found = Shop.objects.get()
        assert (found.state, found.address, found.dropshipper) == ("active", fake.url, owner.member.dropshipper)
        assert len(fake.webhooks.all()) >= 4
        page.locator("[name=method]").select_option(str(method.pk))
        page.locator("main form button.btn-primary").click()
        page.wait_for_url(f"**{INBOX}")
    found.refresh_from_db()
    assert found.method == method
