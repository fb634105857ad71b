"""What the staff does by mistake, and takes back: a pasted list, a credit in two tabs, a delivery. With a mouse,
without JavaScript, and on a phone."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests import cast
from tests.journeys.eyes import faults

PHONE = {"width": 390, "height": 844}
PLAIN = {"java_script_enabled": False}
WAYS = pytest.mark.parametrize("way", [{}, PLAIN, PHONE], ids=["desktop", "plain", "phone"])


@pytest.fixture
def company(transactional_db: None) -> Any:
    return cast.dropshipper()


def parcels(company: Any) -> list[Any]:
    """Four orders at the warehouse, to four doors; all but the first packed."""
    from orders.fulfilment import parcels
    from orders.models import Order
    from tests.orders import stage
    from tests.orders.test_dispatch import sync

    method = stage.method()
    stage.variant("MCI-1")
    stage.money(company, "500.00")
    orders = [stage.order(company, ("MCI-1", 1), method=method, payment="cod") for _n in range(4)]
    for n, order in enumerate(orders):
        Order.objects.filter(pk=order.pk).update(name=f"Cliente {n}", street=f"Via Po {n}")
        order.refresh_from_db()
        sync(order)
    for order in orders[1:]:
        parcels.mark_packed(order.pk, by=None)
    return [Order.objects.get(pk=order.pk) for order in orders]


def shipped() -> dict[str, str]:
    from orders.models import Order

    rows = Order.objects.filter(shipment__state="shipped").select_related("shipment")
    return {row.number: row.shipment.tracking for row in rows if row.shipment}


@WAYS
def test_a_pasted_list_is_looked_at_before_it_goes(
    way: dict[str, Any], company: Any, new_page: Any, sign_in: Any
) -> None:
    unpacked, one, twice, taken = parcels(company)
    page = new_page(**way)
    sign_in(page, cast.staff("Magazzino"))
    page.goto("/orders/desk/")
    page.locator(".mci-many summary").click()
    lines = [
        "Rif. mittente;LDV",
        f"{unpacked.number};TRK-1",
        f"{one.number};TRK-2",
        f"{twice.number};TRK-3",
        f"{twice.number};TRK-4",
        f"{taken.number};TRK-2",
        "MCI-999999;TRK-9",
    ]
    page.locator("textarea[name=lines]").fill("\n".join(lines))
    page.locator(".mci-many form button").click()
    page.wait_for_selector("tr[data-verdict]")
    verdicts = page.locator("tr[data-verdict]").evaluate_all("rows => rows.map(row => row.dataset.verdict)")
    assert verdicts == ["unpacked", "number_twice", "order_twice", "order_twice", "number_twice", "unknown"]
    assert shipped() == {}
    assert faults(page) == [] if way is not PLAIN else True

    page.locator("button[form=again]").click()  # mend it: what was pasted is still there
    page.wait_for_selector("textarea[name=lines]")
    assert page.locator("textarea[name=lines]").input_value().splitlines() == lines
    mended = [*lines[:4], f"{taken.number};TRK-5"]
    page.locator("textarea[name=lines]").fill("\n".join(mended))
    page.locator(".mci-many form button").click()
    page.wait_for_selector("tr[data-verdict='ready']")
    page.locator("tr[data-verdict='unpacked'] input[type=checkbox]").check()
    page.locator(".mci-form-foot .btn-primary").click()
    page.wait_for_selector(".note-ok")
    want = {unpacked.number: "TRK-1", one.number: "TRK-2", twice.number: "TRK-3", taken.number: "TRK-5"}
    assert shipped() == want


@WAYS
def test_a_credit_in_two_tabs_is_one_and_goes_back(
    way: dict[str, Any], company: Any, new_page: Any, sign_in: Any
) -> None:
    import uuid

    from wallet import topups
    from wallet.queries import balances

    made = topups.request(company.pk, D("250.00"), key=uuid.uuid4(), by=cast.member(company).pk)
    clerk = cast.staff("Contabilità", name="Bruno Leoni")
    tabs = [new_page(**way), new_page(**way)]
    for tab in tabs:
        sign_in(tab, clerk)
        tab.goto("/wallet/desk/top-ups/")
        row = tab.locator(f"[data-top-up='{made.pk}']")
        row.locator("summary").first.click()
        asked = row.locator("details[open] p").inner_text()
        assert all(word in asked for word in ("250,00", company.name, made.causale))
    tabs[0].locator("button[value='credit']").click()
    tabs[0].wait_for_selector(".note-ok")
    assert balances(company.pk).available == D("250.00")

    tabs[1].locator("button[value='credit']").click()
    told = tabs[1].locator("#messages .note-warn")
    told.wait_for()
    assert "Bruno Leoni" in told.inner_text()
    assert balances(company.pk).available == D("250.00")

    undo = tabs[0].locator(f"[data-undo='{made.pk}']")
    undo.locator("summary").click()
    undo.locator("button").click()
    tabs[0].wait_for_selector(".note-ok")
    assert balances(company.pk).available == 0
    made.refresh_from_db()
    assert (made.status, made.reversed_by) == ("reversed", clerk)
    assert faults(tabs[0]) == [] if way is not PLAIN else True


@WAYS
def test_delivered_by_mistake_and_undone(way: dict[str, Any], company: Any, new_page: Any, sign_in: Any) -> None:
    from orders.fulfilment import parcels as fulfilment

    order = parcels(company)[1]
    fulfilment.mark_shipped(order.pk, tracking_number="TRK-7", by=None)
    page = new_page(**way)
    sign_in(page, cast.staff())
    page.goto("/orders/desk/?state=shipped")
    row = page.locator(f"tr[data-order='{order.pk}']")
    row.locator("summary").click()
    asked = row.locator("details[open] p").inner_text()
    assert all(word in asked for word in (order.number, "Cliente 1", company.name, "39,90"))
    row.locator("details[open] button").click()
    page.wait_for_selector(f"[data-undo='{order.pk}']")
    order.refresh_from_db()
    assert (order.shipment.state, order.shipment.cash) == ("delivered", "collected")

    page.goto(f"/orders/desk/{order.pk}/")
    page.locator("#undo summary").click()
    page.locator("#undo button").click()
    page.wait_for_selector("[data-event='undelivered']")
    order.refresh_from_db()
    assert (order.state, order.shipment.state, order.shipment.cash) == ("dispatched", "shipped", "booked")

    page.locator("#number summary").click()
    page.locator("#number input[name=tracking]").fill("TRK-8")
    page.locator("#number input[name=reason]").fill("Etichetta scambiata")
    page.locator("#number button").click()
    page.wait_for_selector("[data-event='renumbered']")
    page.goto("/orders/desk/")
    page.locator("#scan").fill("TRK-7")  # an old label under the scanner
    page.locator("#scan").press("Enter")
    page.wait_for_url(f"**/orders/desk/{order.pk}/")
    assert faults(page) == [] if way is not PLAIN else True
