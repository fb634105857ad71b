"""The WordPress shop on a socket."""

from demo.shops.woocommerce.serving import Served

from .shop import Shop


class FakeShop(Shop, Served):
    """A fake WordPress shop with MCI's plugin and a checkout."""
