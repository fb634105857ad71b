"""One company's slow shops hold few of the workers: the others are served meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from connectors.connect import attempts
from connectors.intake import deliveries, pull, rereading
from connectors.listings import compare, publishing
from connectors.models import ConnectAttempt, Delivery, Shop, ShopAsk, Visit
from connectors.news import sweep
from connectors.shops import asks, health, schedule, visits
from core import leases
from tests import cast
from tests.connectors.conftest import LONG_AGO, make_shop, order_body
from tests.meeting import meet
from tests.tarpit import Tarpit
from tests.threads import ended

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = 8  # shops of one company
DUE = dict.fromkeys(("pull_after", "news_after", "prove_after", "compare_after"), LONG_AGO)


@pytest.fixture
def slow(tarpit: str) -> list[Shop]:
    """Of one company, and due for longest."""
    company = cast.dropshipper("Lenta S.r.l.")
    return [make_shop(company, address=f"{tarpit}/{number}", **DUE) for number in range(SLOW)]


@pytest.fixture
def quick(slow: list[Shop]) -> Shop:
    """Of another company, due after all of them; nobody listens there, which is said at once."""
    later = {name: LONG_AGO + dt.timedelta(days=1) for name in DUE}
    return make_shop(cast.dropshipper("Svelta S.r.l."), address="http://127.0.0.1:9", **later)


@pytest.fixture
def uncapped(settings: Any) -> None:
    settings.COMPANY_TURNS = dict.fromkeys(settings.COMPANY_TURNS, 100)


def visits_of(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((pull, "VISIT_S"), (health, "VISIT_S"), (compare, "VISIT_S"), (rereading, "ASK_S")):
        monkeypatch.setattr(module, name, seconds)
    monkeypatch.setattr(attempts, "STEP_S", seconds)


@contextmanager
def workers(act: Callable[[], Any], pit: Tarpit, count: int = 2) -> Iterator[None]:
    """So many at once, which begin their sweeps a moment one after the other; let go and waited for at the end."""

    def work() -> None:
        try:
            act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(count)]
    for thread in threads:
        thread.start()
        time.sleep(0.2)
    try:
        yield
    finally:
        pit.let_go()
        ended(threads)


# ---- each kind of work, with two workers


def pulls(slow: list[Shop], quick: Shop) -> tuple[Callable[[], Any], Callable[[], bool]]:
    return lambda: pull.pull_due(budget_s=0.1), lambda: Shop.objects.get(pk=quick.pk).pull_failures > 0


def checks(slow: list[Shop], quick: Shop) -> tuple[Callable[[], Any], Callable[[], bool]]:
    Shop.objects.filter(pk=quick.pk).update(last_check_at=LONG_AGO)
    Shop.objects.exclude(pk=quick.pk).update(last_check_at=None)
    done = Shop.objects.filter(pk=quick.pk, last_check_at__gt=LONG_AGO)
    return lambda: health.check_due(budget_s=0.1), done.exists


def comparisons(slow: list[Shop], quick: Shop) -> tuple[Callable[[], Any], Callable[[], bool]]:
    Shop.objects.update(stock_on=True)
    done = Shop.objects.filter(pk=quick.pk, compare_after__gt=timezone.now())
    return lambda: compare.compare_due(budget_s=0.1), done.exists


def connections_made(slow: list[Shop], quick: Shop) -> tuple[Callable[[], Any], Callable[[], bool]]:
    for shop in [*slow, quick]:
        user = cast.member(shop.dropshipper)
        attempt = ConnectAttempt(
            token=f"t{shop.pk}",
            dropshipper=shop.dropshipper,
            by=user,
            platform="woocommerce",
            address=shop.address,
            phase="asked",
            expires_at=timezone.now() + dt.timedelta(hours=1),
            try_after=shop.pull_after,
        )
        attempt.sealed("form", {"address": shop.address, "mode": "keys", "consumer_key": "ck", "consumer_secret": "cs"})
        attempt.save()
    done = ConnectAttempt.objects.filter(dropshipper=quick.dropshipper, phase="failed")
    return lambda: attempts.advance_due(budget_s=0.1), done.exists


def asked(slow: list[Shop], quick: Shop) -> tuple[Callable[[], Any], Callable[[], bool]]:
    for shop in [*slow, quick]:
        asks.ask(shop, ShopAsk.What.TEST)
    done = ShopAsk.objects.filter(shop=quick, try_after=None)
    return lambda: asks.do_due(asks.QUICK, budget_s=0.1), done.exists


def orders(slow: list[Shop], quick: Shop) -> tuple[Callable[[], Any], Callable[[], bool]]:
    for number, shop in enumerate([*slow * 3, quick]):
        send(shop, number)
    done = Delivery.objects.filter(shop=quick).exclude(state="new")
    return lambda: deliveries.drain(budget_s=0.1), done.exists


def send(shop: Shop, number: int) -> Delivery:
    body = json.dumps(order_body(number)).encode()
    return Delivery.objects.create(
        shop=shop, dedupe=f"{number}".encode(), topic="order.created", body=body, try_after=shop.pull_after
    )


WORKS = [pulls, checks, comparisons, connections_made, asked, orders]


def served_within(seconds: float, done: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("work", WORKS)
def test_who_is_behind_eight_slow_shops_of_another_is_served_while_the_first_is_waited_for(
    work: Any, slow: list[Shop], quick: Shop, goods: Any, pit: Tarpit, monkeypatch: Any
) -> None:
    visits_of(10.0, monkeypatch)
    act, done = work(slow, quick)
    with workers(act, pit):
        assert served_within(8.0, done)


@pytest.mark.parametrize("work", WORKS)
def test_without_the_cap_he_waits(
    work: Any, slow: list[Shop], quick: Shop, goods: Any, pit: Tarpit, uncapped: None, monkeypatch: Any
) -> None:
    """The negative control: as many turns as anybody wants, and the order of time. It must wait out most of a
    visit."""
    visits_of(2.0, monkeypatch)
    monkeypatch.setattr(visits, "fair", lambda due, *_how: due)
    monkeypatch.setattr(visits, "in_turns", lambda rows, _company: list(rows))
    with ExitStack() as stack:
        stack.enter_context(in_order_of_time())
        act, done = work(slow, quick)
        with workers(act, pit):
            assert not served_within(1.4, done)


@contextmanager
def in_order_of_time() -> Iterator[None]:
    """Claims that do not look at who was served."""
    real = visits.Visits._due_rows

    def due_rows(self: Any, free: Any, most: int, token: Any) -> Any:
        sql, params = real(self, free, most, token)
        return re.sub(r'"connectors_visit"\."taken_at" ASC, ', "", sql), params

    visits.Visits._due_rows = due_rows  # type: ignore[method-assign]
    try:
        yield
    finally:
        visits.Visits._due_rows = real  # type: ignore[method-assign]


# ---- the order, with one worker


def test_with_one_worker_the_companies_are_served_in_turns(slow: list[Shop], quick: Shop) -> None:
    other = make_shop(cast.dropshipper("Terza S.r.l."), address="http://127.0.0.1:10", **DUE)
    order = []
    for _visit in range(5):
        claimed = pull._claim(None)
        assert claimed is not None
        order.append(claimed[0].pk)
        claimed[1].release(pull_after=timezone.now() + dt.timedelta(hours=1))
    assert set(order[:3]) == {slow[0].pk, quick.pk, other.pk}
    assert order[3:] == [slow[1].pk, slow[2].pk]


def test_a_list_begins_with_the_first_of_each(slow: list[Shop], quick: Shop) -> None:
    visits.make(quick.dropshipper_id)
    visits.make(slow[0].dropshipper_id)
    Visit.objects.filter(dropshipper=quick.dropshipper).update(taken_at=timezone.now())
    found = visits.fair(Shop.objects.order_by("pk"), visits.VISIT)
    assert [shop.pk for shop in found] == [*(shop.pk for shop in slow), quick.pk]
    in_turns = [shop.pk for shop in visits.in_turns(found, lambda shop: shop.dropshipper_id)]
    assert in_turns[:3] == [slow[0].pk, quick.pk, slow[1].pk]


def test_a_batch_of_deliveries_is_of_one_company(slow: list[Shop], quick: Shop) -> None:
    for number in range(6):
        send(slow[number % 2], number)
        send(quick, 100 + number)
    token, batch = deliveries.claim()
    assert {one.shop.dropshipper_id for one in batch} == {slow[0].dropshipper_id}
    assert len(batch) == 6
    _token, second = deliveries.claim()
    assert [one.shop_id for one in second] == [quick.pk] * 6
    assert deliveries.claim()[1] == []
    deliveries._WORK.ended(token)
    assert len(deliveries.claim(4)[1]) == 0  # they are leased
    Delivery.objects.filter(lease_token=token).update(lease_until=None, attempts=0)
    assert len(deliveries.claim(4)[1]) == 4


def test_deliveries_of_slow_shops_wait_and_others_are_read_by_the_only_worker(
    slow: list[Shop], quick: Shop, goods: Any, monkeypatch: Any
) -> None:
    """The shops are asked for their orders, in vain: each costs the worker its time once, and between two of them it is
    everybody's for three times as long."""
    visits_of(2.0, monkeypatch)
    for number, shop in enumerate(slow):
        for copy in range(3):
            send(shop, 10 * number + copy)
    began, waits = time.monotonic(), []
    for number in range(12):
        mine = send(quick, 1000 + number)
        sent = time.monotonic()
        while Delivery.objects.filter(pk=mine.pk, state="new").exists():
            deliveries.drain(limit=10, budget_s=0.1)
            assert time.monotonic() - sent < 20
        waits.append(time.monotonic() - sent)
        time.sleep(0.3)
    assert max(waits) < 5
    assert sorted(waits)[len(waits) // 2] < 1.5
    assert time.monotonic() - began < 40


# ---- turns are leases


def test_a_turn_comes_back_with_the_outcome_a_fault_and_a_killed_worker(slow: list[Shop], quick: Shop) -> None:
    work = visits.Visits(Shop, dt.timedelta(minutes=5), "pull", holds=dt.timedelta(seconds=80))
    due = Shop.objects.filter(dropshipper=slow[0].dropshipper).order_by("pk")

    def claim() -> leases.Lease:
        lease = work.claim(due)
        assert lease is not None
        assert work.claim(due) is None
        return lease

    claim().release()
    claim().give_back()
    with pytest.raises(ZeroDivisionError), leases.held(claim()):
        raise ZeroDivisionError
    lease = claim()
    held = Visit.objects.get(lease_token=lease.token)
    assert held.lease_until is not None
    assert held.lease_until - timezone.now() <= work.holds
    Visit.objects.filter(pk=held.pk).update(lease_until=LONG_AGO)  # its worker was killed
    claim()


def claims_at_once() -> int:
    """Of eight workers that claim in the same moment."""
    barrier, got = threading.Barrier(SLOW), []

    def claim() -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            got.append(pull._claim(None))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim) for _number in range(SLOW)]
    for thread in threads:
        thread.start()
    ended(threads)
    Shop.objects.update(pull_lease_until=None, pull_lease_token=None)
    Visit.objects.update(lease_until=None, lease_token=None)
    return sum(claimed is not None for claimed in got)


