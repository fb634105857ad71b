"""How an open order follows its shop: field by field; what both changed is a question, what was sent only alarms."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection

from orders.dispatch import runs
from orders.errors import NotEditable
from orders.fulfilment import collect
from orders.intake import creation, editing, follow
from orders.models import Order
from orders.problems import Doubt
from orders.questions import questions, twins
from tests.orders import stage

pytestmark = pytest.mark.django_db


def from_shop(dropshipper: Any, **fields: Any) -> tuple[Order, creation.OrderData]:
    stage.variant("MCI-1")
    data = stage.data(("MCI-1", 2), source="woocommerce", source_label="Casa Bella", source_number="7", **fields)
    lines = [replace(line, shop_line=f"l{n}") for n, line in enumerate(data.lines)]
    data = replace(data, lines=lines)
    return creation.create(data, dropshipper_id=dropshipper.pk), data


def edited(order: Order, by: int, **fields: Any) -> Order:
    """A person's edit in the form: everything as it stands, but for `fields`."""
    from orders.entry import typed

    order = Order.objects.get(pk=order.pk)
    data = typed.data_of(order)
    return editing.edit(order.pk, replace(data, **fields), version=order.version, by=by, method_id=order.method_id)


def at(order: Order, **fields: str) -> Any:
    return replace(Order.objects.get(pk=order.pk).address, **fields)


def conflicts(order: Order) -> dict[str, tuple[str, str]]:
    rows = order.problems.filter(code="conflict")
    return {row.subject: (row.params["mine"], row.params["theirs"]) for row in rows}


# ---- field by field


def test_an_address_mended_here_stays_when_the_shop_changes_only_the_phone(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, address=at(order, street="Via Garibaldi 12/B", postcode="10123"))
    assert follow.refresh(order.pk, replace(data, address=replace(data.address, phone="+393470000000")))
    order.refresh_from_db()
    assert (order.street, order.postcode, order.phone) == ("Via Garibaldi 12/B", "10123", "+393470000000")
    assert (order.state, conflicts(order)) == ("ready", {})


def test_a_total_mended_here_stays_when_the_shop_changes_only_the_phone(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, sale_total=D("44.43"))
    moved = replace(data, address=replace(data.address, phone="+393470000000"))
    follow.refresh(order.pk, moved)
    order.refresh_from_db()
    assert (order.sale_total, order.phone) == (D("44.43"), "+393470000000")
    follow.refresh(order.pk, replace(moved, sale_total=D("51.07")))
    order.refresh_from_db()
    assert order.sale_total == D("51.07")


def test_a_new_place_of_the_shop_is_taken_whole(dropshipper: Any) -> None:
    order, data = from_shop(dropshipper)
    moved = replace(data.address, street="Corso Francia 9", postcode="10138")
    follow.refresh(order.pk, replace(data, address=moved))
    order.refresh_from_db()
    assert (order.street, order.postcode, order.city) == ("Corso Francia 9", "10138", "Torino")


def test_a_place_is_never_half_of_ours_and_half_of_theirs(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, address=at(order, street="Via Garibaldi 12/B"))
    moved = replace(data.address, postcode="20121", city="Milano", province="MI")
    follow.refresh(order.pk, replace(data, address=moved))
    order.refresh_from_db()
    assert (order.street, order.postcode, order.city) == ("Via Garibaldi 12/B", "10122", "Torino")
    assert order.state == "received"
    assert conflicts(order) == {
        "street": ("Via Garibaldi 12/B", "Via Garibaldi 12"),
        "postcode": ("10122", "20121"),
        "city": ("Torino", "Milano"),
        "province": ("TO", "MI"),
    }


def test_a_conflict_is_over_when_both_say_the_same(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, address=at(order, phone="+393331111111"))
    follow.refresh(order.pk, replace(data, address=replace(data.address, phone="+393332222222")))
    assert conflicts(order) == {"phone": ("+393331111111", "+393332222222")}
    follow.refresh(order.pk, replace(data, address=replace(data.address, phone="+393331111111")))
    order.refresh_from_db()
    assert (order.state, order.phone, conflicts(order)) == ("ready", "+393331111111", {})


def test_lines_changed_here_and_in_the_shop_are_a_question(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, lines=[replace(data.lines[0], quantity=1)])
    follow.refresh(order.pk, replace(data, lines=[replace(data.lines[0], quantity=5)], sale_total=D("99.75")))
    order.refresh_from_db()
    assert order.lines.get().quantity == 1
    assert order.state == "received"
    assert conflicts(order) == {"lines": ("1 × MCI-1", "5 × MCI-1")}


