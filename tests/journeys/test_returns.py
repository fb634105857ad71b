"""What comes back and what is lost, from the scan to the money: by the staff at their desk, read by the reseller."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.core.management import call_command

from tests import cast
from tests.journeys.eyes import faults

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def company(transactional_db: None) -> Any:
    return cast.dropshipper()


def goes(page: Any, act: Any) -> None:
    with page.expect_navigation():
        act()


@pytest.mark.parametrize("way", [{}, PHONE], ids=["desktop", "phone"])
def test_a_refused_cod_parcel_costs_what_was_said(
    way: dict[str, Any], company: Any, new_page: Any, sign_in: Any
) -> None:
    from catalog.models import Stock
    from tests.orders.test_returned import shipped
    from wallet.queries import balances

    order = shipped(company, pieces=2)
    page = new_page(**way)
    sign_in(page, cast.staff())
    page.goto("/orders/desk/returns/")
    page.keyboard.type(f"TRK{order.pk}")  # the field of the scan has the focus
    goes(page, lambda: page.keyboard.press("Enter"))
    page.keyboard.press("Enter")  # once more than it was meant: nothing is proposed, nothing is taken in
    page.locator("select[name=reason]:focus").select_option("refused")
    page.locator("select[name=fault]").select_option("customer")
    goes(page, lambda: page.locator("[data-take-in]").click())
    piece = page.locator("input[name^=restock_]")
    assert piece.input_value() == "2"
    piece.fill("1")
    page.locator("input[name^=scrap_]").fill("1")
    goes(page, lambda: page.locator("[data-inspect]").click())
    assert page.locator("[data-total]").get_attribute("data-total") == "-12.20"
    assert page.locator("[data-released]").get_attribute("data-released") == "0.00"
    assert balances(company.pk).held == D("12.20")
    assert faults(page) == []
    goes(page, lambda: page.locator("[data-settle]").click())

    found = balances(company.pk)
    assert (found.available, found.held, Stock.objects.get().on_hand) == (D("87.80"), D("0.00"), 19)
    seller = new_page(**way)
    sign_in(seller, cast.member(company))
    seller.goto(f"/orders/{order.pk}/")
    goes(seller, lambda: seller.locator("[data-case] a").click())
    assert seller.locator("[data-total]").get_attribute("data-total") == "-12.20"
    assert faults(seller) == []
    seller.goto("/wallet/")
    assert seller.locator("tr[data-balance]").first.get_attribute("data-balance") == "87.80"
    call_command("verify")


def test_a_lost_parcel_is_credited_claimed_and_reimbursed(company: Any, new_page: Any, sign_in: Any) -> None:
    from orders.models import Claim
    from tests.orders.test_returned import shipped
    from wallet.queries import balances

    order = shipped(company, "prepaid")
    page = new_page()
    sign_in(page, cast.staff())
    page.goto(f"/orders/desk/{order.pk}/")
    goes(page, lambda: page.locator("[data-return]").click())
    page.locator(".mci-cancel summary").click()
    page.locator("input[name=documents]").fill("Fattura 12")
    goes(page, lambda: page.locator("[data-lose]").click())
    assert page.locator("[data-total]").get_attribute("data-total") == "20.74"
    assert balances(company.pk).available == D("100.00")
    page.locator("input[name=reference]").fill("P-4411")
    goes(page, lambda: page.locator("button[value=send]").click())
    page.locator("input[name=paid]").fill("17,00")
    goes(page, lambda: page.locator("[data-claim-paid]").click())
    assert page.locator("[data-paid]").get_attribute("data-paid") == "17.00"
    assert faults(page) == []
    claim = Claim.objects.get()
    assert (claim.state, claim.reference, claim.paid) == ("paid", "P-4411", D("17.00"))
    assert balances(company.pk).available == D("100.00")
    call_command("verify")
