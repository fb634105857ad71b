"""What the shop sells, and the JSON WooCommerce gives for it. Prices include VAT (22 %), in EUR."""

import json
import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .php import iso, local, money
from .web import RestError

if TYPE_CHECKING:
    from .shop import Shop

DEFAULT = Path(__file__).with_name("products.json")


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "prodotto"


class Products:
    def __init__(self, shop: "Shop") -> None:
        self._shop = shop

    def load(self, items: list[dict[str, Any]]) -> None:
        """Makes or refreshes products by SKU: name, price (incl. VAT) and, when given, image, stock, ean, weight."""
        for item in items:
            self.add(**item)

    def load_default(self) -> None:
        self.load(json.loads(DEFAULT.read_text(encoding="utf-8")))

    def add(self, *, sku: str, name: str, price: str, stock: int | None = None, **more: Any) -> dict[str, Any]:
        store = self._shop.store
        with store.lock:
            doc = self.by_sku(sku) if sku else None
            now = iso(self._shop.clock())
            if doc is None:
                doc = {"id": store.next("post"), "date_created_gmt": now, "stock": stock, "sold": 0}
            extra = ("ean", "weight", "category", "image", "art", "hue")
            keep = {key: more.get(key, doc.get(key, "")) for key in extra}
            doc.update(sku=sku, name=name, price=money(price), slug=slug(name), date_modified_gmt=now, **keep)
            return store.put("product", doc)

    def by_sku(self, sku: str) -> dict[str, Any] | None:
        return next((doc for doc in self.all() if doc["sku"] == sku), None)

    def by_slug(self, name: str) -> dict[str, Any] | None:
        return next((doc for doc in self.all() if doc["slug"] == name), None)

    def get(self, id_: int) -> dict[str, Any] | None:
        return self._shop.store.get("product", id_)

    def all(self) -> list[dict[str, Any]]:
        return self._shop.store.all("product")

    def remove(self, id_: int) -> None:
        """Gone for good: lines of old orders keep the name, and lose product_id and SKU."""
        self._shop.store.drop("product", id_)

    def take(self, id_: int, quantity: int, *, silent: bool = False) -> None:
        """A sale: the stock goes down (it may go below zero, as with backorders) and product.updated is due."""
        with self._shop.store.lock:
            doc = self.get(id_)
            if doc is None:
                return
            doc["sold"] += quantity
            if doc["stock"] is not None:
                doc["stock"] -= quantity
            self._shop.store.put("product", doc)
        if not silent:
            self._shop.webhooks.enqueue("product.updated", id_)

    def change(self, id_: int, given: dict[str, Any]) -> dict[str, Any]:
        """PUT of a product: SKU, name, regular_price, manage_stock, stock_quantity; the rest is taken and ignored."""
        with self._shop.store.lock:
            doc = self.get(id_)
            if doc is None:
                raise RestError("woocommerce_rest_product_invalid_id", "Invalid ID.", 400)
            sku = str(given.get("sku", doc["sku"]))
            owner = self.by_sku(sku) if sku else None
            if owner and owner["id"] != id_:
                raise RestError(
                    "product_invalid_sku",
                    "Invalid or duplicated SKU.",
                    400,
                    resource_id=owner["id"],
                    unique_sku=f"{sku}-1",
                )
            doc["sku"] = sku
            if "name" in given:
                doc["name"] = str(given["name"])
            if "regular_price" in given:
                doc["price"] = money(Decimal(str(given["regular_price"])))
            if given.get("manage_stock") is False:
                doc["stock"] = None
            elif given.get("manage_stock") is True and doc["stock"] is None:
                doc["stock"] = 0
            if given.get("stock_quantity") is not None and doc["stock"] is not None:  # else it is ignored
                doc["stock"] = int(given["stock_quantity"])
            doc["date_modified_gmt"] = iso(self._shop.clock())
            self._shop.store.put("product", doc)
        self._shop.webhooks.enqueue("product.updated", id_)
        return doc

    def present(self, doc: dict[str, Any], home: str) -> dict[str, Any]:
        """The product as GET /products/{id} gives it; all keys of a simple product are there."""
        zone, stock = self._shop.zone, doc["stock"]
        shown = doc["price"].replace(".", ",")
        images = [{"id": doc["id"] + 100_000, "src": self.image(doc, home), "name": doc["slug"], "alt": ""}]
        return {
            "id": doc["id"],
            "name": doc["name"],
            "slug": doc["slug"],
            "permalink": f"{home}/product/{doc['slug']}/",
            "date_created": local(doc["date_created_gmt"], zone),
            "date_created_gmt": doc["date_created_gmt"],
            "date_modified": local(doc["date_modified_gmt"], zone),
            "date_modified_gmt": doc["date_modified_gmt"],
            "type": "simple",
            "status": "publish",
            "featured": False,
            "catalog_visibility": "visible",
            "description": "",
            "short_description": "",
            "sku": doc["sku"],
            "price": doc["price"],
            "regular_price": doc["price"],
            "sale_price": "",
            "date_on_sale_from": None,
            "date_on_sale_from_gmt": None,
            "date_on_sale_to": None,
            "date_on_sale_to_gmt": None,
            "on_sale": False,
            "purchasable": True,
            "total_sales": doc["sold"],
            "virtual": False,
            "downloadable": False,
            "downloads": [],
            "download_limit": -1,
            "download_expiry": -1,
            "external_url": "",
            "button_text": "",
            "tax_status": "taxable",
            "tax_class": "",
            "manage_stock": stock is not None,
            "stock_quantity": stock,
            "backorders": "no",
            "backorders_allowed": False,
            "backordered": False,
            "low_stock_amount": None,
            "sold_individually": False,
            "weight": doc["weight"],
            "dimensions": {"length": "", "width": "", "height": ""},
            "shipping_required": True,
            "shipping_taxable": True,
            "shipping_class": "",
            "shipping_class_id": 0,
            "reviews_allowed": True,
            "average_rating": "0.00",
            "rating_count": 0,
            "upsell_ids": [],
            "cross_sell_ids": [],
            "parent_id": 0,
            "purchase_note": "",
            "categories": [{"id": 15, "name": doc["category"] or "Uncategorized", "slug": slug(doc["category"])}],
            "brands": [],
            "tags": [],
            "images": images if doc["image"] or doc["art"] else [],
            "attributes": [],
            "default_attributes": [],
            "variations": [],
            "grouped_products": [],
            "menu_order": 0,
            "price_html": '<span class="woocommerce-Price-amount amount"><bdi>'
            f'{shown}&nbsp;<span class="woocommerce-Price-currencySymbol" translate="no">&euro;</span></bdi></span>',
            "related_ids": [],
            "meta_data": [],
            "stock_status": "instock" if stock is None or stock > 0 else "outofstock",
            "has_options": False,
            "post_password": "",
            "global_unique_id": doc["ean"],
            "_links": {
                "self": [
                    {
                        "href": f"{home}/wp-json/wc/v3/products/{doc['id']}",
                        "targetHints": {"allow": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                    }
                ],
                "collection": [{"href": f"{home}/wp-json/wc/v3/products"}],
            },
        }

    def image(self, doc: dict[str, Any], home: str) -> str:
        if doc["image"]:
            return str(doc["image"])
        return f"{home}/wp-content/uploads/{doc['slug']}.svg"
