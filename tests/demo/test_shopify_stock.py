"""Stock of the fake Shopify: compare-and-swap, idempotency keys, limits, levels that are not active."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo.shops.shopify import FakeShop

from .shopify_client import Client

SET = """
mutation MciInventorySet($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { reason changes { name delta quantityAfterChange item { sku } } }
    userErrors { code field message }
  }
}
"""
LEVELS = """
query MciLevels($ids: [ID!]!, $location: ID!) {
  nodes(ids: $ids) { ... on InventoryItem { sku tracked duplicateSkuCount
    inventoryLevel(locationId: $location, includeInactive: true) {
      isActive quantities(names: ["available", "on_hand", "committed"]) { name quantity } } } }
}
"""


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        yield shop


@pytest.fixture
def call(shop: FakeShop) -> Client:
    return Client(shop)


class Shelf:
    """One item at one location."""

    def __init__(self, shop: FakeShop, sku: str = "SCN-00001", place: int = 0) -> None:
        variant = shop.products.by_sku(sku)
        assert variant is not None
        self.item = f"gid://shopify/InventoryItem/{variant['item']}"
        self.location = f"gid://shopify/Location/{shop.stock.locations()[place]['id']}"

    def entry(self, quantity: int, **compare: int | None) -> dict[str, Any]:
        where = {"inventoryItemId": self.item, "locationId": self.location}
        said = {"changeFromQuantity": compare["compare"]} if "compare" in compare else {}
        return {**where, "quantity": quantity, **said}

    def read(self, call: Client) -> tuple[bool, dict[str, int]]:
        level = call(LEVELS, ids=[self.item], location=self.location)["nodes"][0]["inventoryLevel"]
        return level["isActive"], {one["name"]: one["quantity"] for one in level["quantities"]}


def write(call: Client, *entries: dict[str, Any], key: str = "k1", **more: str) -> Any:
    given = {"name": "available", "reason": "correction", "quantities": list(entries), **more}
    return call(SET, input=given, key=key)["inventorySetQuantities"]


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer["userErrors"]]


def test_a_quantity_is_set_if_it_is_still_what_was_read(shop: FakeShop, call: Client) -> None:
    shelf = Shelf(shop)
    done = write(call, shelf.entry(11, compare=40))
    assert codes(done) == []
    changes = done["inventoryAdjustmentGroup"]["changes"]
    assert [(one["name"], one["delta"], one["quantityAfterChange"]) for one in changes] == [
        ("available", -29, None),
        ("on_hand", -29, None),
    ]
    stale = write(call, shelf.entry(12, compare=40), key="k2")
    assert codes(stale) == ["CHANGE_FROM_QUANTITY_STALE"]
    assert stale["userErrors"][0]["field"] == ["input", "quantities", "0", "changeFromQuantity"]
    assert shelf.read(call)[1]["available"] == 11
    assert codes(write(call, shelf.entry(12, compare=None), key="k3")) == []  # null: no comparison
    assert shelf.read(call)[1]["available"] == 12


def test_one_stale_entry_stops_the_whole_batch(shop: FakeShop, call: Client) -> None:
    one, other = Shelf(shop), Shelf(shop, "SCN-00002")
    assert codes(write(call, one.entry(1, compare=40), other.entry(1, compare=7))) == ["CHANGE_FROM_QUANTITY_STALE"]
    assert one.read(call)[1]["available"] == 40


def test_the_comparison_must_be_said_and_the_key_given(shop: FakeShop, call: Client) -> None:
    entry = Shelf(shop).entry(5)
    given = {"name": "available", "reason": "correction", "quantities": [entry]}
    answer = call.ask(SET, input=given, key="k")
    assert answer.json["errors"][0]["message"] == (
        "InventoryQuantityInput must include the following argument: changeFromQuantity."
    )
    assert answer.codes == ["INVALID_FIELD_ARGUMENTS"]
    keyless = SET.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    answer = call.ask(keyless, input=given)
    assert answer.codes == ["BAD_REQUEST"]
    assert "The @idempotent directive is required" in answer.text
    assert call.ask(SET, input=given, key=" ").codes == ["BAD_REQUEST"]
    assert Shelf(shop).read(call)[1]["available"] == 40


def test_a_replay_after_success_is_stale_and_another_content_is_refused(shop: FakeShop, call: Client) -> None:
    shelf = Shelf(shop)
    assert codes(write(call, shelf.entry(39, compare=40))) == []
    assert codes(write(call, shelf.entry(39, compare=40))) == ["CHANGE_FROM_QUANTITY_STALE"]
    assert codes(write(call, shelf.entry(38, compare=39))) == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]


def test_250_entries_go_in_one_call_and_no_more(shop: FakeShop, call: Client) -> None:
    entry = Shelf(shop).entry(5, compare=None)
    given = {"name": "available", "reason": "correction", "quantities": [entry] * 251}
    answer = call.ask(SET, input=given, key="k")
    assert (answer.status, answer.codes) == (200, ["MAX_INPUT_SIZE_EXCEEDED"])
    assert "data" not in answer.json
    for n in range(249):
        shop.products.add(sku=f"M-{n}", name=f"Molti {n}", price="1.00", stock=1)
    entries = [Shelf(shop, f"M-{n}").entry(n, compare=1) for n in range(249)]
    assert codes(write(call, entry, *entries)) == []
    assert codes(write(call, entry, entry, key="k2")) == ["NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "reserved"}, "INVALID_NAME"),
        ({"reason": "because"}, "INVALID_REASON"),
        ({"quantity": 2_000_000_000}, "INVALID_QUANTITY_TOO_HIGH"),
        ({"inventoryItemId": "gid://shopify/InventoryItem/1"}, "INVALID_INVENTORY_ITEM"),
        ({"locationId": "gid://shopify/Location/1"}, "INVALID_LOCATION"),
    ],
)
def test_what_is_wrong_has_its_code(shop: FakeShop, call: Client, changed: dict[str, Any], code: str) -> None:
    entry = {**Shelf(shop).entry(5, compare=None), **{k: v for k, v in changed.items() if k not in ("name", "reason")}}
    more = {k: v for k, v in changed.items() if k in ("name", "reason")}
    assert codes(write(call, entry, **more)) == [code]


def test_an_item_not_stocked_there_takes_a_quantity_and_stays_inactive(shop: FakeShop, call: Client) -> None:
    shelf = Shelf(shop, place=1)
    call.version = "2026-07"
    assert codes(write(call, shelf.entry(4, compare=None))) == ["ITEM_NOT_STOCKED_AT_LOCATION"]
    call.version = "2026-10"
    assert codes(write(call, shelf.entry(4, compare=None), key="k2")) == []
    assert shelf.read(call) == (False, {"available": 4, "on_hand": 4, "committed": 0})
    activate = """mutation A($item: ID!, $place: ID!, $available: Int) { inventoryActivate(inventoryItemId: $item,
        locationId: $place, available: $available) @idempotent(key: "a") { inventoryLevel { isActive
        quantities(names: ["available"]) { quantity } } userErrors { field message } } }"""
    done = call(activate, item=shelf.item, place=shelf.location)["inventoryActivate"]
    assert done["inventoryLevel"] == {"isActive": True, "quantities": [{"quantity": 4}]}  # the old quantity
    again = call(activate, item=shelf.item, place=shelf.location, available=9)["inventoryActivate"]
    assert again["inventoryLevel"] is None
    assert again["userErrors"]


def test_orders_commit_what_they_sell(shop: FakeShop, call: Client) -> None:
    shelf = Shelf(shop)
    placed = shop.place_order([("SCN-00001", 3)])
    assert shelf.read(call)[1] == {"available": 37, "on_hand": 40, "committed": 3}
    assert codes(write(call, shelf.entry(30, compare=40), name="on_hand")) == []
    assert shelf.read(call)[1] == {"available": 27, "on_hand": 30, "committed": 3}
    shop.fulfilment.create([(shop.fulfilment.of_order(placed["id"])[0]["id"], None)], [])
    assert shelf.read(call)[1] == {"available": 27, "on_hand": 27, "committed": 0}


def test_adjusting_adds(shop: FakeShop, call: Client) -> None:
    adjust = """mutation A($input: InventoryAdjustQuantitiesInput!) { inventoryAdjustQuantities(input: $input)
        @idempotent(key: "a") { userErrors { code message } } }"""
    shelf = Shelf(shop)
    change = {"inventoryItemId": shelf.item, "locationId": shelf.location, "delta": -1, "changeFromQuantity": 40}
    call(adjust, input={"name": "available", "reason": "correction", "changes": [change]})
    assert shelf.read(call)[1]["available"] == 39


def test_writing_stock_echoes_to_the_subscriber(shop: FakeShop, call: Client) -> None:
    shop.webhooks.subscribe("mci-client", "INVENTORY_LEVELS_UPDATE", "http://127.0.0.1:9/x")
    write(call, Shelf(shop).entry(5, compare=40))
    (due,) = shop.pending
    assert json.loads(due.body)["available"] == 5
