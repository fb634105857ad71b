"""The fake WordPress shop: the fake WooCommerce without keys and webhooks, with MCI's plugin in their place."""

from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.template import Engine

from demo.shops.outgoing import post
from demo.shops.web import Request, Response
from demo.shops.woocommerce import refunds
from demo.shops.woocommerce import shop as woocommerce
from demo.shops.woocommerce.errors import RestError
from demo.shops.woocommerce.pages import HTML
from demo.shops.woocommerce.php import json_encode
from demo.shops.woocommerce.webhooks import Pending, Transport

from . import admin
from .calls import Calls
from .plugin import Plugin
from .queue import Queue

_ROUTE = "/mci/v1/call"


class Shop(woocommerce.Shop):
    """Switches beside those of the fake WooCommerce: `plugin.off` (switched off in WordPress), `plugin.clock_off` (a
    wrong clock), `without_woocommerce`, `most_orders` (of one answer: a slow host gives fewer than it is asked for),
    `keys_too` (the REST API of WooCommerce is open: the store can be connected by keys as well)."""

    templates: ClassVar[Engine] = Engine(dirs=[str(Path(__file__).with_name("html")), str(HTML)], autoescape=True)
    has_keys: ClassVar[bool] = False
    seed: ClassVar[str] = "casa-bella-regali"

    def __init__(self, *, name: str = "Casa Bella Regali", transport: Transport = post, **kwargs: Any) -> None:
        super().__init__(name=name, transport=transport, **kwargs)
        self.plugin = Plugin(self)
        self.webhooks = self.queue = Queue(self, transport)
        self.calls = Calls(self)
        self.without_woocommerce = False
        self.most_orders = 100
        self.keys_too = False

    @property
    def pending(self) -> list[Pending]:
        return self.queue.waiting()

    def order(self, doc: dict[str, Any]) -> dict[str, Any]:
        """An order as the plugin tells it: the API's JSON, and of its refunds the pieces, which that does not have."""
        said = self.orders.present(doc)
        if not said["refunds"]:
            return said
        told = [
            {
                "id": refund["id"],
                "line_items": [
                    {
                        **{name: line[name] for name in ("quantity", "total", "total_tax")},
                        "meta_data": [{"key": "_refunded_item_id", "value": line["meta_data"][0]["value"]}],
                    }
                    for line in refund["line_items"]
                ],
            }
            for refund in refunds.show(doc, self, "")
        ]
        return {**said, "mciRefunds": told}

    def pair(self, code: str, portal: str) -> str:
        """See Plugin.pair: the click on the plugin's page."""
        return self.plugin.pair(code, portal)

    def provision(self, *, key: str, secret: str, deliver_to: str = "", webhook_secret: str = "") -> None:
        """Paired in advance; keys there are only with `keys_too`."""
        if deliver_to and webhook_secret:
            self.plugin.provision(webhook_secret, deliver_to)

    def respond(self, request: Request) -> Response:
        prefix = urlsplit(self.public_url).path
        if prefix and request.path.startswith(prefix):
            request.path = request.path[len(prefix) :] or "/"
        path = request.path.removeprefix("/index.php").rstrip("/")
        route = path.removeprefix("/wp-json") if path.startswith("/wp-json") else request.param("rest_route")
        response = self._own(request, path, route)
        if response is None:
            return super().respond(request)
        self.requests.append((request.method, request.full_path, response.status))
        return response

    def _own(self, request: Request, path: str, route: str) -> Response | None:
        """What WordPress answers otherwise than the fake WooCommerce; None for all else."""
        if route.rstrip("/") == _ROUTE and not self.plugin.off:
            return self.calls.respond(request)
        if path == "/wp-json" or route == "/":
            names = ["oembed/1.0", "wp/v2", "wc/v3", *([] if self.plugin.off else ["mci/v1"])]
            index = {"name": self.name, "url": self.public_url, "home": self.public_url, "namespaces": names}
            return _json(200, index)
        if self.keys_too and path.startswith(("/wp-json/wc/", "/wc-auth")):
            return None
        if path.startswith("/wp-json") or route:
            return _json(404, RestError("rest_no_route", "No route was found.", 404).body())
        if path.startswith("/wc-auth"):
            return Response(404, b"")
        return admin.respond(self, request) if path.startswith("/wp-admin") else None

    def has_waiting(self) -> bool:
        return True  # the plugin's queue looks for itself


def _json(status: int, data: dict[str, Any]) -> Response:
    return Response(status, json_encode(data).encode(), [("Content-Type", "application/json; charset=UTF-8")])
