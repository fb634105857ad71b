"""The Admin API of the fake Shopify: who is let in, what a query costs, what is refused and in which words."""

import datetime as dt
import http.client
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from demo.shops.shopify import FakeShop

from .shopify_client import FULFIL, ORDER, PULL, SHARED, Client

NAME = "query MciName { shop { name } }"
EVERYTHING = "updated_at:>='2020-01-01'"


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with FakeShop() as shop:
        yield shop


@pytest.fixture
def call(shop: FakeShop) -> Client:
    return Client(shop)


def test_a_bad_token_is_a_string_of_errors(shop: FakeShop) -> None:
    for token in ("", "shpat_wrong"):
        client = Client(shop, token or "x")
        client.token = token
        answer = client.ask(NAME)
        assert answer.status == 401
        assert answer.json["errors"].startswith("[API] Invalid API key or access token")


def test_a_retired_version_falls_forward_and_the_header_says_so(shop: FakeShop, call: Client) -> None:
    assert call.ask(NAME).headers["X-Shopify-API-Version"] == "2026-10"
    call.version = "2024-01"
    assert call.ask(NAME).headers["X-Shopify-API-Version"] == "2026-01"
    shop.answered_version = "2027-01"
    assert call.ask(NAME).headers["X-Shopify-API-Version"] == "2027-01"


WRONG = [
    ("query Q { order(id: \"gid://shopify/Order/1\") { nope } }", "undefinedField",
     "Field 'nope' doesn't exist on type 'Order'", ["query Q", "order", "nope"]),
    ("{ order { id } }", "missingRequiredArguments", "Field 'order' is missing required arguments: id",
     ["query", "order"]),
    ("query Q($x: Int) { shop { id } }", "variableNotUsed", "Variable $x is declared by Q but not used", ["query Q"]),
    ("query Q { order(id: $x) { id } }", "variableNotDefined", "Variable $x is used by Q but not declared",
     ["query Q", "order"]),
    ("{ shop(foo: 1) { id } }", "argumentNotAccepted", "Field 'shop' doesn't accept argument 'foo'",
     ["query", "shop"]),
    ("{ shop }", "selectionMismatch",
     "Field must have selections (field 'shop' returns Shop but has no selections. Did you mean 'shop { ... }'?)",
     ["query", "shop"]),
    ("{ shop { ...F } }", "useAndDefineFragment", "Fragment F was used, but not defined", ["query", "shop"]),
    ("{ shop @here { id } }", "undefinedDirective", "Directive @here is not defined", ["query", "shop"]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "code", "message", "path"), WRONG, ids=[row[1] for row in WRONG])
def test_a_document_that_does_not_fit_is_refused_whole(
    call: Client, query: str, code: str, message: str, path: list[str]
) -> None:
    answer = call.ask(query)
    (error,) = answer.json["errors"]
    assert (answer.status, error["extensions"]["code"], error["message"]) == (200, code, message)
    assert error["path"] == path
    assert "data" not in answer.json
    assert "extensions" not in answer.json  # it costs nothing


def test_user_errors_of_fulfillment_create_have_no_code(call: Client) -> None:
    answer = call.ask(FULFIL.replace("userErrors { field message }", "userErrors { field message code }"))
    assert answer.json["errors"][0]["message"] == "Field 'code' doesn't exist on type 'UserError'"


def test_syntax_and_variables_are_refused_in_shopify_s_words(call: Client) -> None:
    assert call.ask("{ shop { id }").codes == ["PARSE_ERROR"]
    (error,) = call.ask(ORDER).json["errors"]
    assert error["message"] == "Variable $id of type ID! was provided invalid value"
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["extensions"]["problems"] == [{"path": [], "explanation": "Expected value to not be null"}]
    wrong = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": "1", "colour": "red"}]}
    (error,) = call.ask(FULFIL, fulfillment=wrong).json["errors"]
    assert error["extensions"]["problems"] == [
        {
            "path": ["lineItemsByFulfillmentOrder", 0, "colour"],
            "explanation": "Field is not defined on FulfillmentOrderLineItemsInput",
        }
    ]


def test_a_list_wants_to_know_how_many(call: Client) -> None:
    assert call.ask("{ locations { nodes { id } } }").json["errors"][0]["message"] == (
        "you must provide one of first or last"
    )
    assert call.ask("{ locations(first: 251) { nodes { id } } }").codes == ["BAD_REQUEST"]


