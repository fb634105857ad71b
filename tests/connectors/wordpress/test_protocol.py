"""The protocol byte for byte, by the vectors that the PHP is tested with too; and what is not the plugin's answer."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.platforms.base import Access
from connectors.platforms.errors import (
    PageInstead,
    ReconnectNeeded,
    ShopBlocked,
    ShopBusy,
    ShopUnreachable,
    Unreadable,
)
from connectors.platforms.wordpress import events, package, signing
from connectors.platforms.wordpress.client import Client
from connectors.platforms.wordpress.errors import PluginSilent, WooCommerceOff
from demo.shops.wordpress import FakeShop
from demo.shops.wordpress import signing as theirs
from tests.connectors.wordpress.conftest import SECRET

ROOT = Path(__file__).resolve().parents[3]
VECTORS = json.loads((ROOT / "tests/wordpress_plugin/vectors.json").read_text(encoding="utf-8"))
PROTOCOL = (ROOT / "docs/connectors/wordpress.md").read_text(encoding="utf-8")


def named(rows: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(row, id=row.get("name", str(index))) for index, row in enumerate(rows)]


@pytest.mark.parametrize("vector", named(VECTORS["signatures"]))
def test_both_hands_sign_alike(vector: dict[str, str]) -> None:
    body = base64.b64decode(vector["body"])
    assert signing.signature(vector["secret"], vector["timestamp"], body) == vector["signature"]
    if str(int(vector["timestamp"])) == vector["timestamp"]:
        assert theirs.signature(vector["secret"], int(vector["timestamp"]), body) == vector["signature"]
    headers = {"x-mci-timestamp": vector["timestamp"], "x-mci-signature": vector["signature"]}
    assert signing.time_of(vector["secret"], headers, body) == int(vector["timestamp"])


@pytest.mark.parametrize("vector", named(VECTORS["refused"]))
def test_both_hands_refuse_alike(vector: dict[str, str]) -> None:
    headers = {"x-mci-timestamp": vector["timestamp"], "x-mci-signature": vector["signature"]}
    assert signing.time_of(vector["secret"], headers, base64.b64decode(vector["body"])) is None


@pytest.mark.parametrize("case", VECTORS["clock"])
def test_both_hands_have_the_same_patience_with_clocks(case: dict[str, Any]) -> None:
    assert (abs(case["now"] - int(case["timestamp"])) <= events.WINDOW.total_seconds()) == case["fresh"]


def test_an_empty_secret_opens_nothing() -> None:
    headers = {"x-mci-timestamp": "1795468561", "x-mci-signature": signing.signature("", "1795468561", b"")}
    assert signing.time_of("", headers, b"") is None


def test_the_documents_operations_are_those_that_the_fake_shop_answers(wp: FakeShop) -> None:
    table = PROTOCOL.split("| op | asks |")[1].split("\n\n")[0]
    written = set(re.findall(r"^\| `([a-z_]+)`", table, re.MULTILINE)) - {"prove"}
    spoken = {name.removeprefix("_op_") for name in dir(wp.calls) if name.startswith("_op_")}
    assert written == spoken


@pytest.fixture
def plugin(wp: FakeShop) -> Client:
    wp.plugin.provision(SECRET, "http://testserver/webhooks/wordpress/key/")
    return Client(wp.url, f"{wp.url}/wp-json/mci/v1/call", SECRET)


def test_a_call_is_answered(plugin: Client) -> None:
    assert plugin.call("about")["woocommerce"] == "11.0.1"


def test_a_plugin_of_another_time_is_called_by_its_own(plugin: Client, wp: FakeShop) -> None:
    wp.plugin.clock_off = 3 * 86400
    assert plugin.call("about")["plugin"] == "1.2.0"
    assert [status for _at, _op, _about, status in wp.calls.log] == [401, 200]


def test_other_permalinks_are_found(plugin: Client, wp: FakeShop) -> None:
    wp.faults.add("mci/about", status=404, body="html")
    assert plugin.call("about")["plugin"] == "1.2.0"
    assert [path for _method, path, _status in wp.requests] == ["/wp-json/mci/v1/call", "/"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 500}, ShopUnreachable),
        ({"status": 500, "body": "html"}, PageInstead),
        ({"status": 503, "retry_after": 7}, ShopBusy),
        ({"status": 429}, ShopBusy),
        ({"status": 403, "body": "firewall"}, ShopBlocked),
        ({"body": "html"}, PageInstead),
        ({"body": "empty"}, ShopUnreachable),
        ({"body": "truncated"}, ShopUnreachable),
        ({"drop": True}, ShopUnreachable),
        ({"status": 200, "body": "x"}, ShopUnreachable),  # JSON, and not signed
        ({"status": 401}, ShopUnreachable),  # of a security plugin: our secret is not in doubt
    ],
)
def test_each_bad_answer_has_its_outcome(
    fault: dict[str, Any], error: type[Exception], plugin: Client, wp: FakeShop
) -> None:
    wp.faults.add("mci/about", **fault)
    with pytest.raises(error) as caught:
        plugin.call("about")
    assert type(caught.value) is error
    assert plugin.call("about")


def test_a_plugin_that_is_off_is_said_and_heals_by_itself(plugin: Client, wp: FakeShop) -> None:
    wp.plugin.off = True
    with pytest.raises(PluginSilent):
        plugin.call("about")
    wp.plugin.off = False
    assert plugin.call("about")


def test_woocommerce_that_is_off_is_said(plugin: Client, wp: FakeShop) -> None:
    wp.without_woocommerce = True
    with pytest.raises(WooCommerceOff):
        plugin.call("orders_since", since="2026-11-20T10:00:00Z", after_id=0, limit=50)


def test_what_the_plugin_does_not_understand_is_no_reason_to_ask_again(plugin: Client) -> None:
    for op, fields in (("telepathy", {}), ("stock", {"levels": [{"id": "x", "quantity": 1}]}), ("stock", {})):
        with pytest.raises(Unreadable):
            plugin.call(op, **fields)


def test_a_plugin_that_was_cut_off_or_paired_elsewhere_needs_a_hand(plugin: Client, wp: FakeShop) -> None:
    wp.plugin.keep(secret="0" * 64)
    with pytest.raises(ReconnectNeeded):
        plugin.call("about")
    wp.plugin.forget()
    with pytest.raises(ReconnectNeeded):
        plugin.call("about")


def test_the_answer_of_another_call_is_not_taken(plugin: Client, wp: FakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = wp.calls._signed
    monkeypatch.setattr(wp.calls, "_signed", lambda status, said, id_, *more: plain(status, said, "another", *more))
    with pytest.raises(ShopUnreachable):
        plugin.call("about")


def test_a_write_that_is_sent_twice_is_done_once(wp: FakeShop, plugin: Client) -> None:
    """The plugin's memory of ids, for a proxy that repeats a request."""
    product = wp.products.all()[0]["id"]
    body = json.dumps(
        {"op": "stock", "call": "4b8e3c8e-2f0d-4c53-9c1b-0f4a5b1d7e11", "levels": [{"id": product, "quantity": 3}]}
    ).encode()
    headers = signing.headers(SECRET, wp.plugin.now(), body, "4b8e3c8e-2f0d-4c53-9c1b-0f4a5b1d7e11")
    from connectors.platforms.wordpress.client import post

    answers = []
    for _time in range(2):
        answers.append(post(f"{wp.url}/wp-json/mci/v1/call", body, headers, deadline_s=5, label="").body)
        wp.products.take(product, 1)
    assert answers[0] == answers[1]
    assert wp.products.get(product)["stock"] == 1  # type: ignore[index]


