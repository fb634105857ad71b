"""The batch endpoints of WooCommerce: 200 even when an entry failed, each entry with its own outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.platforms.base import ShopUnreachable
from connectors.platforms.woocommerce.client import Client
from core.strict import text

BATCH = 100  # create + update + delete together; 101 are answered with 413


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: the row that the shop gave back, or why not."""

    row: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    words: str = ""
    resource_id: int = 0  # who has the SKU, or the category, already

    @property
    def id(self) -> int:
        found = self.row.get("id")
        return found if isinstance(found, int) else 0


def send(
    client: Client, path: str, *, create: Sequence[Mapping[str, Any]] = (), update: Sequence[Mapping[str, Any]] = ()
) -> tuple[list[Outcome], list[Outcome]]:
    """The outcomes of `create` and of `update`, each in the order given. Raises NotFound for a parent that is gone."""
    made: list[Outcome] = []
    changed: list[Outcome] = []
    entries = [(made, "create", entry) for entry in create] + [(changed, "update", entry) for entry in update]
    for start in range(0, len(entries), BATCH):
        part = entries[start : start + BATCH]
        data = {kind: found for kind in ("create", "update") if (found := [e for _o, k, e in part if k == kind])}
        answer = client.send("POST", f"{path}/batch", data=data).data
        for kind, outcomes in (("create", made), ("update", changed)):
            rows = answer.get(kind, []) if isinstance(answer, dict) else None
            if not isinstance(rows, list) or len(rows) != len(data.get(kind, [])):
                raise ShopUnreachable(reason="JSON: batch")
            outcomes += [_outcome(row) for row in rows]
    return made, changed


def _outcome(row: Any) -> Outcome:
    if not isinstance(row, dict):
        return Outcome(error="no_answer")
    error = row.get("error")
    if not error:
        return Outcome(row)
    said = error if isinstance(error, dict) else {}
    data = said.get("data")
    owner = data.get("resource_id") if isinstance(data, dict) else 0
    return Outcome(
        error=text(str(said.get("code") or "error"), 120),
        words=text(str(said.get("message") or ""), 300),
        resource_id=owner if isinstance(owner, int) else 0,
    )
