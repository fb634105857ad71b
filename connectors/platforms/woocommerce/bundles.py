"""Bundles: a parent line with the price and child lines with the goods, tied by fields or metadata that each plugin has
of its own. Each piece is to be sent once: a parent whose children are in the order is a container, whose price is
spread over them. Where that cannot be told, a person is asked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.platforms.base import Doubt
from connectors.platforms.woocommerce.fields import entries, id_of, metas
from core.strict import text


@dataclass(slots=True)
class Line:
    """A line while it is read. `gross`: EUR with VAT, not rounded yet; `left`: pieces still to be sent."""

    item: Mapping[str, Any]
    subject: str
    sku: str
    name: str
    product: int
    variation: int
    quantity: int
    left: int
    gross: Decimal | None
    id: int | None = None
    attributes: Sequence[tuple[str, str]] = ()
    bundle: str = ""
    is_container: bool = False
    parent: Line | None = field(default=None, repr=False)


# What names the parent of a child. By REST field: the line's id. By metadata: the key that the parent had in the cart,
# or the id of its product.
_CHILD_FIELDS = ("bundled_by", "composite_parent", "mnm_child_of")
_CHILD_METAS = frozenset(
    {
        "bundled_by",  # Product Bundles, YITH
        "composite_parent",
        "mnm_container",
        "mnm_part_of",
        "mnm_child_of",
        "woosb_parent_id",  # WPC Product Bundles
        "woosb_parent_key",
        "wooco_parent_id",  # WPC Composite Products
        "wooco_parent_key",
    }
)
_CHAINED = "chained_product_of"
# A tie of a plugin that we do not know; its parent may well be an article with accessories.
_OTHER_CHILD = re.compile(r"(?:^|_)(?:bundle\w*_parent\w*|part_of|child_of|parent_(?:item_|product_)?(?:id|key))$")
# That it belongs to a bundle somebody's plugin says, and not to which line.
_OF_SOME_BUNDLE = re.compile(r"bundl|(?:^|_)(?:kit|combo|composite|component|assembled)(?:_|$)")
# Sold beside the other one, at its own price: both are goods.
_BESIDE = re.compile(r"^_?(?:woobt|woofs|woosg|wpcfbt)_")
_PARENT_FIELDS = ("bundled_items", "composite_children", "mnm_child_items")
_PARENT_METAS = frozenset(
    {
        "bundled_items",
        "composite_children",
        "cartstamp",
        "stamp",
        "mnm_config",
        "mnm_contents",
        "woosb_ids",
        "wooco_ids",
    }
)
_CART_KEY = re.compile(r"(?:^|_)cart_key$")


def plumbing(key: str) -> bool:
    """Is this metadata of a line the bundle plugin's own, for nobody's eyes?"""
    name = _bare(key)
    return (
        name in _CHILD_METAS
        or name in _PARENT_METAS
        or name == _CHAINED
        or bool(_OTHER_CHILD.search(name) or _CART_KEY.search(name) or _BESIDE.search(name))
    )


def settle(lines: list[Line], doubts: list[Doubt]) -> list[Line]:
    """The lines whose goods are to be sent; containers are left out, after their price went to their children."""
    ties = _Ties(lines)
    for line in lines:
        line.parent, unsure = ties.parent_of(line)
        if line.parent is None and unsure:
            _ask(line, doubts)
    _cut_circles(lines, doubts)
    children: dict[int, list[Line]] = {}
    for line in lines:
        if line.parent is not None:
            children.setdefault(id(line.parent), []).append(line)
    for line in lines:
        mine = children.get(id(line), [])
        if not mine and not (ties.is_marked(line) and line.parent is None and line.sku):
            continue
        if _may_be_goods(line, mine):
            _ask(line, doubts)
            for child in mine:
                child.parent = None
            children.pop(id(line), None)
        else:
            line.is_container = True
    for line in lines:
        if line.is_container and line.parent is None:
            _spread(line, children)
    return [line for line in lines if not line.is_container]


def _may_be_goods(line: Line, children: Sequence[Line]) -> bool:
    """May the parent itself be an article to be sent? One without SKU would be asked for anyway."""
    if not line.sku:
        return False
    if not any(child.sku for child in children):
        return True  # only the parent says what it is; or its children are not in the order
    flags = [_meta(child, "bundled_item_needs_shipping") for child in children]
    return all(flag == "no" for flag in flags)  # sent put together, as the parent


def _spread(parent: Line, children: Mapping[int, Sequence[Line]], title: str = "") -> None:
    """The parent's price over its children's pieces; of a parent that was given back, nothing of them is left."""
    mine = children.get(id(parent), ())
    weights = [child.left for child in mine]
    weights = weights if sum(weights) else [child.quantity for child in mine]
    for child, weight in zip(mine, weights, strict=True):
        if parent.gross is not None and child.gross is not None:
            child.gross += parent.gross * weight / sum(weights)
        if parent.left < parent.quantity:
            child.left = min(child.left, child.quantity * parent.left // parent.quantity)
        child.bundle = title or parent.name
        if child.is_container:
            _spread(child, children, child.bundle)


def _ask(line: Line, doubts: list[Doubt]) -> None:
    doubt = Doubt("bundle_double", line.subject[:100], {"sku": line.sku or line.name})
    if doubt not in doubts:
        doubts.append(doubt)


def _cut_circles(lines: Sequence[Line], doubts: list[Doubt]) -> None:
    """Lines that are, by their own words, a part of themselves."""
    circling = []
    for line in lines:
        above, steps = line.parent, 0
        while above is not None and above is not line and steps < len(lines):
            above, steps = above.parent, steps + 1
        if above is line:
            circling.append(line)
    for line in circling:
        line.parent = None
        _ask(line, doubts)


class _Ties:
    """Who is whose parent, by whatever the plugins left."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._place = {id(line): place for place, line in enumerate(lines)}
        self._named = [_named(line) for line in lines]
        self._marked = [self._has_mark(line) for line in lines]
        self._is_child = [self._says_child(line) for line in lines]
        self._by_id = {line.id: line for line in lines if line.id}
        self._by_key: dict[str, Line] = {}
        self._by_product: dict[int, list[int]] = {}
        self._listed: dict[str, Line] = {}  # what a parent calls its children: by key of the cart or id of the line
        for place, line in enumerate(lines):
            for key in self._keys(line):
                self._by_key.setdefault(key, line)
            for number in {line.product, line.variation} - {0}:
                self._by_product.setdefault(number, []).append(place)
            for value in _lists(line, self._named[place]):
                self._listed.setdefault(text(value, 100), line)

    def is_marked(self, line: Line) -> bool:
        return self._marked[self._place[id(line)]]

    def parent_of(self, line: Line) -> tuple[Line | None, bool]:
        """Its container; True when it says that it has one which is not to be found, or may be an article itself."""
        unsure = False
        for name in _CHILD_FIELDS:
            if line.item.get(name):
                found = self._by_id.get(id_of(line.item[name]) or 0)
                if found is not None and found is not line:
                    return found, False
                unsure = True
        for name, value in self._of(line):
            if not value or not isinstance(value, str | int) or isinstance(value, bool):
                continue
            if name in _CHILD_METAS:
                found = self._find(line, value) or self._marked_before(line)
                if found is not None:
                    return found, False
                unsure = True
            elif name == _CHAINED or (_OTHER_CHILD.search(name) and not _BESIDE.search(name)):
                found = self._find(line, value)
                if found is not None and found.sku and (not line.gross or found.sku.upper() == line.sku.upper()):
                    unsure = True
        if not unsure:
            names = [str(line.id), *self._keys(line)]
            listed = next((self._listed[name] for name in names if name in self._listed), None)
            if listed is not None and listed is not line:
                return listed, False
            unsure = self._in_some_bundle(line) and not line.gross and self._has_priced_bundle(line)
        return None, unsure

    def _in_some_bundle(self, line: Line) -> bool:
        return any(
            value and _OF_SOME_BUNDLE.search(name) and not _BESIDE.search(name) for name, value in self._of(line)
        )

    def _has_priced_bundle(self, line: Line) -> bool:
        others = (other for other in self._lines if other is not line and other.sku and other.gross)
        return any(self._in_some_bundle(other) for other in others)

    def _of(self, line: Line) -> list[tuple[str, Any]]:
        return self._named[self._place[id(line)]]

    def _keys(self, line: Line) -> list[str]:
        return [value for name, value in self._of(line) if _CART_KEY.search(name) and isinstance(value, str) and value]

    def _find(self, line: Line, value: str | int) -> Line | None:
        found = self._by_key.get(str(value))
        if found is not None and found is not line:
            return found
        number = id_of(value)
        if number is None:
            return None
        here = self._place[id(line)]
        places = [place for place in self._by_product.get(number, ()) if place != here]
        before = [place for place in places if place < here]
        if places:  # of two kits of one product, the one that the line stands behind
            return self._lines[before[-1] if before else places[0]]
        by_id = self._by_id.get(number)
        return by_id if by_id is not line else None

    def _marked_before(self, line: Line) -> Line | None:
        """The free edition of YITH's plugin gives its parents no key: the children stand behind them."""
        for place in range(self._place[id(line)] - 1, -1, -1):
            if self._marked[place] and not self._is_child[place]:
                return self._lines[place]
        return None

    def _has_mark(self, line: Line) -> bool:
        if any(entries(line.item, name) for name in _PARENT_FIELDS):
            return True
        return any(name in _PARENT_METAS and value for name, value in self._of(line))

    def _says_child(self, line: Line) -> bool:
        return any(line.item.get(name) for name in _CHILD_FIELDS) or any(
            name in _CHILD_METAS and value for name, value in self._of(line)
        )


def _bare(key: str) -> str:
    return key.lower().strip().lstrip("_")


def _named(line: Line) -> list[tuple[str, Any]]:
    return [(_bare(key), value) for key, value, _entry in metas(line.item)]


def _meta(line: Line, wanted: str) -> Any:
    return next((value for name, value in _named(line) if name == wanted), None)


def _lists(line: Line, named: Sequence[tuple[str, Any]]) -> list[Any]:
    found = [value for name in _PARENT_FIELDS for value in entries(line.item, name)]
    for name, value in named:
        if name in ("bundled_items", "composite_children") and isinstance(value, list | dict):
            found += value if isinstance(value, list) else value.values()
    return [value for value in found if isinstance(value, str | int) and value]