def test_a_line_lowered_here_keeps_what_the_shop_calls_it(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, lines=[replace(data.lines[0], quantity=1)])
    line = order.lines.get()
    assert (line.quantity, line.shop_quantity, line.shop_line) == (1, 2, "l0")


def test_two_lines_of_one_article_keep_what_is_theirs(dropshipper: Any) -> None:
    stage.variant("MCI-1")
    lines = [
        creation.LineData("MCI-1", "Targa", 1, shop_line="a", attributes=[("Incisione", "Giulia")]),
        creation.LineData("MCI-1", "Targa", 1, shop_line="b", attributes=[("Incisione", "Nonno Ugo")]),
    ]
    data = replace(stage.data(source="woocommerce"), lines=lines)
    order = creation.create(data, dropshipper_id=dropshipper.pk)
    swapped = [replace(lines[1], attributes=[("Incisione", "Nonna Ada")]), lines[0]]
    assert follow.refresh(order.pk, replace(data, lines=swapped))
    assert list(order.lines.values_list("shop_line", "attributes")) == [
        ("b", [["Incisione", "Nonna Ada"]]),
        ("a", [["Incisione", "Giulia"]]),
    ]


# ---- what the shop doubts


def test_a_doubt_that_appears_after_the_order_was_ready_holds_it_back_and_goes_with_its_cause(dropshipper: Any) -> None:
    order, data = from_shop(dropshipper)
    assert order.state == "ready"
    follow.refresh(order.pk, replace(data, doubts=[Doubt("partly_sent")]))
    order.refresh_from_db()
    assert order.state == "received"
    follow.refresh(order.pk, data)
    order.refresh_from_db()
    assert order.state == "ready"


def test_what_a_person_looked_at_is_not_asked_again_until_it_is_another_thing(dropshipper: Any, owner: Any) -> None:
    refund = Doubt("partly_refunded", "", {"amount": "5.00"})
    order, data = from_shop(dropshipper, doubts=[refund])
    assert order.state == "received"
    assert questions.answer(order.pk, "partly_refunded", "", by=owner.pk)
    follow.refresh(order.pk, data)
    order.refresh_from_db()
    assert order.state == "ready"
    follow.refresh(order.pk, replace(data, doubts=[Doubt("partly_refunded", "", {"amount": "10.00"})]))
    order.refresh_from_db()
    assert (order.state, order.problems.get().params) == ("received", {"amount": "10.00"})


def test_who_edits_an_order_has_answered_its_questions(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper, doubts=[Doubt("partly_sent"), Doubt("bad_price", "x", {"value": "?"})])
    edited(order, owner.pk)
    follow.refresh(order.pk, data)
    order.refresh_from_db()
    assert order.state == "ready"


@pytest.mark.parametrize("code", ["unknown_sku", "bad_price", "payment_review", "conflict", "nonsense", "owes_less"])
def test_only_what_may_be_answered_is(dropshipper: Any, owner: Any, code: str) -> None:
    order, _data = from_shop(dropshipper, doubts=[Doubt("bad_price", "", {"value": "?"})])
    assert not questions.answer(order.pk, code, "", by=owner.pk)
    order.refresh_from_db()
    assert order.state == "received"


def test_nothing_is_answered_of_an_order_that_was_sent_or_cancelled(dropshipper: Any, owner: Any) -> None:
    order, _data = from_shop(dropshipper, doubts=[Doubt("partly_sent")])
    follow.withdraw(order.pk)
    with pytest.raises(NotEditable):
        questions.answer(order.pk, "partly_sent", "", by=owner.pk)


# ---- goods that are not ours


def mixed(dropshipper: Any, **fields: Any) -> tuple[Order, creation.OrderData]:
    stage.variant("MCI-1")
    data = stage.data(("MCI-1", 1), source="shopify", payment="cod", total="89.00", **fields)
    other = creation.LineData("X-1", "Di un altro", 1, sale_gross=D("50.00"), ignored=True, shop_line="z")
    data = replace(data, lines=[*data.lines, other])
    return creation.create(data, dropshipper_id=dropshipper.pk), data


