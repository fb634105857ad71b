"""Locations, inventory items and their levels. `available` excludes what orders have committed; on hand is the sum."""

import zlib
from typing import TYPE_CHECKING

from .gids import Doc, stamp

if TYPE_CHECKING:
    from .shop import Shop

DEFAULT_LOCATIONS = [
    ("Magazzino Milano", {"address1": "Via Mecenate 90", "city": "Milano", "zip": "20138", "provinceCode": "MI"}),
    ("Negozio Torino", {"address1": "Via Po 12", "city": "Torino", "zip": "10124", "provinceCode": "TO"}),
]


class Stock:
    """Documents "location" and "item"; an item's levels are in it, by the text of the location's number."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop

    def add_location(
        self,
        name: str,
        address: Doc | None = None,
        *,
        active: bool = True,
        service: bool = False,
        others: bool = False,
    ) -> Doc:
        """`service`: of a fulfilment service; `others`: of another app's, whose fulfilment orders we do not see."""
        made = {
            "id": self._shop.next_id(),
            "name": name,
            "active": active,
            "service": service or others,
            "others": others,
            "address": {"address2": None, "countryCode": "IT", **(address or {})},
            "created_at": stamp(self._shop.clock()),
        }
        return self._shop.store.put("location", made)

    def locations(self) -> list[Doc]:
        return self._shop.store.all("location")

    def location_for(self, line: Doc) -> int:
        """The first active location that stocks the item with enough; else the first that stocks it; else the first."""
        active = [doc["id"] for doc in self.locations() if doc["active"]]
        item = self.item_of(line)
        if item is None:
            return int(active[0])
        levels = [(id_, item["levels"].get(str(id_))) for id_ in active]
        stocked = [(id_, level) for id_, level in levels if level and level["active"]]
        enough = [id_ for id_, level in stocked if level["available"] >= line["quantity"]]
        return int((enough or [id_ for id_, _ in stocked] or active)[0])

    # Items and levels.

    def item_of(self, line: Doc) -> Doc | None:
        variant = self._shop.store.get("variant", line["variant"]) if line["variant"] else None
        return self._shop.store.get("item", variant["item"]) if variant else None

    def new_item(self, variant: int, *, tracked: bool = True) -> Doc:
        now = stamp(self._shop.clock())
        made: Doc = {"id": self._shop.next_id(), "variant": variant, "tracked": tracked, "requires_shipping": True}
        made |= {"cost": None, "origin": None, "hs": None, "levels": {}, "created_at": now, "updated_at": now}
        return self._shop.store.put("item", made)

    def level(self, item: Doc, location: int) -> Doc | None:
        found: Doc | None = item["levels"].get(str(location))
        return found

    def level_id(self, item: int, location: int) -> int:
        """Levels have no number of their own here: one is made of both ends."""
        return zlib.crc32(f"{item}/{location}".encode()) + 2**40

    def level_gid(self, item: int, location: int) -> str:
        return f"gid://shopify/InventoryLevel/{self.level_id(item, location)}?inventory_item_id={item}"

    def put_level(
        self, item: Doc, location: int, *, available: int | None = None, active: bool | None = None, committed: int = 0
    ) -> Doc:
        """Makes or changes a level; `committed` is added. Returns the item as it is now."""
        now = stamp(self._shop.clock())
        known = self.level(item, location) or {"available": 0, "committed": 0, "active": False, "created_at": now}
        level = {**known, "updated_at": now, "committed": max(0, known["committed"] + committed)}
        if available is not None:
            level["available"] = available
        if active is not None:
            level["active"] = active
        changed = {**item, "levels": {**item["levels"], str(location): level}}
        return self._shop.store.put("item", changed)

    def set_available(self, item: Doc, location: int, quantity: int, *, silent: bool = False) -> Doc:
        changed = self.put_level(item, location, available=quantity)
        if not silent:
            self.tell(changed, location)
        return changed

    def tell(self, item: Doc, location: int) -> None:
        """inventory_levels/update: also an echo of what an app wrote itself."""
        hooks = self._shop.webhooks
        hooks.enqueue("inventory_levels/update", item["id"], event=hooks.event(), about={"location": location})

    # What orders do to it.

    def commit(self, line: Doc, *, silent: bool = False) -> None:
        """Sold, not sent: it is no longer available."""
        self._shift(line, None, -line["current_quantity"], line["current_quantity"], silent=silent)

    def release(self, line: Doc, pieces: int) -> None:
        self._shift(line, None, pieces, -pieces)

    def ship(self, line: Doc, location: int, pieces: int) -> None:
        """It left (or, with a minus, came back into the order)."""
        self._shift(line, location, 0, -pieces)

    def _shift(self, line: Doc, location: int | None, available: int, committed: int, *, silent: bool = False) -> None:
        item = self.item_of(line)
        if item is None or not item["tracked"] or not (available or committed):
            return
        where = location or line["location"] or self.location_for(line)
        level = self.level(item, where)
        if level is None:
            return
        changed = self.put_level(item, where, available=level["available"] + available, committed=committed)
        if not silent and available:
            self.tell(changed, where)
