"""XML from outside, without document types and entities, within bounds; and XML of ours, escaped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

MAX_BYTES = 20 * 1024 * 1024
_DEPTH = 40
_NODES = 2_000_000


class BadXml(ValueError):
    """The bytes are not XML that we accept; the text says why, without quoting the data."""


class _Guard:
    """Builds a tree by local names (namespaces fall away)."""

    def __init__(self, encoding: str | None) -> None:
        self._builder = TreeBuilder()
        self._depth = self._nodes = 0
        self._parser = parser = expat.ParserCreate(encoding, "}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._no_types
        parser.EntityDeclHandler = self._no_types
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._builder.data

    def read(self, data: bytes) -> Element:
        self._parser.Parse(data, True)
        return self._builder.close()

    def _no_types(self, *_: Any) -> None:
        raise BadXml("a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._nodes += 1
        if self._depth > _DEPTH or self._nodes > _NODES:
            raise BadXml("too deep or too long")
        self._builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(_local(name))


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def parse(data: bytes, *, max_bytes: int = MAX_BYTES, encoding: str | None = None) -> Element:
    """The root. `encoding` goes before what the document says of itself.

    Raises BadXml for a document type, an entity, too much of it, or no XML at all."""
    if len(data) > max_bytes:
        raise BadXml("too large")
    try:
        return _Guard(encoding).read(data)
    except expat.ExpatError as error:
        raise BadXml(f"not XML (line {error.lineno})") from None
    except (LookupError, ValueError, AssertionError) as error:
        raise error if isinstance(error, BadXml) else BadXml("not XML") from None


def word(element: Element | None, name: str) -> str:
    """The text of a child, "" when it is not there."""
    found = element.find(name) if element is not None else None
    return (found.text or "").strip() if found is not None else ""


def tag(name: str, value: object) -> str:
    """One element; nothing for a value that is empty, because couriers take an empty one for an answer."""
    text = "".join(sign for sign in str(value) if sign.isprintable())
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def tags(pairs: Iterable[tuple[str, object]]) -> str:
    return "".join(tag(name, value) for name, value in pairs)
