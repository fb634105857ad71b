"""An address in the fields of each courier: the house number survives, what is cut goes to the note."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping.couriers import courier
from shipping.couriers.base import Access
from shipping.couriers.brt import booking as brt
from shipping.couriers.errors import NotForThisCourier
from shipping.couriers.fitting import Limits, cut, door, fitted, limits_of
from shipping.couriers.gls import booking as gls
from shipping.couriers.markup import parse, word
from shipping.couriers.poste import waybill
from tests.shipping.couriers.contracts import MARIA, SENDER, parcel, to

STREETS = [
    ("Via Giuseppe Garibaldi 12/B", "12/B"),
    ("Strada Provinciale per Castelnuovo di Garfagnana e Piazza al Serchio 7", "7"),
    ("Via Quattro Novembre e dei Caduti di tutte le guerre 128 bis", "128 bis"),
    ("Località Sant'Andrea di Compito, Strada Vicinale delle Fornaci n. 4", "4"),
    ("Via Città della Pieve 33, scala B, interno 12, citofono Rossi Bianchi", "33"),
]


def told(slug: str, address: Any, note: str = "") -> dict[str, str]:
    """Street with its number, name, city and notes, as the courier is told them."""
    asked = parcel(recipient=address, note=note)
    if slug == "brt":
        data = brt.create_data(Access(), asked)
        return {
            "street": data["consigneeAddress"],
            "name": data["consigneeCompanyName"],
            "city": data["consigneeCity"],
            "note": data.get("notes", ""),
        }
    if slug == "gls":
        root = parse(gls.add_parcel(Access(), asked).encode()).find("Parcel")
        notes = f"{word(root, 'NoteSpedizione')} {word(root, 'NoteAggiuntive')}"
        return {
            "street": word(root, "Indirizzo"),
            "name": word(root, "RagioneSociale"),
            "city": word(root, "Localita"),
            "note": notes.strip(),
        }
    data = waybill.request(Access(sender=SENDER), asked, datetime(2026, 11, 30, tzinfo=UTC))["waybills"][0]["data"]
    to_ = data["receiver"]
    return {
        "street": f"{to_['address']} {to_['streetNumber']}".strip(),
        "name": to_["nameSurname"],
        "city": to_["city"],
        "note": data["note"],
    }


@pytest.mark.parametrize("slug", ["brt", "gls", "poste"])
@pytest.mark.parametrize(("street", "number"), STREETS)
def test_the_house_number_survives(slug: str, street: str, number: str) -> None:
    found = told(slug, to(street=street))
    assert number.replace(" ", "") in found["street"].replace(" ", "")
    assert len(found["street"]) <= (courier(slug).limits.street or 0) + 1 + courier(slug).limits.street_number


@pytest.mark.parametrize("slug", ["brt", "gls", "poste"])
def test_what_is_cut_off_the_street_stands_before_the_customers_note(slug: str) -> None:
    street = "Via Cesare Battisti e dei Martiri della Libertà 12 scala C interno 9"
    found = told(slug, to(street=street), "dopo le 18")
    assert "scala C" in found["note"] or "scala C" in found["street"]


def _letters(text: str) -> bool:
    return bool(re.search("[A-Za-z0-9]", unicodedata.normalize("NFKD", text)))


@pytest.mark.parametrize("slug", ["brt", "gls", "poste"])
@pytest.mark.parametrize("changes", [{"name": "Ιωάννης"}, {"city": "москва"}], ids=["name", "city"])
def test_a_parcel_is_not_sent_to_nobody_because_its_letters_cannot_be_written(slug: str, changes: Any) -> None:
    with pytest.raises(NotForThisCourier):
        told(slug, to(**changes))


@pytest.mark.parametrize("slug", ["brt", "gls", "poste"])
@given(
    st.builds(
        lambda name, street, city: replace(MARIA, name=name, street=f"{street} 12", city=city),
        *(st.text(min_size=1, max_size=90) for _ in range(3)),
    ),
    st.text(max_size=200),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_typed_fits_and_is_plain(slug: str, address: Any, note: str) -> None:
    try:
        found, limits = told(slug, address, note), courier(slug).limits
    except NotForThisCourier:  # of a name, a street or a city no letter was left
        assert not all(_letters(text) for text in (address.name, address.street, address.city))
        return
    assert all(text.isascii() and text.isprintable() for text in found.values())
    assert len(found["name"]) <= (limits.name or 0)
    assert len(found["city"]) <= (limits.city or 0)
    assert len(found["street"]) <= (limits.street or 0) + 1 + limits.street_number
    assert len(found["note"]) <= (limits.note or 0) + 1


def test_staff_change_a_length_and_nothing_else_by_it() -> None:
    usual = courier("brt").limits
    changed = limits_of(Access(limits={"street": 30, "nonsense": 1, "refused": 2}), usual)
    assert (changed.street, changed.name, changed.refused) == (30, usual.name, usual.refused)


@pytest.mark.parametrize(
    ("street", "expected"),
    [
        ("Via Roma 12", ("Via Roma", "12")),
        ("Via Roma, 12/B", ("Via Roma", "12/B")),
        ("Via Roma 12 / B", ("Via Roma", "12/B")),
        ("Via Roma 128/BIS", ("Via Roma 128/BIS", "")),
        ("Via 4 Novembre", ("Via 4 Novembre", "")),
        ("Piazza del Duomo", ("Piazza del Duomo", "")),
        ("12", ("12", "")),
    ],
)
def test_a_house_number_in_a_field_of_its_own(street: str, expected: tuple[str, str]) -> None:
    assert door(street, 4) == expected


def test_half_a_telephone_is_none() -> None:
    found = fitted(to(phone="+39 333 1112233"), "", Limits(phone=8))
    assert found.phone == ""
    assert "phone" in found.cut


def test_other_texts_are_cut_too() -> None:
    assert cut("Città & Co — più", 9, Limits()) == "Citta & C"
