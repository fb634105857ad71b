"""The wizard: keys and approval, against the fake shop."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from connectors.connect import attempts
from connectors.models import ConnectAttempt, Shop
from connectors.pages import attempt as attempt_page
from tests import cast
from tests.connectors.conftest import KEY, SECRET, make_shop

pytestmark = pytest.mark.django_db
CONNECT = "/shops/connect/woocommerce/"


def step(page: Any) -> str:
    """Which of its faces the page of an attempt shows."""
    found = re.search(r'data-step="(\w+)"', page if isinstance(page, str) else page.content.decode())
    assert found
    return found[1]


def test_keys_are_tried_then_kept_and_the_rules_follow(fake: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    typed = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET}
    here = client.post(CONNECT, typed)["Location"]
    assert step(client.get(here)) == "asked"
    assert not fake.requests  # nobody was called while he waited
    attempts.advance_due()
    answer = client.get(here)
    shop = Shop.objects.get()
    assert answer["Location"] == f"{reverse('connectors:shop_rules', args=[shop.pk])}?new=1"
    assert (shop.state, shop.address) == ("active", fake.url)
    page = client.get(answer["Location"])
    assert "data-tested" in page.content.decode()
    assert SECRET not in page.content.decode()


def test_keys_that_the_shop_refuses_are_said_and_lead_back_to_the_form_without_them(
    fake: Any, owner: Any, client_for: Any
) -> None:
    client, wrong = client_for(owner), "cs_" + "0" * 40
    typed = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": wrong}
    here = client.post(CONNECT, typed)["Location"]
    attempts.advance_due()
    page = client.get(here).content.decode()
    assert step(page) == "failed"
    assert 'role="alert"' in page
    back = html.unescape(re.search(r'id="mend" href="([^"]+)"', page)[1])  # type: ignore[index]
    form = client.get(back).content.decode()
    assert "data-before" in form  # why he is here again
    assert f'value="{fake.url}"' in form
    assert re.search(r'value="keys"[^>]*checked', form)
    for secret in (KEY, wrong):
        assert secret not in form + page
    assert not Shop.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"consumer_key": "sbagliata"},
        {"address": "http://10.0.0.1"},
        {"address": "non un indirizzo"},
        {"mode": "magic"},
    ],
)
def test_what_is_no_address_or_key_is_said_in_place_and_nothing_is_begun(
    typed: dict[str, str], fake: Any, owner: Any, client_for: Any
) -> None:
    whole = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET, **typed}
    answer = client_for(owner).post(CONNECT, whole)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not ConnectAttempt.objects.exists()
    assert whole["consumer_secret"] not in answer.content.decode()


@pytest.mark.parametrize("typed", [{"consumer_secret": "cs_" + "9" * 40}, {"address": "http://127.0.0.1:9"}])
def test_what_does_not_work_is_said_on_its_page_and_nothing_is_kept(
    typed: dict[str, str], fake: Any, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    whole = {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET, **typed}
    here = client.post(CONNECT, whole)["Location"]
    attempts.advance_due()
    polled = client.get(f"{here}?seen=asked--0", headers={"HX-Request": "true"})
    assert (polled.status_code, step(polled)) == (286, "failed")
    page = client.get(here).content.decode()
    assert 'role="alert"' in page
    assert "data-waiting" not in page
    assert not Shop.objects.exists()
    assert whole["consumer_secret"] not in page
    assert SECRET.encode() not in bytes(ConnectAttempt.objects.get().form_sealed)


def test_approval_in_the_shop_is_a_link_out_and_the_one_who_began_confirms(
    fake: Any, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    here = client.post(CONNECT, {"mode": "auth", "address": fake.url})["Location"]
    attempts.advance_due()
    target = re.search(r'id="approve" href="([^"]+)"', client.get(here).content.decode())
    assert target
    assert target[1].startswith(f"{fake.url}/wc-auth/v1/authorize?")
    attempt = ConnectAttempt.objects.get()
    back = client.get(f"/connect/woocommerce/return/?attempt={attempt.pk}&success=1")["Location"]
    assert back == here
    assert step(client.get(back)) == "approve"

    payload = {
        "user_id": attempt.token,
        "consumer_key": KEY,
        "consumer_secret": SECRET,
        "key_permissions": "read_write",
    }
    handed = client.post("/connect/woocommerce/callback/", payload, content_type="application/json")

    assert handed.status_code == 200
    assert step(client.get(back)) == "answered"
    assert attempts.advance_due() == 1
    assert not Shop.objects.exists()
    shown = client.get(back).content.decode()
    assert step(shown) == "pending"
    for words in ("Casa Bella", fake.url, "WooCommerce", owner.member.dropshipper.name):
        assert words in html.unescape(shown)
    assert 'hx-trigger="load delay:400ms, every 1s"' in shown  # a step takes less than a second: it looks soon
    stamp = html.unescape(re.search(r'hx-get="([^"]+)"', shown)[1])  # type: ignore[index]
    assert client.get(stamp, headers={"HX-Request": "true"}).status_code == 204  # what he reads is left as it is
    for seen in ({}, {"seen": "2026-01-01T00:00:00+00:00"}):  # of another answer than the one that he looked at
        client.post(f"{here}confirm/", seen)
        assert step(client.get(back)) == "pending"
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen
    assert client.post(f"{here}confirm/", {"seen": seen[1]})["Location"] == here
    assert step(client.get(back)) == "confirmed"
    assert attempts.advance_due() == 1
    shop = Shop.objects.get()
    assert client.get(back)["Location"] == f"{reverse('connectors:shop_rules', args=[shop.pk])}?new=1"
    polled = client.get(stamp, headers={"HX-Request": "true"})
    assert (polled.status_code, polled["HX-Redirect"]) == (
        286,
        f"{reverse('connectors:shop_rules', args=[shop.pk])}?new=1",
    )


def waiting(dropshipper: Any, owner: Any, **fields: Any) -> ConnectAttempt:
    made = ConnectAttempt(
        token="t",
        dropshipper=dropshipper,
        by=owner,
        platform="woocommerce",
        address="https://a.example.it",
        expires_at=timezone.now() + dt.timedelta(hours=1),
        **fields,
    )
    made.sealed("way", {"redirect": "https://a.example.it/wc-auth/v1/authorize?x=1", "code": ""})
    made.save()
    return made


def test_the_page_tells_what_went_wrong(dropshipper: Any, owner: Any, client_for: Any) -> None:
    attempt = waiting(dropshipper, owner)
    client = client_for(owner)
    back = f"/connect/woocommerce/return/?attempt={attempt.pk}"
    declined = client.get(f"{back}&success=0", follow=True)
    assert step(declined) == "declined"
    assert "data-waiting" not in declined.content.decode()
    assert step(client.get(back, follow=True)) == "approve"  # it was but a look: he may approve after all
    ConnectAttempt.objects.update(trouble="reconnect_needed", trouble_params={"reason": "401"}, phase="failed")
    assert "data-waiting" not in client.get(back, follow=True).content.decode()
    ConnectAttempt.objects.update(trouble="shop_unreachable", trouble_params={"reason": "DNS"})
    with translation.override("en"):
        failed = attempt_page._trouble(ConnectAttempt.objects.get())  # nobody tries again: nothing promises so
        ConnectAttempt.objects.update(phase="answered")
        going_on = attempt_page._trouble(ConnectAttempt.objects.get())
    assert failed == "The shop does not answer (this address does not exist)."
    assert going_on == f"{failed} It will be tried again."
    ConnectAttempt.objects.update(trouble="", expires_at=timezone.now(), phase="waiting")
    over = client.get(back, follow=True)
    assert step(over) == "over"
    assert "data-waiting" not in over.content.decode()


def test_the_attempt_of_another_is_a_404_whoever_he_is(
    dropshipper: Any, owner: Any, stranger: Any, client_for: Any
) -> None:
    attempt = waiting(dropshipper, owner, phase="pending")
    colleague = cast.member(dropshipper, email="colleague@example.it")
    for person in (stranger, colleague):
        client = client_for(person)
        for number in (attempt.pk, "", "x", "9" * 30):
            assert client.get(f"/connect/woocommerce/return/?attempt={number}").status_code == 404
        here = reverse("connectors:attempt", args=[attempt.pk])
        assert client.get(here).status_code == 404
        for deed in ("confirm", "drop", "again"):
            assert client.post(f"{here}{deed}/").status_code == 404
        assert client.get(f"{CONNECT}?attempt={attempt.pk}").status_code == 404
    attempt.refresh_from_db()
    assert attempt.phase == "pending"


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
    attempts.advance_due()
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("active", "")
    assert Shop.objects.count() == 1
