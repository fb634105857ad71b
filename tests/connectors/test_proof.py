"""The daily proof that no order was lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from connectors.errors import SamePage
from connectors.intake import reconcile
from connectors.models import InboxOrder, OrderProof, Shop
from connectors.platforms.base import ShopUnreachable
from connectors.shops import asks
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db


def place(fake: Any, how_many: int, **kwargs: Any) -> list[int]:
    ids = [fake.place_order([("SCN-00001", 1)], **kwargs)["id"] for _n in range(how_many)]
    fake.tick()
    return ids


def test_a_shop_whose_orders_are_all_here_is_clean_and_only_lists_are_read(connected: Any, fake: Any) -> None:
    place(fake, 3)
    visit(connected)
    before = len(fake.requests)

    found = reconcile.prove(connected)

    assert (found.theirs, found.same, found.healed, found.left_out) == (3, 3, [], 0)
    assert found.is_clean
    assert len(fake.requests) - before == 2  # the list of all, and what changed, whole: an edit may keep its date


def test_an_order_that_neither_webhook_nor_pull_brought_is_found_and_fetched(connected: Any, fake: Any) -> None:
    place(fake, 2)
    visit(connected)
    lost = InboxOrder.objects.order_by("pk").first()
    assert lost is not None
    order = lost.order
    lost.delete()
    assert order is not None
    order.delete()

    found = reconcile.prove(connected)

    assert (found.theirs, found.same) == (2, 1)
    assert found.healed == [lost.number]
    again = InboxOrder.objects.get(shop=connected, external_id=lost.external_id)
    assert (again.via, again.order is not None) == ("proof", True)
    assert connected.events.filter(code="proof_healed").count() == 1
    assert reconcile.prove(connected).healed == []


def test_a_change_that_never_came_is_found_too(connected: Any, fake: Any) -> None:
    [id_] = place(fake, 1, payment="bacs")
    visit(connected)
    fake.orders.set_status(id_, "processing")

    assert len(reconcile.prove(connected).healed) == 1

    assert InboxOrder.objects.get(external_id=str(id_)).status == "processing"


def test_drafts_and_orders_from_before_are_not_missing(connected: Any, fake: Any) -> None:
    place(fake, 1, status="checkout-draft")
    Shop.objects.filter(pk=connected.pk).update(import_since=timezone.now() + dt.timedelta(hours=1))
    connected.refresh_from_db()
    place(fake, 1)

    found = reconcile.prove(connected)

    assert (found.theirs, found.healed, found.is_clean) == (0, [], True)


def test_more_than_a_page_is_read_to_its_end(connected: Any, fake: Any) -> None:
    place(fake, 130)
    assert reconcile.prove(connected).theirs == 130


def test_when_too_much_is_missing_the_whole_shop_is_read_again(
    connected: Any, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "MOST", 2)
    place(fake, 4)

    found = reconcile.prove(connected)

    assert (found.whole, len(found.healed)) == (False, 2)
    connected.refresh_from_db()
    assert connected.cursor is None
    visit(connected)
    assert reconcile.prove(connected).same == 4


def test_a_shop_that_does_not_answer_proves_nothing_and_is_asked_again(connected: Any, fake: Any) -> None:
    place(fake, 1)
    fake.faults.add("orders", status=500)
    with pytest.raises(ShopUnreachable):
        reconcile.prove(connected)
    assert not OrderProof.objects.exists()

    fake.faults.add("orders", status=500)
    assert reconcile.prove_due(budget_s=5) == 0
    connected.refresh_from_db()
    assert timezone.now() < connected.prove_after < timezone.now() + dt.timedelta(hours=2)


def test_each_shop_is_proved_once_a_day(connected: Any, fake: Any) -> None:
    assert reconcile.prove_due(budget_s=5) == 1
    assert reconcile.prove_due(budget_s=5) == 0
    connected.refresh_from_db()
    assert connected.prove_after > timezone.now() + dt.timedelta(hours=23)


def test_the_reseller_opens_the_record_and_asks_for_another(
    connected: Any, fake: Any, owner: Any, stranger: Any, client_for: Any
) -> None:
    place(fake, 2)
    client, page = client_for(owner), reverse("connectors:proofs", args=[connected.pk])
    assert "data-proof=" not in client.get(page).content.decode()

    asked = client.post(reverse("connectors:prove", args=[connected.pk]), follow=True)
    assert 'data-asked="prove" data-waiting' in asked.content.decode()
    assert asks.do_due() == 1

    text = client.get(page).content.decode()
    assert 'data-asked="prove" data-tone="ok"' in text
    assert 'data-healed="2"' in text
    assert 'data-healed="2"' in client.get(reverse("connectors:shop", args=[connected.pk])).content.decode()
    other = client_for(stranger)
    assert other.get(page).status_code == 404
    assert other.post(reverse("connectors:prove", args=[connected.pk])).status_code == 404


def test_an_order_that_was_deleted_for_good_in_the_shop_is_withdrawn(connected: Any, fake: Any) -> None:
    """WooCommerce tells nobody of it."""
    ids = place(fake, 3)
    visit(connected)
    InboxOrder.objects.update(first_seen_at=timezone.now() - dt.timedelta(hours=1))
    fake.orders.delete(ids[0])
    fake.orders.trash(ids[1])

    found = reconcile.prove(connected)

    assert found.gone == [str(ids[0]), str(ids[1])]
    states = dict(InboxOrder.objects.values_list("external_id", "order__state"))
    assert [states[str(number)] for number in ids] == ["cancelled", "cancelled", "ready"]
    assert connected.events.filter(code="proof_gone").count() == 1
    assert reconcile.prove(connected).gone == []


def test_a_sent_order_that_was_deleted_in_the_shop_is_an_alert(connected: Any, fake: Any) -> None:
    from tests.connectors.test_news import arrived, ship

    order, id_ = arrived(connected, fake, payment="stripe")
    ship(order)
    InboxOrder.objects.update(first_seen_at=timezone.now() - dt.timedelta(hours=1))
    fake.orders.delete(int(id_))
    assert len(reconcile.prove(connected).gone) == 1
    order.refresh_from_db()
    assert order.state == "dispatched"
    assert order.problems.get().code == "cancelled_in_shop"


def test_what_the_shop_still_has_is_never_withdrawn_for_a_list_that_leaves_it_out(
    connected: Any, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(fake, 2)
    visit(connected)
    InboxOrder.objects.update(first_seen_at=timezone.now() - dt.timedelta(hours=1))
    from connectors.platforms import platform
    from connectors.platforms.base import SeenPage

    monkeypatch.setattr(type(platform("woocommerce")), "orders_seen", lambda *_args: SeenPage([], None))
    assert reconcile.prove(connected).gone == []
    assert set(InboxOrder.objects.values_list("order__state", flat=True)) == {"ready"}


def test_a_cache_that_repeats_a_page_proves_nothing(connected: Any, fake: Any) -> None:
    place(fake, 101)
    fake.cached_lists = True

    with pytest.raises(SamePage):
        reconcile.prove(connected)

    assert not OrderProof.objects.exists()
