"""A shop's state has one writer: whoever comes back late, from a call to a shop that was disconnected or connected anew
meanwhile, changes nothing. And a shop that was tested shows one state, not two."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product
from connectors.connect import acts, attempts
from connectors.errors import ShopGone
from connectors.intake import deliveries, pull
from connectors.listings import publishing
from connectors.models import ConnectAttempt, PublishItem, PublishRun, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.base import Uninstalled
from connectors.platforms.errors import ReconnectNeeded
from connectors.shops import asks, health, state
from tests.connectors import connecting
from tests.connectors.conftest import KEY, LONG_AGO, SECRET, Ticking

pytestmark = pytest.mark.django_db
AGAIN = ("ck_" + "d4" * 20, "cs_" + "e5" * 20)


def visit_by_pull(shop: Any) -> None:
    Shop.objects.filter(pk=shop.pk).update(pull_after=LONG_AGO)
    pull.pull_shop(shop.pk)


def visit_by_check(shop: Any) -> None:
    health.check(Shop.objects.get(pk=shop.pk))


@pytest.mark.parametrize("visit", [visit_by_pull, visit_by_check])
def test_a_shop_that_is_disconnected_while_it_is_asked_stays_so(
    connected: Any, fake: Ticking, owner: Any, visit: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is deleted and the shop disconnected while its answer, that it does not know the key, is on its way."""
    fake.keys.remove(KEY)
    api = platform("woocommerce")
    name = "orders_since" if visit is visit_by_pull else "check"
    real = getattr(api, name)

    def slow(*args: Any) -> Any:
        try:
            return real(*args)
        finally:
            acts.disconnect(Shop.objects.get(pk=connected.pk), by=owner.pk)

    monkeypatch.setattr(type(api), name, lambda _self, *args: slow(*args))
    visit(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("gone", "")
    assert connected.events.filter(code="disconnected").exists()


@pytest.mark.parametrize("visit", [visit_by_pull, visit_by_check])
def test_a_shop_that_is_connected_anew_while_it_is_asked_works(
    connected: Any, fake: Ticking, owner: Any, visit: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old key was refused; by then the new one had worked."""
    fake.keys.remove(KEY)
    fake.keys.add(*AGAIN)
    api = platform("woocommerce")
    name = "orders_since" if visit is visit_by_pull else "check"
    real = getattr(api, name)
    form = {"mode": "keys", "address": fake.url, "consumer_key": AGAIN[0], "consumer_secret": AGAIN[1]}

    def slow(*args: Any) -> Any:
        try:
            return real(*args)
        finally:
            connecting.begin("woocommerce", form, owner)

    monkeypatch.setattr(type(api), name, lambda _self, *args: slow(*args))
    visit(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("active", "")
    assert json.loads(connected.credentials)["consumer_key"] == AGAIN[0]


def test_an_uninstallation_of_a_shop_that_is_gone_or_was_connected_since_is_no_news(
    connected: Any, fake: Ticking, owner: Any
) -> None:
    before = timezone.now()
    form = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}
    connecting.begin("woocommerce", form, owner)
    deliveries._uninstall(connected, Uninstalled(at=before).at or before)
    connected.refresh_from_db()
    assert connected.state == "active"
    acts.disconnect(connected, by=owner.pk)
    deliveries._uninstall(connected, timezone.now())
    connected.refresh_from_db()
    assert connected.state == "gone"


def test_each_step_is_from_where_it_may_be_taken(connected: Any, owner: Any) -> None:
    acts.pause(connected, by=owner.pk)
    acts.pause(connected, by=owner.pk)
    assert connected.state == "paused"
    acts.resume(connected, by=owner.pk)
    Shop.objects.filter(pk=connected.pk).update(state="broken", trouble="key_unknown")
    acts.resume(connected, by=owner.pk)  # a click on a page that is old: it is to be connected again
    assert (connected.state, connected.trouble) == ("broken", "key_unknown")
    acts.disconnect(connected, by=owner.pk)
    for step in (acts.pause, acts.resume):
        with pytest.raises(ShopGone):
            step(connected, by=owner.pk)
    assert [event.code for event in connected.events.order_by("pk")] == ["paused", "resumed", "disconnected"]


def test_a_lease_that_was_taken_before_the_end_is_worth_nothing_after_it(connected: Any, owner: Any) -> None:
    tokens = {name: uuid.uuid4() for name in ("pull_lease_token", "news_lease_token", "renew_lease_token")}
    Shop.objects.filter(pk=connected.pk).update(**tokens)
    acts.disconnect(connected, by=owner.pk)
    assert set(Shop.objects.values_list(*tokens)) == {(None, None, None)}
    assert sweep.tell_shop(connected.pk) == 0
    for token in tokens.items():
        assert not state.move(connected.pk, "broken", before=state.LIVE, event="key_unknown", where=dict([token]))


# ---- "Prova ora"


def press(client_for: Any, owner: Any, shop: Any) -> tuple[str, str]:
    """What was said of the test that the button asked for, and the page that says it."""
    client = client_for(owner)
    answer = client.post(reverse("connectors:check", args=[shop.pk]))
    page = client.get(answer["Location"]).content.decode()
    assert 'data-asked="test" data-waiting' in page  # nobody was called while he waited
    assert asks.do_due() == 1
    over = client.get(f"{answer['Location']}?part=asked", headers={"HX-Request": "true"})
    assert (over.status_code, over["HX-Refresh"]) == (286, "true")
    page = client.get(answer["Location"]).content.decode()
    said = re.search(r'id="asked".*?</svg><div>(.*?)</div>', page, re.DOTALL)
    assert said
    return said[1], page


def test_a_shop_that_answers_when_tested_is_not_said_to_be_silent(
    connected: Any, fake: Ticking, owner: Any, client_for: Any
) -> None:
    Shop.objects.filter(pk=connected.pk).update(trouble="shop_unreachable", trouble_params={"reason": "timeout"})
    said, page = press(client_for, owner, connected)
    assert "data-shop-trouble" not in page
    assert 'data-line="answers" data-tone="ok"' in page
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("active", "")
    assert connected.events.get(code="recovered").params == {"code": "shop_unreachable"}
    assert said


def test_what_is_wrong_is_said_once_in_one_place(connected: Any, fake: Ticking, owner: Any, client_for: Any) -> None:
    fake.faults.add("*", times=50, status=403, body="wordfence")
    said, page = press(client_for, owner, connected)
    assert page.count('data-shop-trouble="shop_blocked"') == 1
    assert "wp-json" not in said


def test_a_shop_to_reconnect_that_cannot_be_asked_stays_what_it_was(
    connected: Any, fake: Ticking, owner: Any, client_for: Any
) -> None:
    Shop.objects.filter(pk=connected.pk).update(state="broken", trouble="key_unknown")
    fake.faults.add("*", times=50, status=403, body="wordfence")
    said, page = press(client_for, owner, connected)
    assert page.count('data-shop-trouble="key_unknown"') == 1
    assert "/wp-json/" in said  # why it could not be tested
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("broken", "key_unknown")


@pytest.mark.parametrize("meanwhile", ["nothing", "connected", "disconnected"])
def test_a_publication_that_is_refused_breaks_only_the_connection_that_it_used(
    meanwhile: str, connected: Any, fake: Ticking, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = PublishRun.objects.create(dropshipper_id=connected.dropshipper_id, shop=connected, kind="unpublish", total=1)
    PublishItem.objects.create(run=run, position=1, product=Product.objects.all()[0])

    def refused(_run: Any, _items: Any) -> None:
        if meanwhile == "connected":
            fake.keys.add(*AGAIN)
            form = {"mode": "keys", "address": fake.url, "consumer_key": AGAIN[0], "consumer_secret": AGAIN[1]}
            connecting.begin("woocommerce", form, owner)
        elif meanwhile == "disconnected":
            acts.disconnect(Shop.objects.get(pk=connected.pk), by=owner.pk)
        raise ReconnectNeeded(reason="HTTP 401")

    monkeypatch.setattr(publishing, "_work", refused)
    run = publishing.advance(run.pk)
    connected.refresh_from_db()
    expected = {"nothing": "broken", "connected": "active", "disconnected": "gone"}[meanwhile]
    assert connected.state == expected
    assert connected.events.filter(code="reconnect_needed").exists() == (expected == "broken")
    assert run.try_after > timezone.now()  # not at once again


@pytest.mark.parametrize("when", ["waits", "late"])
def test_an_answer_that_was_under_way_does_not_connect_again_what_was_disconnected(
    when: str, connected: Any, fake: Ticking, owner: Any
) -> None:
    form = {"mode": "approve", "address": fake.url, "consumer_key": "", "consumer_secret": ""}
    token = connecting.begin("woocommerce", form, owner).attempt.token
    fake.keys.add(*AGAIN)
    answer = {"consumer_key": AGAIN[0], "consumer_secret": AGAIN[1], "key_permissions": "read_write", "user_id": token}
    if when == "waits":
        acts.receive("woocommerce", token=token, payload=answer)
        fake.faults.add("*", status=503)
        assert attempts.advance_due() == 1
        fake.faults.clear()
    acts.disconnect(Shop.objects.get(pk=connected.pk), by=owner.pk)
    if when == "late":
        acts.receive("woocommerce", token=token, payload=answer)
    ConnectAttempt.objects.update(try_after=LONG_AGO)
    connecting.work_and_confirm()
    asks.do_due()
    connected.refresh_from_db()
    assert (connected.state, bytes(connected.sealed_credentials)) == ("gone", b"")
    # Begun anew it goes on where it was.
    token = connecting.begin("woocommerce", form, owner).attempt.token
    acts.receive("woocommerce", token=token, payload={**answer, "user_id": token})
    connecting.work_and_confirm(token)
    connected.refresh_from_db()
    assert connected.state == "active"