# Points.


def test_every_answer_says_what_it_cost(shop: FakeShop, call: Client) -> None:
    shop.place_order()
    cost = call.ask(PULL, first=50, query=EVERYTHING).json["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 9  # 2 + floor(2 ln 50) for each order
    assert cost["actualQueryCost"] == 3  # there is one
    assert cost["throttleStatus"]["maximumAvailable"] == 2000.0
    assert cost["throttleStatus"]["restoreRate"] == 100.0


def test_an_empty_bucket_throttles_with_status_200_and_fills_by_the_second(shop: FakeShop) -> None:
    now = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
    shop.clock = lambda: now
    call = Client(shop)
    shop.api.bucket("mci-client").set(4)
    answer = call.ask(PULL, first=50, query=EVERYTHING)
    assert (answer.status, answer.codes) == (200, ["THROTTLED"])
    cost = answer.json["extensions"]["cost"]
    assert (cost["actualQueryCost"], cost["throttleStatus"]["currentlyAvailable"]) == (None, 4)
    assert "data" not in answer.json
    now += dt.timedelta(milliseconds=50)
    assert "errors" not in call.ask(PULL, first=50, query=EVERYTHING).json


def test_a_query_of_more_than_a_thousand_points_is_never_run(shop: FakeShop, call: Client) -> None:
    query = "{ orders(first: 250) { nodes { id lineItems(first: 250) { nodes { id variant { id product { id "
    query += "variants(first: 250) { nodes { id inventoryItem { id } } } } } } } } } }"
    (error,) = call.ask(query).json["errors"]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert error["extensions"]["maxCost"] == 1000
    assert error["message"].startswith(f"Query cost is {error['extensions']['cost']}, which exceeds")


@pytest.mark.skipif(not SHARED.exists(), reason="the reference of Shopify is not on this machine")
def test_the_prices_are_those_of_the_estimator(call: Client, shop: FakeShop) -> None:
    known = {"10_orders_pull": 296, "12_orders_light": 13, "20_order_fulfillment_orders": 180, "11_order_by_id": 52,
             "21_fulfillment_create": 31, "31_inventory_set": 13}  # fmt: skip
    variables = json.loads((SHARED / "graphql/variables.json").read_text(encoding="utf-8"))
    for name, price in known.items():
        answer = call.ask((SHARED / f"graphql/{name}.graphql").read_text(encoding="utf-8"), **variables[name]).json
        assert answer["extensions"]["cost"]["requestedQueryCost"] == price, name


# Rights.


def test_a_missing_scope_nulls_the_field_and_leaves_the_rest(shop: FakeShop) -> None:
    placed = shop.place_order()
    call = Client(shop, shop.legacy_token("read_orders"))
    query = "query Q($id: ID!) { order(id: $id) { name fulfillmentOrders(first: 1) { nodes { id } } } shop { name } }"
    answer = call.ask(query, id=placed["gid"])
    assert answer.status == 200
    assert answer.json["data"] == {"order": None, "shop": {"name": shop.name}}  # that field may not be null
    (error,) = answer.json["errors"]
    assert error["path"] == ["order", "fulfillmentOrders"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert "read_merchant_managed_fulfillment_orders" in error["extensions"]["requiredAccess"]
    answer = call.ask("query Q($id: ID!) { order(id: $id) { name customer { id } } }", id=placed["gid"])
    assert answer.json["data"] == {"order": {"name": "#1001", "customer": None}}


def test_write_implies_read_and_not_the_other_way(shop: FakeShop) -> None:
    placed = shop.place_order()
    paid = "mutation M($id: ID!) { orderMarkAsPaid(input: {id: $id}) { order { name } userErrors { message } } }"
    assert Client(shop, shop.legacy_token("read_orders")).ask(paid, id=placed["gid"]).codes == ["ACCESS_DENIED"]
    writer = Client(shop, shop.legacy_token("write_orders"))
    assert "errors" not in writer.ask(paid, id=placed["gid"]).json
    assert writer(ORDER, id=placed["gid"])["order"]["name"] == "#1001"


@pytest.mark.parametrize(("level", "order"), [(1, True), (0, False)])
def test_without_approval_for_customers_data_the_customer_is_null(
    shop: FakeShop, call: Client, level: int, order: bool
) -> None:
    placed = shop.place_order()
    shop.protected_data = level
    answer = call.ask(ORDER, id=placed["gid"])
    assert bool(answer.json["data"]["order"]) is order
    if order:
        told = answer.json["data"]["order"]
        assert (told["shippingAddress"], told["email"], told["name"]) == (None, None, "#1001")
        assert "not approved to use the email field" in answer.text
    else:
        assert "This app is not approved to access the Order object." in answer.text
    assert set(answer.codes) == {"ACCESS_DENIED"}


# Bad days.


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("500", 500, r'^\{"errors":"Internal Server Error"\}$'),
        ("502", 502, "^<html>"),
        ("html", 200, "^<!DOCTYPE html>"),
        ("string", 401, r'^\{"errors":"\[API\] Invalid'),
        ("frozen", 402, "Unavailable Shop"),
        ("locked", 423, "Locked"),
        ("security", 430, "Security"),
        ("empty", 200, "^$"),
        ("429", 429, "Exceeded"),
        ("throttled", 200, "THROTTLED"),
        ("max_cost", 200, "MAX_COST_EXCEEDED"),
        ("internal", 200, "INTERNAL_SERVER_ERROR"),
        ("access_denied:name", 200, '"path":\\["shop","name"\\]'),
    ],
)
def test_bad_days_come_by_name_and_as_often_as_asked(
    shop: FakeShop, call: Client, kind: str, status: int, body: str
) -> None:
    shop.faults.add("MciName", kind, times=2)
    assert call.ask("query Other { shop { id } }").status == 200
    for _ in range(2):
        answer = call.ask(NAME)
        assert answer.status == status
        assert re.search(body, answer.text)
        assert answer.headers.get("Retry-After") == ("2.0" if kind == "429" else None)
    assert call(NAME)["shop"]["name"] == shop.name


