"""What does not go to the door that the order names: collected, brought by the shop, or to a locker or pickup point."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.platforms.base import IncomingOrder
from connectors.platforms.woocommerce.orders import read_order
from tests.connectors.conftest import order_body


def read(**fields: Any) -> IncomingOrder:
    reading = read_order(json.loads(json.dumps(order_body(**fields))))
    assert reading is not None
    return reading


def asked(reading: IncomingOrder) -> list[tuple[str, dict[str, str]]]:
    return [(doubt.code, dict(doubt.params)) for doubt in reading.doubts]


def method(id_: str, title: str, total: str = "0.00", **meta: Any) -> list[dict[str, Any]]:
    metas = [{"key": key, "value": value} for key, value in meta.items()]
    return [{"id": 1, "method_id": id_, "method_title": title, "total": total, "meta_data": metas}]


def metas(**values: Any) -> list[dict[str, Any]]:
    return [{"id": n, "key": key, "value": value} for n, (key, value) in enumerate(values.items())]


PICKUPS = [
    ("local_pickup", "Ritiro", "0.00"),
    ("local_pickup", "Vieni da noi", "3.00"),
    ("pickup_location", "Negozio di Torino", "0.00"),
    ("local_pickup_plus", "Local Pickup Plus", "0.00"),
    ("legacy_local_pickup", "Ritiro", "0.00"),
    ("local_delivery", "Consegna", "5.00"),
    ("ds_local_pickup", "Sede", "0.00"),
    ("click_and_collect", "Click", "0.00"),
    ("store-pickup", "Store", "0.00"),
    ("flat_rate", "Ritiro in negozio", "2.00"),
    ("flat_rate", "Ritiro presso la nostra sede", "2.00"),
    ("free_shipping", "Ritiro a mano", "0.00"),
    ("free_shipping", "RITIRO IN SEDE (gratis)", "0.00"),
    ("flat_rate", "Consegna a mano", "3.00"),
    ("flat_rate", "Consegna locale (Torino)", "3.00"),
    ("flat_rate", "Click & Collect", "0.00"),
    ("flat_rate", "Retrait en magasin", "1.00"),
    ("flat_rate", "Recogida en tienda", "1.00"),
    ("flat_rate", "Selbstabholung", "1.00"),
    ("flat_rate", "Local delivery", "4.00"),
    ("free_shipping", "Ritiro", "0.00"),
    ("table_rate", "Ritiro da concordare", "0"),
]


@pytest.mark.parametrize(("id_", "title", "total"), PICKUPS)
def test_what_the_shop_hands_over_itself_is_asked(id_: str, title: str, total: str) -> None:
    assert asked(read(shipping_lines=method(id_, title, total))) == [("pickup", {"method": title})]


DOORS = [
    ("flat_rate", "Corriere espresso", "7.90"),
    ("free_shipping", "Spedizione gratuita", "0.00"),
    ("flat_rate", "Consegna a domicilio", "5.00"),
    ("brt", "BRT", "7.90"),
    ("inpost_italy_courier", "InPost corriere a domicilio", "7.90"),
    ("flat_rate", "Corriere con ritiro del reso", "6.00"),
    ("flat_rate", "", ""),
]


@pytest.mark.parametrize(("id_", "title", "total"), DOORS)
def test_a_courier_to_the_door_is_not_asked(id_: str, title: str, total: str) -> None:
    assert asked(read(shipping_lines=method(id_, title, total), created_via="checkout")) == []


def test_a_checkout_that_asked_for_no_address_sends_nothing() -> None:
    nowhere = {"first_name": "", "address_1": "", "city": "", "postcode": "", "country": ""}
    lines = method("wc_counter", "Banco", "1.00")
    reading = read(shipping=nowhere, shipping_lines=lines, created_via="checkout")
    assert asked(reading) == [("pickup", {"method": "Banco"})]
    assert reading.address.street == "Via Roma 1"  # the billing one, to be looked at
    assert asked(read(shipping=nowhere, shipping_lines=lines, created_via="admin")) == []


def test_a_ritiro_that_costs_is_asked_only_without_a_street() -> None:
    lines = method("flat_rate", "Ritiro pacco", "5.00")
    assert asked(read(shipping_lines=lines)) == []
    assert asked(read(shipping_lines=lines, shipping={})) == [("pickup", {"method": "Ritiro pacco"})]


LOCKERS: list[tuple[list[dict[str, Any]], list[dict[str, Any]], str]] = [
    (
        method("inpost_italy_locker", "Ritiro in Locker", "6.48"),
        metas(_parcel_machine_id="ITTOR01234L", _parcel_machine_desc="Locker Via Prova 1, 10121 Torino"),
        "ITTOR01234L, Locker Via Prova 1, 10121 Torino",
    ),
    (
        method("service_point_shipping_method", "Punto", "4.00"),
        metas(sendcloudshipping_service_point_meta={"id": 10168633, "extra": "Edicola Rossi|Via Po 1|10121|Torino|"}),
        "10168633, Edicola Rossi, Via Po 1, 10121, Torino",
    ),
    (
        method("gls_shipping_method_parcel_locker", "GLS Locker", "4.00"),
        metas(_gls_pickup_info=json.dumps({"id": "IT1", "name": "Bar Sport", "contact": {"address": "Via Po 2"}})),
        "IT1, Bar Sport, Via Po 2",
    ),
    (method("flat_rate", "Corriere"), metas(_myparcel_delivery_options={"deliveryType": "pickup"}), "pickup"),
    (
        method("flat_rate", "Corriere"),
        metas(
            _myparcel_delivery_options=json.dumps({"isPickup": True, "pickupLocation": {"location_name": "Tabacchi"}})
        ),
        "Tabacchi",
    ),
    (method("flat_rate", "BRT", _brt_fermopoint_code="IT0123"), [], "IT0123"),
    (method("flat_rate", "Corriere"), metas(bw_parcel_point={"code": "123", "name": "Edicola"}), "123, Edicola"),
    (method("lpc_relay", "Colissimo"), metas(_lpc_meta_pickUpLocationId="0042"), "0042"),
    (method("flat_rate", "Corriere"), metas(_wms_mondial_relay_pickup_info='{"pickup_id":"77"}'), "77"),
    (method("flat_rate", "Corriere"), metas(_pickup_location_code="PS-1"), "PS-1"),
    (method("flat_rate", "Corriere"), metas(punto_poste="Tabacchi Bianchi, Roma"), "Tabacchi Bianchi, Roma"),
    (method("packeta", "Packeta"), metas(packetery_point_id="35582"), "35582"),
    (method("flat_rate", "Ritiro presso Punto Poste"), [], "?"),
    (method("flat_rate", "Fermoposta"), [], "?"),
    (method("flat_rate", "BRT-fermopoint"), [], "?"),
    (method("mondialrelay_official_shipping", "Mondial Relay"), [], "?"),
    (method("pickup_dropoff", "The Courier Guy"), [], "?"),
]


@pytest.mark.parametrize(("lines", "meta", "point"), LOCKERS)
def test_a_pickup_point_is_asked_with_its_method_and_its_point(
    lines: list[dict[str, Any]], meta: list[dict[str, Any]], point: str
) -> None:
    reading = read(shipping_lines=lines, meta_data=meta)
    assert asked(reading) == [("locker", {"method": lines[0]["method_title"], "point": point})]
    assert reading.address.street == "Via Roma 1"


def test_a_point_in_the_street_itself_is_asked() -> None:
    address = {**order_body()["shipping"], "address_1": "Packstation 123"}
    reading = read(shipping=address, shipping_lines=method("flat_rate", "DHL"))
    assert asked(reading) == [("locker", {"method": "DHL", "point": "Packstation 123"})]


def test_what_the_plugins_keep_of_a_delivery_to_the_door_is_no_point() -> None:
    meta = metas(
        _myparcel_delivery_options={"deliveryType": "standard", "isPickup": False, "carrier": "postnl"},
        _gls_tracking_codes=["1"],
        _inpost_status="",
        _parcel_machine_id="",
        _locker="no",
        _pickup_date="2026-12-01",
        pickup_location_status="x",
    )
    assert asked(read(shipping_lines=method("flat_rate", "Corriere", "5.00"), meta_data=meta)) == []


def test_a_half_filled_shipping_block_takes_the_billing_street_of_the_same_town() -> None:
    billing = {**order_body()["billing"], "address_1": "Corso Italia 5/B", "address_2": "Scala C", "city": "FORLI'"}
    billing |= {"postcode": "47121", "state": "FC"}
    half = {"first_name": "", "address_1": "", "city": "Forlì", "postcode": "47121", "state": "FC", "country": "IT"}
    reading = read(billing=billing, shipping=half)
    assert asked(reading) == [("billing_street", {})]
    address = reading.address
    assert (address.name, address.street, address.street2) == ("Ada Neri", "Corso Italia 5/B", "Scala C")
    assert (address.city, address.postcode, address.phone) == ("Forlì", "47121", "3331234567")
    no_postcode = read(billing=billing, shipping={**half, "postcode": ""})
    assert (no_postcode.address.street, no_postcode.address.postcode) == ("Corso Italia 5/B", "47121")
    named = read(billing={**billing, "company": "Ditta"}, shipping={**half, "last_name": "Bianchi"})
    assert (named.address.name, named.address.company) == ("Bianchi", "")


@pytest.mark.parametrize("other", [{"city": "Cesena"}, {"postcode": "47122"}, {"country": "SM"}])
def test_the_street_of_another_town_is_not_taken(other: dict[str, str]) -> None:
    billing = {**order_body()["billing"], "city": "Forlì", "postcode": "47121"}
    half = {"city": "Forlì", "postcode": "47121", "country": "IT", "address_1": "", **other}
    reading = read(billing=billing, shipping=half)
    assert (reading.address.street, asked(reading)) == ("", [])


def test_a_country_in_words_is_asked_not_cut_to_another_one() -> None:
    address = {**order_body()["shipping"], "country": "Germany"}
    assert asked(read(shipping=address)) == [("text_cut", {"field": "country"})]
    assert asked(read(shipping={**address, "country": "Italia"})) == []
    assert read(shipping={**address, "country": "de"}).address.country == "DE"


@pytest.mark.parametrize(
    "phone",
    [
        "+1 415-851-9136 ext. 98213-extra",
        "+39 011 1234567 interno 12 (portineria)",
        "0543 111003 / 333 1110003 (dopo le 18)",
        "+44 20 7946 0958 x 1234567890123",
    ],
)
def test_a_phone_with_more_behind_it_is_kept_whole_and_asks_nothing(phone: str) -> None:
    reading = read(shipping={**order_body()["shipping"], "phone": phone})
    assert (reading.address.phone, asked(reading)) == (phone, [])


def test_a_phone_that_is_none_and_too_long_is_asked() -> None:
    reading = read(shipping={**order_body()["shipping"], "phone": "chiamare il portiere di via Roma " * 3})
    assert asked(reading) == [("text_cut", {"field": "phone"})]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_inpost_point", "TOR01M"),
        ("_gls_shop_id", "IT123"),
        ("_tnt_point", "AB12"),
        ("_brt_parcel_shop", "X1"),
        ("_poste_ufficio_office", "UP 12"),
        ("_sda_fermoposta", "1"),
        ("_is_locker", "yes"),
    ],
)
def test_points_of_couriers_and_flags_that_name_one_are_asked(key: str, value: str) -> None:
    assert [code for code, _params in asked(read(meta_data=[{"key": key, "value": value}]))] == ["locker"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_entry_point", "home"),
        ("_loyalty_points", "120"),
        ("_is_locker", "no"),
        ("_breakpoint", "md"),
        ("shop_id", "4"),
    ],
)
def test_other_points_are_none(key: str, value: str) -> None:
    assert asked(read(meta_data=[{"key": key, "value": value}])) == []


@pytest.mark.parametrize(
    ("title", "code"),
    [("Kipoint", "locker"), ("Consegna con i nostri mezzi", "pickup"), ("Consegna (nostro fattorino)", "pickup")],
)
def test_more_ways_that_end_at_no_door(title: str, code: str) -> None:
    way = {"method_id": "flat_rate", "method_title": title, "total": "3.00"}
    assert [found for found, _params in asked(read(shipping_lines=[way]))] == [code]
