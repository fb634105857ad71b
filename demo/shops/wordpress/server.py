"""The fake WordPress as a process of its own: `python -m demo.shops.wordpress.server --port 8131`."""

from demo.shops.server import main
from demo.shops.woocommerce.history import place

from .serving import FakeShop

if __name__ == "__main__":
    main(FakeShop, port=8131, info="demo-wordpress.json", history=place)
