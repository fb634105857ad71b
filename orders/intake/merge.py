"""What stands here, what the shop said before and what it says now, brought together field by field. Pure.

A field that a person set here stays when the shop repeats itself or changes another one; where both changed it, both
stand side by side until somebody chooses. A place (street, postcode, city …) is one thing: half of ours and half of
theirs would be nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PLACE = ("street", "street2", "postcode", "city", "province", "country")
ALONE = ("name", "company", "phone", "email", "note")
FIELDS = ("name", "company", *PLACE, "phone", "email", "note")  # in the order of a told address


@dataclass(frozen=True, slots=True)
class Merged:
    """`take`: fields that get the shop's new word. `conflicts`: (field, ours, theirs). `settled`: fields where there is
    nothing to choose any more."""

    take: Mapping[str, str] = field(default_factory=dict)
    conflicts: Sequence[tuple[str, str, str]] = ()
    settled: Sequence[str] = ()


def address(mine: Mapping[str, str], before: Mapping[str, str], now: Mapping[str, str]) -> Merged:
    """All three as they would be kept here (normalised, cut to the columns)."""
    take: dict[str, str] = {}
    conflicts: list[tuple[str, str, str]] = []
    settled: list[str] = []
    for group in (PLACE, *((name,) for name in ALONE)):
        told = [name for name in group if before[name] != now[name]]
        differs = [name for name in group if mine[name] != now[name]]
        if not differs:
            settled += group
        elif not told:
            continue
        elif all(mine[name] == before[name] for name in group):
            take |= {name: now[name] for name in group}
            settled += group
        else:
            conflicts += [(name, mine[name], now[name]) for name in differs]
            settled += [name for name in group if name not in differs]
    return Merged(take, conflicts, settled)


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(what, old, new) between two words of a shop (Order.shop_data), for who looks at an order that was sent."""
    found: list[tuple[str, str, str]] = []
    for name, old, new in zip(FIELDS, before.get("address") or (), now.get("address") or (), strict=False):
        if old != new:
            found.append((name, str(old), str(new)))
    found += _line_changes(before.get("lines") or (), now.get("lines") or ())
    old_total, new_total = _total(before), _total(now)
    if old_total != new_total:
        found.append(("total", old_total, new_total))
    return found


def together(first: Iterable[Sequence[str]], later: Iterable[Sequence[str]]) -> list[list[str]]:
    """Changes on changes: from the first old to the last new; what went back to where it was is no change."""
    found = {what: [old, new] for what, old, new in first}
    for what, old, new in later:
        found[what] = [found[what][0] if what in found else old, new]
    return [[what, old, new] for what, (old, new) in found.items() if old != new]


def pieces(rows: Iterable[Sequence[Any]]) -> str:
    """Told lines in one line of text: "2 × MCI-0001, 1 × Lampada"."""
    return ", ".join(f"{row[3]} × {row[0] or row[2]}" for row in rows if row[3])[:300]


def _line_changes(before: Iterable[Sequence[Any]], now: Iterable[Sequence[Any]]) -> list[tuple[str, str, str]]:
    old, new = _by_article(before), _by_article(now)
    return [
        (f"line:{name}"[:120], str(old.get(name, 0)), str(new.get(name, 0)))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, 0) != new.get(name, 0)
    ]


def _by_article(rows: Iterable[Sequence[Any]]) -> dict[str, int]:
    """Pieces by what the reader calls the article; an engraving makes it another one. Those that have left the shop
    count with the others: that a parcel went out, ours too, changes nothing of what was ordered."""
    found: dict[str, int] = {}
    for row in rows:
        wishes = "".join(f" [{value}]" for _name, value in (row[5] if len(row) > 5 else ()))
        name = f"{row[0] or row[2]}{wishes}"
        found[name] = found.get(name, 0) + int(row[3]) + (int(row[6]) if len(row) > 6 else 0)
    return found


def _total(told: Mapping[str, Any]) -> str:
    currency, amount = (told.get("total") or ["EUR", "None"])[:2]
    if amount == "None":
        return ""
    return amount if currency == "EUR" else f"{amount} {currency}"
