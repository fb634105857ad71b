"""Who asks to be forgotten is also forgotten in files that nobody has imported yet."""

from __future__ import annotations

from typing import Any

import pytest

from orders import privacy
from orders.imports import acts, looks, taking, work
from orders.imports.errors import NothingToImport
from orders.models import Import, ImportRow, Order
from orders.questions.copies import Person
from tests.orders.imports.files import amazon, row
from tests.orders.imports.world import imported, rows, shelves, states, uploaded

pytestmark = pytest.mark.django_db
LUCIA = {"recipient_name": "Lucia Provetti", "buyer_phone_number": "3331110001", "ship_postal_code": "10121"}
UGO = {
    "recipient_name": "Ugo Modello",
    "buyer_phone_number": "3339990009",
    "ship_postal_code": "00187",
    "ship_city": "Roma",
    "ship_state": "RM",
    "buyer_email": "ugo@example.com",
}


@pytest.mark.parametrize(
    "person",
    [
        Person(phone="+39 333 999 0009"),
        Person(email=" UGO@example.com "),
        Person(name="ugo  modello", postcode="00187"),
    ],
)
def test_their_rows_are_left_out_and_hold_nothing_of_them(dropshipper: Any, owner: Any, person: Person) -> None:
    shelves()
    batch = uploaded(amazon(row(1, **LUCIA), row(2, **UGO)), dropshipper, owner)
    assert states(batch) == ["valid", "valid"]
    privacy.ask_for(dropshipper.pk, person)
    other, gone = rows(batch)
    assert (other.state, gone.state, gone.number, gone.data, gone.issues, gone.read) == (
        "valid",
        "left",
        "",
        {},
        [],
        [],
    )
    assert "dimenticat" in looks.shown(gone).why
    imported(batch, owner)
    assert [order.name for order in Order.objects.all()] == ["Lucia Provetti"]


def test_who_is_meant_by_their_order_is_meant_in_the_file_too(dropshipper: Any, owner: Any) -> None:
    shelves()
    imported(uploaded(amazon(row(1, **UGO)), dropshipper, owner), owner)
    later = uploaded(amazon(row(2, **UGO), row(3, **LUCIA)), dropshipper, owner)
    privacy.ask([Order.objects.get().pk])
    assert states(later) == ["left", "valid"]


def test_a_row_that_is_an_order_already_stays_what_it_is(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = imported(uploaded(amazon(row(1, **UGO)), dropshipper, owner), owner)
    privacy.ask_for(dropshipper.pk, Person(email="ugo@example.com"))
    (made,) = rows(batch)
    assert (made.state, made.order) == ("created", Order.objects.get())


def test_another_companys_file_and_another_person_are_not_touched(
    dropshipper: Any, other_dropshipper: Any, owner: Any
) -> None:
    shelves()
    batch = uploaded(amazon(row(1, **UGO)), dropshipper, owner)
    privacy.ask_for(other_dropshipper.pk, Person(email="ugo@example.com"))
    privacy.ask_for(dropshipper.pk, Person(name="Ugo Modello", postcode="10121"))
    privacy.ask_for(dropshipper.pk, Person())
    assert states(batch) == ["valid"]


def test_the_rows_of_a_table_that_nobody_has_named_go(dropshipper: Any, owner: Any) -> None:
    shelves()
    data = (
        b"Chi;Dove;CAP;Tel;Cosa\nUgo Modello;Via Lazio 9;00187;x;MCI-0001\n"
        b"Lucia;Via Roma 18;10121;333 999 0009;MCI-0001\nAnna;Via Appia 7;00184;;MCI-0001\n"
    )
    batch, _new = taking.take(data, name="b.csv", marketplace="", dropshipper_id=dropshipper.pk, by=owner.pk)
    assert batch.state == Import.State.MAPPING
    privacy.ask_for(dropshipper.pk, Person(name="Ugo Modello", postcode="00187", phone="3339990009"))
    batch.refresh_from_db()
    assert [cells[0] for _line, cells in batch.table["rows"]] == ["Anna"]
    assert batch.table["head"][:2] == ["Chi", "Dove"]
    assert "guess" in batch.table


def test_a_file_of_which_all_are_forgotten_imports_nothing(dropshipper: Any, owner: Any) -> None:
    shelves()
    batch = uploaded(amazon(row(1, **UGO)), dropshipper, owner)
    privacy.ask_for(dropshipper.pk, Person(email="ugo@example.com"))
    with pytest.raises(NothingToImport):
        acts.start(batch.key, by=owner.pk, dropshipper_id=dropshipper.pk)
    work.advance(batch.pk)
    assert not ImportRow.objects.filter(state="created").exists()
