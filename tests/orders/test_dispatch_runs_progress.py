"""A run of Sincronizza, row by row: what the click books, what the worker writes of each order, what the panel says of
it while it goes, after it, and after what happened to its orders since."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from orders.dispatch import plan, progress, runs
from orders.errors import NothingChosen
from orders.fulfilment import parcels
from orders.models import DispatchItem, DispatchRun, Order
from tests import cast, differing
from tests.reckoning import euro, owed

pytestmark = pytest.mark.django_db
NEVER = "9.99/0.00/0.00"
PREPAID = [("DIV-A", 2), ("DIV-C", 5)]
COD = [("DIV-B", 3)]
LOSS = [("DIV-D", 1), ("DIV-E", 3)]


class House:
    """Six orders, each with another end, and the run over them; then one that is not of it."""

    def __init__(self) -> None:
        self.world = world = differing.world()
        self.seller = world.seller
        self.by = cast.member(world.seller).pk
        self.orders = {
            "sent before": world.order(("DIV-A", 1)),
            "prepaid": world.order(*PREPAID),
            "cod": world.order(*COD, payment="cod", total="97.31", method="tre"),
            "loss": world.order(*LOSS, payment="cod", total="11.13"),
            "dearer": world.order(("DIV-C", 7)),
            "unseen": world.order(("DIV-E", 11)),
            "short": world.order(("DIV-B", 28)),
            "apart": world.order(("DIV-B", 1)),
        }
        self.names = {order.pk: name for name, order in self.orders.items()}
        self.of_run = [order.pk for name, order in self.orders.items() if name != "apart"]
        ways = {self.orders["cod"].pk: world.methods["due"].pk}
        self.seen = {row.order.pk: row.price.figures for row in self.planned(ways).rows if row.price}
        self.figures = dict(self.seen)
        self.seen[self.orders["dearer"].pk] = NEVER
        del self.seen[self.orders["unseen"].pk]
        self.sync("sent before")
        self.key = uuid.uuid4()
        self.run = runs.start(
            [*self.of_run[::-1], 987654],
            dropshipper_id=self.seller.pk,
            key=self.key,
            by=self.by,
            method_id=world.methods["uno"].pk,
            methods=ways,
            seen=self.seen,
            source="woocommerce",
        )

    def planned(self, ways: dict[int, int]) -> plan.Plan:
        return plan.plan(self.of_run, dropshipper_id=self.seller.pk, methods=ways)

    def sync(self, name: str) -> None:
        pk = self.orders[name].pk
        runs.dispatch_now(pk, dropshipper_id=self.seller.pk, key=uuid.uuid4(), by=self.by)

    def items(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        return [(self.names[one.order_id], one.result, one.code, one.params) for one in self.run.items.order_by("pk")]

    def panel(self) -> dict[str, Any]:
        """As the template gets it; of the items what a row shows."""
        found = progress.panel(DispatchRun.objects.get(pk=self.run.pk))
        assert isinstance(found.pop("key"), uuid.UUID)
        assert found.pop("run") == self.run
        found["items"] = [
            (self.names[one.order_id], one.result, getattr(one, "at", ""), one.taken) for one in found["items"]
        ]
        return found


@pytest.fixture
def house() -> House:
    return House()


def need(lines: list[tuple[str, int]], method: str, collect: str | None = None) -> D:
    model = owed(lines, method, "terraferma", collect)
    assert model is not None
    return euro(model.leaves)


def test_the_click_books_what_it_brought(house: House) -> None:
    run, methods = DispatchRun.objects.get(pk=house.run.pk), house.world.methods
    booked = (run.key, run.dropshipper_id, run.by_id, run.method_id, run.source, run.total, run.state, run.stop_asked)
    assert booked == (house.key, house.seller.pk, house.by, methods["uno"].pk, "woocommerce", 7, "queued", False)
    assert (run.started_at, run.finished_at, run.is_over) == (None, None, False)
    assert list(run.items.order_by("pk").values_list("order_id", "position", "method_id", "seen", "result")) == [
        (
            pk,
            position,
            methods["due"].pk if house.names[pk] == "cod" else None,
            house.seen.get(pk, "–/–/–"),
            "waiting",
        )
        for position, pk in enumerate(house.of_run)
    ]
    # The same click is the same run whatever it brings; another's is none; another list's is another.
    start: dict[str, Any] = {"dropshipper_id": house.seller.pk, "by": None}
    assert runs.start([], key=house.key, **start) == house.run
    other = runs.start(house.of_run[:1], key=uuid.uuid4(), **start)
    assert (other.source, other.by_id, list(other.items.values_list("seen", flat=True))) == ("", None, [""])
    assert runs.start(house.of_run, key=uuid.uuid4(), source="woocommerce", **start) == house.run
    for ids in ([], [987654]):
        with pytest.raises(NothingChosen):
            runs.start(ids, key=uuid.uuid4(), source="shopify", **start)
    assert progress.active_run(house.seller, "woocommerce") == house.run
    assert progress.active_run(house.seller, "") == other
    assert progress.active_run(house.seller, "shopify") is None
    assert progress.active_run(house.world.other, "") is None
    # What is over is no answer to a new click.
    DispatchRun.objects.update(state="stopped")
    assert progress.active_run(house.seller, "") is None
    again = runs.start(house.of_run, key=uuid.uuid4(), source="woocommerce", **start)
    assert again not in (house.run, other)


def test_of_each_order_its_end_and_of_all_the_sums(house: House, monkeypatch: Any) -> None:
    before = house.panel()
    waiting = [(house.names[pk], "waiting", "waiting") for pk in house.of_run]
    assert [row[:3] for row in before.pop("items")] == waiting
    zero = D(0)
    start = progress.Progress(7, 0, 0, 0, 0, 0, zero, zero)
    assert before == {
        "changed": 0,
        "changed_orders": "",
        "changed_seen": "",
        "progress": start,
        "is_over": False,
        "poll": "1500ms",
        "balance": before["balance"],
        "took": None,
    }
    assert (start.done, start.sent, start.left) == (0, 0, 7)
    monkeypatch.setattr(runs, "BATCH", 3)
    monkeypatch.setattr(progress, "BATCH", 3)
    began = timezone.now()
    run = runs.advance(house.run.pk)
    assert (run.state, run.lease_token, run.lease_until) == ("done", None, None)
    assert run.started_at is not None
    assert run.finished_at is not None
    assert began <= run.started_at <= run.finished_at <= timezone.now()
    seen = {name: house.figures[order.pk] for name, order in house.orders.items() if order.pk in house.figures}
    assert house.items() == [
        ("sent before", "already", "", {}),
        ("prepaid", "dispatched", "", {}),
        ("cod", "dispatched", "", {}),
        ("loss", "dispatched", "", {}),
        (
            "dearer",
            "refused",
            "price_changed",
            {"before": "9.99", "now": seen["dearer"].split("/")[0], "figures": seen["dearer"]},
        ),
        ("unseen", "refused", "figures_unseen", {"now": seen["unseen"].split("/")[0], "figures": seen["unseen"]}),
        ("short", "refused", "out_of_stock", {"sku": "DIV-B", "wanted": 28, "available": 24}),
    ]
    for item in run.items.all():
        assert item.done_at is not None
        assert began <= item.done_at <= timezone.now()
    taken = {
        "prepaid": need(PREPAID, "uno"),
        "cod": need(COD, "due", "97.31"),
        "loss": need(LOSS, "uno", "11.13"),
    }
    assert taken["loss"] > taken["cod"]  # guarantee and what the customer does not pay
    after = house.panel()
    assert [row[:3] for row in after["items"]] == [
        *(("dearer", "refused", ""), ("unseen", "refused", ""), ("short", "refused", "")),
        *(("loss", "dispatched", ""), ("cod", "dispatched", ""), ("prepaid", "dispatched", "")),
        ("sent before", "already", ""),
    ]
    assert {name: sum_ for name, result, _at, sum_ in after.pop("items") if result == "dispatched"} == taken
    changed = [(house.orders[name].pk, seen[name]) for name in ("dearer", "unseen")]
    charged = sum(taken.values())
    assert after == {
        "changed": 2,
        "changed_orders": f"{changed[0][0]},{changed[1][0]}",
        "changed_seen": ",".join(f"{pk}:{figures}" for pk, figures in changed),
        "progress": progress.Progress(7, 3, 1, 3, 0, 3, charged, D("97.31") + D("11.13")),
        "is_over": True,
        "poll": "",
        "balance": before["balance"] - charged,
        "took": run.finished_at - run.created_at,
    }
    told = after["progress"]
    assert (told.done, told.sent, told.left) == (7, 4, 0)
    # Since then: one is cancelled here, one sent at its new price, one given up.
    parcels.cancel(house.orders["loss"].pk, by=None)
    house.sync("dearer")
    parcels.cancel(house.orders["short"].pk, by=None)
    since = house.panel()
    assert since["progress"] == progress.Progress(7, 3, 1, 3, 0, 1, charged - taken["loss"], D("97.31"))
    assert (since["changed"], since["changed_orders"], since["changed_seen"]) == (
        1,
        str(changed[1][0]),
        f"{changed[1][0]}:{changed[1][1]}",
    )
    assert {name: sum_ for name, _result, _at, sum_ in since["items"]}["loss"] == zero


def test_a_stop_leaves_what_was_not_begun_and_a_list_says_where_each_order_is(house: House, monkeypatch: Any) -> None:
    monkeypatch.setattr(progress, "BATCH", 3)
    run, ids = house.run, [*house.of_run, house.orders["apart"].pk]
    assert progress.under_way(run, ids) == dict.fromkeys(house.of_run, "waiting")
    run.items.filter(position__lt=2).update(result="dispatched")
    DispatchRun.objects.filter(pk=run.pk).update(state="running")
    run.refresh_from_db()
    at = dict(zip(house.of_run[2:], ["running"] * 3 + ["waiting"] * 2, strict=True))
    assert progress.under_way(run, ids) == at
    assert progress.under_way(run, ids[3:5]) == {pk: at[pk] for pk in ids[3:5]}
    assert [row[2] for row in house.panel()["items"][:5]] == list(at.values())
    assert progress.under_way(None, ids) == {}
    # Whoever is not of the house stops nothing.
    runs.stop(run.pk, dropshipper_id=house.world.other.pk)
    assert not DispatchRun.objects.filter(stop_asked=True).exists()
    other = runs.start(ids[-1:], dropshipper_id=house.seller.pk, key=uuid.uuid4(), by=None)
    runs.stop(run.pk, dropshipper_id=house.seller.pk)
    assert list(DispatchRun.objects.filter(stop_asked=True)) == [run]
    run = runs.advance(run.pk)
    assert (run.state, run.is_over, run.lease_token) == ("stopped", True, None)
    assert run.finished_at is not None
    stopped = run.items.filter(position__gte=2).order_by("pk")
    assert {(item.result, item.done_at is not None) for item in stopped} == {("stopped", True)}
    found = house.panel()
    assert [row[:2] for row in found["items"][:5]] == [(house.names[pk], "stopped") for pk in house.of_run[2:]]
    assert found["progress"] == progress.Progress(7, 2, 0, 0, 5, 5, found["progress"].charged, D(0))
    assert progress.under_way(run, ids) == {}
    assert runs.advance(other.pk).items.get().result == "dispatched"
    # What is over is not stopped, and a stop that came too late for any order is none.
    runs.stop(other.pk, dropshipper_id=house.seller.pk)
    assert not DispatchRun.objects.get(pk=other.pk).stop_asked
    late = runs.start([], dropshipper_id=house.seller.pk, key=other.key, by=None)
    assert late == other


def test_a_stop_after_the_last_order_is_none(house: House) -> None:
    house.run.items.update(result="dispatched")
    runs.stop(house.run.pk, dropshipper_id=house.seller.pk)
    assert runs.advance(house.run.pk).state == "done"


@pytest.mark.parametrize(("age", "poll"), [(3, "1500ms"), (29, "1500ms"), (30.2, "3s")])
def test_a_panel_asks_less_often_after_half_a_minute(house: House, age: float, poll: str) -> None:
    DispatchRun.objects.update(created_at=timezone.now() - dt.timedelta(seconds=age) + dt.timedelta(seconds=0.1))
    assert house.panel()["poll"] == poll


def test_a_panel_shows_the_first_and_the_newest_of_many(house: House) -> None:
    run, now = house.run, timezone.now()
    run.items.all().delete()
    plain = {"dropshipper": house.seller, "source": "manual", "payment": "prepaid", "state": "ready"}
    free = dict.fromkeys(("shipping_net", "cod_fee_net", "vat"), D(0))
    orders = Order.objects.bulk_create(Order(**plain, **free, goods_net=D(n), cost=D(n)) for n in range(1, 84))
    ends = ["refused"] * 52 + ["dispatched"] * 9 + ["already"] * 1 + ["waiting"] * 21
    rows = [
        DispatchItem(run=run, order=order, position=at, result=end, done_at=now + dt.timedelta(minutes=at // 2))
        for at, (order, end) in enumerate(zip(orders, ends, strict=True))
    ]
    DispatchItem.objects.bulk_create(reversed(rows))

    def shown() -> list[int]:
        return [item.position for item in progress.panel(DispatchRun.objects.get(pk=run.pk))["items"]]

    newest = [61, 60, 59, 58, 57, 56, 55, 54]
    assert shown() == [*range(50), *range(62, 70), *newest]
    run.items.filter(result="waiting").update(result="stopped")
    DispatchRun.objects.update(state="stopped")
    assert shown() == [*range(50), *range(62, 70), *newest]
