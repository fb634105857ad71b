"""Questions, conflicts and alerts of an order: what the page shows, what each button does, and for whom."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import translation

from core.errors import DomainError
from orders import problems, timeline
from orders.errors import NotEditable, StaleEdit
from orders.intake import follow
from orders.models import Order, Problem
from orders.questions import conflicts, questions
from tests import cast
from tests.orders import stage
from tests.orders.test_detail_page import page_of
from tests.orders.test_dispatch import sync

pytestmark = pytest.mark.django_db
FROM_SHOP = {"source": "woocommerce", "source_label": "casalinda.it", "source_number": "77"}


@pytest.fixture
def asked(dropshipper: Any) -> Order:
    """A shop's order that waits for an answer about a refund."""
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    doubt = problems.Doubt("partly_refunded", "", {"amount": "5.00"})
    return stage.order(dropshipper, ("MCI-1", 1), method=method, doubts=[doubt], **FROM_SHOP)


def conflict(order: Order, field: str, mine: str, theirs: str) -> Problem:
    """As intake leaves it: here stands `mine`, the shop's last word is `theirs`."""
    params = {"field": field, "mine": mine, "theirs": theirs}
    row = Problem.objects.create(order=order, code="conflict", subject=field, params=params)
    Order.objects.filter(pk=order.pk).update(state="received", **{field: mine})
    order.refresh_from_db()
    if field == "to_collect":
        order.shop_data["payment"] = ["cod", "", "", theirs]
    else:
        told = dict(zip(conflicts.TEXTS, order.shop_data["address"], strict=True)) | {field: theirs}
        order.shop_data["address"] = [told[name] for name in conflicts.TEXTS]
    order.save()
    return row


def fields_of(page: str, button: str) -> dict[str, str]:
    """The hidden fields of the form with this button."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if button in one)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def said(answer: Any) -> str:
    """What the reader is told after the click."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def italian(error: DomainError) -> str:
    with translation.override("it"):
        return str(error)


# ---- questions


