"""Fulfilment orders of the fake Shopify: per location, held, moved, split, sent in part, with the exact refusals."""

from collections.abc import Iterator
from typing import Any

import pytest

from demo.shops.shopify import FakeShop

from .shopify_client import FULFIL, FULFILMENT_ORDERS, Client


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        yield shop


@pytest.fixture
def call(shop: FakeShop) -> Client:
    return Client(shop)


def open_ones(call: Client, gid: str) -> list[Any]:
    nodes = call(FULFILMENT_ORDERS, id=gid)["order"]["fulfillmentOrders"]["nodes"]
    return [node for node in nodes if node["status"] not in ("CLOSED", "CANCELLED")]


def send(call: Client, *orders: Any, number: str = "1234567890", company: str = "BRT", **parts: int) -> Any:
    """`parts`: pieces by SKU (with _ for -), else everything of these fulfilment orders."""
    given: list[dict[str, Any]] = []
    for order in orders:
        entry: dict[str, Any] = {"fulfillmentOrderId": order["id"]}
        if parts:
            entry["fulfillmentOrderLineItems"] = [
                {"id": line["id"], "quantity": parts[line["sku"].replace("-", "_")]}
                for line in order["lineItems"]["nodes"]
                if line["sku"].replace("-", "_") in parts
            ]
        given.append(entry)
    tracking = {"company": company, "number": number}
    return call(FULFIL, fulfillment={"lineItemsByFulfillmentOrder": given, "trackingInfo": tracking})[
        "fulfillmentCreate"
    ]


def refusal(answer: Any) -> str:
    assert answer["fulfillment"] is None
    (error,) = answer["userErrors"]
    return str(error["message"])


def test_a_part_then_the_rest(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 3), ("SCN-00002", 1)])
    (order,) = open_ones(call, placed["gid"])
    assert {action["action"] for action in order["supportedActions"]} >= {"CREATE_FULFILLMENT"}
    sent = send(call, order, SCN_00001=2)["fulfillment"]
    assert (sent["totalQuantity"], sent["status"], sent["displayStatus"]) == (2, "SUCCESS", "FULFILLED")
    told = call(FULFILMENT_ORDERS, id=placed["gid"])["order"]
    assert told["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    (rest,) = open_ones(call, placed["gid"])
    assert rest["status"] == "IN_PROGRESS"
    assert {line["sku"]: line["remainingQuantity"] for line in rest["lineItems"]["nodes"]} == {
        "SCN-00001": 1,
        "SCN-00002": 1,
    }
    send(call, rest, number="2")
    told = call(FULFILMENT_ORDERS, id=placed["gid"])["order"]
    assert told["displayFulfillmentStatus"] == "FULFILLED"
    assert [node["status"] for node in told["fulfillmentOrders"]["nodes"]] == ["CLOSED"]
    assert [one["trackingInfo"][0]["number"] for one in told["fulfillments"]] == ["1234567890", "2"]


def test_what_does_not_fit_is_refused_in_shopify_s_words_and_nothing_is_sent(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 2)])
    (order,) = open_ones(call, placed["gid"])
    assert refusal(send(call, order, SCN_00001=3)) == "Invalid fulfillment order line item quantity requested."
    assert refusal(send(call, order, SCN_00001=0)) == "Quantity must be greater than 0"
    assert refusal(send(call, {"id": "gid://shopify/FulfillmentOrder/7"})) == "Fulfillment order does not exist."
    assert call.ask(FULFIL, fulfillment={"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": "7"}]}).codes == [
        "RESOURCE_NOT_FOUND"
    ]
    assert shop.fulfilment.sent(placed["id"]) == []
    send(call, order)
    number = order["id"].rpartition("/")[2]
    assert refusal(send(call, order)) == f"Fulfillment order {number} has an unfulfillable status= closed."


def test_each_location_has_its_fulfilment_order_and_one_call_takes_one_location(shop: FakeShop, call: Client) -> None:
    other = shop.stock.locations()[1]["id"]
    items = [{"sku": "SCN-00001"}, {"sku": "SCN-00002", "location": other}]
    placed = shop.place_order(items)
    first, second = open_ones(call, placed["gid"])
    assert first["assignedLocation"]["location"]["id"] != second["assignedLocation"]["location"]["id"]
    text = refusal(send(call, first, second))
    assert text.startswith(
        "All fulfillment orders must be assigned to a single location. Multiple locations with ids ["
    )
    send(call, first)
    send(call, second)
    assert call(FULFILMENT_ORDERS, id=placed["gid"])["order"]["displayFulfillmentStatus"] == "FULFILLED"


