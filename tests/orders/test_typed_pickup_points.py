"""A pickup point or a locker typed as an address: the courier would go to a door that is none, so it is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.postal.pickup_points import pickup_point
from orders import problems
from orders.entry import typed
from orders.intake import editing
from orders.models import Order
from orders.questions import questions
from tests.orders import stage
from tests.orders.test_readdress import sent

pytestmark = pytest.mark.django_db
POINTS = [
    *("Fermo posta Milano Centrale", "FERMOPOSTA", "BRT Fermopoint Tabacchi Rossi", "Inpost locker MIL042", "Locker 7"),
    *("Amazon Locker - Chanel", "presso Ufficio Postale di Desio", "Punto Poste Bar Sport", "Casella postale 12"),
    *("c/o l’ufficio postale", "GLS Parcel Shop", "Punto di ritiro Edicola", "P.O. Box 7"),
]


@pytest.mark.parametrize("street", POINTS)
def test_a_point_is_known_by_its_words(street: str) -> None:
    assert pickup_point(replace(stage.ADDRESS, street=street)) == street
    assert pickup_point(replace(stage.ADDRESS, street="Via Roma 1", street2=street)) == street


@pytest.mark.parametrize(
    "fields",
    [
        *({"street": "Via Locker 5"}, {"company": "Locker Room S.r.l."}, {"street": "Via dei Pudori 3"}),
        *({"street": "Via Poste 3"}, {"street": "Piazza della Posta Vecchia 1"}, {"street": "Via Fermo 2"}),
        *({"street": "Via Inposte 1"}, {"name": "Anna Posta"}, {"street2": "c/o Edicola Rossi"}, {"street2": "Box 7"}),
    ],
)
def test_a_door_is_none(fields: dict[str, str]) -> None:
    assert pickup_point(replace(stage.ADDRESS, **fields)) == ""


def codes(order: Order) -> set[str]:
    return set(order.problems.values_list("code", flat=True))


def test_typed_it_is_asked_once_and_answered(dropshipper: Any, owner: Any) -> None:
    stage.variant("MCI-1")
    there = replace(stage.ADDRESS, street="Fermo posta Torino 4")
    order = stage.order(dropshipper, ("MCI-1", 1), address=there)
    assert (order.state, codes(order)) == ("received", {"locker"})
    assert "Fermo posta Torino 4" in problems.sentence(order.problems.get())
    editing.choose_method([order.pk], stage.method().pk, dropshipper_id=dropshipper.pk, by=owner.pk)
    assert questions.answer(order.pk, "locker", "", by=owner.pk)
    order.refresh_from_db()
    assert (order.state, codes(order)) == ("ready", set())

    def edited(**fields: Any) -> None:
        order.refresh_from_db()
        data = replace(typed.data_of(order), **fields)
        editing.edit(order.pk, data, version=order.version, by=owner.pk, method_id=order.method_id)
        order.refresh_from_db()

    edited(address=replace(there, phone="+393331234568"))
    assert codes(order) == set()
    edited(address=replace(there, street="InPost Locker 9"))
    assert codes(order) == {"locker"}
    edited(address=stage.ADDRESS)
    assert (order.state, codes(order)) == ("ready", set())


def test_it_is_said_instead_of_the_missing_number(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), address=replace(stage.ADDRESS, street="Fermo posta"))
    assert codes(order) == {"locker"}


def test_a_sent_order_is_not_sent_there_unasked(dropshipper: Any) -> None:
    from orders.fulfilment import readdress

    order = sent(dropshipper)
    proposal = readdress.propose(order, replace(stage.ADDRESS, street="Fermo posta Torino 4"), "")
    assert [doubt.code for doubt in proposal.asked] == ["locker"]


def test_of_a_shops_order_its_platform_has_judged(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    there = replace(stage.ADDRESS, street="Fermo posta Torino 4")
    order = stage.order(dropshipper, ("MCI-1", 1), address=there, source="woocommerce")
    assert codes(order) == set()
