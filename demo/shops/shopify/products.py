"""What the store sells: products, their variants and options. SKUs may repeat; handles may not."""

import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from demo.shops.outgoing import is_loopback

from .gids import Doc, stamp, two_places

if TYPE_CHECKING:
    from .shop import Shop

DEFAULT = Path(__file__).parents[1] / "woocommerce" / "products.json"  # the goods of the demo's supplier


def handle_of(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "prodotto"


class Products:
    """Documents "product" (with the ids of its variants in order) and "variant"."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop
        self._file_names: set[str] | None = None  # of pictures; read when the first is added

    def load(self, items: list[Doc]) -> None:
        """Products of one variant each: sku, name, price (incl. VAT) and optionally stock, ean, weight (kg), image."""
        for item in items:
            self.add(**item)

    def load_default(self) -> None:
        self.load(json.loads(DEFAULT.read_text(encoding="utf-8")))

    def add(self, *, sku: str, name: str, price: str, stock: int | None = None, **more: Any) -> Doc:
        shop = self._shop
        with shop.store.lock:
            product = self.create(title=name, handle=handle_of(name), vendor=more.get("vendor", shop.name))
            product["type"] = more.get("category", "")
            product["art"], product["hue"] = more.get("art", ""), more.get("hue", 200)
            if more.get("image"):
                product["media"] = [self.medium(str(more["image"]), name)]
            grams = round(float(more.get("weight") or 0) * 1000)
            variant = self.add_variant(product, sku=sku, price=price, barcode=more.get("ean") or None, grams=grams)
            item = shop.store.get("item", variant["item"])
            assert item is not None
            item = shop.store.put("item", {**item, "tracked": stock is not None})
            for n, location in enumerate(shop.stock.locations()):
                if location["active"] and n == 0:
                    shop.stock.put_level(item, location["id"], available=stock or 0, active=True)
            product["published"] = [shop.publications()[0]["id"]]
            return self.save(product, silent=True)

    def create(self, *, title: str, handle: str = "", vendor: str = "", status: str = "ACTIVE") -> Doc:
        now = stamp(self._shop.clock())
        made: Doc = {
            "id": self._shop.next_id(),
            "title": title,
            "handle": self.free_handle(handle or handle_of(title)),
            "vendor": vendor,
            "type": "",
            "tags": [],
            "html": "",
            "status": status,
            "options": [{"id": self._shop.next_id(), "name": "Title", "values": ["Default Title"]}],
            "media": [],
            "variants": [],
            "published": [],
            "collections": [],
            "metafields": [],
            "made_by": "",
            "art": "",
            "hue": 200,
            "created_at": now,
            "updated_at": now,
        }
        self._shop.index.add("handle", made["handle"], made["id"])
        return self._shop.store.put("product", made)

    def free_handle(self, wanted: str) -> str:
        n, handle = 0, wanted
        while self.by_handle(handle):
            n += 1
            handle = f"{wanted}-{n}"
        return handle

    def rename(self, product: Doc, handle: str) -> None:
        self._shop.index.remove("handle", product["handle"], product["id"])
        self._shop.index.add("handle", handle, product["id"])
        product["handle"] = handle

    def add_variant(self, product: Doc, *, sku: str, price: str, **more: Any) -> Doc:
        shop, now = self._shop, stamp(self._shop.clock())
        values: list[str] = more.get("values") or ["Default Title"]
        made: Doc = {
            "id": shop.next_id(),
            "product": product["id"],
            "sku": sku,
            "price": two_places(price),
            "compare_at": more.get("compare_at"),
            "barcode": more.get("barcode"),
            "values": values,
            "title": " / ".join(values),
            "grams": int(more.get("grams", 0)),
            "taxable": True,
            "policy": more.get("policy", "DENY"),
            "created_at": now,
            "updated_at": now,
        }
        made["item"] = shop.stock.new_item(made["id"])["id"]
        product["variants"].append(made["id"])
        return self.put_variant(made)

    def put_variant(self, variant: Doc) -> Doc:
        before = self._shop.store.get("variant", variant["id"])
        if before and before["sku"] != variant["sku"]:
            self._shop.index.remove("sku", before["sku"], variant["id"])
        self._shop.index.add("sku", variant["sku"], variant["id"])
        return self._shop.store.put("variant", variant)

    def drop_variant(self, product: Doc, id_: int) -> None:
        variant = self._shop.store.get("variant", id_)
        product["variants"] = [each for each in product["variants"] if each != id_]
        if variant:
            self._shop.index.remove("sku", variant["sku"], id_)
            self._shop.store.drop("item", variant["item"])
            self._shop.store.drop("variant", id_)

    def save(self, product: Doc, *, silent: bool = False) -> Doc:
        saved = self._shop.store.put("product", {**product, "updated_at": stamp(self._shop.clock())})
        if not silent:
            hooks = self._shop.webhooks
            hooks.enqueue("products/update", product["id"], event=hooks.event())
        return saved

    def delete(self, id_: int) -> None:
        """Gone; lines of orders keep their words and lose product and variant."""
        product = self.get(id_)
        if product is None:
            return
        for variant in list(product["variants"]):
            self.drop_variant(product, variant)
        self._shop.index.remove("handle", product["handle"], id_)
        self._shop.store.drop("product", id_)
        hooks = self._shop.webhooks
        hooks.enqueue("products/delete", id_, event=hooks.event())

    def medium(self, source: str, alt: str = "", name: str = "") -> Doc:
        """A picture that Shopify will fetch later: an address that nobody can reach fails then. A laptop's own counts
        as reachable. `name`: of its file in the shop; a second file of that name gets a tail."""
        parts = urlsplit(source)
        ready = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        id_ = self._shop.next_id()
        name = name or parts.path.rpartition("/")[2] or "picture"
        if self._file_names is None:
            self._file_names = {one["name"] for product in self.all() for one in product["media"]}
        if name in self._file_names:
            name = "{0}_{2:x}{1}{3}".format(*name.rpartition(".")[:2], id_, name.rpartition(".")[2])
        self._file_names.add(name)
        return {"id": id_, "source": source, "alt": alt, "name": name, "status": "READY" if ready else "FAILED"}

    # Finding them.

    def get(self, id_: int | None) -> Doc | None:
        return self._shop.store.get("product", id_) if id_ is not None else None

    def all(self) -> list[Doc]:
        return self._shop.store.all("product")

    def by_handle(self, handle: str) -> Doc | None:
        return self.get(next(iter(self._shop.index.of("handle", handle)), None))

    def variants(self) -> list[Doc]:
        return self._shop.store.all("variant")

    def variants_of(self, product: Doc) -> list[Doc]:
        return [doc for id_ in product["variants"] if (doc := self._shop.store.get("variant", id_))]

    def with_sku(self, sku: str) -> list[Doc]:
        ids = self._shop.index.of("sku", sku)
        return [doc for id_ in ids if (doc := self._shop.store.get("variant", id_))]

    def by_sku(self, sku: str) -> Doc | None:
        return next(iter(self.with_sku(sku)), None)

    def image(self, product: Doc) -> str:
        if product["media"]:
            return str(product["media"][0]["source"])
        return f"{self._shop.public_url}/cdn/shop/files/{product['handle']}.svg" if product["art"] else ""
