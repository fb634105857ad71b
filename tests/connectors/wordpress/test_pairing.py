"""Pairing by a one-time code, through the fake plugin's button and MCI's callback."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connectors.connect import acts, attempts
from connectors.intake import deliveries
from connectors.models import ConnectAttempt, InboxOrder, Shop
from core import leases
from demo.shops.outgoing import Answer
from demo.shops.woocommerce import FakeShop as ShopOfWooCommerce
from demo.shops.wordpress import FakeShop
from tests.connectors import connecting
from tests.connectors.conftest import make_goods
from tests.connectors.wordpress.conftest import PORTAL, begin, pair, pull_now, to_mci

pytestmark = pytest.mark.django_db
CALLBACK = "/connect/wordpress/callback/"


def payload(wp: FakeShop, token: str, **changed: Any) -> dict[str, Any]:
    said = {
        "code": token,
        "ask": "pair",
        "pairing": 2,
        "home": wp.url,
        "install": wp.plugin.state["install"],
        "rest": f"{wp.url}/wp-json/mci/v1/call",
        **wp.plugin.about(),
    }
    return {**said, **changed}


def test_a_code_makes_a_shop_whose_events_come_and_whose_plugin_answers(wp: FakeShop, owner: Any) -> None:
    make_goods()
    started = begin(wp, owner)
    assert started.code == started.attempt.token
    assert started.redirect == f"{wp.url}/wp-admin/admin.php?page=mci-connector&mci_code={started.code}"
    assert pair(wp, started.code) == ""
    shop = Shop.objects.get()
    assert (shop.platform, shop.state, shop.address, shop.name) == ("wordpress", "active", wp.url, wp.name)
    assert shop.dropshipper == owner.member.dropshipper
    assert shop.webhook_secret == wp.plugin.state["secret"]
    assert len(shop.webhook_secret) == 64
    assert (shop.facts["plugin"], shop.facts["woocommerce"], shop.facts["currency"]) == ("1.2.0", "11.0.1", "EUR")
    order = wp.place_order()
    assert [one.status for one in wp.flush()] == [200]
    assert deliveries.drain() == 1
    assert InboxOrder.objects.get().external_id == str(order["id"])
    pull_now(shop)
    assert (shop.trouble, shop.last_pull_at is not None) == ("", True)


def test_who_will_get_the_orders_is_said_before_anything_is_handed_in(wp: FakeShop, owner: Any) -> None:
    started, company = begin(wp, owner), owner.member.dropshipper
    assert wp.plugin.who(started.code, PORTAL) == ""
    for words in (company.name, company.vat_number, "Scontimania"):
        assert words in wp.plugin.asked["receiver"]
    started.attempt.refresh_from_db()
    assert (started.attempt.phase, started.attempt.read("answer")) == ("waiting", {})
    assert wp.plugin.who("guessed-guessed-guessed-guessed", PORTAL)


def test_the_answers_are_json_of_their_exact_length_and_the_last_holds_nothing_else(
    wp: FakeShop, owner: Any, client: Client
) -> None:
    started, seen = begin(wp, owner), []
    post = to_mci(client)
    wp.webhooks.transport = lambda *args: seen.append(post(*args)) or seen[-1]  # type: ignore[func-returns-value]
    assert pair(wp, started.code) == ""
    assert [one.status for one in seen] == [202, 200]
    for one in seen:
        assert one.headers["content-length"] == str(len(one.body))
        assert one.headers["content-type"] == "application/json"
    assert set(json.loads(seen[0].body)) == {"state", "after", "message"}
    assert set(json.loads(seen[1].body)) == {"secret", "webhook_address", "shop", "time"}


def test_the_plugin_asks_as_long_as_mci_is_at_it_and_no_request_calls_the_shop(wp: FakeShop, owner: Any) -> None:
    started = begin(wp, owner)
    before = len(wp.requests)
    assert wp.pair(started.code, PORTAL) == ""
    for _question in range(3):
        assert wp.plugin.ask_again() == ""
    assert len(wp.requests) == before
    started.attempt.refresh_from_db()
    assert (started.attempt.phase, started.attempt.tries) == ("answered", 0)
    attempts.advance_due()
    assert wp.plugin.ask_again() == ""  # tried, and not confirmed
    started.attempt.refresh_from_db()
    assert (started.attempt.phase, wp.plugin.paired, Shop.objects.exists()) == ("pending", False, False)
    assert started.attempt.found == {"name": wp.name, "address": wp.url, "orders": 0}
    connecting.work_and_confirm(started.code)
    assert wp.plugin.ask_again() == ""
    assert wp.plugin.paired


def test_a_plugin_whose_page_was_closed_hears_the_answer_by_itself(
    wp: FakeShop, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo's asked on its page alone: the portal said *connected*, and no order ever arrived."""
    started = begin(wp, owner)
    assert wp.pair(started.code, PORTAL) == ""
    connecting.work_and_confirm(started.code)
    wp.queue.run(only_due=True)
    assert not wp.plugin.paired  # it asks once a minute
    monkeypatch.setattr("demo.shops.wordpress.plugin.MINUTE_S", 0.0)
    wp.queue.run(only_due=True)
    assert wp.plugin.paired
    wp.place_order()
    assert [one.status for one in wp.flush()] == [200]


