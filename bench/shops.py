"""Fake shops in processes of their own, filled before the measure: their work is not ours."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

KEY, SECRET = "ck_" + "a1" * 20, "cs_" + "b2" * 20
SKUS = 100
_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@contextmanager
def woocommerce(*, orders: int = 0) -> Iterator[str]:
    """The address of a WooCommerce shop with so many orders, one each 20 seconds, of one or two articles BENCH-nnn."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_woocommerce, args=(theirs, orders), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join(15)


def _woocommerce(pipe: Connection, orders: int) -> None:
    import logging

    from demo.shops.woocommerce import FakeShop

    logging.disable(logging.CRITICAL)
    now = [_START]
    products = [{"sku": f"BENCH-{n:03}", "name": f"Bench {n}", "price": "24.90"} for n in range(SKUS)]
    shop = FakeShop(clock=lambda: now[0], products=products)
    shop.keys.add(KEY, SECRET)
    for number in range(orders):
        now[0] = _START + dt.timedelta(seconds=20 * number)
        items = [(f"BENCH-{(number + step) % SKUS:03}", 1 + number % 3) for step in range(1 + number % 2)]
        shop.place_order(items, payment=("cod", "stripe", "bacs")[number % 3], at=now[0], silent=True)
    with shop:
        pipe.send(shop.url)
        pipe.recv()  # for ever: the parent ends this process
