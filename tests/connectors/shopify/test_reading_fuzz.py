"""Whatever stands in an order of Shopify, its reading ends: it is an order with doubts, or unreadable. Nothing that is
missing makes it paid or cash on delivery, and no piece vanishes without a word."""

from __future__ import annotations

import copy
import json
import pickle
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from connectors.platforms.base import IncomingOrder, Unreadable
from connectors.platforms.shopify import webhooks
from connectors.platforms.shopify.orders import HIDDEN, read_order
from tests.connectors.shopify.test_cases import PAID, item, order_of, part
from tests.connectors.shopify.test_orders import body, line, money

ODD: tuple[Any, ...] = (None, True, False, 0, -1, 7, 2**63, 1.5, "", "x", "−1", [], [None], ["x"], {}, {"nodes": None})
AMOUNTS = (
    "",
    "-1.00",
    "1,00",
    "1e3",
    "NaN",
    "Infinity",
    "0x10",
    "1_000.00",
    " 1.00",
    "1.00 €",
    "999999999999.00",
    12.5,
)
DATES = ("", "yesterday", "2026-13-01T00:00:00Z", "2026-11-23", "2026-11-23T09:15:00", "1970-01-01T00:00:00Z")
DATES += ("2026-11-23T09:15:00.123456789Z", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z")
KINDS = {"prepaid", "cod", "awaiting", "review"}
Path = tuple[str | int, ...]


def api(**fields: Any) -> dict[str, Any]:
    """With all that an order of the API may have."""
    attributes = [{"key": "Incisione", "value": "Giulia"}]
    goods = item(1, "MCI-0001", 3, customAttributes=attributes, lineItemGroup={"title": "Kit"}, unfulfilledQuantity=2)
    tax = {"priceSet": money("1.0")}
    flagged = item(2, "MCI-0002", requiresShipping=False, taxLines=[tax])
    holds = [{"reason": "OTHER", "reasonNotes": "x"}]
    parts = [
        part(1, "ON_HOLD", (1, 1), (2, 1), fulfillmentHolds=holds),
        part(2, "SCHEDULED", (1, 1), fulfillAt="2026-12-24T00:00:00Z"),
    ]
    whole = order_of(
        [goods, flagged],
        parts,
        customAttributes=[
            {"key": "Codice fiscale", "value": "RSSMRA80A01H501U"},
            {"key": "Telefono", "value": "3331112223"},
        ],
        localizedFields={"nodes": [{"key": "TAX_EMAIL_IT", "title": "PEC", "value": "a@pec.example.it"}]},
        risk={"recommendation": "ACCEPT", "assessments": [{"riskLevel": "LOW"}]},
        shippingLine={"title": "Standard", "code": "Standard"},
        transactions=[{"kind": "SALE", "status": "PENDING", "gateway": "Cash on Delivery (COD)"}],
        totalReceivedSet=money("0.0"),
        sourceIdentifier=None,
        closedAt=None,
        taxesIncluded=False,
        tags=["x"],
    )
    return {**whole, **fields}


def webhook(**fields: Any) -> dict[str, Any]:
    refund = {"transactions": [{"kind": "refund", "status": "success", "amount": "1.00"}]}
    goods = line(
        sales_line_item_group_id=9, properties=[{"name": "Incisione", "value": "Giulia"}], fulfillment_status="partial"
    )
    return body(
        line_items=goods,
        line_item_groups=[{"id": 9, "title": "Kit"}],
        note_attributes=[{"name": "Codice fiscale", "value": "RSSMRA80A01H501U"}],
        refunds=[refund],
        **fields,
    )


PAID_API = {**PAID, "totalReceivedSet": money("44.8")}
BASES: dict[str, dict[str, Any]] = {
    "api": api(),
    "api paid": api(**PAID_API),
    "webhook": webhook(),
    "webhook paid": webhook(
        financial_status="paid", total_outstanding="0.00", payment_gateway_names=["shopify_payments"]
    ),
}


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """The place of everything in it."""
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*at, key)
        yield from paths(inner, (*at, key))


