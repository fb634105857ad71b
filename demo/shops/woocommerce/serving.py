"""The WooCommerce shop on a socket."""

from demo.shops.serving import Served

from .shop import Shop


class FakeShop(Served, Shop):
    """A fake WooCommerce shop with a checkout."""
