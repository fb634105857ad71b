"""The acts on a top-up, each with the whole row that it leaves and all that a refusal says; the request's key and its
payment reference, when they are taken."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from core.errors import ReasonMissing
from tests import cast
from tests.wallet.test_races import at_once
from tests.wallet.whole import KEY, asked
from wallet import topups
from wallet.errors import AmountOutOfRange, OtherAmount, TooManyTopUps, TopUpClosed
from wallet.models import Proposal, TopUp

pytestmark = pytest.mark.django_db


def row(made: TopUp) -> dict[str, Any]:
    """All of it; of a moment whether there is one, and that it is the present."""
    (found,) = TopUp.objects.filter(pk=made.pk).values()
    for name in ("created_at", "sent_at", "decided_at", "reversed_at"):
        assert found[name] is None or abs(timezone.now() - found[name]) < dt.timedelta(minutes=1)
        found[name] = found[name] is not None
    return found


def test_a_request_is_written_whole_and_once(dropshipper: Any, other_dropshipper: Any) -> None:
    person = cast.member(dropshipper)
    made = topups.request(dropshipper.pk, D("61.07"), key=KEY, by=person.pk)
    assert row(made) == {
        "id": made.pk,
        "key": KEY,
        "dropshipper_id": dropshipper.pk,
        "amount": D("61.07"),
        "causale": made.causale,
        "status": "requested",
        "reason": "",
        "requested_by_id": person.pk,
        "decided_by_id": None,
        "created_at": True,
        "sent_at": False,
        "decided_at": False,
        "reversed_by_id": None,
        "reversed_at": False,
    }
    assert re.fullmatch(r"MCI [2-9A-HJ-NP-Z]{4} [2-9A-HJ-NP-Z]{4}", made.causale)
    assert topups.request(dropshipper.pk, D("61.07"), key=KEY, by=cast.member(dropshipper).pk) == made
    with pytest.raises(OtherAmount) as other:
        asked(dropshipper, "61.08", key=KEY)
    assert other.value.params == {"amount": "61.07", "causale": made.causale}
    with pytest.raises(TooManyTopUps) as taken:  # the key is another company's: nothing is told of it
        asked(other_dropshipper, "61.07", key=KEY)
    assert taken.value.params == {"count": 5}
    assert TopUp.objects.count() == 1


def test_five_may_be_open_and_those_that_are_sent_are_open_too(dropshipper: Any, other_dropshipper: Any) -> None:
    gone = asked(dropshipper)
    topups.withdraw(gone.pk, by=gone.requested_by_id)
    made = [asked(dropshipper) for _n in range(5)]
    topups.mark_sent(made[2].pk)
    for _n in range(4):
        asked(other_dropshipper)
    for act in (lambda: asked(dropshipper), lambda: topups.reopen(gone.pk)):
        with pytest.raises(TooManyTopUps) as refused:
            act()
        assert refused.value.params == {"count": 5}
    asked(other_dropshipper)
    assert TopUp.objects.filter(dropshipper=dropshipper, status__in=["requested", "sent"]).count() == 5


def test_a_payment_reference_that_is_taken_is_drawn_again(dropshipper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times: the fifth draw is the last."""
    person = cast.member(dropshipper)
    drawn = iter("22222222" * 5 + "ABCDEFGH" + "2" * 40)
    monkeypatch.setattr(secrets, "choice", lambda letters: next(drawn))
    made = [asked(dropshipper, by=person).causale for _n in range(2)]
    assert made == ["MCI 2222 2222", "MCI ABCD EFGH"]
    with pytest.raises(TooManyTopUps):
        asked(dropshipper, by=person)
    assert list(drawn) == []


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_is_one_request(dropshipper: Any) -> None:
    person = cast.member(dropshipper).pk
    found = at_once([lambda: topups.request(dropshipper.pk, D("61.07"), key=KEY, by=person).pk] * 6)
    assert found == [TopUp.objects.get().pk] * 6


