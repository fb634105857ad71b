"""The store itself, the app in it, and its webhook subscriptions."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .gids import Doc, gid, number_of, stamp

if TYPE_CHECKING:
    from .admin_api import Ask
    from .shop import Shop


def shop_node(ask: "Ask") -> Doc:
    shop = ask.shop
    return {
        "__typename": "Shop",
        "id": gid("Shop", shop.id),
        "name": shop.name,
        "myshopifyDomain": shop.domain,
        "email": shop.email,
        "contactEmail": shop.email,
        "currencyCode": shop.currency,
        "ianaTimezone": shop.zone.key,
        "timezoneOffset": shop.clock().astimezone(shop.zone).strftime("%z"),
        "taxesIncluded": shop.taxes_included,
        "weightUnit": "KILOGRAMS",
        "unitSystem": "METRIC_SYSTEM",
        "shopOwnerName": "Carla Bianchi",
        "url": shop.public_url,
        "createdAt": "2024-02-01T09:00:00Z",
        "primaryDomain": {"id": gid("Domain", shop.id), "host": shop.domain, "url": shop.public_url},
        "plan": {"publicDisplayName": "Basic", "partnerDevelopment": False, "shopifyPlus": False},
    }


def installation(ask: "Ask") -> Doc:
    found = ask.shop.tokens.installation(ask.app)
    assert found is not None
    return {
        "__typename": "AppInstallation",
        "id": gid("AppInstallation", found["id"]),
        "accessScopes": [{"handle": scope} for scope in sorted(ask.scopes)],
        "launchUrl": f"{ask.shop.public_url}/admin/apps/{ask.app}",
        "app": _app(ask),
    }


def _app(ask: "Ask") -> Doc:
    app = ask.shop.tokens.apps[ask.app]
    return {"__typename": "App", "id": gid("App", 580111), "title": app.title, "handle": "mci", "apiKey": app.client_id}


def uninstall(ask: "Ask") -> Doc:
    app = _app(ask)
    ask.shop.uninstall(ask.app)
    return {"app": app, "userErrors": []}


# Webhook subscriptions.


def subscription(shop: "Shop", doc: Doc) -> Doc:
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "topic": doc["topic"],
        "uri": doc["uri"],
        "format": doc["format"],
        "filter": doc["filter"],
        "includeFields": doc["include_fields"],
        "name": doc["name"],
        "apiVersion": {"handle": shop.webhook_version},
        "createdAt": doc["created_at"],
        "updatedAt": doc["updated_at"],
    }


def _bad_uri(shop: "Shop", uri: str) -> str:
    """https only; whether anybody answers there is not asked. A fake on a laptop lets loopback pass."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https", "pubsub", "arn") or not parts.netloc:
        return "Address is invalid"
    host = parts.hostname or ""
    local = host in ("localhost", "testserver") or host.endswith(".localhost") or host.startswith("127.")
    if parts.scheme == "http" and not (local and shop.http_receivers_ok):
        return "Address protocol http:// is not supported"
    return ""


def subscribe(ask: "Ask", *, topic: str, webhookSubscription: Doc) -> Doc:
    given = webhookSubscription
    uri = str(given.get("uri") or given.get("callbackUrl") or "")
    format_, filter_ = given.get("format") or "JSON", given.get("filter")
    problem = _bad_uri(ask.shop, uri)
    mine = [doc for doc in ask.shop.webhooks.all() if doc["app"] == ask.app]
    if any((d["topic"], d["uri"], d["format"], d["filter"]) == (topic, uri, format_, filter_) for d in mine):
        problem = "Address for this topic has already been taken"
    if problem:
        field = ["webhookSubscription", "callbackUrl"]
        return {"webhookSubscription": None, "userErrors": [{"field": field, "message": problem}]}
    more = {"format": format_, "filter": filter_, "name": given.get("name")}
    made = ask.shop.webhooks.subscribe(ask.app, topic, uri, include_fields=given.get("includeFields") or [], **more)
    return {"webhookSubscription": subscription(ask.shop, made), "userErrors": []}


def _mine(ask: "Ask", id_: str) -> Doc | None:
    doc = ask.shop.store.get("subscription", number_of(id_, "WebhookSubscription") or 0)
    return doc if doc and doc["app"] == ask.app else None


def resubscribe(ask: "Ask", *, id: str, webhookSubscription: Doc) -> Doc:
    doc = _mine(ask, id)
    uri = webhookSubscription.get("uri") or (doc["uri"] if doc else "")
    problem = "Webhook subscription does not exist" if doc is None else _bad_uri(ask.shop, uri)
    if problem or doc is None:
        return {"webhookSubscription": None, "userErrors": [{"field": ["id"], "message": problem}]}
    given = webhookSubscription
    changed = {**doc, "uri": uri, "updated_at": stamp(ask.shop.clock())}
    changed["include_fields"] = given.get("includeFields") or doc["include_fields"]
    changed["filter"] = given.get("filter", doc["filter"])
    ask.shop.store.put("subscription", changed)
    return {"webhookSubscription": subscription(ask.shop, changed), "userErrors": []}


def unsubscribe(ask: "Ask", *, id: str) -> Doc:
    doc = _mine(ask, id)
    if doc is None:
        text = "Webhook subscription does not exist"
        return {"deletedWebhookSubscriptionId": None, "userErrors": [{"field": ["id"], "message": text}]}
    ask.shop.webhooks.unsubscribe(doc["id"])
    return {"deletedWebhookSubscriptionId": id, "userErrors": []}


ACTS: dict[str, Any] = {
    "appUninstall": uninstall,
    "webhookSubscriptionCreate": subscribe,
    "webhookSubscriptionUpdate": resubscribe,
    "webhookSubscriptionDelete": unsubscribe,
}
