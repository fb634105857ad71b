"""The fake shop as a process of its own: `python -m demo.shops.wordpress.server --port 8131`. The options are those of
the fake WooCommerce; with --deliver-to and --webhook-secret it is paired from the start."""

from demo.shops.woocommerce.server import main

from .serving import FakeShop

if __name__ == "__main__":
    main(kind=FakeShop)
