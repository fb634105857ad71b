"""BRT: what it is told, what its codes mean, and what happens when it is slow."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from demo.couriers import FakeCouriers
from shipping.couriers import courier
from shipping.couriers.base import Access, CodMode, Collo, LabelFormat, PickUp, State
from shipping.couriers.errors import (
    AddressNotRouted,
    CourierLogin,
    CourierSettings,
    ManyOfThem,
    NotCancelled,
    NotForThisCourier,
    OutcomeUnknown,
    ParcelRefused,
    StillWorking,
)
from shipping.couriers.once import book_once
from tests.shipping.couriers.contracts import cod, parcel, to, with_contract

pytestmark = pytest.mark.django_db
BRT = courier("brt")


def test_money_and_weight_travel_as_numbers_with_a_dot_and_flags_as_text(world: FakeCouriers, brt: Access) -> None:
    BRT.book(brt, cod("49.90", colli=(Collo(1250, 300, 200, 100), Collo(310))))
    [there] = world.brt.shelf
    assert there.asked["cashOnDelivery"] == Decimal("49.90")
    assert there.asked["weightKG"] == Decimal("1.6")  # 1.56, rounded up
    assert there.asked["volumeM3"] == Decimal("0.006")
    assert there.asked["isCODMandatory"] == "1"
    assert there.asked["codPaymentType"] == ""
    assert there.asked["codCurrency"] == "EUR"
    assert there.asked["numericSenderReference"] == there.numeric
    assert there.asked["isAlertRequired"] == "1"


@pytest.mark.parametrize(("mode", "code"), [(CodMode.BANK_CHEQUE, "BM"), (CodMode.CIRCULAR_CHEQUE, "CM")])
def test_a_cheque_has_the_code_of_the_contract(mode: CodMode, code: str, world: FakeCouriers, brt: Access) -> None:
    BRT.book(brt, cod("49.90", cod_mode=mode))
    assert [one.cod_mode for one in world.brt.shelf] == [code]
    BRT.book(with_contract(brt, cod_modes={mode: "OM"}), cod("49.90", cod_mode=mode))
    assert [one.cod_mode for one in world.brt.shelf] == [code, "OM"]


def test_a_way_to_pay_that_it_does_not_have_is_refused(world: FakeCouriers, brt: Access) -> None:
    with pytest.raises(NotForThisCourier):
        BRT.book(brt, cod("49.90", cod_mode=CodMode.POSTAL_CHEQUE))
    assert world.brt.calls == []


def test_a_warning_that_changed_the_city_shows_what_was_asked_and_what_was_made(world, brt) -> None:
    world.brt.corrections["20121"] = "MILANO CENTRO"
    booked = BRT.book(brt, parcel())
    [warning] = booked.warnings
    assert (warning.code, warning.field, warning.asked, warning.given) == (
        "address_changed",
        "city",
        "Milano",
        "MILANO CENTRO",
    )
    assert len(booked.labels) == 1


@pytest.mark.parametrize(("code", "name"), [(5, "shop_replaced"), (6, "return_depot_replaced"), (7, "qr_failed")])
def test_other_warnings_are_shown_and_the_parcel_is_there(code, name, world, brt) -> None:
    world.brt.warn_next = code
    booked = BRT.book(brt, parcel())
    assert [warning.code for warning in booked.warnings] == [name]
    assert booked.number


def test_a_warning_that_nobody_knows_is_shown_in_its_own_words(world, brt) -> None:
    world.brt.warn_next = 9
    assert [warning.code for warning in BRT.book(brt, parcel()).warnings] == ["unknown_warning"]


@pytest.mark.parametrize("code", [-1, -64, -65])
def test_a_stumble_of_theirs_is_looked_up_before_it_is_asked_again(code, world, brt) -> None:
    asked = parcel()
    world.brt.fail_next, world.brt.made_and_failed = code, True
    with pytest.raises(OutcomeUnknown):
        BRT.book(brt, asked)
    booked = book_once(BRT, brt, asked, asked_before=True)
    # The first gives no label any more: it was taken back, and there is one parcel.
    assert [one.number for one in world.brt.shelf.of(asked.reference)] == [booked.number]
    assert len(world.brt.shelf) == 2
    assert booked.labels


def test_an_address_that_cannot_be_routed_makes_nothing(world, brt) -> None:
    with pytest.raises(AddressNotRouted):
        BRT.book(brt, parcel(recipient=to(postcode="99999")))
    assert len(world.brt.shelf) == 0


@pytest.mark.parametrize("customer", ["7654321"])
def test_a_customer_code_that_is_not_ours_stops_all(customer, brt) -> None:
    with pytest.raises(CourierLogin):
        BRT.book(with_contract(brt, customer_code=customer), parcel())


def test_a_refusal_in_its_own_words_is_passed_on(brt) -> None:
    with pytest.raises(ParcelRefused) as caught:
        BRT.book(with_contract(brt, departure_depot="020", freight="DAP", cod_modes={"cash": "XY"}), cod("10.00"))
    assert "codPaymentType" in str(caught.value)


def test_more_pieces_than_it_takes_are_refused_here(world, brt) -> None:
    with pytest.raises(NotForThisCourier):
        BRT.book(brt, parcel(colli=(Collo(100),) * 31))
    assert world.brt.calls == []


def test_a_short_street_gets_what_it_needs_and_keeps_its_number(world, brt) -> None:
    BRT.book(brt, parcel(recipient=to(street="P. 1")))
    assert [one.street for one in world.brt.shelf] == ["P. 1 - Milano"]


def test_zpl_is_asked_for_where_the_warehouse_prints_it(world, brt) -> None:
    booked = BRT.book(replace(brt, label_format=LabelFormat.ZPL), parcel())
    assert booked.labels[0].format == LabelFormat.ZPL
    assert booked.labels[0].data.startswith(b"^XA")
    assert booked.known.colli[0].barcode.encode() in booked.labels[0].data


def test_each_piece_has_a_barcode_of_18_and_is_followed_by_15(brt) -> None:
    booked = BRT.book(brt, parcel(colli=(Collo(100), Collo(100))))
    assert [(len(one.barcode), len(one.tracking)) for one in booked.known.colli] == [(18, 15), (18, 15)]
    assert len(booked.number) == 12
    assert len(booked.labels) == 2


# ---- confirming and taking back


def test_a_parcel_that_is_still_worked_at_is_confirmed_later_and_then_once(world, brt) -> None:
    known = BRT.book(brt, parcel()).known
    world.brt.busy = 1
    [first] = BRT.manifest(brt, [known]).parcels
    assert not first.done
    assert first.after == dt.timedelta(minutes=5)
    assert BRT.manifest(brt, [known]).parcels[0].done
    assert BRT.manifest(brt, [known]).parcels[0].done  # −102 counts as done


def test_two_parcels_with_one_reference_need_a_person(world, brt) -> None:
    asked = parcel()
    known = BRT.book(brt, asked).known
    BRT.book(brt, asked)  # BRT takes it twice
    [result] = BRT.manifest(brt, [known]).parcels
    assert not result.done
    assert result.after is None
    assert asked.reference in result.text
    with pytest.raises(ManyOfThem):
        BRT.cancel(brt, known)
    with pytest.raises(ManyOfThem):
        BRT.find(brt, asked.reference, asked.number)
    assert len(world.brt.shelf.of(asked.reference)) == 2


def test_a_contract_that_confirms_by_itself_asks_nobody(world, brt) -> None:
    known = BRT.book(brt, parcel()).known
    asked = len(world.brt.calls)
    assert BRT.manifest(with_contract(brt, confirmation="auto"), [known]).missed == []
    assert len(world.brt.calls) == asked


def test_taking_back_waits_for_what_is_still_worked_at(world, brt) -> None:
    known = BRT.book(brt, parcel()).known
    world.brt.busy = 1
    with pytest.raises(StillWorking):
        BRT.cancel(brt, known)
    assert [one.state for one in world.brt.shelf] == ["open"]
    BRT.cancel(brt, known)
    assert [one.state for one in world.brt.shelf] == ["deleted"]


def test_a_parcel_that_the_branch_has_in_hand_travels(world, brt) -> None:
    known = BRT.book(brt, parcel()).known
    world.brt.taken.add(known.number)
    with pytest.raises(NotCancelled):
        BRT.cancel(brt, known)
    assert [one.state for one in world.brt.shelf] == ["open"]


def test_a_wrong_password_stops_the_whole_closing(world, brt) -> None:
    known = BRT.book(brt, parcel()).known
    world.brt.password = "changed"
    with pytest.raises(CourierLogin):
        BRT.manifest(brt, [known])
    assert [one.state for one in world.brt.shelf] == ["open"]


# ---- tracking and the rest


def test_consegnata_after_708_is_a_return_and_never_a_delivery(world, brt) -> None:
    known = BRT.book(brt, cod("49.90")).known
    BRT.manifest(brt, [known])
    for code, text, state in (
        ("701", "ritirata", None),
        ("MIC", "in consegna", State.OUT_FOR_DELIVERY),
        ("008", "non paga il c/assegno", State.OUT_FOR_DELIVERY),
        ("G02", "apertura giacenza", State.OUT_FOR_DELIVERY),
        ("G", "in giacenza", State.HELD),
        ("708", "resa al mittente", State.RETURNING),
        ("MIC", "in consegna", State.RETURNING),
        ("704", "consegnata", State.RETURNED),
    ):
        world.brt.shelf.push(known.number, code, text)
        [tracked] = BRT.events(brt, [known])
        assert tracked.state == state, code
    assert len(tracked.events) == 8  # and none of the empty ones
    assert tracked.cod_due == Decimal("49.90")


def test_the_van_is_booked_and_a_day_that_is_gone_refused(world, brt) -> None:
    today = world.now().date()
    assert BRT.pick_up(brt, PickUp(today, colli=3, weight_g=4200))
    [asked] = world.brt.pick_ups
    assert asked["requestInfos"]["parcelCount"] == 3
    with pytest.raises(ParcelRefused):
        BRT.pick_up(brt, PickUp(today - dt.timedelta(days=1), colli=3, weight_g=4200))
    with pytest.raises(CourierSettings):
        BRT.pick_up(replace(brt, credentials={**brt.credentials, "orm_key": ""}), PickUp(today, 3, 4200))
    assert len(world.brt.pick_ups) == 1


def test_an_address_is_tried_without_making_anything(world, brt) -> None:
    world.brt.corrections["20121"] = "MILANO CENTRO"
    checked = BRT.check_address(brt, parcel())
    assert not checked.good
    assert checked.changed == {"city": "MILANO CENTRO"}
    assert BRT.check_address(brt, parcel(recipient=to(postcode="20122"))).good
    assert not BRT.check_address(brt, parcel(recipient=to(postcode="99999"))).good
    assert len(world.brt.shelf) == 0
