"""With nothing due no sweep reads in proportion to history: the pages that PostgreSQL touches are counted with some
years of orders, messages, entries and runs, and again with four times as many."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import md5
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.db import connection, transaction
from django.db.models import Model
from django.test import RequestFactory

from accounts.models import Dropshipper, Member, SecurityEvent, User
from connectors.intake import pull
from connectors.models import InboxOrder, Shop
from core.postgresql.owner import as_owner
from mci.celery import app
from mci.database import retention
from mci.models import Sweep
from mci.search import reseller, staff
from orders import queries as orders
from orders.models import Order
from shipping import queries as shipments
from shipping.models import Shipment
from tests.mci.history import History
from wallet.models import Entry, TopUp

# Pages of 8 kB that a statement of a sweep may touch with nothing due; and what four times the history may add: a level
# of an index here and there.
MOST, MORE = 150, 25
# Eight tabs are counted, each in eight ways, each of which may go down a level more; parts of names are in long lists.
MOST_OF_A_SEARCH, MORE_OF_A_SEARCH = 450, 72
N = 4000
pytestmark = pytest.mark.django_db
# Name in the beat table → the task and what it is sent with.
SWEEPS = {name: (entry["task"], entry.get("args", ())) for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}


def _nudge(name: str) -> None:
    """As beat's nudge does, on a night when it was not done yet."""
    Sweep.objects.update(done_at=None)
    task, args = SWEEPS[name]
    app.tasks[task](*args)


# Not the lock of the seal, which would be held; nor the seats and the beats: a row each, of which this one transaction
# piles up the old versions.
_TO_MEASURE = re.compile(
    r"(?!.*(pg_try_advisory|mci_sweep|mci_heartbeat))\s*(SELECT|UPDATE|DELETE|WITH|INSERT)\b", re.S
)


@contextmanager
def pages_read() -> Iterator[dict[str, int]]:
    """Statement → pages of tables and indexes that it touched, most of all its runs."""
    found: dict[str, int] = {}

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not many and _TO_MEASURE.match(sql):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor = cursor.cursor  # not through this wrapper
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
                plan = cursor.fetchone()[0]
                plan = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
                kinds = ("Shared Hit Blocks", "Shared Read Blocks", "Temp Read Blocks", "Temp Written Blocks")
                pages = sum(plan.get(kind, 0) for kind in kinds)
                key = " ".join(sql.split())
                found[key] = max(found.get(key, 0), pages)
                transaction.set_rollback(True)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


