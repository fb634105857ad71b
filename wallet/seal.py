"""The hash chain of the books: each dropshipper's entries, sealed one after the other, so that a statement that left
the house can be verified later, by anyone, without it.

A link is sha256(previous link, content of the entry). Only entries that every snapshot sees are sealed: an entry whose
transaction took its number early and commits late is never skipped, it gets a later position.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

GENESIS = bytes(32)
_LOCK = 0x6D63695F7365616C  # one sealer at a time, of all processes

# In the order of the transactions, so that what is not sealed is never older than the last seal. A transaction id
# beyond the snapshot comes from a restored dump: it is over, and all entries are looked at until the ids catch up.
_UNSEALED = """
WITH last AS (
  SELECT e.xid FROM wallet_seal s JOIN wallet_entry e ON e.id = s.entry_id ORDER BY s.id DESC LIMIT 1
), now AS (
  SELECT pg_snapshot_xmin(s) AS xmin, pg_snapshot_xmax(s) AS xmax FROM pg_current_snapshot() s
)
SELECT e.id, e.dropshipper_id, e.at, e.kind, e.key, e.reference, e.reverses_id, e.memo,
       (SELECT string_agg(a.kind || ':' || p.amount, ' ' ORDER BY a.kind)
          FROM wallet_posting p JOIN wallet_account a ON a.id = p.account_id WHERE p.entry_id = e.id)
  FROM wallet_entry e, now
 WHERE e.dropshipper_id IS NOT NULL
   AND (e.xid < now.xmin OR e.xid >= now.xmax)
   AND (e.xid >= coalesce((SELECT xid FROM last), '0'::xid8) OR (SELECT xid FROM last) >= now.xmax)
   AND NOT EXISTS (SELECT 1 FROM wallet_seal s WHERE s.entry_id = e.id)
 ORDER BY e.xid, e.id LIMIT %s
"""
_TIPS = """
SELECT d.id, s.position, s.hash
  FROM unnest(%s::bigint[]) AS d (id),
  LATERAL (SELECT position, hash FROM wallet_seal WHERE dropshipper_id = d.id ORDER BY position DESC LIMIT 1) s
"""
_SEAL = """
INSERT INTO wallet_seal (entry_id, dropshipper_id, position, hash)
SELECT e, d, p, decode(h, 'hex') FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
  WITH ORDINALITY AS u (e, d, p, h, n) ORDER BY n
"""


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


@transaction.atomic
def seal_entries(*, limit: int = 2000) -> int:
    """Seals up to `limit` entries; returns how many. Safe to run twice at once: the second finds the door locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_UNSEALED, [limit])
        rows = cursor.fetchall()
        if not rows:
            return 0
        cursor.execute(_TIPS, [list({row[1] for row in rows})])
        tips = {owner: (position, bytes(digest)) for owner, position, digest in cursor.fetchall()}
        links = []
        for entry_id, owner, *content in rows:
            position, previous = tips.get(owner, (0, GENESIS))
            digest = link(previous, position + 1, Content(entry_id, *content))
            tips[owner] = (position + 1, digest)
            links.append((entry_id, owner, position + 1, digest.hex()))
        cursor.execute(_SEAL, [list(column) for column in zip(*links, strict=True)])
    return len(links)


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed entry as found: in the database, or in a statement."""

    position: int
    content: Content
    previous: bytes
    hash: bytes


def broken_links(links: Iterable[Link]) -> Iterator[str]:
    """What is wrong with a run of one dropshipper's links, in order of position; it may begin amid the chain.
    Found are changed entries, missing ones, and such as were put in."""
    last: Link | None = None
    for found in links:
        if last is not None and found.position != last.position + 1:
            yield f"position {last.position + 1}: entries are missing up to {found.position - 1}"
        elif last is not None and found.previous != last.hash:
            yield f"position {found.position}: does not follow the entry before it"
        elif found.position == 1 and found.previous != GENESIS:
            yield "position 1: is not the beginning of the chain"
        if link(found.previous, found.position, found.content) != found.hash:
            yield f"position {found.position}: entry {found.content.entry_id} was changed after it was sealed"
        last = found


_CHAIN = """
SELECT s.position, e.id, e.at, e.kind, e.key, e.reference, e.reverses_id, e.memo,
       (SELECT string_agg(a.kind || ':' || p.amount, ' ' ORDER BY a.kind)
          FROM wallet_posting p JOIN wallet_account a ON a.id = p.account_id WHERE p.entry_id = e.id), s.hash
  FROM wallet_seal s JOIN wallet_entry e ON e.id = s.entry_id
 WHERE s.dropshipper_id = %s AND s.position > %s ORDER BY s.position LIMIT %s
"""


def chain(dropshipper_id: int, *, step: int = 2000) -> Iterator[Link]:
    """The sealed entries of a dropshipper as they stand in the database, oldest first."""
    position, previous = 0, GENESIS
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CHAIN, [dropshipper_id, position, step])
            rows = cursor.fetchall()
        for position, *content, digest in rows:
            yield Link(position, Content(*content), previous, bytes(digest))
            previous = bytes(digest)
        if len(rows) < step:
            return
