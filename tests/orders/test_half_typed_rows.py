"""What is kept of a half-typed order, row by row and field by field: each act against the whole of what is kept."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from orders.entry import half_typed
from orders.entry.half_typed import Kept, Place
from orders.models import HalfTyped, Order
from orders.questions import copies
from tests import cast
from tests.meeting import meet
from tests.orders import stage

pytestmark = pytest.mark.django_db
KEYS = [uuid.UUID(int=n) for n in range(1, 9)]
LONG_AGO = dt.datetime(2026, 1, 5, 7, 9, tzinfo=dt.UTC)


def typed(name: str, **fields: str) -> dict[str, Any]:
    return half_typed.content_of({"name": name, **fields}, [])


def kept(place: Place) -> list[tuple[str, str, str, int, int]]:
    """State, whose name, window, revision, form; and that a change of now is dated now."""
    rows = HalfTyped.objects.filter(
        dropshipper_id=place.dropshipper_id, user_id=place.user_id, order_id=place.order_id
    ).order_by("state")
    return [
        (row.state, row.content.get("fields", {}).get("name", ""), row.window, row.revision, row.key.int)
        for row in rows
    ]


def dated(place: Place) -> dict[str, bool]:
    """Which were dated anew since the last call."""
    rows = HalfTyped.objects.filter(dropshipper_id=place.dropshipper_id, user_id=place.user_id, order=place.order_id)
    found = {row.state: row.at > timezone.now() - dt.timedelta(minutes=1) for row in rows}
    rows.update(at=LONG_AGO)
    return found


@pytest.fixture
def place(dropshipper: Any, owner: Any) -> Place:
    return Place(dropshipper.pk, owner.pk)


@pytest.fixture
def others(dropshipper: Any, owner: Any, other_dropshipper: Any, stranger: Any, place: Place) -> list[Place]:
    """What nobody may touch for `place`: a colleague's, the same person's for another company, an edit of an order."""
    order = stage.order(dropshipper, (stage.variant().sku, 1))
    found = [
        Place(dropshipper.pk, cast.member(dropshipper).pk),
        Place(other_dropshipper.pk, owner.pk),
        Place(dropshipper.pk, owner.pk, order.pk),
    ]
    for n, each in enumerate(found):
        half_typed.keep(each, typed(f"Altro {n}"), key=KEYS[n], window=f"o{n}")
        half_typed.discard(each)
        half_typed.keep(each, typed(f"Altra {n}"), key=KEYS[n], window=f"o{n}")
    return found


def test_each_act_changes_what_is_its_own_and_nothing_else(place: Place, others: list[Place]) -> None:
    before = [kept(each) for each in others]
    assert before == [
        [("discarded", f"Altro {n}", "", 1, n + 1), ("live", f"Altra {n}", f"o{n}", 2, n + 1)] for n in range(3)
    ]
    one, two, three = KEYS[3:6]
    assert half_typed.both(place) == (None, None)
    assert (half_typed.discard(place), half_typed.restore(place)) == (False, False)

    first = half_typed.keep(place, typed("Ada"), key=one, window="w1")
    assert first == Kept("kept", HalfTyped.objects.get(key=one))
    assert (kept(place), dated(place)) == ([("live", "Ada", "w1", 1, 4)], {"live": True})
    half_typed.keep(place, typed("Ada B"), key=one, window="w1", revision=0)  # the same window types on
    assert (kept(place), dated(place)) == ([("live", "Ada B", "w1", 2, 4)], {"live": True})
    told = half_typed.keep(place, typed("Ugo"), key=two, window="w2", revision=1)  # its page is an older one
    assert told == Kept("other", HalfTyped.objects.get(key=one))
    assert (kept(place), dated(place)) == ([("live", "Ada B", "w1", 2, 4)], {"live": False})
    half_typed.keep(place, typed("Ada C"), key=one, window="w2", revision=2)  # its page is the newest
    assert kept(place) == [("live", "Ada C", "w2", 3, 4)]
    dated(place)

    assert half_typed.keep(place, typed("Ugo"), key=two, window="w3", revision=1, instead=True).outcome == "kept"
    assert kept(place) == [("discarded", "Ada C", "", 3, 4), ("live", "Ugo", "w3", 4, 5)]
    assert dated(place) == {"discarded": True, "live": True}
    assert half_typed.both(place) == (HalfTyped.objects.get(key=two), HalfTyped.objects.get(key=one))
    assert half_typed.new_one(place.dropshipper_id, place.user_id) == HalfTyped.objects.get(key=two)

    assert half_typed.restore(place) is True  # they change places
    assert kept(place) == [("discarded", "Ugo", "", 3, 5), ("live", "Ada C", "", 5, 4)]
    assert dated(place) == {"discarded": True, "live": True}
    assert half_typed.discard(place) is True  # and what was put away before is gone
    assert (kept(place), dated(place)) == ([("discarded", "Ada C", "", 5, 4)], {"discarded": True})
    assert half_typed.restore(place) is True
    assert (kept(place), dated(place)) == ([("live", "Ada C", "", 6, 4)], {"live": True})
    assert half_typed.restore(place) is False

    assert half_typed.keep(place, typed(" "), key=one, window="w4", revision=6) == Kept("empty")
    assert kept(place) == []
    half_typed.keep(place, typed("Eva"), key=three, window="w5")
    half_typed.sent(place, key=two)  # another form became an order: this one stays
    assert kept(place) == [("live", "Eva", "w5", 1, 6), ("sent", "", "", 1, 5)]
    assert dated(place) == {"live": True, "sent": True}
    half_typed.sent(place, key=three)
    assert kept(place) == [("sent", "", "", 1, 6)]
    assert dated(place) == {"sent": True}
    assert half_typed.both(place) == (None, None)
    assert half_typed.keep(place, typed("Eva"), key=three, window="w5") == Kept("sent")
    assert half_typed.keep(place, typed("Ivo"), key=two, window="w6").outcome == "kept"
    assert kept(place) == [("live", "Ivo", "w6", 2, 5), ("sent", "", "", 1, 6)]  # revisions only rise
    assert [kept(each) for each in others] == before


def test_an_edit_that_is_saved_takes_all_that_was_typed_of_its_order(place: Place, others: list[Place]) -> None:
    edit, stay = others[2], others[:2]
    half_typed.keep(place, typed("Nuovo"), key=KEYS[6], window="n")
    before = [kept(each) for each in (*stay, place)]
    half_typed.sent(edit, key=KEYS[7])
    assert kept(edit) == [("sent", "", "", 2, 8)]
    half_typed.keep(edit, typed("Ancora"), key=KEYS[5], window="e")
    assert half_typed.told(half_typed.both(edit)[0]) is not None
    half_typed.sent(edit, key=KEYS[5])
    assert kept(edit) == [("sent", "", "", 3, 6)]
    assert HalfTyped.objects.get(order_id=edit.order_id).content == {}
    assert [kept(each) for each in (*stay, place)] == before
    # An order that bears the form's key is known as sent for a new one alone, and for the own company alone.
    Order.objects.filter(pk=edit.order_id).update(entry_key=KEYS[6])
    assert half_typed.both(place)[0] is None
    assert half_typed.keep(place, typed("Tardi"), key=KEYS[6], window="n") == Kept("sent")
    assert half_typed.keep(edit, typed("Ancora"), key=KEYS[6], window="e").outcome == "kept"
    assert half_typed.keep(others[1], typed("Altrove"), key=KEYS[6], window="o1").outcome == "kept"
    half_typed.forget_orders([edit.order_id or 0])
    assert (kept(edit), kept(place) != []) == ([], True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("acts", ["sent and kept", "put away twice", "had back twice"])
def test_of_two_at_once_the_second_sees_what_the_first_did(acts: str, place: Place) -> None:
    half_typed.keep(place, typed("Ada"), key=KEYS[0], window="w")
    if acts == "had back twice":
        half_typed.discard(place)

    def keep() -> str:
        return half_typed.keep(place, typed("Tardi"), key=KEYS[0], window="w").outcome

    pairs: dict[str, Any] = {
        "sent and kept": (lambda: half_typed.sent(place, key=KEYS[0]), keep, [None, "sent"], [("sent", "")]),
        "put away twice": (*[lambda: half_typed.discard(place)] * 2, [True, False], [("discarded", "Ada")]),
        "had back twice": (*[lambda: half_typed.restore(place)] * 2, [True, False], [("live", "Ada")]),
    }
    first, second, given, left = pairs[acts]
    met = meet(first, second)
    assert ([met.first, met.second], met.waited) == (given, True)
    assert [row[:2] for row in kept(place)] == left


SAID = ("name", "phone", "street", "street2", "company", "postcode", "city", "province", "email", "note")
SAID += ("marketplace", "reference", "sale_total", "to_collect")
FILLED = ("country", "payment", "method", "preselected", "version")


def test_the_form_is_kept_as_it_was_typed() -> None:
    post = {name: f" {name} " for name in (*SAID, *FILLED)} | {"key": "x", "company": None, "do": "send"}
    rows = [{"row": 7, "sku": "A-1", "quantity": 3, "more": "x"}, {"sku": "B" * 200, "quantity": None}]
    fields = {name: f" {name} " for name in (*SAID, *FILLED) if name != "company"}
    content = half_typed.content_of(post, rows)
    assert content == {"fields": fields, "rows": [["7", "A-1", "3"], ["", "B" * 110, ""]]}
    assert half_typed.content_of({"note": "n" * 300}, []) == {"fields": {"note": "n" * 254}, "rows": []}
    assert (
        half_typed.articles(content),
        half_typed.articles({"rows": [["1", " ", "2"]]}),
        half_typed.articles({}),
    ) == (2, 0, 0)
    for name in (*SAID, *FILLED):
        assert half_typed.is_empty(half_typed.content_of({name: "x"}, [])) is (name in FILLED), name
        assert half_typed.is_empty(half_typed.content_of({name: " "}, [])), name
    assert not half_typed.is_empty(half_typed.content_of({}, rows))
    for fields_, who in [
        ({"name": "Ada", "company": "Ca", "city": "Torino"}, "Ada"),
        ({"company": "Ca", "city": "Torino"}, "Ca"),
        ({"postcode": "10122", "city": "Torino"}, "10122 Torino"),
        ({"city": "Torino"}, "Torino"),
        ({}, ""),
    ]:
        assert half_typed.recipient({"fields": fields_}) == who
    assert half_typed.recipient({}) == ""


def test_a_page_is_told_for_whom_how_many_when_and_whether_the_order_moved_on(
    place: Place, others: list[Place]
) -> None:
    order = Order.objects.get(pk=others[2].order_id)
    row = HalfTyped(
        content=half_typed.content_of({"name": "Ada", "version": order.version}, [{"sku": "A"}]), at=LONG_AGO
    )
    said = {"recipient": "Ada", "articles": 1, "at": LONG_AGO, "stale": False}
    assert half_typed.told(None) is None
    assert half_typed.told(row) == half_typed.told(row, order) == said
    order.version += 1
    assert half_typed.told(row, order) == {**said, "stale": True}
    assert half_typed.told(HalfTyped(content={}, at=LONG_AGO), order) == {
        "recipient": "",
        "articles": 0,
        "at": LONG_AGO,
        "stale": True,
    }


ROSSI = copies.Person(email=" Ada@Example.com ", phone="+39 333 1234567", name="Ada  Rossi", postcode=" 10122 ")


@pytest.mark.parametrize(
    ("said", "known", "gone"),
    [
        ({"email": "ADA@example.com "}, ROSSI, True),
        ({"email": "eda@example.com"}, ROSSI, False),
        ({"phone": "333 1234567"}, ROSSI, True),
        ({"phone": "02 111222 / 333 1234567"}, ROSSI, True),
        ({"phone": "333 1234568"}, ROSSI, False),
        ({"name": " ada ROSSI ", "postcode": "10122 "}, ROSSI, True),
        ({"name": "Ada Rossi", "postcode": "10123"}, ROSSI, False),
        ({"name": "Ada Rosso", "postcode": "10122"}, ROSSI, False),
        ({"street": "Via Po 1"}, ROSSI, False),
        # What is not known of a person is nobody's.
        ({"street": "Via Po 1"}, copies.Person(postcode="10122"), False),
        ({"postcode": "10122"}, copies.Person(name="–", postcode="10122"), False),
        ({"email": " ", "phone": "12"}, copies.Person(name="Eva", phone="12"), False),
        ({"name": "Eva"}, replace(ROSSI, email="", phone="", name="Eva", postcode=""), True),
    ],
)
def test_who_is_forgotten_is_known_by_what_was_typed_of_him(
    said: dict[str, str], known: copies.Person, gone: bool, place: Place, other_dropshipper: Any, stranger: Any
) -> None:
    foreign = Place(other_dropshipper.pk, stranger.pk)
    for each in (place, foreign):
        half_typed.keep(each, half_typed.content_of(said, []), key=KEYS[0], window="w")
        HalfTyped.objects.create(
            dropshipper_id=each.dropshipper_id,
            user_id=each.user_id,
            state="sent",
            key=KEYS[1],
            content=half_typed.content_of(said, []),
        )
    HalfTyped.objects.create(
        dropshipper_id=place.dropshipper_id, user_id=place.user_id, state="discarded", key=KEYS[1], content={}
    )
    assert half_typed.forget_persons([place.dropshipper_id], [known]) == gone
    assert [row[0] for row in kept(place)] == ["discarded", "live", "sent"][0 : 3 - 2 * gone] + ["sent"] * gone
    assert [row[0] for row in kept(foreign)] == ["live", "sent"]
