"""Places one order in the running demo shop, through its own checkout."""

import http.client
import json
import random
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

CUSTOMERS = [
    ("Giulia", "D'Angelo", "Via dell'Università 7/B", "10124", "Torino", "TO", "+39 333 1234567"),
    ("Marco", "Esposito", "Via Toledo 256", "80132", "Napoli", "NA", "347 555 0101"),
    ("Chiara", "Però", "Calle Larga 1023", "30124", "Venezia", "VE", "041 555 0102"),
    ("Luca", "Ferrari", "Via Emilia Centro 88", "41121", "Modena", "MO", "349 555 0103"),
    ("Sofia", "Rizzo", "Via Etnea 100", "95131", "Catania", "CT", "328 555 0104"),
    ("Andrea", "Melis", "Via Roma 12", "09124", "Cagliari", "CA", "340 555 0105"),
]
# Where each shop writes its address when it starts (mci/local/demo_shops.py).
INFO = {"woocommerce": "demo-shop.json", "shopify": "demo-shopify.json", "wordpress": "demo-wordpress.json"}


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # it speaks to the shop, not to MCI
    help = "Places an order in the running demo shop and prints its number and link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--cod", dest="payment", action="store_const", const="cod", help="at the door (the default)")
        kind.add_argument("--card", dest="payment", action="store_const", const="stripe", help="paid by card")
        kind.add_argument(
            "--bacs", dest="payment", action="store_const", const="bacs", help="bank transfer, not yet in"
        )
        parser.add_argument("--sku", action="append", default=[], help="SKU, or SKU*quantity; may be repeated")
        parser.add_argument("--count", type=int, default=1)
        parser.add_argument("--shop", choices=sorted(INFO), default="woocommerce", help="which of the demo's shops")
        parser.add_argument("--shop-url", default="", help="default: where `make run` serves that shop")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["shop_url"] or self._running_shop(options["shop"])
        for _ in range(options["count"]):
            link = self._place(url.rstrip("/"), options["payment"] or "cod", options["sku"] or ["SCN-00001"])
            number = re.search(r"/order-received/(\d+)/", link)
            self.stdout.write(f"Order {number[1] if number else '?'}: {link}")

    def _running_shop(self, platform: str) -> str:
        path = Path(settings.BASE_DIR) / "var" / INFO[platform]
        try:
            return str(json.loads(path.read_text(encoding="utf-8"))["url"])
        except (OSError, ValueError, KeyError):
            raise CommandError("No demo shop is running: start it with `make run`, or give --shop-url.") from None

    def _place(self, url: str, payment: str, skus: list[str]) -> str:
        basket = ""
        for item in skus:
            sku, _, quantity = item.partition("*")
            answer = self._post(f"{url}/carrello/aggiungi/", {"sku": sku, "quantity": quantity or "1"}, basket)
            before, basket = basket, answer.headers["Set-Cookie"].partition(";")[0]
            if basket in (before, "basket="):
                raise CommandError(f"The shop does not sell {sku}.")
        first, last, street, postcode, city, province, phone = random.choice(CUSTOMERS)
        mail = f"{first}.{last}@example.it".lower().replace("'", "").encode("ascii", "ignore").decode()
        form = {
            "first_name": first,
            "last_name": last,
            "address_1": street,
            "postcode": postcode,
            "city": city,
            "state": province,
            "phone": phone,
            "email": mail,
            "payment_method": payment,
        }
        answer = self._post(f"{url}/checkout/", form, basket)
        location = answer.headers["Location"] or ""
        if answer.status != 303 or "order-received" not in location:
            raise CommandError(f"The shop refused the order ({answer.status}).")
        return location

    def _post(self, url: str, form: dict[str, str], cookie: str) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "User-Agent": "demo_order"}
        try:
            connection.request("POST", quote(parts.path), urlencode(form), headers)
            answer = connection.getresponse()
            answer.read()
        except OSError as error:
            raise CommandError(f"The demo shop at {url} does not answer: {error}") from None
        finally:
            connection.close()
        return answer
