"""After Sincronizza: the address of a parcel that is not packed yet, changed by mouse, keyboard, phone and without
JavaScript; the balance moves by the difference. And an order cancelled, told, and made again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.journeys import eyes

WAYS = ["mouse", "keyboard", "phone", "no_scripts"]


def page_for(way: str, new_page: Any) -> Any:
    if way == "phone":
        return new_page(width=390, height=844, has_touch=True, is_mobile=True)
    return new_page(java_script_enabled=way != "no_scripts")


def press(page: Any, way: str, selector: str) -> None:
    """The same button, as this person would."""
    if way == "keyboard":
        eyes.reach(page, selector)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return
    with page.expect_navigation():
        page.locator(selector).tap() if way == "phone" else page.locator(selector).click()


def write(page: Any, way: str, name: str, text: str) -> None:
    selector = f"form.mci-readdress [name={name}]"
    if way == "keyboard":
        eyes.write(page, selector, text)
    else:
        page.locator(selector).fill(text)


def looked_at(page: Any, name: str) -> None:
    """Nothing sticks out; a picture where a person wants to look."""
    eyes.picture(page, f"after_sync-{name}-{page.viewport_size['width']}")
    assert eyes.wider(page) == "", name


@pytest.fixture
def sent(transactional_db: None) -> Any:
    from tests import cast
    from tests.orders.test_readdress import sent as a_sent_order

    seller = cast.dropshipper()
    return a_sent_order(seller)


@pytest.mark.parametrize("way", WAYS)
def test_the_address_is_changed_and_the_balance_moves_by_the_difference(
    way: str, sent: Any, new_page: Any, sign_in: Any
) -> None:
    from tests import cast
    from wallet.queries import balances

    page = page_for(way, new_page)
    sign_in(page, cast.member(sent.dropshipper, role="orders"))
    page.goto(f"/orders/{sent.pk}/")
    assert "20,74" in page.locator("#payment").inner_text()
    looked_at(page, f"detail-{way}")
    press(page, way, "[data-readdress]")
    for name, text in {"street": "Via Roma 5", "postcode": "09124", "city": "Cagliari", "province": "CA"}.items():
        write(page, way, name, text)
    looked_at(page, f"form-{way}")
    press(page, way, "button[value=check]")

    box = page.locator("[data-check]")
    assert box.locator("[data-row=cost] [data-difference]").get_attribute("data-difference") == "4.88"
    assert box.locator("[data-leaves]").get_attribute("data-leaves") == "4.88"
    assert box.locator("[data-after='74.38']").count()
    assert sent.number in page.title()
    assert balances(sent.dropshipper_id).available == Decimal("79.26")
    looked_at(page, f"check-{way}")
    if way in ("mouse", "phone"):
        assert eyes.faults(page) == []
    press(page, way, "[data-confirm]")

    assert page.locator("#messages[role=status] [data-level=success]").count()
    assert "Cagliari" in page.locator("#recipient").inner_text()
    assert "25,62" in page.locator("#payment").inner_text()
    assert balances(sent.dropshipper_id).available == Decimal("74.38")
    assert page.locator("#top-balance").get_attribute("data-balance") == "74.38"
    looked_at(page, f"after-{way}")
    page.goto(f"/orders/{sent.pk}/")
    sent.refresh_from_db()
    assert (sent.city, sent.shipment.city, sent.cost) == ("Cagliari", "Cagliari", Decimal("25.62"))


@pytest.mark.parametrize("way", ["keyboard", "no_scripts"])
def test_a_wrong_address_is_said_and_what_was_typed_stays(
    way: str, sent: Any, new_page: Any, sign_in: Any, console: Any
) -> None:
    from tests import cast

    page = page_for(way, new_page)
    sign_in(page, cast.member(sent.dropshipper))
    page.goto(f"/orders/{sent.pk}/address/")
    write(page, way, "street", "Via Roma 5")
    write(page, way, "postcode", "0912")
    press(page, way, "button[value=check]")
    assert page.locator(".mci-error-summary").count()
    if way == "keyboard":
        assert page.locator(".mci-error-summary").evaluate("one => one === document.activeElement")
    assert page.locator("[name=street]").input_value() == "Via Roma 5"
    sent.refresh_from_db()
    assert sent.street == "Via Garibaldi 12"
    console.expect("422")


@pytest.mark.parametrize("way", ["mouse", "phone", "no_scripts"])
def test_cancelled_it_says_what_came_back_and_is_made_again(way: str, sent: Any, new_page: Any, sign_in: Any) -> None:
    from orders.models import Order
    from tests import cast
    from wallet.queries import balances

    page = page_for(way, new_page)
    sign_in(page, cast.member(sent.dropshipper))
    page.goto(f"/orders/{sent.pk}/")
    second = page.context.new_page()
    second.goto(f"/orders/{sent.pk}/")
    for tab, level in ((page, "success"), (second, "info")):
        tab.locator(".mci-cancel summary").click()
        assert "20,74" in tab.locator(".mci-cancel").inner_text()
        press(tab, way, "[data-cancel]")
        assert tab.locator(f"[data-level={level}]").count(), level
    assert balances(sent.dropshipper_id).available == Decimal("100.00")
    assert page.locator("[data-given-back='20.74']").count()
    assert not page.locator("[data-margin]").count()
    looked_at(page, f"cancelled-{way}")
    press(page, way, "form[action$='/duplicate/'] button")
    assert "/edit/" in page.url
    assert Order.objects.latest("pk").state == "draft"
