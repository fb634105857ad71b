"""A shop that was paused, disconnected, or connected elsewhere while a worker called it stays so, whatever the worker
comes back with: no state, no trouble and no event of a connection that is over."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from connectors.connect import acts, establishing
from connectors.errors import ShopGone
from connectors.intake import deliveries, pull, reconcile
from connectors.listings import compare, publishing
from connectors.models import Listing, OrderProof, PublishItem, PublishRun, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.base import ReconnectNeeded, ShopBusy
from connectors.shops import credentials, health, state
from connectors.shops.access import intake_access
from core.errors import DomainError
from tests import cast
from tests.connectors.conftest import LONG_AGO, Deliver, make_shop, order_body

pytestmark = pytest.mark.django_db
Act = Callable[[Any], object]


def renew(shop: Any) -> None:
    with pytest.raises(DomainError):
        credentials.renew(shop.pk, intake_access(shop), json.loads(shop.credentials))


# Each worker that calls shops, and its first call.
WORKS: dict[str, tuple[Act, str]] = {
    "pull": (lambda shop: pull.pull_shop(shop.pk), "orders_since"),
    "news": (lambda shop: sweep.tell_shop(shop.pk), "tell_stock"),
    "proof": (lambda shop: reconcile.prove_due(budget_s=5), "orders_seen"),
    "comparison": (lambda shop: compare.compare_due(budget_s=5), "terms"),
    "check": (lambda shop: health.check_due(), "check"),
    "publishing": (lambda shop: publishing.advance_due(), "terms"),
    "delivery": (lambda shop: deliveries.drain(), "order"),
    "renewal": (renew, "renew"),
}


def paused(shop: Any) -> str:
    acts.pause(Shop.objects.get(pk=shop.pk), by=1)
    return "paused"


def disconnected(shop: Any) -> str:
    acts.disconnect(Shop.objects.get(pk=shop.pk), by=1)
    return "gone"


def connected_elsewhere(shop: Any) -> str:
    """By somebody else, at the same address."""
    acts.disconnect(Shop.objects.get(pk=shop.pk), by=1)
    make_shop(cast.dropshipper(name="Altra Bottega S.r.l."), address=shop.address, last_check_at=timezone.now())
    return "gone"


def connected_anew(shop: Any) -> str:
    """By its owner, with other credentials."""
    found = Shop.objects.get(pk=shop.pk)
    acts.disconnect(found, by=1)
    found.credentials = json.dumps({"consumer_key": "ck_" + "c3" * 20, "consumer_secret": "cs_" + "d4" * 20})
    found.refresh_from_db(fields=["state"])
    establishing._go_on(found, {})
    return "active"


@pytest.fixture
def stage(shop: Any, goods: Any, deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A shop for which every work is due."""
    due = dict.fromkeys(("pull_after", "news_after", "prove_after", "compare_after"), LONG_AGO)
    Shop.objects.update(last_check_at=None, stock_on=True, **due)
    variant = goods["MCI-0001"]
    Listing.objects.create(shop=shop, variant=variant, external_id="11", told=3, try_after=LONG_AGO)
    run = PublishRun.objects.create(dropshipper=shop.dropshipper, shop=shop, total=1, try_after=LONG_AGO)
    PublishItem.objects.create(run=run, product=variant.product, position=0)
    assert deliver(shop, "order.created", order_body()).status_code == 200
    monkeypatch.setattr(type(platform("woocommerce")), "unsubscribe", lambda *_args: None)
    return Shop.objects.get(pk=shop.pk)


def work(
    name: str, shop: Any, meanwhile: Callable[[Any], str] | None, error: DomainError, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, list[str], list[str]]:
    """(the state that it should have, the events before the worker came back, those after)"""
    act, call = WORKS[name]
    said: dict[str, Any] = {"state": "active", "events": []}

    def answer(*_args: Any, **_more: Any) -> Any:
        if meanwhile is not None and not said["events"]:
            said["state"] = meanwhile(shop)
        said["events"] = said["events"] or ["…", *codes(shop)]
        raise error

    monkeypatch.setattr(type(platform("woocommerce")), call, answer)
    act(shop)
    assert said["events"], "nobody was called"
    return said["state"], said["events"][1:], codes(shop)


