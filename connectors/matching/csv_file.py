"""The matches of a shop as a file: out with what is likely, back in with what the reseller decided. Read wholly before
anything is done; a file with a wrong row changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from catalog.queries import code_key, find_skus
from connectors.matching import remote_items, single
from connectors.matching.bulk import MOST
from connectors.models import Match, Shop
from core import table
from core.pagination import walk
from core.sheet import For, sheet, unquoted
from core.strict import text
from orders.intake.matching import Tie

MAX_BYTES = 2 * 1024 * 1024
NOT_OURS = "-"
COLUMNS: dict[str, str | Promise] = {
    "key": gettext_lazy("key"),
    "sku": gettext_lazy("shop SKU"),
    "ean": gettext_lazy("EAN"),
    "title": gettext_lazy("name in the shop"),
    "ours": gettext_lazy("our SKU"),
    "pieces": gettext_lazy("pieces"),
    "guess": gettext_lazy("suggestion"),
    "score": gettext_lazy("confidence"),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be, in which line of the file (1: the head; 0: the file as a whole)."""

    line: int
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file wants, or what is wrong with it."""

    wanted: Mapping[str, Tie]
    wrong: list[Wrong]


def lines(shop: Shop) -> Iterator[str]:
    """All articles of the shop that are not ours, the likeliest first; what was said already of each in *our SKU*."""
    foreign = remote_items.foreign_items(shop).filter(pk=OuterRef("pk"))
    rows = shop.remote_items.select_related("guess").annotate(foreign=Exists(foreign))
    yield from sheet(
        [str(name) for name in COLUMNS.values()],
        (
            [
                row.subject,
                row.sku,
                row.ean,
                row.title,
                NOT_OURS if row.foreign else "",  # type: ignore[attr-defined]
                1,
                row.guess.sku if row.guess else "",
                f"{row.score} %" if row.guess else "",
            ]
            for row in walk(rows, by=("-score", "id"))
        ),
        to=For.PEOPLE,
    )


def read(shop: Shop, data: bytes) -> Read:
    """The table as a spreadsheet saved it (see core/table.py), columns in any order and language that we speak. Rows
    without *our SKU* are left out."""
    if len(data) > MAX_BYTES:
        return _whole(_("The file is too large: 2 MB at most."))
    found = table.read(data)
    if found.trouble:
        return _whole(str(_TROUBLES[found.trouble]))
    (_line, head), *rows = found.rows
    places = _places(head)
    if "ours" not in places or not {"key", "sku"} & places.keys():
        return _whole(_head_missing(head))
    if len(rows) > MOST:
        return _whole(_("At most 5,000 rows."))
    cells = [
        (number, {name: _cell(row[place]) for name, place in places.items() if place < len(row)})
        for number, row in rows
    ]
    return _judge(shop, [(number, row) for number, row in cells if row.get("ours")])


_TROUBLES: dict[str, str | Promise] = {
    "empty": gettext_lazy("The file is empty."),
    "workbook": gettext_lazy("This is a workbook of a spreadsheet: save it as CSV and upload that."),
    "unreadable": gettext_lazy("The file cannot be read as a table: save it as CSV and upload that."),
}


def _head_missing(head: list[str]) -> str:
    wanted = _("The first line must name the columns: “%(key)s” or “%(sku)s”, and “%(ours)s”.") % {
        name: str(COLUMNS[name]) for name in ("key", "sku", "ours")
    }
    found = ", ".join(f"“{text(words, 40)}”" for words in head[:8] if words.strip())
    says = _("It says: %(found)s.") % {"found": found}
    return f"{wanted} {says}"


def _judge(shop: Shop, cells: list[tuple[int, dict[str, str]]]) -> Read:
    variants = find_skus({row["ours"] for _number, row in cells if row["ours"] != NOT_OURS})
    known = _known(shop)
    wanted: dict[str, Tie] = {}
    wrong: list[Wrong] = []
    for number, row in cells:
        subject = row.get("key") or (f"sku:{row['sku'].upper()}" if row.get("sku") else "")
        pieces, variant = table.whole(row.get("pieces") or "1"), variants.get(code_key(row["ours"]))
        if subject not in known:
            words = _damaged(subject.removeprefix("sku:")) or _("This article is not in the list of the shop.")
            wrong.append(Wrong(number, subject, words))
        elif row["ours"] != NOT_OURS and variant is None:
            words = _damaged(row["ours"]) or _("No product of ours has this SKU or EAN.")
            wrong.append(Wrong(number, row["ours"], words))
        elif pieces is None or not 1 <= pieces <= 9999:
            wrong.append(Wrong(number, row["pieces"], _("Pieces: a whole number from 1 to 9,999.")))
        else:
            tie = Tie(variant.pk if variant else None, pieces if variant else 1)
            if wanted.get(subject, tie) != tie:
                wrong.append(Wrong(number, subject, _("The file names this article twice, differently.")))
            wanted[subject] = tie
    if not wanted and not wrong:
        return _whole(
            _("No row says which article of ours it is: fill in the column “%(ours)s”.")
            % {"ours": str(COLUMNS["ours"])}
        )
    return Read({} if wrong else wanted, wrong)


def _damaged(code: str) -> str:
    """What to say of a code whose digits are gone; "" for any other."""
    if not table.is_damaged(code):
        return ""
    return _("The spreadsheet has made a rounded number of this code: write it again in a cell formatted as text.")


def _known(shop: Shop) -> set[str]:
    found = set(shop.remote_items.values_list("subject", flat=True))
    found |= set(Match.objects.filter(shop=shop).values_list("subject", flat=True))
    return found | {entry.subject for entry in single.unmatched([shop])}


def _whole(words: str) -> Read:
    return Read({}, [Wrong(0, "", words)])


def _cell(value: str) -> str:
    """As it was before our own export made a formula plain."""
    return text(unquoted(value.strip()), 110)


def _places(head: list[str]) -> dict[str, int]:
    """The columns by what they are called in any of our languages."""
    names: dict[str, str] = {}
    for language, _label in settings.LANGUAGES:
        with override(language):
            names |= {str(words).casefold(): name for name, words in COLUMNS.items()}
    found: dict[str, int] = {}
    for place, words in enumerate(head):
        name = names.get(_cell(words).casefold())
        if name is not None:
            found.setdefault(name, place)
    return found
