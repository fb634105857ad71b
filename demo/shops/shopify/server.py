"""The fake Shopify as a process of its own: `python -m demo.shops.shopify.server --port 8132`."""

from demo.shops.server import main
from demo.shops.shopify.history import place

from .serving import FakeShop

if __name__ == "__main__":
    main(FakeShop, port=8132, info="demo-shopify.json", history=place)
