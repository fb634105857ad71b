"""An order half typed and taken up again; an article by its name; a customer of before: by mouse, keyboard, phone and
without JavaScript."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from django.conf import settings

from tests import cast
from tests.journeys.eyes import faults, reach, write


@pytest.fixture
def desk(transactional_db: None) -> Any:
    """A reseller with money, a lamp, two articles of one name, a courier, and a customer of before."""
    from core.address import city_key
    from core.models import Place
    from tests.orders import stage

    seller = cast.dropshipper()
    stage.method("espresso")
    lamp = stage.variant("LAM-1", net="12.00", pieces=9)
    lamp.product.name = "Lampada da tavolo"
    lamp.product.save()
    for sku in ("TOR-1", "TOR-2"):
        torch = stage.variant(sku, net="3.50")
        torch.product.name = f"Torcia tascabile {sku[-1]}"
        torch.product.save()
    stage.money(seller, "200.00")
    for postcode, city, province in (("10122", "Torino", "TO"), ("00183", "Roma", "RM")):
        Place.objects.create(postcode=postcode, city=city, province=province, city_key=city_key(city))
    return cast.member(seller)


def look(page: Any, name: str) -> None:
    """For a person who wants to see it: SHOTS=/tmp/x."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")


def kept(page: Any, **fields: str) -> None:
    """Waits until what is typed is kept, and the page says so."""
    for _n in range(100):
        if any(fields.items() <= row.content["fields"].items() for row in half()):
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError(f"{fields} is not kept: {[row.content for row in half()]}")
    page.locator("#kept:not(:empty)").wait_for()


def half() -> list[Any]:
    from orders.models import HalfTyped

    return list(HalfTyped.objects.filter(state="live"))


def begin(page: Any) -> None:
    page.goto("/orders/new/")
    page.fill("[name=lines-0-sku]", "LAM-1")
    page.fill("[name=name]", "Giulia Rossi")
    page.fill("[name=street]", "Via Garibaldi 12")


def test_a_closed_tab_loses_nothing(desk: Any, new_page: Any, sign_in: Any) -> None:
    page = new_page()
    sign_in(page, desk)
    begin(page)
    kept(page, street="Via Garibaldi 12")
    page.fill("[name=sale_total]", "39,90")
    page.close(run_before_unload=False)  # at once: what was not kept yet goes on the way out

    again = new_page(width=390, height=800)  # another session, on the phone
    sign_in(again, desk)
    again.goto("/orders/")
    assert not faults(again)
    again.locator("[data-resume]").click()
    again.wait_for_url("**/orders/new/?half=1")
    assert again.input_value("[name=name]") == "Giulia Rossi"
    assert again.input_value("[name=lines-0-sku]") == "LAM-1"
    assert not faults(again)
    look(again, "resumed-phone")
    # It goes on from there, and goes when the order is saved.
    for name, text in (("postcode", "10122"), ("city", "Torino"), ("province", "TO"), ("phone", "333 1234567")):
        again.fill(f"[name={name}]", text)
    kept(again, phone="333 1234567", sale_total="39,90")
    again.locator("[data-send]").click()
    again.locator("[data-order-state=ready]").wait_for()
    again.goto("/orders/new/")
    assert again.locator("[data-resume]").count() == 0
    assert half() == []


def test_back_loses_nothing_and_what_is_put_away_is_had_back(desk: Any, browser_page: Any, sign_in: Any) -> None:
    page = browser_page
    sign_in(page, desk)
    page.goto("/orders/")
    page.goto("/orders/new/")
    begin(page)
    page.go_back()  # within the second after the last key
    page.wait_for_url("**/orders/")
    for _n in range(50):
        if half():
            break
        page.wait_for_timeout(100)
    page.goto("/orders/new/")
    assert "Giulia Rossi" in page.locator("[data-half]").inner_text()
    assert not faults(page)
    look(page, "offered")
    reach(page, "[data-discard]")
    page.keyboard.press("Enter")
    page.locator("[data-gone]").wait_for()
    assert not faults(page)
    look(page, "put-away")
    reach(page, "[data-restore]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/new/?half=1")
    assert page.input_value("[name=street]") == "Via Garibaldi 12"


