"""Products of the fake Shopify: lists that replace, SKUs that repeat, operations, variants in bulk, publications."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.shops.shopify import FakeShop

from .shopify_client import SHARED, Client


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        yield shop


@pytest.fixture
def call(shop: FakeShop) -> Client:
    return Client(shop)


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer["userErrors"]]


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
