"""The hash chain of the books, without the house: only the standard library, so that a statement which left it can be
verified anywhere: `python hashchain.py statement.csv`.

A link is sha256(previous link, content of the entry). Each dropshipper has his own chain; positions begin at 1.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Content:
    """What a link vouches for. `postings`: "bank:-100.00 wallet:100.00", by account kind; `at` in UTC."""

    entry_id: int
    at: dt.datetime
    kind: str
    key: str
    reference: str
    reverses_id: int | None
    memo: str
    postings: str


def link(previous: bytes, position: int, content: Content) -> bytes:
    """The hash of the `position`-th entry of a dropshipper (the first is 1; its previous is 32 zero bytes)."""
    fields = [
        position,
        content.entry_id,
        content.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        content.kind,
        content.key,
        content.reference,
        content.reverses_id,
        content.memo,
        content.postings,
    ]
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed entry as found: in the database, or in a statement."""

    position: int
    content: Content
    previous: bytes
    hash: bytes


def broken_links(links: Iterable[Link], *, gaps: bool = False) -> Iterator[str]:
    """What is wrong with a run of one dropshipper's links, in order of position; it may begin amid the chain.
    Found are changed entries, such as were put in, and missing ones (unless `gaps` are allowed)."""
    last: Link | None = None
    for found in links:
        follows = last is not None and found.position == last.position + 1
        if last is not None and not follows and not gaps:
            yield f"position {last.position + 1}: entries are missing up to {found.position - 1}"
        elif last is not None and follows and found.previous != last.hash:
            yield f"position {found.position}: does not follow the entry before it"
        elif found.position == 1 and found.previous != GENESIS:
            yield "position 1: is not the beginning of the chain"
        if link(found.previous, found.position, found.content) != found.hash:
            yield f"position {found.position}: entry {found.content.entry_id} was changed after it was sealed"
        last = found


# The columns of a statement (wallet/statement/readable.py writes them): seven for the reader, then what the link
# vouches for.
AVAILABLE, BALANCE, CONTENT, PREVIOUS, WIDTH = 3, 6, 7, 16, 18


def unquoted(text: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return text.removeprefix("'")


def _amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ".") or "0")


def broken_statement(lines: Iterable[str]) -> Iterator[str]:
    """What is wrong with a statement: lines that were changed, taken out or put in. Nothing when it is whole.

    Lines that were not sealed yet when it was made have no hash; of them only the sums can be checked."""
    balance: Decimal | None = None
    links = []
    for number, row in enumerate(csv.reader((line.removeprefix("\ufeff") for line in lines), delimiter=";"), 1):
        if number == 1:
            continue
        if len(row) != WIDTH:
            yield f"line {number}: {len(row)} columns instead of {WIDTH}"
            return
        position, entry, at, kind, key, reference, reverses, memo, postings = map(unquoted, row[CONTENT:PREVIOUS])
        moved = dict(posting.split(":") for posting in postings.split())
        change = _amount(row[AVAILABLE])
        if change != Decimal(moved.get("wallet", "0")):
            yield f"line {number}: the amount is not that of the entry"
        if balance is not None and balance + change != _amount(row[BALANCE]):
            yield f"line {number}: the balance does not follow from the line before"
        balance = _amount(row[BALANCE])
        if row[PREVIOUS + 1]:
            content = Content(
                int(entry),
                dt.datetime.fromisoformat(at),
                kind,
                key,
                reference,
                int(reverses) if reverses else None,
                memo,
                postings,
            )
            links.append(Link(int(position), content, bytes.fromhex(row[PREVIOUS]), bytes.fromhex(row[PREVIOUS + 1])))
    # A period need not hold a whole run of the chain: a gap is no fault, the running balance tells what was taken out.
    yield from broken_links(sorted(links, key=lambda found: found.position), gaps=True)


if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8-sig", newline="") as statement:
        findings = list(broken_statement(statement))
    sys.stdout.write("\n".join(findings or ["The statement is whole."]) + "\n")
    sys.exit(1 if findings else 0)
