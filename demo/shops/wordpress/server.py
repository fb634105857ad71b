"""The fake WordPress as a process of its own: `python -m demo.shops.wordpress.server --port 8131`."""

from demo.shops.server import main
from demo.shops.woocommerce.history import place

from .serving import FakeShop
from .shop import Shop


def know_the_portal(shop: Shop, portal: str) -> None:
    """As in the plugin that is downloaded from a portal: the portal's address is in its field already."""
    if portal and not shop.plugin.paired:
        shop.plugin.keep(portal=portal)


if __name__ == "__main__":
    main(FakeShop, port=8131, info="demo-wordpress.json", history=place, room=Shop, fit=know_the_portal)
