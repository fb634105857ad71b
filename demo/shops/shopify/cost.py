"""What a query costs before it runs, and the bucket of points that it is paid from.

The rules were fitted to recorded pairs of query and cost: an estimate that throttles as the store would, no contract.
"""

import datetime as dt
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

_FREE = ("MoneyBag", "MoneyV2", "MailingAddress", "PageInfo")
_BY_SIZE = ("productSet", "productVariantsBulkCreate", "productVariantsBulkUpdate")
MOST = 1000  # points that one query may ask for


def _steps(size: int) -> int:
    """A page of `size` costs by its logarithm: 10 → 4, 50 → 7, 250 → 11."""
    return max(1, math.floor(2 * math.log(size))) if size > 0 else 0


def _by_input(variables: dict[str, Any]) -> float:
    """Points for what productSet and its kin are given: 0.2 a variant, 0.6 a variant's file, 1.9 a product's file."""
    given = variables.get("input")
    product = given if isinstance(given, dict) else {}
    points = 1.9 * len(product.get("files") or ()) + 0.4 * len(product.get("metafields") or ())
    for variant in product.get("variants") or variables.get("variants") or ():
        points += 0.2 + 0.4 * len(variant.get("metafields") or ()) + (0.6 if variant.get("file") else 0)
    return points


@dataclass
class Pricer:
    """Prices one operation. `sizes` (id of a `nodes` node → entries) are those of a run: then it is the actual cost."""

    schema: GraphQLSchema
    fragments: dict[str, Any]
    variables: dict[str, Any]
    sizes: dict[int, int] | None = None

    def price(self, operation: OperationDefinitionNode) -> int:
        is_query = operation.operation.value == "query"
        root = self.schema.query_type if is_query else self.schema.mutation_type
        assert root is not None
        fields = self._fields([operation.selection_set], root)
        if is_query:
            return sum(
                self._field(nodes, root.fields[name].type, own=10 if self._is_count(root.fields[name].type) else 1)
                for name, nodes in fields
                if name in root.fields
            )
        return math.floor(sum(self._mutation(root, name, nodes) for name, nodes in fields) + 0.5)

    def _is_count(self, type_: Any) -> bool:
        return get_named_type(type_).name == "Count"

    def _mutation(self, root: Any, name: str, nodes: list[Any]) -> float:
        if name not in root.fields:
            return 0
        points = 10 + (_by_input(self.variables) if name in _BY_SIZE else 0)
        payload: Any = get_named_type(root.fields[name].type)
        inner = self._fields([node.selection_set for node in nodes if node.selection_set], payload)
        for field_name, found in inner:
            if field_name.lower().endswith("usererrors") or field_name not in payload.fields:
                continue
            type_ = payload.fields[field_name].type
            many = is_list_type(type_.of_type if is_non_null_type(type_) else type_)
            points += self._field(found, type_, own=1 if many and name not in _BY_SIZE else 0)
        return points

    def _fields(self, selections: list[Any], concrete: Any) -> list[tuple[str, list[Any]]]:
        """Each field asked for, by response key: its name and its nodes."""
        found: dict[str, list[Any]] = {}
        for selection in selections:
            self._collect(selection, concrete, found)
        return [(nodes[0].name.value, nodes) for nodes in found.values() if nodes[0].name.value != "__typename"]

    def _collect(self, selection: Any, concrete: Any, found: dict[str, list[Any]]) -> None:
        for node in selection.selections:
            if node.kind == "field":
                found.setdefault((node.alias or node.name).value, []).append(node)
                continue
            part = node if node.kind == "inline_fragment" else self.fragments[node.name.value]
            condition: Any = self.schema.type_map[part.type_condition.name.value] if part.type_condition else concrete
            abstract = not is_object_type(condition) and is_object_type(concrete)
            if condition is concrete or (abstract and self.schema.is_sub_type(condition, concrete)):
                self._collect(part.selection_set, concrete, found)

    def _inside(self, nodes: list[Any], type_: Any) -> int:
        """The dearest of the types that a selection may meet."""
        selections = [node.selection_set for node in nodes if node.selection_set]
        types = [type_] if is_object_type(type_) else list(self.schema.get_possible_types(type_))
        return max(
            (
                sum(
                    self._field(found, one.fields[name].type)
                    for name, found in self._fields(selections, one)
                    if name in one.fields
                )
                for one in types
            ),
            default=0,
        )

    def _field(self, nodes: list[Any], field_type: Any, own: int = 1) -> int:
        type_: Any = get_named_type(field_type)
        if not any(node.selection_set for node in nodes) or type_.name == "PageInfo":
            return 0
        if type_.name == "Count":
            return 10 if own == 10 else 1
        if type_.name.endswith("Connection"):
            return self._connection(nodes, type_)
        inside = self._inside(nodes, type_)
        return inside if type_.name in _FREE else own + inside

    def _connection(self, nodes: list[Any], type_: Any) -> int:
        each = beside = 0
        seen: int | None = None
        for name, found in self._fields([node.selection_set for node in nodes], type_):
            if name == "nodes":
                each += 1 + self._inside(found, get_named_type(type_.fields[name].type))
                if self.sizes is not None:
                    seen = max(self.sizes.get(id(node), 0) for node in found)
            elif name == "edges":
                edge: Any = get_named_type(type_.fields[name].type)
                inner = dict(self._fields([node.selection_set for node in found if node.selection_set], edge))
                if "node" in inner:
                    each += 1 + self._inside(inner["node"], get_named_type(edge.fields["node"].type))
            elif name in type_.fields:
                beside += self._field(found, type_.fields[name].type)
        size = self._size(nodes[0])
        if seen is not None and size is not None:
            size = min(size, seen)
        return 2 + beside + (_steps(size) * each if size else 0)

    def _size(self, node: Any) -> int | None:
        for wanted in ("first", "last"):
            for argument in node.arguments or ():
                if argument.name.value != wanted:
                    continue
                if argument.value.kind == "int_value":
                    return int(argument.value.value)
                value = self.variables.get(argument.value.name.value) if argument.value.kind == "variable" else None
                return value if isinstance(value, int) else None
        return None


@dataclass
class Bucket:
    """A leaky bucket per app and store: `size` points, `restore` of them back each second."""

    clock: Callable[[], dt.datetime]
    size: int = 2000
    restore: int = 100
    _level: float = field(default=-1)
    _at: dt.datetime | None = None
    _lock: Any = field(default_factory=threading.Lock)

    def level(self) -> int:
        with self._lock:
            self._refill()
            return int(self._level)

    def set(self, level: int) -> None:
        """For tests: as if others had spent the rest."""
        with self._lock:
            self._refill()
            self._level = level

    def take(self, points: int) -> bool:
        """Reserves what a query asks for; False: not enough, nothing is taken."""
        with self._lock:
            self._refill()
            if points > self._level:
                return False
            self._level -= points
            return True

    def give_back(self, points: int) -> None:
        with self._lock:
            self._level = min(self.size, self._level + max(points, 0))

    def _refill(self) -> None:
        now = self.clock()
        if self._at is None:
            self._level = self.size
        else:
            gone = max(0.0, (now - self._at).total_seconds())
            self._level = min(float(self.size), self._level + gone * self.restore)
        self._at = now

    def status(self) -> dict[str, Any]:
        return {
            "maximumAvailable": float(self.size),
            "currentlyAvailable": self.level(),
            "restoreRate": float(self.restore),
        }
