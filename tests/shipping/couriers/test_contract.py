"""What is true of every courier that has a folder: the tests grow with the folders."""

from __future__ import annotations

import contextlib
import datetime as dt
import inspect
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import shipping.couriers
from core import http
from core.errors import NeedsHand, Refused, TryLater
from demo.couriers import FakeCouriers
from shipping.couriers import NoSuchCourier, courier, couriers, slugs
from shipping.couriers.base import Access, Act, Instruction, Known, Label, LabelFormat, Meaning, State, Tracked
from shipping.couriers.contract import Courier
from shipping.couriers.errors import (
    CodOverCap,
    CourierAway,
    CourierBusy,
    CourierLogin,
    CourierSettings,
    NotForThisCourier,
    NotOffered,
    OutcomeUnknown,
    ParcelRefused,
)
from shipping.couriers.keeping import kept, known_again
from shipping.couriers.once import book_once
from shipping.errors import CodOverLaw
from tests.shipping.couriers.contracts import CONTRACTS, cod, parcel, to

pytestmark = pytest.mark.django_db
HOME = Path(shipping.couriers.__file__).parent
SPEAKING = [slug for slug in slugs() if courier(slug).can_book]
NAMES = {  # how a creation is called at each imitation
    "brt": "rest/v1/shipments/shipment",
    "gls": "AddParcel",
    "poste": "waybill",
}


def fake(world: FakeCouriers, slug: str) -> Any:
    return getattr(world, slug)


def samples() -> Iterator[Any]:
    for slug in slugs():
        for path in sorted((HOME / slug / "samples").glob("*.answer.*")):
            yield pytest.param(slug, path, id=f"{slug}-{path.name}")


def as_json(tracked: Tracked) -> dict[str, Any]:
    return {
        "number": tracked.number,
        "reference": tracked.reference,
        "cod_due": None if tracked.cod_due is None else f"{tracked.cod_due:.2f}",
        "state": tracked.state,
        "events": [
            [event.at.isoformat(), event.code, event.state, sorted(event.flags), event.returning]
            for event in tracked.events
        ],
    }


def reading_of(slug: str, path: Path) -> list[dict[str, Any]]:
    return [as_json(one) for one in courier(slug).read_events(Access(), path.read_bytes())]


# ---- what each folder is


def test_every_folder_keeps_the_contract() -> None:
    """Every verb and every fact of the contract, with the arguments that it names."""
    verbs = {
        name: verb for name, verb in vars(Courier).items() if inspect.isfunction(verb) and not name.startswith("_")
    }
    facts = [name for name in get_type_hints(Courier, include_extras=True) if name not in verbs]
    assert {"book", "find", "cancel", "manifest", "events", "remittance", "instruct"} <= verbs.keys()
    for found in couriers():
        for name, verb in verbs.items():
            theirs = inspect.signature(getattr(found, name)).parameters
            assert list(theirs) == list(inspect.signature(verb).parameters)[1:], f"{found.slug}.{name}"
        assert [name for name in facts if not hasattr(found, name)] == [], found.slug
        assert found.name
        assert str(found.form)
        assert found.about.sentences
        assert found.about.ask_for
        assert found.about.untried, f"{found.slug} says what was never tried"
        assert found.can_book or found.by_file
        assert 100 <= found.volumetric_kg_m3 <= 400
        assert found.most_colli >= 1
        assert found.can_instruct == bool(found.instructions)
        assert (HOME.parents[1] / found.about.docs).is_file(), found.slug


@pytest.mark.parametrize("slug", slugs())
def test_no_folder_knows_a_model_or_calls_by_itself(slug: str) -> None:
    for path in (HOME / slug).glob("*.py"):
        text = path.read_text()
        assert "shipping.models" not in text, path.name
        assert "import requests" not in text, path.name


@pytest.mark.parametrize("slug", slugs())
def test_what_a_courier_cannot_do_it_says_at_once(slug: str, world: FakeCouriers) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    known = Known("MCI-000012", "1", 12)
    tried = {
        "can_book": lambda: found.book(access, parcel()),
        "can_find": lambda: found.find(access, "MCI-000012", 12),
        "can_label": lambda: found.label(access, known),
        "can_cancel": lambda: found.cancel(access, known),
        "can_manifest": lambda: found.manifest(access, [known]),
        "can_track": lambda: found.events(access, [known]),
        "can_check_address": lambda: found.check_address(access, parcel()),
        "by_file": lambda: found.export(access, [parcel()]),
    }
    for ability, call in tried.items():
        if not getattr(found, ability):
            with pytest.raises(NotOffered):
                call()


@pytest.mark.parametrize(("slug", "path"), list(samples()))
def test_a_recorded_answer_reads_as_expected(slug: str, path: Path) -> None:
    beside = path.with_name(path.name.split(".answer.")[0] + ".reading.json")
    assert reading_of(slug, path) == json.loads(beside.read_text())


