"""A database that is busy, or away for a moment, is waited for: no fault, nothing lost, nothing twice."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from django.db import Error, IntegrityError, OperationalError, connection, connections, transaction
from django.test import Client
from django.utils import translation

from connectors.intake import deliveries, receive
from connectors.models import Delivery
from core import busy, leases
from orders.dispatch import runs
from orders.models import DispatchItem, Order
from tests import cast
from tests.connectors.conftest import make_goods, make_shop, order_body, signed
from tests.orders import stage
from wallet.models import TopUp
from wallet.queries import balances

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def held(order: Order) -> Iterator[Callable[[], None]]:
    """Somebody else has the order's row, until the block ends or `let_go()` is called."""
    other = connection.copy()
    cursor = other.cursor()
    cursor.execute("BEGIN")
    cursor.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [order.pk])
    let_go = threading.Event()

    def end() -> None:
        let_go.wait(60)
        cursor.execute("ROLLBACK")
        other.close()

    thread = threading.Thread(target=end)
    other.inc_thread_sharing()
    thread.start()
    try:
        yield let_go.set
    finally:
        let_go.set()
        thread.join(20)


@pytest.fixture(autouse=True)
def _impatient() -> Iterator[None]:
    """The test need not wait the four seconds of production for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '150ms'")
    yield
    connection.close()


def orders(count: int, *, seller: Any = None) -> list[Order]:
    seller = seller or cast.dropshipper()
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(seller, "5000.00")
    return [stage.order(seller, ("MCI-1", 1), method=method) for _ in range(count)]


def booked(found: list[Order]) -> Any:
    ids = [order.pk for order in found]
    return runs.start(ids, dropshipper_id=found[0].dropshipper_id, key=uuid.uuid4(), by=None)


# ---- a run


def test_a_run_that_meets_a_lock_ends_within_seconds_of_its_release() -> None:
    found = orders(20)
    run = booked(found)
    with held(found[11]) as let_go:
        assert runs.advance_due() == 0
        run.refresh_from_db()
        assert (run.state, run.lease_token) == ("running", None)
        let_go()
    released = time.monotonic()
    while run.state != "done" and time.monotonic() - released < 15:
        runs.advance_due()
        run.refresh_from_db()
        time.sleep(0.2)
    assert run.state == "done"
    assert time.monotonic() - released < leases.SOON.total_seconds() + 3
    assert set(run.items.values_list("result", flat=True)) == {"dispatched"}


def test_without_giving_the_lease_back_it_would_wait_for_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(leases.Lease, "give_back", lambda *_args, **_more: None)
    found = orders(20)
    run = booked(found)
    with held(found[11]):
        assert runs.advance_due() == 0
    time.sleep(leases.SOON.total_seconds() + 0.5)
    assert runs.advance_due() == 0
    run.refresh_from_db()
    assert run.items.filter(result="waiting").count() == 20


def test_a_run_that_meets_a_lock_holds_up_no_other() -> None:
    first, second = orders(2), None
    booked(first)
    seller = cast.dropshipper(name="Altra Bottega S.r.l.")
    stage.money(seller, "500.00")
    second = booked([stage.order(seller, ("MCI-1", 1), method=first[0].method)])
    with held(first[0]):
        assert runs.advance_due() == 1
    second.refresh_from_db()
    assert second.state == "done"


# ---- a click


def click(client: Client, order: Order, key: uuid.UUID, **more: Any) -> Any:
    return client.post(f"/orders/{order.pk}/sync/", {"key": str(key), "seen": stage.seen(order)}, **more)


def page_of(order: Order) -> Client:
    client = Client(raise_request_exception=False)
    cast.sign_in(client, cast.member(order.dropshipper))
    return client


def typed(page: str) -> dict[str, str]:
    """The form that the page of a busy moment holds."""
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


def test_a_click_that_meets_a_lock_waits_and_works(monkeypatch: pytest.MonkeyPatch) -> None:
    [order] = orders(1)
    client, key = page_of(order), uuid.uuid4()
    with held(order) as let_go:
        timer = threading.Timer(0.25, let_go)
        timer.start()
        assert click(client, order, key).status_code == 302
    order.refresh_from_db()
    assert order.state == "dispatched"


def test_a_click_that_waits_in_vain_is_kept_with_its_key_and_works_when_sent_again() -> None:
    [order] = orders(1)
    client, key, before = page_of(order), uuid.uuid4(), balances(order.dropshipper_id).available
    with held(order):
        answer = click(client, order, key)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 1
    page = answer.content.decode()
    assert "Riprova" in page or "Try again" in page
    form = typed(page)
    assert form["key"] == str(key)
    assert f'action="/orders/{order.pk}/sync/"' in page
    assert balances(order.dropshipper_id).available == before
    assert not DispatchItem.objects.exists()
    for _time in range(2):
        assert client.post(f"/orders/{order.pk}/sync/", form).status_code == 302
    assert DispatchItem.objects.filter(run__key=key, result="dispatched").count() == 1
    assert balances(order.dropshipper_id).available < before


def test_without_the_answer_it_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(busy, "_CODES", frozenset[str]())
    [order] = orders(1)
    with held(order):
        assert click(page_of(order), order, uuid.uuid4()).status_code == 500


def test_a_part_of_a_page_is_told_in_its_own_place() -> None:
    [order] = orders(1)
    with held(order), translation.override("en"):
        answer = click(page_of(order), order, uuid.uuid4(), headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert b"<html" not in answer.content
    assert b"data-busy" in answer.content


def test_only_what_waiting_mends_is_waited_for() -> None:
    with pytest.raises(IntegrityError) as twice, connection.cursor() as cursor:
        cursor.execute("INSERT INTO orders_order DEFAULT VALUES")
    with pytest.raises(Error) as zero, connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '50ms'")
        with pytest.raises(OperationalError) as late:
            cursor.execute("SELECT pg_sleep(5)")
    assert [busy.is_passing(error.value) for error in (twice, zero, late)] == [False, False, True]
    assert not busy.is_passing(ValueError())


# ---- acts with a key


def test_an_act_whose_commit_was_answered_by_nobody_is_done_once() -> None:
    """The connection is cut after the COMMIT: tried again, it finds what it did."""
    seller = cast.dropshipper()
    owner = cast.member(seller)
    key, tries = uuid.uuid4(), []

    from wallet import topups

    @busy.repeatable
    def ask() -> TopUp:
        found = topups.request(seller.pk, stage.Decimal("50.00"), key=key, by=owner.pk)
        tries.append(found.pk)
        if len(tries) == 1:
            cut()
            TopUp.objects.count()
        return found

    assert ask().pk == tries[0] == tries[1]
    assert TopUp.objects.count() == 1


def test_an_act_within_a_transaction_is_tried_once() -> None:
    tries = []

    @busy.repeatable
    def fails() -> None:
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SELECT * FROM orders_order FOR UPDATE NOWAIT")

    [order] = orders(1)
    with held(order), pytest.raises(OperationalError), transaction.atomic():
        fails()
    assert len(tries) == 1
    with held(order), pytest.raises(OperationalError):
        fails()
    assert len(tries) == 1 + 3


def cut() -> None:
    """Somebody ends the connection of this thread."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SET ROLE NONE")  # the tests' login is the server's own; the application may end nobody
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()


