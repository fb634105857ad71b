"""The shop's product categories: terms of WordPress, whose names are kept as HTML."""

from typing import TYPE_CHECKING, Any

from .errors import RestError
from .php import encode_entities
from .product_json import slug

if TYPE_CHECKING:
    from .shop import Shop

Doc = dict[str, Any]
_FIRST = {"id": 15, "name": "Uncategorized", "slug": "uncategorized", "parent": 0}


class Categories:
    def __init__(self, shop: "Shop") -> None:
        self._shop = shop

    def all(self) -> list[Doc]:
        return [_FIRST, *self._shop.store.all("category")]

    def get(self, id_: int) -> Doc | None:
        return next((doc for doc in self.all() if doc["id"] == id_), None)

    def create(self, given: Doc) -> Doc:
        name, parent = encode_entities(str(given.get("name", ""))), int(given.get("parent") or 0)
        with self._shop.store.lock:
            same = [doc for doc in self.all() if doc["parent"] == parent and doc["name"].lower() == name.lower()]
            if same:
                text = "A term with the name provided already exists with this parent."
                raise RestError("term_exists", text, 400, resource_id=same[0]["id"])
            id_ = max(doc["id"] for doc in self.all()) + 1
            taken = {doc["slug"] for doc in self.all()}
            plain = slug(name)
            doc = {"id": id_, "name": name, "slug": plain if plain not in taken else f"{plain}-{id_}", "parent": parent}
            return self._shop.store.put("category", doc)

    def present(self, doc: Doc, home: str) -> Doc:
        base = f"{home}/wp-json/wc/v3/products/categories"
        found: Doc = {
            "id": doc["id"],
            "name": doc["name"],
            "slug": doc["slug"],
            "parent": doc["parent"],
            "description": "",
            "display": "default",
            "image": None,
            "menu_order": 0,
            "count": sum(doc["id"] in one.get("cats", []) for one in self._shop.products.all()),
            "_links": {
                "self": [{"href": f"{base}/{doc['id']}", "targetHints": {"allow": ["GET", "POST", "PUT", "DELETE"]}}],
                "collection": [{"href": base}],
            },
        }
        if doc["parent"]:
            found["_links"]["up"] = [{"href": f"{base}/{doc['parent']}"}]
        return found