def codes(shop: Any) -> list[str]:
    return list(shop.events.order_by("pk").values_list("code", flat=True))


@pytest.mark.parametrize("name", WORKS)
@pytest.mark.parametrize("meanwhile", [paused, disconnected, connected_elsewhere, connected_anew])
@pytest.mark.parametrize("error", [ReconnectNeeded(reason="HTTP 401"), ShopBusy()], ids=["refused", "busy"])
def test_what_happened_meanwhile_stands(
    name: str, meanwhile: Callable[[Any], str], error: DomainError, stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, before, after = work(name, stage, meanwhile, error, monkeypatch)
    stage.refresh_from_db()
    assert (stage.state, stage.trouble) == (state, "")
    assert after == before
    assert Shop.objects.exclude(pk=stage.pk).filter(trouble="").count() == (meanwhile is connected_elsewhere)


@pytest.mark.parametrize("name", ["pull", "news", "check", "publishing"])
def test_of_a_shop_that_nothing_happened_to_it_is_said(name: str, stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _state, before, after = work(name, stage, None, ReconnectNeeded(reason="HTTP 401"), monkeypatch)
    stage.refresh_from_db()
    assert (stage.state, stage.trouble) == ("broken", "reconnect_needed")
    assert after == [*before, "reconnect_needed"]


@pytest.mark.parametrize("name", ["pull", "news", "check", "publishing"])
def test_without_the_compare_and_set_it_would_be_broken_or_collide(
    name: str, stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same with the guard off."""
    real = state.move

    def unguarded(shop_id: int, to: str, *, before: Any, where: Any = None, **more: Any) -> bool:
        return real(shop_id, to, before=Shop.State.values, **more)

    error = ReconnectNeeded(reason="HTTP 401")
    with transaction.atomic():
        monkeypatch.setattr(state, "move", unguarded)
        work(name, stage, disconnected, error, monkeypatch)
        stage.refresh_from_db()
        assert stage.state == "broken"
        transaction.set_rollback(True)


def test_without_it_the_address_that_another_connected_collides(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the other harm: the work ended in a fault of the database."""
    connected_elsewhere(stage)
    with pytest.raises(IntegrityError), transaction.atomic():
        state.move(stage.pk, Shop.State.BROKEN, before=Shop.State.values, event="reconnect_needed")


@pytest.mark.parametrize("meanwhile", [paused, disconnected])
@pytest.mark.parametrize("name", ["pull", "check"])
def test_an_answer_that_comes_too_late_is_no_recovery(
    name: str, meanwhile: Callable[[Any], str], connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither "it answers again" nor new facts of a shop that was given up while it answered."""
    act, call = WORKS[name]
    api = type(platform("woocommerce"))
    Shop.objects.update(trouble="shop_busy", pull_after=LONG_AGO, last_check_at=None)
    real, done = getattr(api, call), list[str]()

    def late(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        done.append(meanwhile(connected))
        return found

    monkeypatch.setattr(api, call, late)
    act(connected)
    assert done
    assert not connected.events.filter(code="recovered").exists()
    assert Shop.objects.get(pk=connected.pk).state == done[0]


@pytest.mark.parametrize("meanwhile", [disconnected, connected_anew])
def test_what_was_mended_in_a_connection_that_is_over_is_not_said(
    meanwhile: Callable[[Any], str], connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its reseller would read that his webhooks were made again, of a shop that has none of ours."""
    api, said = type(platform("woocommerce")), list[str]()
    real = api.check

    def late(*args: Any) -> Any:
        found = real(*args)
        meanwhile(connected)
        said.extend(codes(connected))
        return dataclasses.replace(found, repaired=["webhook_created"])

    monkeypatch.setattr(api, "check", late)
    health.check(connected)
    assert said
    assert codes(connected) == said


def test_nothing_is_proved_of_a_shop_that_was_disconnected_while_it_was_read(
    connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would stand there as a day on which no order was lost."""
    api = type(platform("woocommerce"))
    real = api.orders_seen

    def late(*args: Any) -> Any:
        found = real(*args)
        disconnected(connected)
        return found

    monkeypatch.setattr(api, "orders_seen", late)
    with pytest.raises(ShopGone):
        reconcile.prove(Shop.objects.get(pk=connected.pk))
    assert not OrderProof.objects.exists()
