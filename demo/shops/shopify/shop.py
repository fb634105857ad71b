"""The fake store: its parts put together, and what it answers to a request."""

import datetime as dt
import logging
import zlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from demo.shops.outgoing import post
from demo.shops.serving import Background
from demo.shops.web import Request, Response

from . import backoffice, bulk, oauth, storefront
from .admin_api import AdminApi
from .connections import Row
from .faults import Faults
from .fulfilment import Fulfilment
from .gids import Doc, stamp
from .index import Index
from .memory import Memory
from .orders import Orders
from .products import Products
from .stock import DEFAULT_LOCATIONS, Stock
from .tokens import ALL_SCOPES, App, Tokens
from .webhooks import Arrange, Delivery, Pending, Transport, Webhooks

log = logging.getLogger("demo.shops.shopify")
VERSIONS = ["2026-01", "2026-04", "2026-07", "2026-10"]
CLIENT_ID, CLIENT_SECRET, DEMO_CLIENT_ID = "mci-client", "hush", "mci-demo"
DEMO_TOPICS = (
    "ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_PAID", "ORDERS_CANCELLED", "ORDERS_EDITED", "ORDERS_DELETE",
    "REFUNDS_CREATE", "FULFILLMENTS_UPDATE", "FULFILLMENT_ORDERS_PLACED_ON_HOLD", "FULFILLMENT_ORDERS_HOLD_RELEASED",
    "FULFILLMENT_ORDERS_MOVED", "FULFILLMENT_ORDERS_SCHEDULED_FULFILLMENT_ORDER_READY",
    "ORDERS_RISK_ASSESSMENT_CHANGED", "PRODUCTS_DELETE", "APP_UNINSTALLED", "APP_SCOPES_UPDATE",
)  # fmt: skip
_FIRST_ID = 2**53 + 1  # odd numbers beyond 2^53: whoever reads one as a float gets another
_PUBLICATIONS = ("Online Store", "Point of Sale")


