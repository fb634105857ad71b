"""Runs of Sincronizza as workers take them up: a fault of one, no time left, what is over; and one click of one
order."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from orders import tasks
from orders.dispatch import decide, runs
from orders.errors import OrderGone
from orders.models import DispatchItem, DispatchRun
from tests.orders import stage
from tests.orders.test_dispatch_runs_progress import House

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def test_of_many_runs_each_is_taken_up_and_a_fault_of_one_stops_no_other(house: House, monkeypatch: Any) -> None:
    start: dict[str, Any] = {"dropshipper_id": house.seller.pk, "by": None}
    first = runs.start([house.orders["apart"].pk], key=uuid.uuid4(), source="a", **start)
    other = house.world.order(("DIV-C", 1), seller=house.world.other)
    second = runs.start([other.pk], dropshipper_id=house.world.other.pk, key=uuid.uuid4(), by=None)
    DispatchRun.objects.filter(pk=first.pk).update(state="running", lease_until=timezone.now() - dt.timedelta(hours=1))
    held = runs.start([other.pk], dropshipper_id=house.world.other.pk, key=uuid.uuid4(), by=None, source="b")
    DispatchRun.objects.filter(pk=held.pk).update(lease_until=timezone.now() + dt.timedelta(hours=1))
    real, broken = decide.dispatch, [house.run.pk]

    def falls(run: DispatchRun, items: Any, tariff: Any) -> None:
        if run.pk in broken:
            raise ValueError("a fault of ours")
        real(run, items, tariff)

    monkeypatch.setattr(decide, "dispatch", falls)
    assert tasks.run_dispatches() == 2
    ids = (house.run.pk, first.pk, second.pk, held.pk)

    def states() -> list[str]:
        found = dict(DispatchRun.objects.values_list("pk", "state"))
        return [found[pk] for pk in ids]

    # The broken one is left alone for a moment, what another worker has in hand is left to him.
    assert states() == ["running", "done", "done", "queued"]
    assert tasks.run_dispatches() == 0
    broken.clear()
    DispatchRun.objects.filter(pk=house.run.pk).update(lease_until=None)
    assert runs.advance_due(budget_s=0) == 0  # no time left: nothing is begun
    assert tasks.run_dispatches() == 1
    assert states() == ["done", "done", "done", "queued"]


def test_a_run_that_is_over_is_not_taken_up_again_and_one_without_time_waits(house: House) -> None:
    began = runs.advance(house.run.pk, budget_s=-1)
    assert (began.state, began.started_at is not None, began.finished_at, began.lease_token) == (
        "running",
        True,
        None,
        None,
    )
    assert set(began.items.values_list("result", flat=True)) == {"waiting"}
    for state in ("stopped", "done"):
        DispatchRun.objects.update(state=state, finished_at=None)
        over = runs.advance(house.run.pk)
        assert (over.state, over.finished_at, over.started_at) == (state, None, began.started_at)
    assert set(began.items.values_list("result", flat=True)) == {"waiting"}


def test_one_click_of_one_order_is_a_finished_run(house: House) -> None:
    key, methods, order = uuid.uuid4(), house.world.methods, house.orders["apart"]
    seen = stage.seen(order)
    began = timezone.now()
    click: dict[str, Any] = {"dropshipper_id": house.seller.pk, "key": key, "by": house.by}
    item = runs.dispatch_now(order.pk, method_id=methods["tre"].pk, seen=seen, source="shopify", **click)
    assert (item.result, item.code) == ("refused", "price_changed")
    run = DispatchRun.objects.get(key=key)
    told = (run.dropshipper_id, run.by_id, run.method_id, run.source, run.total, run.state, run.started_at)
    assert told == (house.seller.pk, house.by, methods["tre"].pk, "shopify", 1, "done", run.finished_at)
    kept = DispatchItem.objects.get(run=run)
    assert (kept.pk, kept.order_id, kept.position, kept.seen, kept.result) == (item.pk, order.pk, 0, seen, "refused")
    for moment in (kept.done_at, run.finished_at):
        assert moment is not None
        assert began <= moment <= timezone.now()
    assert runs.outcome_sentence(kept).startswith("Prezzo cambiato: ")
    assert runs.dispatch_now(order.pk, **click) == kept  # the same click, whatever it brings now
    with pytest.raises(OrderGone):  # a stranger has neither the order nor what became of it
        runs.dispatch_now(order.pk, **click | {"dropshipper_id": house.world.other.pk})
    assert isinstance(kept.new_key, uuid.UUID)
    assert kept.new_key != kept.new_key  # another click each time
    sent = runs.dispatch_now(order.pk, dropshipper_id=house.seller.pk, key=uuid.uuid4(), by=None)
    assert (sent.run.source, sent.run.method_id, runs.outcome_sentence(sent)) == ("", None, "Inviato a MCI")
