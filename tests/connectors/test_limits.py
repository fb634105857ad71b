"""How often a person may ask the shops for something, and what he is told beyond it; within it he waits for nothing
that was known of a shop before he mended it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from connectors.connect import acts, attempts
from connectors.errors import TooManyBegun
from connectors.models import ConnectAttempt, ShopAsk
from connectors.shops import limits
from core.models import Outage
from core.outbound import breaker
from tests import cast
from tests.threads import ended

pytestmark = pytest.mark.django_db
FORM = {"mode": "keys", "consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40}


def over(what: str) -> None:
    ShopAsk.objects.filter(what=what).update(try_after=None)


def said(answer: Any) -> str:
    return answer.content.decode()


@pytest.mark.parametrize(
    ("path", "times", "minutes"),
    [
        ("check/", 6, 1),
        ("tell/", 6, 1),
        ("proofs/now/", 4, 15),
        ("products/compare/", 6, 10),
        ("bulk-match/read/", 6, 10),
    ],
)
def test_a_button_that_is_pressed_too_often_says_when_to_come_again(
    connected: Any, owner: Any, client_for: Any, path: str, times: int, minutes: int
) -> None:
    client, here = client_for(owner), f"/shops/{connected.pk}/"
    words = f"try again in {minutes} min"
    owner.language = "en"
    owner.save(update_fields=["language"])
    for _press in range(times):
        answer = client.post(f"{here}{path}", follow=True)
        assert answer.status_code == 200
        assert words not in said(answer)
        ShopAsk.objects.update(try_after=None)
        type(connected).objects.update(compare_asked=False)
    answer = client.post(f"{here}{path}", follow=True)
    assert answer.status_code == 200
    assert words in said(answer)
    assert not ShopAsk.objects.exclude(try_after=None).exists()
    assert not type(connected).objects.get(pk=connected.pk).compare_asked


def test_a_second_click_is_no_second_ask(connected: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    for _click in range(20):
        assert client.post(f"/shops/{connected.pk}/check/").status_code == 302
    assert ShopAsk.objects.filter(shop=connected, what=ShopAsk.What.TEST).count() == 1
    limits.ask(connected, ShopAsk.What.TEST)  # room is left


def test_who_asks_by_hand_does_not_wait_for_what_was_known_of_the_host(
    connected: Any, owner: Any, client_for: Any
) -> None:
    host = connected.address.removeprefix("http://")
    for _failure in range(8):
        breaker.failed(host)
    assert breaker.known_trouble(host)[1] is not None
    client_for(owner).post(f"/shops/{connected.pk}/check/")
    assert breaker.known_trouble(host) == (0, None)


def test_a_connection_that_is_begun_asks_the_host_again(owner: Any) -> None:
    for _failure in range(8):
        breaker.failed("shop.example.it")
    begin(owner, "https://shop.example.it")
    assert not Outage.objects.exists()


def begin(user: Any, address: str) -> ConnectAttempt:
    form = {**FORM, "address": address}
    return acts.begin("woocommerce", form, dropshipper_id=user.member.dropshipper_id, by=user.pk)


def test_few_connections_of_a_company_are_tried_at_a_time(owner: Any, client_for: Any) -> None:
    for number in range(acts.MOST_BEGUN):
        begin(owner, f"https://n{number}.example.it")
    with pytest.raises(TooManyBegun):
        begin(owner, "https://one-more.example.it")
    begin(owner, "https://n0.example.it")  # the same form again is no new one
    stranger = cast.member(cast.dropshipper("Altra S.r.l."))
    begin(stranger, "https://other.example.it")
    answer = client_for(owner).post("/shops/connect/woocommerce/", {**FORM, "address": "https://page.example.it"})
    assert answer.status_code == 422
    assert ConnectAttempt.objects.filter(dropshipper_id=owner.member.dropshipper_id).count() == acts.MOST_BEGUN
    # What waits for the shop or for him holds no worker: he may begin another one.
    ConnectAttempt.objects.filter(address="https://n1.example.it").update(phase="waiting", try_after=None)
    begin(owner, "https://one-more.example.it")


def test_a_connection_that_failed_is_tried_again_only_when_there_is_room(owner: Any) -> None:
    failed = begin(owner, "https://failed.example.it")
    ConnectAttempt.objects.update(phase="failed", try_after=None)
    for number in range(acts.MOST_BEGUN):
        begin(owner, f"https://n{number}.example.it")
    with pytest.raises(TooManyBegun):
        acts.try_again(failed, by=owner.pk)
    failed.refresh_from_db()
    assert failed.phase == "failed"
    assert failed.phase not in attempts._STEPS


@pytest.mark.django_db(transaction=True)
def test_parallel_posts_begin_no_more_than_may_be(owner: Any) -> None:
    assert begun_at_once(owner) == acts.MOST_BEGUN


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(acts.stores, "lock", lambda _keys: None)
    most = 0
    for round_ in range(10):
        most = max(most, begun_at_once(owner, round_))
        ConnectAttempt.objects.all().delete()
    assert most > acts.MOST_BEGUN


def begun_at_once(user: Any, round_: int = 0) -> int:
    barrier = threading.Barrier(10)
    company = user.member.dropshipper_id

    def post(number: int) -> None:
        try:
            barrier.wait()
            form = {**FORM, "address": f"https://r{round_}n{number}.example.it"}
            acts.begin("woocommerce", form, dropshipper_id=company, by=user.pk)
        except TooManyBegun:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    ended(threads)
    return ConnectAttempt.objects.filter(dropshipper_id=company).count()
