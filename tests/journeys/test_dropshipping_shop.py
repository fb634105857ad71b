"""The Dropshipping Shop in a browser: an order typed in, priced while one types, sent, copied and cancelled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests import cast
from tests.journeys.eyes import faults, reach, write


@pytest.fixture
def desk(transactional_db: None) -> Any:
    """A reseller with money, two articles, two couriers' methods, and the places of two postcodes."""
    from core.address import city_key
    from core.models import Place
    from tests.orders import stage

    seller = cast.dropshipper()
    stage.method("espresso")
    stage.variant("MCI-1", net="12.00")
    stage.variant("MCI-2", net="3.50", vat="10.00")
    stage.money(seller, "200.00")
    for postcode, city, province in (("10122", "Torino", "TO"), ("00183", "Roma", "RM")):
        Place.objects.create(postcode=postcode, city=city, province=province, city_key=city_key(city))
    return cast.member(seller)


def available(owner: Any) -> Decimal:
    from wallet.queries import balances

    return balances(owner.member.dropshipper_id).available


def figure(page: Any, name: str) -> Decimal:
    return Decimal(page.locator(f"#live [data-{name}]").get_attribute(f"data-{name}"))


def wait_for_figures(page: Any, **wanted: str) -> None:
    for name, value in wanted.items():
        page.locator(f"#live [data-{name}='{value}']").wait_for()


