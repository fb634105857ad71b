"""The shop's webhooks: what is told, how it is signed, and what counts as a failure. Observed on WooCommerce 11.0.1."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.shops.outgoing import Answer, is_refused_by_wordpress, post

from .errors import RestError
from .php import decode_entities, iso, json_encode, local

if TYPE_CHECKING:
    from .shop import Shop

USER_AGENT = "WooCommerce/11.0.1 Hookshot (WordPress/7.1)"
HOOKS = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "product.created": ["woocommerce_process_product_meta", "woocommerce_new_product"],
    "product.updated": ["woocommerce_process_product_meta", "woocommerce_update_product",
                        "woocommerce_update_product_variation"],
    "product.deleted": ["wp_trash_post", "woocommerce_trash_product"],
    "product.restored": ["untrashed_post", "woocommerce_untrash_product"],
}  # fmt: skip
STATUSES = ("active", "paused", "disabled")
ORDER_TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
_MAX_FAILURES = 5  # more than five already noted: the next failure, the 7th in a row, disables


@dataclass(frozen=True)
class Pending:
    """A delivery that is due. The body does not exist yet: it is built when the queue runs."""

    webhook: int
    topic: str
    resource: int
    due: dt.datetime


@dataclass(frozen=True)
class Delivery:
    """One request that was sent, and what came back (status 0: no answer)."""

    topic: str
    resource: int
    url: str
    headers: list[tuple[str, str]]
    body: bytes
    status: int
    at: str
    error: str = ""


def signature(body: bytes, secret: str) -> str:
    """X-WC-Webhook-Signature: HMAC-SHA256 over the raw bytes, base64."""
    return base64.b64encode(hmac.new(decode_entities(secret).encode(), body, hashlib.sha256).digest()).decode()


Transport = Callable[[str, list[tuple[str, str]], bytes, float], Answer]
Arrange = Callable[[list[Pending]], list[Pending]]


@dataclass
class Webhooks:
    shop: "Shop"
    transport: Transport = post
    pending: list[Pending] = field(default_factory=list)
    sent: deque[Delivery] = field(default_factory=lambda: deque(maxlen=2000))

    # The webhooks themselves (REST: /webhooks).

    def create(self, given: dict[str, Any], *, ping: bool = True) -> dict[str, Any]:
        """As POST /webhooks: status is always active; the receiver is pinged before the answer."""
        if given.get("topic") not in HOOKS:
            text = "Webhook topic is required and must be valid."
            raise RestError("woocommerce_rest_shop_webhook_invalid_topic", text, 400)
        url = str(given.get("delivery_url") or "")
        if not url.startswith(("http://", "https://")):
            text = "Webhook delivery URL must start with http:// or https://."
            raise RestError("woocommerce_rest_shop_webhook_invalid_delivery_url", text, 400)
        store = self.shop.store
        with store.lock:
            doc = store.put(
                "webhook",
                {
                    "id": store.next("webhook"),
                    "name": str(given.get("name") or f"Webhook created on {iso(self.shop.clock())}"),
                    "status": "active",
                    "topic": given["topic"],
                    "delivery_url": url,
                    "secret": str(given.get("secret") or secrets.token_urlsafe(36)),
                    "date_created_gmt": iso(self.shop.clock()),
                    "date_modified_gmt": None,
                    "failures": 0,
                    "unanswered_ping": True,
                    "last": "",
                },
            )
        shown = dict(doc)
        if ping:
            self._ping(doc)
        else:
            doc["unanswered_ping"] = False
        return shown

    def change(self, id_: int, given: dict[str, Any]) -> dict[str, Any]:
        """As PUT /webhooks/{id}. Status active does not give the failure count back."""
        doc = self.get(id_)
        for key in ("name", "status", "topic", "delivery_url", "secret"):
            if given.get(key):
                doc[key] = str(given[key])
        self._save(doc)
        return doc

    def get(self, id_: int) -> dict[str, Any]:
        doc = self.shop.store.get("webhook", id_)
        if doc is None:
            raise RestError("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 404)
        return doc

    def all(self) -> list[dict[str, Any]]:
        return self.shop.store.all("webhook")

    def delete(self, id_: int) -> dict[str, Any]:
        doc = self.get(id_)
        self.shop.store.drop("webhook", id_)
        return doc

    def present(self, doc: dict[str, Any], home: str) -> dict[str, Any]:
        """Everything but the secret, which REST never shows, and the failure count, which it does not either."""
        resource, _, event = doc["topic"].partition(".")
        base = f"{home}/wp-json/wc/v3/webhooks"
        return {
            "id": doc["id"],
            "name": doc["name"],
            "status": doc["status"],
            "topic": doc["topic"],
            "resource": resource,
            "event": event,
            "hooks": HOOKS[doc["topic"]],
            "delivery_url": doc["delivery_url"],
            "date_created": local(doc["date_created_gmt"], self.shop.zone),
            "date_created_gmt": doc["date_created_gmt"],
            "date_modified": local(doc["date_modified_gmt"], self.shop.zone),
            "date_modified_gmt": doc["date_modified_gmt"],
            "_links": {
                "self": [
                    {
                        "href": f"{base}/{doc['id']}",
                        "targetHints": {"allow": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                    }
                ],
                "collection": [{"href": base}],
            },
        }

    def _save(self, doc: dict[str, Any]) -> None:
        """Every save of a webhook whose ping was not answered with 200 asks again."""
        doc["date_modified_gmt"] = iso(self.shop.clock())
        self.shop.store.put("webhook", doc)
        if doc["unanswered_ping"]:
            self._ping(doc)

    def _ping(self, doc: dict[str, Any]) -> None:
        headers = [
            ("User-Agent", USER_AGENT),
            ("Accept", "*/*"),
            ("Accept-Encoding", "deflate, gzip, br, zstd"),
            ("Connection", "close"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        answer = self._send(doc["delivery_url"], headers, f"webhook_id={doc['id']}".encode(), 5.0)
        doc["last"] = f"ping: {answer.status or answer.error}"
        if answer.status == 200:
            doc["unanswered_ping"] = False
            doc["date_modified_gmt"] = iso(self.shop.clock())
        self.shop.store.put("webhook", doc)

    def _send(self, url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> Answer:
        if not self.shop.private_receivers_ok and is_refused_by_wordpress(url):
            return Answer(0, "A valid URL was not provided.")
        return self.transport(url, headers, body, timeout)

    # The queue.

    def enqueue(self, topic: str, resource: int) -> None:
        """Due once per webhook and resource: changes before the queue runs are folded into one delivery."""
        with self.shop.store.lock:
            for doc in self.all():
                if doc["topic"] != topic or doc["status"] != "active":
                    continue
                if any(due.webhook == doc["id"] and due.resource == resource for due in self.pending):
                    continue
                due = self.shop.clock() + dt.timedelta(seconds=self.shop.deliver_after or 0)
                self.pending.append(Pending(doc["id"], topic, resource, due))

    def run(self, *, arrange: Arrange | None = None, only_due: bool = False) -> list[Delivery]:
        """Sends what is pending, in order or as `arrange` orders it. What fails is not tried again."""
        with self.shop.store.lock:
            now = self.shop.clock()
            batch = [due for due in self.pending if not only_due or due.due <= now]
            self.pending[:] = [due for due in self.pending if due not in batch]
        done = [self._deliver(due) for due in (arrange(batch) if arrange else batch)]
        return [delivery for delivery in done if delivery]

    def _deliver(self, due: Pending) -> Delivery | None:
        doc = self.shop.store.get("webhook", due.webhook)
        if doc is None:
            return None
        body = self._body(due)
        headers = self._headers(doc, due.topic, body)
        answer = self._send(doc["delivery_url"], headers, body, 60.0)
        at = iso(self.shop.clock())
        url = doc["delivery_url"]
        delivery = Delivery(due.topic, due.resource, url, headers, body, answer.status, at, answer.error)
        self.sent.append(delivery)
        with self.shop.store.lock:
            doc["last"] = f"{due.topic} #{due.resource}: {answer.status or answer.error}"
            if 200 <= answer.status <= 302:  # redirects are not followed, and 301 and 302 count as delivered
                doc["failures"] = 0
            elif doc["failures"] > _MAX_FAILURES:
                doc["status"] = "disabled"
            else:
                doc["failures"] += 1
        self._save(doc)
        return delivery

    def _body(self, due: Pending) -> bytes:
        """Built now: an order deleted in the meantime makes a signed error object."""
        try:
            if self.shop.webhook_author_gone:
                raise RestError("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.", 401)
            if due.topic == "order.deleted":
                payload: dict[str, Any] = {"id": due.resource}
            elif due.topic.startswith("order."):
                payload = self.shop.orders[due.resource]
            else:
                product = self.shop.products.get(due.resource)
                if product is None:
                    raise RestError("woocommerce_rest_product_invalid_id", "Invalid ID.", 404)
                payload = self.shop.products.present(product, self.shop.public_url)
        except RestError as error:
            payload = error.body()
        return json_encode(payload).encode()

    def _headers(self, doc: dict[str, Any], topic: str, body: bytes) -> list[tuple[str, str]]:
        resource, _, event = topic.partition(".")
        # A hash of webhook and second: not unique. Twelve orders were seen under one id.
        stamp = f"{doc['id']}{int(self.shop.clock().timestamp())}".encode()
        return [
            ("User-Agent", USER_AGENT),
            ("Accept", "*/*"),
            ("Accept-Encoding", "deflate, gzip, br, zstd"),
            ("Content-Type", "application/json"),
            ("X-WC-Webhook-Source", f"{self.shop.public_url}/"),
            ("X-WC-Webhook-Topic", topic),
            ("X-WC-Webhook-Resource", resource),
            ("X-WC-Webhook-Event", event),
            ("X-WC-Webhook-Signature", signature(body, doc["secret"])),
            ("X-WC-Webhook-ID", str(doc["id"])),
            ("X-WC-Webhook-Delivery-ID", hmac.new(self.shop.salt, stamp, hashlib.md5).hexdigest()),
            ("Connection", "close"),
        ]
