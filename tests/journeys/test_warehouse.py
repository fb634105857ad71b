"""A day at the warehouse by scanner alone: what is typed ends with Enter, nothing is clicked. On the desk's screen and
on the phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests import cast
from tests.journeys.eyes import faults


@pytest.mark.parametrize("width", [1440, 390], ids=["desktop", "phone"])
def test_two_orders_from_the_wave_to_the_manifest_by_scanner_alone(
    width: int, transactional_db: None, new_page: Any, sign_in: Any
) -> None:
    from orders.models import Manifest, Wave
    from tests.orders.test_waves import world

    company = cast.dropshipper()
    one, two = world(company, 2)
    page = new_page(width=width)
    sign_in(page, cast.staff("Magazzino"))

    def scan(text: str) -> None:
        page.keyboard.type(text)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def left() -> str:
        return str(page.locator("[data-left]").get_attribute("data-left"))

    page.goto("/orders/desk/waves/")
    scan("")  # the button of a new wave has the focus
    assert left() == "6"
    assert faults(page) == []
    scan("A-2")
    scan("MCI-1")  # on another shelf: it is goods of this wave, and counts
    assert left() == "5"
    scan("2*MCI-2")
    scan("3*8001234567897")
    assert left() == "0"
    assert Wave.objects.get().state == "picked"

    scan(one.number)  # from the wave to the bench
    scan("2*mci-1")
    scan("A-2")
    page.wait_for_selector("[data-said=no]")
    assert left() == "1"
    assert faults(page) == []
    scan("MCI-2")
    scan(one.number)
    page.wait_for_selector(f"[data-last='{one.pk}']")
    scan("IT0000001")
    scan(f"{two.number}/1")
    scan("MCI-2")
    scan("2*mci-1")
    scan(two.number)
    scan("IT0000002")
    page.wait_for_selector("[data-said=ok]")
    assert faults(page) == []

    scan("corriere-espresso")  # from the bench to the day of the courier
    assert page.locator("[data-ready] .ord").count() == 2
    assert faults(page) == []
    scan("corriere-espresso")
    page.wait_for_selector("[data-row]")
    assert page.locator("[data-row]").count() == 2
    assert faults(page) == []
    assert Manifest.objects.get().rows.count() == 2
    assert Wave.objects.get().state == "done"
    for order in (one, two):
        order.refresh_from_db()
        assert order.shipment.state == "shipped"
