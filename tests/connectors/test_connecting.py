"""A connection is a row: a worker takes it from phase to phase, whoever dies meanwhile; and only the one who began it
says that the store which was found is his."""

from __future__ import annotations

import datetime as dt
import json
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from connectors.connect import acts, attempts, establishing
from connectors.errors import AttemptOver, ShopTaken
from connectors.models import ConnectAttempt, InboxOrder, Shop
from connectors.platforms import platform
from tests import cast
from tests.connectors import connecting
from tests.connectors.conftest import KEY, SECRET, Ticking, make_shop

pytestmark = pytest.mark.django_db
P = ConnectAttempt.Phase


def by_keys(fake: Any) -> dict[str, str]:
    return {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}


def by_approval(fake: Any) -> dict[str, str]:
    return {"mode": "auth", "address": fake.url}


def answer(attempt: ConnectAttempt, key: str = KEY, secret: str = SECRET) -> ConnectAttempt:
    """The shop hands over the keys that its owner approved."""
    payload = {"user_id": attempt.token, "consumer_key": key, "consumer_secret": secret}
    return acts.receive("woocommerce", token=attempt.token, payload=payload)


def pending(fake: Any, user: Any) -> ConnectAttempt:
    attempt = connecting.begin("woocommerce", by_approval(fake), user).attempt
    answer(attempt)
    attempts.advance_due()
    attempt.refresh_from_db()
    assert attempt.phase == P.PENDING
    return attempt


# ---- the one who began confirms


def test_until_it_is_confirmed_nothing_of_the_store_is_here(fake: Ticking, owner: Any) -> None:
    fake.place_order([("SCN-00001", 1)])
    attempt = pending(fake, owner)
    assert attempt.found == {"name": "Casa Bella", "address": fake.url, "orders": 1}
    assert (Shop.objects.exists(), InboxOrder.objects.exists(), fake.webhooks.all()) == (False, False, [])
    assert SECRET.encode() not in bytes(attempt.found_sealed)
    connecting.work_and_confirm()
    assert Shop.objects.get().state == "active"
    attempt.refresh_from_db()
    assert attempt.phase == P.DONE
    assert not any(attempt.read(part) for part in ("form", "way", "kept", "answer", "found"))


def test_the_page_in_the_shop_names_who_will_get_the_orders(fake: Ticking, owner: Any) -> None:
    """A link that an attacker sends to the owner of a shop says whose it is."""
    redirect = connecting.begin("woocommerce", by_approval(fake), owner).redirect
    shown, company = parse_qs(urlsplit(redirect).query)["app_name"][0], owner.member.dropshipper
    for words in ("Scontimania", company.name, company.vat_number):
        assert words in shown
    assert len(shown) <= 170  # WooCommerce cuts it there


def test_another_user_confirms_nothing(fake: Ticking, owner: Any, stranger: Any) -> None:
    attempt = pending(fake, owner)
    for person in (stranger, cast.member(owner.member.dropshipper, email="colleague@example.it")):
        with pytest.raises(AttemptOver):
            acts.confirm(attempt, by=person.pk)
        acts.drop(attempt, by=person.pk)
    attempts.advance_due()
    attempt.refresh_from_db()
    assert (attempt.phase, Shop.objects.exists()) == (P.PENDING, False)


def test_a_store_that_waits_to_be_confirmed_keeps_nobody_out(fake: Ticking, owner: Any, stranger: Any) -> None:
    attempt = pending(fake, stranger)
    connecting.begin("woocommerce", by_keys(fake), owner)
    assert Shop.objects.get().dropshipper == owner.member.dropshipper
    acts.confirm(attempt, by=stranger.pk)
    attempts.advance_due()
    attempt.refresh_from_db()
    assert (attempt.phase, attempt.trouble) == (P.FAILED, ShopTaken.code)
    assert Shop.objects.get().dropshipper == owner.member.dropshipper


def test_what_was_shown_is_what_is_confirmed(fake: Ticking, owner: Any) -> None:
    """No other answer takes its place while he looks at it."""
    attempt = pending(fake, owner)
    with pytest.raises(AttemptOver):
        answer(attempt, "ck_" + "d4" * 20, "cs_" + "e5" * 20)
    connecting.work_and_confirm()
    assert json.loads(Shop.objects.get().credentials)["consumer_key"] == KEY