def test_what_is_not_shipped_has_a_fulfilment_order_of_its_own(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 2)], payment="contrassegno", fee=("Contrassegno", "3.00"))
    query = """query Q($id: ID!) { order(id: $id) { fulfillmentOrders(first: 9) {
        nodes { deliveryMethod { methodType } } } } }"""
    nodes = call(query, id=placed["gid"])["order"]["fulfillmentOrders"]["nodes"]
    assert [node["deliveryMethod"]["methodType"] for node in nodes] == ["SHIPPING", "NONE"]
    goods, fee = open_ones(call, placed["gid"])
    assert [line["sku"] for line in fee["lineItems"]["nodes"]] == [None]
    send(call, goods)
    assert call(FULFILMENT_ORDERS, id=placed["gid"])["order"]["displayFulfillmentStatus"] == "FULFILLED"


def test_two_orders_do_not_go_in_one_parcel(shop: FakeShop, call: Client) -> None:
    one, other = (open_ones(call, shop.place_order()["gid"])[0] for _ in range(2))
    assert "same order" in refusal(send(call, one, other))


@pytest.mark.parametrize("state", ["on_hold", "scheduled"])
def test_held_and_scheduled_ones_wait(shop: FakeShop, call: Client, state: str) -> None:
    placed = shop.place_order()
    number = shop.fulfilment.of_order(placed["id"])[0]["id"]
    if state == "on_hold":
        shop.fulfilment.hold(number, "AWAITING_PAYMENT", "Bonifico")
    else:
        shop.fulfilment.schedule(number, "2027-01-10T00:00:00Z")
    (order,) = open_ones(call, placed["gid"])
    assert "CREATE_FULFILLMENT" not in {action["action"] for action in order["supportedActions"]}
    assert call(FULFILMENT_ORDERS, id=placed["gid"])["order"]["displayFulfillmentStatus"] == state.upper()
    assert refusal(send(call, order)) == f"Fulfillment order {number} has an unfulfillable status= {state}."
    if state == "on_hold":
        assert order["fulfillmentHolds"] == [{"reason": "AWAITING_PAYMENT", "reasonNotes": "Bonifico"}]
        shop.fulfilment.release(number)
        assert send(call, open_ones(call, placed["gid"])[0])["fulfillment"]


def test_moving_and_splitting_make_new_fulfilment_orders(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 3)])
    number = shop.fulfilment.of_order(placed["id"])[0]["id"]
    moved = shop.fulfilment.move(number, shop.stock.locations()[1]["id"])
    (order,) = open_ones(call, placed["gid"])
    assert order["assignedLocation"]["name"] == "Negozio Torino"
    shop.fulfilment.split(moved["id"], {moved["lines"][0]["id"]: 1})
    left, apart = open_ones(call, placed["gid"])
    assert [one["lineItems"]["nodes"][0]["remainingQuantity"] for one in (left, apart)] == [2, 1]
    assert len({one["lineItems"]["nodes"][0]["lineItem"]["id"] for one in (left, apart)}) == 1
    assert send(call, left, apart)["fulfillment"]["totalQuantity"] == 3  # same location: one parcel


