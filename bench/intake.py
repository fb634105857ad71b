"""Webhook intake under granian: ours (secret, HMAC, no repeat, raw body, commit, 200) against a bare view."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection

from accounts.models import Dropshipper
from bench.client import Load, Request, post
from bench.report import Result
from connectors.models import Shop
from core.postgresql.owner import as_owner
from mci.local import web

SECRET = "benchsecret"
SENDS = 1500
_TABLES = """
CREATE TABLE bench_json (id bigserial PRIMARY KEY, shop_id int NOT NULL, event_id text NOT NULL, topic text NOT NULL,
    received_at timestamptz NOT NULL, body jsonb NOT NULL, UNIQUE (shop_id, event_id));
CREATE TABLE bench_raw (id bigserial PRIMARY KEY, shop_id int NOT NULL, event_id text NOT NULL, topic text NOT NULL,
    received_at timestamptz NOT NULL, body bytea NOT NULL, UNIQUE (shop_id, event_id));
"""


def measure(*, rounds: int) -> list[Result]:
    seller = Dropshipper.objects.create(name="Bench", vat_number="00743110157", status="active")
    shop = Shop(dropshipper=seller, platform="woocommerce", name="Bench", address="https://bench.example")
    shop.webhook_secret = SECRET
    shop.credentials = json.dumps({})
    shop.save()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(_TABLES)
    results = []
    with ExitStack() as stack:
        ours, bare = (stack.enter_context(_server(app)) for app in ("mci.wsgi:application", "bench.bare:application"))
        for clients in (1, 8):
            loads: dict[str, list[Load]] = {"ours": [], "again": [], "in_json": [], "in_raw": []}
            for number in range(rounds + 1):
                requests = webhooks(shop.key, f"{clients}/{number}")
                found = {
                    "ours": post(ours, requests, clients=clients),
                    "in_json": post(bare, _at("/in_json", requests), clients=clients),
                    "in_raw": post(bare, _at("/in_raw", requests), clients=clients),
                    "again": post(ours, requests, clients=clients),
                }
                if number:  # the first round warms both servers up
                    for name, load in found.items():
                        loads[name].append(load)
            rate = {name: [load.rate for load in taken] for name, taken in loads.items()}
            label = f"{clients} connection{'s' if clients > 1 else ''}"
            results += [
                Result(
                    f"webhook intake, {label}", "/s", rate["ours"], rate["in_json"], "bare view, jsonb", at_least=0.8
                ),
                Result(f"webhook intake, {label}", "/s", rate["ours"], rate["in_raw"], "bare view, raw", at_least=0.7),
                Result(f"the same delivery again, {label}", "/s", rate["again"], rate["ours"], "first delivery"),
            ]
        results.append(
            Result(
                "webhook intake p99, 8 connections",
                "ms",
                [load.p99 for load in loads["ours"]],
                [load.p99 for load in loads["in_json"]],
                "bare view, jsonb",
                at_most=2,
            )
        )
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM connectors_delivery WHERE shop_id = %s", [shop.pk])  # others measure too
        (stored,) = cursor.fetchone()
        cursor.execute("DROP TABLE bench_json, bench_raw")
    expected = 2 * (rounds + 1) * SENDS
    if stored != expected:
        raise AssertionError(f"{stored} deliveries are stored, {expected} were answered with 200.")
    return results


def webhooks(key: str, salt: str, *, count: int = SENDS) -> list[Request]:
    made = []
    for number in range(count):
        order = {"id": number, "status": "processing", "salt": salt, "note": "x" * 3900}
        body = json.dumps(order).encode()
        signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        headers = [
            ("User-Agent", "WooCommerce/11.0.1 Hookshot (WordPress/7.1)"),
            ("Content-Type", "application/json"),
            ("X-WC-Webhook-Source", "https://bench.example/"),
            ("X-WC-Webhook-Topic", "order.updated"),
            ("X-WC-Webhook-Resource", "order"),
            ("X-WC-Webhook-Event", "updated"),
            ("X-WC-Webhook-Signature", signature),
            ("X-WC-Webhook-ID", "1"),
            ("X-WC-Webhook-Delivery-ID", "abc"),
        ]
        made.append((f"/webhooks/woocommerce/{key}/", headers, body))
    return made


def _at(path: str, requests: list[Request]) -> list[Request]:
    return [(path, headers, body) for _path, headers, body in requests]


@contextmanager
def _server(application: str) -> Iterator[int]:
    """The product's own way of serving: granian, 2 workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--workers",
        "2",
        "--blocking-threads",
        web.GRANIAN["GRANIAN_BLOCKING_THREADS"],
        "--no-ws",
        "--log-level",
        "warning",
        application,
    ]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    if application.startswith("mci"):
        environment |= {"DJANGO_SETTINGS_MODULE": "mci.settings", **web.GRANIAN}
    process = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 30
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"granian did not start {application}.")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=15)
