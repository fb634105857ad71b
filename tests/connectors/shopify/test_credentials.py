"""Tokens that end: renewed by one worker, stored before they are used, and an answer that was lost loses nothing."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import time
import uuid
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from connectors.models import Shop
from connectors.platforms import platform
from connectors.platforms.base import ReconnectNeeded, ShopBusy, ShopUnreachable
from connectors.platforms.shopify.refusals import AppMisconfigured
from connectors.shops import credentials
from connectors.shops.access import access_of, intake_access
from core import leases
from demo.shops.shopify import FakeShop
from tests.connectors.test_pull import visit
from tests.connectors.test_stores import at_once
from tests.meeting import meet
from tests.threads import ended

pytestmark = pytest.mark.django_db


def stored(shop: Any) -> dict[str, str]:
    shop.refresh_from_db()
    return dict(json.loads(shop.credentials))


def renewed(shop: Any) -> Any:
    return credentials.renew(shop.pk, intake_access(shop), json.loads(shop.credentials))


def asked(fake: FakeShop) -> int:
    return sum("/access_token" in path for _method, path, _status in fake.requests)


def test_a_token_that_ends_is_renewed_in_the_middle_of_a_walk(fake: FakeShop, connected: Any, place: Any) -> None:
    place()
    before = stored(connected)
    fake.expire_tokens()
    platform("shopify").orders_since(access_of(connected), timezone.now() - dt.timedelta(days=1), None)
    after = stored(connected)
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert float(after["expires_at"]) > time.time() + 3000
    assert Shop.objects.get().renew_lease_until is None


def test_who_comes_second_is_given_what_the_first_stored(fake: FakeShop, connected: Any) -> None:
    old = json.loads(connected.credentials)
    first = renewed(connected)
    assert credentials.renew(connected.pk, intake_access(connected), old) == first
    assert asked(fake) == 1


def test_an_answer_that_was_lost_loses_nothing(fake: FakeShop, connected: Any) -> None:
    before = stored(connected)
    fake.faults.add("access_token", drop=True, after=True)
    with pytest.raises(ShopUnreachable):
        renewed(connected)
    assert stored(connected) == before
    assert renewed(connected)["access_token"] != before["access_token"]
    assert platform("shopify").check(access_of(Shop.objects.get()))


def test_an_answer_that_does_not_say_its_end_is_not_for_ever(fake: FakeShop, connected: Any) -> None:
    fake.faults.add("access_token", "no_expires_in")
    made = renewed(connected)
    assert time.time() + 3000 < float(made["expires_at"]) < time.time() + 4000


@pytest.mark.parametrize("kind", ["500", "502", "html", "truncated"])
def test_a_bad_answer_is_for_later_and_keeps_what_was_there(fake: FakeShop, connected: Any, kind: str) -> None:
    before = stored(connected)
    fake.faults.add("access_token", kind)
    with pytest.raises(ShopUnreachable):
        renewed(connected)
    assert stored(connected) == before
    assert Shop.objects.get().renew_lease_token is None


def test_a_grant_that_is_gone_has_the_shop_connected_again(fake: FakeShop, connected: Any) -> None:
    fake.uninstall()
    with pytest.raises(ReconnectNeeded):
        renewed(connected)
    visit(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("broken", "reconnect_needed")


def test_our_own_wrong_secret_is_not_the_resellers_fault(
    fake: FakeShop, connected: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SHOPIFY_CLIENT_SECRET = "mistyped"
    with caplog.at_level(logging.ERROR), pytest.raises(AppMisconfigured):
        renewed(connected)
    assert "SHOPIFY_CLIENT_SECRET" in caplog.text
    assert connected.trouble == ""


def test_a_connection_made_anew_meanwhile_is_not_overwritten(
    fake: FakeShop, connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, fresh = platform("shopify"), {"access_token": "shpat_of_the_new_connection"}

    def slow(access: Any) -> Any:
        again = Shop.objects.get(pk=connected.pk)
        again.credentials = json.dumps(fresh)
        again.save()
        return {"access_token": "shpat_of_the_old_one"}

    monkeypatch.setattr(api, "renew", slow)
    assert renewed(connected) == fresh
    assert stored(connected) == fresh


def test_a_worker_that_died_does_not_block_for_ever(
    fake: FakeShop, connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    Shop.objects.update(renew_lease_until=now + credentials.LEASE, renew_lease_token="0" * 32)
    monkeypatch.setattr(credentials, "_PATIENCE_S", 0.3)
    with pytest.raises(ShopBusy):
        renewed(connected)
    Shop.objects.update(renew_lease_until=now - dt.timedelta(seconds=1))
    assert renewed(connected)["access_token"]


def test_webhooks_are_checked_without_ever_renewing(connected: Any) -> None:
    assert intake_access(connected).renew is None
    assert access_of(connected).renew is not None


@pytest.mark.django_db(transaction=True)
def test_eight_workers_renew_once(fake: FakeShop, connected: Any) -> None:
    old, access = json.loads(connected.credentials), intake_access(connected)
    found: list[str] = []

    def work() -> None:
        try:
            found.append(credentials.renew(connected.pk, access, old)["access_token"])
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(8)]
    for worker in workers:
        worker.start()
    ended(workers)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert asked(fake) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lease_two_workers_renew(fake: FakeShop, connected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the race above: both believe that the lease is theirs, and the second one's token is lost."""
    old, access = json.loads(connected.credentials), intake_access(connected)
    plain, met = platform("shopify").renew, threading.Barrier(2)
    work = credentials._WORK
    token = uuid.uuid4()
    Shop.objects.update(renew_lease_token=token, renew_lease_until=timezone.now() + credentials.LEASE)
    monkeypatch.setattr(type(work), "claim", lambda _work, _due: leases.Lease(work, connected.pk, token))

    def together(access: Any) -> Any:
        made = plain(access)
        met.wait(10)
        return made

    monkeypatch.setattr(platform("shopify"), "renew", together)
    found = at_once(*[lambda: credentials.renew(connected.pk, access, old)] * 2)
    assert len(found) == asked(fake) == 2


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_being_made_anew_is_waited_for_and_kept(connected: Any) -> None:
    """In the moment between the look at what is stored and the writing."""
    before, fresh = json.loads(connected.credentials), {"access_token": "shpat_new_connection"}
    lease = credentials._WORK.claim(Shop.objects.filter(pk=connected.pk))
    assert lease is not None

    def connect_anew() -> None:
        again = Shop.objects.get(pk=connected.pk)
        again.credentials = json.dumps(fresh)
        again.save(update_fields=["sealed_credentials"])

    met = meet(connect_anew, lambda: credentials._store(connected.pk, lease, before, {"access_token": "shpat_old_one"}))
    assert met.waited
    assert met.second == stored(connected) == fresh


