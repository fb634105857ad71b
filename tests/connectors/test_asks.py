"""What a person asks of a shop by a button is a row, done by a worker and shown by the page; and a shop that was
disconnected keeps its secrets until our webhooks are out of it, and no longer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from connectors.connect import acts
from connectors.intake import deliveries
from connectors.models import ShopAsk, ShopEvent
from connectors.shops import asks, health
from tests.connectors import connecting
from tests.connectors.conftest import KEY, SECRET, Deliver, Ticking

pytestmark = pytest.mark.django_db
W = ShopAsk.What
LONG_AGO = dt.timedelta(days=1)


def due_again() -> None:
    ShopAsk.objects.exclude(try_after=None).update(try_after=timezone.now() - LONG_AGO)


def test_asked_twice_it_is_done_once(connected: Any, fake: Ticking, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    for _click in range(3):
        client.post(f"/shops/{connected.pk}/check/")
    assert not fake.requests
    assert ShopAsk.objects.count() == 1
    assert asks.do_due() == 1
    assert asks.do_due() == 0
    client.post(f"/shops/{connected.pk}/check/")
    assert ShopAsk.objects.count() == 2


def test_products_are_compared_and_the_page_tells_the_figures(
    connected: Any, fake: Ticking, owner: Any, client_for: Any
) -> None:
    fake.products.add(sku="MCI-0001", name="Articolo", price="24.90", stock=3)
    client, page = client_for(owner), f"/shops/{connected.pk}/products/"
    client.post(f"{page}compare/")
    assert 'data-asked="compare" data-waiting' in client.get(page).content.decode()
    assert client.get(f"{page}?part=asked", headers={"HX-Request": "true"}).status_code == 200
    assert asks.do_due(asks.QUICK) == 0  # it walks the whole shop: not in the way of what is quick
    assert asks.do_due(asks.WALKS) == 1
    over = client.get(f"{page}?part=asked", headers={"HX-Request": "true"})
    assert (over.status_code, over["HX-Refresh"]) == (286, "true")
    text = client.get(page).content.decode()
    assert 'data-asked="compare" data-tone="ok"' in text
    assert ShopAsk.objects.get().params["ours"] >= 1
    ShopAsk.objects.update(done_at=timezone.now() - LONG_AGO)
    assert "data-asked" not in client.get(page).content.decode()


def test_what_the_shop_did_not_let_us_do_is_said(connected: Any, fake: Ticking, owner: Any, client_for: Any) -> None:
    fake.faults.add("*", times=50, status=503)
    client = client_for(owner)
    for path, page in (("products/compare/", "products/"), ("proofs/now/", "proofs/")):
        client.post(f"/shops/{connected.pk}/{path}")
        assert asks.do_due() == 1
        assert 'data-tone="bad"' in client.get(f"/shops/{connected.pk}/{page}").content.decode()


def test_a_worker_that_dies_with_it_is_followed_by_another_but_not_for_ever(
    connected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def dies(_row: Any) -> None:
        raise Killed

    asks.ask(connected, W.TEST)
    monkeypatch.setitem(asks._ACTS, W.TEST, dies)
    for _death in range(3):
        with pytest.raises(Killed):
            asks.do_due()
        assert asks.do_due() == 0  # his lease
        due_again()
    asks.do_due()
    row = ShopAsk.objects.get()
    assert (row.is_over, row.code) == (True, "try_later")


def test_asked_of_a_shop_that_is_gone_by_then_nothing_is_done(connected: Any, fake: Ticking, owner: Any) -> None:
    asks.ask(connected, W.TEST)
    acts.disconnect(connected, by=owner.pk)
    asks.do_due()
    assert set(ShopAsk.objects.values_list("what", "code", "try_after")) == {("test", "", None), ("leave", "", None)}
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("gone", "")


# ---- disconnected


def test_it_is_gone_at_once_and_its_secrets_once_our_webhooks_are_out(
    connected: Any, fake: Ticking, owner: Any, client_for: Any, deliver: Deliver
) -> None:
    client = client_for(owner)
    assert health.check(connected)
    assert client.post(f"/shops/{connected.pk}/disconnect/").status_code == 302
    assert len(fake.webhooks.all()) == 4
    assert deliver(connected, "order.created", {"id": 1}).status_code == 401
    assert deliveries.drain() == 0
    assert 'data-asked="leave" data-waiting' in client.get(f"/shops/{connected.pk}/").content.decode()
    assert asks.do_due() == 1
    assert not fake.webhooks.all()
    connected.refresh_from_db()
    assert (bytes(connected.sealed_credentials), bytes(connected.webhook_secret_sealed)) == (b"", b"")
    assert "data-asked" not in client.get(f"/shops/{connected.pk}/").content.decode()


def test_a_shop_that_does_not_answer_is_left_after_so_many_tries(connected: Any, fake: Ticking, owner: Any) -> None:
    fake.faults.add("*", times=1000, status=503)
    acts.disconnect(connected, by=owner.pk)
    tries = 0
    while asks.do_due():
        tries += 1
        connected.refresh_from_db()
        due_again()
    assert tries == 6
    assert (bytes(connected.sealed_credentials), connected.state) == (b"", "gone")
    assert ShopEvent.objects.filter(shop=connected, code="webhooks_left").count() == 1


def test_a_key_that_was_deleted_in_the_shop_is_not_tried_for_ever(connected: Any, fake: Ticking, owner: Any) -> None:
    fake.keys.remove(KEY)
    acts.disconnect(connected, by=owner.pk)
    assert asks.do_due() == 1
    connected.refresh_from_db()
    assert bytes(connected.sealed_credentials) == b""


@pytest.mark.parametrize("when", ["before", "while"])
def test_connected_again_meanwhile_it_keeps_its_webhooks(
    when: str, connected: Any, fake: Ticking, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}
    acts.disconnect(connected, by=owner.pk)
    if when == "before":
        connecting.begin("woocommerce", form, owner)
        asks.do_due()
    else:
        real = asks._ACTS[W.LEAVE]

        def leave(row: Any) -> None:  # his read of the row was before, his calls come after
            connecting.begin("woocommerce", form, owner)
            real(row)

        monkeypatch.setitem(asks._ACTS, W.LEAVE, leave)
        asks.do_due()
        assert health.check_due() == 1  # what was taken out is put back
    connected.refresh_from_db()
    assert (connected.state, bool(connected.sealed_credentials)) == ("active", True)
    assert len(fake.webhooks.all()) == 4