@pytest.mark.parametrize("slug", slugs())
def test_each_folder_has_recorded_a_delivery_and_a_way_back(slug: str) -> None:
    states = {one["state"] for param in samples() if param.values[0] == slug for one in reading_of(*param.values)}
    assert {"delivered", "returned"} <= states


@pytest.mark.parametrize("slug", slugs())
def test_a_code_that_no_table_knows_moves_nothing_until_staff_explain_it(slug: str) -> None:
    found = courier(slug)
    path = next(param.values[1] for param in samples() if param.values[0] == slug and "unknown" in param.values[1].name)
    [tracked] = found.read_events(Access(), path.read_bytes())
    [strange] = tracked.unknown
    assert strange.state is None
    assert tracked.state in (None, State.INFO, State.OUT_FOR_DELIVERY)
    for code in (strange.code, " ".join(strange.text.casefold().split())):
        explained = Access(codes={code: Meaning(code, State.HELD)})
        if not found.read_events(explained, path.read_bytes())[0].unknown:
            break
    assert found.read_events(explained, path.read_bytes())[0].state == State.HELD


@pytest.mark.parametrize("slug", slugs())
@pytest.mark.parametrize("body", [b"", b"<html>Torniamo presto</html>", b"{}", b"[1]", b"\xff\xfe\x00", b"null"])
def test_an_answer_that_is_none_is_a_domain_error(slug: str, body: bytes) -> None:
    with contextlib.suppress(Refused, NeedsHand, TryLater):
        assert not courier(slug).read_events(Access(), body)


def test_an_access_does_not_show_its_secrets(world: FakeCouriers) -> None:
    found = set()
    for slug, make in CONTRACTS.items():
        access = make(world)
        secrets = [access.credentials[name] for name in ("password", "secret", "orm_key") if name in access.credentials]
        found |= {slug} if any(secrets) else set()
        assert [secret for secret in secrets if secret in repr(access)] == []
    assert found == set(SPEAKING)


def test_a_slug_without_a_folder_is_none() -> None:
    for slug in ("nobody", "../brt", "base", ""):
        with pytest.raises(NoSuchCourier):
            courier(slug)


# ---- what each courier does, against its imitation


@pytest.mark.parametrize("slug", SPEAKING)
def test_a_cod_parcel_is_booked_with_its_amount_to_the_cent_and_a_label_with_its_number(slug, world) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    asked = cod("149.90", note="Citofono Bianchi")
    booked = found.book(access, asked)
    [there] = fake(world, slug).shelf
    assert f"{there.cod:.2f}" == "149.90"
    assert booked.known.reference == asked.reference
    assert there.reference == asked.reference
    assert booked.number == there.number
    assert not booked.serious
    assert len(booked.labels) == 1
    assert booked.labels[0].data.startswith(b"%PDF")
    assert booked.labels[0].data.rstrip().endswith(b"%%EOF")
    assert there.number[-7:].encode() in booked.labels[0].data


@pytest.mark.parametrize("slug", SPEAKING)
def test_a_prepaid_parcel_is_collected_nothing_for(slug, world) -> None:
    courier(slug).book(CONTRACTS[slug](world), parcel())
    [there] = fake(world, slug).shelf
    assert there.cod == 0
    assert not there.cod_mode


@pytest.mark.parametrize("slug", SPEAKING)
def test_three_pieces_are_one_parcel_whose_money_is_asked_for_once(slug, world) -> None:
    one = parcel().colli[0]
    booked = courier(slug).book(CONTRACTS[slug](world), cod("80.10", colli=(one, one, replace(one, weight_g=4321))))
    [there] = fake(world, slug).shelf
    assert f"{there.cod:.2f}" == "80.10"
    assert there.weight_g >= 1250 + 1250 + 4321
    assert booked.number == there.number
    assert not booked.serious


@pytest.mark.parametrize("slug", SPEAKING)
def test_the_house_number_survives_every_cut_and_the_rest_goes_to_the_note(slug, world) -> None:
    long = to(street="Via dei Martiri della Libertà e della Resistenza Partigiana 128/C", street2="scala B interno 4")
    courier(slug).book(CONTRACTS[slug](world), parcel(recipient=long))
    [there] = fake(world, slug).shelf
    assert "128/C" in there.street.replace(" ", "")
    assert there.street.isascii()
    assert "Via dei Martiri" in there.street


@pytest.mark.parametrize("slug", SPEAKING)
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (cod("0.00"), NotForThisCourier),
        (cod("-5.00"), NotForThisCourier),
        (cod("4500.00"), CodOverCap),
        (parcel(colli=()), NotForThisCourier),
        (parcel(recipient=to(city=" ")), NotForThisCourier),
    ],
    ids=["no amount", "below zero", "over the cap", "no piece", "no city"],
)
def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(slug, asked, error, world) -> None:
    with pytest.raises(error):
        courier(slug).book(CONTRACTS[slug](world), asked)
    assert fake(world, slug).calls == []


