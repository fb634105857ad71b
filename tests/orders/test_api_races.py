"""Two processes of one program at once: one order, one charge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.keys import once as repeated
from orders.entry import one_number
from orders.models import Order
from tests import cast
from tests.meeting import meet
from tests.orders import stage
from tests.orders.test_api_orders import body
from tests.programs import Program
from wallet.models import Entry
from wallet.queries import balances

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def programs() -> list[Program]:
    """Two keys of one company, so that neither waits for the other's count of calls: the Idempotency-Key is the
    company's."""
    company = cast.dropshipper()
    stage.money(company, "100.00")
    return [Program(company), Program(company)]


def both(programs: list[Program], path: str, sent: Any, **how: str) -> Any:
    first, second = programs
    return meet(lambda: first.post(path, sent, **how), lambda: second.post(path, sent, **how))


def test_the_same_key_twice_at_once_is_one_order_and_one_charge(programs: list[Program]) -> None:
    method, sku = stage.method(), stage.variant().sku
    wanted = body(sku, method_id=str(method.pk))
    met = both(programs, "orders", wanted, key="k-1")
    assert met.first.status_code == 201
    assert (met.second.status_code, met.second.json()["code"]) == (409, "in_progress")
    assert met.second["Retry-After"] == "1"
    assert not met.waited, "the second is told at once, and holds no thread"
    order = Order.objects.get()
    asked = {"figures": met.first.json()["price"]["figures"]}
    met = both(programs, f"orders/{order.pk}/send", asked, key="k-2")
    assert sorted((met.first.status_code, met.second.status_code)) == [200, 409]
    assert Entry.objects.filter(kind="sale").count() == 1
    assert balances(order.dropshipper_id).available == Decimal("79.26")
    again = programs[0].post(f"orders/{order.pk}/send", asked, key="k-2")
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")


def test_control_without_the_lock_the_second_waits_for_the_first(programs: list[Program], monkeypatch: Any) -> None:
    """The uniqueness behind it holds all the same: no second order, but a fault where a word would do."""
    monkeypatch.setattr(repeated, "_alone", lambda *_who: True)
    wanted = body(stage.variant().sku)
    met = both(programs, "orders", wanted, key="k-1")
    assert met.waited
    assert met.second.status_code != 409 or met.second.json()["code"] != "in_progress"
    assert Order.objects.count() == 1


@pytest.mark.parametrize("guarded", [True, False], ids=["locked", "control"])
def test_the_same_number_with_two_keys_at_once_is_one_order(
    programs: list[Program], monkeypatch: Any, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(one_number, "_hold", lambda *_who: None)
    wanted = body(stage.variant().sku, channel="eBay", reference="12-1")
    met = both(programs, "orders", wanted)
    assert met.first.status_code == 201
    if guarded:
        assert met.waited
        assert (met.second.status_code, met.second.json()["code"]) == (409, "order_exists")
    assert Order.objects.count() == (1 if guarded else 2)


def test_two_sends_with_two_keys_at_once_charge_once(programs: list[Program]) -> None:
    method, sku = stage.method(), stage.variant().sku
    order = programs[0].post("orders", body(sku, method_id=str(method.pk))).json()
    asked = {"figures": order["price"]["figures"]}
    met = both(programs, f"orders/{order['id']}/send", asked)
    assert (met.first.status_code, met.second.status_code) == (200, 200)
    assert (met.first.json()["already"], met.second.json()["already"]) == (False, True)
    assert Entry.objects.filter(kind="sale").count() == 1
