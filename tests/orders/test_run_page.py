"""Sincronizza of many: the run's page, its polling, its result, and the way back for what failed."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from orders import queries
from orders.dispatch import decide, plan, runs
from orders.errors import HasProblems
from orders.models import DispatchRun, Order
from orders.pages.list import rows_of
from orders.templatetags import orders_words as outcomes
from shipping.tariffs.quotes import Tariff
from tests.orders import stage
from wallet.queries import balances

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def four(dropshipper: Any) -> list[Order]:
    """Three that can be paid for, one that is out of stock."""
    method = stage.method()
    stage.variant("MCI-1")
    stage.variant("EMPTY", pieces=0)
    stage.money(dropshipper, "100.00")
    orders = [stage.order(dropshipper, ("MCI-1", 1), method=method) for _ in range(3)]
    return [*orders, stage.order(dropshipper, ("EMPTY", 1), method=method)]


def started(client: Any, orders: list[Order], key: uuid.UUID | None = None) -> DispatchRun:
    form = {"key": str(key or uuid.uuid4()), "order": ",".join(str(order.pk) for order in orders), "source": "manual"}
    answer = client.post(reverse("orders:start"), form | {"seen": stage.all_seen(orders)})
    assert answer.status_code == 302
    run = DispatchRun.objects.latest("pk")
    assert answer.url == reverse("orders:run", args=[run.key])
    return run


def test_a_run_is_polled_until_it_is_over(four: list[Order], owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    run = started(client, four)
    url = reverse("orders:run", args=[run.key])

    waiting = client.get(url, headers=HTMX)
    runs.advance(run.pk)
    over = client.get(url, headers=HTMX)

    assert waiting.status_code == 200
    assert 'hx-trigger="every 1500ms"' in waiting.content.decode()
    assert over.status_code == 286
    page = over.content.decode()
    assert "hx-trigger" not in page
    assert 'data-run-state="done" data-dispatched="3" data-refused="1"' in page
    assert re.findall(r'data-result="(\w+)"', page) == ["refused", "dispatched", "dispatched", "dispatched"]
    assert "62,22" in page  # 3 × 20.74 taken from the wallet


def test_the_same_form_twice_is_one_run(four: list[Order], dropshipper: Any, owner: Any, client_for: Any) -> None:
    client, key = client_for(owner), uuid.uuid4()

    first = started(client, four, key)
    runs.advance(first.pk)
    second = started(client, four, key)
    runs.advance(second.pk)

    assert first.pk == second.pk
    assert str(balances(dropshipper.pk).available) == "37.78"


def test_while_a_run_is_under_way_the_list_shows_it_and_a_second_click_opens_it(
    four: list[Order], owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    run = started(client, four[:2])

    assert started(client, four[2:]) == run
    assert f"/runs/{run.key}/" in client.get(reverse("orders:list")).content.decode()


def test_nothing_chosen_is_told_and_starts_nothing(owner: Any, client_for: Any) -> None:
    page = client_for(owner).post(reverse("orders:start"), {"key": str(uuid.uuid4())}, follow=True).content.decode()

    assert 'data-level="error"' in page
    assert not DispatchRun.objects.exists()


def test_a_stopped_run_leaves_the_rest_and_offers_to_retry(four: list[Order], owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    run = started(client, four)

    for _ in range(2):
        assert client.post(reverse("orders:run_stop", args=[run.key])).status_code == 302
    runs.advance(run.pk)

    page = client.get(reverse("orders:run", args=[run.key])).content.decode()
    assert 'data-run-state="stopped" data-dispatched="0"' in page
    plan = client.get(reverse("orders:plan"), {"run": str(run.key)}).content.decode()
    assert 'data-ready="3"' in plan


def test_the_result_is_a_csv_with_a_line_for_each_order(four: list[Order], owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    run = started(client, four)
    runs.advance(run.pk)

    answer = client.get(reverse("orders:run_export", args=[run.key]))

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").strip().splitlines()
    assert [line.split(";")[0] for line in lines[1:]] == [order.number for order in four]
    assert lines[1].endswith(";20,74")


def test_a_strangers_run_is_not_there(four: list[Order], owner: Any, stranger: Any, client_for: Any) -> None:
    run = started(client_for(owner), four)
    client = client_for(stranger)

    assert client.get(reverse("orders:run", args=[run.key])).status_code == 404
    assert client.get(reverse("orders:run_export", args=[run.key])).status_code == 404
    assert client.get(reverse("orders:plan"), {"run": str(run.key)}).status_code == 404
    assert client.post(reverse("orders:run_stop", args=[run.key])).status_code == 404
    client.post(reverse("orders:start"), {"key": str(uuid.uuid4()), "order": str(four[0].pk)})
    run.refresh_from_db()
    assert not run.stop_asked
    assert DispatchRun.objects.count() == 1


def test_a_poll_takes_the_same_queries_for_a_small_and_a_large_run(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("MCI-1", pieces=1000)
    stage.money(dropshipper, "5000.00")
    client = client_for(owner)

    def polled(size: int) -> int:
        run = started(client, [stage.order(dropshipper, ("MCI-1", 1), method=method) for _ in range(size)])
        runs.advance(run.pk)
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("orders:run", args=[run.key]), headers=HTMX)
        return len(seen)

    assert polled(3) == polled(40)


def rows(page: str) -> dict[str, str]:
    """Order → its result, and where it is while it has none."""
    found = re.findall(r'<li data-result="(\w+)"(?: data-at="(\w+)")? data-order="(\d+)"', page)
    return {pk: at or result for result, at, pk in found}


def badges(page: str) -> dict[str, str]:
    """Order → where its row of the list says that it is in a run."""
    found = re.findall(r'<tr id="o(\d+)"(.*?)</tr>', page, re.DOTALL)
    return {pk: at[1] for pk, row in found if (at := re.search(r'data-at="(\w+)"', row))}


def test_a_row_says_where_it_is_before_during_and_after(
    four: list[Order], dropshipper: Any, owner: Any, client_for: Any, monkeypatch: Any
) -> None:
    """They read "something to fix" until the run was over, as if the sent ones had a fault."""
    monkeypatch.setattr(runs, "BATCH", 2)
    monkeypatch.setattr("orders.dispatch.progress.BATCH", 2)
    client, ids = client_for(owner), [str(order.pk) for order in four]
    run = started(client, four)
    url, shop = reverse("orders:run", args=[run.key]), reverse("orders:list")

    assert rows(client.get(url).content.decode()) == dict.fromkeys(ids, "waiting")
    listed = client.get(shop).content.decode()
    assert badges(listed) == dict.fromkeys(ids, "waiting")
    assert "data-row" not in listed  # what is on its way is neither chosen nor sent again
    assert "syncb" not in listed

    DispatchRun.objects.filter(pk=run.pk).update(state="running")  # a worker has the first batch in hand
    assert rows(client.get(url).content.decode()) == dict(zip(ids, ["running"] * 2 + ["waiting"] * 2, strict=True))
    assert badges(client.get(shop).content.decode()) == dict(zip(ids, ["running"] * 2 + ["waiting"] * 2, strict=True))

    tariff = Tariff.load()
    decide.dispatch(run, list(run.items.order_by("position")[:2]), tariff)
    for page in (client.get(url, headers=HTMX), client.get(url), client.get(url)):  # polled, reloaded, visited again
        shown = rows(page.content.decode())
        assert shown == dict(zip(ids, ["dispatched"] * 2 + ["running"] * 2, strict=True))
    listed = client.get(shop).content.decode()
    assert badges(listed) == dict.fromkeys(ids[2:], "running")
    with translation.override("it"):
        for words in (outcomes.refusal_words("has_problems"), str(HasProblems())):
            assert words not in listed
            assert words.capitalize() not in listed

    DispatchRun.objects.filter(pk=run.pk).update(state="queued")
    runs.advance(run.pk)
    for _visit in range(2):
        assert rows(client.get(url).content.decode()) == dict(zip(ids, ["dispatched"] * 3 + ["refused"], strict=True))
    assert badges(client.get(shop).content.decode()) == {}


def test_what_a_stop_left_says_that_it_was_not_tried(
    four: list[Order], owner: Any, client_for: Any, monkeypatch: Any
) -> None:
    client = client_for(owner)
    run = started(client, four)
    decide.dispatch(run, list(run.items.order_by("position")[:1]), Tariff.load())
    runs.stop(run.pk, dropshipper_id=run.dropshipper_id)
    runs.advance(run.pk)
    shown = rows(client.get(reverse("orders:run", args=[run.key])).content.decode())
    assert shown == {str(four[0].pk): "dispatched", **{str(order.pk): "stopped" for order in four[1:]}}
    assert badges(client.get(reverse("orders:list")).content.decode()) == {}


def test_an_order_that_was_sent_while_the_list_was_read_has_nothing_to_fix(
    four: list[Order], dropshipper: Any, owner: Any
) -> None:
    """The page had read it as ready, the prices came after the run had sent it."""
    page = list(queries.for_rows(Order.objects.filter(pk__in=[order.pk for order in four]).order_by("pk")))
    assert {order.state for order in page} == {"ready"}
    item = runs.dispatch_now(four[0].pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=owner.pk)
    assert item.result == "dispatched"
    row = rows_of(page, dropshipper_id=dropshipper.pk)[0]
    assert (row.order.state, row.refusal, row.order.shipment is not None) == ("dispatched", None, True)
    planned = plan.plan([four[0].pk], dropshipper_id=dropshipper.pk).rows[0]
    assert planned.refusal is not None
    assert planned.refusal.code == "already_sent"
