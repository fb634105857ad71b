"""The wizard: keys and approval, against the fake shop."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from connectors import attempts
from connectors.models import ConnectAttempt, Shop
from tests.connectors.conftest import KEY, SECRET, make_shop

pytestmark = pytest.mark.django_db
CONNECT = "/shops/connect/woocommerce/"


def test_keys_are_tried_then_kept_and_the_rules_follow(fake: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    typed = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}
    answer = client.post(CONNECT, typed)
    shop = Shop.objects.get()
    assert answer["Location"] == f"{reverse('connectors:shop_rules', args=[shop.pk])}?new=1"
    assert (shop.state, shop.address) == ("active", fake.url)
    page = client.get(answer["Location"])
    assert "data-tested" in page.content.decode()
    assert SECRET not in page.content.decode()


def test_keys_that_the_shop_refuses_are_said_at_the_keys(fake: Any, owner: Any, client_for: Any) -> None:
    typed = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": "cs_" + "0" * 40}
    page = client_for(owner).post(CONNECT, typed).content.decode()
    assert re.findall(r'<input[^>]*name="(\w+)"[^>]*aria-invalid="true"', page) == ["consumer_secret"]


@pytest.mark.parametrize(
    "typed",
    [
        {"consumer_secret": "cs_" + "9" * 40},
        {"consumer_key": "sbagliata"},
        {"address": "http://127.0.0.1:9"},
        {"address": "http://10.0.0.1"},
        {"address": "non un indirizzo"},
        {"mode": "magic"},
    ],
)
def test_what_does_not_work_is_said_in_place_and_nothing_is_kept(
    typed: dict[str, str], fake: Any, owner: Any, client_for: Any
) -> None:
    whole = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET, **typed}
    answer = client_for(owner).post(CONNECT, whole)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Shop.objects.exists()
    assert whole["consumer_secret"] not in answer.content.decode()


def test_approval_in_the_shop_is_a_link_out_and_the_return_waits_for_the_keys(
    fake: Any, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    answer = client.post(CONNECT, {"mode": "auth", "address": fake.url})
    target = re.search(r'id="approve" href="([^"]+)"', answer.content.decode())
    assert target
    assert target[1].startswith(f"{fake.url}/wc-auth/v1/authorize?")
    attempt = ConnectAttempt.objects.get()
    back = f"/connect/woocommerce/return/?attempt={attempt.pk}&success=1"
    assert "data-waiting" in client.get(back).content.decode()

    payload = {
        "user_id": attempt.token,
        "consumer_key": KEY,
        "consumer_secret": SECRET,
        "key_permissions": "read_write",
    }
    handed = client.post("/connect/woocommerce/callback/", payload, content_type="application/json")

    assert handed.status_code == 200
    assert "data-trying" in client.get(back).content.decode()
    assert attempts.advance_due() == 1
    shop = Shop.objects.get()
    assert client.get(back)["Location"] == f"{reverse('connectors:shop_rules', args=[shop.pk])}?new=1"
    polled = client.get(back, headers={"HX-Request": "true"})
    assert (polled.status_code, polled["HX-Redirect"]) == (
        286,
        f"{reverse('connectors:shop_rules', args=[shop.pk])}?new=1",
    )


def test_the_return_tells_what_went_wrong(dropshipper: Any, owner: Any, client_for: Any) -> None:
    attempt = ConnectAttempt.objects.create(
        token="t",
        dropshipper=dropshipper,
        by=owner,
        platform="woocommerce",
        address="https://a.example.it",
        expires_at=timezone.now() + timezone.timedelta(hours=1),
    )
    client = client_for(owner)
    back = f"/connect/woocommerce/return/?attempt={attempt.pk}"
    assert "data-waiting" not in client.get(f"{back}&success=0").content.decode()
    ConnectAttempt.objects.update(trouble="reconnect_needed", trouble_params={"reason": "401"})
    assert "data-waiting" not in client.get(back).content.decode()
    ConnectAttempt.objects.update(trouble="", expires_at=timezone.now())
    assert "data-waiting" not in client.get(back).content.decode()


def test_the_return_of_a_stranger_is_a_404(dropshipper: Any, owner: Any, stranger: Any, client_for: Any) -> None:
    attempt = ConnectAttempt.objects.create(
        token="t",
        dropshipper=dropshipper,
        by=owner,
        platform="woocommerce",
        address="https://a.example.it",
        expires_at=timezone.now(),
    )
    client = client_for(stranger)
    for number in (attempt.pk, "", "x", "9" * 30):
        assert client.get(f"/connect/woocommerce/return/?attempt={number}").status_code == 404


def test_a_shop_of_another_account_is_not_connected_twice(
    fake: Any, other_dropshipper: Any, owner: Any, client_for: Any
) -> None:
    make_shop(other_dropshipper, address=fake.url)
    typed = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}
    assert client_for(owner).post(CONNECT, typed).status_code == 422
    assert Shop.objects.count() == 1


def test_a_broken_shop_is_connected_again_with_its_orders_and_rules(
    connected: Any, owner: Any, client_for: Any
) -> None:
    Shop.objects.filter(pk=connected.pk).update(state="broken", trouble="reconnect_needed")
    typed = {"mode": "keys", "address": connected.address, "consumer_key": KEY, "consumer_secret": SECRET}
    answer = client_for(owner).post(reverse("connectors:reconnect", args=[connected.pk]), typed)
    assert answer.status_code == 302
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("active", "")
    assert Shop.objects.count() == 1
