"""Which orders are found, by each condition alone: lists and their counts, labels that are scanned, forms that name
ids. Always one's own, never a neighbour's."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.http import Http404

from catalog.models import Variant
from orders import queries
from orders.fulfilment import parcels
from orders.models import Order, Problem
from orders.queries import DeskFind, Find
from shipping.models import Courier, Method, Shipment, ShipmentEvent
from tests.orders import stage
from tests.orders.test_dispatch import sync

pytestmark = pytest.mark.django_db
WHO = replace(stage.ADDRESS, name="Ugo Neri", street="Via Po 3", city="Asti", postcode="14100", province="AT")
WHO = replace(WHO, phone="+393330000003", email="ugo@example.com")


def names(found: Any, orders: dict[str, Order]) -> list[str]:
    known = {order.pk: name for name, order in orders.items()}
    return sorted(known[getattr(one, "pk", one)] for one in found)


@pytest.fixture
def orders(dropshipper: Any, other_dropshipper: Any) -> dict[str, Order]:
    """Four of one reseller, and one of another that is as the first."""
    stage.variant("MCI-1")
    method = stage.method()
    shop = {"source": "woocommerce", "source_label": "Casa", "source_number": "IT-7"}
    made = {
        "shop": stage.order(dropshipper, ("MCI-1", 1), payment="cod", address=WHO, method=method, **shop),
        "typed": stage.order(dropshipper, ("MCI-1", 2), method=method, source_number="88", source_label="eBay"),
        "unknown": stage.order(dropshipper, ("ALTRO", 1)),
        "late": stage.order(dropshipper, ("MCI-1", 3), method=method),
        "theirs": stage.order(other_dropshipper, ("MCI-1", 1), address=WHO, payment="cod", method=method, **shop),
    }
    days = {"shop": 1, "typed": 10, "unknown": 20, "late": 28, "theirs": 1}
    for name, day in days.items():
        at = dt.datetime(2026, 2, day, 12, tzinfo=dt.UTC)
        Order.objects.filter(pk=made[name].pk).update(placed_at=at)
    return {name: Order.objects.get(pk=order.pk) for name, order in made.items()}


def test_each_filter_of_a_list_by_itself(orders: dict[str, Order], dropshipper: Any) -> None:
    def found(**asked: Any) -> list[str]:
        return names(queries.find(dropshipper, Find(**{"source": "", **asked})), orders)

    mine = ["late", "shop", "typed", "unknown"]
    assert found() == found(tab="nonsense") == found(text="  ") == mine
    assert names(queries.find(dropshipper, Find()), orders) == ["late", "typed", "unknown"]  # the Dropshipping Shop's
    assert found(source="woocommerce") == found(payment="cod") == ["shop"]
    assert found(since=dt.date(2026, 2, 20)) == ["late", "unknown"]
    assert found(until=dt.date(2026, 2, 10)) == ["shop", "typed"]
    assert found(since=dt.date(2026, 2, 10), until=dt.date(2026, 2, 20)) == ["typed", "unknown"]
    assert found(problem="unknown_sku") == found(tab="fix") == ["unknown"]
    assert found(problem="bad_price") == []
    assert found(tab="ready") == ["late", "shop", "typed"]
    numbers = dict.fromkeys(queries.TABS, 0) | {"fix": 1, "ready": 3, "all": 4}
    assert queries.tab_counts(dropshipper, Find(source="")) == numbers
    only = dict.fromkeys(queries.TABS, 0) | {"ready": 1, "all": 1}
    assert queries.tab_counts(dropshipper, Find(source="", payment="cod")) == only
    asked = Find("fix", "", "x y", "cod", "bad_price", dt.date(2026, 2, 1), dt.date(2026, 2, 3)).asked
    day = [("since", "2026-02-01"), ("until", "2026-02-03")]
    head = [("tab", "fix"), ("source", "all"), ("q", "x y"), ("payment", "cod"), ("problem", "bad_price")]
    assert asked == [*head, *day]
    assert Find().asked == [("tab", "all"), ("source", "manual"), ("q", ""), ("payment", ""), ("problem", "")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *[("{shop}", ["shop"]), ("mci{shop}", ["shop"]), ("000{shop}", ["shop"]), ("MCI-{theirs}", [])],
        *[("IT-7", ["shop"]), ("it-7", ["shop"]), ("#88", ["typed"]), ("88", ["typed"]), ("8", [])],
        *[("neri ugo", ["shop"]), ("ASTI", ["shop"]), ("ast", []), ("altro", ["unknown"]), ("ALTR", [])],
        *[("mci 1", ["late", "shop", "typed"]), ("TRK-77", ["shop"]), ("trk7", ["shop"]), ("rk7", [])],
        *[("OLD 1", ["shop"]), ("OLD", []), ("333 000 0003", []), ("ugo@example.com", [])],
        ("", ["late", "shop", "typed", "unknown"]),
    ],
)
def test_each_way_of_naming_an_order(orders: dict[str, Order], dropshipper: Any, text: str, found: list[str]) -> None:
    stage.money(dropshipper, "200.00")
    sync(orders["shop"])
    parcels.mark_shipped(orders["shop"].pk, tracking_number="TRK77", by=None)
    shipment = Shipment.objects.get(order=orders["shop"])
    ShipmentEvent.objects.create(shipment=shipment, axis="tracking", from_value="OLD1", to_value="TRK77")
    Shipment.objects.filter(pk=shipment.pk).update(tracking="TRK-77" if "-" in text else "TRK77")
    text = text.format(**{name: order.pk for name, order in orders.items()})
    assert names(queries.find(dropshipper, Find(source="", text=text)), orders) == found
    if "333" not in text and "@" not in text:
        assert names(queries.desk(DeskFind("shipped", text=text)), orders) == [one for one in found if one == "shop"]


def test_who_sees_telephones_finds_by_them(orders: dict[str, Order], dropshipper: Any) -> None:
    for text in ("333 000 0003", "+39 3330000003", "ugo@example.com", " UGO@Example.com"):
        assert names(queries.find(dropshipper, Find(source="", text=text, contacts=True)), orders) == ["shop"], text
        assert not queries.find(dropshipper, Find(source="", text=text)).exists()
    Order.objects.filter(pk=orders["late"].pk).update(phone="", email="")
    for text in ("33300", "@", "3-3-3 0 0"):
        assert not queries.find(dropshipper, Find(source="", text=text, contacts=True)).exists(), text
    stage.money(dropshipper, "200.00")
    sync(orders["shop"])
    for text in ("333 000 0003", "ugo@example.com"):
        assert names(queries.desk(DeskFind(text=text)), orders) == ["shop"]


def test_a_label_names_one_parcel(orders: dict[str, Order], dropshipper: Any) -> None:
    stage.money(dropshipper, "200.00")
    shop, typed, late = orders["shop"], orders["typed"], orders["late"]
    for order in (shop, typed):
        sync(order)
    Shipment.objects.filter(order=shop).update(tracking="ABC1")
    assert queries.by_scan(" abc1 ") == shop
    assert queries.by_scan(shop.number) == queries.by_scan(f"mci{shop.pk}") == shop
    parcel = Shipment.objects.get(order=typed)
    ShipmentEvent.objects.create(shipment=parcel, axis="tracking", from_value="OLD9", to_value="NEW9")
    assert queries.by_scan("old9") == typed
    ShipmentEvent.objects.create(shipment=parcel, axis="tracking", from_value="ABC1", to_value="NEW9")
    assert queries.by_scan("ABC1") == shop  # who has it now, and not who had it once
    Shipment.objects.filter(order=typed).update(tracking="abc1")
    assert queries.by_scan("ABC1") == typed  # of two the newer
    Shipment.objects.filter(order=typed).update(tracking=str(shop.pk))
    assert queries.by_scan(str(shop.pk)) == typed
    for text in (late.number, "ABC", "", "MCI-999999"):
        with pytest.raises(Http404):
            queries.by_scan(text)
    found = queries.by_numbers([shop.number, f"MCI{late.pk}", "MCI-999999", "x", f"{late.pk}"])
    assert found == {shop.number: shop, f"MCI{late.pk}": late, f"{late.pk}": late}


def test_only_ones_own_ids_of_a_form_count(orders: dict[str, Order], dropshipper: Any) -> None:
    a, b, theirs = orders["shop"].pk, orders["late"].pk, orders["theirs"].pk
    texts = [f"{b},{theirs}", f"{a}", "x", "", "²", "-1", "9" * 18, "9" * 19, f"{a}"]
    assert queries.own_ids(dropshipper, texts) == [a, b]
    assert queries.access_order(dropshipper, a) == queries.access_any_order(a) == orders["shop"]
    assert queries.access_any_order(theirs) == orders["theirs"]
    for wrong in (theirs, 0):
        with pytest.raises(Http404):
            queries.access_order(dropshipper, wrong)
    moved = queries.read_again([orders["shop"], orders["late"]], {a: "ready", b: "received"})
    assert (moved[0] is orders["shop"], moved[1] is orders["late"], moved[1] == orders["late"]) == (True, False, True)
    assert [
        one is two for one, two in zip(queries.read_again([orders["shop"]], {}), [orders["shop"]], strict=True)
    ] == [True]


def test_a_row_and_a_page_show_lines_and_problems_in_their_order(orders: dict[str, Order], dropshipper: Any) -> None:
    order = orders["unknown"]
    order.lines.create(sku="B", quantity=1, position=2)
    order.lines.create(sku="C", quantity=1, position=1)
    for code, blocking in (("late_alert", False), ("a_blocking", True)):
        Problem.objects.create(order=order, code=code, blocking=blocking)
    [row] = queries.for_rows(Order.objects.filter(pk=order.pk))
    page = queries.for_detail(Order.objects.get(pk=order.pk))
    for one in (row, page):
        assert [line.sku for line in one.lines.all()] == ["ALTRO", "C", "B"]
        assert [problem.code for problem in one.problems.all()] == ["unknown_sku", "a_blocking", "late_alert"]


def test_the_problems_that_a_list_can_be_narrowed_by(orders: dict[str, Order], dropshipper: Any) -> None:
    def add(code: str, *whose: str) -> None:
        for name in whose:
            Problem.objects.create(order=orders[name], code=code, subject=code)

    stage.money(dropshipper, "200.00")
    sync(orders["shop"])
    add("payment_review", "typed", "unknown", "late")
    add("bad_price", "late", "shop", "theirs")
    add("cancelled_in_shop", "shop")
    add("archived", "theirs")
    add("cod_mixed", "shop")  # what it had before it was sent
    Order.objects.filter(pk=orders["typed"].pk).update(state="draft")
    assert queries.problem_codes(dropshipper) == ["payment_review", "bad_price", "cancelled_in_shop", "unknown_sku"]


def test_the_desk_counts_by_courier(orders: dict[str, Order], dropshipper: Any) -> None:
    stage.money(dropshipper, "200.00")
    other = stage.method("altro")
    Order.objects.filter(pk=orders["late"].pk).update(method=other)
    for name in ("shop", "typed", "late"):
        sync(Order.objects.get(pk=orders[name].pk))
    parcels.mark_packed(orders["shop"].pk, by=None)
    assert names(queries.desk(DeskFind()), orders) == ["late", "typed"]
    assert names(queries.desk(DeskFind(courier="corriere-altro")), orders) == ["late"]
    assert names(queries.desk(DeskFind("packed")), orders) == ["shop"]
    assert names(queries.desk(DeskFind("nonsense")), orders) == ["late", "typed"]
    counts = {"to_pick": 2, "packed": 1, "shipped": 0, "delivered": 0}
    assert queries.desk_counts("") == counts
    assert queries.desk_counts("corriere-altro") == {**counts, "to_pick": 1, "packed": 0}
    parcels.cancel(orders["typed"].pk, by=None)
    Shipment.objects.filter(order=orders["typed"]).update(state="to_pick")
    assert names(queries.desk(DeskFind()), orders) == ["late"]


def test_a_count_is_bounded(orders: dict[str, Order], dropshipper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "COUNT_LIMIT", 2)
    assert queries.count_each({"a": Order.objects.all(), "b": Order.objects.filter(pk=0)}) == {"a": 3, "b": 0}
    monkeypatch.setattr(queries, "BULK_LIMIT", 2)
    ids = [order.pk for order in orders.values()]
    assert queries.own_ids(dropshipper, map(str, ids)) == ids[:2]


def test_what_may_be_chosen_is_on_offer(orders: dict[str, Order]) -> None:
    here, off, gone = Method.objects.get(), stage.method("spento", active=False), stage.method("via", position=1)
    first = stage.method("primo", position=0)
    Courier.objects.filter(pk=gone.courier_id).update(active=False)
    assert {*queries.methods_on_offer()} == {here, first}
    chosen = [here.pk, off.pk, gone.pk, None, 0, -1, 2**31, 10**30]
    assert [queries.method_on_offer(pk) for pk in chosen] == [here.pk, *[None] * 7]
    assert Variant.objects.count() == 1
