"""The edges of an order of Shopify: what is missing, too long, too much, or no line at all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt, IncomingLine
from connectors.platforms.shopify.orders import read_order
from core.address import Address
from core.money import ZERO
from tests.connectors.shopify.test_whole_orders import READ, UTC
from tests.connectors.shopify.whole import api, bag, money, nodes, webhook


def test_without_dates_of_their_own_the_next_best_is_taken() -> None:
    assert read_order(api(processedAt=None)).placed_at == dt.datetime(2026, 10, 1, 8, 0, 1, tzinfo=UTC)
    assert read_order(webhook(processed_at="?")).placed_at == dt.datetime(2026, 10, 1, 8, 0, 1, tzinfo=UTC)
    assert read_order(api(processedAt=None, createdAt=7)).placed_at == READ.version_at
    nameless = read_order(webhook(name=None, payment_gateway_names=[], tags="Contrassegno"))
    assert (nameless.number, nameless.gateway, nameless.gateway_title) == (
        "6100000000077",
        "tag:contrassegno",
        "contrassegno",
    )


def test_the_customers_currency_is_the_shops_where_none_is_said() -> None:
    def currency(data: dict[str, Any]) -> tuple[str, str, Decimal | None]:
        read = read_order(data)
        return read.currency, read.payment_reason, read.to_collect

    assert currency(webhook(presentment_currency="eu", currency="gbp")) == ("GBP", "partly_paid", Decimal("84.60"))
    assert currency(webhook(presentment_currency="eur", currency="")) == ("EUR", "partly_paid", Decimal("84.60"))
    assert currency(webhook(presentment_currency="", currency="euro")) == ("EUR", "partly_paid", Decimal("84.60"))
    assert currency(webhook(presentment_currency=None, currency=None)) == ("XXX", "partly_paid", Decimal("84.60"))
    # What is owed a message tells in the shop's currency, the API in the customer's.
    assert currency(webhook(presentment_currency="SEK")) == ("SEK", "owing_unknown", None)
    assert currency(api(presentmentCurrencyCode="SEK")) == ("SEK", "two_currencies", Decimal("84.60"))


def test_what_is_longer_than_our_columns_is_cut_and_said_where_a_parcel_needs_it() -> None:
    long = "m" * 900
    place = dict.fromkeys(api()["shippingAddress"], long)
    goods = {
        **api()["lineItems"]["nodes"][0],
        "name": long,
        "sku": long,
        "lineItemGroup": {"title": long},
        "customAttributes": [{"key": long, "value": long}],
    }
    read = read_order(
        api(
            name=long,
            note=long,
            email=long,
            tags=[long],
            paymentGatewayNames=[long, "Contrassegno"],
            shippingAddress={**place, "countryCodeV2": "FRA"},
            customAttributes=[{"key": long, "value": long}],
            localizedFields=nodes({"key": "SHIPPING_X", "title": long, "value": long}),
            lineItems=nodes(goods),
            sourceIdentifier=long,
            displayFinancialStatus=long,
        )
    )
    (line,) = read.lines
    lengths = {name: len(getattr(read.address, name)) for name in Address.__dataclass_fields__}
    assert lengths == {
        "name": 120,
        "company": 120,
        "street": 200,
        "street2": 200,
        "postcode": 12,
        "city": 80,
        "province": 40,
        "country": 2,
        "phone": 30,
        "email": 254,
    }
    assert read.address.country == "FR"
    assert [(doubt.subject, doubt.params) for doubt in read.doubts if doubt.code == "text_cut"] == [
        (name, {"field": name})
        for name in ("company", "street", "street2", "postcode", "city", "province", "name", "phone", "email")
    ]
    assert (len(read.number), len(read.note), len(read.gateway), len(read.gateway_title)) == (60, 200, 100, 120)
    assert [len(mark) for mark in read.marks] == [84]
    assert read.status == "m" * 40
    assert (len(line.name), len(line.sku), len(line.bundle)) == (200, 100, 200)
    assert [(len(name), len(worth)) for name, worth in line.attributes] == [(60, 500)]
    assert [(len(name), len(worth)) for name, worth in read.details] == [(60, 200), (60, 500)]


def test_of_too_many_the_first_are_taken() -> None:
    pairs = [{"key": f"Nome {number}", "value": str(number)} for number in range(120)]
    goods = {**api()["lineItems"]["nodes"][0], "customAttributes": pairs}
    items = [{**goods, "id": f"gid://shopify/LineItem/{number}", "sku": f"S{number}"} for number in range(1, 503)]
    read = read_order(
        api(
            lineItems=nodes(*items),
            tags=[f"t{number}" for number in range(260)],
            paymentGatewayNames=[f"n{number}" for number in range(30)],
            customAttributes=pairs,
        )
    )
    assert [line.sku for line in read.lines] == [f"S{number}" for number in range(1, 501)]
    assert read.lines[0].attributes == tuple((f"Nome {number}", str(number)) for number in range(30))
    assert [doubt.params for doubt in read.doubts if doubt.code == "too_many_lines"] == [{"count": "502"}]
    assert [len(read.marks), read.marks[-1]] == [250, "tag:t249"]
    assert read.gateway_title == ", ".join(f"n{number}" for number in range(20))
    # The extension, then the number in eBay and what the customer wrote: thirty.
    assert len(read.details) == 31
    assert read.details[-1] == ("Nome 27", "27")
    whole = read_order(api(lineItems=nodes(*items[:500])))
    assert "too_many_lines" not in [doubt.code for doubt in whole.doubts]


def test_a_line_that_cannot_be_read_is_said_by_its_sku_or_its_place() -> None:
    good = webhook()["line_items"][0]

    def doubts(**fields: Any) -> list[Doubt]:
        read = read_order(webhook(line_items=[good, {**good, "id": 7, **fields}]))
        return [doubt for doubt in read.doubts if doubt.code.startswith("bad_")]

    long = "7" * 50
    assert doubts() == []
    assert doubts(current_quantity=long) == [Doubt("bad_quantity", "TAZ-1", {"value": "7" * 40})]
    assert doubts(current_quantity=True, sku="") == [Doubt("bad_quantity", "#2", {"value": "True"})]
    assert doubts(current_quantity=False, sku="") == [Doubt("bad_quantity", "#2", {"value": "False"})]
    assert doubts(current_quantity=10_000) == [Doubt("bad_quantity", "TAZ-1", {"value": "10000"})]
    assert doubts(current_quantity=9_999, fulfillable_quantity=9_999, discount_allocations=[]) == []
    assert doubts(fulfillable_quantity=-1) == [Doubt("bad_quantity", "TAZ-1", {"value": "-1"})]
    assert doubts(fulfillable_quantity=100_000) == [Doubt("bad_quantity", "TAZ-1", {"value": "100000"})]
    assert doubts(price_set=bag("-5"), sku=None) == [Doubt("bad_price", "#2", {"value": "-22.47"})]
    assert doubts(price_set=bag(long + "x")) == [Doubt("bad_price", "TAZ-1", {"value": "None"})]
    assert doubts(price_set=None, sku=None) == [Doubt("bad_price", "#2", {"value": "None"})]
    assert doubts(tax_lines=[{"price_set": bag("1")}, {"price_set": bag("?")}]) == [
        Doubt("bad_price", "TAZ-1", {"value": "11.25"})
    ]
    assert doubts(discount_allocations=[{"amount_set": bag("?")}])[0].code == "bad_price"


def test_what_is_no_line_is_said_by_its_place() -> None:
    read = read_order(webhook(line_items=["?", webhook()["line_items"][0]]))
    assert [doubt for doubt in read.doubts if doubt.code == "bad_quantity"] == [
        Doubt("bad_quantity", "#1", {"value": "–"})
    ]
    assert [line.sku for line in read.lines] == ["TAZ-1"]


def test_of_a_quantity_that_cannot_be_read_one_piece_is_shown() -> None:
    item = {**webhook()["line_items"][1], "current_quantity": None}
    (line,) = read_order(webhook(line_items=[item])).lines
    assert line == IncomingLine("", "", "Su misura", 1, Decimal("7.10"), "502", (), "", False, False, 0)


def test_fewer_can_be_sent_than_were_ordered_and_nothing_was_sent() -> None:
    """A message does not say what became of the rest: all is shown, and asked once."""
    item = {**webhook()["line_items"][0], "fulfillment_status": None}
    two = {"line_items": [item, {**item, "id": 7, "admin_graphql_api_id": None}], "closed_at": None, "refunds": []}

    def read(**fields: Any) -> tuple[list[tuple[int, int]], list[str]]:
        found = read_order(webhook(**{**two, **fields}))
        return [(line.quantity, line.sent) for line in found.lines], [doubt.code for doubt in found.doubts]

    assert read(fulfillment_status=None) == ([(7, 0), (7, 0)], ["partly_sent"])
    assert read(fulfillment_status="partial") == ([(6, 1), (6, 1)], ["partly_sent"])
    assert read(fulfillment_status="fulfilled") == ([(6, 1), (6, 1)], [])
    assert read_order(webhook(fulfillment_status="fulfilled")).payment_reason == "completed_in_shop"


def test_a_total_that_cannot_be_read_is_said() -> None:
    def total(data: dict[str, Any]) -> tuple[Decimal | None, list[Doubt]]:
        read = read_order(data)
        return read.total, [doubt for doubt in read.doubts if doubt.subject == "total"]

    long = "7" * 50
    assert total(api(currentTotalPriceSet=money("0.00"))) == (ZERO, [])
    assert total(api(currentTotalPriceSet=money("-0.01"))) == (
        None,
        [Doubt("bad_price", "total", {"value": "-0.01"})],
    )
    assert total(webhook(current_total_price_set=bag(long))) == (
        None,
        [Doubt("bad_price", "total", {"value": "7" * 40})],
    )
    assert total(webhook(current_total_price_set=None)) == (None, [Doubt("bad_price", "total", {"value": "None"})])


def test_what_is_owed_and_what_went_back() -> None:
    def read(data: dict[str, Any]) -> tuple[str, bool, Decimal | None, list[Any]]:
        found = read_order(data)
        back = [doubt.params["amount"] for doubt in found.doubts if doubt.code == "partly_refunded"]
        return found.status, found.live, found.to_collect, back

    paid: dict[str, Any] = {"displayFinancialStatus": "PAID", "totalOutstandingSet": money("0.00")}
    assert read(api(totalOutstandingSet=money("-0.01")))[2] == ZERO
    assert read(webhook(total_outstanding="-5"))[2] == ZERO
    assert read(webhook(total_outstanding="119.87"))[2] is None
    assert read(api(**paid, totalRefundedSet=money("35.26"))) == ("paid", True, ZERO, ["35.26"])
    assert read(api(**paid, totalRefundedSet=money("35.27"))) == ("refunded", False, ZERO, [])
    assert read(api(**paid, totalRefundedSet=money("0.00"))) == ("paid", True, ZERO, [])
    assert read(api(**{**paid, "displayFinancialStatus": "PARTIALLY_REFUNDED"}, totalRefundedSet=None)) == (
        "partially_refunded",
        True,
        ZERO,
        ["–"],
    )
    assert read(api(**paid, totalReceivedSet=None, totalRefundedSet=money("999.00")))[1]
    assert read(api(**paid, totalReceivedSet=money("0.00"), totalRefundedSet=money("999.00")))[1]
    # While something is still owed it is not given back, whatever the sums are.
    assert read(api(**{**paid, "totalOutstandingSet": money("0.01")}, totalRefundedSet=money("35.27")))[1]
    told: dict[str, Any] = {"financial_status": "paid", "total_outstanding": "0.00"}
    assert read(webhook(**told, total_refunded_set=bag("123.08"))) == ("refunded", False, ZERO, [])
    assert read(webhook(**told, total_refunded_set=bag("4.56"))) == ("paid", True, ZERO, ["4.56"])
    assert read(webhook(**told)) == ("paid", True, ZERO, ["3.21"])
    assert read(api(cancelledAt="2026-10-05T00:00:00Z")) == ("cancelled", False, Decimal("84.60"), [])


def test_what_a_person_must_see_is_asked_of_what_may_still_leave() -> None:
    def asked(**fields: Any) -> list[str]:
        kept = ("archived", "risk_high", "partly_sent", "on_hold_in_shop", "collected_beside")
        return [doubt.code for doubt in read_order(api(**fields)).doubts if doubt.code in kept]

    assert asked() == ["partly_sent", "archived", "risk_high", "collected_beside"]
    assert asked(closedAt=None) == ["partly_sent", "risk_high", "collected_beside"]
    assert asked(displayFulfillmentStatus="UNFULFILLED") == ["partly_sent", "archived", "risk_high", "collected_beside"]
    assert asked(displayFulfillmentStatus="FULFILLED") == ["risk_high", "collected_beside"]
    assert asked(cancelledAt="2026-10-05T00:00:00Z") == []
    assert asked(risk={"recommendation": "cancel"})[2:3] == ["risk_high"]
    assert asked(risk={"assessments": [{"riskLevel": "high"}]})[2:3] == ["risk_high"]
    assert asked(risk={"recommendation": "ACCEPT", "assessments": [{"riskLevel": "LOW"}]})[2:3] == ["collected_beside"]
    assert "on_hold_in_shop" in asked(tags=["hold"])
    assert "on_hold_in_shop" not in asked(tags=["hold"], cancelledAt="2026-10-05T00:00:00Z")
    whole = {"displayFinancialStatus": "PAID", "totalOutstandingSet": money("0.00"), "totalRefundedSet": None}
    assert asked(**whole) == ["partly_sent", "archived", "risk_high"]


def test_gift_cards_that_are_sold_beside_are_named() -> None:
    card = api()["lineItems"]["nodes"][4]

    def names(*cards: dict[str, Any]) -> list[Any]:
        read = read_order(api(lineItems=nodes(api()["lineItems"]["nodes"][0], *cards)))
        return [doubt.params["names"] for doubt in read.doubts if doubt.code == "collected_beside"]

    assert names() == []
    assert names({**card, "name": None}) == ["–"]
    assert names({**card, "name": "n" * 100}) == ["n" * 80]
    assert names({**card, "currentQuantity": 0}, {**card, "currentQuantity": "1"}) == []
    assert names({**card, "currentQuantity": 9_999}) == ["Buono"]
    assert names({**card, "discountedUnitPriceAfterAllDiscountsSet": money("0.00")}) == []
    assert names(*({**card, "name": f"Buono {number}"} for number in range(7))) == [
        ", ".join(f"Buono {number}" for number in range(5))
    ]
    assert names(*({**card, "name": f"{number}" * 80} for number in range(3))) == [
        ", ".join(f"{number}" * 80 for number in range(3))[:200]
    ]
    item = {**webhook()["line_items"][5], "requires_shipping": True}
    read = read_order(webhook(line_items=[item]))
    assert [doubt.params for doubt in read.doubts if doubt.code == "collected_beside"] == [{"names": "Buono"}]


def test_who_wrote_the_tag_that_we_write() -> None:
    assert not read_order(api()).told
    assert read_order(api(tags=["x", "mci Annullato"])).told
    assert read_order(webhook(tags="x, MCI annullato")).told


def test_an_order_of_a_counter_a_trial_and_one_with_terms() -> None:
    def said(**fields: Any) -> tuple[str, str, bool]:
        read = read_order(api(**fields))
        return read.payment, read.payment_reason, read.finished

    assert said(test=True) == ("review", "test_order", False)
    assert said(test="true") == ("cod", "partly_paid", False)
    assert said(sourceName="pos") == ("review", "point_of_sale", False)
    assert said(sourceName="pos", shippingAddress=None) == ("review", "point_of_sale", True)
    assert said(payment_terms={}) == ("review", "payment_terms", False)
    for known in ("address1", "city", "zip"):
        assert said(shippingAddress={known: "x"}) == ("cod", "partly_paid", False)
    assert said(shippingAddress={"company": "x"}) == ("review", "no_address", False)
    # What took its part is not waited for: the API names it.
    waits = {"paymentGatewayNames": ["Bonifico", "Contrassegno"]}
    assert said(**waits) == ("review", "two_methods", False)
    for row, reason in (
        ({"gateway": "Bonifico", "status": "SUCCESS", "kind": "CAPTURE"}, "partly_paid"),
        ({"gateway": "Bonifico", "status": "SUCCESS", "kind": "SALE"}, "partly_paid"),
        ({"gateway": "Bonifico", "status": "SUCCESS", "kind": "REFUND"}, "two_methods"),
        ({"gateway": "Bonifico", "status": "FAILURE", "kind": "SALE"}, "two_methods"),
    ):
        assert said(**waits, transactions=[row])[1] == reason
