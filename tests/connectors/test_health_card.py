"""The health card: each line says how it stands, and has the button that mends it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors.intake import reconcile
from connectors.models import Shop, ShopCall
from connectors.shops import asks, health
from tests.connectors.conftest import KEY, SECRET
from tests.connectors.test_pull import visit

pytestmark = pytest.mark.django_db


def card(shop: Any, client: Any) -> str:
    text: str = client.get(reverse("connectors:shop", args=[shop.pk])).content.decode()
    return text


def tones(text: str) -> dict[str, str]:
    return dict(re.findall(r'data-line="(\w+)" data-tone="(\w+)"', text))


def test_a_shop_that_is_well_says_so_line_by_line(connected: Any, fake: Any, owner: Any, client_for: Any) -> None:
    health.check(connected)
    visit(connected)
    reconcile.prove(connected)
    text = card(connected, client_for(owner))
    assert tones(text) == dict.fromkeys(("answers", "webhooks", "reading", "news", "proof"), "ok")
    assert text.count("order.created: ") == 1
    assert 'data-call="200"' in text
    for secret in (KEY, SECRET, connected.key):
        assert secret not in text


@pytest.mark.parametrize(
    ("state", "trouble", "tone", "button"),
    [
        ("broken", "key_refused", "bad", "/reconnect/"),
        ("active", "shop_blocked", "warn", "/check/"),
        ("active", "page_instead", "warn", "/check/"),
        ("paused", "", "neutral", "/resume/"),
    ],
)
def test_a_trouble_is_told_in_words_with_its_button(
    shop: Any, owner: Any, client_for: Any, state: str, trouble: str, tone: str, button: str
) -> None:
    params = {"reason": "HTTP 403", "path": "/wp-json/wc/"}
    Shop.objects.filter(pk=shop.pk).update(state=state, trouble=trouble, trouble_params=params)
    text = card(shop, client_for(owner))
    assert tones(text)["answers"] == tone
    assert f"/shops/{shop.pk}{button}" in text
    assert "%(" not in text
    assert trouble == "" or f'data-shop-trouble="{trouble}"' in text


def test_what_a_platform_tells_is_shown_whatever_it_is_called(shop: Any, owner: Any, client_for: Any) -> None:
    shop.facts = {
        "scopes": ["read_orders"],
        "missing_scopes": ["write_products"],
        "webhooks": [{"topic": "ORDERS_CREATE", "state": "missing"}, {"topic": "APP", "state": "repaired"}],
        "troubles": [{"code": "shop_clock_ahead", "minutes": "7"}],
    }
    shop.last_pull_at = timezone.now() - dt.timedelta(hours=2)
    shop.save()
    text = card(shop, client_for(owner))
    found = tones(text)
    assert (found["scopes"], found["webhooks"], found["reading"]) == ("warn", "bad", "warn")
    for word in ("write_products", "ORDERS_CREATE", "APP: "):
        assert word in text
    assert "%(" not in text


def test_a_shop_that_told_nothing_yet_has_its_card(shop: Any, owner: Any, client_for: Any) -> None:
    shop.facts = {}
    shop.save()
    assert tones(card(shop, client_for(owner)))["webhooks"] == "neutral"


def test_the_card_of_a_shop_that_is_gone_has_only_its_past(shop: Any, owner: Any, client_for: Any) -> None:
    Shop.objects.filter(pk=shop.pk).update(state="gone")
    ShopCall.objects.create(shop=shop, what="GET orders", result="timeout", ms=30_000)
    text = card(shop, client_for(owner))
    assert tones(text) == {}
    assert 'data-call="timeout"' in text


def test_the_statements_of_the_card_do_not_grow(shop: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    card(shop, client)
    with CaptureQueriesContext(connection) as few:
        card(shop, client)
    ShopCall.objects.bulk_create(ShopCall(shop=shop, what="GET orders", result="200", ms=n) for n in range(50))
    with CaptureQueriesContext(connection) as many:
        text = card(shop, client)
    assert len(many) == len(few)
    assert text.count("data-call=") == 12


def test_a_member_who_may_not_order_sees_no_buttons(shop: Any, owner: Any, client_for: Any) -> None:
    from accounts.models import Member

    Shop.objects.filter(pk=shop.pk).update(state="broken", trouble="key_refused")
    assert "/reconnect/" in card(shop, client_for(owner))
    Member.objects.filter(user=owner).update(role="accounting")
    assert "/reconnect/" not in card(shop, client_for(owner))


def test_testing_now_brings_a_mended_shop_back(connected: Any, fake: Any, owner: Any, client_for: Any) -> None:
    fake.keys.demote(KEY)
    visit(connected)
    assert connected.state == "broken"
    client = client_for(owner)
    client.post(reverse("connectors:check", args=[connected.pk]))
    asks.do_due()
    connected.refresh_from_db()
    assert connected.state == "broken"
    fake.keys.remove(KEY)
    fake.keys.add(KEY, SECRET)
    client.post(reverse("connectors:check", args=[connected.pk]))
    asks.do_due()
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("active", "")
