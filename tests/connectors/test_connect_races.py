"""A connection that is made, confirmed or ended while another worker, the shop or its owner does something with it.

Where a row's lock keeps two apart they really meet; where it is a compare-and-set, the other acts between the reading
and the writing. `make guards` shows of each that without it the test fails."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from connectors.connect import acts, attempts, establishing
from connectors.errors import AttemptOver
from connectors.intake import deliveries
from connectors.models import ConnectAttempt, Shop, ShopAsk
from connectors.platforms import platform
from connectors.platforms.base import Connected, ReconnectNeeded
from connectors.shops import asks, visits
from tests import cast
from tests.connectors.conftest import KEY, LONG_AGO, SECRET, make_shop
from tests.meeting import meet

P = ConnectAttempt.Phase
KEYS = {"consumer_key": KEY, "consumer_secret": SECRET}
LATER = {"consumer_key": "ck_" + "d4" * 20, "consumer_secret": "cs_" + "e5" * 20}
FOUND = Connected("Casa Bella", "https://shop.example.it", {"consumer_key": KEY, "consumer_secret": SECRET})
Patch = pytest.MonkeyPatch


def begun(by: Any, phase: str, **parts: Any) -> ConnectAttempt:
    """A connection in this phase whose turn it is."""
    attempt = ConnectAttempt(
        token=secrets.token_urlsafe(32),
        dropshipper=by.member.dropshipper,
        by=by,
        platform="woocommerce",
        address=FOUND.address,
        phase=phase,
        try_after=None if phase == P.WAITING else LONG_AGO,
        expires_at=timezone.now() + dt.timedelta(hours=1),
    )
    for part, value in parts.items():
        attempt.sealed(part, value)
    attempt.save()
    return attempt


def bring(attempt: ConnectAttempt, keys: dict[str, str]) -> ConnectAttempt:
    return acts.receive("woocommerce", token=attempt.token, payload=keys)


def api(patch: Patch, **calls: Callable[..., Any]) -> None:
    """What the shop answers."""
    for name, call in calls.items():
        patch.setattr(type(platform("woocommerce")), name, lambda _self, *args, call=call: call(*args))


def between(patch: Patch, module: Any, name: str, act: Callable[[], object]) -> None:
    """The first who comes for his turn has listed what is due; `act` is done before he takes anything."""
    real, done = getattr(module, name), list[bool]()

    @contextmanager
    def turn(*args: Any, **more: Any) -> Iterator[bool]:
        if not done:
            done.append(True)
            act()
        with real(*args, **more) as mine:
            yield mine

    patch.setattr(module, name, turn)


# ---- an attempt


@pytest.mark.django_db
def test_a_code_that_works_once_is_exchanged_by_one_of_two_workers(owner: Any, monkeypatch: Patch) -> None:
    """The other would use it up, and the connection of the first fail."""
    used: list[Any] = []

    def redeem(_address: str, answer: Any, _kept: Any) -> Any:
        used.append(answer)
        if len(used) > 1:
            raise ReconnectNeeded
        return answer

    api(monkeypatch, redeem=redeem, finish_connect=lambda *_args: FOUND)
    attempt = begun(owner, P.ANSWERED, answer=KEYS)
    between(monkeypatch, visits, "turn", attempts.advance_due)
    attempts.advance_due()
    attempt.refresh_from_db()
    assert (attempt.phase, attempt.tries, used) == (P.PENDING, 1, [KEYS])


@pytest.mark.django_db
def test_keys_that_others_took_the_place_of_are_not_tried_any_more(owner: Any, monkeypatch: Patch) -> None:
    """A shop bans who comes with keys that it took back."""
    tried: list[Any] = []

    def redeem(_address: str, answer: Any, _kept: Any) -> Any:
        if answer == KEYS:
            bring(attempt, LATER)
        return {**answer, "lasting": "1"}

    def finish(_address: str, answer: Any, _kept: Any) -> Connected:
        tried.append(answer["consumer_key"])
        return FOUND

    api(monkeypatch, redeem=redeem, finish_connect=finish)
    attempt = begun(owner, P.ANSWERED, answer=KEYS)
    attempts.advance_due()
    attempt.refresh_from_db()
    assert (attempt.phase, attempt.read("answer"), tried) == (P.ANSWERED, LATER, [])
    attempts.advance_due()
    attempt.refresh_from_db()
    assert (attempt.phase, tried) == (P.PENDING, [LATER["consumer_key"]])


@pytest.mark.django_db
def test_a_shop_whose_keys_are_not_kept_any_more_hears_so(owner: Any, monkeypatch: Patch) -> None:
    """Else it keeps a key that nobody has, and calls itself connected."""
    attempt = begun(owner, P.WAITING)

    def meanwhile(*_args: Any) -> None:
        ConnectAttempt.objects.filter(pk=attempt.pk).update(phase=P.PENDING)

    api(monkeypatch, check_answer=meanwhile)
    with pytest.raises(AttemptOver):
        bring(attempt, KEYS)
    attempt.refresh_from_db()
    assert (attempt.phase, attempt.read("answer")) == (P.PENDING, {})


# ---- the shop that is there


@pytest.fixture
def shop(db: None) -> Any:
    return make_shop(cast.dropshipper(), store_keys=["home:shop.example.it"])


@pytest.mark.django_db
def test_the_webhooks_of_a_shop_that_was_connected_again_are_not_taken_out(shop: Any, monkeypatch: Patch) -> None:
    """By the worker who knew of it when it was disconnected."""
    left: list[Any] = []
    api(monkeypatch, unsubscribe=left.append)
    acts.disconnect(shop, by=1)
    between(monkeypatch, asks, "_turn", lambda: establishing._go_on(Shop.objects.get(pk=shop.pk), {}))
    assert asks.do_due() == 0
    shop.refresh_from_db()
    assert (shop.state, left, ShopAsk.objects.get().tries) == ("active", [], 0)


@pytest.mark.django_db(transaction=True)
def test_an_uninstallation_that_comes_while_it_is_connected_again_is_no_news(shop: Any, locked: bool) -> None:
    """It would be to reconnect, and none of its orders be read, from the first moment."""
    sent = timezone.now()

    def hear() -> None:
        with transaction.atomic():
            deliveries._uninstall(Shop.objects.get(pk=shop.pk), sent)

    met = meet(lambda: establishing._go_on(Shop.objects.get(pk=shop.pk), {}), hear)
    assert met.waited, met
    shop.refresh_from_db()
    kept = (shop.state, shop.trouble, shop.events.filter(code="uninstalled").exists())
    assert (kept == ("active", "", False)) == locked, (met, kept)


@pytest.mark.django_db(transaction=True)
def test_what_he_disconnects_while_it_is_connected_again_stays_so(shop: Any, locked: bool) -> None:
    """He would be told that it is connected; and nobody take our webhooks out of it."""
    owner = cast.member(shop.dropshipper)
    attempt = begun(owner, P.CONFIRMED)
    met = meet(
        lambda: acts.disconnect(Shop.objects.get(pk=shop.pk), by=owner.pk),
        lambda: establishing._keep(attempt, FOUND),
    )
    assert met.waited, met
    shop.refresh_from_db()
    attempt.refresh_from_db()
    leaving = ShopAsk.objects.filter(what=ShopAsk.What.LEAVE, try_after__isnull=False).exists()
    assert shop.state == "gone"
    kept = (type(met.second), attempt.phase, leaving)
    assert (kept == (AttemptOver, P.CONFIRMED, True)) == locked, (met, kept)
