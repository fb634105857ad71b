"""Sincronizza: one by one against the minimal SQL transaction of the same rows, and in bulk against one by one."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Dropshipper
from bench.report import Result
from catalog import stock
from catalog.models import Category, Product, Variant
from core.postgresql.owner import as_owner
from orders.dispatch import runs
from orders.models import Order, OrderLine
from shipping.models import Courier, Method, Rate, Zone, ZoneArea
from wallet import moves
from wallet.models import Account

ONE_BY_ONE = 200
BULK = 1000


def measure(*, rounds: int) -> list[Result]:
    stage = Stage()
    minimal = _Minimal(stage)
    rates: dict[str, list[float]] = {"minimal": [], "one": [], "bulk": []}
    for number in range(rounds + 1):
        found = {
            "minimal": _timed(minimal.one, stage.orders(ONE_BY_ONE)),
            "one": _timed(stage.one, stage.orders(ONE_BY_ONE)),
            "bulk": stage.bulk(stage.orders(BULK)),
        }
        if number:
            for name, rate in found.items():
                rates[name].append(rate)
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    statements = {size: stage.statements(size) for size in (1, 10, 250)}
    return [
        Result("Sincronizza one by one", "/s", rates["one"], rates["minimal"], "minimal SQL, same rows", at_least=0.3),
        Result(f"Sincronizza of {BULK:,}", "/s", rates["bulk"], rates["one"], "one by one", at_least=8),
        Result("statements of a batch of 250", "", [statements[250]], [statements[10]], "of 10", at_most=1),
        Result("statements of one click", "", [statements[1]], [minimal.statements], "minimal SQL"),
    ]


def _timed(act: Callable[[int], Any], ids: list[int]) -> float:
    started = time.perf_counter()
    for order_id in ids:
        act(order_id)
    return len(ids) / (time.perf_counter() - started)


class Stage:
    """A reseller with money, 100 articles in stock, one method; orders of one line each, half of them COD."""

    def __init__(self, code: str = "bench", vat_number: str = "01114601006") -> None:
        self.seller = Dropshipper.objects.create(name="Bench", vat_number=vat_number, status="active")
        courier = Courier.objects.create(name="Bench", code=code)
        self.method = Method.objects.create(courier=courier, name="Bench", code=code, cod_fee_fixed=Decimal("2.00"))
        zone = Zone.objects.create(name="Italia", code=f"{code}-it")
        ZoneArea.objects.create(zone=zone, country="IT")
        Rate.objects.create(method=self.method, zone=zone, max_weight_g=30_000, net=Decimal("5.00"))
        category = Category.objects.create(name="Bench", slug=code)
        products = Product.objects.bulk_create(
            [Product(name=f"Bench {n}", slug=f"{code}-{n}", category=category) for n in range(100)]
        )
        self.variants = Variant.objects.bulk_create(
            [
                Variant(product=product, sku=f"{code.upper()}-{n:03}", net_price=Decimal("12.00"), weight_g=500)
                for n, product in enumerate(products)
            ]
        )
        stock.receive_all({variant.pk: 1_000_000 for variant in self.variants}, by=None)
        moves.adjust(self.seller.pk, Decimal("9000000.00"), memo="bench", by=None)

    def orders(self, count: int) -> list[int]:
        made = Order.objects.bulk_create(
            [
                Order(
                    dropshipper=self.seller,
                    state="ready",
                    payment="cod" if n % 2 else "prepaid",
                    sale_total=Decimal("39.90"),
                    to_collect=Decimal("39.90") if n % 2 else None,
                    name="Giulia Rossi",
                    street="Via Garibaldi 12",
                    postcode="10122",
                    city="Torino",
                    province="TO",
                    phone="+393331234567",
                    method=self.method,
                )
                for n in range(count)
            ]
        )
        OrderLine.objects.bulk_create(
            [
                OrderLine(order=order, variant=self.variants[n % 100], sku=self.variants[n % 100].sku, quantity=1)
                for n, order in enumerate(made)
            ]
        )
        return [order.pk for order in made]

    def one(self, order_id: int) -> None:
        item = runs.dispatch_now(order_id, dropshipper_id=self.seller.pk, key=uuid.uuid4(), by=None)
        assert item.result == "dispatched", (item.code, item.params)

    def bulk(self, ids: list[int]) -> float:
        """Orders per second from the click to the end of the run."""
        started = time.perf_counter()
        run = runs.start(ids, dropshipper_id=self.seller.pk, key=uuid.uuid4(), by=None)
        runs.advance(run.pk, budget_s=600)
        rate = len(ids) / (time.perf_counter() - started)
        assert run.items.filter(result="dispatched").count() == len(ids)
        return rate

    def statements(self, size: int) -> int:
        ids = self.orders(size)
        if size == 1:
            with CaptureQueriesContext(connection) as queries:
                self.one(ids[0])
            return len(queries)
        run = runs.start(ids, dropshipper_id=self.seller.pk, key=uuid.uuid4(), by=None)
        with CaptureQueriesContext(connection) as queries:
            runs.advance(run.pk)
        return len(queries)


class _Minimal:
    """The same rows as Sincronizza of one order by hand-written statements, with every amount known beforehand."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        own = {a.kind: a.pk for a in Account.objects.filter(dropshipper=stage.seller)}
        system = {a.kind: a.pk for a in Account.objects.filter(dropshipper=None)}
        self.accounts = {**own, **system}
        # BEGIN, COMMIT, the postings; of the entries and of the parcel's events one of two kinds
        self.statements = len(_STATEMENTS) - 2 + 3

    def one(self, order_id: int) -> None:
        reference, seller, method = f"order:{order_id}", self.stage.seller.pk, self.stage.method.pk
        a = self.accounts
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STATEMENTS[0], [order_id])
            payment, variant = cursor.fetchone()
            cod = payment == "cod"
            cursor.execute(_STATEMENTS[1], [variant])
            cursor.execute(_STATEMENTS[2], [variant, reference])
            cursor.execute(
                _STATEMENTS[3],
                [reference, seller, method, "booked" if cod else "", "39.90" if cod else "0.00"],
            )
            (shipment,) = cursor.fetchone()
            cursor.execute(_STATEMENTS[4 if cod else 5], [shipment] * (2 if cod else 1))
            cursor.execute(_STATEMENTS[6], [method, shipment, order_id])
            cursor.execute(_STATEMENTS[7], [order_id])
            cursor.execute(_STATEMENTS[8], [order_id] * 3)
            if cod:
                cursor.execute(
                    _STATEMENTS[9],
                    [f"{reference}:sale", reference, seller, f"{reference}:guarantee", reference, seller],
                )
                sale, guarantee = (row[0] for row in cursor.fetchall())
                lines = [
                    (sale, a["cod_in_transit"], "-39.90"),
                    (sale, a["sales"], "12.00"),
                    (sale, a["shipping_income"], "5.00"),
                    (sale, a["cod_fees"], "2.00"),
                    (sale, a["vat"], "4.18"),
                    (sale, a["cod_due"], "16.72"),
                    (guarantee, a["wallet"], "-12.20"),
                    (guarantee, a["held"], "12.20"),
                ]
            else:
                cursor.execute(_STATEMENTS[10], [f"{reference}:sale", reference, seller])
                (sale,) = cursor.fetchone()
                lines = [
                    (sale, a["wallet"], "-20.74"),
                    (sale, a["sales"], "12.00"),
                    (sale, a["shipping_income"], "5.00"),
                    (sale, a["vat"], "3.74"),
                ]
            values = ", ".join(["(%s, %s, %s)"] * len(lines))
            cursor.execute(
                f"INSERT INTO wallet_posting (entry_id, account_id, amount) VALUES {values}",
                [value for line in lines for value in line],
            )
            key = uuid.uuid4()
            cursor.execute(_STATEMENTS[11], [key, seller])
            (run,) = cursor.fetchone()
            cursor.execute(_STATEMENTS[12], [run, order_id])


