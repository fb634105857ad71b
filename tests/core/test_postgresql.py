"""The tenant in force reaches the database with each statement, in a transaction and out of one."""

from __future__ import annotations

import threading
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Dropshipper
from core import tenancy
from tests.threads import ended

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def both(dropshipper: Any, other_dropshipper: Any) -> tuple[int, int]:
    return dropshipper.pk, other_dropshipper.pk


def seen() -> set[int]:
    return set(Dropshipper.objects.values_list("pk", flat=True))


def said() -> tuple[str, str]:
    """The role and the setting as a statement of nobody in particular finds them, without our saying anything."""
    with connection.connection.cursor() as cursor:
        cursor.connection.said = tenancy.in_force()
        cursor.execute("SELECT current_user, coalesce(current_setting('mci.tenant', true), '')")
        return cursor.fetchone()


def test_out_of_a_transaction_each_statement_says_it_and_nothing_is_left(both):
    mine, his = both
    with tenancy.of(mine):
        assert seen() == {mine}
        with tenancy.of(his):
            assert seen() == {his}
        assert seen() == {mine}
    assert seen() == {mine, his}
    assert said() == ("mci_app", "")


def test_in_a_transaction_it_is_said_once_and_again_when_it_changes(both):
    mine, his = both
    with transaction.atomic():
        with tenancy.of(mine):
            assert seen() == seen() == {mine}
        assert seen() == {mine, his}
        with tenancy.of(his):
            assert seen() == {his}
    assert said() == ("mci_app", "")


@pytest.mark.parametrize("first", [True, False])
def test_a_savepoint_that_is_taken_back_takes_back_what_was_said_in_it(both, first):
    mine, his = both
    with transaction.atomic(), tenancy.of(mine):
        if first:
            assert seen() == {mine}
        with transaction.atomic():
            assert seen() == {mine}
            with tenancy.of(his):
                assert seen() == {his}
            transaction.set_rollback(True)
        assert seen() == {mine}
    assert seen() == {mine, his}


def test_a_statement_that_fails_leaves_no_wrong_belief(both):
    mine, his = both
    with transaction.atomic():
        with tenancy.of(mine), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert seen() == {mine, his}
        with tenancy.of(mine):
            assert seen() == {mine}


@pytest.mark.parametrize("inside", [True, False])
def test_cursors_on_the_server_show_the_tenants_rows(both, inside):
    mine, _his = both
    rows = Dropshipper.objects.order_by("pk").values_list("pk", flat=True)
    with tenancy.of(mine):
        if inside:
            with transaction.atomic():
                assert list(rows.iterator(chunk_size=1)) == [mine]
        else:
            assert list(rows.iterator(chunk_size=1)) == [mine]
    assert list(rows.iterator(chunk_size=1)) == list(both)
    assert said() == ("mci_app", "")


@pytest.mark.parametrize("tenant", [True, False])
def test_a_cursor_on_the_server_that_fails_leaves_no_transaction(both, tenant):
    # Django closes the cursor that never was, which is the driver's own error then, with a tenant and without.
    with tenancy.of(both[0] if tenant else tenancy.EVERYBODY), pytest.raises(psycopg2.errors.InvalidCursorName):
        list(Dropshipper.objects.extra(where=["1 / 0 = 1"]).iterator(chunk_size=1))
    assert seen() == set(both)
    assert connection.connection.get_transaction_status() == 0


def test_many_rows_at_once_are_the_tenants_too(both):
    mine, his = both
    with tenancy.of(mine), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE accounts_dropshipper SET status_reason = %s WHERE id = %s", [("x", mine), ("x", his)]
        )
    assert set(Dropshipper.objects.filter(status_reason="x").values_list("pk", flat=True)) == {mine}


def test_what_is_said_is_no_query_of_the_code(both):
    with CaptureQueriesContext(connection) as queries, tenancy.of(both[0]):
        assert seen() == {both[0]}
        with transaction.atomic():
            assert seen() == {both[0]}
    assert len([q for q in queries if q["sql"].startswith("SELECT")]) == 2
    assert not any("SET LOCAL" in query["sql"] for query in queries)


def test_another_thread_has_its_own(both):
    found: list[set[int]] = []

    def look() -> None:
        found.append(seen())
        connection.close()

    with tenancy.of(both[0]):
        thread = threading.Thread(target=look)
        thread.start()
        ended([thread])
    assert found == [set(both)], "a worker's thread is everybody's; a web server's is nobody's"


@pytest.mark.parametrize("tenant", ["1; DROP TABLE x", "1'", "x"])
def test_only_a_number_is_a_tenant(tenant):
    with pytest.raises(ValueError), tenancy.of(tenant):
        pass
