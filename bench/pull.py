"""The first pull of a shop with 10,000 orders waiting, against a bare multi-row insert of the rows that it makes."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Dropshipper
from bench import memory, shops
from bench.report import Result
from catalog.models import Category, Product, Variant
from connectors.intake import pull
from connectors.models import InboxOrder, Shop, ShopCall, ShopEvent
from core.postgresql.owner import as_owner
from orders.models import Order, OrderEvent, OrderLine, Problem

ORDERS = 10_000
PAGE = 100
ROUNDS = 3
_ROWS = (InboxOrder, Order, OrderLine, Problem, OrderEvent)  # as a pull writes them


def measure(*, rounds: int) -> list[Result]:
    call_command("load_places", verbosity=0)
    seller = Dropshipper.objects.create(name="Bench pull", vat_number="02438750586", status="active")
    _goods()
    rates: dict[str, list[float]] = {"whole": [], "shop": [], "ours": [], "bare": []}
    with shops.served("woocommerce", orders=ORDERS) as served:
        shop = _connect(seller, served)
        _forget(shop)
        _pull(shop, until=ORDERS // 2)
        half = memory.peak()
        _pull(shop, until=ORDERS)
        whole = memory.peak()
        for _round in range(min(rounds, ROUNDS)):
            _forget(shop)
            seconds, waited = _pull(shop, until=ORDERS)
            tables = [(model, _rows(model)) for model in _ROWS]
            _forget(shop)
            rates["bare"].append(_insert(tables))
            rates["whole"].append(ORDERS / seconds)
            rates["ours"].append(ORDERS / (seconds - waited))
            rates["shop"].append(ORDERS / waited)
        _forget(shop)
        few, many = _statements(shop)
    name = f"pull of {ORDERS:,} orders"
    return [
        Result(f"{name}, the shop's answers included", "/s", rates["whole"], rates["shop"], "the shop's answers alone"),
        Result(
            f"{name}, our part", "/s", rates["ours"], rates["bare"], "bare multi-row insert of its rows", at_least=0.2
        ),
        Result(f"memory at the highest, {name}", "MiB", [whole], [half], "of half of them", at_most=1.05),
        Result("statements of a page of 80 new orders", "", [many], [few], "of 20", at_most=1),
    ]


def _goods() -> None:
    category, _made = Category.objects.get_or_create(slug="bench-pull", defaults={"name": "Bench"})
    have = set(Variant.objects.values_list("sku", flat=True))
    for number in range(shops.SKUS):
        sku = f"BENCH-{number:03}"
        if sku not in have:
            product = Product.objects.create(name=f"Bench {number}", slug=f"bench-pull-{number}", category=category)
            Variant.objects.create(product=product, sku=sku, net_price=Decimal("12.00"), weight_g=500)


def _connect(seller: Dropshipper, served: shops.Served) -> Shop:
    past = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    shop = Shop(dropshipper=seller, platform="woocommerce", name="Bench", address=served.url, import_since=past)
    shop.connected_at = past
    shop.webhook_secret = "bench"
    shop.credentials = json.dumps(served.credentials)
    shop.save()
    return shop


def _pull(shop: Shop, *, until: int) -> tuple[float, float]:
    """Visits the shop until so many orders are here: the seconds in all, and those of waiting for the shop."""
    seconds = waited = 0.0
    while Order.objects.filter(source="woocommerce").count() < until:
        started = time.perf_counter()
        if not pull.pull_shop(shop.pk):
            raise AssertionError("The shop was not due.")
        seconds += time.perf_counter() - started
        calls = ShopCall.objects.filter(shop=shop)
        waited += sum(calls.values_list("ms", flat=True)) / 1000
        calls.delete()
    return seconds, waited


def _statements(shop: Shop) -> tuple[int, int]:
    """Of storing twenty new orders, and eighty."""
    from connectors.intake import page as orders_page
    from connectors.platforms import platform
    from connectors.shops.access import access_of

    page = platform("woocommerce").orders_since(access_of(shop), shop.import_since, None).orders
    counts = []
    for part in (page[:20], page[20:]):
        with CaptureQueriesContext(connection) as statements:
            orders_page.take(shop, part)
        counts.append(len(statements))
    return counts[0], counts[1]


def _rows(model: Any) -> tuple[list[str], list[list[Any]]]:
    names = [field.column for field in model._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM {model._meta.db_table} ORDER BY id")
        return names, [[_given(value) for value in row] for row in cursor.fetchall()]


def _given(value: Any) -> Any:
    return (
        json.dumps(value)
        if isinstance(value, dict | list)
        else bytes(value)
        if isinstance(value, memoryview)
        else value
    )


def _insert(tables: Sequence[tuple[Any, tuple[list[str], list[list[Any]]]]]) -> float:
    """Orders per second of writing the same rows in multi-row statements, a transaction per page."""
    started = time.perf_counter()
    parts = [_parts(len(rows)) for _model, (_names, rows) in tables]
    for slices in zip(*parts, strict=True):
        with transaction.atomic(), connection.cursor() as cursor:
            for (model, (names, rows)), part in zip(tables, slices, strict=True):
                some = rows[part]
                if some:
                    places = ", ".join(f"({', '.join(['%s'] * len(names))})" for _row in some)
                    statement = f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) VALUES {places}"
                    cursor.execute(statement, [value for row in some for value in row])
    return ORDERS / (time.perf_counter() - started)


def _parts(rows: int) -> Iterator[slice]:
    """As many slices as there are pages."""
    pages = ORDERS // PAGE
    for page in range(pages):
        yield slice(rows * page // pages, rows * (page + 1) // pages)


def _forget(shop: Shop) -> None:
    tables = ", ".join(model._meta.db_table for model in (*_ROWS, ShopEvent, ShopCall))
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
    Shop.objects.filter(pk=shop.pk).update(
        cursor=None, pull_walk="", pull_lease_until=None, pull_after=shop.connected_at
    )
    shop.refresh_from_db()
