"""The hash chain of the books: each dropshipper's entries, sealed one after the other, so that a statement that left
the house can be verified later, by anyone, without it.

Only entries that every snapshot sees are sealed: an entry whose
transaction took its number early and commits late is never skipped, it gets a later position.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from wallet.books.hashchain import GENESIS, Content, Link, link

_LOCK = 0x6D63695F7365616C  # one sealer at a time, of all processes

# In the order of the transactions, so that what is not sealed is never older than the last seal: all that is looked at
# lies between the two. A transaction id beyond the snapshot comes from a restored dump: it is over, and such entries
# come first, beginning with the last that is sealed. Of those after the restore none may be sealed yet: their ids are
# higher than all that are. Each bound is a plain one that the index knows; with an OR all the books were read each
# minute.
_BOUNDS = """
SELECT pg_snapshot_xmax(now),
       (SELECT xid FROM wallet_entry ORDER BY xid DESC, id DESC LIMIT 1) >= pg_snapshot_xmax(now),
       (SELECT e.xid FROM wallet_seal s JOIN wallet_entry e ON e.id = s.entry_id ORDER BY s.id DESC LIMIT 1)
  FROM pg_current_snapshot() now
"""
_LAST_RESTORED = """
SELECT e.xid FROM wallet_entry e
 WHERE e.xid >= %s AND EXISTS (SELECT 1 FROM wallet_seal s WHERE s.entry_id = e.id)
 ORDER BY e.xid DESC, e.id DESC LIMIT 1
"""
_UNSEALED = """
SELECT e.id, e.dropshipper_id, e.at, e.kind, e.key, e.reference, e.reverses_id, e.memo,
       (SELECT string_agg(a.kind || ':' || p.amount, ' ' ORDER BY a.kind)
          FROM wallet_posting p JOIN wallet_account a ON a.id = p.account_id WHERE p.entry_id = e.id)
  FROM wallet_entry e
 WHERE e.dropshipper_id IS NOT NULL AND {which}
   AND NOT EXISTS (SELECT 1 FROM wallet_seal s WHERE s.entry_id = e.id)
 ORDER BY e.xid, e.id LIMIT %s
"""
_SINCE = "e.xid >= %s AND e.xid < pg_snapshot_xmin(pg_current_snapshot())"
_RESTORED = "e.xid >= %s"
_FIRST_SINCE = (
    "e.id > (SELECT coalesce(max(entry_id), 0) FROM wallet_seal) AND e.xid < pg_snapshot_xmin(pg_current_snapshot())"
)
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


def _unsealed(cursor: Any, limit: int) -> list[tuple[Any, ...]]:
    cursor.execute(_BOUNDS)
    end, restored, last = cursor.fetchone()

    def rows(which: str, params: list[Any]) -> list[tuple[Any, ...]]:
        cursor.execute(_UNSEALED.format(which=which), [*params, limit])
        return list(cursor.fetchall())

    if not restored:
        return rows(_SINCE, [last or "0"])
    cursor.execute(_LAST_RESTORED, [end])
    sealed = cursor.fetchone()
    # Only when all of the dump is sealed is one sealed that came after it: the last seal tells which it is.
    found = rows(_RESTORED, [sealed[0] if sealed else end])
    if found:
        return found
    return rows(_FIRST_SINCE, []) if last is None or int(last) >= int(end) else rows(_SINCE, [last])


@transaction.atomic
def seal_entries(*, limit: int = 2000) -> int:
    """Seals up to `limit` entries; returns how many. Safe to run twice at once: the second finds the door locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        rows = _unsealed(cursor, limit)
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
