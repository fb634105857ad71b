"""Every file that the portal gives is whole: all rows, streamed a chunk at a time, its first byte before the rest is
read, as the tenant whose it is."""

from __future__ import annotations

import csv
import gc
import tracemalloc
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import pagination, tenancy
from orders import queries
from orders.models import DispatchItem, DispatchRun, ImportRow, Order
from orders.pages import export
from shipping.models import Shipment
from tests import cast
from tests.mci import test_pages_in_states as pages
from tests.orders import stage
from tests.shipping.parcels import parcel

pytestmark = pytest.mark.django_db
MORE_THAN_IT_WAS = 12_000  # the inbox stopped at 10,000


def copies(model: Any, row: Any, how_many: int, **change: Callable[[int], Any]) -> None:
    values = {one.attname: getattr(row, one.attname) for one in model._meta.concrete_fields if not one.primary_key}
    model.objects.bulk_create(
        (model(**{**values, **{name: make(n) for name, make in change.items()}}) for n in range(how_many)),
        batch_size=2000,
    )


def text(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode(answer.charset).removeprefix("\ufeff")


def lines_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(text(answer).splitlines(), delimiter=";"))


def rows(answer: Any) -> int:
    """Rows of a CSV under its head."""
    return len(lines_of(answer)) - 1


# Route of a CSV → how many rows it has for the one who may read it.
def _all(seller: Any, has: dict[str, Any]) -> dict[str, Callable[[], int]]:
    from connectors.models import Listing, PublishItem, RemoteItem
    from wallet.models import Entry

    mine = Order.objects.filter(dropshipper=seller)
    parcels = Shipment.objects.filter(dropshipper=seller)
    waiting = Shipment.objects.filter(method__courier__code=has["courier"], state__in=["to_pick", "packed"])
    return {
        "orders:export": lambda: mine.filter(source="manual").count(),
        "connectors:export": lambda: mine.filter(source="woocommerce").count(),
        "orders:import_template": lambda: 1,  # an example
        "orders:import_errors": lambda: ImportRow.objects.filter(batch__key=has["import"], state="error").count(),
        "orders:run_export": lambda: DispatchItem.objects.filter(run__key=has["run"]).count(),
        "shipping:export": parcels.count,
        "shipping:courier_file": waiting.count,
        "wallet:proof": lambda: Entry.objects.filter(dropshipper=seller).count(),
        "wallet:statement_file": lambda: Entry.objects.filter(dropshipper=seller).count() + 2,  # opening and closing
        "wallet:cod_export": lambda: mine.filter(payment="cod", shipment__isnull=False).count(),
        "connectors:listings_export": lambda: Listing.objects.filter(shop=has["shop"]).count(),
        "connectors:publish_export": lambda: PublishItem.objects.filter(run__key=has["publish_run"]).count(),
        "connectors:bulk_match_export": lambda: RemoteItem.objects.filter(shop=has["shop"]).count(),
    }


ASKED = {"orders:export": {"tab": "all"}, "connectors:export": {"tab": "all"}}


@pytest.mark.long
def test_every_export_of_the_url_list_is_whole(monkeypatch: Any, settings: Any) -> None:
    """A route that answers with a CSV and is not among those that are counted here fails."""
    settings.MEDIA_ROOT = "/nonexistent"
    monkeypatch.setattr(pagination, "CHUNK", 7)
    world = pages.many()
    seller = cast.Dropshipper.objects.get(pk=world.has["seller"])
    wanted = _all(seller, world.has)
    owner, staff = pages.client_of(world.people["owner"]), pages.client_of(world.people["staff"])
    found: dict[str, int] = {}
    for name, address in pages.addresses(world):
        if name in found or name in pages.NOT_THERE:
            continue
        client = staff if name in pages.STAFF_ONLY else owner
        answer = client.get(address, ASKED.get(name, {}))
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/csv"):
            continue
        assert answer.streaming, name
        assert "attachment" in answer["Content-Disposition"], name
        head, *told = lines_of(answer)
        assert len(head) == len(set(head)), f"{name}: two columns of one name in {head}"
        assert not any("manual" in line for line in told), f"{name}: our own word for where an order is from"
        found[name] = len(told)
    assert found == {name: count() for name, count in wanted.items()}
    # More than a few chunks of those that grow without end, so that "whole" says something.
    assert all(found[name] > 21 for name in ("orders:export", "shipping:export", "connectors:listings_export"))