def test_what_is_still_offered_is_not_called_unknown(desk: Any, browser_page: Any, sign_in: Any) -> None:
    """A name half typed is a search, not a wrong code: while articles are offered nothing says that it is none."""
    page = browser_page
    sign_in(page, desk)
    page.goto("/orders/new/")
    page.locator("[name=lines-0-sku]").press_sequentially("MCI")
    page.locator("#combo-list [role=option]").first.wait_for()
    unknown = page.locator("#line-0-info [data-unknown]")
    for found in (unknown, page.locator("#missing")):
        found.wait_for(state="attached")
        assert not found.is_visible()
    assert not faults(page)
    page.keyboard.press("Escape")  # nothing of that: now it is a code that is none of ours
    unknown.wait_for()
    page.locator("#missing").wait_for()
    page.keyboard.type("-")
    page.locator("#combo-list [role=option]").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowDown")
    page.evaluate(  # Enter at the worst moment: the figures of what was half typed are here, about to be shown
        """() => {
            const back = [];
            document.addEventListener("htmx:beforeOnLoad", () => {
                const field = document.activeElement;
                field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
                new MutationObserver(() => document.querySelector("#line-0-info [data-unknown]") && back.push(1))
                    .observe(document.getElementById("lines"), { childList: true, subtree: true });
            }, { once: true });
            window.unknownCameBack = back;
            document.querySelector("[name=sale_total]").dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )
    page.locator("#line-0-info .mci-row-what").wait_for()
    assert page.evaluate("window.unknownCameBack") == []
    page.locator("[name=lines-0-sku]").fill("zzz")  # nothing is offered: it is said at once
    page.locator(".mci-option-none").wait_for()
    unknown.wait_for()


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
def test_an_order_is_typed_sent_copied_and_cancelled_by_keyboard_alone(
    payment: str, desk: Any, browser_page: Any, sign_in: Any
) -> None:
    from catalog.models import Stock
    from orders.models import Order

    page = browser_page
    sign_in(page, desk)
    page.goto("/orders/")
    reach(page, "main a[href='/orders/new/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/new/")

    reach(page, "[name=lines-0-sku]")
    page.keyboard.type("mci-1*2")
    page.keyboard.press("Enter")  # adds a line and goes there
    page.locator("[name=lines-1-sku]").wait_for()
    assert page.locator("[name=lines-0-quantity]").input_value() == "2"
    assert page.evaluate("document.activeElement.name") == "lines-1-sku"
    page.keyboard.type("NON-C-E")
    page.keyboard.press("Tab")
    page.locator("#line-1-info [data-unknown]").wait_for()  # it is marked, not dropped
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("MCI-2")
    page.keyboard.press("Tab")
    page.locator("#line-1-info [data-unknown]").wait_for(state="detached")

    write(page, "[name=name]", "Giulia Rossi")
    write(page, "[name=phone]", "333 1234567")
    write(page, "[name=street]", "Via Garibaldi 12")
    write(page, "[name=postcode]", "00183")
    write(page, "[name=city]", "Torino")
    write(page, "[name=province]", "to")
    page.keyboard.press("Tab")
    page.locator("#place [data-doubt]").first.wait_for()
    if payment == "prepaid":  # what is proposed is taken; for COD the warning is left as it is: it blocks nothing
        reach(page, "#place [data-use][value='use:10122|Torino|TO']", key="Shift+Tab" if _after_place(page) else "Tab")
        page.keyboard.press("Enter")
        page.locator("#place [data-doubt]").first.wait_for(state="detached")
        assert page.locator("[name=postcode]").input_value() == "10122"
    reach(page, "[name=payment]")
    if payment == "cod":
        page.keyboard.press("ArrowDown")
    assert page.locator(f"[name=payment][value={payment}]").is_checked()
    write(page, "[name=sale_total]", "59,90")
    reach(page, "[name=method]")
    page.keyboard.press("Space")
    # 2 × 12.00 and 5.00 with 22%, 3.50 with 10%; COD 2.00 more, and the guarantee instead of the price.
    # For a moment the figures may be those of a form that was not whole yet.
    wait_for_figures(
        page, **{"prepaid": {"cost": "39.23", "need": "39.23"}, "cod": {"cost": "41.67", "need": "12.20"}}[payment]
    )
    need, after = figure(page, "need"), figure(page, "after")
    assert available(desk) == Decimal("200.00")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/orders/new/" not in url)
    order = Order.objects.get()
    assert (order.state, order.payment, order.province) == ("ready", payment, "TO")
    assert available(desk) == Decimal("200.00")

    reach(page, "[data-sync]")
    page.keyboard.press("Enter")
    page.locator("[data-order-state=dispatched]").wait_for()
    assert available(desk) == after == Decimal("200.00") - need
    order.refresh_from_db()
    if payment == "prepaid":
        assert need == order.cost == Decimal("39.23")
    else:
        assert (order.to_collect, order.margin) == (Decimal("59.90"), Decimal("59.90") - Decimal("41.67"))
        assert need == order.guarantee

    reach(page, "form[action$='/duplicate/'] button")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: f"/orders/{order.pk}/" not in url)
    copy = Order.objects.exclude(pk=order.pk).get()
    assert sorted(copy.lines.values_list("sku", "quantity")) == sorted(order.lines.values_list("sku", "quantity"))
    assert (copy.shipment, copy.name) == (None, "Giulia Rossi")
    assert available(desk) == after

    page.goto(f"/orders/{order.pk}/")
    reach(page, "summary:has(+ * [data-cancel]), details:has([data-cancel]) > summary")
    page.keyboard.press("Enter")
    reach(page, "[data-cancel]")
    page.keyboard.press("Enter")
    page.locator("[data-order-state=cancelled]").wait_for()
    assert available(desk) == Decimal("200.00")
    assert not any(Stock.objects.values_list("reserved", flat=True))


def _after_place(page: Any) -> bool:
    """Whether the focus is behind the warning about the place."""
    found: bool = page.evaluate(
        "!!(document.getElementById('place').compareDocumentPosition(document.activeElement) & 4)"
    )
    return found


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
def test_without_scripts_it_is_the_same_order(payment: str, desk: Any, new_page: Any, sign_in: Any) -> None:
    from orders.models import Order

    page = new_page(width=390, java_script_enabled=False)
    sign_in(page, desk)
    page.goto("/orders/new/")
    page.locator("[name=lines-0-sku]").fill("MCI-1*2")
    page.locator("button[value=add]").click()
    page.locator("[name=lines-1-sku]").fill("MCI-2")
    for name, text in {
        "name": "Giulia Rossi",
        "phone": "333 1234567",
        "street": "Via Garibaldi 12",
        "postcode": "00183",
        "city": "Torino",
        "province": "TO",
        "sale_total": "59,90",
    }.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator(f"label:has([name=payment][value={payment}])").click()
    page.locator("button[value=recalculate].mci-nojs").click()
    page.locator("#place [data-doubt]").first.wait_for()
    page.locator("#place [value='use:10122|Torino|TO']").click()
    assert page.locator("#place [data-doubt]").count() == 0
    assert page.locator("[name=lines-0-sku]").input_value() == "MCI-1*2"
    page.locator("label:has([name=method])").first.click()
    page.locator("button[value=recalculate].mci-nojs").click()
    wait_for_figures(page, cost="39.23" if payment == "prepaid" else "41.67")
    after = figure(page, "after")
    page.locator("button[value=sync]").click()

    order = Order.objects.get()
    page.wait_for_url(f"**/orders/{order.pk}/")
    assert (order.state, order.postcode) == ("dispatched", "10122")
    assert available(desk) == after
    page.locator("details:has([data-cancel]) > summary").click()
    page.locator("[data-cancel]").click()
    page.locator("[data-order-state=cancelled]").wait_for()
    assert available(desk) == Decimal("200.00")


def test_what_is_missing_is_said_in_place_and_nothing_typed_is_lost(
    desk: Any, browser_page: Any, sign_in: Any, console: Any
) -> None:
    from orders.models import Order

    page = browser_page
    sign_in(page, desk)
    page.goto("/orders/new/")
    write(page, "[name=name]", "Giulia Rossi")
    page.keyboard.press("Control+Enter")
    page.locator("[data-mci-focus]").wait_for()
    console.expect("422")
    assert page.evaluate("document.activeElement.matches('[data-mci-focus]')")
    assert page.locator("[name=name]").input_value() == "Giulia Rossi"
    assert page.locator("[name=street]").get_attribute("aria-invalid") == "true"
    reach(page, ".mci-error-summary a[href='#id_street']")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "street"
    assert not Order.objects.exists()


def test_figures_that_come_late_do_not_undo_the_shipping_chosen_since(
    desk: Any, browser_page: Any, sign_in: Any
) -> None:
    page = browser_page
    sign_in(page, desk)
    page.goto("/orders/new/")
    page.locator("[name=lines-0-sku]").fill("MCI-1")
    page.locator("[name=postcode]").fill("10122")
    page.locator("[name=sale_total]").fill("39,90")
    page.locator("#live .opt .num").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate(  # a click at the worst moment: the answer is here and about to replace what is shown
        """() => document.addEventListener(
            "htmx:beforeOnLoad", () => document.querySelector("#live [name=method]").click(), { once: true }
        )"""
    )
    page.locator("[name=sale_total]").fill("49,90")
    page.locator("#live [data-need]").wait_for()
    assert page.locator("#live [name=method]:checked").count() == 1
