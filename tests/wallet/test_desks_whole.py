"""The desks of money: what each act leaves in the row, in the answer and in its sentence, and what each page shows."""

from __future__ import annotations

import html
import re
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils.translation import gettext as _

from core.templatetags.mci import euro
from tests import cast
from tests.wallet.books import books, sale, top_up
from tests.wallet.pages import figures, next_page
from tests.wallet.whole import LIMIT, asked
from wallet import adjustments, moves, reversals, topups
from wallet.models import Proposal
from wallet.queries import balances

pytestmark = pytest.mark.django_db
DESK, ADJUST = "/wallet/desk/top-ups/", "/wallet/desk/adjustments/"
DONE = f"{DESK}?show=decided"


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    settings.SECOND_PERSON_ABOVE = LIMIT


@pytest.fixture
def clerk() -> Any:
    return cast.staff("Contabilità", name="Bruno Leoni")


@pytest.fixture
def other() -> Any:
    return cast.staff("Contabilità", name="Elena Rota")


def said(answer: Any) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(answer.wsgi_request)]


def words(sentence: str, amount: str, owner: Any) -> str:
    told = _(sentence) % {"amount": euro(D(amount)), "name": owner.name}
    return told.removesuffix(".") if told.endswith("..") else told


def main(page: Any) -> str:
    return html.unescape(page.content.decode().split("<main", 1)[1])


# ---- top-ups

WAITS = "%(amount)s for %(name)s now wait for a second person, who confirms them on this page."


@pytest.mark.parametrize(
    ("amount", "decision", "status", "sentence"),
    [
        ("61.07", "credit", "credited", "%(amount)s credited to %(name)s."),
        ("161.07", "credit", "requested", WAITS),
        ("61.07", "reject", "rejected", "The top-up of %(amount)s of %(name)s was rejected."),
        ("61.07", "take_back", "reversed", "%(amount)s taken back from %(name)s."),
        ("161.07", "take_back", "credited", "Taking back %(amount)s from %(name)s now waits for a second person."),
    ],
)
def test_each_decision_says_what_was_done(
    dropshipper: Any, clerk: Any, client_for: Any, amount: str, decision: str, status: str, sentence: str
) -> None:
    made, client = asked(dropshipper, amount), client_for(clerk)
    if decision == "take_back":
        topups._credit(made, by=cast.staff().pk)
    answer = client.post(DONE, {"top_up": made.pk, "decision": decision, "reason": "Mai arrivato"})
    made.refresh_from_db()
    assert (answer.status_code, answer.url, made.status) == (302, DONE, status)
    assert said(answer) == [("success", words(sentence, amount, dropshipper))]
    assert client.session.get("undo_top_up") == (made.pk if status == "credited" and decision == "credit" else None)
    if status in ("rejected", "reversed"):
        assert made.reason == "Mai arrivato"
        again = client.post(DONE, {"top_up": made.pk, "decision": decision, "reason": "y"})
        level, sentence = said(again)[-1]
        assert (again.status_code, level) == (302, "warning")
        assert sentence.startswith(f"{euro(D(amount))}, {dropshipper.name}: ")
        assert "Bruno Leoni" in sentence


def test_a_refusal_stands_on_the_page_beside_its_row(dropshipper: Any, clerk: Any, client_for: Any) -> None:
    first, made = asked(dropshipper), asked(dropshipper, "71.03")
    client = client_for(clerk)
    answer = client.post(DESK, {"top_up": made.pk, "decision": "reject", "reason": " "})
    shown = main(answer)
    assert answer.status_code == 422
    assert f"{euro(D('71.03'))}, {dropshipper.name}: " in shown.split('id="desk-error"')[1].split("</div>")[0]
    rows = shown.split('data-top-up="')
    assert [("<details open>" in row) for row in rows[1:]] == [False, True]
    assert figures(answer, "top-up") == [str(first.pk), str(made.pk)]

    for one in (first, made):
        topups.credit(one.pk, by=cast.staff().pk)
    moves.sell([sale(dropshipper), sale(dropshipper, "order:2", goods_net=D("40.00"))], by=None)  # 20.74, 48.74
    moves.adjust(dropshipper.pk, D("-10.00"), "x", None)
    answer = client.post(DONE, {"top_up": made.pk, "decision": "take_back", "reason": "Altro cliente"})
    rows = main(answer).split('data-top-up="')[1:]
    assert answer.status_code == 422
    shown_open = [('mci-sure" open' in row, 'value="Altro cliente"' in row) for row in rows]
    assert shown_open == [(True, True), (False, False)]
    nonsense = client.post(DONE, {"top_up": made.pk, "decision": "give"})
    assert nonsense.status_code == 422
    assert _("Credit or reject.") in main(nonsense).split('id="desk-error"')[1].split("</div>")[0]
    assert "open>" not in main(nonsense)
    assert 'id="desk-error"' not in main(client.get(DONE))


