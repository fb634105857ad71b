"""Fake shops in processes of their own, filled before the measure: their work is not ours."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

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
    stock_ids: list[str]  # of the products, where the platform counts stock by ids of its own
    facts: dict[str, Any]


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
    more: dict[str, Any] = (
        {"bucket": (10**6, 10**6)} if platform == "shopify" else {}
    )  # its pace is not what is measured
    shop = import_module(f"demo.shops.{platform}").FakeShop(products=sold, **clock, **more)
    for number in range(orders):
        now[0] = _START + dt.timedelta(seconds=20 * number)
        items = [(f"BENCH-{(number + step) % SKUS:03}", 1 + number % 3) for step in range(1 + number % 2)]
        shop.place_order(items, payment=("cod", "stripe", "bacs")[number % 3], at=now[0], silent=True)
    made = [shop.products.add(sku="", name=f"P {n}", price="9.90", stock=1) for n in range(products)]
    ids, stock_ids = [str(doc["id"]) for doc in made], [""] * products
    facts: dict[str, Any] = {}
    if platform == "shopify":
        sold_as = [shop.products.variants_of(doc)[0] for doc in made]
        ids = [f"{doc['product']}/{doc['id']}" for doc in sold_as]
        stock_ids = [str(doc["item"]) for doc in sold_as]
        credentials = {"access_token": shop.install(expiring=False)["access_token"], "auth_mode": "oauth_offline"}
        facts["locations"] = [{"id": str(row["id"]), "online": True} for row in shop.stock.locations()]
    elif platform == "wordpress":
        credentials = {"install": shop.plugin.state["install"]}
        shop.provision(key="", secret="", deliver_to="http://127.0.0.1:9/", webhook_secret=WEBHOOK_SECRET)
    else:
        credentials = {"consumer_key": KEY, "consumer_secret": SECRET}
        shop.keys.add(KEY, SECRET)
    with shop:
        pipe.send(Served(shop.url, credentials, ids, stock_ids, facts))
        pipe.recv()  # for ever: the parent ends this process
