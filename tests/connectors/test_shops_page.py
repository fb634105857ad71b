"""The connected shops: list, health card, rules, and the end of a connection."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from connectors.models import Delivery, Shop, ShopAsk
from connectors.shops import asks
from orders.models import Order
from tests import cast
from tests.connectors.arrivals import arrive, ready_shop
from tests.connectors.conftest import KEY, LONG_AGO, SECRET, WEBHOOK_SECRET, make_shop
from tests.orders import stage

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"connectors:{name}", args=args)


def dead(shop: Any, **fields: Any) -> Delivery:
    fields = {
        "dedupe": b"1" * 32,
        "topic": "order.updated",
        "body": b'{"secret":"zanobini"}',
        "error": "broken",
        **fields,
    }
    return Delivery.objects.create(shop=shop, state="dead", **fields)


def test_the_list_tells_how_each_shop_is(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    make_shop(shop.dropshipper, address="https://b.example.it", state="broken", trouble="reconnect_needed")
    make_shop(shop.dropshipper, address="https://g.example.it", state="gone")
    arrive(shop, 1, sku="ALIENO")
    dead(shop)
    text = client_for(owner).get(url("shops")).content.decode()
    assert text.count("data-shop=") == 2
    assert 'data-state="broken"' in text
    assert "/reconnect/" in text
    assert url("match") in text
    assert f"{url('shop', shop.pk)}#dead" in text


def test_no_secret_and_no_customer_is_on_the_health_card(shop: Any, owner: Any, client_for: Any) -> None:
    dead(shop)
    text = client_for(owner).get(url("shop", shop.pk)).content.decode()
    assert "data-dead=" in text
    for secret in (KEY, SECRET, WEBHOOK_SECRET, shop.key, "zanobini"):
        assert secret not in text


def test_a_dead_message_is_read_again_when_asked(shop: Any, owner: Any, client_for: Any) -> None:
    delivery = dead(shop)
    client = client_for(owner)
    for _click in range(2):
        client.post(url("replay", delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("new", 0)


def test_pause_and_resume(shop: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    client.post(url("pause", shop.pk))
    shop.refresh_from_db()
    assert shop.state == Shop.State.PAUSED
    client.post(url("resume", shop.pk))
    shop.refresh_from_db()
    assert shop.state == Shop.State.ACTIVE
    assert shop.pull_after <= timezone.now()


def test_a_broken_shop_is_not_resumed_but_connected_again(shop: Any, owner: Any, client_for: Any) -> None:
    Shop.objects.filter(pk=shop.pk).update(state="broken", trouble="reconnect_needed")
    answer = client_for(owner).post(url("resume", shop.pk))
    assert answer["Location"] == url("reconnect", shop.pk)
    shop.refresh_from_db()
    assert shop.state == Shop.State.BROKEN


def test_disconnecting_asks_first_then_forgets_the_secrets_and_keeps_the_orders(
    shop: Any, owner: Any, client_for: Any
) -> None:
    ready_shop(shop)
    arrive(shop, 1)
    client = client_for(owner)
    client.get(url("disconnect", shop.pk))
    shop.refresh_from_db()
    assert shop.state == Shop.State.ACTIVE
    for _click in range(2):
        assert client.post(url("disconnect", shop.pk))["Location"] == url("shops")
    shop.refresh_from_db()
    assert shop.state == Shop.State.GONE
    while asks.do_due():  # nobody answers there, and it is not tried for ever
        ShopAsk.objects.exclude(try_after=None).update(try_after=LONG_AGO)
    shop.refresh_from_db()
    assert bytes(shop.sealed_credentials) == b""
    assert bytes(shop.webhook_secret_sealed) == b""
    assert Order.objects.count() == 1
    assert client.get(url("shop", shop.pk)).status_code == 200


def test_rules_give_shipping_to_orders_without_and_an_earlier_day_reads_again(
    shop: Any, owner: Any, client_for: Any
) -> None:
    method = ready_shop(shop)
    since = timezone.now() - dt.timedelta(days=5)
    Shop.objects.filter(pk=shop.pk).update(
        method=None, cursor=timezone.now(), pull_after=timezone.now() + dt.timedelta(hours=1)
    )
    shop.refresh_from_db()
    order = arrive(shop, 1)
    assert order.method_id is None
    Shop.objects.filter(pk=shop.pk).update(import_since=since)
    earlier = timezone.localdate() - dt.timedelta(days=60)
    client = client_for(owner)

    answer = client.post(url("shop_rules", shop.pk), {"method": method.pk, "since": earlier.isoformat()})

    assert answer["Location"] == url("shop", shop.pk)
    shop.refresh_from_db()
    order.refresh_from_db()
    assert order.method_id == method.pk == shop.method_id
    assert timezone.localtime(shop.import_since).date() == earlier
    assert shop.cursor is None
    assert shop.pull_after <= timezone.now()
    other = stage.method("altro")
    client.post(url("shop_rules", shop.pk), {"method": other.pk, "since": earlier.isoformat()})
    order.refresh_from_db()
    assert order.method_id == method.pk  # chosen already: kept


@pytest.mark.parametrize("since", ["", "domani", "2001-01-01", "2999-01-01"])
def test_a_day_that_cannot_be_is_refused(since: str, shop: Any, owner: Any, client_for: Any) -> None:
    before = shop.import_since
    answer = client_for(owner).post(url("shop_rules", shop.pk), {"method": "", "since": since})
    assert answer.status_code == 422
    shop.refresh_from_db()
    assert shop.import_since == before


def test_the_live_test_of_a_shop_says_what_it_found(connected: Any, shop: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    for one in (connected, shop):  # nobody answers in the second
        client.post(url("check", one.pk))
    assert asks.do_due() == 2
    well, ill = (client.get(url("shop", one.pk)).content.decode() for one in (connected, shop))
    assert 'data-asked="test" data-tone="ok"' in well
    assert 'data-asked="test" data-tone="bad"' in ill


def test_a_stranger_gets_a_404_everywhere(shop: Any, stranger: Any, client_for: Any) -> None:
    delivery = dead(shop)
    client = client_for(stranger)
    for name in ("shop", "shop_rules", "disconnect", "reconnect"):
        assert client.get(url(name, shop.pk)).status_code == 404
    for name in ("pause", "resume", "disconnect", "check", "shop_rules", "reconnect"):
        assert client.post(url(name, shop.pk)).status_code == 404
    assert client.post(url("replay", delivery.pk)).status_code == 404
    shop.refresh_from_db()
    delivery.refresh_from_db()
    assert (shop.state, delivery.state) == ("active", "dead")
    assert f'data-shop="{shop.pk}"' not in client.get(url("shops")).content.decode()


def test_accounting_sees_the_shops_and_changes_none(shop: Any, dropshipper: Any, client_for: Any) -> None:
    client = client_for(cast.member(dropshipper, Member.Role.ACCOUNTING))
    assert client.get(url("shops")).status_code == 200 == client.get(url("shop", shop.pk)).status_code
    for name in ("pause", "disconnect", "check", "shop_rules"):
        assert client.post(url(name, shop.pk)).status_code == 403
    assert client.get(url("connect", "woocommerce")).status_code == 403


def test_staff_see_bodies_only_with_the_permission_and_never_a_secret(shop: Any, client_for: Any) -> None:
    from django.contrib.auth.models import Permission

    delivery = dead(shop)
    person = cast.user(is_staff=True)
    person.user_permissions.add(*Permission.objects.filter(codename__in=["view_delivery", "view_shop"]))
    client = client_for(person)
    page = f"/admin/connectors/delivery/{delivery.pk}/change/"
    assert "zanobini" not in client.get(page).content.decode()
    person.user_permissions.add(Permission.objects.get(codename="view_raw"))
    assert "zanobini" in client.get(page).content.decode()
    text = client.get(f"/admin/connectors/shop/{shop.pk}/change/").content.decode()
    for secret in (KEY, SECRET, WEBHOOK_SECRET):
        assert secret not in text
