"""What the shop is told of an order: once, also after an answer that was lost, and only of what is ours."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from connectors.platforms.base import Access, NewsLine, OrderNews, ShopUnreachable
from connectors.platforms.errors import LinesUnknown
from connectors.platforms.shopify import fulfilment
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.refusals import NothingToFulfil, NotTaken
from demo.shops.shopify import FakeShop
from tests.connectors.shopify.stage import names


def news(number: str, state: str = "shipped", **fields: Any) -> OrderNews:
    given: dict[str, Any] = {
        "external_id": number,
        "state": state,
        "reference": "MCI-000012",
        "cod": False,
        "courier": "BRT",
        "tracking": "BRT123",
        "tracking_url": "https://www.brt.it/BRT123",
    }
    return OrderNews(**{**given, **fields})


def tell(access: Access, what: OrderNews) -> Any:
    return fulfilment.tell(access, Client(access, deadline_s=5), what)


def sent(fake: FakeShop, number: str) -> list[Any]:
    return [doc for doc in fake.fulfilment.sent(int(number)) if doc["status"] == "SUCCESS"]


def test_an_order_is_sent_with_its_tracking(fake: FakeShop, access: Access, place: Any) -> None:
    number = place([("SCN-00001", 2)])
    told = tell(access, news(number))
    (parcel,) = sent(fake, number)
    assert told == {"fulfilments": [f"gid://shopify/Fulfillment/{parcel['id']}"], "tracking": "BRT123"}
    variables = next(given for name, given in fake.calls if name == "MciFulfilmentCreate")["fulfillment"]
    assert variables["trackingInfo"] == {"company": "BRT", "number": "BRT123"}  # Shopify makes BRT's link itself
    assert variables["notifyCustomer"] is True


def test_twice_told_is_sent_once(fake: FakeShop, access: Access, place: Any) -> None:
    number = place()
    memory = tell(access, news(number))
    for again in (news(number, memory=memory), news(number)):  # also when what was remembered is lost
        assert tell(access, again) == memory
    assert len(sent(fake, number)) == 1


def test_a_timeout_after_it_was_done_does_not_send_twice(fake: FakeShop, access: Access, place: Any) -> None:
    number = place()
    fake.faults.add("MciFulfilmentCreate", "applied_then_timeout")
    with pytest.raises(ShopUnreachable):
        tell(access, news(number))
    assert len(sent(fake, number)) == 1
    tell(access, news(number))
    assert len(sent(fake, number)) == 1
    assert names(fake).count("MciFulfilmentCreate") == 1


def test_what_did_not_leave_after_all_and_was_cancelled_is_not_sent_there_either(
    fake: FakeShop, access: Access, place: Any
) -> None:
    """Also after an answer that was lost; what others sent stays."""
    number = place()
    memory = {**tell(access, news(number)), "told": "shipped"}
    fake.faults.add("MciFulfilmentCancel", "applied_then_timeout")
    with pytest.raises(ShopUnreachable):
        tell(access, news(number, "cancelled", tracking="", memory=memory))
    assert tell(access, news(number, "cancelled", tracking="", memory=memory)) == {"tagged": True}
    assert sent(fake, number) == []
    assert names(fake).count("MciFulfilmentCancel") == 1


def test_couriers_have_the_names_that_shopify_knows() -> None:
    known = {
        "BRT": "BRT",
        "Bartolini": "BRT",
        "GLS": "GLS Italy",
        "Poste Delivery": "Poste Italiane",
        "DHL": "DHL Express",
    }
    assert {name: fulfilment.carrier(name) for name in known} == known
    assert fulfilment.carrier("InPost") == "InPost"


def test_a_courier_that_shopify_does_not_know_goes_with_our_link(fake: FakeShop, access: Access, place: Any) -> None:
    tell(access, news(place(), courier="SDA", tracking_url="https://www.sda.it/BRT123"))
    variables = next(given for name, given in fake.calls if name == "MciFulfilmentCreate")["fulfillment"]
    assert variables["trackingInfo"] == {"company": "SDA", "number": "BRT123", "url": "https://www.sda.it/BRT123"}


def split_over_two_locations(fake: FakeShop, place: Any) -> str:
    skus = [variant["sku"] for variant in fake.products.variants()][:2]
    number: str = place([(sku, 1) for sku in skus])
    (order,) = fake.fulfilment.of_order(int(number))
    entry = order["lines"][0]
    fake.fulfilment.split(order["id"], {entry["id"]: 1})
    other = [found for found in fake.fulfilment.of_order(int(number)) if found["status"] == "OPEN"][-1]
    locations = [place["id"] for place in fake.stock.locations()]
    fake.fulfilment.move(other["id"], next(one for one in locations if one != other["location"]))
    return number


def test_two_locations_are_two_calls(fake: FakeShop, access: Access, place: Any) -> None:
    number = split_over_two_locations(fake, place)
    told = tell(access, news(number))
    assert len(told["fulfilments"]) == len(sent(fake, number)) == 2


def test_a_timeout_between_two_locations_sends_only_the_rest(fake: FakeShop, access: Access, place: Any) -> None:
    number = split_over_two_locations(fake, place)
    fake.faults.add("MciFulfilmentCreate", "applied_then_timeout")
    with pytest.raises(ShopUnreachable):
        tell(access, news(number))
    assert len(tell(access, news(number))["fulfilments"]) == 2
    assert len(sent(fake, number)) == 2


def test_what_is_on_hold_waits_for_the_merchant_alone(fake: FakeShop, access: Access, place: Any) -> None:
    number = place()
    (order,) = fake.fulfilment.of_order(int(number))
    fake.fulfilment.hold(order["id"])
    with pytest.raises(NothingToFulfil):
        tell(access, news(number))
    assert sent(fake, number) == []
    fake.fulfilment.release(order["id"])
    assert tell(access, news(number))["fulfilments"]


def test_only_our_lines_of_a_mixed_basket_are_sent(fake: FakeShop, access: Access, place: Any) -> None:
    ours, theirs = [variant["sku"] for variant in fake.products.variants()][:2]
    number = place([(ours, 2), (theirs, 1)])
    first, second = [str(line["id"]) for line in fake.orders.doc(int(number))["lines"]]
    lines = [NewsLine("", ours, True, first, 2), NewsLine("", theirs, False, second, 0)]
    tell(access, news(number, lines=lines))
    (order,) = [found for found in fake.fulfilment.of_order(int(number)) if found["status"] != "CLOSED"]
    assert [entry["remaining"] for entry in order["lines"] if entry["remaining"]] == [1]


def test_a_line_is_known_by_its_id_and_not_by_its_sku(fake: FakeShop, access: Access, place: Any) -> None:
    """Two engravings of one article, of which one left; and a line of the same SKU that a person typed."""
    number = place([("SCN-00001", 2), ("SCN-00001", 3)])
    first, second = [str(line["id"]) for line in fake.orders.doc(int(number))["lines"]]
    lines = [NewsLine("", "SCN-00001", True, first, 0), NewsLine("", "SCN-00001", True, second, 2)]
    tell(access, news(number, lines=lines))
    assert [line["fulfilled"] for line in fake.orders.doc(int(number))["lines"]] == [0, 2]
    with pytest.raises(LinesUnknown):
        tell(access, news(place(), lines=[NewsLine("", "SCN-00001")]))


def test_a_fulfilment_that_shopify_refuses_is_not_counted(fake: FakeShop, access: Access, place: Any) -> None:
    """Somebody else was quicker between our reading and our change."""
    number = place([("SCN-00001", 2)])
    fake.faults.add("MciFulfilmentCreate", "user_error::Invalid fulfillment order line item quantity requested.")
    with pytest.raises(NotTaken):
        tell(access, news(number))
    assert sent(fake, number) == []
    assert len(tell(access, news(number))["fulfilments"]) == 1


def test_a_number_of_somebody_else_stays_beside_ours(fake: FakeShop, access: Access, place: Any) -> None:
    number = place()
    memory = tell(access, news(number))
    (parcel,) = sent(fake, number)
    rows = [{"company": "BRT", "number": text, "url": None} for text in ("BRT123", "COLLO-2")]
    fake.fulfilment.retrack(parcel["id"], rows)
    tell(access, news(number, tracking="BRT999", memory=memory))
    (parcel,) = sent(fake, number)
    assert [info["number"] for info in parcel["tracking"]] == ["BRT999", "COLLO-2"]


def test_an_order_that_is_gone_or_cancelled_is_told_nothing(fake: FakeShop, access: Access, place: Any) -> None:
    assert tell(access, news("12")) == {"gone": True}
    number = place()
    fake.orders.cancel(int(number))
    assert tell(access, news(number)) == {"cancelled": True}
    assert sent(fake, number) == []


def test_a_new_tracking_number_takes_the_place_of_the_old(fake: FakeShop, access: Access, place: Any) -> None:
    number = place()
    memory = tell(access, news(number))
    tell(access, news(number, tracking="BRT999", memory=memory))
    (parcel,) = sent(fake, number)
    assert [info["number"] for info in parcel["tracking"]] == ["BRT999"]


def test_delivered_is_reported_once(fake: FakeShop, access: Access, place: Any) -> None:
    number = place()
    memory = tell(access, news(number))
    for _time in range(2):
        memory = tell(access, news(number, "delivered", memory=memory))
    assert [given["event"]["status"] for name, given in fake.calls if name == "MciFulfilmentEvent"] == ["DELIVERED"]


def test_delivered_before_it_was_told_of_is_sent_without_a_mail(fake: FakeShop, access: Access, place: Any) -> None:
    tell(access, news(place(), "delivered"))
    variables = next(given for name, given in fake.calls if name == "MciFulfilmentCreate")["fulfillment"]
    assert variables["notifyCustomer"] is False


@pytest.mark.parametrize("state", ["returned", "lost"])
def test_a_parcel_that_does_not_arrive_is_a_failure(fake: FakeShop, access: Access, place: Any, state: str) -> None:
    number = place()
    memory = tell(access, news(number))
    tell(access, news(number, state, memory=memory))
    assert [given["event"]["status"] for name, given in fake.calls if name == "MciFulfilmentEvent"] == ["FAILURE"]


def test_cod_is_marked_as_paid_only_if_the_merchant_wants_it(fake: FakeShop, access: Access, place: Any) -> None:
    number = place(payment="cod")
    remitted = news(number, "delivered", cod=True, cash_in=True)
    tell(access, remitted)
    assert "MciMarkPaid" not in names(fake)
    willing = dataclasses.replace(access, options={"mark_paid": True})
    fake.faults.add("MciMarkPaid", "applied_then_timeout")
    with pytest.raises(ShopUnreachable):
        tell(willing, remitted)
    for _time in range(2):
        tell(willing, remitted)
    assert names(fake).count("MciMarkPaid") == 1


def test_a_cancelled_order_gets_a_tag_and_is_cancelled_only_on_his_word(
    fake: FakeShop, access: Access, place: Any
) -> None:
    number = place()
    for _time in range(2):
        assert tell(access, news(number, "cancelled")) == {"tagged": True}
    assert names(fake).count("MciTagsAdd") == 1
    assert fulfilment.TAG in fake.orders.doc(int(number))["tags"]
    willing = dataclasses.replace(access, options={"cancel": True})
    assert tell(willing, news(number, "cancelled")) == {"cancelled": True}
    fake.orders.cancel(int(number))  # its job has run
    assert tell(willing, news(number, "cancelled")) == {"cancelled": True}
    assert names(fake).count("MciOrderCancel") == 1


def test_what_was_delivered_by_mistake_is_shown_on_its_way_again(fake: FakeShop, access: Access, place: Any) -> None:
    """Shopify's events are not taken back, and the last one is what it shows."""
    number = place()
    memory = dict(tell(access, news(number)))
    memory = dict(tell(access, news(number, "delivered", memory={**memory, "told": "shipped"})))
    assert sent(fake, number)[0]["shown"] == "DELIVERED"
    for _time in range(2):  # an answer that was lost
        tell(access, news(number, memory={**memory, "told": "delivered"}))
    (parcel,) = sent(fake, number)
    assert (parcel["shown"], len(parcel["events"])) == ("IN_TRANSIT", 2)
    tell(access, news(number, "delivered", memory={**memory, "told": "shipped"}))
    assert sent(fake, number)[0]["shown"] == "DELIVERED"