def test_two_windows_say_which_one_is_kept(desk: Any, new_page: Any, sign_in: Any) -> None:
    first, second = new_page(), new_page()
    for page in (first, second):
        sign_in(page, desk)
        page.goto("/orders/new/")
    first.fill("[name=name]", "Giulia Rossi")
    kept(first)
    second.fill("[name=name]", "Piero Bianchi")
    second.locator("#kept-note [data-other]").wait_for()
    assert "Giulia Rossi" in second.locator("#kept-note").inner_text()
    assert not faults(second)
    look(second, "other-window")
    assert [row.content["fields"]["name"] for row in half()] == ["Giulia Rossi"]
    # Leaving it so is asked about: it is kept nowhere.
    asked = []
    second.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    second.evaluate("location.href = '/orders/'")
    second.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    second.locator("[data-instead]").click()
    kept(second, name="Piero Bianchi")
    assert [row.content["fields"]["name"] for row in half()] == ["Piero Bianchi"]
    first.fill("[name=street]", "Via Garibaldi 12")
    first.locator("#kept-note [data-other]").wait_for()


def test_a_session_that_is_over_is_said_and_what_was_typed_is_there_after_signing_in(
    desk: Any, new_page: Any, sign_in: Any, console: Any
) -> None:
    page = new_page()
    sign_in(page, desk)
    begin(page)
    kept(page)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.fill("[name=phone]", "333 1234567")
    page.locator("#kept-note [data-expired]").wait_for()
    assert not faults(page)
    look(page, "session-over")
    assert page.input_value("[name=name]") == "Giulia Rossi"  # the page keeps what is in it
    with page.context.expect_page() as opened:
        page.locator("#kept-note a").click()
    other = opened.value
    other.fill("[name=login]", desk.email)
    other.fill("[name=password]", "correct horse")
    other.keyboard.press("Enter")
    other.wait_for_url(lambda url: "login" not in url)
    page.fill("[name=postcode]", "10122")
    kept(page, postcode="10122")
    assert page.locator("#kept-note .note").count() == 0
    console.expect("401")  # the session was over: the page takes the new one over
    # A save that was under way just then is refused and sent again with the new token: what came of it is asserted.
    console[:] = [line for line in console if "403" not in line]
    (row,) = half()
    assert (row.content["fields"]["phone"], row.content["fields"]["postcode"]) == ("333 1234567", "10122")


def test_changes_of_an_order_are_kept_beside_it(desk: Any, browser_page: Any, sign_in: Any) -> None:
    from tests.orders import stage

    order = stage.order(desk.member.dropshipper, ("LAM-1", 1))
    page = browser_page
    sign_in(page, desk)
    page.goto(f"/orders/{order.pk}/edit/")
    page.fill("[name=street]", "Via Nuova 5")
    kept(page, street="Via Nuova 5")
    page.goto(f"/orders/{order.pk}/edit/")
    assert page.input_value("[name=street]") == "Via Garibaldi 12"
    page.locator("[data-resume]").click()
    page.wait_for_url("**half=1")
    assert page.input_value("[name=street]") == "Via Nuova 5"
    page.locator("[data-send]").click()
    page.wait_for_url(f"**/orders/{order.pk}/")
    order.refresh_from_db()
    assert order.street == "Via Nuova 5"
    page.goto(f"/orders/{order.pk}/edit/")
    assert page.locator("[data-resume]").count() == 0


def test_an_article_by_its_name_with_the_keyboard_alone(desk: Any, browser_page: Any, sign_in: Any) -> None:
    page = browser_page
    sign_in(page, desk)
    page.goto("/orders/new/")
    reach(page, "[name=lines-0-sku]")
    page.keyboard.type("torcia")
    page.locator("#combo-list [role=option]").nth(1).wait_for()
    field = page.locator("[name=lines-0-sku]")
    assert field.get_attribute("role") == "combobox"
    assert field.get_attribute("aria-expanded") == "true"
    assert "2" in page.locator("#combo-status").inner_text()
    assert field.get_attribute("aria-activedescendant") is None  # nothing is chosen by itself
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert "TOR-2" in active.inner_text()
    assert active.get_attribute("aria-selected") == "true"
    assert not faults(page)
    look(page, "combobox")
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "torcia"
    page.keyboard.press("ArrowDown")  # opens it again
    page.locator("#combo-list:not([hidden])").wait_for()
    page.keyboard.press("Enter")  # a name is no code: the first is looked at, not taken
    assert field.input_value() == "torcia"
    page.keyboard.press("Enter")
    assert field.input_value() == "TOR-1"
    assert page.evaluate("document.activeElement.name") == "lines-0-quantity"
    page.locator("#line-0-info img, #line-0-info .thumb").first.wait_for()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "lines-1-sku"
    # A scanner: the code and Enter at once, before or after anything is offered.
    page.keyboard.type("LAM-1")
    page.keyboard.press("Enter")
    page.keyboard.type("TOR-2*4", delay=60)
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    page.keyboard.type("lam-1")
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "lines-4-sku"
    values = [page.input_value(f"[name=lines-{n}-sku]") for n in range(4)]
    assert [value.upper() for value in values] == ["TOR-1", "LAM-1", "TOR-2", "LAM-1"]
    assert [page.input_value(f"[name=lines-{n}-quantity]") for n in range(4)] == ["3", "1", "4", "1"]


