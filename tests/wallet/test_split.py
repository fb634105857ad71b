"""Money cut into pieces below the limit of the second person is one sum: of one clerk, for one wallet, within a day."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from contextlib import suppress
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.errors import AlreadyDone, DomainError
from tests import cast
from tests.meeting import halt
from tests.threads import ended
from wallet import adjustments, moves, second_person, topups
from wallet.models import Proposal
from wallet.queries import balances

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    settings.SECOND_PERSON_ABOVE = D("1000.00")


def give(dropshipper: Any, amount: str, by: Any, key: uuid.UUID | None = None) -> Proposal | None:
    return adjustments.adjust(dropshipper.pk, D(amount), reason="Scuse", key=key or uuid.uuid4(), by=by.pk)


def credit(dropshipper: Any, amount: str, by: Any) -> bool:
    """Whether it waits."""
    asker = cast.member(dropshipper)
    made = topups.request(dropshipper.pk, D(amount), key=uuid.uuid4(), by=asker.pk)
    return topups.credit(made.pk, by=by.pk).is_open


def test_the_second_piece_waits(dropshipper: Any) -> None:
    clerk = cast.staff("Contabilità")
    assert give(dropshipper, "1000.00", clerk) is None
    assert give(dropshipper, "0.01", clerk) is not None
    assert balances(dropshipper.pk).available == D("1000.00")


def test_credits_and_adjustments_up_and_down_are_one_sum(dropshipper: Any) -> None:
    clerk = cast.staff("Contabilità")
    assert not credit(dropshipper, "600.00", clerk)
    assert give(dropshipper, "-300.00", clerk) is None
    assert give(dropshipper, "100.00", clerk) is None
    assert credit(dropshipper, "1.00", clerk)


def test_another_clerk_another_wallet_and_another_day_are_other_sums(dropshipper: Any, other_dropshipper: Any) -> None:
    clerk, other = cast.staff("Contabilità"), cast.staff("Contabilità")
    yesterday = timezone.now() - dt.timedelta(hours=25)
    moves.adjust(dropshipper.pk, D("900.00"), "Ieri", clerk.pk, at=yesterday)
    assert give(dropshipper, "900.00", clerk) is None
    assert give(other_dropshipper, "900.00", clerk) is None
    assert give(dropshipper, "900.00", other) is None
    assert give(dropshipper, "900.00", clerk) is not None


def test_what_two_people_moved_counts_for_neither(dropshipper: Any) -> None:
    clerk, other = cast.staff("Contabilità"), cast.staff("Contabilità")
    large = give(dropshipper, "5000.00", clerk)
    assert large is not None
    adjustments.confirm(large.pk, by=other.pk)
    assert give(dropshipper, "900.00", clerk) is None
    assert give(dropshipper, "900.00", other) is None


def test_the_same_click_twice_is_no_second_piece(dropshipper: Any) -> None:
    clerk, key = cast.staff("Contabilità"), uuid.uuid4()
    assert give(dropshipper, "600.00", clerk, key) is None
    with pytest.raises(AlreadyDone):  # and says who did it
        give(dropshipper, "600.00", clerk, key)
    assert balances(dropshipper.pk).available == D("600.00")
    assert not Proposal.objects.exists()


def at_once(dropshipper: Any, clerk: Any) -> D:
    """Eight clicks of 900.00 in the same moment; what is on the wallet then."""
    gate = threading.Barrier(8)

    def click() -> None:
        gate.wait()
        with suppress(DomainError):
            give(dropshipper, "900.00", clerk)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    ended(threads)
    return balances(dropshipper.pk).available


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_once_move_what_one_may(dropshipper: Any) -> None:
    assert at_once(dropshipper, cast.staff("Contabilità")) == D("900.00")
    assert Proposal.objects.filter(state="waiting").count() == 7


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_they_move_more(dropshipper: Any, monkeypatch: Any) -> None:
    class Nothing:
        def execute(self, *_words: Any) -> None: ...

        def __enter__(self) -> Nothing:
            return self

        def __exit__(self, *_error: Any) -> None: ...

    asked, all_have_asked = second_person.needed, halt(8, guarded=False)

    def needed(*args: Any, **kwargs: Any) -> bool:
        answer = asked(*args, **kwargs)
        all_have_asked()
        return answer

    monkeypatch.setattr(second_person, "needed", needed)
    monkeypatch.setattr(second_person, "connection", type("Unlocked", (), {"cursor": staticmethod(Nothing)}))
    assert at_once(dropshipper, cast.staff("Contabilità")) > D("900.00")