@pytest.mark.parametrize("slug", SPEAKING)
def test_without_its_settings_nobody_is_asked(slug, world) -> None:
    with pytest.raises(CourierSettings):
        courier(slug).book(replace(CONTRACTS[slug](world), contract={}), parcel())
    assert fake(world, slug).calls == []


@pytest.mark.parametrize("slug", SPEAKING)
def test_a_wrong_password_is_said_and_makes_nothing(slug, world) -> None:
    access = CONTRACTS[slug](world)
    wrong = {name: "wrong" if name in ("password", "secret") else value for name, value in access.credentials.items()}
    with pytest.raises(CourierLogin) as caught:
        courier(slug).book(replace(access, credentials=wrong), parcel())
    assert "wrong" not in str(caught.value)
    assert len(fake(world, slug).shelf) == 0


@pytest.mark.parametrize("slug", SPEAKING)
@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500}, {"status": 502}, {"status": 200}], ids=str)
def test_an_answer_that_was_lost_after_creation_never_buys_a_second_label(slug, fault, world) -> None:
    found, access, asked = courier(slug), CONTRACTS[slug](world), cod("39.90")
    fake(world, slug).faults.add(NAMES[slug], after=True, **fault)
    with pytest.raises(OutcomeUnknown) as caught:
        book_once(found, access, asked, asked_before=False)
    assert caught.value.after is not None
    assert len(fake(world, slug).shelf.of(asked.reference)) == 1
    if not found.can_find:
        with pytest.raises(NeedsHand):  # a person looks; nobody buys blindly
            book_once(found, access, asked, asked_before=True)
        assert len(fake(world, slug).shelf.of(asked.reference)) == 1
        return
    booked = book_once(found, access, asked, asked_before=True)
    [there] = fake(world, slug).shelf.of(asked.reference)
    assert booked.number == there.number
    assert f"{there.cod:.2f}" == "39.90"
    assert booked.labels or booked.labels_later


@pytest.mark.parametrize("slug", SPEAKING)
def test_an_answer_that_was_lost_before_creation_is_booked_once_afterwards(slug, world) -> None:
    found, access, asked = courier(slug), CONTRACTS[slug](world), parcel()
    fake(world, slug).faults.add(NAMES[slug], drop=True)
    with pytest.raises(OutcomeUnknown):
        found.book(access, asked)
    assert len(fake(world, slug).shelf) == 0
    book_once(found, access, asked, asked_before=True, looked=not found.can_find)
    assert len(fake(world, slug).shelf.of(asked.reference)) == 1


@pytest.mark.parametrize("slug", SPEAKING)
def test_a_courier_that_is_down_or_busy_is_asked_again_later(slug, world) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    booked = found.book(access, parcel())
    for fault, error in (
        ({"status": 503, "retry_after": 120}, CourierAway),
        ({"status": 429, "retry_after": 30}, CourierBusy),
        ({"drop": True}, CourierAway),
    ):
        fake(world, slug).faults.add("*", **fault)
        with pytest.raises(error) as caught:
            found.events(access, [booked.known])
        if "retry_after" in fault:
            assert caught.value.after.total_seconds() == fault["retry_after"]
    fake(world, slug).faults.add(NAMES[slug], status=429)
    with pytest.raises(CourierBusy):  # turned away: nothing was made, and it need not be looked up
        found.book(access, parcel())
    assert len(fake(world, slug).shelf) == 1


@pytest.mark.parametrize("slug", [slug for slug in SPEAKING if courier(slug).can_find])
def test_what_was_never_booked_is_not_found_and_what_was_cancelled_neither(slug, world) -> None:
    found, access, asked = courier(slug), CONTRACTS[slug](world), parcel()
    assert found.find(access, asked.reference, asked.number) is None
    booked = found.book(access, asked)
    again = found.find(access, asked.reference, asked.number)
    assert again is not None
    assert again.number == booked.number
    found.cancel(access, booked.known)
    assert found.find(access, asked.reference, asked.number) is None
    found.cancel(access, booked.known)  # twice is once


@pytest.mark.parametrize("slug", [slug for slug in SPEAKING if courier(slug).can_manifest])
def test_the_day_is_closed_once_and_says_who_missed_it(slug, world) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    first, second = found.book(access, parcel()), found.book(access, parcel(recipient=to(name="Ada Bianchi")))
    gone = found.book(access, parcel(recipient=to(name="Ugo Verdi")))
    found.cancel(access, gone.known)
    parcels = [one.known for one in (first, second, gone)]
    for _twice in range(2):
        result = found.manifest(access, parcels)
        assert [one.done for one in result.parcels] == [True, True, False]
        [missed] = result.missed
        assert missed.number == gone.number
        assert missed.text
        assert missed.after is None
    assert {one.number: one.state for one in fake(world, slug).shelf} == {
        first.number: "closed",
        second.number: "closed",
        gone.number: "deleted",
    }


