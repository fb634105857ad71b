"""What two roles and row security cost: the same acts as the application inside a reseller's fence, and as the owner
of the tables, whom no policy binds and to whom nothing is said. In one process and one run, by turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import Member, User
from bench.intake import SECRET, webhooks
from bench.report import Result
from bench.sincronizza import Stage
from connectors.models import Shop
from connectors.webhooks import WebhookMiddleware
from core import tenancy
from core.postgresql.owner import as_owner

CLICKS = 40
PAGES = 20
SENDS = 200
SLICES = 4  # a round is cut into this many turns, so that what slows the machine for a moment slows both
MOST = 1.05

Act = Callable[[int], None]


def measure(*, rounds: int) -> list[Result]:
    stage = Stage("fence", "00905811006")
    ready: list[int] = []
    shop = Shop(dropshipper=stage.seller, platform="woocommerce", name="Fence", address="https://fence.example")
    shop.webhook_secret, shop.credentials = SECRET, "{}"
    shop.save()
    person = User.objects.create_user("fence@bench.example")
    Member.objects.create(user=person, dropshipper=stage.seller)
    client = Client()
    client.force_login(person)
    _old_orders(stage, shop)
    sends = _requests(shop.key, count=(rounds + 1) * 2 * (SENDS + SLICES))
    intake = WebhookMiddleware(lambda request: HttpResponse(status=404))

    def click(_n: int) -> None:
        stage.one(ready.pop())

    def page(_n: int) -> None:
        answer = client.get("/inbox/woocommerce/")
        assert answer.status_code == 200

    def take(_n: int) -> None:
        assert intake(next(sends)).status_code == 200

    acts: dict[str, tuple[Act, int, int | str]] = {
        "Sincronizza, a click": (click, CLICKS, stage.seller.pk),
        "a page of the inbox": (page, PAGES, stage.seller.pk),
        "webhook intake": (take, SENDS, tenancy.EVERYBODY),
    }
    times: dict[str, dict[str, list[float]]] = {name: {"with": [], "without": []} for name in acts}
    for number in range(rounds + 1):
        ready[:] = stage.orders(2 * (CLICKS + SLICES))
        for name, (act, count, tenant) in acts.items():
            found: dict[str, list[float]] = {"with": [], "without": []}
            for turn in range(SLICES):
                # Who comes first changes with each turn: the second finds the caches warm.
                for how in ("with", "without") if turn % 2 else ("without", "with"):
                    with _fenced(tenant) if how == "with" else _unfenced():
                        found[how] += _timed(act, count // SLICES)
            if number:  # the first round warms up
                for how, taken in found.items():
                    times[name][how].append(median(taken) * 1_000_000)
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return [
        Result(f"{name}, fenced", "µs", found["with"], found["without"], "as the owner", at_most=MOST)
        for name, found in times.items()
    ]


def _requests(key: str, *, count: int) -> Iterator[Any]:
    """Deliveries as the server hands them over, each made before it is timed."""
    made = []
    for path, headers, body in webhooks(key, "fence", count=count):
        names = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers if name != "Content-Type"}
        made.append(RequestFactory().post(path, body, content_type="application/json", **names))  # type: ignore[arg-type]
    return iter(made)


def _old_orders(stage: Any, shop: Shop) -> None:
    """The inbox of the page: a hundred orders of the shop."""
    from connectors.models import InboxOrder
    from orders.models import Order

    orders = Order.objects.in_bulk(stage.orders(100))
    Order.objects.filter(pk__in=orders).update(source="woocommerce")
    now = timezone.now()
    InboxOrder.objects.bulk_create(
        [
            InboxOrder(shop=shop, external_id=str(pk), order=order, version_at=now, version_hash=b"", raw=b"")
            for pk, order in orders.items()
        ]
    )


@contextmanager
def _fenced(tenant: int | str) -> Iterator[None]:
    connection.ensure_connection()
    with tenancy.of(tenant):
        yield


@contextmanager
def _unfenced() -> Iterator[None]:
    """The owner's connection, on which nothing is said."""
    plain = tenancy.in_force
    with as_owner():
        connection.ensure_connection()
        tenancy.in_force = lambda: tenancy.EVERYBODY
        try:
            yield
        finally:
            tenancy.in_force = plain


def _timed(act: Act, count: int) -> list[float]:
    act(0)  # a new connection plans its first statements, reads its catalogue
    taken = []
    for n in range(count):
        started = _spent()
        act(n)
        taken.append(_spent() - started)
    return taken


def _spent() -> float:
    """Seconds of work: the processor's, here and in the server process of this connection. What others do on the
    machine is not in it, nor the wait for the disk, which is the same with and without: the ratio is a bad case's.
    Where the server is not on this machine, or not on Linux: the clock."""
    with suppress(OSError):
        backend = connection.connection.info.backend_pid
        work = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
        return time.process_time() + work / 1e9
    return time.perf_counter()
