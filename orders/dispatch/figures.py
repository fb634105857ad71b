"""What was shown is what is charged: a click on Sincronizza carries the figures that its reader saw, and an order whose
figures are others by now is left out and shown again. EUR, VAT included.

They are written `cost/guarantee/COD amount`, as "51.12/12.20/87.81"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from orders.errors import CodAmountChanged, FiguresChanged, FiguresUnseen, GuaranteeChanged, PriceChanged

_AMOUNT = r"-?\d{1,9}\.\d\d"
_FIGURES = re.compile(rf"{_AMOUNT}/{_AMOUNT}/{_AMOUNT}", re.ASCII)
_ONE = re.compile(rf"(\d{{1,18}}):({_AMOUNT}/{_AMOUNT}/{_AMOUNT})", re.ASCII)
UNSEEN = "–/–/–"  # a click of a person who was shown no figures


def written(cost: Decimal, guarantee: Decimal, collect: Decimal) -> str:
    return f"{cost:.2f}/{guarantee:.2f}/{collect:.2f}"


def brought(text: str) -> str:
    """What a form brings of one order; UNSEEN for none, and for nonsense."""
    return text if _FIGURES.fullmatch(text) else UNSEEN


def brought_by_id(text: str) -> dict[int, str]:
    """What a form brings of many: `12:51.12/12.20/87.81,13:…` → by order id; what is no figures falls out."""
    return {int(one[1]): one[2] for part in text.split(",") if (one := _ONE.fullmatch(part.strip()))}


def carried(pairs: Iterable[tuple[int, str]]) -> str:
    """The other way round: what a form of many orders carries."""
    return ",".join(f"{pk}:{shown}" for pk, shown in pairs)


def changed(seen: str, now: str) -> FiguresChanged | None:
    """What tells the reader that an order's figures are others than those `seen`; None when they are the same, and for
    "": nobody looked, as with a run that no person started."""
    if not seen or seen == now:
        return None
    before, after = seen.split("/"), now.split("/")
    if seen == UNSEEN:
        return FiguresUnseen(now=after[0], figures=now)
    kinds = (PriceChanged, GuaranteeChanged, CodAmountChanged)
    for kind, index in ((kinds[0], 0), (kinds[2], 2), (kinds[1], 1)):  # the amount at the door before the guarantee
        if before[index] != after[index]:
            return kind(before=before[index], now=after[index], figures=now)
    raise AssertionError(f"{seen} and {now} differ in nothing")
