"""Orders of the fake Shopify: one document, seen through GraphQL; sums, payments, pages that change meanwhile."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from demo.shops.shopify import FakeShop
from demo.shops.shopify.payments import WAYS

from .shopify_client import ORDER, PULL, Client, orders

EVERYTHING = "updated_at:>='2020-01-01T00:00:00Z'"


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        yield shop


@pytest.fixture
def call(shop: FakeShop) -> Client:
    return Client(shop)


class Clock:
    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def ahead(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


def test_an_order_at_the_door_owes_everything(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 2)], payment="cod", fee=("Contrassegno", "3.00"), note="Citofono Rossi")
    order = call(ORDER, id=placed["gid"])["order"]
    assert order["displayFinancialStatus"] == "PENDING"
    assert order["paymentGatewayNames"] == ["Cash on Delivery (COD)"]
    assert [(t["kind"], t["status"], t["manualPaymentGateway"]) for t in order["transactions"]] == [
        ("SALE", "PENDING", True)
    ]
    # 2 x 79.90 + 3.00 + shipping 7.90; GraphQL leaves the last zero out
    assert order["totalPriceSet"]["shopMoney"] == {"amount": "170.7", "currencyCode": "EUR"}
    assert order["totalOutstandingSet"] == order["totalPriceSet"]
    fee = next(line for line in order["lineItems"]["nodes"] if line["sku"] is None)
    assert (fee["requiresShipping"], fee["unfulfilledQuantity"]) == (False, 0)
    assert order["note"] == "Citofono Rossi"
    assert order["shippingAddress"]["provinceCode"] == "TO"


@pytest.mark.parametrize(
    ("payment", "status", "outstanding"),
    [
        ("card", "PAID", "0.0"),
        ("bonifico", "PENDING", "87.8"),
        ("paypal_pending", "PENDING", "87.8"),
        ("authorized", "AUTHORIZED", "87.8"),
        ("deposit", "PARTIALLY_PAID", "77.8"),
        ("expired", "EXPIRED", "87.8"),
        ("free", "PAID", "0.0"),
        ("releasit", "PENDING", "87.8"),
        ("bogus", "PAID", "0.0"),
    ],
)
def test_each_way_of_paying_looks_like_itself(
    shop: FakeShop, call: Client, payment: str, status: str, outstanding: str
) -> None:
    order = call(ORDER, id=shop.place_order([("SCN-00001", 1)], payment=payment)["gid"])["order"]
    assert order["displayFinancialStatus"] == status
    assert order["totalOutstandingSet"]["shopMoney"]["amount"] == outstanding
    assert order["test"] is (payment == "bogus")
    expected = [] if payment in ("free", "releasit") else [WAYS[payment].gateway, *filter(None, [WAYS[payment].rest])]
    assert order["paymentGatewayNames"] == expected


def test_a_pos_sale_comes_from_the_till(shop: FakeShop, call: Client) -> None:
    order = call(ORDER, id=shop.place_order(payment="pos")["gid"])["order"]
    assert (order["sourceName"], order["displayFinancialStatus"]) == ("pos", "PAID")
    assert order["displayFulfillmentStatus"] == "FULFILLED"


def test_numbers_are_beyond_what_a_float_holds(shop: FakeShop) -> None:
    number = shop.place_order()["id"]
    assert number > 2**53
    assert int(float(number)) != number


def test_a_discount_is_spread_over_the_lines_to_the_cent(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 1), ("SCN-00002", 3)], discount="10.01")
    order = call(ORDER, id=placed["gid"])["order"]
    assert order["totalDiscountsSet"]["shopMoney"]["amount"] == "10.01"
    assert order["totalPriceSet"]["shopMoney"]["amount"] == "151.29"


def test_the_customer_s_currency_may_be_another(shop: FakeShop, call: Client) -> None:
    order = call(ORDER, id=shop.place_order([("SCN-00001", 1)], presentment=("CHF", "0.95"))["gid"])["order"]
    assert order["totalPriceSet"]["presentmentMoney"] == {"amount": "83.41", "currencyCode": "CHF"}


def test_unknown_orders_are_null_without_an_error_and_bad_ids_are_refused(shop: FakeShop, call: Client) -> None:
    assert call(ORDER, id="gid://shopify/Order/1")["order"] is None
    placed = shop.place_order()
    shop.orders.delete(placed["id"])
    assert call(ORDER, id=placed["gid"])["order"] is None
    answer = call.ask(ORDER, id="42")
    assert (answer.json["data"], answer.codes) == ({"order": None}, ["RESOURCE_NOT_FOUND"])


def test_acts_on_an_order_move_its_status_and_its_date() -> None:
    clock = Clock()
    with FakeShop(clock=clock) as shop:
        call = Client(shop)
        placed = shop.place_order([("SCN-00001", 2)], payment="cod")
        before = call(ORDER, id=placed["gid"])["order"]["updatedAt"]
        clock.ahead(minutes=1)
        shop.orders.pay(placed["id"])
        order = call(ORDER, id=placed["gid"])["order"]
        assert order["updatedAt"] > before
        assert (order["displayFinancialStatus"], order["paymentGatewayNames"]) == ("PAID", ["Cash on Delivery (COD)"])
        shop.orders.refund(placed["id"], lines={"SCN-00001": 1})
        order = call(ORDER, id=placed["gid"])["order"]
        assert order["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
        assert order["totalRefundedSet"]["shopMoney"]["amount"] == "79.9"
        assert order["totalOutstandingSet"]["shopMoney"]["amount"] == "0.0"
        assert [line["currentQuantity"] for line in order["lineItems"]["nodes"]] == [1]
        other = shop.place_order([("SCN-00001", 1)], payment="cod")
        shop.orders.cancel(other["id"], "CUSTOMER")
        assert call(ORDER, id=other["gid"])["order"]["displayFinancialStatus"] == "VOIDED"
        third = shop.place_order([("SCN-00001", 1)])
        shop.orders.edit(third["id"], add=[("SCN-00002", 1)], remove={"SCN-00001": 1})
        order = call(ORDER, id=third["gid"])["order"]
        assert order["edited"] is True
        assert [line["currentQuantity"] for line in order["lineItems"]["nodes"]] == [0, 1]
        assert order["currentTotalPriceSet"]["shopMoney"]["amount"] == "32.4"


def test_a_refund_of_everything_owes_nothing(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order()
    shop.orders.refund(placed["id"])
    order = call(ORDER, id=placed["gid"])["order"]
    assert order["displayFinancialStatus"] == "REFUNDED"
    assert order["totalOutstandingSet"]["shopMoney"]["amount"] == "0.0"


# Pages of a list that changes under the reader.


def test_pull_walks_by_update_with_equal_times_and_sees_what_changed_between_two_pages() -> None:
    clock = Clock()
    with FakeShop(clock=clock) as shop:
        call = Client(shop)
        placed = [shop.place_order()["id"] for _ in range(5)]  # all in one second
        page = call(PULL, first=2, query=EVERYTHING)["orders"]
        seen = [node["name"] for node in page["nodes"]]
        clock.ahead(seconds=1)
        shop.orders.touch(placed[0])
        shop.orders.touch(placed[3])
        while page["pageInfo"]["hasNextPage"]:
            page = call(PULL, first=2, query=EVERYTHING, after=page["pageInfo"]["endCursor"])["orders"]
            seen += [node["name"] for node in page["nodes"]]
        assert seen == ["#1001", "#1002", "#1003", "#1005", "#1001", "#1004"]


def test_pull_takes_a_window_of_time() -> None:
    clock = Clock()
    with FakeShop(clock=clock) as shop:
        call = Client(shop)
        for _ in range(3):
            shop.place_order()
            clock.ahead(minutes=10)
        window = "updated_at:>='2026-11-23T10:10:00Z' updated_at:<'2026-11-23T10:20:00Z'"
        assert orders(call(PULL, first=9, query=window)) == ["#1002"]
        assert orders(call(PULL, first=9, query="updated_at:>'2026-11-23T11:10:00+01:00'")) == ["#1003"]


def test_a_search_may_lag_behind_and_an_overlap_finds_it() -> None:
    clock = Clock()
    with FakeShop(clock=clock) as shop:
        call = Client(shop)
        shop.search_lag = dt.timedelta(minutes=2)
        placed = shop.place_order()
        assert orders(call(PULL, first=9, query=EVERYTHING)) == []
        assert call(ORDER, id=placed["gid"])["order"]["name"] == "#1001"  # by its id it is there at once
        clock.ahead(minutes=2)
        assert orders(call(PULL, first=9, query="updated_at:>='2026-11-23T10:00:00Z'")) == ["#1001"]


def test_a_cursor_belongs_to_its_query(shop: FakeShop, call: Client) -> None:
    for _ in range(3):
        shop.place_order()
    cursor = call(PULL, first=1, query=EVERYTHING)["orders"]["pageInfo"]["endCursor"]
    answer = call.ask(PULL, first=1, query="status:open", after=cursor)
    assert answer.json["errors"][0]["message"] == "Invalid cursor for current pagination sort."
    assert call.ask(PULL, first=1, query=EVERYTHING, after="x").codes == ["BAD_REQUEST"]


def test_lines_beyond_one_page_are_asked_for_apart(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([{"sku": "SCN-00001", "price": f"{n}.00"} for n in range(1, 131)])
    query = """query L($id: ID!, $after: String) { order(id: $id) { lineItems(first: 50, after: $after) {
        nodes { id originalUnitPriceSet { shopMoney { amount } } } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = call(query, id=placed["gid"], after=after)["order"]["lineItems"]
        seen += [node["originalUnitPriceSet"]["shopMoney"]["amount"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert seen == [f"{n}.0" for n in range(1, 131)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status:cancelled", ["#1002"]),
        ("NOT status:cancelled", ["#1001", "#1003"]),
        ("tag:vip OR tag:amici", ["#1001", "#1003"]),
        ("financial_status:pending", ["#1003"]),
        ("name:#1002", ["#1002"]),
        ("(tag:vip OR tag:amici) -financial_status:pending", ["#1001"]),
        ("test:true", []),
        ("colour:red", ["#1001", "#1002", "#1003"]),  # unknown: ignored, with a warning
    ],
)
def test_orders_are_searched_as_the_store_searches(shop: FakeShop, call: Client, query: str, found: list[str]) -> None:
    shop.place_order(tags=["vip"])
    shop.orders.cancel(shop.place_order()["id"])
    shop.place_order(tags=["amici"], payment="cod")
    answer = call.ask(PULL, first=9, query=query).json
    assert sorted(orders(answer["data"])) == found
    assert bool(answer["extensions"].get("search")) is (query == "colour:red")


def test_orders_older_than_sixty_days_need_their_own_scope(shop: FakeShop) -> None:
    old = shop.place_order(at=shop.clock() - dt.timedelta(days=61), silent=True)
    shop.place_order()
    some = Client(shop, shop.legacy_token("read_orders"))
    assert orders(some(PULL, first=9, query=EVERYTHING)) == ["#1002"]
    assert some(ORDER_ID, id=old["gid"])["order"] is None
    everything = Client(shop)
    assert len(orders(everything(PULL, first=9, query=EVERYTHING))) == 2


ORDER_ID = "query O($id: ID!) { order(id: $id) { id } }"


# What the API does to an order.

CANCEL = """mutation C($id: ID!, $note: String) {
  orderCancel(orderId: $id, reason: INVENTORY, restock: true, refundMethod: {originalPaymentMethodsRefund: true},
    staffNote: $note) { job { id done } orderCancelUserErrors { code field message } } }"""


def test_a_cancellation_is_a_job(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 2)])
    level = shop.stock.item_of(shop.orders.doc(placed["id"])["lines"][0])
    assert level is not None
    job = call(CANCEL, id=placed["gid"])["orderCancel"]["job"]
    assert job["done"] is False
    assert call(ORDER, id=placed["gid"])["order"]["cancelledAt"] is None
    poll = "query J($id: ID!) { job(id: $id) { id done } }"
    assert call(poll, id=job["id"])["job"]["done"] is True
    order = call(ORDER, id=placed["gid"])["order"]
    assert order["cancelledAt"]
    assert order["displayFinancialStatus"] == "REFUNDED"
    after = shop.store.get("item", level["id"])
    assert after is not None
    (stock,) = after["levels"].values()
    assert (stock["available"], stock["committed"]) == (40, 0)


def test_a_cancellation_is_refused_in_the_store_s_words(shop: FakeShop, call: Client) -> None:
    def refusal(id_: str, note: str = "") -> str:
        (error,) = call(CANCEL, id=id_, note=note)["orderCancel"]["orderCancelUserErrors"]
        return str(error["message"])

    placed = shop.place_order()
    assert "too long" in refusal(placed["gid"], "x" * 256)
    shop.orders.cancel(placed["id"])
    assert refusal(placed["gid"]) == "Cannot cancel an order that has already been canceled"
    sent = shop.place_order()
    shop.fulfilment.create([(shop.fulfilment.of_order(sent["id"])[0]["id"], None)], [])
    assert "outstanding fulfillments" in refusal(sent["gid"])
    assert refusal("gid://shopify/Order/1") == "Order does not exist"


def test_marking_as_paid_works_once_and_the_refusal_brings_the_order(shop: FakeShop, call: Client) -> None:
    query = """mutation M($id: ID!) { orderMarkAsPaid(input: {id: $id}) {
        order { displayFinancialStatus canMarkAsPaid } userErrors { field message } } }"""
    placed = shop.place_order(payment="cod")
    done = call(query, id=placed["gid"])["orderMarkAsPaid"]
    assert done == {"order": {"displayFinancialStatus": "PAID", "canMarkAsPaid": False}, "userErrors": []}
    again = call(query, id=placed["gid"])["orderMarkAsPaid"]
    assert again["order"]["displayFinancialStatus"] == "PAID"
    assert [error["message"] for error in again["userErrors"]] == ["Order cannot be marked as paid."]


def test_tags_are_added_once_each(shop: FakeShop, call: Client) -> None:
    query = "mutation T($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"
    placed = shop.place_order(tags=["vip"])
    call(query, id=placed["gid"], tags=["mci", "vip"])
    assert call(ORDER, id=placed["gid"])["order"]["tags"] == ["mci", "vip"]


def test_what_was_there_is_there_after_a_restart(tmp_path: Any) -> None:
    with FakeShop(data=tmp_path / "shop.sqlite") as shop:
        token, placed = shop.install()["access_token"], shop.place_order([("SCN-00001", 2)], payment="cod")
        shop.fulfilment.create([(shop.fulfilment.of_order(placed["id"])[0]["id"], None)], [])
    with FakeShop(data=tmp_path / "shop.sqlite") as shop:
        order = Client(shop, token)(ORDER, id=placed["gid"])["order"]
        assert order["displayFulfillmentStatus"] == "FULFILLED"
        assert shop.place_order()["id"] > placed["id"]
        assert shop.products.by_sku("SCN-00001") is not None
