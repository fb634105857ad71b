"""Workers that die, and workers that work at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

import pytest
from django.db import connection

from connectors.intake import deliveries
from connectors.intake import receive as receiving
from connectors.models import Delivery, InboxOrder, Visit
from orders.models import Order
from tests.connectors.conftest import make_goods, make_shop, order_body, signed
from tests.processes import live_environment
from tests.threads import ended

DIES = """
import os, signal, django
django.setup()
from connectors.intake import deliveries, upsert
from orders import problems
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
{where} = die
deliveries.drain()
"""


def receive(shop: Any, count: int) -> None:
    for number in range(1, count + 1):
        body = json.dumps(order_body(number)).encode()
        headers = {name.lower(): value for name, value in signed(body, "order.created").items()}
        assert receiving.take("woocommerce", shop.key, headers, body)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["upsert.upsert", "problems.recompute", "deliveries._settle"])
def test_a_worker_killed_at_any_step_loses_nothing_and_leaves_nothing_half(dropshipper: Any, where: str) -> None:
    make_goods()
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    receive(shop, 3)
    died = subprocess.run(
        [sys.executable, "-c", DIES.format(where=where)],
        env=live_environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == -9, died.stderr.decode()[-2000:]
    assert set(Delivery.objects.values_list("state", "attempts")) == {("new", 1)}
    assert (InboxOrder.objects.count(), Order.objects.count()) == (0, 0)
    assert deliveries.drain() == 0  # the lease of the dead still holds
    Delivery.objects.update(lease_until="2020-01-01T00:00:00Z")
    assert deliveries.drain() == 0  # nor does its company's turn come back before its time
    Visit.objects.update(lease_until="2020-01-01T00:00:00Z")
    assert deliveries.drain() == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
    assert (InboxOrder.objects.count(), Order.objects.count()) == (3, 3)


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_share_the_work(dropshipper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_goods()
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    receive(shop, 60)
    tried: list[int] = []
    real = deliveries._attempt

    def note(delivery: Delivery, *args: Any) -> None:
        tried.append(delivery.pk)
        real(delivery, *args)

    monkeypatch.setattr(deliveries, "_attempt", note)

    def work() -> None:
        try:
            deliveries.drain()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert sorted(tried) == sorted(Delivery.objects.values_list("pk", flat=True))
    assert Order.objects.count() == 60


@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_a_hundred_times_at_once_is_one(dropshipper: Any) -> None:
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    body = json.dumps(order_body()).encode()
    headers = {name.lower(): value for name, value in signed(body, "order.created").items()}
    barrier, errors = threading.Barrier(10), []

    def send() -> None:
        try:
            barrier.wait()
            for _time in range(10):
                assert receiving.take("woocommerce", shop.key, headers, body)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _number in range(10)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert not errors
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_meanwhile_loses_no_webhook(dropshipper: Any, settings: Any) -> None:
    shop = make_shop(dropshipper, address="http://127.0.0.1:9")
    receive(shop, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    killer = connection.copy()
    killer.settings_dict.update(settings.OWNER_DATABASE)
    try:
        with killer.cursor() as cursor:
            cursor.execute("SET ROLE NONE")  # the application may end nobody
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        killer.close()
    body = json.dumps(order_body(99)).encode()
    headers = {name.lower(): value for name, value in signed(body, "order.created").items()}
    assert receiving.take("woocommerce", shop.key, headers, body)
    assert Delivery.objects.count() == 2
