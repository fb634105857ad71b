"""A delivery that arrives as the database's connection is gone is stored all the same, and once."""

from __future__ import annotations

import hashlib

import pytest
from django.db import connection

from connectors.intake import receive
from connectors.models import Delivery
from tests import cast
from tests.connectors.conftest import make_shop


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_between_two_webhooks_costs_none() -> None:
    shop = make_shop(cast.dropshipper())
    row = (shop.pk, hashlib.sha256(b"x").digest(), "order.updated", "d-1", "{}", b"body")
    cut()
    receive._store(*row, again=False)
    assert Delivery.objects.count() == 1
    cut()
    receive._store(*row, again=False)
    assert [bytes(one) for one in Delivery.objects.values_list("body", flat=True)] == [b"body"]


def cut() -> None:
    """The server ends this thread's connection, as when it starts anew."""
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SET ROLE NONE")  # the application may end nobody
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        other.close()