def test_workers_at_the_same_time_do_not_take_one_turn_twice(slow: list[Shop]) -> None:
    visits.make(slow[0].dropshipper_id)
    assert [claims_at_once() for _round in range(6)] == [1] * 6


def test_without_the_lock_on_the_turn_they_do(slow: list[Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    visits.make(slow[0].dropshipper_id)
    real = visits.Visits._due_rows

    def unlocked(self: Any, free: Any, most: int, token: Any) -> Any:
        sql, params = real(self, free, most, token)
        return sql.replace(', "connectors_visit" SKIP', " SKIP"), params

    monkeypatch.setattr(visits.Visits, "_due_rows", unlocked)
    assert max(claims_at_once() for _round in range(20)) > 1


def test_two_workers_of_one_company_share_its_deliveries(slow: list[Shop], settings: Any) -> None:
    """Else the second waits for the first and takes what is in his hands: the shop is asked twice, for one in vain."""
    settings.COMPANY_TURNS = {**settings.COMPANY_TURNS, visits.INTAKE: 2}
    visits.make(slow[0].dropshipper_id)
    sent = [send(slow[0], number).pk for number in range(6)]
    met = meet(*[lambda: [delivery.pk for delivery in deliveries.claim(3)[1]]] * 2)
    assert (met.first, met.second, met.waited) == (sent[:3], sent[3:], False)


def test_of_two_who_want_the_one_turn_of_a_company_one_has_it(slow: list[Shop]) -> None:
    """Else one company's slow shops hold two of the workers."""
    company = slow[0].dropshipper_id
    visits.make(company)
    hour = dt.timedelta(hours=1)
    met = meet(*[lambda: visits._take(company, visits.ASKED, uuid.uuid4(), hour)] * 2)
    assert (met.first, met.second, met.waited) == (True, False, False)


def test_more_turns_let_more_shops_be_read_at_once(slow: list[Shop], settings: Any) -> None:
    settings.COMPANY_TURNS = {**settings.COMPANY_TURNS, "visit": 3}
    assert [pull._claim(None) is not None for _claim in range(5)] == [True] * 3 + [False] * 2


def test_all_kinds_of_visits_share_the_turns_and_what_a_person_waits_for_has_its_own(slow: list[Shop]) -> None:
    assert pull._claim(None)
    due = Shop.objects.order_by("pk")
    assert schedule._WORK.claim(due) is None
    assert health._FAIR.claim(due) is None
    assert sweep._WORK.claim(due) is None
    assert publishing.advance_due() == 0
    with visits.turn(slow[0].dropshipper_id, visits.ASKED, holds=dt.timedelta(seconds=9)) as mine:
        assert mine
        with visits.turn(slow[0].dropshipper_id, visits.ASKED, holds=dt.timedelta(seconds=9)) as second:
            assert not second


def test_a_claim_is_one_statement(slow: list[Shop], django_assert_num_queries: Any) -> None:
    visits.make(slow[0].dropshipper_id)
    with django_assert_num_queries(1):
        lease = pull._FAIR.claim(Shop.objects.order_by("pk"))
    assert lease is not None
    with django_assert_num_queries(2):  # the row, the turn
        lease.release()


def test_a_plan_for_thousands_that_wait_looks_at_few(slow: list[Shop], quick: Shop) -> None:
    """A company that sends without an end does not make each claim read all that it sent."""
    rows = [Delivery(shop=slow[0], dedupe=f"{n}".encode(), topic="order.created", body=b"x") for n in range(6000)]
    Delivery.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE connectors_delivery")
    visits.make(slow[0].dropshipper_id)
    began = time.monotonic()
    for _claim in range(5):
        token, batch = deliveries.claim()
        assert len(batch) == deliveries.BATCH
        deliveries._WORK.ended(token)
    assert (time.monotonic() - began) / 5 < 0.2
