"""A webhook that was answered with 200 is in the database; one that was not has left nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connectors.intake import receive
from connectors.models import Delivery, Shop
from connectors.platforms import platform
from tests.connectors.conftest import WEBHOOK_SECRET, Deliver, make_shop, order_body, signed
from tests.connectors.test_platforms import SAMPLES, access, recorded
from tests.threads import ended

TRAFFIC = Path(__file__).parents[3] / "shared" / "woocommerce" / "traffic"

pytestmark = pytest.mark.django_db


def test_a_signed_delivery_is_stored_as_it_came(shop: Any, deliver: Deliver) -> None:
    body = json.dumps(order_body()).encode()
    response = deliver(shop, "order.created", body)
    assert (response.status_code, response.content) == (200, b"")
    row = Delivery.objects.get()
    assert (row.shop, row.topic, row.state, row.attempts) == (shop, "order.created", "new", 0)
    assert bytes(row.body) == body
    assert bytes(row.dedupe) == hashlib.sha256(b"order.created\0" + body).digest()


def test_the_hot_path_is_one_statement(shop: Any, deliver: Deliver) -> None:
    deliver(shop, "order.created", order_body(1))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        deliver(shop, "order.created", order_body(2))
    assert len(queries) == 1  # INSERT INTO connectors_delivery


@pytest.mark.parametrize("suffix", ["", "/"])
@pytest.mark.parametrize("secure", [False, True])
def test_no_form_of_the_address_is_redirected(
    shop: Any, client: Client, settings: Any, suffix: str, secure: bool
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    body = json.dumps(order_body()).encode()
    response = client.post(
        f"/webhooks/woocommerce/{shop.key}{suffix}",
        data=body,
        content_type="application/json",
        headers=signed(body, "order.created", host="www.anything.example"),
        secure=secure,
    )
    assert response.status_code == 200
    assert Delivery.objects.count() == 1


def test_the_ping_is_answered_and_not_kept(shop: Any, client: Client) -> None:
    response = client.post(
        f"/webhooks/woocommerce/{shop.key}/",
        data=b"webhook_id=7",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 200
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-WC-Webhook-Topic": "order.created"},
        {"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": "x"},
        {"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": "èà€"},
        signed(b"another body", "order.created"),
        signed(json.dumps(order_body()).encode(), "order.created", secret="not the secret"),
    ],
)
def test_a_wrong_signature_leaves_nothing(shop: Any, deliver: Deliver, headers: dict[str, str]) -> None:
    assert deliver(shop, "order.created", order_body(), headers=headers).status_code == 401
    assert not Delivery.objects.exists()


def test_an_unknown_shop_gets_the_same_answer_as_a_wrong_signature(
    shop: Any, other_dropshipper: Any, deliver: Deliver
) -> None:
    gone = make_shop(other_dropshipper, address="https://gone.example.it", state="gone")
    answers = {
        (response.status_code, response.content, tuple(response.headers.items()))
        for response in (
            deliver(shop, "order.created", order_body(), headers={"X-WC-Webhook-Signature": "x"}),
            deliver(gone, "order.created", order_body()),
            deliver(shop, "order.created", order_body(), path="/webhooks/woocommerce/no-such-key/"),
            deliver(shop, "order.created", order_body(), path=f"/webhooks/shopify/{shop.key}/"),
            deliver(shop, "order.created", order_body(), path="/webhooks/"),
        )
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 401
    assert not Delivery.objects.exists()


def test_another_shops_secret_does_not_open_this_one(shop: Any, other_dropshipper: Any, deliver: Deliver) -> None:
    other = make_shop(other_dropshipper, address="https://other.example.it")
    other.webhook_secret = "AnotherSecret"
    other.save()
    body = json.dumps(order_body()).encode()
    assert deliver(other, "order.created", body, headers=signed(body, "order.created")).status_code == 401
    assert not Delivery.objects.exists()


def test_a_new_secret_counts_at_once(shop: Any, deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert deliver(shop, "order.created", order_body(1)).status_code == 200
    shop.webhook_secret = "TheNextSecret"
    shop.save()
    later = time.monotonic() + 5
    monkeypatch.setattr(receive.time, "monotonic", lambda: later)
    body = json.dumps(order_body(2)).encode()
    given = signed(body, "order.created", secret="TheNextSecret")
    assert deliver(shop, "order.created", body, headers=given).status_code == 200


def test_more_than_5_mb_is_refused_and_leaves_nothing(shop: Any, deliver: Deliver) -> None:
    assert deliver(shop, "order.created", b"x" * (10 * 1024 * 1024)).status_code == 413
    assert deliver(shop, "order.created", b"x" * (5 * 1024 * 1024 + 1)).status_code == 413
    assert not Delivery.objects.exists()


def test_just_under_5_mb_is_taken(shop: Any, deliver: Deliver) -> None:
    assert deliver(shop, "order.created", b"x" * (5 * 1024 * 1024)).status_code == 200


def test_only_post_is_for_webhooks(shop: Any, client: Client) -> None:
    assert client.get(f"/webhooks/woocommerce/{shop.key}/").status_code == 405


def test_a_database_in_trouble_answers_that_it_is_busy(
    shop: Any, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(receive, "_store", fail)
    response = deliver(shop, "order.created", order_body())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")


def test_a_copy_is_taken_and_changes_nothing(shop: Any, deliver: Deliver) -> None:
    for _time in range(3):
        assert deliver(shop, "order.updated", order_body()).status_code == 200
    assert deliver(shop, "order.created", order_body()).status_code == 200
    assert Delivery.objects.count() == 2
    Delivery.objects.update(state="done")
    deliver(shop, "order.updated", order_body())
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


def test_two_orders_with_one_delivery_id_are_two(shop: Any, deliver: Deliver) -> None:
    for number in (1, 2):
        body = json.dumps(order_body(number)).encode()
        given = signed(body, "order.created", **{"X-WC-Webhook-Delivery-ID": "same"})
        assert deliver(shop, "order.created", body, headers=given).status_code == 200
    assert Delivery.objects.count() == 2


def test_a_copy_of_a_dead_delivery_is_read_again(shop: Any, deliver: Deliver) -> None:
    deliver(shop, "order.created", b"{}")
    Delivery.objects.update(state="dead", attempts=3, error="unreadable")
    deliver(shop, "order.created", b"{}")
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.error) == ("new", 0, "")


def test_a_second_deletion_of_the_same_order_is_news(shop: Any, deliver: Deliver) -> None:
    deliver(shop, "order.deleted", {"id": 26})
    Delivery.objects.update(state="done")
    deliver(shop, "order.deleted", {"id": 26})
    assert Delivery.objects.get().state == "new"


def test_a_body_of_nuls_and_a_topic_of_nonsense_are_kept_for_a_person(shop: Any, deliver: Deliver) -> None:
    assert deliver(shop, "order.created", b"\0" * 100).status_code == 200
    assert deliver(shop, "'; drop table", b"{}").status_code == 200
    assert set(Delivery.objects.values_list("topic", flat=True)) == {"order.created", "unknown"}


@pytest.mark.parametrize(("slug", "path"), SAMPLES)
def test_a_recorded_delivery_comes_in_through_the_real_address(
    slug: str, path: Path, dropshipper: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, secret, body = recorded(path)
    shop = make_shop(dropshipper, platform=slug)
    shop.webhook_secret = secret or WEBHOOK_SECRET
    shop.save()
    envelope = platform(slug).envelope(access(shop.webhook_secret), headers, body)
    if envelope.sent_at:  # where a platform's messages grow old: as if it came in time
        monkeypatch.setattr(receive, "now", lambda: envelope.sent_at)
    kind = headers.pop("content-type", "application/json")
    address = f"/webhooks/{slug}/{shop.key}/"
    assert client.post(address, data=body, content_type=kind, headers=headers).status_code == 200
    assert list(Delivery.objects.values_list("topic", flat=True)) == ([envelope.topic] if envelope.topic else [])


@pytest.mark.skipif(not TRAFFIC.is_dir(), reason="the recorded traffic is not beside this checkout")
def test_every_recorded_request_is_answered_as_it_should(shop: Any, client: Client) -> None:
    answered = 0
    for path in sorted(TRAFFIC.glob("webhook-*.json")):
        record = json.loads(path.read_text())
        headers = {name: value for name, value in record["headers"] if name not in ("Host", "Connection")}
        kind, body = headers.pop("Content-Type"), base64.b64decode(record["body_base64"])
        shop.webhook_secret = record["secret"] or WEBHOOK_SECRET
        shop.save()
        receive.forget()
        response = client.post(f"/webhooks/woocommerce/{shop.key}/", data=body, content_type=kind, headers=headers)
        assert response.status_code == 200, path.name
        answered += 1
    assert answered > 80


@pytest.mark.django_db(transaction=True)
def test_a_webhook_does_not_wait_for_whoever_holds_its_shop(dropshipper: Any, client: Client) -> None:
    """The pull and the news write the shop's row; hundreds of its webhooks may come at the same moment."""
    shop = make_shop(dropshipper)
    body = json.dumps(order_body(1)).encode()
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Shop.objects.select_for_update().get(pk=shop.pk)
                held.set()
                done.wait(10)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(10)
        answer = client.post(
            f"/webhooks/woocommerce/{shop.key}/",
            data=body,
            content_type="application/json",
            headers=signed(body, "order.created"),
        )
        assert answer.status_code == 200
        assert Delivery.objects.filter(shop=shop).count() == 1
    finally:
        done.set()
        ended([holder])