def test_one_click_answers_a_question_and_a_second_finds_it_settled(asked: Order, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    form = fields_of(page_of(client, asked), "data-answer")

    first = client.post(reverse("orders:answer", args=[asked.pk]), form)
    second = client.post(reverse("orders:answer", args=[asked.pk]), form)
    assert said(first) != said(second)

    asked.refresh_from_db()
    assert (asked.state, asked.answered) == ("ready", [["partly_refunded", "", {"amount": "5.00"}]])
    assert page_of(client, asked).count('data-event="answered"') == 1


def test_the_answer_is_to_the_question_that_was_shown(asked: Order, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    form = fields_of(page_of(client, asked), "data-answer")
    follow.refresh(
        asked.pk, stage.data(("MCI-1", 1), doubts=[problems.Doubt("partly_refunded", "", {"amount": "30.00"})],
                             total="9.90", **FROM_SHOP)
    )  # fmt: skip

    answer = client.post(reverse("orders:answer", args=[asked.pk]), form)

    assert said(answer) == italian(StaleEdit(number=asked.number))
    asked.refresh_from_db()
    assert (asked.state, asked.answered) == ("received", [])
    with pytest.raises(StaleEdit):
        questions.answer(asked.pk, "partly_refunded", "", by=owner.pk, seen=form["seen"])


def test_what_is_no_question_cannot_be_answered_away(asked: Order, owner: Any, client_for: Any) -> None:
    Problem.objects.create(order=asked, code="unknown_sku", subject="X", params={"sku": "X"})
    client = client_for(owner)
    for code, subject in (("unknown_sku", "X"), ("nonsense", ""), ("", ""), ("partly_refunded", "a\0b"), ("\0", "")):
        answer = client.post(reverse("orders:answer", args=[asked.pk]), {"code": code, "subject": subject})
        assert answer.status_code == (400 if "\0" in code + subject else 302)  # refused at the edge
    assert set(asked.problems.values_list("code", flat=True)) == {"unknown_sku", "partly_refunded"}
    form = re.findall(r'data-problem="unknown_sku".*?</div>\s*</div>', page_of(client, asked), re.DOTALL)[0]
    assert "data-answer" not in form


def test_a_sent_order_is_not_answered_any_more(asked: Order, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    form = fields_of(page_of(client, asked), "data-answer")
    follow.withdraw(asked.pk)
    answer = client.post(reverse("orders:answer", args=[asked.pk]), form)
    assert said(answer) == italian(NotEditable(number=asked.number))
    with pytest.raises(NotEditable):
        conflicts.take(asked.pk, "phone", "mine", by=owner.pk)


# ---- conflicts


def test_both_words_stand_side_by_side_and_either_is_taken(asked: Order, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    questions.answer(asked.pk, "partly_refunded", "", by=owner.pk)
    conflict(asked, "phone", "+393330000001", "+393330000002")
    page = page_of(client, asked)
    assert re.findall(r"data-(mine|theirs)>([^<]*)<", page) == [("mine", "+393330000001"), ("theirs", "+393330000002")]
    form = fields_of(page, 'name="side"')
    version = asked.version

    first = client.post(reverse("orders:take", args=[asked.pk]), form | {"side": "theirs"})
    second = client.post(reverse("orders:take", args=[asked.pk]), form | {"side": "mine"})

    assert said(first) != said(second)
    asked.refresh_from_db()
    assert (asked.phone, asked.state, asked.version > version) == ("+393330000002", "ready", True)
    event = asked.events.get(code="conflict_taken")
    assert event.params["changes"] == [["phone", "+393330000001", "+393330000002"]]
    with translation.override("en"):
        assert timeline.sentence(event) == "Changed here and in the shop, the shop's word was taken: phone"


def test_what_stands_here_can_be_kept(asked: Order, owner: Any, client_for: Any) -> None:
    conflict(asked, "street", "Via Mia 1", "Via Loro 2")
    assert conflicts.take(asked.pk, "street", "mine", by=owner.pk)
    asked.refresh_from_db()
    assert asked.street == "Via Mia 1"
    assert not asked.problems.filter(code="conflict").exists()
    assert asked.events.filter(code="conflict_kept").count() == 1


@pytest.mark.parametrize(("told", "collected"), [("25.00", "25.00"), ("None", "39.90")])
def test_the_amount_at_the_door_is_taken_from_the_shop(dropshipper: Any, owner: Any, told: str, collected: str) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), payment="cod", **FROM_SHOP)
    conflict(order, "to_collect", "30.00", told)
    assert conflicts.take(order.pk, "to_collect", "theirs", by=owner.pk)
    order.refresh_from_db()
    assert order.to_collect == Decimal(collected)


def test_a_conflict_that_became_another_one_is_not_decided(asked: Order, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    row = conflict(asked, "note", "Suonare due volte", "Lasciare al bar")
    form = fields_of(page_of(client, asked), 'name="side"')
    Problem.objects.filter(pk=row.pk).update(params={**row.params, "theirs": "Lasciare in portineria"})
    answer = client.post(reverse("orders:take", args=[asked.pk]), form | {"side": "theirs"})
    assert said(answer) == italian(StaleEdit(number=asked.number))
    asked.refresh_from_db()
    assert asked.note == "Suonare due volte"


def test_a_long_word_of_the_shop_is_cut_to_what_fits_and_nonsense_changes_nothing(asked: Order, owner: Any) -> None:
    conflict(asked, "city", "Torino", "Q" * 500)
    for field, side in (("city", "ours"), ("state", "theirs"), ("pk", "theirs"), ("", "")):
        assert not conflicts.take(asked.pk, field, side, by=owner.pk)
    assert conflicts.take(asked.pk, "city", "theirs", by=owner.pk)
    asked.refresh_from_db()
    assert asked.city == "Q" * 80


# ---- alerts


def test_what_changed_in_the_shop_is_shown_old_and_new(asked: Order, owner: Any, staff: Any, client_for: Any) -> None:
    questions.answer(asked.pk, "partly_refunded", "", by=owner.pk)
    sync(asked)
    rows = [["phone", "333", "334"], ["total", "39.90", "1234.50"], ["note", "", "Piano <b>2</b>"]]
    Problem.objects.create(order=asked, code="changed_in_shop", blocking=False, params={"changes": rows})
    timeline.record(asked.pk, "changed_in_shop", sections=["address"], changes=rows)
    desk = client_for(staff).get(reverse("orders:desk_order", args=[asked.pk])).content.decode()
    for page, tables in ((page_of(client_for(owner), asked), 2), (desk, 2)):
        assert page.count("data-changes") == tables
        assert "<del>333</del></td><td><ins>334</ins>" in page
        assert "<del>39,90 €</del></td><td><ins>1.234,50 €</ins>" in page
        assert "<del>–</del></td><td><ins>Piano &lt;b&gt;2&lt;/b&gt;</ins>" in page


@pytest.fixture
def owes_less(dropshipper: Any) -> Order:
    """A COD parcel to pick, over 39.90, of which the customer owes 25.00 now."""
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method, payment="cod", **FROM_SHOP)
    sync(order)
    Problem.objects.create(order=order, code="owes_less", blocking=False, params={"owed": "25.00", "collect": "39.90"})
    return order


def test_one_click_lowers_what_is_collected_and_two_are_one(owes_less: Order, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    page = page_of(client, owes_less)
    form = fields_of(page, "data-lower")
    for _click in range(2):
        answer = client.post(reverse("orders:lower_collect", args=[owes_less.pk]), form)
    assert "25,00" in said(answer)
    owes_less.refresh_from_db()
    assert owes_less.to_collect == Decimal("25.00")
    assert owes_less.events.filter(code="collect_lowered").count() == 1
    assert "data-alert" not in page_of(client, owes_less)


@pytest.mark.parametrize("amount", ["24.99", "39.90", "0.00", "-1.00", "", "abc", "1e3", "NaN"])
def test_only_the_amount_that_was_shown_is_lowered_to(
    owes_less: Order, owner: Any, client_for: Any, amount: str
) -> None:
    client_for(owner).post(reverse("orders:lower_collect", args=[owes_less.pk]), {"amount": amount})
    owes_less.refresh_from_db()
    assert owes_less.to_collect == Decimal("39.90")


def test_a_parcel_that_left_has_no_such_button(owes_less: Order, owner: Any, client_for: Any) -> None:
    from orders.fulfilment import parcels

    client = client_for(owner)
    form = fields_of(page_of(client, owes_less), "data-lower")
    parcels.mark_packed(owes_less.pk, by=None)
    assert "data-lower" in page_of(client, owes_less)
    parcels.mark_shipped(owes_less.pk, tracking_number="T1", by=None)
    assert "data-lower" not in page_of(client, owes_less)
    client.post(reverse("orders:lower_collect", args=[owes_less.pk]), form)
    owes_less.refresh_from_db()
    assert owes_less.to_collect == Decimal("39.90")


def test_nothing_owed_any_more_is_said_in_words(owes_less: Order, owner: Any, client_for: Any) -> None:
    owes_less.problems.update(params={"owed": "0.00", "collect": "39.90"})
    client = client_for(owner)
    page = page_of(client, owes_less)
    client.post(reverse("orders:lower_collect", args=[owes_less.pk]), fields_of(page, "data-lower"))
    owes_less.refresh_from_db()
    assert owes_less.payment == "prepaid"


# ---- what the customer wrote


def test_the_packer_reads_engravings_and_wishes_and_the_reseller_also_the_fiscal_data(
    asked: Order, owner: Any, staff: Any, client_for: Any
) -> None:
    questions.answer(asked.pk, "partly_refunded", "", by=owner.pk)
    asked.lines.update(attributes=[["Incisione", "Per <Ada>"]], bundle="Kit officina")
    Order.objects.filter(pk=asked.pk).update(
        fiscal={"tax_code": "RSSGLI80A41L219X", "sdi_code": "ABC1234", "pec": ""},
        details=[["Fascia oraria", "Dopo le 18"]],
    )
    sync(asked)
    page = page_of(client_for(owner), asked)
    parcel = client_for(staff).get(reverse("orders:desk_order", args=[asked.pk])).content.decode()
    desk = client_for(staff).get(reverse("orders:desk")).content.decode()
    for shown in (page, parcel):
        assert "<dt>Incisione</dt><dd>Per &lt;Ada&gt;</dd>" in shown
        assert "Kit officina" in shown
        assert "Dopo le 18" in shown
    assert re.search(r"data-personal>Incisione: <b>Per &lt;Ada&gt;</b>", desk)
    assert re.findall(r"<dd>(RSSGLI80A41L219X|ABC1234)</dd>", page) == ["RSSGLI80A41L219X", "ABC1234"]
    assert "PEC" not in page
    assert "RSSGLI80A41L219X" not in parcel


# ---- for whom

ACTS = [
    ("answer", {"code": "partly_refunded", "subject": ""}),
    ("take", {"field": "phone", "side": "theirs"}),
    ("lower_collect", {"amount": "25.00"}),
]


def traces(order: Order) -> Any:
    row = Order.objects.filter(pk=order.pk).values().get()
    return row, list(order.problems.order_by("pk").values()), order.events.count()


@pytest.mark.parametrize(("act", "form"), ACTS)
def test_a_strangers_order_is_not_there(
    asked: Order, other_dropshipper: Any, client_for: Any, client: Any, act: str, form: dict[str, str]
) -> None:
    conflict(asked, "phone", "1", "2")
    before = traces(asked)
    address = reverse(f"orders:{act}", args=[asked.pk])
    assert client_for(cast.member(other_dropshipper)).post(address, form).status_code == 404
    assert client.post(address, form).status_code in (302, 403)
    assert traces(asked) == before


@pytest.mark.parametrize(("act", "form"), ACTS)
def test_accounting_looks_and_does_not_answer(
    asked: Order, dropshipper: Any, client_for: Any, act: str, form: dict[str, str]
) -> None:
    conflict(asked, "phone", "1", "2")
    before = traces(asked)
    client = client_for(cast.member(dropshipper, role="accounting"))
    page = page_of(client, asked)
    assert "data-mine" in page
    assert "data-answer" not in page
    assert 'name="side"' not in page
    assert client.post(reverse(f"orders:{act}", args=[asked.pk]), form).status_code == 403
    assert traces(asked) == before
    assert client.get(reverse(f"orders:{act}", args=[asked.pk])).status_code in (403, 405)
