"""A reseller with articles, a courier and an uploaded file."""

from __future__ import annotations

from typing import Any

from accounts.models import Dropshipper
from orders.imports import acts, taking, work
from orders.models import Import, ImportRow
from tests.orders import stage


def shelves() -> None:
    """The articles that the files of these tests name, and a way to send them."""
    stage.method()
    for sku in ("MCI-0001", "MCI-0002", "MCI-0004"):
        stage.variant(sku)


def uploaded(data: bytes, dropshipper: Dropshipper, person: Any, *, name: str = "ordini.txt") -> Import:
    """The import of a file, checked."""
    batch, _new = taking.take(data, name=name, marketplace="", dropshipper_id=dropshipper.pk, by=person.pk)
    work.advance(batch.pk)
    return Import.objects.get(pk=batch.pk)


def imported(batch: Import, person: Any) -> Import:
    """After the click on *Importa* and the worker."""
    acts.start(batch.key, by=person.pk, dropshipper_id=batch.dropshipper_id)
    work.advance(batch.pk)
    return Import.objects.get(pk=batch.pk)


def states(batch: Import) -> list[str]:
    return list(batch.rows.order_by("position").values_list("state", flat=True))


def rows(batch: Import) -> list[ImportRow]:
    return list(batch.rows.order_by("position"))


def said(row: ImportRow) -> set[str]:
    return {code for _level, code, _column, _params in row.issues}
