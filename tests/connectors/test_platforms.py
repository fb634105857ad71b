"""The contract of every platform that is switched on, with its recorded deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import Http404

import connectors.platforms
from connectors.platforms import platform, platforms
from connectors.platforms.base import Access, BadSignature
from tests.connectors.readings import as_json

FOLDER = Path(connectors.platforms.__file__).parent


def _samples() -> Iterator[Any]:
    for slug in settings.PLATFORMS:
        for path in sorted((FOLDER / slug / "samples").glob("*.delivery.json")):
            yield pytest.param(slug, path, id=f"{slug}-{path.name.removesuffix('.delivery.json')}")


SAMPLES = list(_samples())


def recorded(path: Path) -> tuple[dict[str, str], str, bytes]:
    sample = json.loads(path.read_text())
    return {name.lower(): value for name, value in sample["headers"].items()}, sample["secret"], sample["body"].encode()


def access(secret: str) -> Access:
    return Access("https://shop.example.it", "key", {}, secret)


@pytest.mark.parametrize(("slug", "path"), SAMPLES)
def test_a_recorded_delivery_is_genuine_and_reads_as_expected(slug: str, path: Path) -> None:
    headers, secret, body = recorded(path)
    envelope = platform(slug).envelope(access(secret), headers, body)
    beside = path.with_name(path.name.replace(".delivery.", ".reading."))
    if not envelope.topic:  # a ping
        assert not beside.exists()
        return
    assert as_json(platform(slug).read(envelope.topic, body, facts={})) == json.loads(beside.read_text())


@pytest.mark.parametrize(("slug", "path"), SAMPLES)
def test_a_recorded_delivery_that_was_touched_is_refused(slug: str, path: Path) -> None:
    headers, secret, body = recorded(path)
    signatures = [name for name in headers if "signature" in name or "hmac" in name]
    if not signatures:
        return
    for touched_headers, touched_secret, touched_body in (
        (headers, secret, body + b" "),
        (headers, secret + "x", body),
        (headers, "", body),
        ({**headers, signatures[0]: "è" * 44}, secret, body),
        ({**headers, signatures[0]: ""}, secret, body),
    ):
        with pytest.raises(BadSignature):
            platform(slug).envelope(access(touched_secret), touched_headers, touched_body)


def test_every_platform_that_is_on_keeps_the_contract() -> None:
    for found in platforms():
        assert found.slug in settings.PLATFORMS
        assert len(found.mark) == 2
        assert str(found.inbox_title)
        for verb in (
            "begin_connect",
            "finish_connect",
            "subscribe",
            "unsubscribe",
            "envelope",
            "read",
            "order",
            "tell_order",
            "products",
            "tell_stock",
            "orders_seen",
        ):
            assert callable(getattr(found, verb))
        assert callable(found.orders_since)
        assert callable(found.check)
        assert found.connect_form
        assert found.stock_batch > 0


def test_a_platform_that_is_not_on_is_not_found() -> None:
    with pytest.raises(Http404):
        platform("os")


def test_an_access_does_not_show_its_secrets() -> None:
    shown = repr(Access("https://shop.example.it", "key", {"consumer_secret": "cs_hidden"}, "webhook-hidden"))
    assert "hidden" not in shown
