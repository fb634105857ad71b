"""What a search over everything finds: hits in groups. Each group is asked for with a bound, and by an index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.utils.functional import Promise

from core.lines import seen
from core.lookup import bare_number, named
from core.lookup import fold as fold
from orders.models import Order

Text = str | Promise
LONGEST = 100
SHORTEST = 2
FEW, MANY = 5, 20  # hits of a group: while somebody types, and on the page
LOOKED_AT = 50  # orders that customers are read from
_OURS = re.compile(r"(?:MCI-?)?0*(\d{1,9})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Hit:
    """`exact`: it is called what was typed, and opens by itself when nothing else is."""

    title: str
    url: str
    detail: str = ""
    icon: str = "package"
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    title: Text
    hits: list[Hit] = field(default_factory=list)
    note: Text = ""  # that they are only similar
    more: str = ""  # the list of all


def our_number(text: str) -> int | None:
    """12 of "MCI-000012", "mci 12", "#12" or "12"."""
    match = _OURS.fullmatch(bare_number(seen(text)))
    return int(match[1]) if match else None


def the_one(groups: Iterable[Group]) -> str:
    """The address of the only thing that is called what was typed, or ""."""
    exact = {hit.url for group in groups for hit in group.hits if hit.exact}
    return exact.pop() if len(exact) == 1 else ""


def similar_names(rows: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Whose customer's name has words that are nearly these (a slip of the pen), by the trigrams of the names."""
    return rows.annotate(called=Upper("name")).filter(called__trigram_word_similar=text.upper())


def names_with(text: str) -> Q:
    return named("name", text)


def customers(orders: Iterable[Order], list_url: str, most: int) -> Iterator[Hit]:
    """Who the orders are for, each once, the latest first; `list_url` ends where the name goes."""
    from django.utils.http import urlencode

    seen: dict[tuple[str, str], list[Order]] = {}
    for order in orders:
        if order.name:
            seen.setdefault((fold(order.name), order.postcode), []).append(order)
    for found in list(seen.values())[:most]:
        place = " ".join(filter(None, [found[0].postcode, found[0].city]))
        yield Hit(found[0].name, f"{list_url}{urlencode({'q': found[0].name})}", place, "user")