def test_who_gets_his_turn_when_another_has_just_renewed_asks_no_second_time(
    fake: FakeShop, connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what is stored and the lease: a second exchange would be of a token that is used up."""
    old, access, work = json.loads(connected.credentials), intake_access(connected), type(credentials._WORK)
    claim, first = work.claim, dict[str, str]()

    def after_another(mine: Any, due: Any) -> Any:
        monkeypatch.setattr(work, "claim", claim)
        first.update(credentials.renew(connected.pk, access, old))
        return claim(mine, due)

    monkeypatch.setattr(work, "claim", after_another)
    assert credentials.renew(connected.pk, access, old) == first == stored(connected)
    assert first["access_token"] != old["access_token"]
    assert asked(fake) == 1
    assert connected.renew_lease_until is None


def test_who_lost_the_lease_stores_nothing(connected: Any) -> None:
    """Another worker renews since: its token is the one that Shopify will know."""
    before = json.loads(connected.credentials)
    lease = credentials._WORK.claim(Shop.objects.filter(pk=connected.pk))
    assert lease is not None
    Shop.objects.update(renew_lease_token=uuid.uuid4())
    assert credentials._store(connected.pk, lease, before, {"access_token": "shpat_late"}) == before
    assert stored(connected) == before


def test_of_a_shop_that_is_gone_nothing_is_renewed(fake: FakeShop, connected: Any) -> None:
    access, old = intake_access(connected), json.loads(connected.credentials)
    Shop.objects.update(state="gone", sealed_credentials=b"")
    with pytest.raises(ReconnectNeeded):
        credentials.renew(connected.pk, access, old)
    assert asked(fake) == 0
