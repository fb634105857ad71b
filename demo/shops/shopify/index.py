"""What is found by something else than its number: variants by SKU, products by handle, parcels by order."""

from collections.abc import Hashable

from demo.shops.woocommerce.store import Store


class Index:
    """Lists of numbers by a key, in the order they came; made anew from the store at the start."""

    def __init__(self, store: Store) -> None:
        self._lists: dict[tuple[str, Hashable], list[int]] = {}
        for doc in store.all("variant"):
            self.add("sku", doc["sku"], doc["id"])
        for doc in store.all("product"):
            self.add("handle", doc["handle"], doc["id"])
        for kind in ("fulfilment_order", "fulfilment"):
            for doc in store.all(kind):
                self.add(kind, doc["order"], doc["id"])

    def add(self, kind: str, key: Hashable, id_: int) -> None:
        found = self._lists.setdefault((kind, key), [])
        if id_ not in found:
            found.append(id_)

    def remove(self, kind: str, key: Hashable, id_: int) -> None:
        found = self._lists.get((kind, key), [])
        if id_ in found:
            found.remove(id_)

    def of(self, kind: str, key: Hashable) -> list[int]:
        return list(self._lists.get((kind, key), ()))