@pytest.fixture(scope="module")
def years(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Measured once for all: sweep → its statements at N and at 4 N rows. Nothing of it stays."""
    app.loader.import_default_modules()  # all the tasks of the house
    with django_db_blocker.unblock():
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '60s'; SET statement_timeout = '90s'")  # autovacuum may be at a table
            cursor.execute("VACUUM (FULL)")  # else what earlier tests took back is read as history
            cursor.execute("RESET lock_timeout; RESET statement_timeout")
        yield _measured()


def _measured() -> dict[str, list[dict[str, int]]]:
    measured: dict[str, list[dict[str, int]]] = {}
    with transaction.atomic():
        history = History()
        for name in SWEEPS:  # what is done once is done
            _nudge(name)
        for rows in (N, 3 * N):
            history.grow(rows)
            for name in SWEEPS:
                with pages_read() as pages:
                    _nudge(name)
                measured.setdefault(name, []).append(pages)
            for name, act in BESIDE.items():
                with pages_read() as pages, connection.cursor() as cursor:
                    # What an SSD's random page costs: else a table of this size is read rather than a trigram index.
                    cursor.execute("SET LOCAL random_page_cost = 1.1")
                    act()
                    cursor.execute("SET LOCAL random_page_cost = 4")
                measured.setdefault(name, []).append(pages)
        transaction.set_rollback(True)
    return measured


def _gaps() -> None:
    for shop in Shop.objects.all()[:2]:
        pull._count_gaps(shop)


def _scan(text: str) -> Callable[[], object]:
    return lambda: orders.by_scan(text)


def _list(text: str) -> None:
    found = orders.find(Dropshipper.objects.get(pk=_owner()), orders.Find(source="", text=text))
    assert len(orders.for_rows(found).order_by("-pk")[:50]) == 1
    orders.tab_counts(Dropshipper.objects.get(pk=_owner()), orders.Find(source="", text=text))


def _desk(text: str) -> None:
    assert len(orders.desk(orders.DeskFind(state="delivered", text=text)).order_by("pk")[:50]) == 1


def _parcels(text: str) -> None:
    found = shipments.find(Dropshipper.objects.get(pk=_owner()), shipments.Find(text=text))
    assert len(found.order_by("-pk")[:50]) == 1


def _owner() -> int:
    return Order.objects.get(source_number="N77").dropshipper_id


# By its tracking number, the shop's number, the customer's whole name, the city, the article.
TEXTS = ["TRK77IT", "#N77", f"giulia {md5(b'77').hexdigest()}", "citta77", "sku77"]
# What is asked beside the beat table, as often: for each shop that is read; and what a desk asks with one number.
BESIDE: dict[str, Callable[[], object]] = {
    "the gaps of a pull": _gaps,
    "a scanned label": _scan("trk77it"),
    **{f"orders by {text[:9]}": partial(_list, text) for text in TEXTS},
    **{f"the warehouse by {text[:9]}": partial(_desk, text) for text in TEXTS},
    **{f"parcels by {text[:9]}": partial(_parcels, text) for text in (TEXTS[0], *TEXTS[2:4])},
}


def _everything(text: str) -> None:
    """Ctrl K, of the staff and of a reseller."""
    boss = User(is_superuser=True, is_active=True, is_staff=True)
    assert staff.find(boss, text)
    company = Dropshipper.objects.get(pk=_owner())
    request = RequestFactory().get("/")
    request.dropshipper, request.member = company, Member(dropshipper=company, role="owner")  # type: ignore[attr-defined]
    assert reseller.find(request, text)  # type: ignore[arg-type]


SLIP = f"{md5(b'77').hexdigest()[:14]}{md5(b'77').hexdigest()[15:]}"  # of the pen: a letter is missing
BESIDE |= {f"everything by {text[:9]}": partial(_everything, text) for text in [*TEXTS, "mci 77", SLIP]}


def _admin(model: type[Model], text: str) -> None:
    page = site.get_model_admin(model)
    request = RequestFactory().get("/")
    found, _twice = page.get_search_results(request, page.get_queryset(request), text)
    assert len(found.order_by("-pk")[:100]) == 1, text


# The search box of the admin, where the table grows with time.
for _model, _texts in {
    Order: TEXTS,
    Shipment: [TEXTS[0], *TEXTS[2:4]],
    Entry: ["topup:h77", "history:77"],
    TopUp: ["mci 77"],
    InboxOrder: ["N77", "E77"],
    SecurityEvent: ["192.0.0.77"],
}.items():
    for _text in _texts:
        BESIDE[f"admin, {_model.__name__} by {_text[:9]}"] = partial(_admin, _model, _text)


def test_every_search_box_of_the_admin_over_a_table_that_grows_asks_by_index() -> None:
    """A box over a table that grows with time asks by ways (core/lookup.py) and is measured here."""
    masters = {model for model, why in retention.KEPT.items() if why == retention._MASTER}
    masters |= {"connectors.Shop", "wallet.Account"}  # grow with the resellers
    # Kept for days: what a search reads is bounded by the retention, not by history.
    short = {"connectors.Delivery", "connectors.ShopCall"}
    boxes = {
        model._meta.label
        for model, page in site._registry.items()
        if page.search_fields and model._meta.label not in masters | short
    }
    measured = {key.split(",")[1].split()[0] for key in BESIDE if key.startswith("admin")}
    assert {label.split(".")[1] for label in boxes} == measured


@pytest.mark.long
@pytest.mark.parametrize("name", [*SWEEPS, *BESIDE])
def test_with_nothing_due_a_sweep_reads_no_history(name: str, years: Any) -> None:
    some, many = years[name]
    most, more = (MOST, MORE) if name in SWEEPS else (MOST_OF_A_SEARCH, MORE_OF_A_SEARCH)
    big = [
        (some.get(sql), many[sql], sql)
        for sql in many
        if many[sql] > most or many[sql] > some.get(sql, many[sql]) + more
    ]
    assert big == []


def test_the_measure_sees_a_sweep_that_reads_all(years: Any, django_db_blocker: Any) -> None:
    """The negative control: as the chain of the books was looked for before."""
    from wallet.books import seal

    before = seal._UNSEALED.format(
        which="(e.xid >= coalesce((SELECT xid FROM last), '0'::xid8) OR (SELECT xid FROM last) >= now.xmax)"
    ).replace("FROM wallet_entry e\n", "FROM wallet_entry e, now\n")
    before = (
        "WITH last AS"
        " (SELECT e.xid FROM wallet_seal s JOIN wallet_entry e ON e.id = s.entry_id ORDER BY s.id DESC LIMIT 1),"
        " now AS (SELECT pg_snapshot_xmax(s) AS xmax FROM pg_current_snapshot() s)" + before
    )
    with django_db_blocker.unblock(), transaction.atomic():
        History().grow(N)
        with pages_read() as pages, connection.cursor() as cursor:
            cursor.execute(before, [2000])
        assert max(pages.values()) > MOST
        transaction.set_rollback(True)
