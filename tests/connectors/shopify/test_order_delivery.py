"""How the shop lets an order out: each word that means a locker or a collection, and what a person is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.platforms.base import Doubt
from connectors.platforms.shopify import order_delivery, order_marks
from connectors.platforms.shopify.order_delivery import Sending
from connectors.platforms.shopify.order_words import HIDDEN, Words

LOCKERS = (
    *("My Locker", "amazonlocker", "InPost", "Fermopoint", "Fermo Posta", "PuntoPoste", "Punto di ritiro"),
    *("punto ritiro", "Punto Pack", "Ritiro in tabaccheria", "Ritirare presso il punto"),
    *("Ritiro in edicola", "Pickup points", "Collection point", "drop-off points", "pick-up station", "Parcel Shop"),
    *("Access Point", "Service-Point", "Packstation", "Paketshop", "PUDO", "easybox", "PaccoFacile Point"),
    *("Points relais", "Point Relais", "Relais Colis", "Mondial Relay", "Punto de recogida", "Amazon Counter"),
    *("Amazon Hub", "amazon_hub"),
)
PICKUPS = (
    *("Ritiro", "Ritira da noi", "Pick-up", "Collect in store", "Click & Collect", "Click and collect"),
    *("click e collect", "click n collect", "Click-Collect", "In store", "in negozio", "Local delivery"),
    *("Store delivery", "Consegna locale", "consegna a mano", "Retrait", "Recogida", "Abholung", "Selbstabholung"),
    *("Entrega local", "Livraison locale", "Lokale Lieferung"),
)
NOTHING = ("Corriere", "Lockers24", "Ritardo", "Puntopack", "Consegna a domicilio", "Spedizione in negoziazione")
POINTS = (
    *("pickupPointId", "Point-ID", "packeta point", "Packeta: point id", "inpostLocker", "GLS shop", "brt_relay"),
    *("dhl terminal name", "ups branch address", "TNT office code", "sda points", "poste shops", "DPD relays id"),
    *("mondial relay x point", "sendcloud service terminals", "Locker"),
)
NO_POINTS = ("point", "point id 2", "gls note", "fedex point", "sendcloud point id x", "my gls point")
WAYS = (
    *(("Checkout Method", "pick up"), ("delivery-method", "local"), ("Shipping method", "Store")),
    *(("fulfillment method", "delivery"), ("Fulfilment_Method", "Local Delivery"), ("Metodo di consegna", "pickup")),
    *(("metodo di spedizione", "consegna locale"), ("Checkout method", "ritiro in sede"), ("Pickup Location", "x")),
    *(("pickup date", "domani"), ("Pick up location", "y"), ("Negozio di ritiro", "z"), ("data ritiro", "oggi")),
)
NO_WAYS = (
    ("Checkout method", "shipping"),
    ("Metodo di consegna", "corriere"),
    ("Pickup", "sì"),
    ("Location", "pickup"),
)


def read(attributes: tuple[tuple[str, str], ...] = (), **data: Any) -> list[tuple[str, Any]]:
    found = order_delivery.read(data, Words(False), attributes)
    assert found == Sending(False, {}, {}, (), found.doubts)
    return [(doubt.code, doubt.params) for doubt in found.doubts]


@pytest.mark.parametrize("title", LOCKERS)
def test_a_method_that_is_a_locker(title: str) -> None:
    shown = " ".join(title.split())
    assert read(shipping_lines=[{"title": shown}]) == [("locker", {"method": shown, "point": shown})]
    where = {"company": "Bar", "address1": "Via Uno 1", "address2": shown}
    assert read(shipping_lines=[{"code": "std"}], shipping_address=where) == [
        ("locker", {"method": "std", "point": shown})
    ]


@pytest.mark.parametrize("title", PICKUPS)
def test_a_method_that_is_a_collection(title: str) -> None:
    assert read(shipping_lines=[{"title": "Corriere", "code": "1"}, {"title": "", "code": title}]) == [
        ("pickup", {"method": title})
    ]


@pytest.mark.parametrize("title", NOTHING)
def test_a_method_that_goes_to_the_door(title: str) -> None:
    assert read(shipping_lines=[{"title": title, "code": title}], shipping_address={"address1": title}) == []


@pytest.mark.parametrize("name", POINTS)
def test_an_attribute_that_names_a_point(name: str) -> None:
    given = (("Colore", "rosso"), (name, "TOR 7"))
    assert read(given, shipping_lines=[{"title": "Standard"}]) == [("locker", {"method": "Standard", "point": "TOR 7"})]
    assert read(given) == [("locker", {"method": "–", "point": "TOR 7"})]


@pytest.mark.parametrize("name", NO_POINTS)
def test_an_attribute_that_names_none(name: str) -> None:
    assert read(((name, "TOR 7"),)) == []


@pytest.mark.parametrize(("name", "worth"), WAYS)
def test_an_attribute_of_an_app_for_collections(name: str, worth: str) -> None:
    assert read(((name, worth),)) == [("pickup", {"method": worth})]
    # The shop's own word for it comes first.
    assert read(((name, worth),), shipping_lines=[{"title": "Abholung"}]) == [("pickup", {"method": "Abholung"})]


@pytest.mark.parametrize(("name", "worth"), NO_WAYS)
def test_an_attribute_that_says_no_collection(name: str, worth: str) -> None:
    assert read(((name, worth),)) == []


def test_the_first_of_twenty_methods_and_of_a_long_name_is_judged() -> None:
    lines = [{"title": f"m{number}"} for number in range(19)]
    assert read(shipping_lines=[*lines, {"code": "Locker"}]) == [("locker", {"method": "Locker", "point": "Locker"})]
    assert read(shipping_lines=[*lines, {"title": "m19"}, {"title": "Locker"}]) == []
    long = "Ritiro " + "m" * 200
    assert read(shipping_lines=[{"title": long}]) == [("pickup", {"method": long[:100]})]
    assert read(shipping_address={"company": "Locker " + "m" * 200})[0][1]["point"] == ("Locker " + "m" * 200)[:120]


# ---- what the fulfilment orders say


def part(status: str, *entries: tuple[int, Any], **fields: Any) -> dict[str, Any]:
    rows = [{"remainingQuantity": left, "lineItem": {"id": f"gid://shopify/LineItem/{line}"}} for line, left in entries]
    return {"status": status, "lineItems": {"nodes": rows}, **fields}


def sending(*parts: Any, title: str = "", **data: Any) -> Sending:
    line = {"title": title} if title else None
    return order_delivery.read(
        {"fulfillmentOrders": {"nodes": [*parts]}, "shippingLine": line, **data}, Words(True), ()
    )


def test_what_is_due_what_comes_later_and_what_is_over() -> None:
    method = {"methodType": "LOCAL", "presentedName": "In bottega"}
    found = sending(
        part("OPEN", (1, 3), (2, 1), (1, 4), (3, 0), (4, "2"), (5, 100_000)),
        part("closed", (1, 50), deliveryMethod=method),
        part("CANCELLED", (1, 60), deliveryMethod=method),
        part("OPEN", deliveryMethod=method),
        part("SCHEDULED", (2, 5), (6, 99_999), fulfillAt="2026-07-01T22:30:00Z", deliveryMethod=method),
        part("scheduled", (2, 2), fulfillAt="2026-07-01T23:30:00Z"),
        part("SCHEDULED", (7, 1)),
        "?",
    )
    assert found == Sending(True, {"1": 7, "2": 1}, {"2": 7, "6": 99_999, "7": 1}, ("02/07/2026", "–"), [])
    assert found.due == {"1": 7, "2": 1}


def test_why_it_is_held_is_said_once_each() -> None:
    def held(*holds: dict[str, str], status: str = "OPEN") -> list[Doubt]:
        return list(sending(part(status, (1, 1), fulfillmentHolds=[*holds])).doubts)

    def doubt(reason: str) -> list[Doubt]:
        return [Doubt("on_hold_in_shop", "", {"reason": reason})]

    note = "n" * 90
    assert held() == []
    assert held(status="on_hold") == doubt("other")
    assert held({"reason": "HIGH_RISK_OF_FRAUD", "reasonNotes": "?"}) == doubt("high_risk_of_fraud")
    assert held({"reason": "OTHER", "reasonNotes": note}, {"reason": "OTHER"}) == doubt(f"{'n' * 80}, other")
    assert held({"reasonNotes": "attendo"}, {"reason": "r" * 70}) == doubt(f"attendo, {'r' * 60}")
    four = [{"reason": word} for word in ("A", "B", "A", "C", "D")]
    assert held(*four) == doubt("a, b, c")
    both = sending(
        part("ON_HOLD", (1, 1), fulfillmentHolds=[{"reason": "A"}]),
        part("ON_HOLD", (2, 1), fulfillmentHolds=[{"reason": "B"}]),
    )
    assert both.doubts == doubt("a")


def test_which_way_it_goes() -> None:
    def way(kind: Any, name: str = "", title: str = "") -> list[tuple[str, Any]]:
        method = {"methodType": kind, "presentedName": name}
        found = sending(part("OPEN", (1, 1), deliveryMethod=method), title=title)
        return [(doubt.code, doubt.params) for doubt in found.doubts]

    assert [way(kind, "Nome", "Titolo") for kind in ("", None, "SHIPPING", "none")] == [[], [], [], []]
    assert way("pickup_point", "Bar Roma", "Titolo") == [("locker", {"method": "Titolo", "point": "Bar Roma"})]
    assert way("PICKUP_POINT", "Bar Roma") == [("locker", {"method": "Bar Roma", "point": "Bar Roma"})]
    assert way("PICKUP_POINT") == [("locker", {"method": "–", "point": "–"})]
    assert way("PICK_UP", "Bar Roma", "Titolo") == [("pickup", {"method": "Bar Roma"})]
    assert way("PICK_UP", "", "Titolo") == [("pickup", {"method": "Titolo"})]
    assert way("BY_OLD_FRIEND") == [("pickup", {"method": "by old friend"})]
    # One question, and the first that asks it.
    assert way("PICKUP_POINT", "Bar Roma", "Ritiro") == [("locker", {"method": "Ritiro", "point": "Bar Roma"})]
    assert way("LOCAL", "Bar Roma", "Ritiro") == [("pickup", {"method": "Bar Roma"})]
    assert way("K" * 50) == [("pickup", {"method": "k" * 40})]
    assert way("LOCAL", "m" * 120) == [("pickup", {"method": "m" * 100})]


def test_what_is_not_told_is_asked() -> None:
    def untold(**data: Any) -> Sending:
        return order_delivery.read({"shippingLine": {"title": "Ritiro"}, **data}, Words(True), ())

    pickup = Doubt("pickup", "", {"method": "Ritiro"})
    assert untold() == Sending(doubts=[pickup])
    for odd in (None, [], {"nodes": {}}):
        unknown = Doubt("on_hold_in_shop", "", {"reason": "unknown"})
        assert untold(fulfillmentOrders=odd) == Sending(doubts=[unknown, pickup])
        hidden = Doubt("on_hold_in_shop", "", {"reason": "not_visible"})
        kept = untold(fulfillmentOrders=odd, **{HIDDEN: ["email", "fulfillmentOrders"]})
        assert kept == Sending(doubts=[hidden, pickup])
        assert untold(fulfillmentOrders=odd, **{HIDDEN: ["email"]}).doubts[0] == unknown


# ---- tags


HOLDS = (
    *("do not ship", "Don't fulfil", "non spedire", "not to evadere", "dont inviare", "x NON FULFILL y", "on hold"),
    *("Hold", "on hold: x", "ordine sospeso", "Sospesa", "BLOCCATO", "in sospeso", "in attesa", "fermo", "fraud"),
    *("frode", "Sospetta frode", "ordine da confermare", "unconfirmed", "not confirmed", "to confirm", "x unconfirmed"),
)
PRE_ORDERS = (
    *("pre-order", "Preorders", "pre ordered", "pre ordine", "Preordini", "pre-vendita", "PREVENDITA", "vorbestellung"),
    *("precommande", "tag pre-order x"),
)
NO_HOLDS = ("household", "hold it", "confirmed", "fermoposta", "presale", "preordered2", "do not", "frodeX")
MARKETS = ("FBA", "amazon afn", "MCF", "fulfilled by Amazon", "Fulfiled-by-amazon", "amazon fba eu", "WFS")
NO_MARKETS = ("fbax", "amazon", "by amazon fba", "wfs2")


def test_tags_that_hold_it_back() -> None:
    def said(*tags: str, **data: Any) -> list[str]:
        return [doubt.params["reason"] for doubt in order_marks.holds(tags, data, Words(True))]

    for tag in HOLDS:
        assert said("vip", tag) == [tag], tag
    for tag in PRE_ORDERS:
        assert said(tag) == ["pre_order"], tag
        goods = {"nodes": [{"customAttributes": []}, {"customAttributes": [{"key": tag, "value": "dal 7/1"}]}]}
        assert said(lineItems=goods) == ["pre_order"], tag
    for tag in NO_HOLDS:
        assert said(tag) == [], tag
    assert said("On hold, " + "x" * 80) == [("On hold  " + "x" * 80)[:60]]
    for worth in ("0", "No", "FALSE", "off", "none"):
        assert said(lineItems={"nodes": [{"customAttributes": [{"key": "preorder", "value": worth}]}]}) == []
    webhook = {"line_items": [{"properties": [{"name": "preorder", "value": "si"}]}]}
    assert [doubt.params for doubt in order_marks.holds((), webhook, Words(False))] == [{"reason": "pre_order"}]
    (doubt,) = order_marks.holds(("hold",), {}, Words(True))
    assert doubt == Doubt("on_hold_in_shop", "", {"reason": "hold"})


def test_tags_of_a_marketplace_that_sends_itself() -> None:
    for tag in MARKETS:
        assert order_marks.sent_by_market(("x", tag), {}, Words(True)), tag
        assert order_marks.sent_by_market((), {"sourceName": tag}, Words(True)), tag
        assert order_marks.sent_by_market((), {"source_name": tag}, Words(False)), tag
    for tag in NO_MARKETS:
        assert not order_marks.sent_by_market((tag,), {}, Words(True)), tag
