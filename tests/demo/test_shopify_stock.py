"""Stock and products of the fake Shopify: compare-and-swap, keys, limits; lists that replace; SKUs that repeat."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.shops.shopify import FakeShop

from .shopify_client import SHARED, Client

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


# Products.

PRODUCT = """
mutation MciProductSet($input: ProductSetInput!, $identifier: ProductSetIdentifiers, $synchronous: Boolean = true) {
  productSet(input: $input, identifier: $identifier, synchronous: $synchronous) {
    product { id handle title status vendor tags descriptionHtml onlineStoreUrl
      media(first: 9) { nodes { status mediaErrors { code } } }
      variants(first: 50) { nodes { id sku barcode price compareAtPrice selectedOptions { name value }
        inventoryQuantity inventoryItem { tracked measurement { weight { unit value } } } } } }
    productSetOperation { id status userErrors { code } }
    userErrors { code field message }
  }
}
"""


def draft(shop: FakeShop, *colours: str, **more: Any) -> dict[str, Any]:
    location = f"gid://shopify/Location/{shop.stock.locations()[0]['id']}"
    variants = [
        {
            "optionValues": [{"optionName": "Colore", "name": colour}],
            "price": "49.90",
            "sku": f"TAV-{colour[0]}",
            "inventoryItem": {"tracked": True, "measurement": {"weight": {"unit": "KILOGRAMS", "value": 3.5}}},
            "inventoryQuantities": [{"locationId": location, "name": "available", "quantity": 5}],
        }
        for colour in colours
    ]
    options = [{"name": "Colore", "position": 1, "values": [{"name": colour} for colour in colours]}]
    given = {"title": "Tavolo", "vendor": "MCI", "tags": ["mci"], "productOptions": options, "variants": variants}
    return {**given, "files": [{"originalSource": "https://cdn.example/t.jpg", "contentType": "IMAGE"}], **more}


def make(call: Client, given: dict[str, Any], handle: str = "mci-tavolo") -> Any:
    return call(PRODUCT, input=given, identifier={"handle": handle})["productSet"]


def test_a_product_is_made_and_its_lists_are_replaced(shop: FakeShop, call: Client) -> None:
    first = make(call, draft(shop, "Rosso", "Blu"))["product"]
    assert (first["handle"], first["onlineStoreUrl"]) == ("mci-tavolo", None)  # active is not yet visible
    red, blue = first["variants"]["nodes"]
    assert (red["sku"], red["price"], red["inventoryQuantity"]) == ("TAV-R", "49.90", 5)
    assert red["inventoryItem"] == {"tracked": True, "measurement": {"weight": {"unit": "KILOGRAMS", "value": 3.5}}}
    shop.products.save({**shop.products.by_handle("mci-tavolo"), "vendor": "Del negozio"})  # type: ignore[dict-item]
    second = make(call, draft(shop, "Blu", "Verde", vendor=None, files=[]))["product"]
    assert second["id"] == first["id"]
    assert [one["sku"] for one in second["variants"]["nodes"]] == ["TAV-B", "TAV-V"]
    assert second["variants"]["nodes"][0]["id"] == blue["id"]
    assert shop.products.with_sku("TAV-R") == []
    assert second["media"]["nodes"] == []


def test_what_is_left_out_stays_when_it_is_no_list(shop: FakeShop, call: Client) -> None:
    make(call, draft(shop, "Rosso", descriptionHtml="<p>Bello</p>"))
    told = make(call, {"title": "Tavolo nuovo"})["product"]
    assert (told["title"], told["descriptionHtml"], told["vendor"], len(told["variants"]["nodes"])) == (
        "Tavolo nuovo", "<p>Bello</p>", "MCI", 1
    )  # fmt: skip


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"productOptions": None}, {}, "PRODUCT_OPTIONS_INPUT_MISSING"),
    ({"variants": None}, {}, "VARIANTS_INPUT_MISSING"),
    ({}, {"id": "gid://shopify/Product/1"}, "PRODUCT_DOES_NOT_EXIST"),
    ({"handle": "trapano-avvitatore-18v-con-valigetta"}, {"handle": "mci-x"}, "HANDLE_NOT_UNIQUE"),
    ({"title": ""}, {}, "INVALID_INPUT"),
]


@pytest.mark.parametrize(("changed", "identifier", "code"), REFUSED, ids=[row[2] for row in REFUSED])
def test_a_product_that_does_not_fit_is_refused_and_nothing_is_made(
    shop: FakeShop, call: Client, changed: dict[str, Any], identifier: dict[str, Any], code: str
) -> None:
    before = len(shop.products.all())
    given = {key: value for key, value in {**draft(shop, "Rosso"), **changed}.items() if value is not None}
    answer = call(PRODUCT, input=given, identifier=identifier or None)["productSet"]
    assert (answer["product"], codes(answer)) == (None, [code])
    assert len(shop.products.all()) == before


def test_a_picture_that_cannot_be_fetched_fails_after_a_good_answer(shop: FakeShop, call: Client) -> None:
    given = draft(shop, "Rosso", files=[{"originalSource": "ftp://x/y.jpg", "contentType": "IMAGE"}])
    (medium,) = make(call, given)["product"]["media"]["nodes"]
    assert medium == {"status": "FAILED", "mediaErrors": [{"code": "IMAGE_DOWNLOAD_FAILURE"}]}


def test_an_operation_is_asked_for_until_it_is_done(shop: FakeShop, call: Client) -> None:
    answer = call(PRODUCT, input=draft(shop, "Rosso"), identifier={"handle": "mci-tavolo"}, synchronous=False)
    operation = answer["productSet"]["productSetOperation"]
    assert (answer["productSet"]["product"], operation["status"]) == (None, "CREATED")
    assert shop.products.by_handle("mci-tavolo") is None
    poll = """query P($id: ID!) { productOperation(id: $id) { status product { handle }
        ... on ProductSetOperation { userErrors { code } } } }"""
    assert call(poll, id=operation["id"])["productOperation"]["status"] == "ACTIVE"
    done = call(poll, id=operation["id"])["productOperation"]
    assert done == {"status": "COMPLETE", "product": {"handle": "mci-tavolo"}, "userErrors": []}


def test_skus_repeat_and_are_found_by_their_beginnings_too(shop: FakeShop, call: Client) -> None:
    shop.products.add(sku="A-1", name="Uno", price="1.00", stock=1)
    product = shop.products.create(title="Doppione")
    shop.products.add_variant(product, sku="A-1", price="2.00")
    shop.products.save(product)
    shop.products.add(sku="A-1-R", name="Rosso", price="1.00")
    query = """query V($q: String!) { productVariants(first: 9, query: $q) {
        nodes { sku inventoryItem { duplicateSkuCount } } } }"""
    found = call(query, q="sku:'A-1' OR sku:'SCN-00001'")["productVariants"]["nodes"]
    assert sorted(one["sku"] for one in found) == ["A-1", "A-1", "A-1-R", "SCN-00001"]
    assert {one["inventoryItem"]["duplicateSkuCount"] for one in found if one["sku"] == "A-1"} == {1}


def test_variants_are_made_and_changed_in_bulk(shop: FakeShop, call: Client) -> None:
    product = make(call, draft(shop, "Rosso"))["product"]
    location = f"gid://shopify/Location/{shop.stock.locations()[0]['id']}"
    create = """mutation C($id: ID!, $variants: [ProductVariantsBulkInput!]!) {
        productVariantsBulkCreate(productId: $id, variants: $variants) {
        productVariants { id sku price inventoryQuantity } userErrors { code message } } }"""
    new = {
        "optionValues": [{"optionName": "Colore", "name": "Verde"}],
        "price": "50",
        "inventoryItem": {"sku": "TAV-V", "tracked": True},
        "inventoryQuantities": [{"locationId": location, "availableQuantity": 3}],
    }
    (made,) = call(create, id=product["id"], variants=[new])["productVariantsBulkCreate"]["productVariants"]
    assert (made["sku"], made["price"], made["inventoryQuantity"]) == ("TAV-V", "50.00", 3)
    twice = call(create, id=product["id"], variants=[new])["productVariantsBulkCreate"]
    assert codes(twice) == ["VARIANT_ALREADY_EXISTS"]
    update = """mutation U($id: ID!, $variants: [ProductVariantsBulkInput!]!, $partial: Boolean) {
        productVariantsBulkUpdate(productId: $id, variants: $variants, allowPartialUpdates: $partial) {
        productVariants { sku price compareAtPrice } userErrors { code field } } }"""
    good = {"id": made["id"], "price": "44.90", "compareAtPrice": "59.90"}
    bad = {"id": "gid://shopify/ProductVariant/1", "price": "1"}
    answer = call(update, id=product["id"], variants=[good, bad])["productVariantsBulkUpdate"]
    assert (answer["productVariants"], codes(answer)) == (None, ["PRODUCT_VARIANT_DOES_NOT_EXIST"])
    answer = call(update, id=product["id"], variants=[good, bad], partial=True)["productVariantsBulkUpdate"]
    assert answer["productVariants"] == [{"sku": "TAV-V", "price": "44.90", "compareAtPrice": "59.90"}]
    stock = {"id": made["id"], "inventoryQuantities": [{"locationId": location, "availableQuantity": 3}]}
    answer = call(update, id=product["id"], variants=[stock])["productVariantsBulkUpdate"]
    assert codes(answer) == ["NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE"]
    answer = call(update, id="gid://shopify/Product/1", variants=[good])["productVariantsBulkUpdate"]
    assert codes(answer) == ["PRODUCT_DOES_NOT_EXIST"]


def test_a_product_is_seen_once_it_is_published(shop: FakeShop, call: Client) -> None:
    product = make(call, draft(shop, "Rosso"))["product"]["id"]
    listing = "{ publications(first: 9) { nodes { id catalog { title } } } }"
    online = next(p for p in call(listing)["publications"]["nodes"] if p["catalog"]["title"] == "Online Store")
    publish = """mutation P($id: ID!, $to: ID!) { publishablePublish(id: $id, input: [{publicationId: $to}]) {
        publishable { availablePublicationsCount { count } ... on Product { onlineStoreUrl } }
        userErrors { message } } }"""
    shown = call(publish, id=product, to=online["id"])["publishablePublish"]["publishable"]
    assert shown["availablePublicationsCount"] == {"count": 1}
    assert shown["onlineStoreUrl"].endswith("/products/mci-tavolo")
    away = publish.replace("publishablePublish", "publishableUnpublish")
    assert call(away, id=product, to=online["id"])["publishableUnpublish"]["publishable"]["onlineStoreUrl"] is None
    assert call(publish, id=product, to="gid://shopify/Publication/1")["publishablePublish"]["userErrors"]


def test_products_are_listed_by_cursor_and_go_when_deleted(shop: FakeShop, call: Client) -> None:
    query = """query P($after: String) { products(first: 5, after: $after, sortKey: ID) {
        nodes { id handle variants(first: 1) { nodes { sku } } } pageInfo { hasNextPage endCursor } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = call(query, after=after)["products"]
        seen += [node["variants"]["nodes"][0]["sku"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen) == sorted(doc["sku"] for doc in shop.products.variants())
    gone = shop.products.by_sku("SCN-00001")
    assert gone is not None
    delete = "mutation D($id: ID!) { productDelete(input: {id: $id}) { deletedProductId userErrors { message } } }"
    placed = shop.place_order([("SCN-00001", 1)])
    call(delete, id=f"gid://shopify/Product/{gone['product']}")
    line = """query L($id: ID!) { order(id: $id) { lineItems(first: 1) {
        nodes { sku title product { id } variant { id } } } } }"""
    (told,) = call(line, id=placed["gid"])["order"]["lineItems"]["nodes"]
    assert (told["sku"], told["product"], told["variant"]) == ("SCN-00001", None, None)


@pytest.mark.skipif(not SHARED.exists(), reason="the reference of Shopify is not on this machine")
def test_a_product_set_costs_by_what_is_in_it(shop: FakeShop, call: Client) -> None:
    text = Path(SHARED / "graphql/40_product_set.graphql").read_text(encoding="utf-8")
    variables = json.loads((SHARED / "graphql/variables.json").read_text(encoding="utf-8"))["40_product_set"]
    location = f"gid://shopify/Location/{shop.stock.locations()[0]['id']}"
    variables = json.loads(json.dumps(variables).replace("gid://shopify/Location/124656943", location))
    assert call.ask(text, **variables).json["extensions"]["cost"]["requestedQueryCost"] == 42