@pytest.fixture
def twelve_thousand(dropshipper: Any) -> Any:
    stage.variant("MCI-1")
    one = stage.order(dropshipper, ("MCI-1", 1), method=stage.method(), source="woocommerce")
    copies(Order, one, MORE_THAN_IT_WAS - 1, entry_key=lambda _n: None)
    box = parcel(dropshipper)
    copies(Shipment, box, MORE_THAN_IT_WAS - 1, reference=lambda n: f"copy:{n}")
    return dropshipper


@pytest.mark.long
def test_twelve_thousand_rows_are_twelve_thousand_lines(twelve_thousand: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    inbox = client.get(reverse("connectors:export", args=["woocommerce"]), {"tab": "all"})
    assert rows(inbox) == MORE_THAN_IT_WAS
    assert rows(client.get(reverse("shipping:export"))) == MORE_THAN_IT_WAS


@pytest.mark.long
def test_the_memory_is_that_of_one_chunk_and_the_first_line_comes_at_once(dropshipper: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(pagination, "CHUNK", 100)
    stage.variant("MCI-1")
    one = stage.order(dropshipper, ("MCI-1", 1), method=stage.method())
    copies(Order, one, 1799, entry_key=lambda _n: None)
    found = queries.find(dropshipper, queries.Find(source=""))
    with CaptureQueriesContext(connection) as asked:
        lines = export.orders(found)
        next(lines)
    assert len(asked) == 0  # the head is there before anything is read
    with CaptureQueriesContext(connection) as asked:
        next(lines)
    assert len(asked) <= 6  # one chunk: orders, lines, articles, pictures, problems
    peaks = []
    tracemalloc.start()
    try:
        for number, _line in enumerate(lines):
            if number % 500 == 499:
                peaks.append(tracemalloc.get_traced_memory()[1])
                gc.collect()  # rows and what was read with them point at each other
                tracemalloc.reset_peak()
        whole = len(list(queries.for_rows(found))), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(peaks) == 3
    assert max(peaks) < 2 * min(peaks)  # the third five hundred take no more than the first
    assert whole[0] == 1800
    assert max(peaks) < whole[1] / 3  # the control: read at once


def test_a_streamed_file_stays_within_its_tenant(
    dropshipper: Any, other_dropshipper: Any, monkeypatch: Any, owner: Any
) -> None:
    """The chunks after the first run when the middleware is gone: without `kept_for` they have nobody's rows, and a
    query that forgot its WHERE still sees one reseller's alone."""
    monkeypatch.setattr(pagination, "CHUNK", 4)
    stage.variant("MCI-1")
    for seller in (dropshipper, other_dropshipper):
        for _ in range(10):
            stage.order(seller, ("MCI-1", 1))

    def forgetful(_request: Any) -> Any:
        from orders.pages.list import csv_answer

        return csv_answer(export.orders(Order.objects.all()), "x.csv")

    def ask(keep: Callable[[Any], Any]) -> int:
        with tenancy.of(tenancy.NOBODY), tenancy.of(dropshipper.pk):
            answer = keep(forgetful(RequestFactory().get("/")))
        with tenancy.of(tenancy.NOBODY):
            return rows(answer)

    assert ask(tenancy.kept_for) == 10
    assert ask(lambda answer: answer) == 0  # the negative control


def test_what_changes_while_a_file_is_read_is_in_it_once(dropshipper: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(pagination, "CHUNK", 4)
    stage.variant("MCI-1")
    made = [stage.order(dropshipper, ("MCI-1", 1)) for _ in range(10)]
    lines = export.orders(queries.find(dropshipper, queries.Find()))
    head, first = next(lines), next(lines)
    for _ in range(3):  # newer ones come, an older one goes
        stage.order(dropshipper, ("MCI-1", 1))
    Order.objects.filter(pk=made[0].pk).update(source="elsewhere")
    numbers = [line.split(";")[0] for line in [first, *lines]]
    assert head.startswith("\ufeff")
    assert numbers == [order.number for order in reversed(made[1:])]


def test_a_walk_goes_by_more_than_one_column(dropshipper: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(pagination, "CHUNK", 3)
    run = DispatchRun.objects.create(dropshipper=dropshipper, total=8, key=uuid.uuid4())
    orders = [stage.order(dropshipper, ("NOBODY-S", 1)) for _ in range(8)]
    DispatchItem.objects.bulk_create(
        DispatchItem(run=run, order=order, position=n // 3) for n, order in enumerate(orders)
    )
    found = list(pagination.walk(run.items.all(), by=("-position", "id")))
    assert [(item.position, item.pk) for item in found] == sorted(
        run.items.values_list("position", "pk"), key=lambda row: (-row[0], row[1])
    )
