"""The corpus of pasted orders is well formed, and its scorer counts what matters to a parcel and to the money."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import pytest

from bench.pasted.score import FIELDS, QUESTIONS, Text, same, score, texts
from core.address import phone_key
from core.management.commands.load_places import _from_package
from core.postal import provinces

CORPUS = texts()


def text(truth, *, follows=None, asks=(), kept_back=False):
    return Text("one", "whatsapp", kept_back, "…", truth, follows or {}, frozenset(asks))


def counted(given, one):
    return score(lambda paste: given, [one])["all"]


def test_there_are_enough_texts_of_each_channel_and_a_third_is_kept_back():
    channels = Counter(one.channel for one in CORPUS)
    assert len(CORPUS) >= 120
    assert len(channels) == 6
    assert min(channels.values()) >= 20
    assert len({one.id for one in CORPUS}) == len(CORPUS)
    for channel, count in channels.items():
        kept = sum(one.kept_back for one in CORPUS if one.channel == channel)
        assert count // 3 == kept, channel


@pytest.mark.parametrize("one", CORPUS, ids=[one.id for one in CORPUS])
def test_the_truth_of_a_text_is_well_formed(one):
    truth = one.truth
    assert set(truth) <= set(FIELDS)
    assert set(one.follows) <= set(FIELDS)
    assert one.asks <= set(QUESTIONS)
    assert phone_key(truth.get("phone", ""), truth.get("country", "IT")) == truth.get("phone", "")
    assert truth.get("payment", "cod") in ("cod", "prepaid")
    assert "to_collect" not in truth or truth["payment"] == "cod"
    for name in ("to_collect", "sale_total"):
        assert re.fullmatch(r"\d+\.\d\d", truth.get(name, "0.00"))
    assert all(what and pieces > 0 for what, pieces in truth.get("lines", ()))
    for domain in re.findall(r"@([\w.-]+\.\w+)", one.paste):
        assert re.search(r"(^|\.)example\.(com|it)$", domain)


@pytest.mark.parametrize("one", CORPUS, ids=[one.id for one in CORPUS])
def test_the_place_of_a_text_is_one_of_italy(one):
    place = {**one.follows, **one.truth}
    if place.get("country", "IT") != "IT" or "postcode" not in place:
        return
    assert re.fullmatch(r"\d{5}", place["postcode"])
    if "province" in place:
        assert place["province"] in provinces.NAMES
        assert not provinces.contradicts(place["province"], place["postcode"])


def test_every_postcode_of_the_corpus_is_one_of_its_province():
    served = {(postcode, province) for postcode, _city, province in _from_package()}
    strangers = [
        one.id
        for one in CORPUS
        if (place := {**one.follows, **one.truth}).get("country", "IT") == "IT"
        and {"postcode", "province"} <= set(place)
        and place["postcode"][:2] not in ("07", "08", "09")  # of Sardinia the data has few postcodes
        and (place["postcode"], place["province"]) not in served
    ]
    assert strangers == []


def test_the_truth_itself_has_the_full_score():
    for one in CORPUS:
        counts = counted({**one.truth, "asks": one.asks}, one)
        assert (counts.whole.precision, counts.whole.recall, counts.misses) == (1.0, 1.0, []), one.id


def test_a_wrong_value_costs_precision_and_recall_and_a_missing_one_recall_alone():
    one = text({"name": "Ada Prova", "phone": "+393471110007"})
    wrong = counted({"name": "Ada Prova", "phone": "+393471110008"}, one).whole
    missing = counted({"name": "Ada Prova"}, one).whole
    assert (wrong.precision, wrong.recall, wrong.found) == (0.5, 0.5, 2)
    assert (missing.precision, missing.recall, missing.found) == (1.0, 0.5, 1)


def test_a_value_of_nothing_in_the_text_is_wrong():
    assert counted({"email": "a@example.com"}, text({})).fields["email"].precision == 0.0


def test_what_follows_is_neither_demanded_nor_wrong():
    one = text({"postcode": "33100", "city": "Toblach"}, follows={"province": "UD", "city": "Dobbiaco"})
    assert counted({"postcode": "33100", "city": "Dobbiaco", "province": "UD"}, one).misses == []
    assert counted({"postcode": "33100", "city": "Toblach"}, one).misses == []
    assert [miss.given for miss in counted({**one.truth, "province": "VI"}, one).misses] == ["VI"]


def test_choosing_where_a_person_must_choose_is_wrong_and_asking_is_right():
    one = text({"payment": "cod"}, asks={"amount"})
    chosen = counted({"payment": "cod", "to_collect": "54.00"}, one)
    asked = counted({"payment": "cod", "to_collect": "54.00", "asks": ["amount"]}, one)
    assert {miss.field for miss in chosen.misses} == {"to_collect", "asks"}
    assert asked.misses == []


def test_each_line_counts_with_its_pieces():
    one = text({"lines": [["MCI-0001", 1], ["set punte", 2]]})
    count = counted({"lines": [["mci-0001", 1], ["set punte", 1], ["MCI-0002", 1]]}, one).fields["lines"]
    assert (count.filled, count.right, count.present) == (3, 1, 2)


def test_the_third_that_is_kept_back_is_scored_by_itself():
    given = {"name": "Ada Prova"}
    both = [text({"name": "Ada Prova"}), text({"name": "Ida Prova"}, kept_back=True)]
    scores = score(lambda paste: given, both)
    assert scores["all"].whole.right == scores["whatsapp"].whole.right == 1
    assert (scores["kept back"].whole.right, scores["kept back"].whole.filled) == (0, 1)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("street", "Via Roma 10/B", "V. ROMA, n. 10 b"),
        ("street2", "sc. B int 3", "Interno 3, scala B"),
        ("street2", "c/o Bar Sport", "presso bar sport"),
        ("phone", "+393471110007", "347.111.0007"),
        ("to_collect", "146.70", Decimal("146.7")),
        ("city", "Nardò", "NARDO'"),
        ("name", "Ada  Prova", "ADA PROVA"),
        ("note", "dopo le 18", "solo dopo le 18"),
    ],
)
def test_two_writings_of_one_thing_are_the_same(name, one, other):
    assert same(name, one, other)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("street", "Via Roma 10", "Via Roma 12"),
        ("street2", "scala B int 3", "scala B"),
        ("name", "Niccolò Prova", "Niccolo Prova"),
        ("to_collect", "146.70", "138.80"),
        ("to_collect", "146.70", "circa"),
        ("phone", "", ""),
    ],
)
def test_two_things_are_not_the_same(name, one, other):
    assert not same(name, one, other)