def test_a_page_that_is_old_confirms_nothing_else(fake: Ticking, owner: Any) -> None:
    """“Not mine” in one tab, another answer, and the button in the other tab, which still shows the first."""
    old = pending(fake, owner)
    acts.drop(old, by=owner.pk)
    other = ("ck_" + "d4" * 20, "cs_" + "e5" * 20)
    fake.keys.add(*other)
    answer(old, *other)
    attempts.advance_due()
    assert ConnectAttempt.objects.get().phase == P.PENDING
    with pytest.raises(AttemptOver):
        acts.confirm(old, by=owner.pk)
    attempts.advance_due()
    assert not Shop.objects.exists()


def test_it_can_be_confirmed_for_an_hour(fake: Ticking, owner: Any) -> None:
    attempt = pending(fake, owner)
    ConnectAttempt.objects.update(expires_at=timezone.now())
    with pytest.raises(AttemptOver):
        acts.confirm(attempt, by=owner.pk)
    attempts.advance_due()
    attempt.refresh_from_db()
    assert not any(attempt.read(part) for part in ("form", "way", "answer", "found"))  # the keys are forgotten
    assert not Shop.objects.exists()


def test_it_is_not_mine_forgets_what_it_brought(fake: Ticking, owner: Any) -> None:
    attempt = pending(fake, owner)
    acts.drop(attempt, by=owner.pk)
    with pytest.raises(AttemptOver):
        acts.confirm(attempt, by=owner.pk)
    attempt.refresh_from_db()
    assert (attempt.phase, attempt.trouble, attempt.read("found")) == (P.FAILED, "not_mine", {})


