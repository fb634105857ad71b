"""A fake Shopify store, true to the published Admin schema and to recorded answers. It imports nothing of MCI."""

from .serving import FakeShop
from .shop import Shop

__all__ = ["FakeShop", "Shop"]
