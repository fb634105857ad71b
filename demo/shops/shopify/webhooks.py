"""What the store tells: subscriptions, bodies as they were at the moment of the event, signatures, retries, removal."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from demo.shops.outgoing import Answer, post

from . import bodies
from .gids import Doc, stamp

if TYPE_CHECKING:
    from .shop import Shop

TIMEOUT_S = 5.0
RETRIES_MIN = (1, 2, 4, 8, 15, 30, 60, 120)  # eight within four hours; the exact steps are not published
_ESCAPES = (("/", "\\/"), ("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e"))


@dataclass(frozen=True)
class Pending:
    """A delivery that is due. Its body is that of the moment of the event, whatever happens until it is sent."""

    subscription: int  # 0: the app's own address (compliance)
    topic: str
    resource: int
    url: str
    app: str
    body: bytes
    id: str
    event: str
    name: str
    triggered: str
    due: dt.datetime
    attempt: int = 0


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
    attempt: int
    error: str = ""


Transport = Callable[[str, list[tuple[str, str]], bytes, float], Answer]
Arrange = Callable[[list[Pending]], list[Pending]]


def encode(payload: Any) -> bytes:
    r"""The bytes Shopify sends: UTF-8 as it is, slashes as `\/`, and `&`, `<`, `>` as \u0026, \u003c, \u003e."""
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return text.encode()


def signature(body: bytes, secret: str) -> str:
    """X-Shopify-Hmac-Sha256: over the raw bytes, base64."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def topic_name(enum: str) -> str:
    """ORDERS_CREATE → orders/create; FULFILLMENT_ORDERS_PLACED_ON_HOLD → fulfillment_orders/placed_on_hold."""
    for noun in ("FULFILLMENT_ORDERS", "FULFILLMENT_EVENTS", "INVENTORY_LEVELS", "INVENTORY_ITEMS", "BULK_OPERATIONS",
                 "ORDER_TRANSACTIONS"):  # fmt: skip
        if enum.startswith(f"{noun}_"):
            return f"{noun}/{enum[len(noun) + 1 :]}".lower()
    return enum.replace("_", "/", 1).lower()


@dataclass
class Webhooks:
    shop: "Shop"
    transport: Transport = post
    pending: list[Pending] = field(default_factory=list)
    sent: deque[Delivery] = field(default_factory=lambda: deque(maxlen=2000))
    refund: Doc | None = None  # the one that refunds/create tells of
    retries_keep_their_id: bool = True  # X-Shopify-Webhook-Id of a retry; no source says it in so many words

    # Subscriptions, as webhookSubscriptionCreate makes them.

    def subscribe(self, app: str, topic: str, uri: str, **more: Any) -> Doc:
        now = stamp(self.shop.clock())
        made = {"id": self.shop.next_id(), "app": app, "topic": topic, "uri": uri, "format": "JSON", "filter": None}
        made |= {"include_fields": [], "name": None, "created_at": now, "updated_at": now, "last": "", **more}
        return self.shop.store.put("subscription", made)

    def all(self) -> list[Doc]:
        return self.shop.store.all("subscription")

    def unsubscribe(self, id_: int) -> None:
        self.shop.store.drop("subscription", id_)

    # The queue.

    def event(self) -> str:
        """One per act: all that an act tells carries the same X-Shopify-Event-Id."""
        return str(uuid.uuid4())

    def enqueue(self, topic: str, resource: int, *, event: str, about: Doc | None = None) -> None:
        """One delivery for each subscription of the topic; the body is made now."""
        with self.shop.store.lock:
            wanted = [doc for doc in self.all() if topic_name(doc["topic"]) == topic]
            if not wanted:
                return
            payload = bodies.body_of(self.shop, topic, resource, about or {})
            for doc in wanted:
                chosen = {key: payload[key] for key in doc["include_fields"] if key in payload}
                self.add(doc["app"], topic, resource, doc["uri"], chosen or payload, event, subscription=doc["id"],
                         name=doc["name"] or "")  # fmt: skip

    def add(
        self,
        app: str,
        topic: str,
        resource: int,
        url: str,
        payload: Any,
        event: str,
        *,
        subscription: int = 0,
        name: str = "",
        triggered: str = "",
    ) -> None:
        now = self.shop.clock()
        at = triggered or now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
        due = now + dt.timedelta(seconds=self.shop.deliver_after or 0)
        id_ = str(uuid.uuid4())
        self.pending.append(
            Pending(subscription, topic, resource, url, app, encode(payload), id_, event, name, at, due)
        )

    def run(self, *, arrange: Arrange | None = None, only_due: bool = False, retries: bool = False) -> list[Delivery]:
        """Sends what is pending, in order or as `arrange` orders it (it may drop and repeat). Retries wait for their
        time, or are sent too with `retries`."""
        with self.shop.store.lock:
            now = self.shop.clock()
            batch = [due for due in self.pending if due.due <= now or (not only_due and (retries or due.attempt == 0))]
            self.pending[:] = [due for due in self.pending if due not in batch]
        return [self._deliver(due) for due in (arrange(batch) if arrange else batch)]

    def _deliver(self, due: Pending) -> Delivery:
        headers = self._headers(due)
        answer = self.transport(due.url, headers, due.body, TIMEOUT_S)
        at = stamp(self.shop.clock())
        delivery = Delivery(
            due.topic, due.resource, due.url, headers, due.body, answer.status, at, due.attempt, answer.error
        )
        self.sent.append(delivery)
        with self.shop.store.lock:
            doc = self.shop.store.get("subscription", due.subscription)
            if doc:
                self.shop.store.put("subscription", {**doc, "last": f"{answer.status or answer.error}"})
            if not 200 <= answer.status < 300:  # a redirect is a failure too
                self._failed(due, doc)
        return delivery

    def _failed(self, due: Pending, subscription: Doc | None) -> None:
        if due.attempt >= len(RETRIES_MIN):
            if subscription:  # made through the API: it is gone, and nobody is told
                self.unsubscribe(due.subscription)
                self.pending[:] = [each for each in self.pending if each.subscription != due.subscription]
            return
        wait = dt.timedelta(minutes=RETRIES_MIN[due.attempt])
        again = replace(due, attempt=due.attempt + 1, due=self.shop.clock() + wait)
        if not self.retries_keep_their_id:
            again = replace(again, id=str(uuid.uuid4()))
        self.pending.append(again)

    def _headers(self, due: Pending) -> list[tuple[str, str]]:
        secret = self.shop.signing_secret(due.app)
        headers = [
            ("User-Agent", "Shopify-Captain-Hook"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "gzip;q=1.0,deflate;q=0.6,identity;q=0.3"),
            ("Content-Type", "application/json"),
            ("X-Shopify-Topic", due.topic),
            ("X-Shopify-Hmac-Sha256", signature(due.body, secret)),
            ("X-Shopify-Shop-Domain", self.shop.domain),
            ("X-Shopify-API-Version", self.shop.webhook_version),
            ("X-Shopify-Webhook-Id", due.id),
            ("X-Shopify-Event-Id", due.event),
            ("X-Shopify-Triggered-At", due.triggered),
        ]
        if due.name:
            headers.append(("X-Shopify-Name", due.name))
        if due.topic.split("/")[0] in ("orders", "refunds"):
            headers.append(("X-Shopify-Order-Id", str(due.resource)))
            order = self.shop.store.get("order", due.resource)
            headers.append(("X-Shopify-Test", "true" if order and order["test"] else "false"))
        return headers
