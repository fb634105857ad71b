"""The demo shops of `make run`: one per platform whose fake has a server, with secrets made once for this checkout.

A shop's secrets are in the environment under a prefix of its own (DEMO_SHOPIFY_KEY, …), for the demo's data; the shop's
process gets its own as DEMO_SHOP_KEY, _SECRET and _WEBHOOK_SECRET. _MCI_KEY is the Shop's `key`, which names it in the
webhooks' address, and _URL where it answers."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mci.local.places import ROOT, Place

SECRETS = ("KEY", "SECRET", "WEBHOOK_SECRET")
APP = ("SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET")


@dataclass(frozen=True, slots=True)
class DemoShop:
    """`step`: its port is that of the portal and so much."""

    platform: str
    prefix: str
    title: str
    step: int
    key: Callable[[], str]
    secret: Callable[[], str]

    @property
    def name(self) -> str:
        """Of its process, its log and its data."""
        return "demo-shop" if self.platform == "woocommerce" else f"demo-{self.platform}"

    def made(self) -> dict[str, str]:
        """New secrets. Shopify's client secret also signs its webhooks."""
        secret = self.secret()
        signs = secret if self.platform == "shopify" else secrets.token_hex(32)
        values = {"KEY": self.key(), "SECRET": secret, "WEBHOOK_SECRET": signs, "MCI_KEY": secrets.token_urlsafe(24)}
        return {f"{self.prefix}_{name}": value for name, value in values.items()}

    def command(self, env: dict[str, str], place: Place, portal: int) -> list[str]:
        intake = f"http://localhost:{portal}/webhooks/{self.platform}/{env[f'{self.prefix}_MCI_KEY']}/"
        return [
            *(sys.executable, "-m", f"demo.shops.{self.platform}.server"),
            *("--port", str(portal + self.step), "--data", str(place.var / f"{self.name}.sqlite"), "--history"),
            *("--public-url", env[f"{self.prefix}_URL"], "--deliver-to", intake),
            *("--info", str(place.var / f"{self.name}.json"), "--portal", f"http://localhost:{portal}"),
            *("--guests", str(place.var / f"{self.name}-prova")),
        ]

    def environment(self, env: dict[str, str]) -> dict[str, str]:
        """The environment of its process."""
        return {**env, **{f"DEMO_SHOP_{name}": env[f"{self.prefix}_{name}"] for name in SECRETS}}


_SHOPS = (
    DemoShop(
        "woocommerce",
        "DEMO_SHOP",
        "WooCommerce",
        1,
        lambda: f"ck_{secrets.token_hex(20)}",
        lambda: f"cs_{secrets.token_hex(20)}",
    ),
    DemoShop(
        "shopify",
        "DEMO_SHOPIFY",
        "Shopify",
        2,
        lambda: f"shpat_{secrets.token_hex(16)}",
        lambda: secrets.token_hex(16),
    ),
    DemoShop("wordpress", "DEMO_WORDPRESS", "WordPress", 3, lambda: "", lambda: ""),
)
PORTS = 1 + len(_SHOPS)  # that `make run` takes, one after another


def demo_shops() -> list[DemoShop]:
    """Those that are installed: production has no demo/."""
    return [shop for shop in _SHOPS if (ROOT / "demo/shops" / shop.platform / "server.py").exists()]


def environment(port: int, place: Place) -> dict[str, str]:
    """Addresses and secrets of all demo shops; the secrets are kept in a file that only we may read."""
    path: Path = place.var / "demo-shop.env"
    path.touch(mode=0o600)
    kept = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    shops = demo_shops()
    for shop in shops:
        if f"{shop.prefix}_MCI_KEY" not in kept:
            kept |= shop.made()
    if not any(name in os.environ for name in APP):  # the portal's app, which the demo's Shopify knows
        kept = {"SHOPIFY_CLIENT_ID": "mci-portal", "SHOPIFY_CLIENT_SECRET": secrets.token_hex(16), **kept}
    path.write_text("".join(f"{name}={value}\n" for name, value in kept.items()))
    urls = {
        f"{shop.prefix}_URL": os.environ.get(f"{shop.prefix}_URL") or f"http://127.0.0.1:{port + shop.step}"
        for shop in shops
    }
    return {name: value for name, value in kept.items() if not (name in APP and name in os.environ)} | urls