class Shop(Background):
    """A Shopify store of our own, outside MCI.

    Switches: `versions` (supported ones, oldest first) and `answered_version` (forces X-Shopify-API-Version);
    `currency` and `taxes_included`, of its prices; `protected_data` 2 | 1 | 0 is the approved level of customers'
    data; `jobs_take` is how often a job is asked for
    before it is done; `search_lag` is how long a search does not find what changed; `http_receivers_ok` takes webhook
    addresses on loopback over http (a real store wants https); `bucket` is (points, points back each second).
    `parts_move_orders`: what happens to a fulfilment order moves the order's `updated_at` and tells orders/updated.
    `stumbles`: fields of an order, by its number, at which the API fails with INTERNAL_SERVER_ERROR.
    `deliver_after` is the age, in seconds, at which a webhook is sent; None: only `flush()` sends. `real_schema` runs
    on Shopify's whole schema (an introspection file) instead of ours.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        public_url: str = "http://shop.test",
        domain: str = "",
        name: str = "Emporio Nove",
        products: list[Doc] | None = None,
        zone: str = "Europe/Rome",
        clock: Callable[[], dt.datetime] | None = None,
        deliver_after: float | None = None,
        bucket: tuple[int, int] = (2000, 100),
        real_schema: Path | None = None,
        transport: Transport = post,
    ) -> None:
        self.public_url, self.name, self.zone = public_url.rstrip("/"), name, ZoneInfo(zone)
        parts = urlsplit(self.public_url)
        self.domain = domain or f"{parts.netloc}{parts.path}"
        self.email = "ciao@emporionove.example"
        self.clock = clock or (lambda: dt.datetime.now(dt.UTC))
        self.deliver_after, self.bucket_of = deliver_after, bucket
        self.versions, self.answered_version, self.webhook_version = list(VERSIONS), "", VERSIONS[-1]
        self.currency, self.taxes_included = "EUR", True
        self.protected_data, self.jobs_take, self.http_receivers_ok = 2, 1, True
        self.search_lag = dt.timedelta()
        self.parts_move_orders = True
        self.stumbles: dict[int, tuple[str, ...]] = {}
        self.store = Memory(data)
        self.id = self._own_id()
        self.index, self.faults = Index(self.store), Faults()
        self.tokens, self.stock, self.products = Tokens(self), Stock(self), Products(self)
        self.orders, self.fulfilment = Orders(self), Fulfilment(self)
        self.webhooks = Webhooks(self, transport)
        self.api = AdminApi(self, real_schema)
        self.calls: deque[tuple[str, Doc]] = deque(maxlen=20_000)  # (operation name, variables) of each GraphQL request
        self.requests: deque[tuple[str, str, int]] = deque(maxlen=2000)
        self.shown: dict[int, tuple[Doc, Doc]] = {}  # order → its document and the node made of it
        self.listed: dict[str, tuple[int, list[Row]]] = {}  # search → writes until then and what was found
        super().__init__()
        self.keys: dict[tuple[str, str], str] = {}  # (app, idempotency key) → the content it stands for
        self.old_secrets: dict[str, str] = {}  # app → the secret that webhooks are still signed with
        self.register_app()
        if not self.stock.locations():
            for title, address in DEFAULT_LOCATIONS:
                self.stock.add_location(title, dict(address))
        if products is not None:
            self.products.load(products)
        elif not self.products.all():
            self.products.load_default()

    def _own_id(self) -> int:
        return 70_000_000_001 + zlib.crc32(urlsplit(self.public_url).path.encode())  # one on its own has no path

    # What tests and the demo use.

    def register_app(self, client_id: str = CLIENT_ID, client_secret: str = CLIENT_SECRET, **more: Any) -> App:
        """See tokens.App: redirect_uris, compliance_uri, public, title."""
        app = App(client_id, client_secret, **more)
        self.tokens.apps[client_id] = app
        return app

    def install(self, client_id: str = CLIENT_ID, *, scopes: str | None = None, expiring: bool = True) -> Doc:
        """As if the merchant had agreed: what the exchange of the code would answer. `scopes` None: all there are."""
        wanted = set(ALL_SCOPES if scopes is None else filter(None, scopes.replace(",", " ").split()))
        return self.tokens.install(self.tokens.apps[client_id], wanted, expiring=expiring)

    def legacy_token(self, scopes: str | None = None, secret: str = "") -> str:
        """Of an app made in the store's admin; `secret` signs its webhooks."""
        return self.tokens.legacy(set(ALL_SCOPES if scopes is None else scopes.replace(",", " ").split()), secret)

    def expire_tokens(self) -> None:
        self.tokens.expire()

    def provision(
        self,
        *,
        key: str,
        secret: str,
        deliver_to: str = "",
        webhook_secret: str = "",
        client_id: str = DEMO_CLIENT_ID,
    ) -> None:
        """An app that is installed from the start, with a token that never ends and, with `deliver_to`, its
        subscriptions; may be called again. One secret signs all: `webhook_secret` is only another way to give it."""
        app = self.register_app(client_id, webhook_secret or secret)
        if self.tokens.who(key) is None:
            self.tokens.install(app, set(ALL_SCOPES), expiring=False, access=key)
        for doc in self.webhooks.all():  # MCI moved to another port
            if deliver_to and doc["app"] == client_id and doc["uri"] != deliver_to:
                self.webhooks.unsubscribe(doc["id"])
        known = {doc["topic"] for doc in self.webhooks.all() if doc["app"] == client_id}
        for topic in DEMO_TOPICS if deliver_to else ():
            if topic not in known:
                self.webhooks.subscribe(client_id, topic, deliver_to)

    def grant(self, scopes: set[str], client_id: str = CLIENT_ID) -> None:
        """The owner allows the app something else than before."""
        with self.store.lock:
            about = self.tokens.grant(client_id, scopes)
            self.webhooks.enqueue("app/scopes_update", self.next_id(), event=self.webhooks.event(), about=about)

    def uninstall(self, client_id: str = CLIENT_ID) -> None:
        """The tokens are dead at once; app/uninstalled is told after that, and the subscriptions go."""
        with self.store.lock:
            self.tokens.remove(client_id)
            self.webhooks.enqueue("app/uninstalled", self.id, event=self.webhooks.event())
            for doc in self.webhooks.all():
                if doc["app"] == client_id:
                    self.webhooks.unsubscribe(doc["id"])

    def place_order(self, items: list[Any] | None = None, **kwargs: Any) -> Doc:
        """See Orders.place: an order as the checkout makes it."""
        return self.orders.place(items, **kwargs)

    def tell_compliance(self, topic: str, payload: Doc | None = None, *, client_id: str = CLIENT_ID) -> None:
        """customers/data_request, customers/redact or shop/redact, to the address that the app itself names."""
        app = self.tokens.apps[client_id]
        body = {"shop_id": self.id, "shop_domain": self.domain, **(payload or {})}
        self.webhooks.add(client_id, topic, self.id, app.compliance_uri, body, self.webhooks.event())

    def flush(self, arrange: Arrange | None = None, *, retries: bool = False) -> list[Delivery]:
        """Sends everything that is pending, now, in this thread; `arrange` may reorder, drop or repeat deliveries.
        Retries wait for their time unless `retries`."""
        return self.webhooks.run(arrange=arrange, retries=retries)

    @property
    def pending(self) -> list[Pending]:
        return list(self.webhooks.pending)

    @property
    def deliveries(self) -> list[Delivery]:
        return list(self.webhooks.sent)

    # What its parts use.

    def next_id(self) -> int:
        return _FIRST_ID + 2 * self.store.next("id")

    def signing_secret(self, client_id: str) -> str:
        """After a rotation the old secret goes on signing for up to an hour: `old_secrets`."""
        return self.old_secrets.get(client_id) or self.tokens.apps[client_id].client_secret

    def publications(self) -> list[Doc]:
        with self.store.lock:
            known = self.store.all("publication")
            for title in _PUBLICATIONS if not known else ():
                self.store.put("publication", {"id": self.next_id(), "name": title})
            return self.store.all("publication")

    def home(self, request: Request) -> str:
        parts = urlsplit(self.public_url)
        return f"{'https' if request.https else parts.scheme}://{parts.netloc}{parts.path}"

    def now(self) -> str:
        return stamp(self.clock())

    def respond(self, request: Request) -> Response:
        """Any request at all."""
        prefix = urlsplit(self.public_url).path
        if prefix and request.path.startswith(prefix):
            request.path = request.path[len(prefix) :] or "/"
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["admin", "oauth"]:
            response = oauth.respond(self, request)
        elif parts[:2] == ["admin", "api"] and len(parts) == 4 and parts[3] == "graphql.json":
            response = self.api.respond(request, parts[2])
        elif parts[0] == "admin":
            response = backoffice.respond(self, request)
        else:
            response = bulk.serve(self, request) or storefront.respond(self, request)
        self.requests.append((request.method, request.full_path, response.status))
        return response
