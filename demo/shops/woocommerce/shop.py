"""The fake shop: its parts put together, and what it answers to a request."""

import datetime as dt
import logging
import secrets
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.template import Engine

from demo.shops.outgoing import post
from demo.shops.serving import Background
from demo.shops.web import Request, Response

from . import backoffice, storefront, wc_auth
from .auth import Keys
from .cache import Cache
from .categories import Categories
from .faults import Faults
from .orders import Orders
from .pages import ENGINE
from .php import local
from .products import Products
from .rest import Rest
from .routes import ROUTES
from .store import Store
from .taxes import Taxes
from .webhooks import ORDER_TOPICS, Arrange, Delivery, Pending, Transport, Webhooks

log = logging.getLogger("demo.shops.woocommerce")
TOLD = ("id", "title", "description", "order", "enabled", "method_title", "method_description")


def _gateway(id_: str, title: str, description: str | None, order: int, method: str) -> dict[str, Any]:
    return dict(zip(TOLD, (id_, title, description, order, True, method, ""), strict=True))


GATEWAYS = [
    _gateway("bacs", "Bonifico bancario", "Effettua il bonifico sul nostro conto.", 3, "Direct bank transfer"),
    _gateway("cheque", "Assegno", "Spedisci un assegno.", 4, "Check payments"),
    _gateway("cod", "Pagamento alla consegna", "Paga in contanti al corriere.", 5, "Cash on delivery"),
    _gateway("stripe", "Carta di credito (Stripe)", None, 6, "Local card"),
]
SETTINGS = {
    "general": {"woocommerce_default_country": "IT:TO", "woocommerce_currency": "EUR", "woocommerce_calc_taxes": "yes"},
    "tax": {"woocommerce_prices_include_tax": "yes"},
    "products": {"woocommerce_weight_unit": "kg", "woocommerce_manage_stock": "yes"},
}


