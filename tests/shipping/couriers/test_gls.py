"""GLS: money with commas, open and closed parcels, merging, labels that come later, held parcels."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from demo.couriers import FakeCouriers
from shipping.couriers import courier
from shipping.couriers.base import Access, Act, Collo, Instruction, Known, LabelFormat, PickUp, State
from shipping.couriers.errors import (
    CourierAway,
    CourierSettings,
    GoneAtCourier,
    LabelLater,
    ManyOfThem,
    NotCancelled,
    NotInstructed,
    OutcomeUnknown,
    ParcelRefused,
    TooLate,
)
from shipping.couriers.once import book_once
from tests.shipping.couriers.contracts import MARIA, cod, parcel, to, with_contract

pytestmark = pytest.mark.django_db
GLS = courier("gls")


def test_money_and_weight_have_a_comma_and_the_amount_stands_on_the_first_piece_alone(world, gls) -> None:
    GLS.book(gls, cod("1234.50", cod_mode="bank_cheque", colli=(Collo(1250), Collo(310))))
    [there] = world.gls.shelf
    assert there.asked["ImportoContrassegno"] == "1234,50"
    assert there.asked["ModalitaIncasso"] == "AB"
    assert there.asked["PesoReale"] == "1,3"
    assert there.cod == Decimal("1234.50")
    assert len(there.colli) == 2


def test_letters_are_written_as_gls_wants_them(world, gls) -> None:
    GLS.book(gls, parcel(recipient=to(name="Niccolò & Figli", street="Via Libertà 12", city="Forlì")))
    [there] = world.gls.shelf
    assert (there.name, there.street, there.city) == ("Niccolo' e Figli", "Via Liberta', 12", "Forli'")


def test_a_note_is_shared_between_the_label_and_the_driver(world, gls) -> None:
    GLS.book(gls, parcel(note="Suonare Bianchi al secondo piano, dopo le 14, cancello verde"))
    [there] = world.gls.shelf
    assert there.asked["NoteSpedizione"] == "Suonare Bianchi al secondo piano, dopo"
    assert there.asked["NoteAggiuntive"] == "le 14, cancello verde"


def test_the_volumetric_weight_is_told_by_the_factor_of_the_contract(world, gls) -> None:
    GLS.book(with_contract(gls, volumetric="200"), parcel(colli=(Collo(1000, 400, 300, 250),)))
    assert [one.asked["PesoVolume"] for one in world.gls.shelf] == ["6,0"]


def test_an_address_that_gls_cannot_find_is_made_and_said_to_be_late(world, gls) -> None:
    booked = GLS.book(gls, parcel(recipient=to(postcode="99999")))
    [warning] = booked.warnings
    assert warning.code == "gls_check"
    assert "stradario" in warning.text
    assert booked.number
    assert booked.labels


def test_the_number_that_is_none_is_refused(world, gls) -> None:
    with pytest.raises(ParcelRefused):
        GLS.book(gls, parcel(recipient=to(postcode="99998")))


def test_two_orders_that_gls_merged_stop_for_a_person(world, gls) -> None:
    world.gls.merge = "same"
    first = GLS.book(gls, cod("39.90"))
    second = GLS.book(gls, cod("20.00"))
    assert first.number == second.number
    assert not first.serious
    assert second.serious
    found = {warning.code: (warning.asked, warning.given) for warning in second.warnings}
    assert found == {"merged": ("1", "2"), "other_amount": ("20.00", "59.90")}


def test_with_our_number_as_bda_two_orders_of_one_customer_stay_two(world, gls) -> None:
    first, second = GLS.book(gls, cod("39.90")), GLS.book(gls, cod("20.00"))
    assert first.number != second.number
    assert not first.serious
    assert not second.serious


@pytest.mark.parametrize("zpl", [False, True])
def test_a_label_that_comes_later_is_asked_for_again(zpl, world, gls) -> None:
    access = with_contract(gls, labels="later")
    access = replace(access, label_format=LabelFormat.ZPL) if zpl else access
    booked = GLS.book(access, parcel(colli=(Collo(100), Collo(100))))
    assert booked.labels == ()
    assert booked.labels_later
    with pytest.raises(LabelLater) as caught:
        GLS.label(access, booked.known)
    assert caught.value.after < dt.timedelta(minutes=1)
    labels = GLS.label(access, booked.known)
    assert len(labels) == 2
    assert all(label.data.startswith(b"^XA" if zpl else b"%PDF") for label in labels)


def test_a_parcel_that_was_found_again_gives_its_label(world, gls) -> None:
    asked = cod("39.90")
    world.gls.late = 0
    world.gls.faults.add("AddParcel", drop=True, after=True)
    with pytest.raises(OutcomeUnknown):
        GLS.book(gls, asked)
    found = book_once(GLS, gls, asked, asked_before=True)
    assert found.labels_later
    assert GLS.label(gls, found.known)[0].data.startswith(b"%PDF")
    assert len(world.gls.shelf) == 1


def test_a_fault_while_it_was_made_is_an_open_question_and_afterwards_an_outage(world, gls) -> None:
    world.gls.fault_next = True
    with pytest.raises(OutcomeUnknown):
        GLS.book(gls, parcel())
    booked = GLS.book(gls, parcel())
    world.gls.fault_next = True
    with pytest.raises(CourierAway):
        GLS.cancel(gls, booked.known)
    assert [one.state for one in world.gls.shelf] == ["open"]


def test_a_wrong_contract_is_said(gls) -> None:
    with pytest.raises(CourierSettings) as caught:
        GLS.book(with_contract(gls, contract="9999"), parcel())
    assert "Contratto" in str(caught.value)


def test_two_numbers_with_one_reference_need_a_person(world, gls) -> None:
    asked = parcel()
    world.gls.merge = ""
    GLS.book(gls, asked)
    GLS.book(gls, asked)
    with pytest.raises(ManyOfThem):
        GLS.find(gls, asked.reference, asked.number)


def test_a_parcel_is_found_by_its_reference_or_where_the_list_has_none_by_our_number(world, gls) -> None:
    asked = parcel()
    booked = GLS.book(gls, asked)
    [there] = world.gls.shelf
    there.numeric = "typed by hand"
    assert GLS.find(gls, asked.reference, asked.number).number == booked.number
    there.numeric, there.reference = str(asked.number), ""
    assert GLS.find(gls, asked.reference, asked.number).number == booked.number
    there.reference = "another's"
    assert GLS.find(gls, asked.reference, asked.number) is None


# ---- closing


def test_closing_takes_the_bare_number_also_where_the_branch_stands_before_it(world, gls) -> None:
    booked = GLS.book(gls, parcel())
    prefixed = replace(booked.known, number=f"V1{booked.number}")
    result = GLS.manifest(gls, [prefixed])
    assert result.missed == []
    assert [one.state for one in world.gls.shelf] == ["closed"]
    assert result.document is not None
    assert result.document.data.startswith(b"%PDF")


def test_a_closed_parcel_is_not_said_to_be_taken_back(world, gls) -> None:
    """GLS answers that it was deleted, and carries it all the same."""
    booked = GLS.book(gls, parcel())
    GLS.manifest(gls, [booked.known])
    with pytest.raises(NotCancelled):
        GLS.cancel(gls, booked.known)
    assert "DeleteSped" not in world.gls.calls


def test_closing_when_the_answer_was_lost_is_safe_to_repeat(world, gls) -> None:
    booked = GLS.book(gls, parcel())
    world.gls.faults.add("CloseWorkDay*", drop=True, after=True)
    with pytest.raises(CourierAway):
        GLS.manifest(gls, [booked.known])
    assert GLS.manifest(gls, [booked.known]).missed == []


# ---- tracking


def test_money_missing_twice_holds_the_parcel_and_29_sends_it_back(world, gls) -> None:
    known = GLS.book(gls, cod("149.50")).known
    GLS.manifest(gls, [known])
    for code, state in (
        ("905", State.OUT_FOR_DELIVERY),
        ("5", State.OUT_FOR_DELIVERY),
        ("73", State.HELD),
        ("66", State.HELD),
        ("29", State.RETURNING),
    ):
        world.gls.shelf.push(known.number, code)
        [tracked] = GLS.events(gls, [known])
        assert tracked.state == state, code
    assert tracked.cod_due == Decimal("149.50")
    assert [sorted(event.flags) for event in tracked.events][1] == ["attempt", "cod_unpaid"]


def test_906_on_the_way_back_is_a_return_although_the_parcel_reads_consegnata(world, gls) -> None:
    known = GLS.book(gls, cod("149.50")).known
    for code in ("905", "4"):
        world.gls.shelf.push(known.number, code)
    world.gls.shelf.push(known.number, "902", back=True)
    assert GLS.events(gls, [known])[0].state == State.RETURNING
    world.gls.shelf.push(known.number, "906", "Consegnata", back=True)
    assert GLS.events(gls, [known])[0].state == State.RETURNED


def test_27_is_lost(world, gls) -> None:
    known = GLS.book(gls, parcel()).known
    for code in ("25", "26"):
        world.gls.shelf.push(known.number, code)
        assert GLS.events(gls, [known])[0].state is None
    world.gls.shelf.push(known.number, "27")
    assert GLS.events(gls, [known])[0].state == State.LOST


# ---- held parcels


def held(world: FakeCouriers, gls: Access) -> Known:
    known = GLS.book(gls, cod("149.50")).known
    world.gls.shelf.push(known.number, "4", "Rifiutata")
    return known


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        (Instruction(Act.BACK), {"TipoSvincolo": "3"}),
        (Instruction(Act.ABANDON), {"TipoSvincolo": "4"}),
        (Instruction(Act.TO_DEPOT), {"TipoSvincolo": "7"}),
        (
            Instruction(Act.REDELIVER, note="Dopo le 18, chiedere di Ugo"),
            {"TipoSvincolo": "1", "SpeseAdMittente": "S", "SpeseAdDestinatario": "N"},
        ),
        (Instruction(Act.NEW_DATE, on=dt.date(2026, 12, 9)), {"TipoSvincolo": "1", "DataRiconsegna": "09/12/26"}),
        (
            Instruction(Act.PHONE_FIRST, phone="+393331112233"),
            {"ConPreavvisoTelefonico": "S", "TelefonoDestinatario": "3331112233"},
        ),
        (
            Instruction(Act.COD_AMEND, cod=Decimal("1120.00")),
            {"VariandoCAssegno": "S", "NuovoImportoCAssegno": "1120,00"},
        ),
        (Instruction(Act.COD_CANCEL), {"AnnullandoCAssegno": "S"}),
        (
            Instruction(Act.OTHER_ADDRESS, address=replace(MARIA, street="Corso Università 7", postcode="10121")),
            {"TipoSvincolo": "2", "NuovoIndirizzo": "Corso Universita' 7", "NuovoZipcode": "10121"},
        ),
    ],
    ids=lambda value: value.act if isinstance(value, Instruction) else "",
)
def test_an_instruction_reaches_gls_with_the_number_of_the_branch(instruction, expected, world, gls) -> None:
    known = held(world, gls)
    assert GLS.instruct(gls, known, instruction) == "Ok"
    [told] = world.gls.shelf.number(known.number).instructions
    assert told["NumeroSpedizione"] == f"V1{known.number}"
    assert {name: told.get(name) for name in expected} == expected


@pytest.mark.parametrize("act", [Act.OTHER_ADDRESS, Act.NEW_DATE, Act.PHONE_FIRST, Act.COD_AMEND])
def test_half_an_instruction_is_refused_here(act, world, gls) -> None:
    known = held(world, gls)
    with pytest.raises(NotInstructed):
        GLS.instruct(gls, known, Instruction(act))
    assert world.gls.shelf.number(known.number).instructions == []


def test_an_instruction_that_comes_too_late_or_for_nobody_is_refused(world, gls) -> None:
    known = held(world, gls)
    world.gls.release_closed.add(known.number)
    with pytest.raises(TooLate):
        GLS.instruct(gls, known, Instruction(Act.BACK))
    with pytest.raises(GoneAtCourier):
        GLS.instruct(gls, replace(known, number="660999999"), Instruction(Act.BACK))


def test_an_instruction_whose_answer_was_lost_is_an_open_question(world, gls) -> None:
    known = held(world, gls)
    world.gls.faults.add("ReleaseShipmentStock", drop=True, after=True)
    with pytest.raises(OutcomeUnknown):
        GLS.instruct(gls, known, Instruction(Act.BACK))


def test_the_van_is_booked_within_gls_hours(world, gls) -> None:
    today = world.now().date()
    assert GLS.pick_up(gls, PickUp(today, 3, 4210, dt.time(7), dt.time(20))) == "0000001"
    [asked] = world.gls.pick_ups
    assert (asked["Dalle1"], asked["Alle1"], asked["Dalle2"], asked["Alle2"]) == ("08", "13", "13", "19")
    assert asked["PesoReale"] == "4,3"
    with pytest.raises(ParcelRefused):
        GLS.pick_up(gls, PickUp(today - dt.timedelta(days=1), 3, 4210))
