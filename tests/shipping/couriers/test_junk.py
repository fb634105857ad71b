"""Whatever stands in an answer in the place of what should, it ends in a domain error or in nothing, and never in a
parcel that is not there."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import shipping.couriers
from core.errors import DomainError
from shipping.couriers import courier
from shipping.couriers.base import Access
from shipping.couriers.brt import booking, client
from shipping.couriers.errors import OutcomeUnknown, ParcelRefused
from shipping.couriers.gls import booking as gls_booking
from shipping.couriers.markup import parse
from shipping.couriers.poste import deposits, waybill
from tests.shipping.couriers.contracts import parcel

HOME = Path(shipping.couriers.__file__).parent
JUNK: tuple[Any, ...] = (None, "", "x", -1, 1.5, True, [], [[]], {}, {"a": 1}, ["x"], "9" * 400, "<a>", "\u202e")


def spoiled(value: Any) -> Iterator[Any]:
    """`value` with each of its parts, one at a time, replaced by each junk."""
    for junk in JUNK:
        yield copy.deepcopy(junk)
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        for other in spoiled(child):
            whole = copy.copy(value)
            whole[name] = other
            yield whole


@pytest.mark.parametrize("name", ["brt/refused-and-back", "brt/unknown", "poste/back-in-words", "poste/unknown"])
def test_an_answer_of_tracking_with_anything_in_it(name: str) -> None:
    slug, _slash, file = name.partition("/")
    sample = json.loads((HOME / slug / "samples" / f"{file}.answer.json").read_text())
    for body in spoiled(sample):
        with contextlib.suppress(DomainError):
            for tracked in courier(slug).read_events(Access(), json.dumps(body).encode()):
                assert isinstance(tracked.number, str)
                assert all(event.at.tzinfo is not None for event in tracked.events)


@pytest.mark.parametrize("name", ["back", "delivered", "going-back"])
def test_an_answer_of_gls_cut_off_or_with_a_part_left_out(name: str) -> None:
    sample = (HOME / "gls" / "samples" / f"{name}.answer.xml").read_bytes()
    lines = sample.splitlines(keepends=True)
    for at in range(len(lines)):
        for body in (b"".join(lines[:at]), b"".join(lines[:at] + lines[at + 1 :])):
            with contextlib.suppress(DomainError):
                courier("gls").read_events(Access(), body)


MADE = {
    "executionMessage": {"code": 0, "severity": "INFO", "codeDesc": "", "message": ""},
    "departureDepot": "020",
    "seriesNumber": "01",
    "parcelNumberFrom": "0000012",
    "consigneeCity": "MILANO",
    "labels": {"label": [{"parcelID": "0" * 18, "trackingByParcelID": "0" * 15, "stream": "JVBERi0="}]},
}


def test_a_creation_of_brt_has_a_number_or_is_an_open_question() -> None:
    asked, access = parcel(), Access(contract={"departure_depot": "020"})
    for found in spoiled(MADE):
        if not isinstance(found, dict):
            continue  # client.send judges that
        with contextlib.suppress(DomainError):
            booked = booking.booked(access, asked, found, client.judge(found))
            assert len(booked.number) == 12
            assert booked.number.isdigit()
            assert booked.labels or booked.serious


def test_a_waybill_of_poste_has_a_number_or_is_none() -> None:
    made = {
        "result": {"errorCode": 0, "errorDescription": ""},
        "waybills": [{"code": "ZA1", "downloadURL": "https://x.example/1", "errorCode": 0, "errorDescription": ""}],
    }
    for found in spoiled(made):
        if not isinstance(found, dict):
            continue
        with contextlib.suppress(DomainError):
            assert waybill.made(parcel(), found).number


@pytest.mark.parametrize(
    "text",
    [
        "<InfoLabel/>",
        "<InfoLabel><Parcel/></InfoLabel>",
        "<InfoLabel><Parcel><NumeroSpedizione></NumeroSpedizione></Parcel></InfoLabel>",
        "<string/>",
    ],
)
def test_a_creation_of_gls_without_a_number_is_an_open_question(text: str) -> None:
    with pytest.raises(OutcomeUnknown):
        gls_booking.booked(Access(), parcel(), parse(text.encode()))


def test_a_creation_of_gls_with_a_note_alone_was_refused() -> None:
    text = b"<InfoLabel><Parcel><NoteSpedizione>Peso non valido</NoteSpedizione></Parcel></InfoLabel>"
    with pytest.raises(ParcelRefused) as caught:
        gls_booking.booked(Access(), parcel(), parse(text))
    assert "Peso non valido" in str(caught.value)


def test_a_held_parcel_with_anything_in_its_row() -> None:
    row = {
        "shipmentId": "ZA1",
        "customerShipmentId": "MCI-000012",
        "depositDossier": "1",
        "depositStatus": "INGIACENZA",
        "motivationId": "RIFDEST",
        "releasable": "S",
        "startDate": "20261124",
        "endDate": "20261224",
    }
    for found in spoiled(row):
        if isinstance(found, dict):
            held = deposits._held(found)
            assert isinstance(held.number, str)
