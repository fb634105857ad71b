"""Further shops on the socket of a demo shop, each below an address of its own: /prova/<name>/. Whoever tries the
portal connects one that is nobody else's: it is there, empty, as soon as somebody asks for it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOST = 100  # of one demo; anybody on this machine may ask for one
_PATH = re.compile(r"/prova/([a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?)(?:/.*)?", re.ASCII)


class Guests:
    """`kind`: the Shop without a socket; `home`: the public address of the shop whose socket they share; `folder`:
    where they keep their data, None: in memory; `fit` furnishes a new one."""

    def __init__(
        self, kind: Callable[..., Any], *, home: str, folder: Path | None, fit: Callable[[Any], object], **options: Any
    ) -> None:
        self._kind, self._home, self._folder, self._fit, self._options = kind, home.rstrip("/"), folder, fit, options
        self._lock, self._open = threading.Lock(), dict[str, Any]()

    def find(self, path: str) -> Any | None:
        """The shop that a path belongs to; None: the one whose socket it is."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        with self._lock:
            if found[1] not in self._open and len(self._open) < MOST:
                self._open[found[1]] = self._begin(found[1])
            return self._open.get(found[1])

    def _begin(self, name: str) -> Any:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        data = self._folder / f"{name}.sqlite" if self._folder is not None else None
        words = " ".join(word.capitalize() for word in name.split("-")[:-1]) or name
        shop = self._kind(public_url=f"{self._home}/prova/{name}", data=data, name=f"Prova {words}", **self._options)
        self._fit(shop)
        threading.Thread(target=shop.run_queue, daemon=True).start()
        return shop

    def close(self) -> None:
        for shop in self._open.values():
            shop.close()
