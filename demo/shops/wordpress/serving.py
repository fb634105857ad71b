"""The WordPress shop on a socket."""

from demo.shops.serving import Served

from .shop import Shop


class FakeShop(Served, Shop):
    """A fake WordPress shop with MCI's plugin and a checkout."""
