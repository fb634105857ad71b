"""The fake Shopify as a process of its own: `python -m demo.shops.shopify.server --port 8132`."""

import os

from demo.shops.server import main
from demo.shops.shopify.history import place

from .serving import FakeShop
from .shop import Shop


def know_the_portal(shop: Shop, portal: str) -> None:
    """The portal's own app is known here: its owner approves it with one click."""
    client_id, secret = os.environ.get("SHOPIFY_CLIENT_ID", ""), os.environ.get("SHOPIFY_CLIENT_SECRET", "")
    if client_id and secret:
        shop.register_app(client_id, secret)


if __name__ == "__main__":
    main(FakeShop, port=8132, info="demo-shopify.json", history=place, room=Shop, fit=know_the_portal)
