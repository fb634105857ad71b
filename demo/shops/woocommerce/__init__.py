"""A fake WooCommerce shop, true to the recorded traffic of a real one. It imports nothing of MCI."""

from .serving import FakeShop
from .shop import Shop

__all__ = ["FakeShop", "Shop"]
