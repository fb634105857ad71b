"""A customer who is to be forgotten may also stand in files that nobody has imported yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from orders.imports.taking import table_kept
from orders.models import Import, ImportRow
from orders.questions.copies import Marks, Person

_R = ImportRow.State
FORGOTTEN = "forgotten"  # why such a row is left out: orders/imports/words.py


@transaction.atomic
def forget_persons(dropshipper_ids: Iterable[int], known: Iterable[Person]) -> int:
    """Takes the same persons (e-mail, telephone, or name and postcode) out of the files of these companies: their rows
    are left out with a word, those of a file whose columns nobody has named go. How many there were."""
    marks = Marks.of(known)
    tenants = set(dropshipper_ids)
    if not marks or not tenants:
        return 0
    return _in_tables(tenants, marks) + _in_rows(tenants, marks)


def _in_tables(tenants: set[int], marks: Marks) -> int:
    """Locked, and before the rows: of a table whose columns are confirmed meanwhile the rows are there by then."""
    gone = 0
    waiting = Import.objects.filter(dropshipper_id__in=tenants, state=Import.State.MAPPING)
    for batch in waiting.select_for_update(no_key=True).order_by("pk"):
        table = table_kept(batch)
        left = [(line, cells) for line, cells in table.rows if not marks.fit_any(cells)]
        if len(left) < len(table.rows):
            gone += len(table.rows) - len(left)
            batch.table = batch.table | {"rows": left}
            batch.save(update_fields=["table"])
    return gone


def _in_rows(tenants: set[int], marks: Marks) -> int:
    told = ImportRow.objects.filter(batch__dropshipper_id__in=tenants).exclude(state=_R.CREATED).exclude(data={})
    found = [pk for pk, fields in told.values_list("pk", "data__fields").iterator() if marks.fit(fields or {})]
    gone = 0
    for pk in sorted(found):  # one by one in their order: a worker may hold many of them
        gone += (
            ImportRow.objects.filter(pk=pk)
            .exclude(state=_R.CREATED)
            .update(state=_R.LEFT, left=FORGOTTEN, data={}, read=[], issues=[], number="", cost=None, need=None)
        )
    return gone
