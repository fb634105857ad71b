"""The wallet in a browser: money asked for, credited by staff, seen; by keyboard, without JavaScript, for everyone."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

from tests import cast
from tests.journeys.eyes import faults, reach


def test_a_top_up_is_asked_for_and_credited_by_keyboard_alone(new_page: Any, sign_in: Any) -> None:
    from wallet.models import TopUp

    company = cast.dropshipper()
    owner, staff = cast.member(company), cast.staff()
    page = new_page()
    sign_in(page, owner)
    page.goto("/wallet/")
    reach(page, "input[name='preset']")
    while page.evaluate("document.activeElement.value") != "other":
        page.keyboard.press("ArrowRight")
    reach(page, "#id_amount")
    page.keyboard.type("123,45")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-causale]")
    made = TopUp.objects.get()
    assert (made.amount, made.dropshipper_id) == (D("123.45"), company.pk)
    assert page.locator("[data-causale]").inner_text() == made.causale
    reach(page, "form[action$='/sent/'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-status='sent']")

    desk = new_page()
    sign_in(desk, staff)
    desk.goto("/wallet/desk/top-ups/")
    row = desk.locator(f"[data-top-up='{made.pk}']")
    assert row.locator("[data-after]").get_attribute("data-after") == "123.45"
    # Enter in the field of the reason rejects nothing while it is empty, and credits nothing ever.
    row.locator("summary").last.click()
    row.locator("[name='reason']").press("Enter")
    assert TopUp.objects.get().status == "sent"
    reach(desk, ".mci-desk-do .mci-sure summary")
    desk.keyboard.press("Enter")
    assert TopUp.objects.get().status == "sent"  # the amount, the name and the payment reference are read first
    reach(desk, "button[name='decision']")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".note-ok")
    assert row.count() == 0

    page.goto("/wallet/")
    assert page.locator("[data-available]").get_attribute("data-available") == "123.45"
    assert page.locator("tr[data-kind='top_up']").get_attribute("data-balance") == "123.45"


def test_it_works_without_javascript(new_page: Any, sign_in: Any) -> None:
    from wallet.models import TopUp

    owner = cast.member(cast.dropshipper())
    page = new_page(java_script_enabled=False)
    sign_in(page, owner)
    page.goto("/wallet/top-up/?amount=14.10")
    page.locator("main form button").click()
    page.locator("form[action$='/sent/'] button").click()
    made = TopUp.objects.get()
    assert (made.amount, made.status) == (D("14.10"), "sent")

    desk = new_page(java_script_enabled=False)
    sign_in(desk, cast.staff())
    desk.goto("/wallet/desk/top-ups/")
    desk.locator(f"[data-top-up='{made.pk}'] summary:not(.btn)").click()
    desk.locator("[name='reason']").fill("Not on our account")
    desk.locator("[name='reason']").press("Enter")
    desk.wait_for_load_state("load")
    made.refresh_from_db()
    assert (made.status, made.reason) == ("rejected", "Not on our account")
    page.reload()
    assert page.locator("[data-note]", has_text="Not on our account").count() == 1


def test_what_is_wrong_is_said_and_gets_the_focus(new_page: Any, sign_in: Any, console: Any) -> None:
    page = new_page(width=390)
    sign_in(page, cast.member(cast.dropshipper()))
    page.goto("/wallet/top-up/?amount=nonsense")
    page.locator("main form button").click()
    page.wait_for_selector("[data-mci-focus]")
    console.expect("422")
    assert page.evaluate("document.activeElement.matches('[data-mci-focus]')")
    assert faults(page) == []
