"""What a first visit costs on the wire, from what `make run` starts: the same server, the same collected files."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mci.local import run
from mci.local.places import Place
from tests import cast, processes
from tests.journeys import world as worlds

MOST = 300_000  # bytes of a first visit, with nothing kept yet: headers, compressed bodies, fonts and all
TEXTS = re.compile(r"(text/|javascript|json|svg)")


@pytest.fixture(scope="module")
def _served(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = processes.free_port()
    root = run._environment(port, {}, Place(tmp_path_factory.mktemp("var")))["STATIC_ROOT"]
    step = "import django; django.setup(); from mci.local.prepare import collect_static; collect_static()"
    subprocess.run(
        [sys.executable, "-c", step], check=True, cwd=processes.ROOT, env=processes.live_environment(STATIC_ROOT=root)
    )
    with processes.web_server(port, STATIC_ROOT=root) as url:
        yield url


@pytest.fixture
def served(_served: str, transactional_db: None) -> str:
    """A portal that serves files as the one of `make run` does: its environment, its step of preparation."""
    return _served


class Wire:
    """What came over the wire for a page, by the browser's own count."""

    def __init__(self, page: Any, *, empty: bool = True) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.bytes: dict[str, float] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        if empty:
            session.send("Network.clearBrowserCache")
        session.on("Network.responseReceived", lambda told: self.answers.update({told["requestId"]: told["response"]}))
        session.on(
            "Network.loadingFinished", lambda told: self.bytes.update({told["requestId"]: told["encodedDataLength"]})
        )

    def table(self) -> dict[str, int]:
        return {self.answers[key]["url"]: round(size) for key, size in self.bytes.items() if key in self.answers}

    def header(self, answer: dict[str, Any], name: str) -> str:
        return str({key.lower(): value for key, value in answer["headers"].items()}.get(name, ""))


@pytest.fixture
def full_inbox() -> Any:
    """A world with a first page of the inbox that is full."""
    from connectors.models import Shop
    from tests.connectors.arrivals import PREPAID, arrive

    person, made = worlds.build("seller")
    shop = Shop.objects.get(pk=made["shop"])
    for number in range(200, 245):
        arrive(shop, number, **PREPAID)
    return person


def visit(context: Any, path: str) -> tuple[Wire, int]:
    page = context.new_page()
    wire = Wire(page)
    answer = page.goto(path, wait_until="networkidle")
    assert answer.status == 200, path
    return wire, sum(wire.table().values())


def test_a_first_visit_is_light(served: str, browser: Any, sign_in: Callable[..., None], full_inbox: Any) -> None:
    for person, paths in (
        (None, ["/account/login/"]),
        (full_inbox, ["/", "/inbox/woocommerce/?tab=all", "/catalog/", "/orders/new/"]),
        (cast.staff(), ["/", "/orders/desk/"]),
    ):
        for path in paths:
            context = browser.new_context(base_url=served, locale="it-IT", viewport={"width": 1440, "height": 900})
            if person is not None:
                holder = context.new_page()
                sign_in(holder, person)
                holder.close()
            wire, total = visit(context, path)
            for answer in wire.answers.values():
                if TEXTS.search(answer["mimeType"]) and answer["url"].startswith(f"{served}/static/"):
                    assert wire.header(answer, "content-encoding") in ("br", "gzip"), answer["url"]
                if answer["url"].startswith(f"{served}/static/"):
                    assert "immutable" in wire.header(answer, "cache-control"), answer["url"]
            assert total <= MOST, (path, sorted(wire.table().items(), key=lambda one: -one[1]))
            context.close()


def test_what_was_loaded_once_is_not_asked_for_again(served: str, browser: Any) -> None:
    context = browser.new_context(base_url=served, locale="it-IT")
    page = context.new_page()
    page.goto("/account/login/", wait_until="networkidle")
    wire = Wire(page, empty=False)
    page.goto("/account/signup/", wait_until="networkidle")
    assert [url for url in wire.table() if "/static/" in url]
    assert {url: size for url, size in wire.table().items() if "/static/" in url and size} == {}
    context.close()


def test_uncompressed_it_would_not_be(web: str, browser: Any) -> None:
    """The negative control: the files as they lie in the sources."""
    context = browser.new_context(base_url=web, locale="it-IT")
    _wire, total = visit(context, "/account/login/")
    context.close()
    assert total > MOST
