"""The answer to a connection is kept and answered at once; a worker goes on with it, and its page tells how it is."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.test import Client
from django.utils import timezone

from connectors import tasks
from connectors.connect import acts, attempts, establishing
from connectors.models import ConnectAttempt, Shop
from connectors.platforms.shopify import oauth
from connectors.shops import health
from demo.shops.outgoing import Answer
from demo.shops.shopify import FakeShop as ShopifyShop
from demo.shops.web import Request
from tests.connectors import connecting
from tests.connectors.conftest import KEY, SECRET, Ticking, make_shop

pytestmark = pytest.mark.django_db
CALLBACK = "/connect/woocommerce/callback/"
NEW_KEY, NEW_SECRET = "ck_" + "d4" * 20, "cs_" + "e5" * 20


def begin(fake: Any, user: Any) -> ConnectAttempt:
    return connecting.begin("woocommerce", {"mode": "auth", "address": fake.url}, user).attempt


def said(attempt: ConnectAttempt, key: str = KEY, secret: str = SECRET) -> dict[str, Any]:
    keys = {"consumer_key": key, "consumer_secret": secret}
    return {"key_id": 4, "user_id": attempt.token, "key_permissions": "read_write", **keys}


def hand_over(client: Client, attempt: ConnectAttempt, **keys: str) -> Any:
    return client.post(CALLBACK, said(attempt, **keys), content_type="application/json")


def due_again() -> None:
    ConnectAttempt.objects.exclude(try_after=None).update(try_after=timezone.now() - dt.timedelta(seconds=1))


def page(client_for: Any, user: Any, attempt: ConnectAttempt) -> Any:
    return client_for(user).get(f"/connect/woocommerce/return/?attempt={attempt.pk}&success=1", follow=True)


def step(client_for: Any, user: Any, attempt: ConnectAttempt) -> str:
    found = re.search(r'data-step="(\w+)"', page(client_for, user, attempt).content.decode())
    assert found
    return found[1]


def approve(fake: Ticking, attempt: ConnectAttempt) -> int:
    """The click on "Approve" in the shop."""
    query = {
        "app_name": "MCI",
        "scope": "read_write",
        "user_id": attempt.token,
        "return_url": "http://localhost:8000/",
        "callback_url": f"http://localhost:8000{CALLBACK}",
    }
    page = fake.respond(Request("GET", "/wc-auth/v1/authorize", "/wc-auth/v1/authorize", list(query.items()), {}))
    address = page.body.decode().split("/wc-auth/v1/access_granted/?")[1].split('"')[0].replace("&amp;", "&")
    path = "/wc-auth/v1/access_granted/"
    return fake.respond(Request("GET", path, path, parse_qsl(address), {})).status


def impatient(client: Client) -> Callable[..., Answer]:
    """The shop's own call to MCI: it gives up when the answer takes longer than it waits."""

    def post(url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> Answer:
        if threading.get_ident() != main:  # a ping, while MCI itself calls the shop
            return Answer(200)
        began = time.monotonic()
        answer = client.post("/" + url.split("/", 3)[3], data=body, content_type="application/json")
        late = time.monotonic() - began > timeout
        return Answer(0, "TimeoutError") if late else Answer(answer.status_code)

    main = threading.get_ident()
    return post


def test_a_slow_shop_keeps_its_key_and_the_working_shop_its_connection(
    owner: Any, client: Client, client_for: Any, dropshipper: Any
) -> None:
    """Each of a dozen calls takes a moment: together longer than the shop waits for the answer to its keys."""
    with Ticking(transport=impatient(client)) as fake:
        fake.keys.add(KEY, SECRET)
        shop = make_shop(dropshipper, address=fake.url)
        attempt = begin(fake, owner)
        tasks.nudge_connect()
        assert client.post(CALLBACK, {}, content_type="application/json").status_code == 400  # its first page is slow
        fake.patience_s = 1.5
        fake.faults.add("*", times=200, slow=0.25)
        assert approve(fake, attempt) == 302
        keys = {doc["consumer_key"] for doc in fake.store.all("key")}
        assert len(keys) == 2
        shop.refresh_from_db()
        assert json.loads(shop.credentials)["consumer_key"] == KEY  # the old key stays until the new one has worked
        assert step(client_for, owner, attempt) == "answered"
        assert attempts.advance_due() == 1
        shop.refresh_from_db()
        assert json.loads(shop.credentials)["consumer_key"] == KEY  # … and until he has said that it is his
        assert step(client_for, owner, attempt) == "pending"
        connecting.work_and_confirm()
        shop.refresh_from_db()
        assert json.loads(shop.credentials)["consumer_key"] == (keys - {KEY}).pop()
        fake.faults.clear()
        assert health.check(shop)


def test_a_key_that_the_shop_took_back_leaves_the_old_one_in_its_place(
    owner: Any, fake: Ticking, client: Client, client_for: Any, connected: Any
) -> None:
    attempt = begin(fake, owner)
    assert hand_over(client, attempt, key=NEW_KEY, secret=NEW_SECRET).status_code == 200  # and it never came there
    attempts.advance_due()
    attempt.refresh_from_db()
    assert (attempt.trouble, attempt.try_after, attempt.read("answer"), attempt.used_at) == (
        *("key_refused", None),
        *({}, None),
    )
    text = page(client_for, owner, attempt).content.decode()
    assert "data-trouble" in text
    assert step(client_for, owner, attempt) == "failed"
    assert "hx-trigger" not in text.split('id="connecting"')[1].split(">")[0]
    connected.refresh_from_db()
    assert (connected.state, json.loads(connected.credentials)["consumer_key"]) == ("active", KEY)
    assert health.check(connected)


def test_a_shop_that_is_away_is_tried_again_and_the_page_says_so(
    owner: Any, fake: Ticking, client: Client, client_for: Any
) -> None:
    attempt = begin(fake, owner)
    hand_over(client, attempt)
    fake.faults.add("*", times=3, status=503, retry_after=900)
    assert attempts.advance_due() == 1
    attempt.refresh_from_db()
    assert (attempt.trouble, attempt.tries) == ("shop_busy", 1)
    assert attempt.try_after is not None
    assert attempt.try_after - timezone.now() > dt.timedelta(minutes=14)
    text = page(client_for, owner, attempt).content.decode()
    assert step(client_for, owner, attempt) == "answered"
    assert "data-trouble" in text
    assert attempts.advance_due() == 0
    fake.faults.clear()
    due_again()
    connecting.work_and_confirm()
    assert Shop.objects.get().state == "active"
    assert page(client_for, owner, attempt).request["QUERY_STRING"] == "new=1"
    assert attempts.advance_due() == 0


def test_it_is_tried_so_often_and_no_oftener(owner: Any, fake: Ticking, client: Client) -> None:
    attempt = begin(fake, owner)
    hand_over(client, attempt)
    fake.faults.add("*", times=1000, status=500)
    tried = 0
    while attempts.advance_due():
        tried += 1
        due_again()
    attempt.refresh_from_db()
    assert tried == attempt.tries == attempts.MOST_TRIES
    assert (attempt.trouble, attempt.try_after, attempt.read("answer")) == ("shop_unreachable", None, {})


def test_a_fault_of_ours_is_not_the_end_of_it(
    owner: Any, fake: Ticking, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = begin(fake, owner)
    hand_over(client, attempt)
    fine = establishing.establish
    monkeypatch.setattr(establishing, "establish", lambda *_args: 1 / 0)
    assert connecting.work_and_confirm() is None
    monkeypatch.setattr(establishing, "establish", fine)
    due_again()
    attempts.advance_due()
    assert Shop.objects.exists()


def test_the_last_answer_counts(owner: Any, fake: Ticking, client: Client) -> None:
    """He approved twice: the shop made two keys, and took the first one away."""
    attempt = begin(fake, owner)
    hand_over(client, attempt, key=NEW_KEY, secret=NEW_SECRET)
    hand_over(client, attempt)
    connecting.work_and_confirm()
    assert json.loads(Shop.objects.get().credentials)["consumer_key"] == KEY


def test_what_waits_is_sealed(owner: Any, fake: Ticking, client: Client) -> None:
    attempt = begin(fake, owner)
    hand_over(client, attempt)
    attempt.refresh_from_db()
    assert SECRET not in str(vars(attempt))
    assert SECRET.encode() not in bytes(attempt.answer_sealed)
    assert attempt.read("answer")["consumer_secret"] == SECRET


@pytest.mark.django_db(transaction=True)
def test_two_workers_try_an_answer_once(client: Client) -> None:
    from django.db import connection

    from tests import cast

    with Ticking() as fake:
        fake.keys.add(KEY, SECRET)
        attempt = begin(fake, cast.member(cast.dropshipper()))
        hand_over(client, attempt)
        attempts.advance_due()
        attempt.refresh_from_db()
        acts.confirm(attempt, by=attempt.by_id)
        fake.faults.add("webhooks", times=2, slow=0.3)
        done: list[int] = []

        def work() -> None:
            done.append(attempts.advance_due())
            connection.close()

        threads = [threading.Thread(target=work) for _number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(done) == [0, 0, 1]
        assert Shop.objects.count() == 1
        assert len(fake.webhooks.all()) == 4


def test_a_code_that_works_once_is_exchanged_once(owner: Any, client_for: Any, settings: Any) -> None:
    """Shopify's code gives a token; that the next call fails must not lose it."""
    settings.SHOPIFY_CLIENT_ID, settings.SHOPIFY_CLIENT_SECRET = "mci-client", "hush"
    with ShopifyShop() as fake:
        form = {"mode": "app", "address": fake.url}
        started = connecting.begin("shopify", form, owner)
        app = fake.tokens.apps["mci-client"]
        from connectors.platforms.shopify.connect import SCOPES

        back = fake.tokens.grant_code(
            app, "http://localhost:8000/connect/shopify/callback/", set(SCOPES), started.attempt.token
        )
        before = len(fake.calls)
        portal = client_for(owner)
        assert portal.get("/connect/shopify/callback/?" + back.partition("?")[2]).status_code == 302
        assert len(fake.calls) == before  # nobody was called while he waited
        fake.faults.add("shop", times=5, status=503)
        attempts.advance_due()
        assert not Shop.objects.exists()
        assert "shpat_" in str(ConnectAttempt.objects.get().read("answer"))
        fake.faults.clear()
        due_again()
        connecting.work_and_confirm()
        shop = Shop.objects.get()
        assert shop.state == "active"
        assert any(key.startswith("shopify:") for key in shop.store_keys)


def test_a_token_cannot_be_brought_by_a_browser(owner: Any, client_for: Any, settings: Any) -> None:
    settings.SHOPIFY_CLIENT_ID, settings.SHOPIFY_CLIENT_SECRET = "mci-client", "hush"
    with ShopifyShop() as fake:
        form = {"mode": "app", "address": fake.url}
        started = connecting.begin("shopify", form, owner)
        params = {
            "shop": fake.domain,
            "state": started.attempt.token,
            "timestamp": str(int(time.time())),
            "code": "x",
            "credentials": '{"access_token": "shpat_mine_mine"}',
        }
        params["hmac"] = oauth.signature(params, "hush")
        client_for(owner).get(f"/connect/shopify/callback/?{urlencode(params)}")
        attempts.advance_due()
        assert not Shop.objects.exists()
        assert ConnectAttempt.objects.get().trouble == "reconnect_needed"
