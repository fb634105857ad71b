"""shipping/parcels/texts.py: what a courier's fields hold of an address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.address import Address
from shipping.models import Courier
from shipping.parcels.texts import fit, signs

PLACE = Address(
    name="Lucia Bianchi",
    street="Via Roma 1",
    postcode="41122",
    city="Modena",
    province="MO",
    phone="+39 059 1110011",
    email="lucia@example.it",
)


def courier(**fields: Any) -> Courier:
    known = {"name_limit": 35, "street_limit": 35, "city_limit": 30, "email_limit": 40, "note_limit": 40}
    return Courier(name="GLS", **{**known, "text_form": "ascii", **fields})


@pytest.mark.parametrize(
    ("street", "more", "line", "note"),
    [
        ("Via Roma 1", "", "Via Roma 1", ""),
        ("Via Roma 1", "scala B", "Via Roma 1, scala B", ""),
        ("Via Roma", "12", "Via Roma 12", ""),
        ("Via Roma", "12/B, interno 3", "Via Roma 12/B, interno 3", ""),
        ("Via San Pietro in Vincoli e Paolo 157 H", "", "Via San Pietro in Vincoli 157 H", "e Paolo"),
        (
            "Viale della Repubblica Italiana e del Lavoro n. 1/A",
            "",
            "Viale della Repubblica n. 1/A",
            "Italiana e del Lavoro",
        ),
        ("Via 4 Novembre 10 bis sc. B int 3", "", "Via 4 Novembre 10 bis sc. B int 3", ""),
        ("Via 4 Novembre dei Caduti 10 bis sc. B int 3", "", "Via 4 Novembre dei Caduti 10 bis", "sc. B int 3"),
        ("Via dell'Industria Meccanica 45 presso Bar Sport", "", "Via dell'Industria Meccanica 45", "presso Bar Sport"),
        ("Strada Provinciale Castelnuovo km 12+300", "", "Strada Provinciale km 12+300", "Castelnuovo"),
        ("Contrada Sant'Angelo Vico Superiore s.n.c.", "", "Contrada Sant'Angelo Vico s.n.c.", "Superiore"),
        ("157 H Via Santa Maria del Suffragio Nuovo", "", "157 H Via Santa Maria del Suffragio", "Nuovo"),
        ("ViaSenzaSpaziCheNonFinisceMaiDavveroMai 12", "", "ViaSenzaSpaziCheNonFinisceMaiDav 12", ""),
        ("Piazza 25 Aprile della Liberazione Nazionale", "", "Piazza 25 Aprile della Liberazione", "Nazionale"),
        (
            "Via Pergolesi 7",
            "cancello verde in fondo a sinistra",
            "Via Pergolesi 7",
            "cancello verde in fondo a sinistra",
        ),
    ],
)
def test_the_number_survives_any_cut_and_the_rest_goes_to_the_note(
    street: str, more: str, line: str, note: str
) -> None:
    found = fit(replace(PLACE, street=street, street2=more), "", courier())
    assert (found.street, found.street2, found.note) == (line, "", note)
    assert len(line) <= 35


@pytest.mark.parametrize("most", range(15, 60, 3))
@pytest.mark.parametrize("number", ["157 H", "7", "12/bis", "km 4+200", "1-3"])
def test_at_every_length_the_number_stands_on_the_label(most: int, number: str) -> None:
    street = f"Via Santa Maria del Suffragio e San Vincenzo {number}"
    found = fit(replace(PLACE, street=street), "", courier(street_limit=most, note_limit=100))
    assert found.street.endswith(number)
    assert len(found.street) <= most
    kept = set(f"{found.street} {found.note}".split())
    assert kept >= {"Via", "Vincenzo", *number.split()} or most < 20


def test_what_is_lost_is_named_by_its_field() -> None:
    long = replace(
        PLACE,
        name="Associazione Culturale Amici dell’Università della Terza Età",
        street="Via Santa Maria del Suffragio e San Vincenzo 157 H",
        street2="terza casa a sinistra con cancello rosso",
        email="associazione.culturale.terza.eta@modena.example.it",
    )
    note = "Citofono “Rossi” 🔔 – se assente: fratello"
    assert fit(long, note, courier()).cut == ("name", "street", "email", "note")
    assert fit(long, note, courier(email_limit=70)).email == long.email
    assert fit(long, note, courier()).email == ""  # half an address is none
    assert fit(long, note, courier(name_limit=70, street_limit=60, email_limit=70, note_limit=200)).cut == ()
    free = fit(long, note, Courier(name="Altro"))
    assert (free.name, free.street, free.street2, free.note, free.cut) == (
        long.name,
        long.street,
        long.street2,
        note,
        (),
    )
    assert fit(PLACE, "", courier()).cut == ()


@pytest.mark.parametrize(
    ("text", "form", "plain", "lost"),
    [
        ("dell’Università “Rossi” 🔔 – …", "ascii", 'dell\'Universita "Rossi" - ...', False),
        ("Łukasz Straße Ærø €5", "ascii", "Lukasz Strasse AEro EUR5", False),
        ("Zoë “x” 🔔", "latin1", 'Zoë "x"', False),
        ("Иван 李", "ascii", "", True),
        ("Иван", "", "Иван", False),
    ],
)
def test_signs_that_a_courier_does_not_take(text: str, form: str, plain: str, lost: bool) -> None:
    assert signs(text, form) == (plain, lost)
    assert signs('a"b{c}\\~', "ascii", '\\"{}~') == ("a'b c", False)


def test_a_name_in_another_alphabet_is_told_before_it_leaves() -> None:
    assert fit(replace(PLACE, name="Иван Петров"), "", courier()).cut == ("name",)
    assert fit(replace(PLACE, phone="-"), "", courier()).phone == ""
    assert fit(PLACE, "", courier()).phone == "+390591110011"
