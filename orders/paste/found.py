"""What was found in a pasted text, and where: every value has the words that it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

FIELDS = (
    *("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email"),
    *("payment", "to_collect", "sale_total", "marketplace", "reference", "note"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """`value` as the entry form takes it; `sure` from 0 to 1; the words are `start` to `end` of the cleaned text.
    `late`: said as a correction, so it wins over what stands before."""

    field: str
    value: str
    sure: float
    start: int
    end: int
    late: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An article: its code, or its words where no code stands there; 1 to 9,999 pieces."""

    words: str
    pieces: int
    sure: float
    start: int
    end: int
    is_code: bool = True


@dataclass(frozen=True, slots=True)
class Pasted:
    """`text` is what was pasted without what nobody sees. `choices`: fields for which the text names several values
    that are equally likely; they are in no `fields`, a person chooses."""

    text: str
    fields: Mapping[str, Found] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    choices: Mapping[str, Sequence[Found]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.fields or self.rows or self.choices)

    def value(self, name: str) -> str:
        found = self.fields.get(name)
        return found.value if found else ""

    def marked(self) -> Iterator[tuple[str, Found | Row | None]]:
        """The text in pieces, each with what was made of it; None for what nothing was made of."""
        named = [found for several in self.choices.values() for found in several]
        spans: list[Found | Row] = [*self.fields.values(), *named, *self.rows]
        spans.sort(key=lambda one: (one.start, -one.end))
        at = 0
        for span in spans:
            if span.start < at or span.end <= span.start:
                continue
            if span.start > at:
                yield self.text[at : span.start], None
            yield self.text[span.start : span.end], span
            at = span.end
        if at < len(self.text):
            yield self.text[at:], None
