"""What people and apps write on an order to hold it back, and what a courier would collect for things not in his
parcel."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.matching import single
from orders.questions import questions
from tests import cast
from tests.connectors.shopify.stage import make_shop
from tests.connectors.shopify.test_cases import arrive, problems
from tests.connectors.shopify.test_orders import body, money, node

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]
PAID = {
    "displayFinancialStatus": "PAID",
    "paymentGatewayNames": ["shopify_payments"],
    "totalOutstandingSet": money("0"),
}


@pytest.fixture
def store(dropshipper: Any) -> Any:
    return make_shop(dropshipper, "http://127.0.0.1:9", {"access_token": "shpat_x", "auth_mode": "legacy_token"})


def item(**fields: Any) -> dict[str, Any]:
    found = node()["lineItems"]["nodes"][0]
    assert isinstance(found, dict)
    return {**found, **fields}


def with_lines(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"lineItems": {"nodes": [*lines], "pageInfo": {"hasNextPage": False, "endCursor": None}}}


@pytest.mark.parametrize(
    "tag",
    [
        *("NON SPEDIRE", "do not ship", "Do Not Fulfill", "hold", "On Hold", "sospeso", "bloccato", "in attesa"),
        *("Pre-Order", "preordine", "pre_order", "COD - da confermare", "unconfirmed", "sospetta frode"),
    ],
)
def test_a_tag_that_holds_an_order_back_is_heeded(store: Any, tag: str) -> None:
    assert problems(arrive(store, node(tags=[tag])), blocking=True) == ["on_hold_in_shop"]
    assert problems(arrive(store, body(tags=f"vip, {tag}", id=77, admin_graphql_api_id="")), blocking=True) in (
        ["on_hold_in_shop"],
        ["on_hold_in_shop", "possible_duplicate"],
    )


@pytest.mark.parametrize(
    "tag", ["cod-verified", "confermato", "Spedire subito", "household", "threshold", "vip", "order"]
)
def test_other_tags_are_the_merchants_own_affair(store: Any, tag: str) -> None:
    assert problems(arrive(store, node(tags=[tag])), blocking=True) == []


@pytest.mark.parametrize(
    ("attribute", "held"),
    [
        ({"key": "Pre-order", "value": "Spedizione dal 15/01"}, True),
        ({"key": "_pre_order", "value": "x"}, False),  # hidden: of the theme
        ({"key": "preorder", "value": "no"}, False),
        ({"key": "Colore", "value": "Preordine"}, False),
    ],
)
def test_what_is_sold_before_it_is_there_waits(store: Any, attribute: dict[str, str], held: bool) -> None:
    order = arrive(store, node(**PAID, **with_lines(item(customAttributes=[attribute]))))
    assert problems(order, blocking=True) == (["on_hold_in_shop"] if held else [])


@pytest.mark.parametrize("tags", [["FBA"], ["Amazon", "Fulfilled by Amazon"], ["amazon-fba"]])
def test_what_amazon_sends_itself_is_asked(store: Any, tags: list[str]) -> None:
    assert problems(arrive(store, node(**PAID, tags=tags)), blocking=True) == ["sent_elsewhere"]


@pytest.mark.parametrize("name", ["packetaPointId", "packeta_point_name", "inpostPoint", "gls shop id", "brt-point"])
def test_points_of_couriers_in_the_attributes_are_asked(store: Any, name: str) -> None:
    order = arrive(store, node(**PAID, customAttributes=[{"key": name, "value": "IT 123"}]))
    assert problems(order, blocking=True) == ["locker"]


def test_a_gift_card_or_a_download_is_not_collected_without_a_question(store: Any) -> None:
    card = item(id="gid://shopify/LineItem/5", sku="", isGiftCard=True, requiresShipping=False, name="Buono da 50")
    order = arrive(store, node(**with_lines(item(), card)))
    assert problems(order, blocking=True) == ["collected_beside"]
    assert order.problems.get(code="collected_beside").params == {"names": "Buono da 50"}
    questions.answer(order.pk, "collected_beside", "gift_card", by=cast.user().pk)
    order.refresh_from_db()
    assert order.state == "ready"
    book = item(id="gid://shopify/LineItem/6", sku="EBOOK", requiresShipping=False, name="E-book")
    other = arrive(store, node(id="gid://shopify/Order/78", **with_lines(item(quantity=2, currentQuantity=2), book)))
    assert problems(other, blocking=True) == ["collected_beside"]
    single.accept(store, "sku:EBOOK", None, by=None)  # said once of this SKU
    third = arrive(store, node(id="gid://shopify/Order/80", **with_lines(item(quantity=3, currentQuantity=3), book)))
    assert problems(third, blocking=True) == []


def test_a_fee_a_free_card_and_what_is_paid_ask_nothing(store: Any) -> None:
    card = {"id": "gid://shopify/LineItem/5", "sku": "", "isGiftCard": True, "requiresShipping": False, "name": "Buono"}
    fee = item(id="gid://shopify/LineItem/7", sku="", requiresShipping=False, name="Commissione contrassegno")
    free = item(**{**card, "discountedUnitPriceAfterAllDiscountsSet": money("0.00")})
    assert problems(arrive(store, node(**with_lines(item(), fee, free))), blocking=True) == []
    paid = node(id="gid://shopify/Order/79", **PAID, **with_lines(item(quantity=2, currentQuantity=2), item(**card)))
    assert problems(arrive(store, paid), blocking=True) == []


def test_one_sku_on_two_products_of_which_one_is_free_is_asked(store: Any) -> None:
    part = item(
        id="gid://shopify/LineItem/8",
        product={"id": "gid://shopify/Product/99"},
        discountedUnitPriceAfterAllDiscountsSet=money("0.00"),
    )
    assert problems(arrive(store, node(**PAID, **with_lines(item(), part))), blocking=True) == ["bundle_double"]


def test_a_street_in_the_second_line_alone_is_the_street(store: Any) -> None:
    place = {**node()["shippingAddress"], "address1": "", "address2": "Via Prova 12"}
    order = arrive(store, node(**PAID, shippingAddress=place))
    assert (order.state, order.street, order.street2) == ("ready", "Via Prova 12", "")
