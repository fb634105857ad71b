"""Papers and waves: a run of 200 labels against drawing alone, a wave of 1,000 orders against one of 100."""

from __future__ import annotations

import io
import time
import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from bench import memory
from bench.report import Result
from bench.sincronizza import Stage
from core.postgresql.owner import as_owner
from orders.models import PrintRun
from orders.warehouse import facts, papers, print_runs, waves

LABELS = 200
ORDERS = 1000


def measure(*, rounds: int) -> list[Result]:
    stage, by = Stage("warehouse", "08888880583"), User.objects.create(email="warehouse@bench.example").pk
    ids = stage.orders(ORDERS)
    stage.bulk(ids)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    times: dict[str, list[float]] = {"run": [], "drawn": [], "wave": [], "small": []}
    wanted = papers.paper("label-a6")
    print_runs.advance(print_runs.start(ids[:1], "label-a6", key=uuid.uuid4(), by=by).pk)  # the typefaces are read
    early = memory.peak()
    for _round in range(rounds):
        started = time.perf_counter()
        _printed(ids[:LABELS], by)
        times["run"].append(1000 * (time.perf_counter() - started))
        loaded = facts.load(ids[:LABELS])
        labels = [label for order in loaded.values() for label in facts.labels_of(order)]
        started = time.perf_counter()
        wanted.write(labels, io.BytesIO(), 1)
        times["drawn"].append(1000 * (time.perf_counter() - started))
        times["wave"].append(_wave(ids, by))
        times["small"].append(10 * _wave(ids[:100], by))
    late = memory.peak()
    statements = {size: _statements(ids[:size], by) for size in (50, LABELS)}
    asked = {size: _asked(ids[:size], by) for size in (100, ORDERS)}
    return [
        Result(f"{LABELS} labels in a run", "ms", times["run"], times["drawn"], "drawing alone", at_most=3),
        Result(f"{LABELS} labels, memory", "MiB", [late], [early], "after one label", at_most=1.25),
        Result(f"{LABELS} labels, statements", "", [statements[LABELS]], [4 * statements[50]], "4 × of 50", at_most=1),
        Result(f"wave of {ORDERS:,}", "ms", times["wave"], times["small"], "10 × of 100", at_most=1.5),
        Result(f"wave of {ORDERS:,}, statements", "", [asked[ORDERS]], [asked[100]], "of 100", at_most=1.5),
    ]


def _printed(ids: list[int], by: int) -> None:
    run = print_runs.start(ids, "label-a6", key=uuid.uuid4(), by=by)
    print_runs.advance(run.pk)
    done = PrintRun.objects.get(pk=run.pk)
    assert print_runs.progress(done).printed == len(ids), "not all were printed"


def _wave(ids: list[int], by: int) -> float:
    """Milliseconds from the click to the list of what is to be taken."""
    started = time.perf_counter()
    wave = waves.start(by=by, order_ids=ids)
    left = waves.remaining(waves.rows(wave))
    took = 1000 * (time.perf_counter() - started)
    assert left == len(ids), "the wave is not whole"
    waves.give_back(wave.pk, by=by)
    return took


def _statements(ids: list[int], by: int) -> int:
    with CaptureQueriesContext(connection) as queries:
        _printed(ids, by)
    return len(queries)


def _asked(ids: list[int], by: int) -> int:
    with CaptureQueriesContext(connection) as queries:
        _wave(ids, by)
    return len(queries)
