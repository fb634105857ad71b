"""A fake shop as a process of its own: `python -m demo.shops.woocommerce.server --port 8130`."""

import argparse
import json
import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from demo.shops.guests import Guests
from demo.told import tell

VAR = Path(__file__).resolve().parents[2] / "var"


def main(
    kind: Callable[..., Any],
    *,
    port: int,
    info: str,
    history: Callable[[Any], object],
    room: Callable[..., Any],
    fit: Callable[[Any, str], object] = lambda shop, portal: None,
    argv: list[str] | None = None,
) -> None:
    """Serves a shop of that kind until SIGTERM or SIGINT. Key and secret come from options or from the environment and
    are never shown. `info`: the file in var/ that says where it is; `history` fills an empty shop; `room`: the same
    kind without a socket, for the shops that are tried (demo/shops/guests.py); `fit` tells each of them, and the first,
    of the portal at an address."""
    parser = argparse.ArgumentParser(description=kind.__doc__)
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, help="SQLite file; without it the shop forgets everything at the end")
    parser.add_argument("--public-url", default="", help="the address the shop knows itself by; may have a path")
    parser.add_argument("--products", type=Path, help="JSON list with sku, name, price (incl. VAT), image, stock")
    parser.add_argument("--deliver-after", type=float, default=0.5, help="seconds between an event and its webhook")
    parser.add_argument("--key", default=os.environ.get("DEMO_SHOP_KEY", ""))
    parser.add_argument("--secret", default=os.environ.get("DEMO_SHOP_SECRET", ""))
    parser.add_argument("--deliver-to", default="", help="address for the webhooks, made at the start")
    parser.add_argument("--webhook-secret", default=os.environ.get("DEMO_SHOP_WEBHOOK_SECRET", ""))
    parser.add_argument("--history", action="store_true", help="fill an empty shop with two months of orders")
    parser.add_argument("--info", type=Path, default=VAR / info, help="where the address is written for demo_order")
    parser.add_argument("--portal", default="", help="the address of the portal that it may be connected to")
    parser.add_argument("--guests", type=Path, help="the folder of the shops below /prova/; without it there are none")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args(argv)

    level = logging.WARNING if options.quiet else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s shop %(message)s")
    if not settings.configured:  # the template engine asks for them; this process has nothing to do with MCI's
        settings.configure(USE_I18N=False, USE_TZ=True)
    products = json.loads(options.products.read_text(encoding="utf-8")) if options.products else None
    shop = kind(
        port=options.port,
        host=options.host,
        public_url=options.public_url,
        data=options.data,
        products=products,
        deliver_after=options.deliver_after,
    )
    if (options.key and options.secret) or not shop.has_keys:
        shop.provision(
            key=options.key,
            secret=options.secret,
            deliver_to=options.deliver_to,
            webhook_secret=options.webhook_secret,
        )
    fit(shop, options.portal)
    if options.guests:
        shop.guests = Guests(
            room,
            home=shop.public_url,
            folder=options.guests,
            fit=lambda guest: fit(guest, options.portal),
            deliver_after=options.deliver_after,
        )
    if options.history and not shop.store.all("order"):
        history(shop)
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    shop.start()
    tell(options.info, shop.public_url, shop.port)
    logging.getLogger(__name__).info("%s on %s", shop.name, shop.public_url)
    done.wait()
    shop.stop()
