"""A page of orders comes in together, and each order is what it would be had it come alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.intake import page as orders_page
from connectors.intake import upsert
from connectors.matching import single
from connectors.models import Delivery, InboxOrder, Match, PaymentRule
from connectors.platforms import woocommerce
from connectors.platforms.base import RawOrder
from connectors.platforms.woocommerce.walk import raw_order
from orders.intake import bulk as orders_arrivals
from orders.models import Order, OrderEvent, OrderLine, Problem
from tests.connectors.conftest import LONG_AGO, order_body, rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]
SAMPLES = Path(woocommerce.__file__).parent / "samples"
_OUR_OWN = {"read_at", "id", "order_id", "created_at", "updated_at", "at", "first_seen_at", "news_after"}


def recorded() -> list[RawOrder]:
    """The recorded orders, each in one version, and what no shop should send."""
    found: dict[int, Any] = {}
    for path in sorted(SAMPLES.glob("order-*.delivery.json")):
        data = json.loads(json.loads(path.read_text())["body"])
        if "status" in data:
            found[data["id"]] = data
    odd: list[dict[str, Any]] = [
        {"line_items": []},
        {"line_items": [{**order_body()["line_items"][0], "quantity": -3}]},
        {"line_items": [{**order_body()["line_items"][0], "sku": "", "product_id": 7}]},
        {"line_items": [{**order_body()["line_items"][0], "sku": "KIT-3"}]},
        {"line_items": [order_body()["line_items"][0], {**order_body()["line_items"][0], "sku": "OWN-77"}]},
        {"payment_method": "poste_pay"},
        {"status": "cancelled"},
        {"currency": "CHF"},
        {"total": "6000.00"},
        {"shipping": {**order_body()["shipping"], "city": "Torinno", "postcode": "10121"}},
        {"shipping": {**order_body()["shipping"], "city": "Roma", "postcode": "99999"}},
        {"shipping": {**order_body()["shipping"], "address_1": "Via senza"}, "billing": {}},
        {"shipping": {**order_body()["shipping"], "country": "FR"}},
    ]
    found |= {9000 + number: order_body(9000 + number, **fields) for number, fields in enumerate(odd)}
    return [raw_order(data) for data in found.values()]


def everything() -> dict[str, Any]:
    """The rows of all orders by the shop's number, without our ids and times."""
    found: dict[str, Any] = {}
    for row in InboxOrder.objects.order_by("external_id"):
        parts: list[Any] = [row.__dict__]
        if row.order_id:
            parts += [Order.objects.get(pk=row.order_id).__dict__]
            parts += [line.__dict__ for line in OrderLine.objects.filter(order=row.order_id).order_by("position", "id")]
            parts += [one.__dict__ for one in Problem.objects.filter(order=row.order_id).order_by("code", "subject")]
            for twin in (part for part in parts if part.get("code") == "possible_duplicate"):  # its number is its own
                other = Order.objects.get(pk=int(twin["subject"].removeprefix("MCI-")))
                twin["subject"] = twin["params"]["number"] = other.source_number
            parts += [event.__dict__ for event in OrderEvent.objects.filter(order=row.order_id).order_by("id")]
        found[row.external_id] = [
            {
                name: bytes(value) if isinstance(value, memoryview) else value
                for name, value in part.items()
                if name not in _OUR_OWN and not name.startswith("_")
            }
            for part in parts
        ]
    return found


def test_each_order_of_a_page_is_what_it_would_be_alone(shop: Any, goods: Any) -> None:
    PaymentRule.objects.create(shop=shop, gateway="poste_pay", kind="prepaid")
    single.accept(shop, "sku:KIT-3", goods["MCI-0002"].pk, 3, by=None)
    single.accept(shop, "sku:OWN-77", None, by=None)
    page = recorded()
    assert len(page) > 30
    with rolled_back():
        # As they were placed: of two that may be the same the later one asks.
        for raw in sorted(page, key=lambda raw: raw.reading.placed_at if raw.reading else LONG_AGO):
            if raw.reading:
                upsert.upsert(shop, raw.reading, raw.body, via=upsert.PULL, truth=True)
        alone = everything()
    orders_page.take(shop, page)
    together = everything()
    assert together.keys() == alone.keys()
    for key, parts in alone.items():
        assert together[key] == parts
    assert {"ready", "received"} <= set(Order.objects.values_list("state", flat=True))
    assert Problem.objects.values("code").distinct().count() >= 8
    assert not Delivery.objects.exists()