@pytest.mark.parametrize("slug", SPEAKING)
def test_a_parcel_on_which_nothing_happened_has_no_events(slug, world) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    booked = found.book(access, parcel())
    [tracked] = found.events(access, [booked.known])
    assert tracked.number == booked.number
    assert tracked.reference == booked.known.reference
    assert tracked.events == ()
    assert tracked.state is None


@pytest.mark.parametrize("slug", [slug for slug in SPEAKING if courier(slug).can_instruct])
def test_an_instruction_that_the_courier_does_not_know_is_refused_before_it_is_asked(slug, world) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    for act in set(Act) - found.instructions:
        with pytest.raises(Refused):
            found.instruct(access, Known("MCI-000012", "660000001", 12), Instruction(act))
    assert fake(world, slug).calls == []


@pytest.mark.parametrize("slug", SPEAKING)
def test_the_courier_refuses_and_nothing_was_made(slug, world) -> None:
    """Of each imitation the plainest refusal: a postcode, or a COD mode, that it does not take."""
    found, access = courier(slug), CONTRACTS[slug](world)
    abroad = {"brt": {"postcode": "99999"}, "gls": {"province": ""}, "poste": {"postcode": "2012"}}[slug]
    with pytest.raises(ParcelRefused) as caught:
        found.book(access, parcel(recipient=to(**abroad)))
    assert str(caught.value)
    assert len(fake(world, slug).shelf) == 0


@pytest.mark.parametrize("slug", slugs())
def test_a_distinta_is_read_by_every_courier(slug: str) -> None:
    data = b"LDV;Rif mittente;Pagato\r\n123456789;MCI-000012;39,90\r\n"
    read = courier(slug).remittance(Access(), "distinta.csv", data)
    assert [(row.reference, f"{row.paid:.2f}") for row in read.rows] == [("MCI-000012", "39.90")]


def test_a_label_does_not_show_its_bytes() -> None:
    assert "secret" not in repr(Label(LabelFormat.PDF, b"secret"))


# ---- what an adapter needs around it


@pytest.mark.parametrize("slug", SPEAKING)
def test_an_answer_that_is_too_slow_is_looked_up_and_found(slug, world) -> None:
    found, access, asked = courier(slug), CONTRACTS[slug](world), parcel()
    fake(world, slug).faults.add(NAMES[slug], slow=1.5, after=True)
    with http.deadline(0.7), pytest.raises(OutcomeUnknown) as caught:
        found.book(access, asked)
    assert caught.value.after >= dt.timedelta(minutes=1)  # what is slow may still come to be
    assert len(fake(world, slug).shelf.of(asked.reference)) == 1
    if found.can_find:
        assert found.find(access, asked.reference, asked.number) is not None


@pytest.mark.parametrize("slug", SPEAKING)
def test_a_booked_parcel_is_kept_as_json_and_named_again(slug, world) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    booked = found.book(access, parcel())
    again = known_again(json.loads(json.dumps(kept(booked.known))))
    assert again == booked.known
    assert found.events(access, [again])[0].number == booked.number


@pytest.mark.parametrize("slug", SPEAKING)
def test_settings_are_tried_without_making_anything(slug, world) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    found.check(access)
    wrong = {**access.credentials, "password": "wrong", "secret": "wrong"}
    with pytest.raises(CourierLogin):
        found.check(replace(access, credentials=wrong))
    with pytest.raises(CourierSettings):
        found.check(replace(access, contract={}))
    assert len(fake(world, slug).shelf) == 0


@pytest.mark.parametrize("slug", SPEAKING)
def test_a_number_is_the_same_however_a_file_writes_it(slug, world) -> None:
    found, access = courier(slug), CONTRACTS[slug](world)
    number = found.book(access, parcel()).number
    for text in (number, f" {number[:4]} {number[4:]} ", number.lower()):
        assert found.plain_number(access, text) == number
    written = {"brt": number.lstrip("0"), "gls": f"v1{number}", "poste": number}[slug]  # as a spreadsheet, as a branch
    assert found.plain_number(access, written) == number


@pytest.mark.parametrize("slug", SPEAKING)
def test_cash_that_the_law_forbids_is_told_to_nobody(slug, world) -> None:
    access = replace(CONTRACTS[slug](world), cod_caps={})
    with pytest.raises(CodOverLaw):
        courier(slug).book(access, cod("5000.00"))
    assert fake(world, slug).calls == []