def test_the_undo_is_of_the_last_credit_once_and_while_it_stands(dropshipper: Any, clerk: Any, client_for: Any) -> None:
    one, two, three = (asked(dropshipper, amount) for amount in ("21.01", "22.03", "23.07"))
    client = client_for(clerk)
    for made in (one, two):
        client.post(DESK, {"top_up": made.pk, "decision": "credit"})
    refused = client.post(DESK, {"top_up": three.pk, "decision": "reject", "reason": ""})
    assert (refused.status_code, figures(refused, "undo")) == (422, [])  # it is not used up by that
    page = client.get(DONE)
    assert figures(page, "undo") == [str(two.pk)]
    offer = main(page).split("data-undo", 1)[1]
    assert euro(D("22.03")) in offer.split("</div>")[0]
    assert dropshipper.name in offer.split("</div>")[0]
    assert figures(client.get(DESK), "undo") == []

    client.post(DESK, {"top_up": three.pk, "decision": "credit"})
    reversals.take_back_top_up(three.pk, reason="x", by=cast.staff().pk)
    assert figures(client.get(DESK), "undo") == []


def test_who_may_only_reject_sees_no_other_button(dropshipper: Any, client_for: Any) -> None:
    waiting, credited = asked(dropshipper), asked(dropshipper, "31.01")
    topups.credit(credited.pk, by=cast.staff().pk)
    for may, inside, back in (
        (("reject_topup",), ['value="reject"'], False),
        (("credit_topup",), ['value="credit"'], True),
        ((), [], False),
    ):
        person = cast.staff("-")
        person.user_permissions.add(*map(cast.permission, ("view_topup", *may)))
        client = client_for(person)
        session = client.session
        session["undo_top_up"] = credited.pk
        session.save()
        page = main(client.get(DESK))
        assert re.findall(r'value="(?:credit|reject)"', page) == inside
        assert ("data-undo" in page) == back
        assert ('value="take_back"' in main(client.get(DONE))) == back
    assert waiting.is_open


# ---- adjustments


def form(owner: Any, amount: str = "12,51", **fields: Any) -> dict[str, Any]:
    return {"dropshipper": owner.pk, "key": str(uuid.uuid4()), "way": "give", "amount": amount,
            "reason": "Peso reale", "sure": "1", **fields}  # fmt: skip


def test_an_adjustment_is_read_once_more_and_then_done(dropshipper: Any, clerk: Any, client_for: Any) -> None:
    top_up(dropshipper, "90.01")
    client, fields = client_for(clerk), form(dropshipper, way="take")
    new = client.get(f"{ADJUST}?dropshipper={dropshipper.pk}")
    assert figures(new, "balance") == ["90.01"]
    key = re.findall(r'name="key" value="([^"]+)"', main(new))
    assert [uuid.UUID(text).version for text in key] == [4]
    assert "data-asks" not in main(new)

    for sure in ("", "x"):
        asks = client.post(ADJUST, {**fields, "sure": sure})
        assert asks.status_code == 200
        shown = main(asks).split("data-asks", 1)[1]
        told = [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall(r"<dd.*?</dd>", shown)]
        assert told[0] == dropshipper.name
        assert told[1].replace("\u2212", "-").startswith("-12,51")
        assert re.findall(r"[\d,]+", told[2]) == ["90,01", "77,50"]
        assert told[3] == "Peso reale"
        assert f'value="{fields["key"]}"' in shown
    changing = client.post(ADJUST, {**fields, "sure": "0"})
    assert (changing.status_code, "data-asks" in main(changing)) == (422, False)
    assert 'value="12,51"' in main(changing)
    assert balances(dropshipper.pk).available == D("90.01")

    done = client.post(ADJUST, fields)
    assert (done.status_code, done.url) == (302, ADJUST)
    assert said(done) == [("success", words("%(amount)s for %(name)s: done.", "-12.51", dropshipper))]
    again = client.post(ADJUST, fields)
    level, sentence = said(again)[-1]
    assert (again.status_code, again.url, level) == (302, ADJUST, "warning")
    assert "Bruno Leoni" in sentence
    waits = client.post(ADJUST, form(dropshipper, "212,12"))
    assert (waits.url, said(waits)[-1]) == (ADJUST, ("success", words(WAITS, "212.12", dropshipper)))
    refused = client.post(ADJUST, form(dropshipper, "80,00", way="take"))
    assert refused.status_code == 422
    assert "2,50" in main(refused)  # what is missing
    assert balances(dropshipper.pk).available == D("77.50")

    page = client.get(ADJUST)
    waiting = Proposal.objects.get()
    assert figures(page, "adjustment") == [f"adjustment:{fields['key']}"]
    assert figures(page, "proposal") == [str(waiting.pk)]
    assert "<form" not in main(page).split("mci-desk-row")[0]


