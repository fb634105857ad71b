"""The Shopify store on a socket."""

import logging

from demo.shops.serving import Served
from demo.shops.web import Response, html

from .execution import NotFaked
from .shop import Shop

log = logging.getLogger("demo.shops.shopify")


class FakeShop(Served, Shop):
    """A fake Shopify store with a checkout."""

    software = "cloudflare"
    most_bytes = 20 * 1024 * 1024

    def broken(self, error: Exception) -> Response:
        if isinstance(error, NotFaked):
            log.error("%s is in the schema and not in this fake", error)
            return Response(501, f'{{"errors":"not faked: {error}"}}'.encode(), [("Content-Type", "application/json")])
        return html("<h1>There's a problem loading this page</h1>", 500)