def test_he_says_that_it_is_not_his_and_the_plugin_hears_it(wp: FakeShop, owner: Any) -> None:
    started = begin(wp, owner)
    assert wp.pair(started.code, PORTAL) == ""
    attempts.advance_due()
    acts.drop(started.attempt, by=owner.pk)
    assert wp.plugin.ask_again()
    assert not wp.plugin.waiting_code
    started.attempt.refresh_from_db()
    assert (started.attempt.phase, started.attempt.read("found"), Shop.objects.exists()) == ("failed", {}, False)


def test_a_plugin_of_before_is_told_to_be_updated(wp: FakeShop, owner: Any, client: Client) -> None:
    """It waits for its secret in the answer, and shows nobody who will get the orders."""
    started = begin(wp, owner)
    body = payload(wp, started.code, plugin="1.1.0")
    del body["pairing"], body["ask"]
    answer = client.post(CALLBACK, body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (401, "plugin_too_old")
    assert "1.1.0" in answer.json()["message"]
    started.attempt.refresh_from_db()
    assert (started.attempt.phase, started.attempt.trouble) == ("waiting", "plugin_too_old")
    assert pair(wp, started.code) == ""  # once it was updated


def test_an_answer_that_was_lost_is_given_again_to_the_same_installation_alone(
    wp: FakeShop, owner: Any, client: Client
) -> None:
    started, post = begin(wp, owner), to_mci(client)
    assert wp.pair(started.code, PORTAL) == ""
    connecting.work_and_confirm(started.code)
    wp.webhooks.transport = lambda *args: post(*args) and Answer(0, "TimeoutError")
    assert wp.plugin.ask_again() == ""
    assert not wp.plugin.paired
    shop = Shop.objects.get()
    wp.webhooks.transport = post
    assert wp.plugin.ask_again() == ""
    assert wp.plugin.state["secret"] == shop.webhook_secret
    assert Shop.objects.get().webhook_secret == shop.webhook_secret
    wp.plugin.keep(install="0b9a0a50-3c1f-4c8e-9a52-5ddc0f8f0a11")  # a copy of the shop
    assert wp.pair(started.code, PORTAL)
    assert Shop.objects.get().webhook_secret == shop.webhook_secret


def test_another_installation_does_not_take_the_place_of_the_one_that_is_shown(wp: FakeShop, owner: Any) -> None:
    """What he confirms is what he saw."""
    started = begin(wp, owner)
    assert wp.pair(started.code, PORTAL) == ""
    attempts.advance_due()
    before = wp.plugin.state["install"]
    wp.plugin.keep(install="0b9a0a50-3c1f-4c8e-9a52-5ddc0f8f0a11")
    assert wp.pair(started.code, PORTAL)
    connecting.work_and_confirm(started.code)
    assert json.loads(Shop.objects.get().credentials)["install"] == before


def test_a_code_is_worth_nothing_after_its_hour(wp: FakeShop, owner: Any) -> None:
    started = begin(wp, owner)
    ConnectAttempt.objects.update(expires_at=timezone.now())
    assert pair(wp, started.code)
    assert not Shop.objects.exists()
    assert not wp.plugin.paired


def test_a_used_code_is_worth_nothing_once_the_shop_was_paired_anew(wp: FakeShop, owner: Any) -> None:
    old, new = begin(wp, owner), begin(wp, owner)
    assert pair(wp, old.code) == ""
    assert pair(wp, new.code) == ""
    secret = Shop.objects.get().webhook_secret
    assert wp.plugin.state["secret"] == secret
    assert pair(wp, old.code)
    assert Shop.objects.get().webhook_secret == secret


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code": "guessed-guessed-guessed-guessed"}, "attempt_over"),
        ({"home": "https://another.example.it"}, "wrong_home"),
        ({"home": "javascript:alert(1)"}, "wrong_home"),
        ({"install": "x"}, "bad_request"),
        ({"install": None}, "bad_request"),
        ({"woocommerce": ""}, "not_a_shop"),
        ({}, "not_proven"),  # nobody pressed the button in the shop: the plugin there does not hold the code
    ],
)
def test_who_is_not_the_plugin_of_the_typed_shop_gets_a_sentence_and_leaves_nothing(
    wp: FakeShop, owner: Any, client: Client, changed: dict[str, Any], code: str
) -> None:
    started = begin(wp, owner)
    body = payload(wp, started.code, **changed)
    answer = client.post(CALLBACK, body, content_type="application/json")
    if answer.status_code == 202:  # that is not to be seen without a call
        attempts.advance_due()
        answer = client.post(CALLBACK, {**body, "ask": "again"}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (401, code)
    assert answer.json()["message"]
    assert not Shop.objects.exists()
    started.attempt.refresh_from_db()
    assert started.attempt.used_at is None


def test_a_message_without_a_code_is_refused(client: Client, db: None) -> None:
    for body in ({}, {"code": 7}, [], "x"):
        answer = client.post(CALLBACK, json.dumps(body), content_type="application/json")
        assert answer.status_code == 400
    assert client.post(CALLBACK, b"{", content_type="application/json").status_code == 400


def test_nobody_occupies_the_address_of_a_shop_that_he_does_not_hold(
    wp: FakeShop, owner: Any, stranger: Any, client: Client
) -> None:
    """A stranger has a code of his own for the owner's address; only the plugin there could use it."""
    with FakeShop(transport=to_mci(client)) as his:
        started = begin(wp, stranger)
        his.public_url = wp.url  # it says that it is the owner's shop
        assert pair(his, started.code)
    assert not Shop.objects.exists()
    assert pair(wp, begin(wp, owner).code) == ""
    assert Shop.objects.get().dropshipper == owner.member.dropshipper


def test_a_shop_of_another_account_is_not_taken_over(wp: FakeShop, owner: Any, stranger: Any) -> None:
    late = begin(wp, stranger)
    assert pair(wp, begin(wp, owner).code) == ""
    secret = wp.plugin.state["secret"]
    assert wp.url in pair(wp, late.code)
    assert Shop.objects.get().dropshipper == owner.member.dropshipper
    assert (wp.plugin.state["secret"], Shop.objects.get().webhook_secret) == (secret, secret)


def test_a_page_of_the_shop_is_enough_of_an_address_but_not_another_wordpress_beside_it(
    wp: FakeShop, owner: Any, client: Client
) -> None:
    within = begin(wp, owner, f"{wp.url}/negozio")
    assert within.redirect.startswith(f"{wp.url}/wp-admin/")
    assert pair(wp, within.code) == ""
    assert Shop.objects.get().address == wp.url
    beside = begin(wp, owner)
    body = payload(wp, beside.code, home=f"{wp.url}/blog")
    assert client.post(CALLBACK, body, content_type="application/json").json()["error"] == "wrong_home"


def test_a_firewall_in_the_way_is_said_before_anything_is_kept_and_the_code_lives_on(wp: FakeShop, owner: Any) -> None:
    started = begin(wp, owner)
    wp.faults.add("mci/prove", times=2, status=403, body="firewall")
    assert "403" in pair(wp, started.code)
    assert not Shop.objects.exists()
    started.attempt.refresh_from_db()
    assert started.attempt.trouble == "not_proven"
    assert pair(wp, started.code) == ""
    assert Shop.objects.exists()


def test_a_busy_shop_may_try_again(wp: FakeShop, owner: Any, client: Client) -> None:
    started = begin(wp, owner)
    wp.faults.add("mci/prove", status=429, retry_after=5)
    assert wp.pair(started.code, PORTAL) == ""
    attempts.advance_due()
    assert wp.plugin.ask_again() == ""  # MCI asks the shop again by itself
    ConnectAttempt.objects.update(try_after=timezone.now())
    connecting.work_and_confirm(started.code)
    assert wp.plugin.ask_again() == ""
    assert wp.plugin.paired


def test_a_route_outside_of_the_shop_is_not_called(wp: FakeShop, owner: Any, client: Client) -> None:
    with FakeShop() as elsewhere:
        for rest in (f"{elsewhere.url}/wp-json/mci/v1/call", f"{wp.url}/other", "file:///etc/passwd", ""):
            started = begin(wp, owner)
            client.post(CALLBACK, payload(wp, started.code, rest=rest), content_type="application/json")
            attempts.advance_due()
        assert not elsewhere.requests
    assert {path for _method, path, _status in wp.requests} <= {"/wp-json/", "/"}


def test_paired_again_the_shop_keeps_its_orders_and_only_the_new_secret_counts(
    wp: FakeShop, wp_shop: Shop, owner: Any
) -> None:
    old = wp.plugin.state["secret"]
    assert pair(wp, begin(wp, owner).code) == ""
    again = Shop.objects.get()
    assert (again.pk, again.key) == (wp_shop.pk, wp_shop.key)
    assert again.webhook_secret == wp.plugin.state["secret"] != old


def test_an_address_where_no_wordpress_is_or_nobody_answers_is_not_begun(wp: FakeShop, owner: Any) -> None:
    assert begin(wp, owner, "http://127.0.0.1:9").trouble == "shop_unreachable"
    with ShopOfWooCommerce() as other:
        other.faults.add("*", times=9, status=404, body="html")  # any site without the REST API of WordPress
        assert begin(wp, owner, other.url).trouble == "not_a_shop"
    assert begin(wp, owner, "https://10.0.0.1").trouble
    assert not Shop.objects.exists()
    assert set(ConnectAttempt.objects.values_list("used_at", "phase")) == {(None, "failed")}


def test_the_moment_between_mci_and_plugin_does_not_read_as_cut_off(wp: FakeShop, owner: Any) -> None:
    """MCI has the secret before the plugin has it: a pull in that moment waits."""
    started = begin(wp, owner)
    assert wp.pair(started.code, PORTAL) == ""
    connecting.work_and_confirm(started.code)
    shop = Shop.objects.get()
    pull_now(shop)
    assert (shop.state, shop.trouble) == ("active", "still_pairing")
    assert shop.pull_after - leases.clock()() < dt.timedelta(seconds=6)  # not a minute, in which the new shop is silent
    assert wp.plugin.ask_again() == ""
    pull_now(shop)
    assert shop.trouble == ""


def test_a_code_is_never_written_into_the_log(wp: FakeShop, owner: Any, caplog: pytest.LogCaptureFixture) -> None:
    started = begin(wp, owner)
    assert pair(wp, started.code) == ""
    assert started.code not in caplog.text
    assert wp.plugin.state["secret"] not in caplog.text
