"""core/address.py: the check of CAP, comune and provincia. It warns, it never blocks."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.address import Address, check_place, city_key, places_for_postcode, postcodes_for_city
from core.models import Place

pytestmark = pytest.mark.django_db

PLACES = [
    ("00144", "Roma", "RM"),
    ("00183", "Roma", "RM"),
    ("20121", "Milano", "MI"),
    ("20122", "Milano", "MI"),
    ("47121", "Forlì", "FC"),
    ("42121", "Reggio nell'Emilia", "RE"),
    ("42122", "Reggio nell'Emilia", "RE"),
    ("89121", "Reggio di Calabria", "RC"),
    ("30172", "Venezia", "VE"),
    ("13030", "Caresanablot", "VC"),
    ("13030", "Collobiano", "VC"),
    ("", "Alghero", "SS"),
    ("09124", "Cagliari", "CA"),
]


@pytest.fixture
def places() -> None:
    Place.objects.bulk_create(Place(postcode=p, city=c, province=v, city_key=city_key(c)) for p, c, v in PLACES)


def doubts(postcode: str, city: str, province: str, street: str = "Via Roma 1", **more: Any) -> list[Any]:
    return check_place(Address("Lucia", street, postcode, city, province, **more))


def codes(*args: Any, **more: Any) -> list[str]:
    return [doubt.code for doubt in doubts(*args, **more)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Forlì", "FORLI'"),
        ("Reggio nell'Emilia", "reggio emilia"),
        ("Reggio di Calabria", "Reggio Calabria"),
        ("L'Aquila", "l’aquila"),
        ("Sant'Agata de' Goti", "S. Agata dei Goti"),
        ("San Donà di Piave", "S.Dona' Di Piave"),
    ],
)
def test_the_writings_of_one_place_are_the_same(one: str, other: str) -> None:
    assert city_key(one) == city_key(other)


def test_two_places_are_not_the_same() -> None:
    assert city_key("Reggio nell'Emilia") != city_key("Reggio di Calabria")


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(
    "place",
    [
        ("00144", "Roma", "RM"),
        ("00144", " ROMA ", "rm"),
        ("47121", "Forli'", "FC"),
        ("42121", "Reggio Emilia", "RE"),
        ("13030", "Collobiano", "VC"),
        ("30172", "Mestre", "VE"),  # a hamlet: not a comune, not a slip of the pen
        ("07041", "Alghero", "SS"),  # we do not have its postcodes
        ("09124", "Cagliari", "SU"),  # Sardinia's letters are in flux
        ("", "Roma", "RM"),  # that it is missing is said elsewhere
    ],
)
def test_a_good_address_and_one_we_cannot_judge_raise_no_doubt(place: tuple[str, str, str]) -> None:
    assert codes(*place) == []


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(
    ("place", "code", "first"),
    [
        (("00144", "Milano", "MI"), "postcode_elsewhere", "00144 Roma (RM)"),
        (("00144", "Roma", "MI"), "postcode_elsewhere", "00144 Roma (RM)"),
        (("20121", "Roma", "MI"), "city_not_of_postcode", "00144 Roma (RM)"),
        (("00144", "Rroma", "RM"), "city_unknown", "00144 Roma (RM)"),
        (("20100", "Milano", "MI"), "postcode_generic", "20121 Milano (MI)"),
        (("99999", "Milano", "MI"), "postcode_unknown", "20121 Milano (MI)"),
        (("2012", "Milano", "MI"), "postcode_malformed", "20121 Milano (MI)"),
        (("201 21", "Milano", "MI"), "postcode_malformed", "20121 Milano (MI)"),
    ],
)
def test_what_disagrees_is_named_with_what_was_probably_meant(
    place: tuple[str, str, str], code: str, first: str
) -> None:
    (doubt,) = doubts(*place)
    assert doubt.code == code
    assert str(doubt.suggestions[0]) == first
    assert len(doubt.suggestions) <= 4
    assert "%" not in str(doubt)


@pytest.mark.parametrize(
    ("street", "asked"),
    [
        ("Via Roma", True),
        ("Via Roma 1/A", False),
        ("Via Roma snc", False),
        ("Località Pian del Voglio", False),
        ("Via XX Settembre", True),
        ("", False),
    ],
)
def test_a_street_without_number_is_asked_for_it(street: str, asked: bool) -> None:
    assert codes("00144", "Roma", "RM", street) == (["street_number_missing"] if asked else [])


@pytest.mark.usefixtures("places")
def test_abroad_nothing_is_checked() -> None:
    assert codes("1", "Berlin", "", "Allee", country="DE") == []


def test_without_places_nothing_is_said_of_them() -> None:
    assert codes("99999", "Nowhere", "XX") == []


@pytest.mark.usefixtures("places")
def test_a_check_is_one_query_and_two_at_most() -> None:
    with CaptureQueriesContext(connection) as queries:
        doubts("20121", "Roma", "MI")
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        doubts("99999", "Nowhere", "XX")
        doubts("00144", "Milano", "MI")
    assert len(queries) == 4


@pytest.mark.usefixtures("places")
def test_a_postcode_gives_its_comuni_and_a_comune_its_postcodes() -> None:
    assert [s.city for s in places_for_postcode(" 13030 ")] == ["Caresanablot", "Collobiano"]
    assert places_for_postcode("1303") == places_for_postcode("99999") == []
    assert [str(s) for s in postcodes_for_city("reggio emilia")] == [
        "42121 Reggio nell'Emilia (RE)",
        "42122 Reggio nell'Emilia (RE)",
    ]
    assert {s.province for s in postcodes_for_city("reggio")} == {"RE", "RC"}
    assert [s.postcode for s in postcodes_for_city("reggio", province="rc")] == ["89121"]
    assert [s.postcode for s in postcodes_for_city("FORLI")] == ["47121"]
    assert postcodes_for_city("R") == postcodes_for_city("%_") == []


def test_the_package_is_loaded_without_the_network_and_twice_is_once() -> None:
    call_command("load_places", stdout=StringIO())
    loaded = Place.objects.count()
    assert loaded > 7000
    assert codes("00144", "Roma", "RM") == []
    assert codes("00100", "Roma", "RM") == ["postcode_generic"]
    call_command("load_places", stdout=StringIO())
    assert Place.objects.count() == loaded


def test_an_operators_list_takes_the_place_of_ours(tmp_path: Path, places: None) -> None:
    source = tmp_path / "cap.csv"
    source.write_text("postcode;city;province\n00144;Roma;RM\n07041;Alghero;SS\nbad;;\n", encoding="utf-8")
    call_command("load_places", csv=source, stdout=StringIO())
    assert set(Place.objects.values_list("postcode", "city")) == {("00144", "Roma"), ("07041", "Alghero")}


def test_a_list_that_cannot_be_read_changes_nothing(tmp_path: Path, places: None) -> None:
    source = tmp_path / "cap.csv"
    source.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("load_places", csv=source)
    assert Place.objects.count() == len(PLACES)