def test_the_api_holds_releases_moves_and_splits_too(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 2)])
    (order,) = open_ones(call, placed["gid"])
    hold = """mutation H($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: {reason: OTHER}) {
        fulfillmentOrder { status } userErrors { code message } } }"""
    assert call(hold, id=order["id"])["fulfillmentOrderHold"]["fulfillmentOrder"]["status"] == "ON_HOLD"
    missing = call(hold, id="gid://shopify/FulfillmentOrder/7")["fulfillmentOrderHold"]
    assert [error["code"] for error in missing["userErrors"]] == ["FULFILLMENT_ORDER_NOT_FOUND"]
    release = """mutation R($id: ID!) { fulfillmentOrderReleaseHold(id: $id) { fulfillmentOrder { status }
        userErrors { message } } }"""
    assert call(release, id=order["id"])["fulfillmentOrderReleaseHold"]["fulfillmentOrder"]["status"] == "OPEN"
    split = """mutation S($id: ID!, $line: ID!) { fulfillmentOrderSplit(fulfillmentOrderSplits: [{
        fulfillmentOrderId: $id, fulfillmentOrderLineItems: [{id: $line, quantity: 1}]}]) {
        fulfillmentOrderSplits { remainingFulfillmentOrder { id } } userErrors { message } } }"""
    call(split, id=order["id"], line=order["lineItems"]["nodes"][0]["id"])
    move = """mutation M($id: ID!, $to: ID!) { fulfillmentOrderMove(id: $id, newLocationId: $to) {
        movedFulfillmentOrder { assignedLocation { name } } userErrors { message } } }"""
    to = f"gid://shopify/Location/{shop.stock.locations()[1]['id']}"
    moved = call(move, id=order["id"], to=to)["fulfillmentOrderMove"]["movedFulfillmentOrder"]
    assert moved["assignedLocation"]["name"] == "Negozio Torino"
    assert len(open_ones(call, placed["gid"])) == 2


def test_carriers_are_known_by_their_exact_name(shop: FakeShop, call: Client) -> None:
    def url(company: str) -> str | None:
        (order,) = open_ones(call, shop.place_order()["gid"])
        found: str | None = send(call, order, company=company)["fulfillment"]["trackingInfo"][0]["url"]
        return found

    assert "1234567890" in (url("BRT") or "")
    assert url("brt") is None
    assert url("SDA") is None


def test_tracking_events_and_taking_back(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order([("SCN-00001", 2)])
    (order,) = open_ones(call, placed["gid"])
    id_ = send(call, order)["fulfillment"]["id"]
    retrack = """mutation T($id: ID!, $info: FulfillmentTrackingInput!) { fulfillmentTrackingInfoUpdate(
        fulfillmentId: $id, trackingInfoInput: $info, notifyCustomer: false) {
        fulfillment { trackingInfo(first: 3) { company number url } } userErrors { message } } }"""
    info = {"company": "InPost", "number": "9", "url": "https://inpost.it/9"}
    done = call(retrack, id=id_, info=info)["fulfillmentTrackingInfoUpdate"]["fulfillment"]
    assert done["trackingInfo"] == [info]
    event = """mutation E($event: FulfillmentEventInput!) { fulfillmentEventCreate(fulfillmentEvent: $event) {
        fulfillmentEvent { status happenedAt } userErrors { message } } }"""
    given = {"fulfillmentId": id_, "status": "DELIVERED", "happenedAt": "2026-11-23T10:00:00Z"}
    assert call(event, event=given)["fulfillmentEventCreate"]["fulfillmentEvent"] == {
        "status": "DELIVERED",
        "happenedAt": "2026-11-23T10:00:00Z",
    }
    told = call(FULFILMENT_ORDERS, id=placed["gid"])["order"]
    assert told["fulfillments"][0]["displayStatus"] == "DELIVERED"
    cancel = "mutation C($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status } userErrors { message } } }"
    for _ in range(2):  # twice is a success
        assert call(cancel, id=id_)["fulfillmentCancel"]["fulfillment"]["status"] == "CANCELLED"
    (again,) = open_ones(call, placed["gid"])
    assert again["id"] != order["id"]
    assert call(event, event=given)["fulfillmentEventCreate"]["userErrors"]
    assert call(FULFILMENT_ORDERS, id=placed["gid"])["order"]["displayFulfillmentStatus"] == "UNFULFILLED"
    unknown = call(retrack, id="gid://shopify/Fulfillment/1", info=info)["fulfillmentTrackingInfoUpdate"]
    assert [error["message"] for error in unknown["userErrors"]] == ["Fulfillment does not exist."]


def test_a_fulfilment_service_is_hidden_unless_asked_for(shop: FakeShop, call: Client) -> None:
    make = """mutation F { fulfillmentServiceCreate(name: "MCI", inventoryManagement: false, trackingSupport: false) {
        fulfillmentService { handle location { id } } userErrors { message } } }"""
    call(make)
    listing = "query L($legacy: Boolean!) { locations(first: 9, includeLegacy: $legacy) { nodes { name } } }"
    assert len(call(listing, legacy=False)["locations"]["nodes"]) == 2
    assert len(call(listing, legacy=True)["locations"]["nodes"]) == 3
    assert call(make)["fulfillmentServiceCreate"]["userErrors"]