def page_of(*numbers: int, second: int = 0, **fields: Any) -> list[RawOrder]:
    stamp = f"2026-11-20T10:00:{second:02}"
    return [raw_order(order_body(number, date_modified_gmt=stamp, **fields)) for number in numbers]


def test_the_statements_of_a_page_do_not_grow_with_its_orders(shop: Any) -> None:
    orders_page.take(shop, page_of(1))
    with CaptureQueriesContext(connection) as few:
        orders_page.take(shop, page_of(2))
    with CaptureQueriesContext(connection) as many:
        orders_page.take(shop, page_of(*range(10, 110)))
    # versions; begin; ids; inbox; who was first; rules; matches; begin, SKUs, places, their existence; orders, lines,
    # problems (none), events; end; end
    assert len(many) == len(few) <= 20  # three of them look for orders that may be the same
    with CaptureQueriesContext(connection) as again:
        orders_page.take(shop, page_of(*range(10, 110)))
    assert len(again) == 1
    assert Order.objects.count() == 102


def test_what_is_known_in_an_older_version_is_brought_up_to_date(shop: Any) -> None:
    orders_page.take(shop, page_of(1, 2))
    orders_page.take(shop, [*page_of(1, second=5, customer_note="new"), *page_of(2), *page_of(3)])
    assert sorted(Order.objects.values_list("source_number", "note")) == [("1", "new"), ("2", ""), ("3", "")]


def test_an_order_that_a_page_shows_twice_is_one_in_its_newest_version(shop: Any) -> None:
    newest, older = page_of(1, second=9, customer_note="newest"), page_of(1, customer_note="older")
    orders_page.take(shop, [*newest, *older])
    assert Order.objects.get().note == "newest"


@contextmanager
def a_webhook_is_quicker(shop: Any, monkeypatch: pytest.MonkeyPatch, *raws: RawOrder) -> Iterator[None]:
    """Between the look into the inbox and the insert, others bring the same orders."""
    real = orders_arrivals.numbers

    def numbers(how_many: int) -> list[int]:
        for raw in raws:
            assert raw.reading
            upsert.upsert(shop, raw.reading, raw.body, via=upsert.WEBHOOK)
        return real(how_many)

    with monkeypatch.context() as patch:
        patch.setattr(orders_arrivals, "numbers", numbers)
        yield


def test_who_comes_at_the_same_moment_by_webhook_is_there_once(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    [early] = page_of(2, customer_note="of the webhook")
    [dead] = page_of(4, status="cancelled")
    with a_webhook_is_quicker(shop, monkeypatch, early, dead):
        orders_page.take(shop, [*page_of(1, 2, 3, second=7, customer_note="of the pull"), *page_of(4, second=7)])
    rows = InboxOrder.objects.order_by("external_id").values_list("external_id", "via", "order__note")
    assert list(rows) == [
        ("1", "pull", "of the pull"),
        ("2", "webhook", "of the pull"),
        ("3", "pull", "of the pull"),
        ("4", "webhook", ""),
    ]
    assert Order.objects.count() == 4


def test_one_order_that_cannot_be_stored_does_not_hold_up_the_page(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = upsert.data_of

    def data_of(shop: Any, reading: Any, *rest: Any) -> Any:
        if reading.external_id == "2":
            raise ValueError
        return real(shop, reading, *rest)

    monkeypatch.setattr(upsert, "data_of", data_of)
    orders_page.take(shop, page_of(1, 2, 3))
    assert sorted(InboxOrder.objects.values_list("external_id", flat=True)) == ["1", "3"]
    dead = Delivery.objects.get()
    assert (dead.state, json.loads(bytes(dead.body))["id"]) == ("dead", 2)


def test_what_is_not_for_us_leaves_no_trace(shop: Any) -> None:
    shop.import_since = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    orders_page.take(shop, page_of(1, 2))
    assert not InboxOrder.objects.exists()
    assert not Order.objects.exists()


def test_a_match_of_a_product_that_is_no_longer_on_sale_is_a_problem_here_too(shop: Any, goods: Any) -> None:
    single.accept(shop, "sku:X-1", goods["MCI-0003"].pk, by=None)
    type(goods["MCI-0003"]).objects.filter(pk=goods["MCI-0003"].pk).update(active=False)
    orders_page.take(shop, page_of(1, line_items=[{**order_body()["line_items"][0], "sku": "X-1"}]))
    assert Match.objects.exists()
    assert list(Problem.objects.values_list("code", flat=True)) == ["discontinued"]
