"""An import that two are at: one of them does it, the other sees what was done."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import Dropshipper
from orders.dispatch import runs
from orders.entry import one_number
from orders.imports import acts, forgetting, taking, work
from orders.imports.errors import ImportBusy, ImportOver
from orders.intake import creation
from orders.models import Import, Order
from orders.questions.copies import Person
from tests import cast
from tests.meeting import meet
from tests.orders import stage
from tests.orders.imports.files import amazon, amazon_id, row, template
from tests.orders.imports.world import imported, rows, shelves, states, uploaded

pytestmark = pytest.mark.django_db(transaction=True)
LOOSE = template(";Anna Campione;Via Appia 7;10121;Torino;TO;3331110004;MCI-0001;1;")  # no number ties it to anything


@pytest.fixture
def seller(db: None) -> Dropshipper:
    shelves()
    return cast.dropshipper()


@pytest.fixture
def person(seller: Dropshipper) -> Any:
    return cast.member(seller)


def test_the_same_file_in_two_tabs_is_one_import(seller: Dropshipper, person: Any) -> None:
    def take() -> Any:
        return taking.take(amazon(row(1)), name="a", marketplace="", dropshipper_id=seller.pk, by=person.pk)

    met = meet(take, take)
    assert met.waited, met
    assert met.first[0].pk == met.second[0].pk
    assert (met.first[1], met.second[1]) == (True, False)
    assert Import.objects.get().rows.count() == 1


def test_two_workers_check_a_row_once(seller: Dropshipper, person: Any, locked: bool) -> None:
    batch, _new = taking.take(LOOSE, name="a", marketplace="", dropshipper_id=seller.pk, by=person.pk)
    met = meet(lambda: work._check_some(batch), lambda: work._check_some(batch))
    assert met.waited, met
    assert (met.first, met.second) == (True, not locked)


def test_two_workers_make_an_order_once(seller: Dropshipper, person: Any, locked: bool) -> None:
    batch = uploaded(LOOSE, seller, person)
    met = meet(lambda: work._make_some(batch), lambda: work._make_some(batch))
    assert met.waited, met
    assert Order.objects.count() == (1 if locked else 2)


def test_an_order_that_a_program_sends_at_the_same_moment_is_made_once(seller: Dropshipper, person: Any) -> None:
    batch = uploaded(amazon(row(1)), seller, person)
    acts.start(batch.key, by=person.pk, dropshipper_id=seller.pk)

    def program() -> Order:
        one_number.claim(seller.pk, marketplace="Amazon", reference=amazon_id(1))
        told = creation.OrderData(
            stage.ADDRESS,
            [creation.LineData("MCI-0001", "", 1)],
            "prepaid",
            source_label="Amazon",
            source_number=amazon_id(1),
        )
        return creation.create(told, dropshipper_id=seller.pk)

    met = meet(program, lambda: work.advance(batch.pk))
    assert met.waited, met
    assert Order.objects.count() == 1
    assert states(batch) == ["there"]


def test_a_row_is_not_mended_under_the_worker(seller: Dropshipper, person: Any, locked: bool) -> None:
    batch = uploaded(amazon(row(1), row(2, sku="")), seller, person)
    bad = rows(batch)[1]
    met = meet(
        lambda: acts.start(batch.key, by=person.pk, dropshipper_id=seller.pk),
        lambda: acts.mend(batch.key, bad.pk, fields={}, pieces=[("MCI-0001", 1)], dropshipper_id=seller.pk),
    )
    assert (met.waited, isinstance(met.second, ImportBusy)) == (locked, locked)


@pytest.mark.parametrize("first", ["start", "take back"])
def test_of_importing_and_taking_back_at_once_one_happens(
    seller: Dropshipper, person: Any, first: str, locked: bool
) -> None:
    batch = uploaded(amazon(row(1)), seller, person)
    pair = [
        lambda: acts.start(batch.key, by=person.pk, dropshipper_id=seller.pk),
        lambda: acts.take_back(batch.key, by=person.pk, dropshipper_id=seller.pk),
    ]
    met = meet(*(pair if first == "start" else reversed(pair)))
    assert met.waited, met
    assert isinstance(met.second, ImportBusy) == locked


def test_columns_that_two_confirm_are_confirmed_once(seller: Dropshipper, person: Any, locked: bool) -> None:
    data = b"Nominativo;Via;CAP;Localita;Cod. articolo\nAnna;Via Appia 7;10121;Torino;MCI-0001\n"
    batch = uploaded(data, seller, person)

    def confirm() -> Import:
        return taking.confirm_columns(
            batch.key, batch.table["guess"], marketplace="", dropshipper_id=seller.pk, by=person.pk
        )

    met = meet(confirm, confirm)
    assert met.waited, met
    assert isinstance(met.second, ImportOver) == locked
    assert batch.rows.count() == 1


def test_what_is_sent_at_the_same_moment_is_not_taken_back(seller: Dropshipper, person: Any, locked: bool) -> None:
    stage.money(seller, "100.00")
    batch = imported(uploaded(amazon(row(1), row(2)), seller, person), person)
    acts.take_back(batch.key, by=person.pk, dropshipper_id=seller.pk)
    order = Order.objects.order_by("pk")[0]
    seen = stage.seen(order)
    met = meet(
        lambda: runs.dispatch_now(order.pk, dropshipper_id=seller.pk, key=uuid.uuid4(), by=person.pk, seen=seen),
        lambda: work.advance(batch.pk),
    )
    assert met.waited, met
    batch.refresh_from_db()
    assert (batch.state == "done") == locked
    assert (Order.objects.filter(state="cancelled").exists()) != locked


def test_who_is_forgotten_while_their_row_becomes_an_order_keeps_the_row(seller: Dropshipper, person: Any) -> None:
    """The order is forgotten by itself: a row that said "left out" would have the file imported again."""
    batch = uploaded(amazon(row(1, buyer_email="ugo@example.com")), seller, person)
    met = meet(
        lambda: work._make_some(batch),
        lambda: forgetting.forget_persons([seller.pk], [Person(email="ugo@example.com")]),
    )
    assert (met.waited, met.second) == (True, 0), met
    assert (states(batch), Order.objects.count()) == (["created"], 1)


def test_who_is_forgotten_while_columns_are_confirmed_is_in_no_row(
    seller: Dropshipper, person: Any, locked: bool
) -> None:
    data = b"Nominativo;Via;CAP;Localita;Cod. articolo\nUgo Modello;Via Lazio 9;00187;Roma;MCI-0001\n"
    batch = uploaded(data, seller, person)
    met = meet(
        lambda: taking.confirm_columns(
            batch.key, batch.table["guess"], marketplace="", dropshipper_id=seller.pk, by=person.pk
        ),
        lambda: forgetting.forget_persons([seller.pk], [Person(name="Ugo Modello", postcode="00187")]),
    )
    assert met.waited, met
    batch.refresh_from_db()
    assert (batch.table == {}) == locked
    assert [one.data for one in rows(batch)] == [{}]
