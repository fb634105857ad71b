"""Where the fake shop keeps its things: documents in memory, written through to SQLite when a file is given."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

Doc = dict[str, Any]


class Store:
    """Documents by kind and id, and counters. Everything runs under one lock: `with store.lock:`."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._docs: dict[str, dict[int, Doc]] = {}
        self._counters: dict[str, int] = {}
        self._db: sqlite3.Connection | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.execute("CREATE TABLE IF NOT EXISTS doc (kind TEXT, id INT, body TEXT, PRIMARY KEY (kind, id))")
            self._db.execute("CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER)")
            for kind, id_, body in self._db.execute("SELECT kind, id, body FROM doc ORDER BY kind, id"):
                self._docs.setdefault(kind, {})[id_] = json.loads(body)
            self._counters = dict(self._db.execute("SELECT name, value FROM counter"))

    def next(self, name: str) -> int:
        """The next number of a sequence. Orders, refunds and products share "post", as in WordPress: ids have gaps."""
        with self.lock:
            value = self._counters.get(name, 10 if name == "post" else 0) + 1
            self._counters[name] = value
            if self._db:
                self._db.execute("INSERT OR REPLACE INTO counter VALUES (?, ?)", (name, value))
            return value

    def get(self, kind: str, id_: int) -> Doc | None:
        return self._docs.get(kind, {}).get(id_)

    def all(self, kind: str) -> list[Doc]:
        with self.lock:
            return list(self._docs.get(kind, {}).values())

    def put(self, kind: str, doc: Doc) -> Doc:
        with self.lock:
            self._docs.setdefault(kind, {})[doc["id"]] = doc
            if self._db:
                self._db.execute("INSERT OR REPLACE INTO doc VALUES (?, ?, ?)", (kind, doc["id"], json.dumps(doc)))
            return doc

    def drop(self, kind: str, id_: int) -> None:
        with self.lock:
            self._docs.get(kind, {}).pop(id_, None)
            if self._db:
                self._db.execute("DELETE FROM doc WHERE kind = ? AND id = ?", (kind, id_))

    def copy_from(self, other: "Store") -> None:
        """All that the other one has, in place of what is here."""
        with self.lock, other.lock:
            for kind in list(self._docs):
                for id_ in list(self._docs[kind]):
                    self.drop(kind, id_)
            for kind, docs in other._docs.items():
                for doc in docs.values():
                    self.put(kind, json.loads(json.dumps(doc)))
            for name, value in other._counters.items():
                self._counters[name] = value

    def close(self) -> None:
        with self.lock:
            if self._db:
                self._db.close()
                self._db = None
