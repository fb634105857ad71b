"""The store's documents, with a count of the writes of each kind: what was computed of them may be kept until then."""

from collections import Counter

from demo.shops.woocommerce.store import Store

from .gids import Doc


class Memory(Store):
    def put(self, kind: str, doc: Doc) -> Doc:
        self.writes[kind] += 1
        return super().put(kind, doc)

    def drop(self, kind: str, id_: int) -> None:
        self.writes[kind] += 1
        super().drop(kind, id_)

    @property
    def writes(self) -> Counter[str]:
        known: Counter[str] = self.__dict__.setdefault("_writes", Counter())
        return known
