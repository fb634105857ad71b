"""No shop's list holds a worker for ever: one that goes round in a ring, one that takes half a minute for a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from connectors.errors import NoEnd
from connectors.intake import pull, reconcile
from connectors.listings import compare
from connectors.models import OrderProof, Shop
from connectors.platforms import platform
from connectors.platforms.base import Page, Seen, SeenPage
from connectors.platforms.goods import ProductPage
from connectors.shops import schedule
from tests.connectors.conftest import LONG_AGO, Ticking

pytestmark = pytest.mark.django_db
Clock = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """`clock(seconds)`: so long the shop took."""
    import time

    real, spent = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: real() + spent[0])

    def pass_by(seconds: float) -> None:
        spent[0] += seconds

    return pass_by


def endless(monkeypatch: pytest.MonkeyPatch, name: str, page: Callable[[int], Any], clock: Clock, takes: float) -> Any:
    """The shop's list has always another page; how many were asked for."""
    numbers = count(1)
    asked: list[int] = []

    def answer(*_args: Any) -> Any:
        asked.append(next(numbers))
        clock(takes)
        return page(asked[-1])

    monkeypatch.setattr(type(platform("woocommerce")), name, answer)
    return asked


@pytest.mark.parametrize("takes", [0.0, 29.0])
def test_a_proof_of_a_list_in_a_ring_ends_and_proves_nothing(
    takes: float, connected: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_MOST_PAGES", 40)
    now = timezone.now()
    asked = endless(monkeypatch, "orders_seen", lambda n: SeenPage([Seen(str(n % 2), now)], str(n)), clock, takes)
    with pytest.raises(NoEnd):
        reconcile.prove(connected)
    assert len(asked) <= (41 if not takes else 6)
    assert not OrderProof.objects.exists()
    Shop.objects.update(prove_after=LONG_AGO)
    assert reconcile.prove_due(budget_s=5) == 0
    assert Shop.objects.get().prove_after > now
    assert connected.events.filter(code="no_end").exists()


def test_a_comparison_of_a_list_in_a_ring_ends_and_drops_nothing(
    connected: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_MOST_PAGES", 10)
    before = connected.listings.count()
    asked = endless(monkeypatch, "products", lambda n: ProductPage([], str(n)), clock, 0.0)
    with pytest.raises(NoEnd):
        compare.compare(connected)
    assert (len(asked), connected.listings.count()) == (11, before)


def test_a_slow_shop_is_read_in_visits_that_end(
    connected: Any, fake: Ticking, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A visit of fifty pages at half a minute each held one of two workers for 25 minutes."""
    asked = endless(monkeypatch, "orders_since", lambda n: Page([], str(n), None), clock, 29.0)
    Shop.objects.update(pull_after=LONG_AGO)
    assert pull.pull_shop(connected.pk)
    assert len(asked) <= 4
    connected.refresh_from_db()
    assert (connected.pull_walk, connected.trouble, connected.pull_lease_token) == (str(asked[-1]), "", None)
    waits = connected.pull_after - timezone.now()  # it has used its time up: the others first, then it goes on there …
    assert (connected.slow_visits, waits > dt.timedelta(seconds=20)) == (1, True)
    Shop.objects.update(pull_after=LONG_AGO)
    assert pull.pull_shop(connected.pk)
    connected.refresh_from_db()
    assert connected.slow_visits == 2
    assert connected.pull_after - timezone.now() > waits  # … and each time longer


def test_a_look_back_that_takes_too_long_is_left_to_the_proof(
    connected: Any, fake: Ticking, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page(number: int) -> Page:
        return Page([], None if number == 1 else str(number), None)  # the changes are one page, the days have no end

    asked = endless(monkeypatch, "orders_since", page, clock, 29.0)
    Shop.objects.update(pull_after=LONG_AGO, look_back_after=LONG_AGO)
    assert pull.pull_shop(connected.pk)
    assert len(asked) <= 8
    connected.refresh_from_db()
    assert connected.trouble == ""
    assert connected.look_back_after > timezone.now()
    assert connected.events.filter(code="no_end").exists()


def test_a_shop_of_twenty_seconds_a_page_is_proved_all_the_same(
    connected: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = endless(monkeypatch, "orders_seen", lambda n: SeenPage([], None if n == 7 else str(n)), clock, 20.0)
    reconcile.prove(connected)
    assert len(asked) == 7
    assert OrderProof.objects.count() == 1


def test_a_slow_shop_is_mended_as_far_as_the_time_goes_and_read_anew_for_the_rest(
    connected: Any, fake: Ticking, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(30):
        fake.place_order([("SCN-00001", 1)])
    real, asked = type(platform("woocommerce")).order, []

    def slow(self: Any, access: Any, key: str) -> Any:
        asked.append(key)
        clock(8.0)
        return real(self, access, key)

    monkeypatch.setattr(type(platform("woocommerce")), "order", slow)
    Shop.objects.update(cursor=timezone.now())
    record = reconcile.prove(connected)
    assert len(asked) == connected.inbox.count() == 15
    assert not record.whole
    connected.refresh_from_db()
    assert connected.cursor is None
