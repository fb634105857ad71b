"""core/leases.py: one worker at a row, by the database's clock."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from connectors.models import Delivery, Shop
from core import leases
from core.errors import TryLater
from tests import cast
from tests.connectors.conftest import LONG_AGO, make_shop
from tests.threads import ended

pytestmark = pytest.mark.django_db(transaction=True)
WORK = leases.Work(Shop, dt.timedelta(minutes=5), "pull")
DUE = Shop.objects.order_by("pull_after", "pk")


def shops(count: int) -> list[Any]:
    seller = cast.dropshipper()
    return [make_shop(seller, address=f"https://{n}.example.it", pull_after=LONG_AGO) for n in range(count)]


def in_threads(*acts: Any) -> list[Any]:
    results: list[Any] = [None] * len(acts)

    def one(index: int, act: Any) -> None:
        try:
            results[index] = act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    ended(threads)
    return results


def test_a_row_is_claimed_once_and_the_first_that_is_due_first() -> None:
    first, second = shops(2)
    Shop.objects.filter(pk=second.pk).update(pull_after=LONG_AGO - dt.timedelta(days=1))
    one, two = WORK.claim(DUE), WORK.claim(DUE)
    assert one is not None
    assert two is not None
    assert (one.pk, two.pk) == (second.pk, first.pk)
    assert WORK.claim(DUE) is None
    assert Shop.objects.get(pk=one.pk).pull_lease_token == one.token


def test_only_as_many_rows_are_claimed_as_were_asked_for() -> None:
    """A subquery that names the outer row's id would take them all."""
    found = shops(5)
    token, ids = WORK.claim_many(DUE, 2, pull_failures=7)
    assert len(ids) == 2
    assert list(Shop.objects.filter(pull_lease_token=token).values_list("pull_failures", flat=True)) == [7, 7]
    assert Shop.objects.filter(pull_lease_token=None).count() == len(found) - 2
    assert WORK.claim_many(DUE.filter(pk__in=[]), 2)[1] == []


def test_workers_at_the_same_time_share_the_rows() -> None:
    found = shops(12)
    got = in_threads(*[lambda: WORK.claim_many(DUE, 3)[1]] * 4)
    assert sorted(pk for ids in got for pk in ids) == sorted(shop.pk for shop in found)


def test_a_row_that_somebody_holds_is_passed_over_and_not_waited_for() -> None:
    first, second = shops(2)
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=first.pk)
        [lease] = in_threads(lambda: WORK.claim(DUE))
    assert lease.pk == second.pk


def test_what_was_taken_over_is_not_written_any_more() -> None:
    shops(1)
    old = WORK.claim(DUE)
    Shop.objects.update(pull_lease_until=LONG_AGO)
    new = WORK.claim(DUE)
    assert old is not None
    assert new is not None
    assert not old.renew(cursor=timezone.now())
    assert not old.release(pull_failures=9)
    old.give_back()
    shop = Shop.objects.get()
    assert (shop.cursor, shop.pull_failures, shop.pull_lease_token) == (None, 0, new.token)


@pytest.mark.parametrize(
    ("error", "waits"),
    [(ValueError(), True), (TryLater(), False), (leases.LeaseLost(), False), (SystemExit(), False)],
)
def test_a_lease_is_given_back_however_the_block_ends(error: BaseException, waits: bool) -> None:
    """A fault puts the row off for a short while; an outcome, and a worker that is told to stop, do not."""
    shops(1)
    lease = WORK.claim(DUE)
    assert lease is not None
    with pytest.raises(type(error)), leases.held(lease):
        raise error
    shop = Shop.objects.get()
    assert shop.pull_lease_token is None
    assert (shop.pull_lease_until is not None) == waits
    assert (WORK.claim(DUE) is None) == waits


def wait_in_vain(lease: leases.Lease) -> None:
    with leases.held(lease), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
        cursor.execute("SELECT pg_advisory_xact_lock(77)")


def be_cut(lease: leases.Lease, pid: int) -> None:
    other = connection.copy()
    with leases.held(lease):
        with other.cursor() as cursor:
            cursor.execute("SET ROLE NONE")  # the application may end nobody
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.close()
        Shop.objects.count()


def test_a_lease_is_given_back_after_a_lock_timeout_and_soon_taken_again() -> None:
    [shop] = shops(1)
    lease = WORK.claim(DUE)
    assert lease is not None
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(77)")
        with pytest.raises(DatabaseError):
            wait_in_vain(lease)
    other.close()
    shop.refresh_from_db()
    assert shop.pull_lease_token is None
    assert shop.pull_lease_until - timezone.now() <= leases.SOON


def test_a_lease_is_given_back_over_another_connection_where_its_own_was_cut() -> None:
    shops(1)
    lease = WORK.claim(DUE)
    assert lease is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with pytest.raises(DatabaseError):
        be_cut(lease, pid)
    assert Shop.objects.get().pull_lease_token is None


def test_a_due_date_by_default_is_the_databases_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop made by a server whose clock is minutes ahead is due at once all the same."""
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + dt.timedelta(minutes=10))
    shop = make_shop(cast.dropshipper())
    Delivery.objects.create(shop=shop, dedupe=b"1", topic="order.created", body=b"{}")
    assert Shop.objects.filter(pull_after__lte=leases.now(), news_after__lte=leases.now()).count() == 1
    assert Delivery.objects.filter(try_after__lte=leases.now()).count() == 1