@pytest.mark.parametrize("left", [None, "59.00"], ids=["the whole", "after a deposit"])
def test_what_belongs_to_goods_of_others_is_not_collected_without_a_question(
    dropshipper: Any, owner: Any, left: str | None
) -> None:
    order, data = mixed(dropshipper, to_collect=D(left) if left else None)
    assert order.problems.get(code="cod_mixed").params == {"amount": left or "89.00"}
    assert order.state == "received"
    edited(order, owner.pk, to_collect=D("39.00"))
    order.refresh_from_db()
    assert (order.state, order.to_collect) == ("ready", D("39.00"))
    follow.refresh(order.pk, data)
    order.refresh_from_db()
    assert (order.state, order.to_collect) == ("ready", D("39.00"))


# ---- after Sincronizza


def sent(dropshipper: Any, **fields: Any) -> tuple[Order, creation.OrderData]:
    order, data = from_shop(dropshipper, payment="cod", **fields)
    method = stage.method()
    stage.money(dropshipper, "100.00")
    item = runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None, method_id=method.pk)
    assert item.result == "dispatched"
    order.refresh_from_db()
    return order, data


def test_an_alert_says_what_changed_old_and_new_and_forgets_what_was_taken_back(dropshipper: Any) -> None:
    order, data = sent(dropshipper)
    moved = replace(data, address=replace(data.address, street="Corso Francia 9"))
    follow.refresh(order.pk, moved)
    more = replace(moved, lines=[replace(data.lines[0], quantity=3)], sale_total=D("59.85"))
    follow.refresh(order.pk, more)
    assert order.problems.get(code="changed_in_shop").params == {
        "changes": [
            ["street", "Via Garibaldi 12", "Corso Francia 9"],
            ["line:MCI-1", "2", "3"],
            ["total", "39.90", "59.85"],
        ]
    }
    follow.refresh(order.pk, replace(more, address=data.address))
    assert [row[0] for row in order.problems.get(code="changed_in_shop").params["changes"]] == ["line:MCI-1", "total"]
    order.refresh_from_db()
    assert (order.street, order.lines.get().quantity, order.sale_total) == ("Via Garibaldi 12", 2, D("39.90"))


@pytest.mark.parametrize(
    ("told", "owed"),
    [
        ({"payment": "prepaid", "payment_reason": "paid"}, "0.00"),
        ({"to_collect": D("19.90"), "payment_reason": "partly_paid"}, "19.90"),
        ({"sale_total": D("29.90")}, "29.90"),
    ],
    ids=["paid in the shop", "part payment", "refund"],
)
def test_who_owes_less_than_the_courier_collects_is_an_alert_at_once(
    dropshipper: Any, owner: Any, told: dict[str, Any], owed: str
) -> None:
    order, data = sent(dropshipper)
    follow.refresh(order.pk, replace(data, **told))
    alert = order.problems.get(code="owes_less")
    assert (alert.params, alert.blocking) == ({"owed": owed, "collect": "39.90"}, False)
    collect.lower(order.pk, D(owed), by=owner.pk)
    assert not order.problems.filter(code="owes_less").exists()
    order.refresh_from_db()
    assert order.to_collect == (D(owed) or None)


def test_who_owes_as_much_again_is_no_alert_any_more(dropshipper: Any) -> None:
    order, data = sent(dropshipper)
    follow.refresh(order.pk, replace(data, sale_total=D("29.90")))
    assert order.problems.filter(code="owes_less").exists()
    follow.refresh(order.pk, data)
    assert not order.problems.filter(code="owes_less").exists()


# ---- perhaps the same order


def test_the_same_goods_for_the_same_person_within_minutes_ask(dropshipper: Any, owner: Any) -> None:
    first, data = from_shop(dropshipper)
    again = creation.create(replace(data, source_number="8"), dropshipper_id=dropshipper.pk)
    first.refresh_from_db()
    assert (first.state, again.state) == ("ready", "received")
    asked = again.problems.get()
    assert (asked.code, asked.params) == ("possible_duplicate", {"number": first.number})
    follow.refresh(again.pk, replace(data, source_number="8"))  # the shop's repeat does not answer it
    assert again.problems.filter(code="possible_duplicate").exists()
    assert questions.answer(again.pk, "possible_duplicate", first.number, by=owner.pk)
    again.refresh_from_db()
    assert again.state == "ready"


