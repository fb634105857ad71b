"""The fake WooCommerce as a process of its own: `python -m demo.shops.woocommerce.server --port 8130`."""

from demo.shops.server import main
from demo.shops.woocommerce.history import place

from .serving import FakeShop
from .shop import Shop

if __name__ == "__main__":
    main(FakeShop, port=8130, info="demo-shop.json", history=place, room=Shop)