def at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def copied(data: dict[str, Any]) -> dict[str, Any]:
    """As `copy.deepcopy`, which is most of the work here."""
    if id(data) not in _written:
        _written[id(data)] = (data, pickle.dumps(data))
    found: dict[str, Any] = pickle.loads(_written[id(data)][1])
    return found


_written: dict[int, tuple[dict[str, Any], bytes]] = {}  # with what has that id, so that nothing else gets it


def changed(data: dict[str, Any], *changes: tuple[Path, Any]) -> dict[str, Any]:
    """`...` takes the field out. What a change before it took away is passed over."""
    found = copied(data)
    for path, value in changes:
        where: Any = found
        try:
            for key in path[:-1]:
                where = where[key]
            if value is ...:
                del where[path[-1]]
            else:
                where[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue
    return found


def read(data: Mapping[str, Any]) -> IncomingOrder | None:
    """None: unreadable. What is read is sound in itself."""
    try:
        order = read_order(data)
    except Unreadable:
        return None
    assert order.external_id.isdigit()
    assert order.payment in KINDS
    codes = {doubt.code for doubt in order.doubts}
    for one in order.lines:
        assert one.quantity >= 0
        assert one.quantity or one.sent
        assert one.sent >= 0
        assert one.sale_gross is None or one.sale_gross >= 0
        assert one.sale_gross is not None or "bad_price" in codes
        assert all(name and worth and not name.startswith("_") for name, worth in one.attributes)
    assert order.total is not None or "bad_price" in codes
    assert order.total is None or order.total >= 0
    assert order.to_collect is None or order.to_collect >= 0
    assert set(order.fiscal) <= {"tax_code", "vat_number", "sdi_code", "pec"}
    assert all(isinstance(value, str) for doubt in order.doubts for value in doubt.params.values())
    assert all(len(getattr(order.address, name)) <= 254 for name in ("name", "street", "city", "phone", "email"))
    json.dumps([order.details, order.fiscal, order.status, order.note], ensure_ascii=True)
    return order


@pytest.mark.parametrize("base", BASES)
def test_everything_alone_in_every_odd_form(base: str) -> None:
    data = BASES[base]
    assert read(data) is not None
    for path in paths(data):
        odd = (*ODD, *AMOUNTS, *DATES, ...) if isinstance(at(data, path), str) else (*ODD, ...)
        for value in odd:
            read(changed(data, (path, value)))


@pytest.mark.parametrize("base", BASES)
def test_many_things_together(base: str) -> None:
    data, chance = BASES[base], random.Random(20261129)
    places = list(paths(data))
    for _n in range(1500):
        how_many = chance.randint(2, 12)
        read(changed(data, *((chance.choice(places), chance.choice((*ODD, ...))) for _m in range(how_many))))


@pytest.mark.parametrize("base", BASES)
def test_all_that_may_be_null_is_null(base: str) -> None:
    data = BASES[base]
    needed = {"id", "admin_graphql_api_id", "updatedAt", "updated_at"}
    for empty in (None, [], {}, ""):
        order = read({name: value if name in needed else empty for name, value in data.items()})
        assert order is None or (order.payment not in ("cod", "prepaid") and list(order.lines) == [])


DECIDES = {
    "api": ("displayFinancialStatus", "totalOutstandingSet", "paymentGatewayNames", "shippingAddress"),
    "api paid": ("displayFinancialStatus", "totalOutstandingSet"),
    "webhook": ("financial_status", "total_outstanding", "payment_gateway_names", "shipping_address"),
    "webhook paid": ("financial_status", "total_outstanding"),
}


@pytest.mark.parametrize(("base", "name"), [(base, name) for base, names in DECIDES.items() for name in names])
def test_without_what_decides_it_is_neither_paid_nor_cod(base: str, name: str) -> None:
    data = BASES[base]
    sound = read(data)
    assert sound is not None
    assert sound.payment == ("prepaid" if "paid" in base else "cod")
    for value in (*ODD, ...):
        order = read(changed(data, ((name,), value)))
        if order is not None:
            assert order.payment in ("review", "awaiting"), value


@pytest.mark.parametrize("base", ["api", "webhook"])
@pytest.mark.parametrize("value", [None, "", "NaN", "1,00", {}, [], True, 12.5, ...])
def test_an_amount_that_cannot_be_read_is_no_amount(base: str, value: Any) -> None:
    bag = (
        ("currentTotalPriceSet", "presentmentMoney")
        if base == "api"
        else ("current_total_price_set", "presentment_money")
    )
    order = read(changed(BASES[base], ((*bag, "amount"), value)))
    assert order is not None
    assert order.total is None


@pytest.mark.parametrize("value", [None, True, False, -1, 1.5, "2", 2**63, [], {}])
def test_pieces_that_cannot_be_believed_are_said(value: Any) -> None:
    for base, name in (("api", "currentQuantity"), ("api", "unfulfilledQuantity"), ("webhook", "fulfillable_quantity")):
        if value is None and name != "currentQuantity":
            continue  # not told: what was ordered counts
        place: Path = ("lineItems", "nodes", 0, name) if base == "api" else ("line_items", 0, name)
        order = read(changed(BASES[base], (place, value)))
        assert order is not None
        assert "bad_quantity" in {doubt.code for doubt in order.doubts}, (base, name)


def test_a_line_that_is_no_line_does_not_vanish_without_a_word() -> None:
    for base, place in (("api", ("lineItems", "nodes")), ("webhook", ("line_items",))):
        for value in (None, "x", 7, []):
            order = read(changed(BASES[base], ((*place, 0), value)))
            assert order is not None
            assert "bad_quantity" in {doubt.code for doubt in order.doubts}


def test_long_lists_are_cut_and_said() -> None:
    many = [item(n, f"S-{n}") for n in range(1, 800)]
    order = read(
        order_of(many, customAttributes=[{"key": f"k{n}", "value": "v"} for n in range(500)], tags=["t"] * 999)
    )
    assert order is not None
    assert len(order.lines) == 500
    assert "too_many_lines" in {doubt.code for doubt in order.doubts}
    assert len(order.details) <= 30
    long = [{"key": f"k{n}", "value": "v" * 9999} for n in range(300)]
    (one,) = read(order_of([item(1, "S-1", customAttributes=long)])).lines  # type: ignore[union-attr]
    assert len(one.attributes) <= 30
    assert max(len(worth) for _name, worth in one.attributes) <= 500


def test_what_is_hidden_is_always_asked() -> None:
    for name in (*(key for key in api() if key not in ("id", "updatedAt")), "customer"):
        order = read({**api(**PAID_API), name: None, HIDDEN: [name]})
        if order is not None:
            assert {"customer_hidden", "on_hold_in_shop"} & {doubt.code for doubt in order.doubts}, name
    for odd in ODD:
        read({**api(), HIDDEN: odd})


@pytest.mark.parametrize(
    "topic",
    ["orders/create", "orders/delete", "orders/edited", "orders/risk_assessment_changed", "refunds/create",
     "fulfillments/update", "fulfillment_orders/placed_on_hold", "fulfillment_orders/moved", "customers/redact"],
)  # fmt: skip
def test_every_message_in_every_odd_form(topic: str) -> None:
    for value in ODD:
        names = (
            "id",
            "order_id",
            "order_edit",
            "fulfillment_order",
            "moved_fulfillment_order",
            "customer",
            "orders_to_redact",
        )
        for data in (value, dict.fromkeys(names, value), {name: {"id": value} for name in names}):
            try:
                webhooks.read(topic, json.dumps(data).encode())
            except Unreadable:
                continue
