"""Shopify's webhooks: the signature of a delivery, what it says, and the subscriptions kept alive in the shop."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from connectors.platforms.base import (
    Access,
    BadSignature,
    Changed,
    Envelope,
    Malformed,
    PrivacyRequest,
    Reading,
    Rights,
    ShopUnreachable,
    Uninstalled,
    Unreadable,
    WebhookState,
    Withdrawn,
)
from connectors.platforms.shopify.answers import NotFound, number_of, refusals
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.orders import BY_PART, MAX_ID, date, order_id, read_order
from core.strict import BadJson, load_json, text, whole

# What we ask to be told, and cannot do without.
_NEEDED_TOPICS = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_PAID",
    "ORDERS_CANCELLED",
    "ORDERS_EDITED",
    "ORDERS_DELETE",
    "REFUNDS_CREATE",
    "FULFILLMENTS_UPDATE",
    "APP_UNINSTALLED",
    "APP_SCOPES_UPDATE",
)
# What holds an order back, or lets it go: the order itself may keep its date. Without the permission for them (an app
# that lost it) the rest is told all the same, and the pull reads the last days again.
_BESIDES = (
    "FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE",
    "FULFILLMENT_ORDERS_PLACED_ON_HOLD",
    "FULFILLMENT_ORDERS_HOLD_RELEASED",
    "FULFILLMENT_ORDERS_SCHEDULED_FULFILLMENT_ORDER_READY",
    "FULFILLMENT_ORDERS_RESCHEDULED",
    "FULFILLMENT_ORDERS_MOVED",
    "ORDERS_RISK_ASSESSMENT_CHANGED",
)
TOPICS = (*_NEEDED_TOPICS, *_BESIDES)
PRIVACY = {"customers/data_request": "data", "customers/redact": "customer", "shop/redact": "shop"}
_NEEDED = ("x-shopify-hmac-sha256", "x-shopify-topic", "x-shopify-shop-domain", "x-shopify-webhook-id")
_TOPIC = re.compile(r"[a-z_]{1,24}/[a-z_]{1,35}", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com", re.ASCII)


def shop_address(domain: str) -> str:
    """The address of a shop from its myshopify.com domain, by a full match; "" for anything else. A host of our own
    machine (settings.EGRESS_ALLOW: the demo shop) is one too."""
    domain = domain.strip().lower()
    if _DOMAIN.fullmatch(domain):
        return f"https://{domain}"
    host, _colon, rest = domain.partition(":")
    if host in settings.EGRESS_ALLOW and re.fullmatch(r"(?:\d{0,5}(?:/prova/[a-z0-9-]{1,60})?)", rest, re.ASCII):
        return f"http://{domain}"
    return ""


def secrets_of(access: Access) -> list[str]:
    """What its webhooks may be signed with: the secret of the shop's own app, or the portal's, new and old (Shopify
    goes on with the old one for an hour)."""
    if access.credentials.get("client_id"):
        return [secret for secret in (access.webhook_secret, access.credentials.get("client_secret", "")) if secret]
    found = (access.webhook_secret, settings.SHOPIFY_CLIENT_SECRET, settings.SHOPIFY_CLIENT_SECRET_OLD)
    return [secret for secret in found if secret]


def envelope(access: Access, headers: Mapping[str, str], body: bytes) -> Envelope:
    """Checks the HMAC over the bytes as they came, then the headers that all deliveries have."""
    given = headers.get("x-shopify-hmac-sha256", "").encode("utf-8", "surrogateescape")
    signatures = [base64.b64encode(hmac.digest(key.encode(), body, "sha256")) for key in secrets_of(access)]
    if not any([hmac.compare_digest(signature, given) for signature in signatures]):  # noqa: C419 - each is compared
        raise BadSignature
    if not all(headers.get(name) for name in _NEEDED):
        raise Malformed
    domain = headers["x-shopify-shop-domain"].strip().lower()
    if domain != access.address.partition("://")[2]:  # signed by the same app, but about another shop
        raise BadSignature
    topic = headers["x-shopify-topic"]
    return Envelope(
        topic if _TOPIC.fullmatch(topic) else "unknown",
        delivery_id=text(headers["x-shopify-webhook-id"], 80),
        sent_at=_moment(headers.get("x-shopify-triggered-at", "")),
        # An uninstallation, a deletion and the law's requests say no version.
        versioned=topic.startswith("orders/") and topic != "orders/delete",
    )


def _moment(value: str) -> dt.datetime | None:
    """Shopify writes it with nanoseconds."""
    return date(re.sub(r"(\.\d{6})\d+", r"\1", value))


def read(topic: str, body: bytes) -> Reading:
    """What a delivery says. "order.updated" is an order as the API gave it (the pull, the inbox's own record)."""
    kind, _slash, what = topic.partition("/")
    if topic == "order.updated" or (kind == "orders" and what not in ("delete", "edited", "risk_assessment_changed")):
        return read_order(_load(body))
    if topic == "orders/risk_assessment_changed":
        return Changed(_some_id(_named(_load(body))))
    if topic == "orders/delete":
        return Withdrawn(_some_id(order_id(_load(body))))
    if topic == "orders/edited":
        edit = _load(body).get("order_edit")
        return Changed(_some_id(_whole(edit, "order_id")))
    if kind in ("refunds", "fulfillments", "order_transactions", "fulfillment_events"):
        return Changed(_some_id(_whole(_load(body), "order_id")))
    if kind == "fulfillment_orders":
        return Changed(BY_PART + _some_id(_part(_load(body))))
    if topic == "app/uninstalled":
        return Uninstalled()
    if topic == "app/scopes_update":
        return Rights()
    if topic in PRIVACY:
        return _privacy(PRIVACY[topic], _load(body))
    return None


def _load(body: bytes) -> Mapping[str, Any]:
    try:
        data = load_json(body)
    except BadJson as error:
        raise Unreadable(reason=str(error)) from None
    if not isinstance(data, dict):
        raise Unreadable(reason="not an object")
    return data


def _whole(data: Any, name: str) -> str:
    number = whole(data.get(name), 1, MAX_ID) if isinstance(data, dict) else None
    return str(number) if number else ""


def _named(data: Mapping[str, Any]) -> str:
    return number_of(data.get("admin_graphql_api_order_id")) or _whole(data, "order_id")


def _part(data: Mapping[str, Any]) -> str:
    """The number of a fulfilment order: such a body does not name its order."""
    found = (data.get(name) for name in ("fulfillment_order", "moved_fulfillment_order", "original_fulfillment_order"))
    return next((number for part in found if isinstance(part, dict) and (number := number_of(part.get("id")))), "")


def _some_id(found: str) -> str:
    if not found:
        raise Unreadable(reason="no id")
    return found


def _privacy(kind: str, data: Mapping[str, Any]) -> PrivacyRequest:
    customer = data["customer"] if isinstance(data.get("customer"), dict) else {}
    ids = data.get("orders_requested" if kind == "data" else "orders_to_redact")
    numbers = [whole(number, 1, MAX_ID) for number in ids] if isinstance(ids, list) else []
    return PrivacyRequest(
        kind,
        customer=text(customer.get("email"), 254),
        external_ids=tuple(str(number) for number in numbers if number),
        phone=text(customer.get("phone"), 30),
        customer_id=_whole(customer, "id"),
    )


# ---- the subscriptions


def _ours(client: Client, address: str) -> Iterable[tuple[str, str]]:
    """Topic and id of each of our subscriptions; only those that were made through the API are listed."""
    after = None
    for _page in range(10):
        found = client.query("webhooks", first=100, after=after).data.get("webhookSubscriptions")
        if not isinstance(found, dict) or not isinstance(found.get("nodes"), list):
            raise ShopUnreachable(reason="JSON: webhooks")
        for node in found["nodes"]:
            if isinstance(node, dict) and node.get("uri") == address and number_of(node.get("id")):
                yield str(node.get("topic")), str(node["id"])
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return


def subscribe(access: Access, client: Client) -> tuple[list[str], list[WebhookState]]:
    """Makes what is missing: after eight failures Shopify deletes a subscription without a word. Codes of what it did,
    and how each stands now."""
    done: list[str] = []
    known: set[str] = set()
    missing: set[str] = set()
    for topic, found in list(_ours(client, access.webhook_address)):
        if topic in TOPICS and topic not in known:
            known.add(topic)
        else:
            client.change("webhook_delete", id=found)
            done.append("webhook_removed")
    for topic in TOPICS:
        if topic in known:
            continue
        made = client.change("webhook_create", topic=topic, webhook={"uri": access.webhook_address, "format": "JSON"})
        wrong = [words for _code, words in refusals(made) if "already been taken" not in words]  # by another worker
        if wrong and topic not in _BESIDES:
            raise ShopUnreachable(reason=wrong[0])
        if wrong:
            missing.add(topic)
        else:
            done.append("webhook_created")
    return done, [WebhookState(topic, _state(topic, known, missing)) for topic in TOPICS]


def _state(topic: str, known: set[str], missing: set[str]) -> str:
    return "missing" if topic in missing else "active" if topic in known else "repaired"


def unsubscribe(access: Access, client: Client) -> None:
    for _topic, found in list(_ours(client, access.webhook_address)):
        try:
            client.change("webhook_delete", id=found)
        except NotFound:
            continue
