"""Our schema of the fake Shopify is a part of Shopify's own, and what we send runs on both."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
    is_required_input_field,
    parse,
    validate,
    validate_schema,
)

from connectors.platforms.shopify.client import document
from demo.shops.shopify import FakeShop, schema

from .shopify_client import FULFIL, FULFILMENT_ORDERS, ORDER, PULL, ROOT, SHARED, Client, orders

REAL = SHARED / "schema/admin_2026-10.json.gz"
real_only = pytest.mark.skipif(not REAL.exists(), reason="Shopify's schema is not on this machine")
DOCUMENTS = sorted(path.stem for path in (ROOT / "connectors/platforms/shopify/documents").glob("*.graphql"))
SAMPLES = sorted((SHARED / "graphql").glob("*.graphql")) if SHARED.exists() else []


def own_types() -> list[Any]:
    return [type_ for name, type_ in schema.load().type_map.items() if not name.startswith("__")]


def differences(ours: Any, real: GraphQLSchema) -> list[str]:
    """How a type of ours is not a part of the real one."""
    theirs = real.type_map.get(ours.name)
    if theirs is None or type(theirs) is not type(ours):
        return [f"{ours.name} is not there"]
    if isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        return [f"{ours.name}.{value}" for value in ours.values if value not in theirs.values]
    if isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
        found = [
            f"{ours.name}.{name}: {field.type} is {theirs.fields[name].type if name in theirs.fields else 'missing'}"
            for name, field in ours.fields.items()
            if name not in theirs.fields or str(theirs.fields[name].type) != str(field.type)
        ]
        needed = [name for name, field in theirs.fields.items() if is_required_input_field(field)]
        return found + [f"{ours.name}.{name} is required" for name in needed if name not in ours.fields]
    if isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
        assert isinstance(theirs, GraphQLObjectType | GraphQLInterfaceType)
        extra = {one.name for one in ours.interfaces} - {one.name for one in theirs.interfaces}
        return [f"{ours.name} is no {name}" for name in extra] + [
            text
            for name, field in ours.fields.items()
            for text in _field(ours.name, name, field, theirs.fields.get(name))
        ]
    return []


def _field(type_: str, name: str, ours: Any, theirs: Any) -> list[str]:
    if theirs is None or str(theirs.type) != str(ours.type):
        return [f"{type_}.{name}: {ours.type} is {theirs.type if theirs else 'missing'}"]
    if theirs.deprecation_reason:
        return [f"{type_}.{name} is deprecated"]
    wrong = [
        f"{type_}.{name}({argument}:)"
        for argument, one in ours.args.items()
        if argument not in theirs.args or str(theirs.args[argument].type) != str(one.type)
    ]
    needed = [argument for argument, one in theirs.args.items() if is_required_argument(one)]
    return wrong + [f"{type_}.{name}({argument}:) is required" for argument in needed if argument not in ours.args]


def test_our_schema_is_sound() -> None:
    assert validate_schema(schema.load()) == []


@real_only
@pytest.mark.parametrize("version", ["2026-10"])
def test_our_schema_is_a_part_of_the_real_one(version: str) -> None:
    real = schema.load(SHARED / f"schema/admin_{version}.json.gz")
    assert [text for type_ in own_types() for text in differences(type_, real)] == []
    directive = next(one for one in real.directives if one.name == "idempotent")
    own = next(one for one in schema.load().directives if one.name == "idempotent")
    assert ({n: str(a.type) for n, a in own.args.items()}, own.locations) == (
        {n: str(a.type) for n, a in directive.args.items()},
        directive.locations,
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_is_valid_on_our_schema(name: str) -> None:
    assert validate(schema.load(), parse(document(name))) == []


def test_our_schema_holds_nothing_that_no_field_leads_to() -> None:
    """It is written by hand, of what we use: a type that is left over is a mistake."""
    wanted, found = ["QueryRoot", "Mutation"], set()
    types = schema.load().type_map
    while wanted:
        name = wanted.pop()
        if name in found or name.startswith("__"):
            continue
        found.add(name)
        one = types[name]
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType):
            wanted += [interface.name for interface in one.interfaces]
            for field in one.fields.values():
                wanted += [get_named_type(argument.type).name for argument in field.args.values()]
        if isinstance(one, GraphQLInterfaceType):
            wanted += [able.name for able in schema.load().get_possible_types(one)]
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            wanted += [get_named_type(field.type).name for field in one.fields.values()]
    assert {type_.name for type_ in own_types()} - found == set()


@pytest.fixture(params=["ours", pytest.param("real", marks=real_only)])
def shop(request: pytest.FixtureRequest) -> Iterator[FakeShop]:
    with FakeShop(real_schema=REAL if request.param == "real" else None) as shop:
        yield shop


def test_the_main_walk_runs_on_both_schemas(shop: FakeShop) -> None:
    """Pull, read, send with tracking, read back, a wrong field, stock."""
    call = Client(shop)
    placed = shop.place_order([("SCN-00001", 2), ("SCN-00002", 1)], payment="cod")
    assert orders(call(PULL, first=50, query="updated_at:>='2020-01-01'")) == [placed["name"]]
    assert call(ORDER, id=placed["gid"])["order"]["totalPriceSet"]["shopMoney"]["amount"] == "192.2"
    (order,) = call(FULFILMENT_ORDERS, id=placed["gid"])["order"]["fulfillmentOrders"]["nodes"]
    given = {
        "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": order["id"]}],
        "trackingInfo": {"company": "GLS Italy", "number": "M1"},
    }
    assert call(FULFIL, fulfillment=given)["fulfillmentCreate"]["userErrors"] == []
    assert call(ORDER, id=placed["gid"])["order"]["displayFulfillmentStatus"] == "FULFILLED"
    assert call.ask("query Q { shop { nmae } }").codes == ["undefinedField"]
    assert call.ask(PULL, first="x", query="").codes == ["INVALID_VARIABLE"]


@pytest.mark.skipif(not SAMPLES, reason="the sample operations are not on this machine")
def test_no_sample_operation_meets_a_gap() -> None:
    """Each runs on Shopify's own schema, with its variables pointed at what is there: no 501, and no error but the
    store's own."""
    variables = json.loads((SHARED / "graphql/variables.json").read_text(encoding="utf-8"))
    with FakeShop(bucket=(100_000, 1000), real_schema=REAL) as shop:
        call = Client(shop)
        placed = shop.place_order([("SCN-00001", 2)], payment="cod")
        line = shop.orders.doc(placed["id"])["lines"][0]
        variant = shop.store.get("variant", line["variant"])
        assert variant is not None
        fo = shop.fulfilment.of_order(placed["id"])[0]
        there = {
            "Order/450789469": placed["id"],
            "FulfillmentOrder/1046000777": fo["id"],
            "FulfillmentOrderLineItem/1058737493": fo["lines"][0]["id"],
            "InventoryItem/30322695": variant["item"],
            "Location/124656943": shop.stock.locations()[0]["id"],
            "Product/20995642": variant["product"],
            "ProductVariant/30322695": variant["id"],
            "Publication/762454635": shop.publications()[0]["id"],
        }
        for path in SAMPLES:
            name = path.stem
            if name in ("15_bulk_orders_inner", "64_app_uninstall"):  # inside a bulk operation; ends the test
                continue
            text = json.dumps(variables[name])
            for theirs, ours in there.items():
                text = text.replace(f'gid://shopify/{theirs}"', f'gid://shopify/{theirs.partition("/")[0]}/{ours}"')
            given = {k: v for k, v in json.loads(text).items() if k != "after"}
            answer = call.ask(path.read_text(encoding="utf-8"), **given)
            assert answer.status == 200, (name, answer.text)
            assert "errors" not in answer.json, (name, answer.text)
