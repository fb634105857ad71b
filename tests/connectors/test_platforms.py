"""The contract of every platform that is switched on, with its recorded deliveries."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from django.conf import settings
from django.http import Http404
from django.template.loader import get_template

import connectors.platforms
from connectors.platforms import platform, platforms
from connectors.platforms.base import Access, BadSignature
from connectors.platforms.contract import Platform
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
    """Every verb and every fact of the contract, with the arguments that it names."""
    verbs = {name: verb for name, verb in vars(Platform).items() if callable(verb) and not name.startswith("_")}
    facts = [name for name, kind in get_type_hints(Platform, include_extras=True).items() if name not in verbs]
    assert {"orders_since", "tell_stock", "check"} <= verbs.keys()
    assert {"slug", "stock_batch"} <= set(facts)
    for found in platforms():
        for name, verb in verbs.items():
            theirs = inspect.signature(getattr(found, name)).parameters
            assert list(theirs) == list(inspect.signature(verb).parameters)[1:], f"{found.slug}.{name}"
        assert [name for name in facts if not hasattr(found, name)] == [], found.slug
        assert found.slug in settings.PLATFORMS
        assert len(found.mark) == 2
        assert str(found.inbox_title)
        assert found.connect_form().fields
        assert min(found.stock_batch, found.price_batch, found.publish_batch) > 0
        assert not found.help_page or get_template(found.help_page)


def test_each_folder_is_a_platform_of_its_own() -> None:
    """A copied folder that kept the slug, the name or the mark of the first would be shown in its place."""
    assert [one.slug for one in platforms()] == list(settings.PLATFORMS)
    for told in ([one.name for one in platforms()], [one.mark for one in platforms()]):
        assert all(told)
        assert len(set(told)) == len(told)


def test_a_platform_that_is_not_on_is_not_found() -> None:
    with pytest.raises(Http404):
        platform("os")


def test_an_access_does_not_show_its_secrets() -> None:
    shown = repr(Access("https://shop.example.it", "key", {"consumer_secret": "cs_hidden"}, "webhook-hidden"))
    assert "hidden" not in shown
