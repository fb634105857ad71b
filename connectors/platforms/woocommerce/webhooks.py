"""WooCommerce's webhooks: the signature of a delivery, and the four subscriptions kept alive in the shop."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.platforms.base import Access, BadSignature, Envelope, ShopUnreachable, WebhookState
from connectors.platforms.woocommerce.client import Client, NotFound
from core.strict import text

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
_PING = re.compile(rb"webhook_id=\d{1,20}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
_TOPIC = re.compile(r"[a-z_]{1,30}\.[a-z_]{1,28}", re.ASCII)


def envelope(access: Access, headers: Mapping[str, str], body: bytes) -> Envelope:
    """Checks the HMAC over the bytes as they came. The ping at a webhook's creation has no signature and is let pass:
    nothing of it is kept."""
    given = headers.get("x-wc-webhook-signature", "")
    if not given:
        if _PING.fullmatch(body) and "x-wc-webhook-topic" not in headers:
            return Envelope("")
        raise BadSignature
    digest = hmac.digest(access.webhook_secret.encode(), body, "sha256")
    # Compared as bytes: a header may hold any character, and compare_digest refuses text that is not ASCII.
    if not access.webhook_secret or not hmac.compare_digest(
        base64.b64encode(digest), given.encode("utf-8", "surrogateescape")
    ):
        raise BadSignature
    topic = headers.get("x-wc-webhook-topic", "")
    if not _TOPIC.fullmatch(topic):
        topic = "unknown"
    delivery_id = headers.get("x-wc-webhook-delivery-id", "")
    return Envelope(
        topic,
        # Not unique (twelve orders came under one id): kept for the record only.
        delivery_id=delivery_id if _ID.fullmatch(delivery_id) else text(delivery_id, 80),
        versioned=topic not in ("order.deleted", "order.restored") and not body.startswith(b'{"code"'),
    )


def _ours(client: Client, delivery_url: str) -> Iterable[Mapping[str, Any]]:
    for page in range(1, 6):
        found = client.get("webhooks", per_page="100", page=str(page), orderby="id", order="asc").data
        if not isinstance(found, list):
            return
        yield from (hook for hook in found if isinstance(hook, dict) and hook.get("delivery_url") == delivery_url)
        if len(found) < 100:
            return


def subscribe(access: Access, client: Client) -> list[str]:
    """Makes what is missing, wakes what sleeps, gives all our secret, removes twins. Codes of what it did."""
    return mend(access, client)[0]


def mend(access: Access, client: Client) -> tuple[list[str], list[WebhookState]]:
    """As `subscribe`, and how each webhook was found."""
    done: list[str] = []
    states: list[WebhookState] = []
    known: dict[str, Mapping[str, Any]] = {}
    for hook in list(_ours(client, access.webhook_address)):
        topic = str(hook.get("topic"))
        if topic in TOPICS and topic not in known:
            known[topic] = hook
        else:
            client.send("DELETE", f"webhooks/{int(hook['id'])}", params={"force": "true"})
            done.append("webhook_removed")
    for topic in TOPICS:
        found = known.get(topic)
        wanted = {"secret": access.webhook_secret, "status": "active"}
        is_well = found is not None and found.get("status") == "active"
        states.append(WebhookState(topic, "active" if is_well else "repaired"))
        if found is None:
            made = {"name": f"MCI {topic}", "topic": topic, "delivery_url": access.webhook_address, **wanted}
            client.send("POST", "webhooks", data=made)
            done.append("webhook_created")
        elif found.get("status") != "active":
            # A webhook that was disabled keeps its count of failures: one more failure would disable it again, so it
            # is made anew.
            client.send("DELETE", f"webhooks/{int(found['id'])}", params={"force": "true"})
            made = {"name": f"MCI {topic}", "topic": topic, "delivery_url": access.webhook_address, **wanted}
            client.send("POST", "webhooks", data=made)
            done.append("webhook_revived")
    return done, states


def renew_secret(access: Access, client: Client) -> None:
    """Our secret to webhooks that were there before (a reconnection)."""
    for hook in list(_ours(client, access.webhook_address)):
        client.send("PUT", f"webhooks/{int(hook['id'])}", data={"secret": access.webhook_secret})


def unsubscribe(access: Access, client: Client) -> None:
    for hook in list(_ours(client, access.webhook_address)):
        try:
            client.send("DELETE", f"webhooks/{int(hook['id'])}", params={"force": "true"})
        except NotFound:
            continue


def check_may_write(client: Client) -> None:
    """A webhook of a topic that does not exist: refused for its topic (400) when the key may write, else 401."""
    try:
        client.send("POST", "webhooks", data={"topic": "mci.test", "delivery_url": "https://mci.invalid/"})
    except ShopUnreachable as error:
        if not str(error.params["reason"]).startswith("HTTP 400"):
            raise