def test_an_answer_may_be_cut_in_the_middle(shop: FakeShop, call: Client) -> None:
    shop.faults.add("shop", "truncated")
    with pytest.raises(ValueError):
        _ = call.ask(NAME).json
    shop.faults.add("*", drop=True)
    with pytest.raises((http.client.HTTPException, OSError)):
        call.ask(NAME)


def test_a_mutation_may_be_done_and_its_answer_lost(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order()
    fo = f"gid://shopify/FulfillmentOrder/{shop.fulfilment.of_order(placed['id'])[0]['id']}"
    given = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": fo}], "trackingInfo": {"number": "T1"}}
    shop.faults.add("fulfillmentCreate", "applied_then_timeout")
    with pytest.raises((http.client.HTTPException, OSError)):
        call.ask(FULFIL, fulfillment=given)
    assert len(shop.fulfilment.sent(placed["id"])) == 1
    (error,) = call(FULFIL, fulfillment=given)["fulfillmentCreate"]["userErrors"]
    assert "unfulfillable status= closed" in error["message"]
    assert len(shop.fulfilment.sent(placed["id"])) == 1


def test_a_mutation_may_be_refused_by_a_code_and_does_nothing(shop: FakeShop, call: Client) -> None:
    shop.faults.add("tagsAdd", "user_error::Slow down")
    placed = shop.place_order()
    query = 'mutation T($id: ID!) { tagsAdd(id: $id, tags: ["mci"]) { node { id } userErrors { message } } }'
    assert call(query, id=placed["gid"])["tagsAdd"] == {"node": None, "userErrors": [{"message": "Slow down"}]}
    assert call(ORDER, id=placed["gid"])["order"]["tags"] == []
    stock = """mutation S { inventoryAdjustQuantities(input: {name: "available", reason: "other", changes: []})
        @idempotent(key: "k") { userErrors { code } } }"""
    shop.faults.add("inventoryAdjustQuantities", "user_error:IDEMPOTENCY_CONCURRENT_REQUEST")
    assert call(stock)["inventoryAdjustQuantities"]["userErrors"] == [{"code": "IDEMPOTENCY_CONCURRENT_REQUEST"}]


def test_every_call_is_remembered_by_its_operation(shop: FakeShop, call: Client) -> None:
    call(NAME)
    call.ask(PULL, first=1, query="x")
    assert list(shop.calls) == [("MciName", {}), ("MciOrders", {"first": 1, "query": "x"})]


def test_enum_values_of_tomorrow_come_through(shop: FakeShop, call: Client) -> None:
    placed = shop.place_order(financial="HALF_PAID")
    assert call(ORDER, id=placed["gid"])["order"]["displayFinancialStatus"] == "HALF_PAID"


def test_include_skip_aliases_and_fragments_work(shop: FakeShop, call: Client) -> None:
    query = """query Q($yes: Boolean!) { a: shop { ...F } shop { id @include(if: $yes) email @skip(if: $yes) } }
        fragment F on Shop { title: name ... on Node { id } __typename }"""
    data: Any = call(query, yes=False)
    assert data["a"] == {"title": shop.name, "id": "gid://shopify/Shop/70000000001", "__typename": "Shop"}
    assert data["shop"] == {"email": shop.email}
    assert list(call(query, yes=True)["shop"]) == ["id"]


# Bulk operations.


def finished(call: Client, id_: str) -> Any:
    poll = "query B($id: ID!) { bulkOperation(id: $id) { id status objectCount rootObjectCount url errorCode } }"
    for expected in ("RUNNING", "COMPLETED"):
        told = call(poll, id=id_)["bulkOperation"]
        assert told["status"] == expected
    return told


def lines_of(call: Client, url: str) -> list[Any]:
    return [json.loads(line) for line in call.raw("GET", url.removeprefix(call.shop.url)).text.splitlines()]


def test_a_bulk_query_is_a_flat_file_of_everything(shop: FakeShop, call: Client) -> None:
    for _ in range(3):
        shop.place_order([("SCN-00001", 1), ("SCN-00002", 1)])
    inner = "{ orders { edges { node { id name lineItems { edges { node { id sku } } } } } } }"
    run = """mutation R($query: String!) { bulkOperationRunQuery(query: $query) {
        bulkOperation { id status } userErrors { code message } } }"""
    made = call(run, query=inner)["bulkOperationRunQuery"]["bulkOperation"]
    assert made["status"] == "CREATED"
    told = finished(call, made["id"])
    assert (told["objectCount"], told["rootObjectCount"]) == ("9", "3")
    rows = lines_of(call, told["url"])
    assert [row.get("name") or row["sku"] for row in rows[:3]] == ["#1001", "SCN-00001", "SCN-00002"]
    assert rows[1]["__parentId"] == rows[0]["id"]
    assert call(run, query="{ nope }")["bulkOperationRunQuery"]["userErrors"][0]["code"] == "INVALID"
    for _ in range(5):
        call(run, query=inner)
    assert call(run, query=inner)["bulkOperationRunQuery"]["userErrors"][0]["code"] == "OPERATION_IN_PROGRESS"


def test_a_bulk_mutation_runs_once_for_each_line_of_an_upload(shop: FakeShop, call: Client) -> None:
    stage = """mutation S { stagedUploadsCreate(input: [{resource: BULK_MUTATION_VARIABLES, filename: "p.jsonl",
        mimeType: "text/jsonl", httpMethod: POST}]) { stagedTargets { url parameters { name value } } } }"""
    (target,) = call(stage)["stagedUploadsCreate"]["stagedTargets"]
    (key,) = (one["value"] for one in target["parameters"])
    rows = "\n".join(json.dumps({"input": {"title": f"Sedia {n}"}}) for n in range(2))
    parts = f'--X\r\nContent-Disposition: form-data; name="key"\r\n\r\n{key}\r\n'
    parts += f'--X\r\nContent-Disposition: form-data; name="file"; filename="p"\r\n\r\n{rows}\r\n--X--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=X"}
    assert call.raw("POST", "/staged", parts.encode(), kind).status == 201
    run = """mutation R($path: String!) { bulkOperationRunMutation(stagedUploadPath: $path, mutation: "mutation
        call($input: ProductSetInput!) { productSet(input: $input) { product { handle } userErrors { message } } }") {
        bulkOperation { id } userErrors { code } } }""".replace("mutation\n        call", "mutation call")
    made = call(run, path=key)["bulkOperationRunMutation"]["bulkOperation"]
    found = lines_of(call, finished(call, made["id"])["url"])
    assert [row["data"]["productSet"]["product"]["handle"] for row in found] == ["sedia-0", "sedia-1"]
    assert call(run, path="tmp/none")["bulkOperationRunMutation"]["userErrors"][0]["code"] == "NO_SUCH_FILE"
