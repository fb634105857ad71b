"""Money in a browser: from a refusal to the top-up and back, the cash on delivery, the statement's files; by mouse, by
keyboard, on a phone and without JavaScript."""

from __future__ import annotations

import csv
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from tests import cast
from tests.journeys.eyes import faults, picture, reach


def reseller(money: str = "6.64") -> Any:
    """A company with that much in its wallet, an article of 12.00 and a method of 5.00."""
    from tests.orders import stage

    company = cast.dropshipper()
    stage.variant("MCI-1")
    stage.money(company, money)
    return company


def poor() -> tuple[Any, Any]:
    """A reseller whose only order lacks 14.10, and the order."""
    from tests.orders import stage

    company = reseller()
    return cast.member(company), stage.order(company, ("MCI-1", 1), method=stage.method())


def rich() -> Any:
    """A reseller with cash on delivery in every state."""
    from orders.fulfilment import parcels
    from tests.orders import stage
    from tests.orders.test_cod_page import collected, sent

    company = reseller("500.00")
    method = stage.method()
    sent(company, method)
    collected(sent(company, method, total="20.00"))
    parcels.mark_remitted(collected(sent(company, method)).pk, by=None)
    parcels.cancel(sent(company, method).pk, by=None)
    return company


@pytest.mark.parametrize("way", ["mouse", "phone without JavaScript"])
def test_what_is_missing_is_asked_for_and_one_goes_on_where_one_was(new_page: Any, sign_in: Any, way: str) -> None:
    from wallet.models import TopUp

    owner, order = poor()
    page = new_page() if way == "mouse" else new_page(width=390, java_script_enabled=False)
    sign_in(page, owner)
    plan = f"/orders/plan/?order={order.pk}"
    page.goto(plan)
    page.locator("[data-missing] a").click()
    page.wait_for_selector("[data-gap='14.10']")
    assert page.locator("main #id_amount").input_value() == "14,10"
    picture(page, f"top-up-with-gap-{way}")
    page.locator("main #id_amount").fill("20,00")  # more than what is missing
    page.locator("main form button.btn-primary").click()
    page.wait_for_selector("[data-causale]")
    assert TopUp.objects.get().amount == D("20.00")
    page.locator("form[action*='/sent/'] button").click()
    page.wait_for_selector("[data-status='sent']")
    picture(page, f"top-up-sent-{way}")
    page.locator("[data-back]").click()
    page.wait_for_selector("[data-missing]")
    assert page.url.endswith(plan)


def test_by_keyboard_from_the_order_and_back(new_page: Any, sign_in: Any) -> None:
    owner, order = poor()
    page = new_page()
    sign_in(page, owner)
    page.goto(f"/orders/{order.pk}/")
    reach(page, "[data-refusal='insufficient_funds'] a")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-gap='14.10']")
    reach(page, "#id_amount")
    assert page.locator("main #id_amount").input_value() == "14,10"
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-causale]")
    reach(page, "[data-back]")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-refusal='insufficient_funds']")
    assert page.url.endswith(f"/orders/{order.pk}/")


def test_what_was_withdrawn_comes_back_and_a_second_tab_is_told(new_page: Any, sign_in: Any) -> None:
    from wallet.models import TopUp

    owner = cast.member(reseller())
    page = new_page(width=390)
    sign_in(page, owner)
    page.goto("/wallet/top-up/?amount=14.10")
    page.locator("main form button.btn-primary").click()
    page.wait_for_selector("[data-causale]")
    assert page.locator("[data-mci-copy]").count() == 4
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (page, other):
        tab.locator("details.mci-sure summary").click()
    assert faults(page) == []
    picture(page, "top-up-withdraw-asks")
    page.locator("details.mci-sure form button").click()
    page.wait_for_selector("[data-status='withdrawn']")
    assert page.locator("[data-level='success']").count() == 1
    other.locator("details.mci-sure form button").click()
    other.wait_for_selector("[data-status='withdrawn']")
    assert other.locator("[data-level='info']").count() == 1
    page.locator("[data-reopen]").click()
    page.wait_for_selector("[data-status='requested']")
    assert TopUp.objects.get().status == "requested"


@pytest.mark.parametrize(("width", "script"), [(1440, True), (390, True), (320, False)])
def test_the_cash_on_delivery_is_read_filtered_and_followed(
    new_page: Any, sign_in: Any, width: int, script: bool
) -> None:
    page = new_page(width=width, java_script_enabled=script)
    sign_in(page, cast.member(rich()))
    page.goto("/wallet/cod/")
    assert page.locator("tbody tr").count() == 4
    if script:
        assert faults(page) == []
        picture(page, f"cod-{width}")
        page.locator("tfoot tr").scroll_into_view_if_needed()
        picture(page, f"cod-end-{width}")
    page.locator("[data-figure='booked'] a").click()
    page.wait_for_url("**/wallet/cod/?state=booked")
    assert page.locator("tbody tr").count() == 1
    assert page.locator("tfoot tr").get_attribute("data-count") == "1"
    page.locator("#q").fill("nobody at all")
    page.locator("#q").press("Enter")
    page.wait_for_url("**q=nobody**")
    assert page.locator(".blank").count() == 1
    page.locator(".blank a").click()
    page.wait_for_url("**state=all")
    page.locator("tr[data-cash='remitted'] .c-go a").click()
    page.wait_for_selector("tr[data-kind='remittance']")
    assert page.locator("tr[data-entry]").count() == 2  # booked, paid over


def test_its_menu_entry_is_reached_by_keyboard_and_its_file_is_whole(
    new_page: Any, sign_in: Any, tmp_path: Path
) -> None:
    page = new_page()
    sign_in(page, cast.member(rich()))
    page.goto("/wallet/")
    reach(page, "aside a[href='/wallet/cod/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/wallet/cod/")
    assert page.locator("aside [aria-current='page']").count() == 1
    with page.expect_download() as found:
        page.locator("[data-export]").click()
    assert len(saved(found.value, tmp_path)) == 5


def saved(download: Any, folder: Path) -> list[list[str]]:
    path = folder / download.suggested_filename
    download.save_as(path)
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))


@pytest.mark.parametrize("script", [True, False])
def test_a_statement_is_chosen_and_both_files_are_had(
    new_page: Any, sign_in: Any, tmp_path: Path, script: bool
) -> None:
    page = new_page(width=390 if script else 1440, java_script_enabled=script)
    sign_in(page, cast.member(rich()))
    page.goto("/wallet/")
    page.locator("a[href^='/wallet/statement/']").click()
    page.wait_for_url("**/wallet/statement/**")
    if script:
        assert faults(page) == []
        with page.expect_navigation():
            page.locator("#when").select_option(index=1)  # this month: sent by itself
        picture(page, "statement-390")
    else:
        page.locator("#when").select_option(index=1)
        page.locator("main form button").first.click()
        page.wait_for_url("**when=**")
    with page.expect_download() as people:
        page.locator("[data-file]").click()
    with page.expect_download() as proof:
        page.locator("[data-proof]").click()
    with page.expect_download() as program:
        page.locator("[data-checker]").click()
    rows, machine = saved(people.value, tmp_path), saved(proof.value, tmp_path)
    assert len(rows) == len(machine) + 2  # what was there, and what is there now
    assert not any("order:" in cell for row in rows for cell in row)
    assert program.value.suggested_filename.endswith(".py")
    assert proof.value.suggested_filename in page.locator(".mci-code").inner_text()