def test_confirmed_in_two_tabs_it_is_connected_once(fake: Ticking, owner: Any) -> None:
    attempt = pending(fake, owner)
    acts.confirm(attempt, by=owner.pk)
    attempts.advance_due()
    acts.confirm(attempt, by=owner.pk)  # the other tab, later: as it was said
    assert attempts.advance_due() == 0
    assert Shop.objects.count() == 1
    assert [event.code for event in Shop.objects.get().events.all()].count("connected") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_workers_connect_what_was_confirmed_once(
    guarded: bool, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """With the lease off both come through to the end of it, so the race is real. (The company has a turn for each: it
    is not its one turn that keeps them apart.)"""
    settings.COMPANY_TURNS = dict.fromkeys(settings.COMPANY_TURNS, 2)
    user = cast.member(cast.dropshipper())
    entered: list[int] = []
    both = threading.Barrier(2, timeout=20)

    def establish(attempt: ConnectAttempt) -> None:
        entered.append(attempt.pk)
        if not guarded:
            both.wait()

    with Ticking() as fake:
        fake.keys.add(KEY, SECRET)
        attempt = pending(fake, user)
        acts.confirm(attempt, by=user.pk)
        monkeypatch.setitem(attempts._STEPS, P.CONFIRMED, lambda row: (establish(row), attempts._establish(row)))
        if not guarded:
            monkeypatch.setattr(
                attempts, "_mine", lambda row: ConnectAttempt.objects.filter(pk=row.pk, used_at__isnull=True)
            )
        start = threading.Barrier(2, timeout=20)

        def listed(rows: Any, _company: Any) -> list[ConnectAttempt]:  # both know of it before one takes it
            found = list(rows)
            start.wait()
            return found

        monkeypatch.setattr(attempts.visits, "in_turns", listed)

        def work() -> None:
            try:
                attempts.advance_due()
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(40)
        assert len(entered) == (1 if guarded else 2)
        if guarded:
            assert Shop.objects.count() == 1
            attempt.refresh_from_db()
            assert attempt.phase == P.DONE


# ---- a worker dies


class Killed(BaseException):
    """As by kill -9: nothing of ours runs after it."""


@pytest.mark.parametrize("phase", [P.ASKED, P.ANSWERED, P.CONFIRMED, P.KEPT])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_in_any_phase_costs_that_phase(
    phase: str, when: str, fake: Ticking, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`after`: what the phase did in the shop is done, and not noted here yet."""
    attempt = acts.begin("woocommerce", by_approval(fake), dropshipper_id=owner.member.dropshipper_id, by=owner.pk)
    names = {P.ASKED: "begin_connect", P.ANSWERED: "finish_connect", P.CONFIRMED: "", P.KEPT: "subscribe"}
    target: Any = type(platform("woocommerce")) if names[phase] else establishing  # type: ignore[index]
    name = names[phase] or "_assert_moved"  # type: ignore[index]
    real = getattr(target, name)
    deaths: list[int] = []

    def dies(*args: Any, **kwargs: Any) -> Any:
        if not deaths:
            deaths.append(1)
            if when == "after":
                real(*args, **kwargs)
            raise Killed
        return real(*args, **kwargs)

    monkeypatch.setattr(target, name, dies)
    for _turn in range(12):
        attempt.refresh_from_db()
        if attempt.phase == P.WAITING:
            answer(attempt)
        elif attempt.phase == P.PENDING:
            acts.confirm(attempt, by=owner.pk)
        try:
            attempts.advance_due()
        except Killed:
            attempt.refresh_from_db()
            assert attempt.phase == phase
            assert attempts.advance_due() == 0  # his lease
            ConnectAttempt.objects.update(try_after=timezone.now() - dt.timedelta(seconds=1))
    attempt.refresh_from_db()
    assert (deaths, attempt.phase) == ([1], P.DONE)
    assert Shop.objects.get().state == "active"
    assert len(fake.webhooks.all()) == 4


# ---- the form


def test_the_form_sent_twice_is_one_attempt(fake: Ticking, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    first, second = (client.post("/shops/connect/woocommerce/", by_keys(fake))["Location"] for _time in range(2))
    assert first == second
    assert ConnectAttempt.objects.count() == 1
    other = client.post("/shops/connect/woocommerce/", {**by_keys(fake), "consumer_secret": "cs_" + "f6" * 20})
    assert other["Location"] != first
    assert ConnectAttempt.objects.count() == 2


def test_after_what_was_in_the_way_the_same_is_tried_again(fake: Ticking, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    here = client.post("/shops/connect/woocommerce/", by_keys(fake))["Location"]
    fake.faults.add("*", times=50, status=503)
    attempts.advance_due()
    assert 'data-trouble="shop_' in client.get(here).content.decode()
    fake.faults.clear()
    client.post(f"{here}again/")
    client.post(f"{here}again/")  # twice the click
    assert attempts.advance_due() == 1
    assert "/rules/" in client.get(here)["Location"]
    client.post(f"{here}again/")
    client.post(f"{here}drop/")  # an old tab
    assert Shop.objects.get().state == "active"
    assert ConnectAttempt.objects.get().phase == P.DONE


def test_a_reconnection_leads_back_to_the_form_of_its_shop(connected: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    form = f"/shops/{connected.pk}/reconnect/"
    typed = {"mode": "keys", "address": connected.address, "consumer_key": KEY, "consumer_secret": "cs_" + "0" * 40}
    here = client.post(form, typed)["Location"]
    attempts.advance_due()
    assert f'href="{form}?attempt=' in client.get(here).content.decode()
    assert Shop.objects.get().state == "active"


def test_a_shop_that_never_answers_holds_no_request(owner: Any, client_for: Any, tarpit: str) -> None:
    """Connect, test, compare, prove, disconnect, and the pages that show it: the guard of core/http.py would make an
    error of a single call, and nothing has even tried."""
    client = client_for(owner)
    shop = make_shop(owner.member.dropshipper, address=tarpit.replace("127.0.0.1", "localhost"))
    pages = []
    for number in range(acts.MOST_BEGUN):
        typed = {"mode": "keys", "address": f"{tarpit}/{number}", "consumer_key": KEY, "consumer_secret": SECRET}
        pages.append(client.post("/shops/connect/woocommerce/", typed)["Location"])
    assert len(set(pages)) == acts.MOST_BEGUN
    for deed in ("check/", "products/compare/", "proofs/now/", "disconnect/"):
        assert client.post(f"/shops/{shop.pk}/{deed}").status_code == 302
    for page in (*pages, f"/shops/{shop.pk}/"):
        assert client.get(page).status_code == 200
    assert set(ConnectAttempt.objects.values_list("phase", "tries")) == {(P.ASKED, 0)}
