"""A fake WordPress shop that runs MCI's plugin: the protocol as the plugin speaks it, on the machinery of the fake
WooCommerce. It has no REST keys and no webhooks. It imports nothing of MCI."""

from .serving import FakeShop
from .shop import Shop

__all__ = ["FakeShop", "Shop"]