def test_a_form_without_a_reseller_is_none(dropshipper: Any, clerk: Any, client_for: Any) -> None:
    client, before = client_for(clerk), books()
    for nonsense in ("", "x", "９", "-1", "1" * 18, "9" * 19, "9" * 30, str(dropshipper.pk + 77)):
        page = client.get(ADJUST, {"dropshipper": nonsense})
        assert (page.status_code, 'name="amount"' in main(page)) == (200, False)
        assert "status=active" in main(page)
        refused = client.post(ADJUST, form(dropshipper, dropshipper=nonsense))
        assert (refused.status_code, 'name="amount"' in main(refused)) == (422, False)
    posted = client.post(f"{ADJUST}?dropshipper={dropshipper.pk}", {"amount": "x"})
    assert (posted.status_code, 'name="amount"' in main(posted)) == (422, True)
    assert books() == before


def test_who_may_look_at_the_books_adjusts_nothing(dropshipper: Any, client_for: Any, clerk: Any) -> None:
    moves.adjust(dropshipper.pk, D("9.01"), "Prima", None)
    adjustments.adjust(dropshipper.pk, D("212.12"), reason="x", key=uuid.uuid4(), by=clerk.pk)
    person = cast.staff("-")
    person.user_permissions.add(cast.permission("view_entry"))
    client = client_for(person)
    page = main(client.get(f"{ADJUST}?dropshipper={dropshipper.pk}"))
    assert "Prima" in page
    assert "data-proposal" in page
    assert not re.search(r'name="amount"|value="confirm"|status=active', page)
    before = books()
    assert client.post(ADJUST, form(dropshipper)).status_code == 403
    assert books() == before


def test_adjustments_come_newest_first_page_by_page(dropshipper: Any, clerk: Any, client_for: Any) -> None:
    for n in range(53):
        moves.adjust(dropshipper.pk, D(n + 1), f"n{n}", None)
    client = client_for(clerk)
    first = client.get(ADJUST)
    second = client.get(ADJUST + next_page(first))
    told = [re.findall(r"<td class=\"t-who mci-wrap\">(n\d+)<", main(page)) for page in (first, second)]
    assert told == [[f"n{n}" for n in range(52, 2, -1)], ["n2", "n1", "n0"]]


# ---- the second person


@pytest.mark.parametrize("kind", ["top_up", "adjustment", "top_up_reversal"])
def test_the_second_person_is_told_what_his_word_did_and_where(
    dropshipper: Any, clerk: Any, other: Any, client_for: Any, kind: str
) -> None:
    desk = DESK if kind == "top_up" else ADJUST
    amount = "-131.07" if kind == "top_up_reversal" else "131.07"
    made = asked(dropshipper, "131.07")

    def propose() -> Proposal:
        if kind == "adjustment":
            adjustments.adjust(dropshipper.pk, D("131.07"), reason="x", key=uuid.uuid4(), by=clerk.pk)
        elif kind == "top_up":
            topups.credit(made.pk, by=clerk.pk)
        else:
            reversals.take_back_top_up(made.pk, reason="x", by=clerk.pk)
        return Proposal.objects.get(state="waiting")

    def say(person: Any, word: str, pk: int) -> tuple[str, str]:
        answer = client_for(person).post(f"/wallet/desk/second/{pk}/", {"decision": word})
        assert (answer.status_code, answer.url) == (302, desk)
        ((level, sentence),) = said(answer)
        return level, sentence

    if kind == "top_up_reversal":
        topups._credit(made, by=cast.staff().pk)
    asks = propose().pk
    assert say(other, "maybe", asks) == ("error", _("Confirm or refuse."))
    assert say(clerk, "confirm", asks)[0] == "error"
    refused = words("%(amount)s for %(name)s: not confirmed, nothing was moved.", amount, dropshipper)
    assert say(other, "refuse", asks) == ("success", refused)
    level, sentence = say(clerk, "refuse", asks)
    assert (level, "Elena Rota" in sentence) == ("warning", True)
    asks = propose().pk
    confirmed = words("%(amount)s for %(name)s: confirmed.", amount, dropshipper)
    assert say(other, "confirm", asks) == ("success", confirmed)
    level, sentence = say(other, "confirm", asks)
    assert (level, "Elena Rota" in sentence) == ("warning", True)
    assert say(other, "refuse", asks)[0] == "error"
    assert Proposal.objects.get(pk=asks).decided_by == other
    assert balances(dropshipper.pk).available == (0 if kind == "top_up_reversal" else D("131.07"))


def test_what_another_room_confirms_is_not_for_this_page(
    dropshipper: Any, clerk: Any, other: Any, client_for: Any
) -> None:
    top_up(dropshipper, "200.00")
    moves.sell([sale(dropshipper, cod=True, guarantee=D("101.01"))], by=None)
    moves.remit("order:1", by=None)
    reversals.take_back_remittance("order:1", reason="x", by=clerk.pk)
    waiting = Proposal.objects.get()
    answer = client_for(other).post(f"/wallet/desk/second/{waiting.pk}/", {"decision": "confirm"})
    assert answer.status_code == 404
    assert Proposal.objects.get().state == "waiting"
    page = main(client_for(other).get(ADJUST))
    assert "data-proposal" in page
    assert 'value="confirm"' not in page
