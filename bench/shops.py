"""Fake shops in processes of their own, filled before the measure: their work is not ours."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

KEY, SECRET = "ck_" + "a1" * 20, "cs_" + "b2" * 20
WEBHOOK_SECRET = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SKUS = 100
_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Served:
    """A fake shop that answers: its address, what connects to it, and the ids of its products."""

    url: str
    credentials: dict[str, str]
    products: list[str]


@contextmanager
def served(platform: str, *, orders: int = 0, products: int = 0) -> Iterator[Served]:
    """A shop with so many orders, one each 20 seconds, of one or two articles BENCH-nnn; or so many products."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, platform, orders, products), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join(15)


def _serve(pipe: Connection, platform: str, orders: int, products: int) -> None:
    import logging
    from importlib import import_module

    logging.disable(logging.CRITICAL)
    now = [_START]
    sold = [{"sku": f"BENCH-{n:03}", "name": f"Bench {n}", "price": "24.90"} for n in range(SKUS)] if orders else []
    clock = {"clock": lambda: now[0]} if orders else {}
    shop = import_module(f"demo.shops.{platform}").FakeShop(products=sold, **clock)
    for number in range(orders):
        now[0] = _START + dt.timedelta(seconds=20 * number)
        items = [(f"BENCH-{(number + step) % SKUS:03}", 1 + number % 3) for step in range(1 + number % 2)]
        shop.place_order(items, payment=("cod", "stripe", "bacs")[number % 3], at=now[0], silent=True)
    ids = [str(shop.products.add(sku="", name=f"P {n}", price="9.90", stock=1)["id"]) for n in range(products)]
    if platform == "wordpress":
        credentials = {"install": shop.plugin.state["install"]}
        shop.provision(key="", secret="", deliver_to="http://127.0.0.1:9/", webhook_secret=WEBHOOK_SECRET)
    else:
        credentials = {"consumer_key": KEY, "consumer_secret": SECRET}
        shop.keys.add(KEY, SECRET)
    with shop:
        pipe.send(Served(shop.url, credentials, ids))
        pipe.recv()  # for ever: the parent ends this process
