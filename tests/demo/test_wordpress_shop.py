"""The fake WordPress shop by itself: its pages, its queue, and that nothing of the fake WooCommerce's doors is open."""

import datetime as dt
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from demo.shops.outgoing import Answer
from demo.shops.wordpress import FakeShop, Shop

SECRET = "s" * 64
ADDRESS = "http://mci.test/webhooks/wordpress/key/"


class Mci:
    """What the shop tells is kept; `status` is what it is answered."""

    def __init__(self) -> None:
        self.status, self.seen = 200, []  # type: ignore[var-annotated]

    def __call__(self, url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> Answer:
        self.seen.append((url, dict(headers), json.loads(body)))
        return Answer(self.status)


@pytest.fixture
def mci() -> Mci:
    return Mci()


@pytest.fixture
def wp(mci: Mci) -> Iterator[FakeShop]:
    with FakeShop(transport=mci) as shop:
        shop.provision(key="", secret="", deliver_to=ADDRESS, webhook_secret=SECRET)
        yield shop


def fetch(shop: FakeShop, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(shop.url).netloc, timeout=10)
    body = urlencode(form) if form is not None else None
    connection.request("POST" if form is not None else "GET", path, body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_one_row_per_order_kept_until_it_is_taken_and_tried_ever_more_seldom(wp: FakeShop, mci: Mci) -> None:
    now = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    wp.clock = lambda: now
    id_ = wp.place_order()["id"]
    wp.orders.set_status(id_, "on-hold")
    mci.status = 500
    waits = []
    for _time in range(6):
        before = now
        wp.webhooks.run(only_due=True)
        now = wp.pending[0].due
        waits.append((now - before).total_seconds())
    assert waits == [60, 300, 900, 3600, 3600, 3600]
    assert len({headers["X-MCI-Id"] for _url, headers, _body in mci.seen}) == 1
    wp.orders.set_status(id_, "cancelled")
    mci.status = 200
    wp.flush()
    assert not wp.pending
    assert mci.seen[-1][2]["order"]["status"] == "cancelled"


def test_after_a_week_an_order_that_nobody_takes_is_given_up(wp: FakeShop, mci: Mci) -> None:
    now = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    wp.clock = lambda: now
    wp.place_order()
    mci.status = 503
    wp.flush()
    assert wp.pending
    now += dt.timedelta(days=8)
    wp.flush()
    assert not wp.pending


def test_the_queue_and_the_pairing_outlive_the_process(tmp_path: Path, mci: Mci) -> None:
    shop = Shop(data=tmp_path / "shop.sqlite", transport=mci)
    shop.provision(key="", secret="", deliver_to=ADDRESS, webhook_secret=SECRET)
    shop.place_order()
    install = shop.plugin.state["install"]
    shop.close()
    again = Shop(data=tmp_path / "shop.sqlite", transport=mci)
    assert (len(again.pending), again.plugin.paired, again.plugin.state["install"]) == (1, True, install)
    again.close()


def test_there_are_no_keys_no_webhooks_and_no_wc_auth(wp: FakeShop) -> None:
    for path in ("/wp-json/wc/v3/orders", "/wp-json/wc/v3/webhooks", "/?rest_route=/wc/v3/orders"):
        assert fetch(wp, path)[0] == 404
    assert fetch(wp, "/wc-auth/v1/authorize?app_name=MCI")[0] == 404


@pytest.mark.parametrize("path", ["/", "/wp-admin/", "/wp-admin/prodotti/", "/wp-admin/admin.php?page=mci-connector"])
def test_its_pages_are_there(path: str, wp: FakeShop) -> None:
    wp.place_order()
    status, page = fetch(wp, path)
    assert status == 200
    assert "Casa Bella Regali" in page


def test_the_plugins_page_pairs_retries_and_unpairs(wp: FakeShop, mci: Mci) -> None:
    page = "/wp-admin/admin.php?page=mci-connector"
    mci.status = 500
    wp.place_order()
    wp.flush()
    mci.status = 200
    assert fetch(wp, page, {"act": "retry"})[0] == 303
    assert not wp.pending
    assert fetch(wp, page, {"act": "unpair"})[0] == 303
    assert mci.seen[-1][2]["topic"] == "plugin.unpaired"
    assert not wp.plugin.paired
    status, text = fetch(wp, f"{page}&mci_code=abc")
    assert (status, 'value="abc"' in text) == (200, True)
    assert fetch(wp, page, {"act": "pair", "code": "abc", "portal": "nonsense"})[0] == 422
    assert fetch(wp, page, {"act": "pair", "code": "abc", "portal": "http://mci.test"})[0] == 422  # no secret came


def test_what_mci_told_is_seen_in_the_back_office(wp: FakeShop) -> None:
    id_ = wp.place_order(payment="stripe")["id"]
    given: dict[str, Any] = {"id": id_, "state": "shipped", "reference": "MCI-1", "courier": "GLS", "tracking": "AB1"}
    wp.calls._op_tell_order({**given, "tracking_url": "", "cod": False, "cash_in": False})
    assert "AB1" in fetch(wp, "/wp-admin/")[1]
    assert "AB1" in fetch(wp, f"/wp-admin/ordine/{id_}/")[1]


def test_another_shop_has_another_history() -> None:
    from demo.shops.woocommerce import Shop as WooCommerce
    from demo.shops.woocommerce import history

    sold = []
    for kind in (Shop, WooCommerce):
        shop = kind(clock=lambda: dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC))
        history.place(shop)
        sold.append([order["billing"]["email"] for order in shop.orders])
        assert not shop.pending
    assert sold[0] != sold[1]


def test_as_a_process_of_its_own_it_is_paired_from_the_start(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys
    import time

    info = tmp_path / "info.json"
    command = [sys.executable, "-m", "demo.shops.wordpress.server", "--port", "0", "--deliver-to", ADDRESS]
    secret = {"DEMO_SHOP_KEY": "", "DEMO_SHOP_SECRET": "", "DEMO_SHOP_WEBHOOK_SECRET": SECRET}
    process = subprocess.Popen([*command, "--info", str(info), "--quiet"], env={**os.environ, **secret})
    try:
        until = time.monotonic() + 20
        while not info.exists() or not info.read_text():
            assert time.monotonic() < until
            time.sleep(0.05)
        url = json.loads(info.read_text())["url"]
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.request("GET", "/wp-admin/admin.php?page=mci-connector")
        assert "data-paired" in connection.getresponse().read().decode()
    finally:
        process.terminate()
        process.wait(10)
