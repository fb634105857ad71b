"""What the page of an import shows: how far it is, what it would cost, what nobody knows, its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import sheet
from core.money import ZERO
from orders.imports import work
from orders.imports.formats import template
from orders.imports.shape import ERROR, HELD
from orders.imports.words import FIELD_NAMES, sentence
from orders.models import Import, ImportRow
from wallet.queries import balances

_R = ImportRow.State
_MOST_UNKNOWN = 50
# Tabs of the page in their order: what asks for a hand comes first.
TABS: tuple[tuple[str, Promise, tuple[str, ...]], ...] = (
    ("error", _("To mend"), (_R.ERROR,)),
    ("held", _("To confirm"), (_R.HELD,)),
    ("valid", _("Valid"), work.VALID),
    ("there", _("Already there"), (_R.THERE,)),
    ("left", _("Left out"), (_R.LEFT,)),
    ("created", _("Imported"), (_R.CREATED,)),
    ("removed", _("Cancelled"), (_R.REMOVED,)),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """EUR, VAT included. `cost` of the valid rows, `need` of it out of the wallet, `unpriced` rows without a price;
    `covered`: how many of the valid rows, in their order, the balance can take."""

    total: int
    done: int
    valid: int
    cost: Decimal
    need: Decimal
    spendable: Decimal
    covered: int
    unpriced: int
    counts: dict[str, int]

    @property
    def missing(self) -> Decimal:
        return max(ZERO, self.need - self.spendable)


def counts(batch: Import) -> dict[str, int]:
    """How many rows are in which state; 1 query."""
    found = batch.rows.order_by().values("state").annotate(n=Count("pk"))
    return {one["state"]: one["n"] for one in found}


def figures(batch: Import) -> Figures:
    """3 queries."""
    found = batch.rows.order_by().values("state").annotate(n=Count("pk"), cost=Sum("cost"), need=Sum("need"))
    by_state = {one["state"]: one for one in found}
    counts = {state: one["n"] for state, one in by_state.items()}
    valid = [by_state[state] for state in work.VALID if state in by_state]
    total = sum(counts.values())
    waits = counts.get(_R.WAITING, 0)
    if batch.state == Import.State.IMPORTING:
        waits = sum(one["n"] for one in valid)
    spendable, covered, needs = balances(batch.dropshipper_id).spendable, 0, ZERO
    unpriced = 0
    for (need,) in batch.rows.filter(state__in=work.VALID).order_by("position").values_list("need"):
        unpriced += need is None
        needs += need or ZERO
        covered += need is not None and needs <= spendable
    return Figures(
        total=total,
        done=total - waits,
        valid=sum(one["n"] for one in valid),
        cost=sum((one["cost"] or ZERO for one in valid), ZERO),
        need=sum((one["need"] or ZERO for one in valid), ZERO),
        spendable=spendable,
        covered=covered,
        unpriced=unpriced,
        counts=counts,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the page shows it; `zeros`: the postcode that is proposed."""

    row: ImportRow
    issues: list[tuple[str, str, str]]  # level, name of the field, sentence
    why: str
    zeros: str

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.row.data.get("fields", {}))

    @property
    def pieces(self) -> list[dict[str, Any]]:
        return list(self.row.data.get("pieces", ()))


def shown(row: ImportRow) -> Shown:
    issues = [
        (level, str(FIELD_NAMES.get(column, "")), sentence(code, params)) for level, code, column, params in row.issues
    ]
    zeros = next((params["postcode"] for _level, code, _column, params in row.issues if code == "zeros_lost"), "")
    return Shown(row, issues, sentence(row.left, {}) if row.left else "", zeros)


def tabs(figures: Figures) -> list[tuple[str, Promise, int]]:
    """Those that hold something."""
    found = ((name, label, sum(figures.counts.get(state, 0) for state in states)) for name, label, states in TABS)
    return [one for one in found if one[2]]


def rows_of(batch: Import, tab: str) -> QuerySet[ImportRow]:
    """The rows of a tab, with their orders."""
    states = next((states for name, _label, states in TABS if name == tab), ())
    return batch.rows.filter(state__in=states).select_related("order", "method")


def unknown_articles(batch: Import) -> list[tuple[str, str, int]]:
    """SKUs that are none of ours: SKU, title, in how many rows; the most frequent first."""
    found: Counter[str] = Counter()
    titles: dict[str, str] = {}
    for issues, data in batch.rows.filter(state=_R.ERROR).values_list("issues", "data"):
        unknown = {str(params.get("sku", "")) for _level, code, _column, params in issues if code == "unknown_sku"}
        for piece in data.get("pieces", ()):
            if piece["sku"] and piece["sku"] in unknown:
                titles.setdefault(piece["sku"], piece["title"])
        found.update(sku for sku in unknown if sku in titles)
    return [(sku, titles[sku], count) for sku, count in found.most_common(_MOST_UNKNOWN)]


def not_imported(batch: Import, *, place: int) -> Iterator[str]:
    """What is to be mended as our own table with a column that says why: mended there, it is uploaded again. `place`:
    1 Italian, 2 English names. Fields that hold nothing stay empty."""
    head = [column[place] for column in template.COLUMNS]
    return sheet.sheet([*head, str(_("What is wrong"))], _bad_rows(batch))


def _bad_rows(batch: Import) -> Iterator[list[Any]]:
    for row in batch.rows.filter(state=_R.ERROR).order_by("position").iterator(chunk_size=200):
        one = shown(row)
        if any(level == HELD for level, _field, _text in one.issues):
            continue  # uploaded again it would be held no more: it is decided on its page
        fields = one.fields | {"line1": one.fields.get("street", ""), "line2": one.fields.get("street2", "")}
        fields["number"] = row.number
        fields["placed_at"] = fields.get("placed_at", "")[:10]
        why = "; ".join(text for level, _field, text in one.issues if level == ERROR)
        for at, piece in enumerate(one.pieces or [{"sku": "", "quantity": "", "item_id": ""}]):
            told = fields if at == 0 else {name: fields.get(name, "") for name in ("marketplace", "number")}
            told = told | {name: piece[name] for name in ("sku", "quantity", "item_id")}
            yield [_told(name, told.get(name, "")) for name, _it, _en in template.COLUMNS] + [why if at == 0 else ""]


def _told(name: str, value: Any) -> Any:
    if name in ("sale_total", "to_collect") and value:
        return Decimal(value)
    if name == "payment":
        return {"cod": "contrassegno", "prepaid": "prepagato"}.get(value, "")
    return sheet.dialled(value) if name == "phone" else value
