"""core/address.py: the check of CAP, comune and provincia. It warns, it never blocks."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.address import (
    Address,
    check_place,
    city_key,
    is_known,
    normal,
    place_key,
    places_at_hand,
    places_for_postcode,
    postcodes_for_city,
    with_aside,
)
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
        (("144", "Roma", "RM"), "postcode_malformed", "00144 Roma (RM)"),  # the zeros that a spreadsheet dropped
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


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(
    ("given", "province"),
    [
        *((("07026", "Olbia", "OT"), "SS"), (("20900", "Monza", "MI"), "MB"), (("20121", "Milano", "Milano"), "MI")),
        *((("09124", "Cagliari", "SU"), "CA"), (("07041", "Alghero", "OT"), "SS"), (("09999", "Nowhere", "CI"), "SU")),
        (("00144", "Roma", ""), "RM"),  # nothing was written: postcode and comune say it
        (("00144", "Milano", ""), ""),  # they do not agree: it stays a question
        *((("00144", "Roma", "XX"), "XX"), (("00144", "Roma", "MI"), "MI"), (("47891", "Serravalle", "RSM"), "RSM")),
    ],
)
def test_the_normal_form_has_the_province_of_today(given: tuple[str, str, str], province: str) -> None:
    address = Address("Lucia", "Via Roma 1", *given)
    once = normal(address)
    assert once.province == province
    assert normal(once) == once


def test_what_is_no_number_stays_to_be_seen_and_what_is_beside_it_goes_to_the_note() -> None:
    def of(phone: str) -> Address:
        return Address("Lucia", "Via Roma 1", "00144", "Roma", "RM", phone=phone)

    assert normal(of("-")).phone == "-"
    two = of("333 1110001 / 011 1110011 int. 4")
    assert normal(two).phone == "+393331110001"
    note = with_aside("Suonare due volte", two)
    assert note == "int. 4, tel. +39 011 111 0011 – Suonare due volte"
    assert with_aside(note, two) == note
    assert with_aside("x" * 300, two).startswith("int. 4, tel.")
    assert len(with_aside("x" * 300, two)) == 200
    assert with_aside("Suonare", normal(two)) == "Suonare"


def test_words_and_every_number_of_the_telephone_reach_the_courier_once() -> None:
    def address(phone: str) -> Address:
        return Address("Lucia", "Via Roma 1", "00144", "Roma", "RM", phone=phone)

    three = address("333 1110001 / 011 1110011 / 02 12345678")
    assert with_aside("", three) == "tel. +39 011 111 0011, tel. +39 02 1234 5678"
    words = address("333 1110001 marito, dopo le 18")
    note = with_aside("Suonare", words)
    assert note == "tel.: 333 1110001 marito, dopo le 18 – Suonare"
    assert with_aside(note, words) == note
    assert with_aside(note, normal(words)) == note
    assert len(with_aside("", address("333 1110001 " + "la " * 60))) <= 90


def test_for_many_at_once_the_normal_form_asks_nothing_more(places: None) -> None:
    found = [
        Address("Lucia", "Via Roma 1", postcode, "Alghero", province)
        for postcode, province in (("07041", "OT"), ("I-07041", "SS"), ("07041", ""))
    ]
    with places_at_hand(found), CaptureQueriesContext(connection) as queries:
        assert {normal(address).province for address in found} == {"SS"}
        assert {normal(address).postcode for address in found} == {"07041"}
    assert len(queries) == 0
    with CaptureQueriesContext(connection) as queries:
        normal(Address("Lucia", "Via Roma 1", "20900", "Monza", "MI"))
    assert len(queries) == 0


@pytest.mark.parametrize(
    "street",
    [
        *("Via Roma, 1", "v. roma 1", "VIA ROMA N. 1", "Via Roma n°1", "via Roma nr. 1", "Via Roma civico 1"),
        *("V. Roma, n.1", "Via  Roma 1."),
    ],
)
def test_the_writings_of_one_door_are_the_same(street: str) -> None:
    assert place_key(Address("L", street, "00184", "Roma", "RM")) == "via roma 1|00184|IT"
    assert place_key(Address("X", street, " 00184", "ROMA", "rm", country="it")) == "via roma 1|00184|IT"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            ("V.le Po 3 bis", "viale Po, 3BIS"),
            ("P.zza S. Maria 4", "Piazza Santa Maria, 4/"),
            ("C.so Italia 5", "corso italia 5"),
        ),
        *(("Via Roma 1/A", "via roma 1 a"), ("Via dell’Università 2", "via dell'universita' 2")),
    ],
)
def test_abbreviations_are_no_other_door(one: str, other: str) -> None:
    keys = {place_key(Address("L", street, "00184", "Roma", "RM")) for street in (one, other)}
    assert len(keys) == 1


def test_other_doors_are_others() -> None:
    streets = ["Via Roma 1", "Via Roma 11", "Via Roma 1/A", "Viale Roma 1", "Via Romana 1", "Via Po 1", "Vicolo Po 1"]
    assert len({place_key(Address("L", street, "00184", "Roma", "RM")) for street in streets}) == len(streets)
    assert place_key(Address("L", "", "00184", "Roma", "RM")) == ""
    assert place_key(Address("L", "Via Roma", "00184", "Roma", "RM", street2="1")) == "via roma 1|00184|IT"


@pytest.mark.parametrize(
    ("place", "code", "first"),
    [
        (("47893", "Borgo Maggiore", "RN"), "postcode_abroad", "47893 Borgo Maggiore (SM)"),
        (("47031", "San Marino", ""), "postcode_abroad", "47890 San Marino (SM)"),
        (("47832", "Serravalle", "RSM"), "postcode_abroad", "47890 Serravalle (SM)"),
        (("00120", "Roma", "RM"), "postcode_abroad", "00120 Città del Vaticano (VA)"),
        (("00193", "Citta' del Vaticano", "RM"), "postcode_abroad", "00120 Città del Vaticano (VA)"),
        (("23041", "Trepalle", "SO"), "outside_customs", None),
        (("22060", "Campione d’Italia", "CO"), "outside_customs", None),
        (("07026", "Olbia", "MI"), "province_elsewhere", "07026 Olbia (SS)"),
        (("90133", "Palermo", "RM"), "province_elsewhere", "90133 Palermo (PA)"),
    ],
)
def test_what_is_not_italy_or_costs_another_price_is_named(
    place: tuple[str, str, str], code: str, first: str | None
) -> None:
    (doubt,) = doubts(*place)
    assert (doubt.code, doubt.asked) == (code, True)
    assert [str(one) for one in doubt.suggestions[:1]] == ([first] if first else [])
    assert "%" not in str(doubt)
    assert doubts(*place, country="SM") == []


@pytest.mark.usefixtures("places")
def test_only_what_is_wholly_known_is_said_to_agree() -> None:
    def known(postcode: str, city: str, province: str, **more: Any) -> bool:
        return is_known(Address("Lucia", "Via Roma 1", postcode, city, province, **more))

    assert known("20121", "Milano", "MI")
    assert known("20121", "MILANO", "Milano")
    assert not known("20121", "Cernusco sul Naviglio", "MI")
    assert not known("20121", "Pippolandia", "MI")  # no doubt either: it may be a hamlet
    assert codes("20121", "Pippolandia", "MI") == []
    assert not known("20121", "Milano", "")
    assert not known("20121", "Milano", "MI", country="FR")
