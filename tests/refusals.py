"""What a room refuses: each class with a code that is its name, and a sentence of its own that its params fill."""

from __future__ import annotations

from collections import defaultdict
from types import ModuleType

from core.errors import Refused


def said(room: ModuleType) -> dict[str, str]:
    """Code → sentence, of those that the room made. The codes are kept in rows and asked for by pages: none changes."""
    made = [
        one
        for one in vars(room).values()
        if isinstance(one, type)
        and issubclass(one, Refused)
        and one.__module__ == room.__name__
        and "code" in vars(one)
    ]
    for one in made:
        name = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in one.__name__).strip("_")
        assert one.code == name
    return {one.code: str(one.message) % defaultdict(lambda: "…") for one in made}
