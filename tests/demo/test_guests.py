"""The demo shops that somebody who tries the portal connects: each company's its own, by the real flow, with no key."""

from __future__ import annotations

import importlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client

from connectors.connect import demo_shop
from connectors.intake import deliveries
from connectors.models import InboxOrder, Shop
from demo.shops.guests import MOST, Guests
from demo.shops.outgoing import Answer
from demo.shops.woocommerce.shop import Shop as Room
from tests import cast
from tests.connectors.conftest import make_goods
from tests.connectors.connecting import begin, work_and_confirm
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db
SLUGS = ["woocommerce", "shopify", "wordpress"]
MODES = {"woocommerce": {"mode": "auth"}, "shopify": {"mode": "app"}, "wordpress": {}}


@contextmanager
def street(slug: str) -> Iterator[Any]:
    """A demo shop with guests, as its server makes it."""
    found = importlib.import_module(f"demo.shops.{slug}.server")

    def fit(guest: Any) -> None:
        if hasattr(found, "know_the_portal"):
            found.know_the_portal(guest, "http://localhost:8000")

    with found.FakeShop() as shop:
        shop.guests = Guests(found.Shop, home=shop.public_url, folder=None, fit=fit, deliver_after=None)
        yield shop


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings.SHOPIFY_CLIENT_ID, settings.SHOPIFY_CLIENT_SECRET = "mci-portal", "whisper-0123456789"
    monkeypatch.setenv("SHOPIFY_CLIENT_ID", "mci-portal")
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", "whisper-0123456789")
    return settings


def approve(slug: str, guest: Any, begun: Any, client: Client) -> None:
    """What the owner does in his shop, and what the shop then tells the portal."""
    if slug == "woocommerce":
        given = dict(parse_qsl(urlsplit(begun.redirect).query))
        key = guest.keys.add(permissions="read_write")
        said = {name: key[name] for name in ("consumer_key", "consumer_secret")}
        said |= {"user_id": given["user_id"], "key_permissions": "read_write"}
        answer = client.post("/connect/woocommerce/callback/", said, content_type="application/json")
        assert answer.status_code == 200
    elif slug == "shopify":
        given = dict(parse_qsl(urlsplit(begun.redirect).query))
        form = urlencode({**given, "decision": "install"}).encode()
        request = urllib.request.Request(f"{guest.public_url}/admin/oauth/authorize", form)

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *args: Any, **kwargs: Any) -> None:
                return None

        try:
            urllib.request.build_opener(Stay).open(request, timeout=5)
        except urllib.error.HTTPError as answer:
            back = urlsplit(answer.headers["Location"])
        client.get(f"{back.path}?{back.query}")
    else:
        guest.webhooks.transport = in_process(client)
        guest.pair(begun.code, "http://localhost:8000")


def in_process(client: Client) -> Any:
    def post(url: str, headers: list[tuple[str, str]], body: bytes, patience_s: float) -> Any:
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers if name.startswith("X-")}
        answer = client.post(urlsplit(url).path, body, content_type="application/json", **named)  # type: ignore[arg-type]
        return Answer(answer.status_code, body=answer.content)

    return post


@pytest.mark.parametrize("slug", SLUGS)
def test_two_companies_connect_a_demo_shop_each_and_hear_of_their_own_orders_alone(slug: str, portal: Any) -> None:
    make_goods()
    with street(slug) as shop:
        portal.DEMO_SHOPS = {slug: shop.url}
        found = []
        for name in ("Bottega Aurora S.r.l.", "Emporio Felice"):
            owner = cast.member(cast.dropshipper(name=name))
            client = Client()
            cast.sign_in(client, owner)
            address = demo_shop.address_of(slug, owner.member.dropshipper)
            begun = begin(slug, {"address": address, **MODES[slug]}, owner)
            assert not begun.trouble
            guest = shop.guests.find(urlsplit(address).path)
            approve(slug, guest, begun, client)
            connected = work_and_confirm(begun.attempt.token)
            assert connected is not None
            assert (connected.address, connected.dropshipper_id) == (address, owner.member.dropshipper_id)
            assert demo_shop.is_demo(connected)
            if slug == "wordpress":
                assert guest.plugin.ask_again() == ""  # its page is open: it is given its secret
                assert guest.plugin.paired
            guest.place_order([("SCN-00001", 1)])
            found.append(connected)
        assert Shop.objects.count() == 2
        for connected in found:
            visit(connected)
        deliveries.drain()
        assert sorted(InboxOrder.objects.values_list("shop_id", flat=True)) == sorted(one.pk for one in found)


def test_a_demo_has_room_for_so_many_and_no_name_leads_out_of_its_folder(tmp_path: Any) -> None:
    guests = Guests(Room, home="http://127.0.0.1:1", folder=tmp_path / "shops", fit=lambda shop: None)
    for path in (
        "/",
        "/prova/",
        "/prova/../etc/",
        "/prova/%2e%2e/",
        "/prova/A-b/",
        "/prova/-a/",
        f"/prova/{'a' * 70}/",
    ):
        assert guests.find(path) is None
    first = guests.find("/prova/bottega-aurora-12/carrello/")
    assert first is guests.find("/prova/bottega-aurora-12")
    assert first.name == "Prova Bottega Aurora"
    assert {path.name.partition(".")[0] for path in (tmp_path / "shops").iterdir()} == {"bottega-aurora-12"}
    guests._open.update({f"x{n}": first for n in range(MOST)})
    assert guests.find("/prova/one-too-many/") is None
    first.close()
