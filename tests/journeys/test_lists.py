"""The lists of orders, tried as a reseller works through them: with the mouse, by keyboard, at 1024, on a phone and
without JavaScript."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from tests import cast
from tests.connectors.conftest import make_shop
from tests.journeys.eyes import place, reach

INBOX = "/inbox/woocommerce/"
LIST = "/orders/"


@pytest.fixture
def shop(transactional_db: None) -> Any:
    from tests.connectors.arrivals import ready_shop

    shop = make_shop(cast.dropshipper(), address="http://127.0.0.1:9")
    ready_shop(shop, money="900.00")
    return shop


@pytest.fixture
def method(shop: Any) -> Any:
    from tests.orders import stage

    return stage.method("lento", net="3.00")


def without_shipping(shop: Any, count: int) -> list[Any]:
    """Orders that lack their shipping alone."""
    from orders.models import Order
    from tests.connectors.arrivals import PREPAID, arrive

    made = [arrive(shop, 200 + number, **PREPAID) for number in range(count)]
    Order.objects.filter(pk__in=[order.pk for order in made]).update(method=None)
    return made


def count_of(page: Any, tab: str) -> int:
    return int(page.locator(f"[data-tab={tab}] .n").inner_text())


@pytest.mark.parametrize("scripts", [True, False])
def test_many_get_their_shipping_become_ready_and_go(
    scripts: bool, shop: Any, method: Any, new_page: Any, sign_in: Any, console: Any
) -> None:
    from orders.dispatch import runs
    from orders.models import Order

    orders = without_shipping(shop, 4)
    page = new_page(width=1440 if scripts else 390, java_script_enabled=scripts)
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    assert (count_of(page, "sync"), count_of(page, "ready"), count_of(page, "ship")) == (4, 0, 4)
    assert page.locator("[data-goes]").count() == 0
    assert page.locator(".mci-sync-all").count() == 0
    page.locator("[data-tab=ship]").click()
    page.locator("#for-all").select_option(str(method.pk))
    page.locator(".mci-for-all button.btn-primary").click()
    page.locator("[data-empty], .blank").first.wait_for()
    assert (count_of(page, "ready"), count_of(page, "ship")) == (4, 0)
    page.locator("[data-tab=ready]").click()
    page.wait_for_url(re.compile("tab=ready"))
    assert page.locator("tr [data-goes]").count() == 4
    page.locator(".mci-sync-all").click()
    page.wait_for_url("**/orders/plan/**")
    assert page.locator(".res li").count() == 4
    page.locator("[data-confirm]").click()
    page.wait_for_url("**/orders/runs/**")
    assert page.locator("#run [data-result=waiting]").count() == 4
    runs.advance_due()  # what the worker does
    if scripts:
        page.locator("#run[data-run-state=done]").wait_for()
    else:
        page.locator("#run a.mci-nojs").click()
    assert page.locator("#run [data-result=dispatched]").count() == 4
    assert set(Order.objects.filter(pk__in=[order.pk for order in orders]).values_list("state", flat=True)) == {
        "dispatched"
    }


def test_a_run_is_watched_while_the_rows_change(
    shop: Any, new_page: Any, sign_in: Any, console: Any, monkeypatch: Any
) -> None:
    """A batch goes, the list follows without a reload; what was ticked and where the focus was stays."""
    from orders.dispatch import decide, runs
    from orders.models import DispatchRun
    from shipping.tariffs.quotes import Tariff
    from tests.connectors.arrivals import PREPAID, arrive

    made = [arrive(shop, 300 + number, **PREPAID) for number in range(5)]
    free = arrive(shop, 400, **PREPAID)
    run = runs.start(
        [order.pk for order in made],
        dropshipper_id=shop.dropshipper_id,
        key=uuid.uuid4(),
        by=None,
        source="woocommerce",
    )
    page = new_page()
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    assert page.locator("tr [data-at=waiting]").count() == 5
    page.locator(f"#o{free.pk} [data-row]").check()
    page.locator("#selection [data-selected='1']").wait_for()
    page.locator(f"#o{free.pk} .ord").focus()
    DispatchRun.objects.filter(pk=run.pk).update(state="running")
    decide.dispatch(run, list(run.items.order_by("position")[:2]), Tariff.load())
    page.locator(f"#o{made[0].pk}").wait_for(state="detached")  # it left "to sync"
    page.locator("#run [data-result=dispatched]").first.wait_for()
    assert page.locator("#run [data-at=running]").count() == 3
    assert page.locator(f"#o{made[4].pk} [data-at=running]").count() == 1
    assert page.locator(f"#o{free.pk} [data-row]").is_checked()
    assert page.evaluate("document.activeElement.closest('tr')?.dataset.order") == str(free.pk)
    assert page.locator("text=qualcosa da correggere").count() == 0
    page.reload()
    assert page.locator("#run [data-at=running]").count() == 3
    DispatchRun.objects.filter(pk=run.pk).update(state="queued")
    runs.advance(run.pk)
    page.locator("#run[data-run-state=done]").wait_for()
    page.locator("#run-title:focus").wait_for()
    page.locator("tr [data-at]").first.wait_for(state="detached")  # the list too, without a reload
    page.goto(f"{INBOX}?tab=progress")  # a second visit, after it
    assert page.locator("tr[data-order]").count() == 5


@pytest.mark.parametrize("width", [1024, 1280, 390, 320])
@pytest.mark.parametrize("address", [INBOX, LIST + "?source=all"])
def test_the_state_is_seen_without_scrolling_sideways(
    width: int, address: str, shop: Any, new_page: Any, sign_in: Any, console: Any
) -> None:
    from tests.connectors.arrivals import PREPAID, TRANSFER, arrive
    from tests.orders import stage

    stage.variant("NONE", pieces=0)
    arrive(shop, 1, **PREPAID)
    arrive(shop, 2, sku="ALIENO-CON-UN-CODICE-MOLTO-LUNGO-1234567890")
    arrive(shop, 3, **TRANSFER)
    arrive(shop, 4, sku="NONE", total="1249.90")
    without_shipping(shop, 1)
    page = new_page(width=width)
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(address)
    assert page.locator("tr[data-order]").count() == 5
    for cell in page.locator("td.c-st").all():
        box = cell.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert cell.inner_text().strip()
        # Nothing covers it: the column of the buttons stood on it.
        top = cell.evaluate(
            """(cell) => [...cell.querySelectorAll('.bdg')].every((badge) => {
              badge.scrollIntoView({block: 'center', behavior: 'instant'});
              const box = badge.getBoundingClientRect();
              return [box.left + 3, (box.left + box.right) / 2, box.right - 3].every((x) =>
                badge.contains(document.elementFromPoint(x, (box.top + box.bottom) / 2)));
            })"""
        )
        assert top
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_rows_own_act_leaves_the_row_under_the_mouse(shop: Any, method: Any, browser_page: Any, sign_in: Any) -> None:
    from tests.connectors.arrivals import PREPAID, arrive

    made = [arrive(shop, 500 + number, **PREPAID) for number in range(12)]
    page = browser_page
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(INBOX)
    middle = made[5]
    row = page.locator(f"#o{middle.pk}")
    reach(page, f"#s{middle.pk}")
    before = place(page, f"#o{middle.pk}")
    row.locator("select").select_option(str(method.pk))
    page.locator(f"#o{middle.pk} option[value='{method.pk}'][selected]").wait_for(state="attached")
    page.wait_for_timeout(300)
    assert abs(place(page, f"#o{middle.pk}") - before) < 2
    assert page.evaluate("document.activeElement.id") == f"s{middle.pk}"
    page.locator(f"#o{middle.pk} .syncb").focus()
    before = place(page, f"#o{middle.pk}")
    page.keyboard.press("Enter")
    page.locator(f"#o{middle.pk}[data-state=dispatched]").wait_for()
    page.wait_for_timeout(300)
    assert abs(place(page, f"#o{middle.pk}") - before) < 2
    assert page.evaluate("document.activeElement.closest('tr')?.dataset.order") == str(middle.pk)


@pytest.mark.parametrize("scripts", [True, False])
def test_back_from_an_order_is_back_in_its_row(
    scripts: bool, shop: Any, new_page: Any, sign_in: Any, console: Any
) -> None:
    from tests.connectors.arrivals import PREPAID, arrive

    made = [arrive(shop, 600 + number, **PREPAID) for number in range(30)]
    oldest = made[1]
    address = f"{INBOX}?tab=all&payment=prepaid"
    page = new_page(java_script_enabled=scripts)
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(address)
    page.locator(f"#o{oldest.pk} .ord").click()
    page.wait_for_url(f"**/orders/{oldest.pk}/")
    page.locator("[data-mci-back]").click()
    page.wait_for_url(re.compile(r"tab=all&payment=prepaid#o\d+"))
    page.locator(f"#o{oldest.pk}:target").wait_for()
    for _moment in range(50):  # the browser scrolls to it when the page is laid out
        box = page.locator(f"#o{oldest.pk}").bounding_box()
        if 0 <= box["y"] <= 900:
            break
        page.wait_for_timeout(100)
    assert 0 <= box["y"] <= 900
    if scripts:
        assert page.evaluate("document.activeElement.closest('tr')?.id") == f"o{oldest.pk}"
        page.goto(address)
        page.locator(f"#o{oldest.pk} .ord").click()
        page.wait_for_url(f"**/orders/{oldest.pk}/")
        page.go_back()
        page.locator(f"#o{oldest.pk} .ord:focus").wait_for()
        assert 0 <= page.locator(f"#o{oldest.pk}").bounding_box()["y"] <= 900


def test_the_regions_of_a_list_have_names_and_rows_have_keys(shop: Any, browser_page: Any, sign_in: Any) -> None:
    from tests.connectors.arrivals import PREPAID, arrive

    made = [arrive(shop, 700 + number, **PREPAID) for number in range(3)]
    page = browser_page
    sign_in(page, cast.member(shop.dropshipper))
    for address in (INBOX, LIST + "?source=all"):
        page.goto(address)
        regions = page.locator("[data-mci-region]").all()
        assert {region.get_attribute("id") for region in regions} >= {"tabs", "filters", "rows"}
        assert all(region.get_attribute("data-mci-region") for region in regions)
        page.locator("#rows").focus()
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.closest('tr').dataset.order") == str(made[2].pk)
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("x")
        assert page.locator(f"#o{made[2].pk} [data-row]").is_checked()
        page.locator("h1").click()
        page.keyboard.press("j")  # outside the table a letter is a letter (WCAG 2.1.4)
        assert page.evaluate("document.activeElement.closest('tr')") is None


def test_who_signs_in_after_another_in_one_window_is_not_led_to_his_list(
    shop: Any, browser_page: Any, sign_in: Any, console: Any
) -> None:
    """The way back carried the filters of whoever sat there before: a customer's name in the address."""
    from tests.connectors.arrivals import PREPAID, arrive
    from tests.orders import stage

    made = arrive(shop, 800, **PREPAID)
    other = cast.dropshipper()
    theirs = stage.order(other, ("MCI-1", 1))
    page = browser_page
    sign_in(page, cast.member(shop.dropshipper))
    page.goto(f"{LIST}?source=all&tab=all&q={made.name.split()[0]}")
    page.locator(f"#o{made.pk} .ord").click()
    page.wait_for_url(f"**/orders/{made.pk}/")
    assert "q=" in page.locator("[data-mci-back]").get_attribute("href")
    sign_in(page, cast.member(other))
    page.goto(f"{LIST}{theirs.pk}/")
    assert "q=" not in page.locator("[data-mci-back]").get_attribute("href")
    assert page.evaluate("sessionStorage.getItem('mci:list')") is None