@pytest.mark.parametrize("width", [1440, 390])
def test_an_article_by_its_name_with_the_mouse_and_on_the_phone(
    width: int, desk: Any, new_page: Any, sign_in: Any
) -> None:
    page = new_page(width=width, height=844, has_touch=width < 500)
    sign_in(page, desk)
    page.goto("/orders/new/")
    page.locator("[name=lines-0-sku]").click()
    page.keyboard.type("tavolo")
    option = page.locator("#combo-list [role=option]")
    option.wait_for()
    for words in ("Lampada da tavolo", "LAM-1", "12,00", "14,64", "9"):
        assert words in option.inner_text()
    box = page.locator("#combo-list").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert not faults(page)
    look(page, f"combobox-{width}")
    option.tap() if width < 500 else option.click()
    page.locator("#line-0-info .ink").wait_for()
    assert page.input_value("[name=lines-0-sku]") == "LAM-1"
    assert page.locator("#combo-list").is_hidden()
    # The courier that goes there is chosen, the cost is shown, and an unknown article takes it back.
    page.locator("#live [data-cost='20.74']").wait_for()
    page.locator("[data-add]").click()
    page.fill("[name=lines-1-sku]", "NON-C-E")
    page.locator("#live [data-incomplete]").wait_for()
    assert page.locator("[name=do][value=sync]").is_disabled()
    assert "€" not in page.locator("[name=do][value=sync]").inner_text()
    page.keyboard.press("Escape")
    assert not faults(page)
    look(page, f"incomplete-{width}")


def test_a_customer_of_before_by_three_letters(desk: Any, browser_page: Any, sign_in: Any) -> None:
    from tests.orders import stage

    stage.order(desk.member.dropshipper, ("LAM-1", 1))
    page = browser_page
    sign_in(page, desk)
    page.goto("/orders/new/")
    write(page, "[name=name]", "giul")
    page.locator("#combo-list [role=option]").wait_for()
    look(page, "customer")
    assert not faults(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("[name=name]") == "Giulia Rossi"
    assert page.input_value("[name=street]") == "Via Garibaldi 12"
    assert page.input_value("[name=postcode]") == "10122"
    page.locator("[data-sent-before]").wait_for()
    page.locator("[data-agrees]").wait_for()
    page.fill("[name=marketplace]", "eBay")
    page.fill("[name=reference]", "12-34567-89012")
    kept(page, reference="12-34567-89012")
    assert not faults(page)
    look(page, "customer-filled")


@pytest.mark.parametrize("width", [1440, 390])
def test_without_javascript_it_is_searched_added_kept_and_sent(
    width: int, desk: Any, new_page: Any, sign_in: Any
) -> None:
    from orders.models import Order
    from tests.orders import stage

    stage.order(desk.member.dropshipper, ("LAM-1", 1))
    page = new_page(width=width, java_script_enabled=False)
    sign_in(page, desk)
    page.goto("/orders/new/")
    page.fill("[name=find]", "lampada tavolo")
    page.locator("[name=do][value=find]").click()
    look(page, f"no-script-{width}")
    page.locator("[name=do][value='pick:LAM-1']").click()
    assert page.input_value("[name=lines-0-sku]") == "LAM-1"
    page.fill("[name=name]", "giulia")
    page.locator("[name=do][value=customers]").click()
    page.locator("[name=do][value^='customer:']").click()
    assert page.input_value("[name=street]") == "Via Garibaldi 12"
    page.goto("/orders/new/")  # away and back
    page.locator("[data-resume]").click()
    assert page.input_value("[name=street]") == "Via Garibaldi 12"
    assert page.input_value("[name=lines-0-sku]") == "LAM-1"
    page.locator("[name=do][value=send]").click()
    assert re.search(r"/orders/\d+/$", page.url)
    assert Order.objects.latest("pk").lines.get().variant.sku == "LAM-1"
    assert half() == []