ACTS: dict[str, Callable[[TopUp, int], TopUp]] = {
    "sent": lambda made, by: topups.mark_sent(made.pk),
    "unsent": lambda made, by: topups.mark_unsent(made.pk),
    "reopen": lambda made, by: topups.reopen(made.pk),
    "withdraw": lambda made, by: topups.withdraw(made.pk, by=by),
    "credit": lambda made, by: topups.credit(made.pk, by=by),
    "reject": lambda made, by: topups.reject(made.pk, reason="  Mai arrivato  ", by=by),
}
# What each act makes of each state: status, whether it was sent, who decided, the reason. Or the state it is closed in.
OPEN = {
    ("requested", "sent"): ("sent", True, False, ""),
    ("requested", "unsent"): ("requested", False, False, ""),
    ("requested", "reopen"): ("requested", False, False, ""),
    ("requested", "withdraw"): ("withdrawn", False, True, ""),
    ("requested", "credit"): ("credited", False, True, ""),
    ("requested", "reject"): ("rejected", False, True, "Mai arrivato"),
    ("sent", "sent"): ("sent", True, False, ""),
    ("sent", "unsent"): ("requested", False, False, ""),
    ("sent", "reopen"): ("sent", True, False, ""),
    ("sent", "withdraw"): ("withdrawn", True, True, ""),
    ("sent", "credit"): ("credited", True, True, ""),
    ("sent", "reject"): ("rejected", True, True, "Mai arrivato"),
    ("withdrawn", "reopen"): ("requested", False, False, ""),
    ("withdrawn after sent", "reopen"): ("sent", True, False, ""),
}
STATES: dict[str, list[str]] = {
    "requested": [],
    "sent": ["sent"],
    "withdrawn": ["withdraw"],
    "withdrawn after sent": ["sent", "withdraw"],
    "credited": ["credit"],
    "rejected": ["sent", "reject"],
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", STATES)
def test_each_act_on_each_state(dropshipper: Any, state: str, act: str) -> None:
    made, beside = asked(dropshipper), asked(dropshipper, "71.03")
    first, second = cast.staff(), cast.staff()
    for step in STATES[state]:
        ACTS[step](made, first.pk)
    before, aside = row(made), row(beside)
    if wanted := OPEN.get((state, act)):
        done = ACTS[act](made, second.pk)
        status, sent, decided, reason = wanted
        after = {"status": status, "sent_at": sent, "decided_at": decided, "reason": reason}
        assert row(made) == {**before, **after, "decided_by_id": second.pk if decided else None}
        assert (done.pk, done.status) == (made.pk, status)
    elif (state.split()[0], act) == ("withdrawn", "withdraw"):
        assert ACTS[act](made, second.pk) == made
        assert row(made) == before
    else:
        same = {"credited": "credit", "rejected": "reject"}.get(state) == act
        with pytest.raises(topups.AlreadyDone if same else TopUpClosed) as refused:
            ACTS[act](made, second.pk)
        if same:
            assert refused.value.params["name"] == str(first)
        else:
            assert refused.value.params == {"status": made.Status(before["status"]).label}
        assert row(made) == before
    assert row(beside) == aside


def test_the_present_moment_is_when_it_was_first_sent(dropshipper: Any) -> None:
    made = asked(dropshipper)
    topups.mark_sent(made.pk)
    earlier = timezone.now() - dt.timedelta(hours=3)
    TopUp.objects.filter(pk=made.pk).update(sent_at=earlier)
    topups.mark_sent(made.pk)
    assert TopUp.objects.get().sent_at == earlier


@pytest.mark.parametrize("end", ["withdraw", "reject"])
def test_what_waited_for_a_second_person_ends_with_it_and_nothing_else_does(
    dropshipper: Any, settings: Any, end: str
) -> None:
    settings.SECOND_PERSON_ABOVE = D("50.00")
    made, beside = asked(dropshipper), asked(dropshipper, "71.03")
    clerk, other = cast.staff(), cast.staff()
    for one in (made, beside):
        topups.credit(one.pk, by=clerk.pk)
    ACTS[end](made, other.pk)
    rows = Proposal.objects.order_by("pk").values_list("reference", "state", "decided_by")
    assert list(rows) == [(made.reference, "refused", other.pk), (beside.reference, "waiting", None)]


def test_a_reason_is_there_and_is_cut(dropshipper: Any) -> None:
    made = asked(dropshipper)
    with pytest.raises(ReasonMissing):
        topups.reject(made.pk, reason=" \t ", by=cast.staff().pk)
    topups.reject(made.pk, reason=" " + "y" * 200 + "z", by=cast.staff().pk)
    assert TopUp.objects.get().reason == "y" * 200


@pytest.mark.parametrize("amount", ["0.99", "50000.01"])
def test_the_bounds_are_told(dropshipper: Any, amount: str) -> None:
    with pytest.raises(AmountOutOfRange) as refused:
        asked(dropshipper, amount)
    assert refused.value.params == {"low": "1.00", "high": "50000.00"}
