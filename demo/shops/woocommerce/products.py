"""What the shop sells: products, simple and variable, and their variations. Prices include VAT (22 %), in EUR."""

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import product_json
from .errors import RestError
from .php import iso, kses, money
from .product_json import slug

if TYPE_CHECKING:
    from .shop import Shop

DEFAULT = Path(__file__).with_name("products.json")
Doc = dict[str, Any]
_STATUSES = ("draft", "pending", "private", "publish")


class Products:
    """`refuses_image` says of an address why it can't be fetched ("" if it can): a shop has its reasons."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop
        self.refuses_image = lambda _src: ""

    def load(self, items: list[Doc]) -> None:
        """Makes or refreshes products by SKU: name, price (incl. VAT) and, when given, image, stock, ean, weight."""
        for item in items:
            self.add(**item)

    def load_default(self) -> None:
        self.load(json.loads(DEFAULT.read_text(encoding="utf-8")))

    def add(self, *, sku: str, name: str, price: str, stock: int | None = None, **more: Any) -> Doc:
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

    # Found

    def by_sku(self, sku: str) -> Doc | None:
        """A product or a variation; what lies in the bin has given its SKU back."""
        return next((doc for doc in self.everything() if doc["sku"] == sku), None)

    def by_slug(self, name: str) -> Doc | None:
        return next((doc for doc in self.all() if doc["slug"] == name), None)

    def get(self, id_: int) -> Doc | None:
        return self._shop.store.get("product", id_) or self._shop.store.get("variation", id_)

    def all(self) -> list[Doc]:
        """Products, their variations and the bin left out."""
        return [doc for doc in self._shop.store.all("product") if doc.get("status") != "trash"]

    def variations(self, parent: int) -> list[Doc]:
        return [doc for doc in self._shop.store.all("variation") if doc["parent"] == parent]

    def everything(self) -> list[Doc]:
        gone = {doc["id"] for doc in self._shop.store.all("product") if doc.get("status") == "trash"}
        return [*self.all(), *(doc for doc in self._shop.store.all("variation") if doc["parent"] not in gone)]

    # Changed

    def remove(self, id_: int) -> None:
        """Gone for good: lines of old orders keep the name, and lose product_id and SKU."""
        for doc in self.variations(id_):
            self._shop.store.drop("variation", doc["id"])
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
            self._put(doc)
        if not silent:
            self._shop.webhooks.enqueue("product.updated", id_)

    def create(self, given: Doc, *, parent: int = 0) -> Doc:
        """POST of a product or, with `parent`, of a variation. Nothing is kept of one that is refused."""
        with self._shop.store.lock:
            now = iso(self._shop.clock())
            doc: Doc = {"date_created_gmt": now, "stock": None, "sold": 0, "sku": "", "name": "", "price": ""}
            doc |= {"ean": "", "weight": "", "category": "", "image": "", "art": "", "hue": "", "slug": ""}
            doc |= {"type": "variation", "parent": parent} if parent else {"type": given.get("type", "simple")}
            self._apply(doc, given)
            doc["id"] = self._shop.store.next("post")
            if parent:
                above = self._shop.store.get("product", parent) or {}
                doc["slug"] = above.get("slug", "")
                doc["name"] = f"{above.get('name', '')} - {', '.join(one['option'] for one in doc['attributes'])}"
            else:
                taken, wanted = {one["slug"] for one in self.all()}, slug(doc["name"])
                doc["slug"] = wanted if wanted not in taken else f"{wanted}-{doc['id']}"
            self._put(doc)
        self._shop.webhooks.enqueue("product.created", doc["id"])
        return doc

    def change(self, id_: int, given: Doc, *, parent: int = 0) -> Doc:
        """PUT of a product or, with `parent`, of a variation."""
        with self._shop.store.lock:
            doc = self._shop.store.get("variation" if parent else "product", id_)
            if doc is None or (parent and doc["parent"] != parent):
                kind = "product_variation" if parent else "product"
                raise RestError(f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.", 400)
            changed = json.loads(json.dumps(doc))
            self._apply(changed, given)
            self._put(changed)
        self._shop.webhooks.enqueue("product.updated", id_)
        return changed

    def _put(self, doc: Doc) -> None:
        self._shop.store.put("variation" if doc.get("parent") else "product", doc)

    def _apply(self, doc: Doc, given: Doc) -> None:
        """What the fake knows of a body; the rest is taken and ignored, as WooCommerce does with unknown keys."""
        self._codes(doc, given)
        for key, name in (("name", "name"), ("description", "html"), ("weight", "weight"), ("type", "type")):
            if key in given and not (key == "type" and doc.get("parent")):
                doc[name] = str(given[key])
        if "name" in given:
            doc["name"] = kses(doc["name"])
        for key in ("tax_class", "tax_status"):
            if key in given:
                doc[key] = "" if given[key] == "standard" else str(given[key])
        if given.get("status") in _STATUSES:
            doc["status"] = given["status"]
        if "regular_price" in given or "sale_price" in given:
            regular = str(given.get("regular_price", doc.get("regular", doc["price"])))
            sale = str(given.get("sale_price", doc.get("sale", "")))
            doc["regular"], doc["sale"] = (_entered(text) for text in (regular, sale))
            doc["price"] = doc["sale"] or doc["regular"]
        if given.get("manage_stock") is False:
            doc["stock"] = None
        elif given.get("manage_stock") is True and doc["stock"] is None:
            doc["stock"] = 0
        if doc["stock"] is not None:  # else it is ignored
            if given.get("stock_quantity") is not None:
                doc["stock"] = int(given["stock_quantity"])
            elif given.get("inventory_delta") is not None:  # not in its documentation, in all its versions
                doc["stock"] += int(given["inventory_delta"])
        if "categories" in given:
            doc["cats"] = [int(one["id"]) for one in given["categories"] if self._shop.categories.get(int(one["id"]))]
        if "attributes" in given:
            doc["attributes"] = [dict(one) for one in given["attributes"]]
        if "images" in given:
            doc["images"] = [self._image(one) for one in given["images"]]
        for meta in given.get("meta_data") or []:
            self._set_meta(doc, str(meta["key"]), meta.get("value"))
        doc["date_modified_gmt"] = iso(self._shop.clock())

    def _codes(self, doc: Doc, given: Doc) -> None:
        if not {"sku", "global_unique_id"} & given.keys():
            return
        others = [one for one in self.everything() if one["id"] != doc.get("id")]
        for key, name, code, words in (
            ("sku", "sku", "product_invalid_sku", "Invalid or duplicated SKU."),
            (
                *("global_unique_id", "ean", "product_invalid_global_unique_id"),
                "Invalid or duplicated GTIN, UPC, EAN or ISBN.",
            ),
        ):
            if key not in given:
                continue
            value = str(given[key] or "")
            owner = next((one for one in others if value and one[name] == value), None)
            if owner:
                raise RestError(
                    code, words, 400, resource_id=owner["id"], **({"unique_sku": f"{value}-1"} if key == "sku" else {})
                )
            doc[name] = value

    def _image(self, given: Doc) -> Doc:
        src = str(given.get("src", ""))
        reason = self.refuses_image(src)
        if reason:
            text = f"Error getting remote image {src}. Error: {reason}"
            raise RestError("woocommerce_product_image_upload_error", text, 400)
        name, alt = str(given.get("name", "")), str(given.get("alt", ""))
        return {"id": self._shop.store.next("post"), "src": src, "name": name, "alt": alt}

    def _set_meta(self, doc: Doc, key: str, value: Any) -> None:
        metas = doc.setdefault("meta", [])
        known = next((meta for meta in metas if meta["key"] == key), None)
        if known:
            known["value"] = value
        else:
            metas.append({"id": self._shop.store.next("meta"), "key": key, "value": value})

    # Shown

    def present(self, doc: Doc, home: str) -> Doc:
        return product_json.product(doc, self._shop, home)

    def present_variation(self, doc: Doc, home: str) -> Doc:
        return product_json.variation(doc, self._shop, home)

    def image(self, doc: Doc, home: str) -> str:
        if doc.get("images"):
            return str(doc["images"][0]["src"])
        if doc["image"]:
            return str(doc["image"])
        return f"{home}/wp-content/uploads/{doc['slug']}.svg"


def _entered(text: str) -> str:
    """A price is kept with all the decimals that it was given, and with two at least."""
    if not text:
        return ""
    value = Decimal(text)
    return money(value) if value == value.quantize(Decimal("0.01")) else str(value)
