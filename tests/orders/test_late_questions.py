"""What a shop doubts late: after an answer, beside an edit of something else, after Sincronizza."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from orders import problems, timeline
from orders.errors import StaleEdit
from orders.fulfilment import parcels
from orders.intake import editing, follow
from orders.models import Order
from orders.problems import Doubt
from orders.questions import alerts, questions
from tests.orders.test_detail_page import page_of
from tests.orders.test_follow import at, conflicts, edited, from_shop, sent

pytestmark = pytest.mark.django_db
HOLD = Doubt("on_hold_in_shop", "", {"reason": "other"})
LOOKS = sorted(code for code, kind in problems.CATALOGUE.items() if kind.from_shop and kind.answerable)


def now(order: Order) -> str:
    order.refresh_from_db()
    return order.state


# ---- an answer is to a question


@pytest.mark.parametrize("code", LOOKS)
def test_what_was_answered_is_asked_again_when_it_comes_again(dropshipper: Any, owner: Any, code: str) -> None:
    doubt = Doubt(code, "", {"amount": "5.00"})
    order, data = from_shop(dropshipper)
    raised = replace(data, doubts=[doubt])
    follow.refresh(order.pk, raised)
    assert questions.answer(order.pk, code, "", by=owner.pk)
    follow.refresh(order.pk, raised)
    assert now(order) == "ready", "the same doubt goes on: it is answered"
    follow.refresh(order.pk, data)
    assert (now(order), order.answered) == ("ready", [])
    follow.refresh(order.pk, raised)
    assert now(order) == "received", "released, and then on hold again"


def test_an_answer_about_the_address_outlives_the_readings(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, address=at(order, postcode="23041", city="Livigno", province="SO"))
    row = order.problems.get(blocking=True)
    assert questions.answer(order.pk, row.code, row.subject, by=owner.pk)
    follow.refresh(order.pk, data)
    assert now(order) == "ready"


# ---- an edit answers what its form mends


@pytest.mark.parametrize("code", [code for code in LOOKS if problems.CATALOGUE[code].mend == "look"])
def test_who_corrects_a_telephone_has_not_answered_a_hold(dropshipper: Any, owner: Any, code: str) -> None:
    order, data = from_shop(dropshipper)
    raised = replace(data, doubts=[Doubt(code, "", {"reason": "high_risk_of_fraud"})])
    follow.refresh(order.pk, raised)
    edited(order, owner.pk, address=at(order, phone="+393470000000"))
    assert (now(order), order.answered) == ("received", [])
    assert order.problems.get(code=code).params == {"reason": "high_risk_of_fraud"}
    follow.refresh(order.pk, data)
    assert now(order) == "ready"


def test_the_form_says_which_questions_it_answers(dropshipper: Any, owner: Any, client_for: Any) -> None:
    refund = Doubt("partly_refunded", "", {"amount": "5.00"})
    order, _data = from_shop(dropshipper, doubts=[HOLD, refund])
    page = client_for(owner).get(reverse("orders:edit", args=[order.pk])).content.decode()
    said = page[page.index("data-settles") : page.index('id="entry"')]
    assert "5,00" in said or "5.00" in said
    assert said.count("<li>") == 1


def test_a_conflict_shows_what_stands_here_after_an_edit(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, address=at(order, phone="+393331111111"))
    follow.refresh(order.pk, replace(data, address=replace(data.address, phone="+393332222222")))
    edited(order, owner.pk, address=at(order, phone="+393333333333"))
    assert conflicts(order) == {"phone": ("+393333333333", "+393332222222")}
    edited(order, owner.pk, address=at(order, phone="+393332222222"))
    assert (now(order), conflicts(order)) == ("ready", {})


def test_a_conflict_of_articles_shows_what_stands_here_after_an_edit(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper)
    edited(order, owner.pk, lines=[replace(data.lines[0], quantity=1)])
    follow.refresh(order.pk, replace(data, lines=[replace(data.lines[0], quantity=5)]))
    edited(order, owner.pk, lines=[replace(data.lines[0], quantity=3)])
    assert conflicts(order) == {"lines": ("3 × MCI-1", "5 × MCI-1")}
    edited(order, owner.pk, lines=[replace(data.lines[0], quantity=5)])
    assert (now(order), conflicts(order)) == ("ready", {})


# ---- after Sincronizza


def codes(order: Order) -> list[str]:
    return sorted(order.problems.values_list("code", flat=True))


@pytest.mark.parametrize("code", LOOKS)
def test_what_would_have_held_it_back_is_an_alert_while_the_parcel_is_here(
    dropshipper: Any, owner: Any, client_for: Any, staff: Any, code: str
) -> None:
    order, data = sent(dropshipper)
    raised = replace(data, doubts=[Doubt(code, "x", {"reason": "other"})])
    follow.refresh(order.pk, raised)
    follow.refresh(order.pk, raised)
    assert codes(order) == ["asked_in_shop"]
    assert order.events.filter(code="asked_in_shop").count() == 1
    assert problems.CATALOGUE[code].words.split("%")[0][:12] in problems.sentence(order.problems.get())
    assert 'data-alert="asked_in_shop"' in page_of(client_for(owner), order)
    desk = client_for(staff).get(reverse("orders:desk_order", args=[order.pk])).content.decode()
    assert 'data-alert="asked_in_shop"' in desk
    follow.refresh(order.pk, data)
    assert codes(order) == []


def test_what_was_seen_is_not_told_again_until_it_comes_again(dropshipper: Any, owner: Any) -> None:
    order, data = sent(dropshipper)
    held = replace(data, doubts=[HOLD])
    follow.refresh(order.pk, held)
    subject = order.problems.get().subject
    assert alerts.seen(order.pk, "asked_in_shop", subject=subject, by=owner.pk)
    follow.refresh(order.pk, held)
    assert codes(order) == []
    follow.refresh(order.pk, data)
    follow.refresh(order.pk, held)
    assert codes(order) == ["asked_in_shop"]


def test_what_was_answered_before_it_was_sent_is_no_alert(dropshipper: Any, owner: Any) -> None:
    order, data = sent(dropshipper)
    Order.objects.filter(pk=order.pk).update(answered=[["on_hold_in_shop", "", {"reason": "other"}]])
    follow.refresh(order.pk, replace(data, doubts=[HOLD]))
    assert codes(order) == []


def test_what_a_shop_says_of_a_parcel_that_left_is_no_question(dropshipper: Any, owner: Any) -> None:
    order, data = sent(dropshipper)
    parcels.mark_shipped(order.pk, tracking_number="T1", by=owner.pk)
    follow.refresh(order.pk, replace(data, doubts=[Doubt("partly_sent")]))
    assert codes(order) == []


def test_an_alert_that_grew_since_the_page_was_shown_is_not_taken_away(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    order, data = sent(dropshipper)
    moved = replace(data, address=replace(data.address, street="Corso Francia 9"))
    follow.refresh(order.pk, moved)
    shown = questions.mark(order.problems.get())
    follow.refresh(order.pk, replace(moved, address=replace(moved.address, city="Milano")))
    with pytest.raises(StaleEdit):
        alerts.seen(order.pk, "changed_in_shop", by=owner.pk, seen=shown)
    client = client_for(owner)
    form = {"code": "changed_in_shop", "subject": "", "seen": shown}
    client.post(reverse("orders:seen", args=[order.pk]), form)
    assert codes(order) == ["changed_in_shop"]
    page = page_of(client, order)
    form["seen"] = questions.mark(order.problems.get())
    assert form["seen"] in page
    client.post(reverse("orders:seen", args=[order.pk]), form)
    assert codes(order) == []


def test_changed_and_changed_back_is_no_alert(dropshipper: Any) -> None:
    order, data = sent(dropshipper)
    follow.refresh(order.pk, replace(data, address=replace(data.address, street="Corso Francia 9")))
    follow.refresh(order.pk, data)
    assert codes(order) == []
    assert order.events.filter(code="changed_in_shop").count() == 2


def test_a_cancelled_order_has_no_alert_about_a_parcel(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order, data = sent(dropshipper)
    follow.refresh(order.pk, replace(data, sale_total=None, doubts=[HOLD]))
    follow.withdraw(order.pk)
    assert "cancelled_in_shop" in codes(order)
    parcels.cancel(order.pk, by=owner.pk)
    assert codes(order) == []
    assert "data-alert" not in page_of(client_for(owner), order)


def test_the_negative_control_amend_keeps_what_the_form_mends(dropshipper: Any, owner: Any) -> None:
    order, data = from_shop(dropshipper, doubts=[Doubt("no_shipping"), Doubt("partly_sent")])
    typed = edited(order, owner.pk)
    assert typed.answered == [["no_shipping", "", {}], ["partly_sent", "", {}]]
    assert editing.submit(order.pk, by=owner.pk).state == "ready"
    follow.refresh(order.pk, data)
    assert now(order) == "ready"


def test_a_refund_that_lowered_the_total_is_told_once(dropshipper: Any, owner: Any) -> None:
    order, data = sent(dropshipper)
    refund = Doubt("partly_refunded", "", {"amount": "10.00"})
    lower = replace(data, doubts=[refund], sale_total=data.sale_total - 10)
    follow.refresh(order.pk, lower)
    follow.refresh(order.pk, lower)
    assert codes(order) == ["changed_in_shop", "owes_less"]
    more = replace(lower, doubts=[Doubt("partly_refunded", "", {"amount": "12.00"})])
    follow.refresh(order.pk, more)
    assert codes(order) == ["asked_in_shop", "changed_in_shop", "owes_less"], "a refund that no other figure shows"


@pytest.mark.parametrize("again", [follow.refresh, follow.revive], ids=["live again", "out of the bin"])
def test_an_order_that_is_live_in_its_shop_again_is_not_said_to_be_cancelled(dropshipper: Any, again: Any) -> None:
    order, data = sent(dropshipper)
    follow.withdraw(order.pk)
    assert codes(order) == ["cancelled_in_shop"]
    again(order.pk, data)
    assert codes(order) == []
    assert order.events.filter(code="restored_in_shop").count() == 1
    again(order.pk, data)
    assert order.events.filter(code="restored_in_shop").count() == 1


@pytest.mark.parametrize(
    ("status", "word"), [("refunded", "Refunded"), ("cancelled", "Cancelled"), ("gone", "Cancelled")]
)
def test_a_refund_is_not_called_a_cancellation(dropshipper: Any, status: str, word: str) -> None:
    order, _data = sent(dropshipper)
    follow.withdraw(order.pk, params={"status": status})
    with translation.override("en"):
        assert problems.sentence(order.problems.get()).startswith(word)
        assert timeline.sentence(order.events.get(code="cancelled_in_shop")).startswith(word)
