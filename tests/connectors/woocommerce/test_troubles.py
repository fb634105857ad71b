"""What goes wrong with a WooCommerce shop, each told with what to do, and healed where it can be."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import deliveries
from connectors.models import InboxOrder, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.woocommerce import webhooks as woo_webhooks
from connectors.platforms.woocommerce.client import Client
from connectors.platforms.woocommerce.errors import ClockOff, KeyReadOnly, KeyRefused, KeyUnknown, PlainPermalinks
from connectors.shops import health
from core.errors import DomainError
from demo.shops.outgoing import Answer
from orders.models import Order
from tests.connectors.conftest import KEY, SECRET, Ticking
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 403, "body": "firewall"}, "shop_blocked"),
        ({"status": 403, "body": "wordfence"}, "shop_blocked"),
        ({"status": 503, "body": "wordfence"}, "page_instead"),
        ({"status": 401, "body": "closed"}, "api_closed"),
        ({"status": 404, "body": "no_route"}, "api_missing"),
        ({"status": 404, "body": "html"}, "api_missing"),
        ({"status": 302}, "page_instead"),
    ],
)
def test_what_stands_before_the_shop_is_not_the_shops_keys(
    connected: Any, fake: Ticking, fault: dict[str, Any], code: str
) -> None:
    fake.place_order([("SCN-00001", 1)])
    fake.faults.add("*", times=1, **fault)
    visit(connected)
    assert (connected.state, connected.trouble) == ("active", code)
    assert DomainError.sentence(connected.trouble, connected.trouble_params).count("%(") == 0
    visit(connected)
    assert (connected.trouble, Order.objects.count()) == ("", 1)


@pytest.mark.parametrize(
    ("trouble", "code"), [("secret", "key_refused"), ("removed", "key_refused"), ("demoted", "key_owner")]
)
def test_a_check_that_passes_again_ends_the_trouble(connected: Any, fake: Ticking, trouble: str, code: str) -> None:
    if trouble == "secret":
        fake.keys.add(KEY, "cs_" + "c3" * 20)
    elif trouble == "removed":
        fake.keys.remove(KEY)
    else:
        fake.keys.demote(KEY)
    visit(connected)
    assert (connected.state, connected.trouble) == ("broken", code)
    assert not health.check(connected)
    fake.keys.remove(KEY)
    fake.keys.add(KEY, SECRET)
    assert health.check(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("active", "")
    assert connected.events.order_by("-id")[0].code == "recovered"
    visit(connected)
    assert connected.last_pull_at


def test_a_page_of_a_firewall_does_not_speak_for_a_shop_that_is_to_be_reconnected(
    connected: Any, fake: Ticking
) -> None:
    Shop.objects.filter(pk=connected.pk).update(state="broken", trouble="key_owner", trouble_params={"reason": "x"})
    connected.refresh_from_db()
    fake.faults.add("*", status=403, body="firewall", times=9)
    assert not health.check(connected)
    assert connected.trouble == "shop_blocked"  # told to who asked
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("broken", "key_owner")


def test_a_read_only_key_is_told_from_a_wrong_one(fake: Ticking) -> None:
    fake.keys.add(KEY, SECRET, permissions="read")
    with pytest.raises(KeyReadOnly):
        woo_webhooks.check_may_write(Client(fake.url, KEY, SECRET))
    with pytest.raises(KeyRefused) as caught:
        woo_webhooks.check_may_write(Client(fake.url, KEY, "cs_" + "c3" * 20))
    assert not isinstance(caught.value, KeyReadOnly)


def test_a_shop_that_does_not_see_our_key_is_shown_it_in_another_way(fake: Ticking) -> None:
    """A proxy that hides the https from WordPress, or a server that drops the Authorization header."""
    fake.insecure_basic_ok = False
    client = Client(fake.url, KEY, SECRET, auth="basic")
    with pytest.raises(KeyUnknown):
        client.get("orders")
    client.find_auth()
    assert client.auth == "oauth"
    fake.public_url = fake.url.replace("http:", "https:")  # WordPress thinks that it is another scheme than ours
    client = Client(fake.url, KEY, SECRET, auth="basic")
    client.find_auth()
    assert client.auth == "oauth:https"
    client.send("POST", "webhooks", data={"topic": "order.created", "delivery_url": "https://mci.example/"})


def test_an_unknown_key_is_unknown_however_it_is_shown(fake: Ticking) -> None:
    client = Client(fake.url, "ck_" + "e5" * 20, SECRET, auth="basic")
    with pytest.raises(KeyUnknown):
        client.find_auth()
    assert client.auth == "basic"


@pytest.mark.parametrize(("seconds", "code"), [(600, "shop_clock_ahead"), (-600, "shop_clock_behind"), (60, "")])
def test_a_clock_that_is_minutes_off_is_told(connected: Any, fake: Ticking, seconds: int, code: str) -> None:
    fake.clock_ahead_s = seconds
    assert health.check(connected)
    connected.refresh_from_db()
    assert connected.facts["troubles"] == ([{"code": code, "minutes": "10"}] if code else [])


def test_a_clock_that_is_too_wrong_for_signed_calls_is_named(fake: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.keys.add(KEY, SECRET)
    fake.clock_ahead_s = -3600
    monkeypatch.setattr("demo.shops.woocommerce.auth._WINDOW", -1)  # the shop finds every timestamp wrong
    with pytest.raises(ClockOff) as caught:
        Client(fake.url, KEY, SECRET).get("orders")
    assert caught.value.params["minutes"] == 60


def test_plain_permalinks_are_named(fake: Ticking) -> None:
    fake.pretty_permalinks = False
    with pytest.raises(PlainPermalinks):
        platform("woocommerce").begin_connect(
            {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET},
            token="t",
            receiver="MCI",
            return_url="https://mci.example/",
            callback_url="https://mci.example/",
        )


def test_webhooks_that_the_shop_switched_off_are_made_anew_and_what_they_missed_is_read(
    connected: Any, fake: Ticking
) -> None:
    """As recorded: the seventh failure in a row disables a webhook, and nobody is told."""
    transport, fake.webhooks.transport = fake.webhooks.transport, lambda *_args: Answer(500)
    for _number in range(7):
        fake.tick(60)
        fake.place_order([("SCN-00001", 1)])
        fake.flush()
    assert {hook["status"] for hook in fake.webhooks.all() if hook["topic"] == "order.updated"} == {"disabled"}
    fake.webhooks.transport = transport
    Shop.objects.update(pull_after=timezone.now() + dt.timedelta(days=1))

    assert health.check(connected)

    connected.refresh_from_db()
    states = {hook["topic"]: hook["state"] for hook in connected.facts["webhooks"]}
    assert states["order.updated"] == states["order.created"] == "repaired"
    assert states["order.deleted"] == "active"
    assert connected.pull_after <= timezone.now()
    visit(connected)
    assert Order.objects.count() == 7
    fake.place_order([("SCN-00001", 1)])
    assert {delivery.status for delivery in fake.flush()} == {200}
    health.check(connected)
    connected.refresh_from_db()
    assert {hook["state"] for hook in connected.facts["webhooks"]} == {"active"}


def test_webhooks_whose_author_was_deleted_are_made_anew_by_our_key(connected: Any, fake: Ticking) -> None:
    fake.webhook_author_gone = True
    before = {hook["id"] for hook in fake.webhooks.all()}
    for _twice in range(2):
        fake.place_order([("SCN-00001", 1)])
        fake.flush()
        deliveries.drain()
    assert not InboxOrder.objects.exists()
    assert ShopEvent.objects.filter(code="webhooks_muted").count() == 1
    assert not connected.deliveries.filter(state="dead").exists()

    fake.webhook_author_gone = False
    assert health.check_due() == 1

    assert not before & {hook["id"] for hook in fake.webhooks.all()}
    connected.refresh_from_db()
    assert not connected.facts["webhooks_anew"]
    visit(connected)
    assert Order.objects.count() == 2

    fake.webhook_author_gone = True  # and once more
    fake.place_order([("SCN-00001", 1)])
    fake.flush()
    deliveries.drain()
    connected.refresh_from_db()
    assert connected.facts["webhooks_anew"]


def test_a_shop_that_is_updating_its_plugins_stays_connected(connected: Any, fake: Ticking) -> None:
    """As recorded: WordPress answers in its own JSON while .maintenance is there, and takes it away by itself."""
    fake.faults.add("", status=503, body="maintenance", retry_after=600, times=10)
    assert not health.check(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("active", "shop_busy")


def test_an_index_that_a_plugin_closes_to_strangers_is_not_needed(connected: Any, fake: Ticking) -> None:
    """As recorded: the plugin lets in who shows a key, and the index is asked without one."""
    assert health.check(connected)
    connected.refresh_from_db()
    zone = connected.facts["time_zone"]
    fake.faults.add("", status=401, body="closed", times=10)
    assert health.check(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble, connected.facts["time_zone"]) == ("active", "", zone)


def test_a_shop_whose_index_is_closed_to_strangers_is_connected(fake: Ticking) -> None:
    fake.keys.add(KEY, SECRET)
    fake.faults.add("", status=401, body="closed", times=10)
    form = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}
    links = {"return_url": "https://mci.example/", "callback_url": "https://mci.example/"}
    begun = platform("woocommerce").begin_connect(form, token="t", receiver="MCI", **links)
    assert begun.connected is not None
    assert begun.connected.facts["version"] == "11.0.1"
    assert platform("woocommerce").begin_connect({**form, "mode": "auth"}, token="t", receiver="MCI", **links).redirect


def test_a_shop_whose_permalinks_became_plain_heals_when_they_are_set_again(connected: Any, fake: Ticking) -> None:
    fake.pretty_permalinks = False
    assert not health.check(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("active", "api_missing")
    fake.pretty_permalinks = True
    visit(connected)
    assert (connected.state, connected.trouble) == ("active", "")