class Shop(Background):
    """A WooCommerce 11.0.1 of our own, outside MCI.

    Switches: `insecure_basic_ok` takes Basic and query keys over plain http from loopback (a real shop ignores them);
    `callback_http_ok` lets wc-auth post keys to a loopback http address (a real shop asks for https);
    `private_receivers_ok` delivers webhooks to loopback (WordPress refuses). `pretty_permalinks`: without them there is
    no /wp-json/. `cached_lists`: a cache in front of it takes all pages of a list for one; `cache`: one that keeps
    answers for a while. `webhook_author_gone`: webhooks tell that their author may see nothing. `clock_ahead_s`: how
    far the machine's clock, and so the Date of its answers, is ahead. `decimals`: of its prices. `patience_s`: how long
    wc-auth waits for the answer to the keys; then it takes them back. `deliver_after` is the age, in seconds, at which
    a webhook is sent; None: only `flush()` sends.
    """

    templates: ClassVar[Engine] = ENGINE
    seed: ClassVar[str] = "casa-bella"  # of what it sold before anybody looked (history.py)

    def __init__(
        self,
        *,
        data: Path | None = None,
        public_url: str = "http://shop.test",
        name: str = "Casa Bella",
        products: list[dict[str, Any]] | None = None,
        zone: str = "Europe/Rome",
        clock: Callable[[], dt.datetime] | None = None,
        deliver_after: float | None = None,
        insecure_basic_ok: bool = True,
        callback_http_ok: bool = True,
        private_receivers_ok: bool = True,
        transport: Transport = post,
    ) -> None:
        self.public_url, self.name, self.zone = public_url.rstrip("/"), name, ZoneInfo(zone)
        self.clock = clock or (lambda: dt.datetime.now(dt.UTC))
        self.deliver_after = deliver_after
        self.insecure_basic_ok, self.callback_http_ok = insecure_basic_ok, callback_http_ok
        self.private_receivers_ok = private_receivers_ok
        self.pretty_permalinks, self.webhook_author_gone, self.clock_ahead_s = True, False, 0.0
        self.cached_lists, self.cache, self.patience_s = False, Cache(), 60.0
        self.decimals = 2
        self.salt = secrets.token_bytes(16)
        self.gateways = [dict(gateway) for gateway in GATEWAYS]
        self.store = Store(data)
        site = self.store.get("site", 1) or self.store.put("site", {"id": 1, "store_id": str(uuid.uuid4())})
        self.store_id: str = site["store_id"]  # made when WooCommerce is installed; a copy of the site has it too
        self.faults, self.keys = Faults(), Keys(self)
        self.settings = {group: dict(values) for group, values in SETTINGS.items()}
        self.taxes = Taxes()
        self.products, self.categories, self.orders = Products(self), Categories(self), Orders(self)
        self.webhooks = Webhooks(self, transport)
        self.requests: deque[tuple[str, str, int]] = deque(maxlen=2000)
        self._rest = Rest(self, ROUTES)
        super().__init__()
        if products is not None:
            self.products.load(products)
        elif not self.products.all():
            self.products.load_default()

    # What tests and the demo use.

    def place_order(self, items: list[Any] | None = None, **kwargs: Any) -> dict[str, Any]:
        """See Orders.place: an order as the checkout makes it, in the JSON of the REST API."""
        return self.orders.place(items, **kwargs)

    def become_copy_of(self, live: "Shop") -> None:
        """A test site made of a live one: with its orders, keys, webhooks and their secrets, and the store's id."""
        self.store.copy_from(live.store)
        self.store_id = live.store_id

    def flush(self, arrange: Arrange | None = None) -> list[Delivery]:
        """Sends everything that is pending, now, in this thread; `arrange` may reorder, drop or repeat deliveries."""
        return self.webhooks.run(arrange=arrange)

    @property
    def pending(self) -> list[Pending]:
        return list(self.webhooks.pending)

    @property
    def deliveries(self) -> list[Delivery]:
        return list(self.webhooks.sent)

    def provision(self, *, key: str, secret: str, deliver_to: str = "", webhook_secret: str = "") -> None:
        """A key made in advance and, with `deliver_to`, the four order webhooks; may be called again."""
        self.keys.add(key, secret)
        for doc in self.webhooks.all():  # MCI moved to another port, or was away until they were switched off
            same_path = urlsplit(doc["delivery_url"]).path == urlsplit(deliver_to).path
            if deliver_to and same_path and (doc["delivery_url"] != deliver_to or doc["status"] != "active"):
                self.webhooks.delete(doc["id"])
        known = {(doc["topic"], doc["delivery_url"]) for doc in self.webhooks.all()}
        for topic in ORDER_TOPICS:
            if deliver_to and (topic, deliver_to) not in known:
                given = {"name": f"MCI {topic}", "topic": topic, "delivery_url": deliver_to, "secret": webhook_secret}
                self.webhooks.create(given, ping=False)

    # What its parts use.

    def gateway_title(self, id_: str) -> str:
        return next((str(gateway["title"]) for gateway in self.gateways if gateway["id"] == id_), id_)

    def local(self, gmt: str | None) -> str | None:
        return local(gmt, self.zone)

    def gmt_offset(self) -> float:
        offset = self.clock().astimezone(self.zone).utcoffset() or dt.timedelta()
        hours = offset.total_seconds() / 3600
        return int(hours) if hours == int(hours) else hours

    def home(self, request: Request) -> str:
        """home_url(): the shop's own address, with the scheme of the request."""
        parts = urlsplit(self.public_url)
        scheme = "https" if request.https else parts.scheme
        return f"{scheme}://{parts.netloc}{parts.path}"

    def _canonical(self, request: Request) -> Response:
        """With plain permalinks WordPress takes “index.php” out of an address, though nothing is at the other one."""
        target = f"{self.home(request)}{request.full_path[len('/index.php') :]}"
        kind = ("Content-Type", "text/html; charset=UTF-8")
        return Response(301, b"", [kind, ("X-Redirect-By", "WordPress"), ("Location", target)])

    def _from_rest(self, request: Request) -> Response:
        asked = replace(request, query=list(request.query))
        response = self._rest.respond(request)
        self.cache.keep(asked, response)
        return response

    def respond(self, request: Request) -> Response:
        """Any request at all."""
        prefix = urlsplit(self.public_url).path
        if prefix and request.path.startswith(prefix):
            request.path = request.path[len(prefix) :] or "/"
        if request.path.startswith("/index.php/") and not self.pretty_permalinks and request.method in ("GET", "HEAD"):
            return self._canonical(request)
        request.path = request.path.removeprefix("/index.php") or "/"
        if (request.path.startswith("/wp-json") and self.pretty_permalinks) or request.param("rest_route"):
            route = request.path if request.path.startswith("/wp-json") else f"/wp-json{request.param('rest_route')}"
            keyless = not request.path.startswith("/wp-json")
            if keyless:  # the plugin looks for wp-json/wc in the address before it looks at a key
                request.headers.pop("authorization", None)
                request.query = [pair for pair in request.query if not pair[0].startswith(("consumer_", "oauth_"))]
            request.path = route
            response = self.cache.find(request) or self._from_rest(request)
        elif request.path.startswith("/wc-auth/"):
            response = wc_auth.respond(self, request)
        elif request.path.startswith("/wp-admin"):
            response = backoffice.respond(self, request)
        else:
            response = storefront.respond(self, request)
        self.requests.append((request.method, request.full_path, response.status))
        return response
