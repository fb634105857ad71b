"""Poste: tokens, waybills that no call takes back, labels that expire, words instead of codes, held parcels."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from demo.couriers import FakeCouriers, poste_held
from shipping.couriers import courier
from shipping.couriers.base import Access, Act, CodMode, Collo, Instruction, Known, LabelFormat, Meaning, PickUp, State
from shipping.couriers.errors import (
    AlreadyInstructed,
    CourierBusy,
    CourierSettings,
    GoneAtCourier,
    NotForThisCourier,
    NotInstructed,
    OutcomeUnknown,
    ParcelRefused,
    TooLate,
)
from shipping.couriers.poste import tracking
from tests.shipping.couriers.contracts import MARIA, cod, parcel, to, with_contract

pytestmark = pytest.mark.django_db
POSTE = courier("poste")


def test_weights_are_grams_sides_centimetres_and_money_has_two_places(world, poste) -> None:
    POSTE.book(poste, cod("1234.50", cod_mode=CodMode.BANK_CHEQUE, colli=(Collo(1251, 305, 200, 100),)))
    [there] = world.poste.shelf
    data = there.asked["data"]
    assert data["declared"] == [{"weight": 1251, "height": 10, "length": 31, "width": 20}]
    assert data["services"] == {"APT000918": {"amount": "1234.50", "paymentMode": "ABM"}}


def test_a_prepaid_parcel_has_its_services_too_though_there_are_none(world, poste) -> None:
    POSTE.book(poste, parcel())
    assert [one.asked["data"]["services"] for one in world.poste.shelf] == [{}]


def test_several_pieces_ask_for_the_service_that_allows_them(world, poste) -> None:
    POSTE.book(poste, parcel(colli=(Collo(900, 100, 100, 100), Collo(800, 100, 100, 100))))
    [there] = world.poste.shelf
    assert there.asked["data"]["services"] == {"APT000945": {}}
    assert len(there.asked["data"]["declared"]) == 2


def test_the_house_number_has_its_own_four_signs_and_a_longer_one_stays_with_its_street(world, poste) -> None:
    POSTE.book(poste, parcel(recipient=to(street="Via Roma 12/B")))
    POSTE.book(poste, parcel(recipient=to(street="Via Roma 128/BIS")))
    receivers = [one.asked["data"]["receiver"] for one in world.poste.shelf]
    assert [(one["address"], one["streetNumber"]) for one in receivers] == [
        ("Via Roma", "12/B"),
        ("Via Roma 128/BIS", ""),
    ]


def test_an_address_that_is_no_e_mail_is_left_out_because_poste_would_refuse_the_whole(world, poste) -> None:
    POSTE.book(poste, parcel(recipient=to(email="maria@")))
    [there] = world.poste.shelf
    assert "email" not in there.asked["data"]["receiver"]


def test_signs_that_poste_refuses_are_written_otherwise(world, poste) -> None:
    POSTE.book(poste, parcel(recipient=to(name='Ditta "La {Bella}" ~ Rossi\\Co')))
    assert [one.name for one in world.poste.shelf] == ["Ditta 'La Bella ' Rossi Co"]


def test_a_parcel_that_nobody_measured_has_the_usual_sides_or_stays(world, poste) -> None:
    asked = parcel(colli=(Collo(1000),))
    with pytest.raises(NotForThisCourier):
        POSTE.book(poste, asked)
    assert "waybill" not in world.poste.calls
    POSTE.book(with_contract(poste, usual_sides="30x20x10"), asked)
    assert [one.asked["data"]["declared"] for one in world.poste.shelf] == [
        [{"weight": 1000, "height": 10, "length": 30, "width": 20}]
    ]


@pytest.mark.parametrize(
    "collo", [Collo(30_001, 100, 100, 100), Collo(1000, 1501, 10, 10), Collo(1000, 1000, 900, 400)]
)
def test_what_is_too_heavy_or_too_long_is_refused_here(collo, world, poste) -> None:
    with pytest.raises(NotForThisCourier):
        POSTE.book(poste, parcel(colli=(collo,)))
    assert "waybill" not in world.poste.calls


# ---- two levels of error


@pytest.mark.parametrize(
    ("code", "error"),
    [(101, ParcelRefused), (141, ParcelRefused), (116, CourierSettings), (112, OutcomeUnknown)],
)
def test_an_error_of_the_row_counts_although_the_request_was_fine(code, error, world, poste) -> None:
    world.poste.row_error = code
    with pytest.raises(error):
        POSTE.book(poste, parcel())


def test_an_error_of_the_request_counts_too(poste) -> None:
    with pytest.raises(CourierSettings) as caught:
        POSTE.book(with_contract(poste, cost_center="ANOTHER"), parcel())
    assert "115" in str(caught.value)


def test_an_amount_above_the_contracts_ceiling_is_refused_by_poste(world, poste) -> None:
    with pytest.raises(ParcelRefused) as caught:
        POSTE.book(replace(poste, cod_caps={}), cod("2999.01"))
    assert "143" in str(caught.value)
    assert len(world.poste.shelf) == 0


def test_cash_and_a_locker_do_not_go_together(world, poste) -> None:
    with pytest.raises(ParcelRefused):
        POSTE.book(poste, cod("10.00", services=("APT000948",)))
    assert len(world.poste.shelf) == 0


# ---- tokens and pace


def test_one_token_serves_many_calls_and_a_refused_one_is_renewed_once(world, poste) -> None:
    POSTE.book(poste, parcel())
    POSTE.book(poste, parcel())
    assert world.poste.calls.count("user/sessions") == 1
    world.poste.expire_tokens()
    POSTE.book(poste, parcel())
    assert world.poste.calls.count("user/sessions") == 2
    assert len(world.poste.shelf) == 3


def test_more_calls_than_it_allows_wait_a_minute(world, poste) -> None:
    world.poste.per_minute = 1
    POSTE.book(poste, parcel())
    with pytest.raises(CourierBusy) as caught:
        POSTE.book(poste, parcel())
    assert caught.value.after == dt.timedelta(seconds=60)
    assert len(world.poste.shelf) == 1


# ---- labels


def test_the_label_is_saved_at_once_and_its_address_expires(world, poste) -> None:
    booked = POSTE.book(poste, parcel())
    assert booked.labels[0].data.startswith(b"%PDF")
    world.poste.expire_labels()
    with pytest.raises(GoneAtCourier):
        POSTE.label(poste, booked.known)


def test_a_label_that_does_not_come_at_once_comes_later_and_the_parcel_is_booked(world, poste) -> None:
    world.poste.faults.add("label/*", status=503)
    booked = POSTE.book(poste, parcel())
    assert booked.labels == ()
    assert booked.labels_later
    assert POSTE.label(poste, booked.known)[0].data.startswith(b"%PDF")
    assert len(world.poste.shelf) == 1


def test_a_waybill_without_its_pdf_is_there(world, poste) -> None:
    world.poste.row_error = 130
    booked = POSTE.book(poste, parcel())
    assert booked.labels_later
    assert [one.number for one in world.poste.shelf] == [booked.number]


def test_zpl_is_printed_in_italy_alone(world, poste) -> None:
    access = replace(poste, label_format=LabelFormat.ZPL)
    assert POSTE.book(access, parcel()).labels[0].data.startswith(b"^XA")
    POSTE.book(access, parcel(recipient=to(country="FR", postcode="75001", province="")))
    assert [one.asked["printFormat"] for one in world.poste.shelf] == ["ZPL", "1011"]


# ---- words


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Consegnata", State.DELIVERED),
        ("In consegna", State.OUT_FOR_DELIVERY),
        ("In distribuzione", State.OUT_FOR_DELIVERY),
        ("Mancata consegna", State.INFO),
        ("Non consegnato per assenza", State.INFO),
        ("Destinatario assente", State.INFO),
        ("Rifiutato dal destinatario", State.INFO),
        ("In giacenza presso ufficio", State.HELD),
        ("Svincolata", State.INFO),
        ("Consegnato all'Ufficio Postale di Roma", State.INFO),
        ("Consegnato al locker di Piazza Bologna", State.INFO),
        ("Reso al mittente", State.RETURNING),
        ("Spedizione respinta e restituita al mittente", State.RETURNING),
        ("Consegnato al mittente", State.RETURNED),
        ("Non consegnato, reso al mittente", State.RETURNING),
        ("Preso in carico dal mittente", State.INFO),
        ("Reso disponibile", State.INFO),
        ("Rientro in filiale", State.INFO),
        ("Restituzione importo contrassegno al mittente", State.INFO),
        ("In transito", State.INFO),
        ("Smarrita", State.LOST),
        ("Reso richiesto dal mittente", None),
        ("Qualcosa di nuovo", None),
    ],
)
def test_what_a_sentence_of_poste_means(words, state) -> None:
    found = tracking.meaning(Access(), words)
    assert (found.state if found else None) == state


def test_staff_explain_a_sentence_word_for_word_or_change_what_a_rule_means() -> None:
    explained = Access(codes={"qualcosa di nuovo": Meaning("x", State.HELD)})
    assert tracking.meaning(explained, "Qualcosa  di NUOVO").state == State.HELD
    changed = Access(codes={"lost": Meaning("lost", State.INFO)})
    assert tracking.meaning(changed, "Smarrita").state == State.INFO


def test_the_round_trip_flag_alone_makes_no_return(world, poste) -> None:
    known = POSTE.book(poste, parcel()).known
    world.poste.shelf.push(known.number, "SCP", "Consegnata")
    assert POSTE.events(poste, [known])[0].state == State.DELIVERED


def test_many_waybills_are_asked_for_in_few_calls_and_come_back_in_order(world, poste) -> None:
    parcels = [POSTE.book(poste, parcel()).known for _ in range(12)]
    world.poste.shelf.push(parcels[11].number, "SCP", "Consegnata")
    world.poste.calls.clear()
    tracked = POSTE.events(poste, [*parcels, Known("MCI-999999", "ZA999999999IT")])
    assert world.poste.calls == ["tracking"] * 2
    assert [one.number for one in tracked] == [*(known.number for known in parcels), "ZA999999999IT"]
    assert [one.state for one in tracked] == [*[None] * 11, State.DELIVERED, None]


# ---- held parcels


def held(world: FakeCouriers, poste: Access, reason: str = "RIFDEST", **more: dt.date) -> Known:
    known = POSTE.book(poste, cod("39.90")).known
    poste_held.hold(world.poste, known.number, reason, **more)
    return known


def test_held_parcels_of_a_month_are_listed_in_ranges_that_poste_takes(world, poste) -> None:
    today = world.now().date()
    numbers = [held(world, poste, since=today - dt.timedelta(days=days)).number for days in (0, 11, 29)]
    held(world, poste, since=today - dt.timedelta(days=40))
    found = POSTE.held(poste, today - dt.timedelta(days=30), today)
    assert {one.number for one in found} == set(numbers)
    assert {one.reason for one in found} == {"refused"}
    assert all(one.open and one.can_instruct and one.reference.startswith("MCI-") for one in found)
    assert found[0].until == found[0].since + dt.timedelta(days=30)


def test_a_range_with_too_many_is_halved_and_none_is_missed_or_doubled(world, poste) -> None:
    today = world.now().date()
    world.poste.most_listed = 1
    numbers = {held(world, poste, since=today - dt.timedelta(days=days)).number for days in range(4)}
    found = POSTE.held(poste, today - dt.timedelta(days=9), today)
    assert len(found) == 4
    assert {one.number for one in found} == numbers


def test_no_held_parcel_is_no_error(world, poste) -> None:
    assert POSTE.held(poste, world.now().date(), world.now().date()) == []


@pytest.mark.parametrize(
    ("instruction", "action"),
    [
        (Instruction(Act.REDELIVER), "AZ0001"),
        (Instruction(Act.OTHER_ADDRESS, address=replace(MARIA, street="Corso Francia 7")), "AZ0002"),
        (Instruction(Act.ABANDON), "AZ0003"),
        (Instruction(Act.TO_POST_OFFICE, place="26110"), "AZ0004"),
        (Instruction(Act.BACK), "AZ0005"),
        (Instruction(Act.TO_DEPOT), "AZ0006"),
        (Instruction(Act.TO_LOCKER, place="L77"), "AZ0007"),
        (Instruction(Act.TO_SHOP, place="P77"), "AZ0008"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_instruction_reaches_poste_once(instruction, action, world, poste) -> None:
    known = held(world, poste)
    assert POSTE.instruct(poste, known, instruction) == "OK"
    [told] = world.poste.shelf.number(known.number).instructions
    assert told["action"] == action
    assert told["releaseAct"]["shipmentId"] == known.number
    with pytest.raises(AlreadyInstructed):
        POSTE.instruct(poste, known, instruction)
    assert len(world.poste.shelf.number(known.number).instructions) == 1


def test_too_late_forbidden_and_incomplete_instructions_are_refused(world, poste) -> None:
    known = held(world, poste)
    for incomplete in (Instruction(Act.TO_LOCKER), Instruction(Act.OTHER_ADDRESS)):
        with pytest.raises(NotInstructed):
            POSTE.instruct(poste, known, incomplete)
    with pytest.raises(NotInstructed):  # no action of Poste changes the amount
        POSTE.instruct(poste, known, Instruction(Act.REDELIVER, cod=Decimal("10.00")))
    world.poste.release_forbidden.add(known.number)
    with pytest.raises(NotInstructed):
        POSTE.instruct(poste, known, Instruction(Act.BACK))
    world.poste.release_closed.add(known.number)
    with pytest.raises(TooLate):
        POSTE.instruct(poste, known, Instruction(Act.BACK))
    assert world.poste.shelf.number(known.number).instructions == []


def test_the_van_is_booked_in_kilograms(world, poste) -> None:
    today = world.now().date()
    assert POSTE.pick_up(poste, PickUp(today, 3, 4210)) == "RIT0000001"
    [asked] = world.poste.pick_ups
    assert (asked["weight"], asked["timeSlot"]) == (5, "AMPM")
    with pytest.raises(ParcelRefused):
        POSTE.pick_up(poste, PickUp(today - dt.timedelta(days=1), 3, 4210))