# ---- no database at all


@contextmanager
def away() -> Iterator[None]:
    """The database cannot be reached."""
    settings = connections["default"].settings_dict
    known = dict(settings)
    connection.close()
    settings.update(HOST="127.0.0.1", PORT="9")
    try:
        yield
    finally:
        settings.update(known)
        connection.close()


def test_a_right_password_while_the_database_is_away_counts_as_nothing() -> None:
    user = cast.member(cast.dropshipper())
    user.set_password("giusta-parola-2026")
    user.save()
    client, form = Client(raise_request_exception=False), {"login": user.email, "password": "giusta-parola-2026"}
    with away():
        for _time in range(12):
            answer = client.post("/account/login/", form)
            assert (answer.status_code, answer["Retry-After"]) == (503, "5")
            assert b"giusta-parola-2026" not in answer.content
    answer = client.post("/account/login/", form)
    assert answer.status_code == 302, answer.content[:500]


@pytest.mark.parametrize(
    "path", ["/", "/orders/", "/admin/", "/admin/orders/order/", "/wallet/", "/staff/dropshippers/"]
)
def test_every_page_says_that_it_waits(path: str) -> None:
    client = Client(raise_request_exception=False)
    cast.sign_in(client, cast.staff())
    with away():
        answer = client.get(path)
    assert answer.status_code == 503
    assert answer["Cache-Control"] == "no-store"
    assert b"data-busy" in answer.content


def test_a_webhook_is_asked_to_come_again() -> None:
    make_goods()
    shop = make_shop(cast.dropshipper(), address="http://127.0.0.1:9")
    body = json.dumps(order_body()).encode()
    headers = signed(body, "order.created")
    receive.forget()
    with away():
        path = f"/webhooks/woocommerce/{shop.key}/"
        answer = Client().post(path, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")


# ---- deliveries


def test_a_delivery_that_meets_a_lock_is_read_later_and_not_counted() -> None:
    make_goods()
    shop = make_shop(cast.dropshipper(), address="http://127.0.0.1:9")
    for number in (1, 2, 3):
        body = json.dumps(order_body(number)).encode()
        headers = {name.lower(): value for name, value in signed(body, "order.created").items()}
        assert receive.take("woocommerce", shop.key, headers, body)
    other = connection.copy()
    cursor = other.cursor()
    cursor.execute("BEGIN")
    cursor.execute("LOCK TABLE connectors_inboxorder")
    assert deliveries.drain() == 0
    assert set(Delivery.objects.values_list("state", "attempts", "error", "lease_token")) == {("new", 0, "", None)}
    cursor.execute("ROLLBACK")
    other.close()
    time.sleep(leases.SOON.total_seconds() + 0.3)
    assert deliveries.drain() == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