_HASH = "decode(repeat('00', 32), 'hex')"
_ENTRIES = (
    "INSERT INTO wallet_entry (key, kind, request_hash, reference, dropshipper_id, reverses_id, by_id, memo, at)"
    " VALUES "
)
_STATEMENTS = [
    """
    SELECT o.payment, l.variant_id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
     WHERE o.id = %s FOR NO KEY UPDATE OF o
    """,
    """
    UPDATE catalog_stock SET reserved = reserved + 1, version = version + 1, updated_at = now()
     WHERE variant_id = %s AND on_hand - reserved - buffer >= 1
    """,
    """
    INSERT INTO catalog_stockmove (variant_id, kind, on_hand_change, reserved_change, reference, at)
    VALUES (%s, 'reserved', 0, 1, %s, now())
    """,
    """
    INSERT INTO shipping_shipment (reference, dropshipper_id, method_id, state, cash, cod_amount, weight_g, tracking,
           name, company, street, street2, postcode, city, province, country, phone, email, note, created_at)
    VALUES (%s, %s, %s, 'to_pick', %s, %s, 500, '', 'Giulia Rossi', '', 'Via Garibaldi 12', '', '10122', 'Torino',
           'TO', 'IT', '+393331234567', '', '', now()) RETURNING id
    """,
    """
    INSERT INTO shipping_shipmentevent (shipment_id, axis, from_value, to_value, note, at)
    VALUES (%s, 'state', '', 'to_pick', '', now()), (%s, 'cash', '', 'booked', '', now())
    """,
    """
    INSERT INTO shipping_shipmentevent (shipment_id, axis, from_value, to_value, note, at)
    VALUES (%s, 'state', '', 'to_pick', '', now())
    """,
    """
    UPDATE orders_order SET state = 'dispatched', method_id = %s, goods_net = 12, shipping_net = 5, cod_fee_net = 0,
           vat = 3.74, cost = 20.74, margin = 19.16, guarantee = 0, shipment_id = %s, dispatched_at = now(),
           updated_at = now(), version = version + 1
     WHERE id = %s
    """,
    "UPDATE orders_orderline SET unit_net = 12, vat_rate = 22 WHERE order_id = %s",
    """
    INSERT INTO orders_orderevent (order_id, code, params, at)
    VALUES (%s, 'dispatched', '{}', now()), (%s, 'stock_reserved', '{"pieces": 1}', now()),
           (%s, 'charged', '{"amount": "20.74"}', now())
    """,
    _ENTRIES
    + f"""(%s, 'cod_sale', {_HASH}, %s, %s, NULL, NULL, '', now()),
          (%s, 'guarantee', {_HASH}, %s, %s, NULL, NULL, '', now()) RETURNING id""",
    _ENTRIES + f"(%s, 'sale', {_HASH}, %s, %s, NULL, NULL, '', now()) RETURNING id",
    """
    INSERT INTO orders_dispatchrun (key, dropshipper_id, source, state, stop_asked, total, created_at, started_at,
           finished_at)
    VALUES (%s, %s, '', 'done', false, 1, now(), now(), now()) RETURNING id
    """,
    """
    INSERT INTO orders_dispatchitem (run_id, order_id, position, result, code, params, done_at)
    VALUES (%s, %s, 0, 'dispatched', '', '{}', now())
    """,
]
