"""The calls to a shop are noted, without a secret and without a customer, and never in the way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors.intake import deliveries, reconcile
from connectors.listings import compare
from connectors.models import ShopCall
from connectors.shops import calls, health
from core import http
from tests.connectors.conftest import KEY, SECRET
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db


def labels(shop: Any) -> list[tuple[str, str]]:
    return list(shop.calls.order_by("id").values_list("what", "result"))


def test_each_act_notes_its_calls_by_name_result_and_time(connected: Any, fake: Any) -> None:
    order = fake.place_order([("SCN-00001", 1)])
    fake.flush()
    deliveries.drain()
    assert labels(connected) == [(f"GET orders/{order['id']}", "200")]
    visit(connected)
    assert labels(connected)[1:] == [("GET orders", "200")]
    reconcile.prove(connected)
    compare.compare(connected)
    health.check(connected)
    found = labels(connected)
    start = found.index(("GET settings/general", "200"))
    settings = [("GET settings/general", "200"), ("GET settings/tax", "200")]  # what the prices that it reads mean
    assert found[start - 1 : start + 3] == [("GET orders", "200"), *settings, ("GET products", "200")]
    assert ("GET webhooks", "200") in found
    assert all(call.at <= timezone.now() and call.ms < 10_000 for call in connected.calls.all())


def test_no_secret_no_customer_and_no_query_is_kept(connected: Any, fake: Any) -> None:
    fake.place_order([("SCN-00001", 1)])
    visit(connected)
    health.check(connected)
    kept = repr(list(ShopCall.objects.values()))
    assert "GET orders" in kept
    for secret in (KEY, SECRET, "consumer_key", "oauth", "?", "Angelo", "modified_after"):
        assert secret not in kept


@pytest.mark.parametrize(
    ("fault", "result"), [({"status": 500}, "500"), ({"drop": True}, "connection"), ({"status": 403}, "403")]
)
def test_a_call_that_failed_is_noted_with_its_reason(
    connected: Any, fake: Any, fault: dict[str, Any], result: str
) -> None:
    fake.faults.add("orders", **fault)
    visit(connected)
    assert labels(connected) == [("GET orders", result)]
    assert not connected.calls.get().is_good


def test_the_calls_of_an_act_are_written_in_one_statement_whatever_became_of_it(shop: Any) -> None:
    def act() -> None:
        with calls.noted(shop):
            for _number in range(5):
                with pytest.raises(http.NoAnswer):
                    http.call("GET", "http://127.0.0.1:9/a?b=c")
            raise RuntimeError

    with CaptureQueriesContext(connection) as statements, pytest.raises(RuntimeError):
        act()
    assert len([one for one in statements if "connectors_shopcall" in one["sql"]]) == 1
    # The fifth is not made any more (core/outbound/breaker.py), and the card says so.
    assert labels(shop) == [("GET /a", "connection")] * 4 + [("GET /a", "left alone")]


def test_an_act_of_thousands_of_calls_keeps_the_last_ones(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "KEPT", 3)
    with calls.noted(shop):
        told = http.watching.get()
        assert told
        for number in range(10):
            told(http.Made(f"GET {number}", "200", 1))
    assert [what for what, _result in labels(shop)] == ["GET 7", "GET 8", "GET 9"]
    assert http.watching.get() is None


def test_the_log_is_pruned_by_age_and_by_number(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "KEPT", 3)
    old = timezone.now() - dt.timedelta(days=calls.KEPT_DAYS, minutes=1)
    ShopCall.objects.bulk_create(ShopCall(shop=shop, what=f"{n}", result="200", ms=1) for n in range(5))
    ShopCall.objects.create(shop=shop, what="old", result="200", ms=1, at=old)
    assert calls.prune() == 3
    assert [what for what, _result in labels(shop)] == ["2", "3", "4"]
    assert calls.prune() == 0
