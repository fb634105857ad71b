"""A file of 300 Amazon orders with 40 that something is wrong with, from the upload to the parcels; and on a phone."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests import cast
from tests.orders.imports.files import amazon, row


@pytest.fixture
def seller(transactional_db: None) -> Any:
    from tests.orders import stage
    from tests.orders.imports.world import shelves

    made = cast.dropshipper()
    shelves()
    stage.variant("MCI-0300", pieces=1000)
    stage.money(made, "9000.00")
    return cast.member(made)


def look(page: Any, name: str) -> None:
    """For a person who wants to see it: SHOTS=/tmp/x."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")


def report() -> bytes:
    """260 good ones; 25 with a SKU that is not ours, 10 cancelled by the buyer, 5 whose postcode a spreadsheet cut."""
    rows = [row(number, sku="MCI-0300") for number in range(1, 261)]
    rows += [row(number, sku="vecchio-1", product_name="Trapano di una volta") for number in range(261, 286)]
    rows += [row(number, sku="MCI-0300", is_buyer_requested_cancellation="true") for number in range(286, 296)]
    rows += [row(number, sku="MCI-0300", ship_postal_code="") for number in range(296, 301)]
    return amazon(*rows)


def upload(page: Any, data: bytes) -> None:
    page.goto("/orders/imports/")
    page.set_input_files("[name=file]", {"name": "ordini.txt", "mimeType": "text/plain", "buffer": data})
    with page.expect_navigation():
        page.click("button:has-text('Carica e controlla'), button:has-text('Upload and check')")


def wait_for(page: Any, state: str) -> None:
    page.locator(f"#import[data-import-state={state}]").wait_for(timeout=60_000)


def test_three_hundred_orders_with_forty_errors_become_parcels(
    seller: Any, new_page: Any, sign_in: Any, celery_worker_process: None
) -> None:
    from orders.models import Order

    page = new_page()
    sign_in(page, seller)
    page.goto("/orders/imports/")
    look(page, "import-empty")
    upload(page, report())
    wait_for(page, "ready")
    assert page.locator("#import").get_attribute("data-valid") == "260"
    look(page, "import-ready")
    page.fill("[data-unknown='vecchio-1'] [name=ours]", "MCI-0300")
    with page.expect_navigation():
        page.locator("[data-unknown='vecchio-1'] button").click()
    assert page.locator("#import").get_attribute("data-valid") == "285"

    with page.expect_navigation():
        page.locator("[data-state=error] a.btn").first.click()
    look(page, "import-row")
    page.fill("[name=postcode]", "10121")
    with page.expect_navigation():
        page.click("button[value=save]")
    with page.expect_navigation():
        page.click("[data-import-start]")
    look(page, "import-working")
    wait_for(page, "done")
    assert Order.objects.filter(state="ready").count() == 286
    look(page, "import-done")

    page.goto("/orders/plan/?all=ready")
    with page.expect_navigation():
        page.locator("form[action$='/runs/'] button.btn-primary, form[action$='/runs/'] button.btn-go").first.click()
    page.locator("#run[data-run-state=done]").wait_for(timeout=90_000)
    assert Order.objects.filter(state="dispatched", shipment__isnull=False).count() == 286


def test_on_a_phone_and_without_javascript_a_file_is_imported(seller: Any, new_page: Any, sign_in: Any) -> None:
    from orders.imports import work
    from orders.models import Import, Order

    page = new_page(width=360, height=740, java_script_enabled=False)
    sign_in(page, seller)
    upload(page, amazon(row(1, sku="MCI-0300"), row(2, sku="W" * 60), row(3, is_buyer_requested_cancellation="true")))
    look(page, "import-phone-checking")
    work.advance(Import.objects.get().pk)
    page.reload()
    look(page, "import-phone")
    with page.expect_navigation():
        page.click("[data-import-start]")
    work.advance(Import.objects.get().pk)
    page.reload()
    wait_for(page, "done")
    assert Order.objects.count() == 1
