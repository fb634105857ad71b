"""A file is taken in: read at once, kept as rows that a worker checks. The same file twice is one import."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from core import busy
from orders.entry import marketplaces
from orders.imports import guess, reading
from orders.imports.errors import ImportOver
from orders.imports.grid import Grid
from orders.imports.shape import Found, Reading
from orders.models import Import, ImportMapping, ImportRow

_S = Import.State


def access_import(dropshipper_id: int, key: uuid.UUID) -> Import:
    """One of the company's own, without its table; 404 for any other."""
    return get_object_or_404(Import.objects.defer("table"), dropshipper_id=dropshipper_id, key=key)


def imports_of(dropshipper_id: int) -> QuerySet[Import]:
    """The company's imports, newest first."""
    return Import.objects.filter(dropshipper_id=dropshipper_id).defer("table").order_by("-pk").select_related("by")


@busy.repeatable
def take(data: bytes, *, name: str, marketplace: str, dropshipper_id: int, by: int) -> tuple[Import, bool]:
    """The import of this file, and whether it is new. `marketplace`: where a file that does not say it was sold.
    Raises FileRefused, and then nothing is kept."""
    digest = hashlib.sha256(data).hexdigest()
    mine = Import.objects.filter(dropshipper_id=dropshipper_id, digest=digest).exclude(state=_S.UNDONE)
    if known := mine.first():
        return known, False
    table = reading.table_of(data)
    saved = ImportMapping.objects.filter(dropshipper_id=dropshipper_id, signature=reading.signature(table)).first()
    found = reading.of_table(
        table,
        mapping=saved.fields if saved else None,
        marketplace=marketplaces.written(marketplace) or (saved.marketplace if saved else ""),
    )
    batch = Import(dropshipper_id=dropshipper_id, by_id=by, name=name[-120:], digest=digest)
    try:
        with transaction.atomic():
            _keep(batch, found, table, marketplace=marketplaces.written(marketplace))
    except IntegrityError:
        twin = mine.first()  # the other of two tabs
        if twin is None:
            raise
        return twin, False
    return batch, True


def _keep(batch: Import, found: Reading, table: Grid, *, marketplace: str) -> None:
    batch.report, batch.remarks = found.report, list(found.remarks)
    batch.marketplace = (found.marketplace or marketplace)[:60]
    if not found.report:
        batch.state = _S.MAPPING
        rows = [[line, list(cells)] for line, cells in table.rows]
        batch.table = {"head": list(table.head), "rows": rows, "guess": dict(found.guess)}
        batch.save()
        return
    batch.state, batch.table = _S.CHECKING, {}
    batch.save()
    ImportRow.objects.bulk_create(
        (_row(batch, position, order) for position, order in enumerate(found.orders)), batch_size=500
    )


def _row(batch: Import, position: int, found: Found) -> ImportRow:
    row = ImportRow(batch=batch, position=position, line=found.line, number=found.fields.get("number", "")[:60])
    if found.left:  # nobody's data is kept of what is not ours to send
        row.state, row.left = ImportRow.State.LEFT, found.left
        return row
    row.data = {"fields": found.fields, "pieces": [asdict(piece) for piece in found.pieces]}
    row.read = [[one.level, one.code, one.column, dict(one.params)] for one in found.issues]
    return row


@transaction.atomic
def confirm_columns(
    key: uuid.UUID, fields: Mapping[str, str], *, marketplace: str, dropshipper_id: int, by: int
) -> Import:
    """What the columns of a file of somebody's own are (column → field), remembered for the next one; its orders are
    checked then. Raises FileRefused, ImportOver."""
    batch = get_object_or_404(Import.objects.select_for_update(no_key=True), dropshipper_id=dropshipper_id, key=key)
    if batch.state != _S.MAPPING:
        raise ImportOver
    table = table_kept(batch)
    chosen = {name: field for name, field in fields.items() if name in table.head and field in guess.FIELDS}
    sold_at = marketplaces.written(marketplace)[:60]
    found = reading.of_table(table, mapping=chosen, marketplace=sold_at)
    _keep(batch, found, table, marketplace=sold_at)
    ImportMapping.objects.update_or_create(
        dropshipper_id=dropshipper_id,
        signature=reading.signature(table),
        defaults={"fields": chosen, "marketplace": sold_at},
    )
    return batch


def table_kept(batch: Import) -> Grid:
    """The table of a file whose columns wait for a person."""
    kept: dict[str, Any] = batch.table
    return Grid(tuple(kept.get("head", ())), tuple((line, tuple(cells)) for line, cells in kept.get("rows", ())))