def test_an_access_without_a_route_uses_the_one_that_always_works(wp: FakeShop) -> None:
    wp.plugin.provision(SECRET, "http://testserver/x/")
    assert Client.of(Access(wp.url, "key", {}, SECRET)).call("about")


def test_the_zip_is_the_same_bytes_each_time_and_knows_the_portal() -> None:
    import io
    import zipfile

    made = package.package("https://portal.example.it")
    package.package.cache_clear()
    assert package.package("https://portal.example.it").body == made.body
    files = zipfile.ZipFile(io.BytesIO(made.body))
    names = files.namelist()
    assert names == sorted(names)
    assert all(name.startswith("mci-connector/") for name in names)
    assert files.read("mci-connector/portal.php") == b"<?php return 'https://portal.example.it';\n"
    header = files.read("mci-connector/mci-connector.php").decode()
    assert f"Version: {made.version}" in re.sub(r"Version:\s+", "Version: ", header)
    assert made.name == f"mci-connector-{made.version}.zip"


@pytest.mark.parametrize("portal", ["https://a.it/x", "https://a.it';", "javascript:x", ""])
def test_only_an_address_goes_into_the_zip(portal: str) -> None:
    with pytest.raises(ValueError):
        package.package(portal)


@pytest.mark.parametrize(
    ("installed", "than", "older"),
    [
        ("1.0.0", "1.0.0", False),
        ("1.9", "1.10", True),
        ("1.10", "1.9.9", False),
        ("2", "1.9", False),
        ("1.0", "1.0.0", False),
        ("", "1.0.0", True),
        ("x", "1.0.0", True),
    ],
)
def test_versions_are_compared_as_numbers(installed: str, than: str, older: bool) -> None:
    assert package.is_older(installed, than) is older