@pytest.mark.parametrize(
    ("other", "asks"),
    [
        ({"source": "manual", "source_number": ""}, True),
        ({"source": "shopify"}, True),
        ({"address": replace(stage.ADDRESS, phone="333 1234567", street="altrove 1")}, True),
        ({"address": replace(stage.ADDRESS, phone="", street="VIA GARIBALDI, 12")}, True),
        ({"address": replace(stage.ADDRESS, phone="+393479999999", name="Ugo Bianchi")}, False),
        ({"address": replace(stage.ADDRESS, phone="", street="Via Verdi 2")}, False),
        ({"lines": [creation.LineData("MCI-1", "MCI-1", 3)]}, False),
    ],
    ids=["typed", "other shop", "other writing", "no phone", "a neighbour", "elsewhere", "other goods"],
)
def test_across_channels_and_writings(dropshipper: Any, other: dict[str, Any], asks: bool) -> None:
    _first, data = from_shop(dropshipper)
    again = creation.create(replace(data, **{"source_number": "8", **other}), dropshipper_id=dropshipper.pk)
    assert again.problems.filter(code="possible_duplicate").exists() == asks


def test_neither_an_hour_later_nor_after_a_cancellation_nor_typed_twice(dropshipper: Any, owner: Any) -> None:
    import datetime as dt

    from django.utils import timezone

    first, data = from_shop(dropshipper)
    later = replace(data, placed_at=timezone.now() + dt.timedelta(minutes=61))
    assert creation.create(later, dropshipper_id=dropshipper.pk).state == "ready"
    follow.withdraw(first.pk)
    assert creation.create(data, dropshipper_id=dropshipper.pk).state == "ready"
    typed = [stage.order(dropshipper, ("MCI-1", 1), address=replace(stage.ADDRESS, phone="3401111111")) for _n in "12"]
    assert [order.state for order in typed] == ["ready", "ready"]


def test_another_resellers_order_is_never_named(dropshipper: Any) -> None:
    from tests import cast

    _first, data = from_shop(dropshipper)
    other = cast.dropshipper()
    assert creation.create(data, dropshipper_id=other.pk).state == "ready"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "the guard off"])
def test_two_that_arrive_at_once_see_each_other(
    dropshipper: Any, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    stage.variant("MCI-1")
    data = stage.data(("MCI-1", 2), source="woocommerce")
    if not guarded:
        monkeypatch.setattr(twins, "one_at_a_time", lambda dropshipper_id: None)
    gate, wrong = threading.Barrier(2), []
    real = twins.doubts

    def slowly(new: Any) -> Any:
        found = real(new)
        time.sleep(0.3)
        return found

    monkeypatch.setattr(twins, "doubts", slowly)

    def arrive() -> None:
        try:
            gate.wait(5)
            creation.create(data, dropshipper_id=dropshipper.pk)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    both = [threading.Thread(target=arrive) for _n in "12"]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert wrong == []
    assert sorted(Order.objects.values_list("state", flat=True)) == (
        ["ready", "received"] if guarded else ["ready"] * 2
    )


HELD = ["on_hold_in_shop", "risk_high", "pickup", "archived", "foreign_currency", "sent_elsewhere", "age_unknown"]


@pytest.mark.parametrize("code", HELD)
@pytest.mark.parametrize("what", ["phone", "lines", "nothing"])
def test_an_edit_does_not_answer_what_is_asked_on_the_orders_page_alone(
    code: str, what: str, dropshipper: Any, owner: Any
) -> None:
    """The form shows none of it: a corrected telephone sent an order that the shop had on hold."""
    order, data = from_shop(dropshipper, doubts=[Doubt(code)])
    if what == "phone":
        edited(order, owner.pk, address=at(order, phone="+393339999999"))
    elif what == "lines":
        edited(order, owner.pk, lines=[replace(data.lines[0], quantity=1)])
    else:
        edited(order, owner.pk)
    for _word in range(2):
        order.refresh_from_db()
        assert (order.state, order.problems.get().code) == ("received", code)
        follow.refresh(order.pk, data)
    assert questions.answer(order.pk, code, "", by=owner.pk)
    order.refresh_from_db()
    assert order.state == "ready"


def test_an_edit_answers_what_it_touches(dropshipper: Any, owner: Any) -> None:
    refund, hidden = Doubt("partly_refunded", "", {"amount": "5.00"}), Doubt("customer_hidden")
    order, data = from_shop(dropshipper, doubts=[refund, hidden])
    edited(order, owner.pk, address=at(order, phone="+393339999999"))
    assert order.problems.get().code == "partly_refunded"
    edited(order, owner.pk, lines=[replace(data.lines[0], quantity=1)])
    order.refresh_from_db()
    assert (order.state, order.problems.count()) == ("ready", 0)
    follow.refresh(order.pk, data)
    order.refresh_from_db()
    assert order.state == "ready"
