"""The shipments' pages and the tariff's forms in a browser: console, accessibility, narrow screens, no script."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone

from shipping.models import Courier, Method, Shipment
from tests.shipping import prices
from tests.shipping.parcels import a_method, parcel

LONG = "Maria Antonietta Francesca Bellincioni-Sacchetti di Montefalcone Superiore"


def some_parcels(dropshipper: Any) -> list[Shipment]:
    method = a_method()
    Courier.objects.update(tracking_url="https://track.example/{tracking}")
    now = timezone.now()
    left = {"shipped_at": now, "tracking": "BRT0012345678901234567890"}
    return [
        parcel(dropshipper, method=method),
        parcel(dropshipper, method=method, cod="49.90", state="shipped", **left),
        parcel(dropshipper, method=method, cod="1249.90", name=LONG, city="Reggio nell'Emilia", state="held", **left),
        parcel(dropshipper, method=method, cod="20.00", cash="collected", state="delivered", delivered_at=now, **left),
        parcel(dropshipper, method=method, cod="20.00", cash="remitted", state="delivered", delivered_at=now, **left),
        parcel(dropshipper, method=method, cod="20.00", cash="reversed", state="cancelled"),
    ]


def test_a_narrow_screen_shows_everything_of_a_parcel(new_page: Any, sign_in: Any, owner: Any) -> None:
    made = some_parcels(owner.member.dropshipper)
    page = new_page(width=320)
    sign_in(page, owner)
    page.goto("/shipments/")
    row = page.locator(f"tr[data-shipment='{made[1].pk}']")
    for shown in (".ord", "[data-tracking]", ".bdg.b-cod", "[data-cash=booked]", ".c-go a"):
        assert row.locator(shown).first.is_visible(), shown


def test_without_script_a_parcel_is_found_filtered_and_opened(new_page: Any, sign_in: Any, owner: Any) -> None:
    made = some_parcels(owner.member.dropshipper)
    page = new_page(java_script_enabled=False)
    sign_in(page, owner)
    page.goto("/shipments/")
    with page.expect_navigation():
        page.locator("[data-tab=held]").click()
    page.locator("#q").fill("montefalcone")
    page.locator("#cash").select_option("booked")
    with page.expect_navigation():
        page.locator("form.filters button").click()
    rows = page.locator("tr[data-shipment]")
    assert rows.count() == 1
    assert "tab=held" in page.url
    with page.expect_navigation():
        rows.locator(".c-go a").click()
    assert re.search(rf"/shipments/{made[2].pk}/$", page.url)
    assert page.locator("[data-held]").is_visible()


def test_choosing_a_filter_sends_it_at_once(browser_page: Any, sign_in: Any, owner: Any) -> None:
    some_parcels(owner.member.dropshipper)
    sign_in(browser_page, owner)
    browser_page.goto("/shipments/")
    browser_page.locator("#cash").select_option("remitted")
    browser_page.wait_for_url("**cash=remitted**")
    assert browser_page.locator("tr[data-shipment]").count() == 1


def test_the_supplier_adds_a_weight_band_under_the_strict_policy(browser_page: Any, sign_in: Any, staff: Any) -> None:
    prices.italy()
    method = prices.method(rates={"mainland": {30_000: "5.00"}})
    sign_in(browser_page, staff)
    browser_page.goto(f"/admin/shipping/method/{method.pk}/change/")

    def add(grams: str, net: str) -> None:
        browser_page.locator("#rates-group .add-row a").click()
        row = browser_page.locator("#rates-group tr.dynamic-rates").last
        row.locator("select[name$=zone]").select_option(label="mainland")
        row.locator("input[name$=max_weight_g]").fill(grams)
        row.locator("input[name$=net]").fill(net)
        browser_page.locator("input[name=_continue]").click()
        browser_page.wait_for_load_state("load")

    add("2000", "-3.90")
    assert browser_page.locator("#rates-group .errorlist").count() > 0
    browser_page.goto(f"/admin/shipping/method/{method.pk}/change/")
    add("2000", "3.90")
    assert browser_page.locator(".messagelist .success").count() == 1
    found = Method.objects.get(pk=method.pk).rates.order_by("max_weight_g").values_list("max_weight_g", "net")
    assert [(grams, str(net)) for grams, net in found] == [(2000, "3.90"), (30_000, "5.00")]
