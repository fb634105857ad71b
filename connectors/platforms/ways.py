"""A connect form with several ways: each has fields and steps of its own, and only those of the chosen one count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.forms.boundfield import BoundField, BoundWidget

from connectors.platforms.about import Words
from core import lines


@dataclass(frozen=True, slots=True)
class Way:
    """`words`: what the reader does, in a sentence; `fields`: what he types for it, beside the address; `page`: the
    template that shows him where he finds that; `button`: what he presses then."""

    words: Words
    page: str
    button: Words
    fields: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A way as the page shows it."""

    mode: str
    way: Way
    radio: BoundWidget


class WaysForm(lines.Form):
    """`mode`, its field, has the ways as choices. `ways` of a form without it is empty."""

    WAYS: ClassVar[Mapping[str, Way]] = {}

    def ways(self) -> list[Shown]:
        if "mode" not in self.fields:
            return []
        return [
            Shown(mode, way, radio)
            for radio in self["mode"]
            if (way := self.WAYS.get(mode := str(radio.data["value"]))) is not None
        ]

    def shared(self) -> list[BoundField]:
        """The fields that every way has."""
        own = {name for way in self.WAYS.values() for name in way.fields}
        return [field for field in self if field.name not in own and field.name != "mode"]

    def own(self) -> list[tuple[BoundField, str]]:
        """The fields of some ways, each once, with the ways that have it."""
        of = {
            name: " ".join(mode for mode, way in self.WAYS.items() if name in way.fields)
            for way in self.WAYS.values()
            for name in way.fields
        }
        return [(self[name], modes) for name, modes in of.items()]

    def clean(self) -> dict[str, Any]:
        """What was typed for another way is not wanted: neither judged nor kept."""
        cleaned = super().clean() or {}
        chosen = self.WAYS.get(cleaned.get("mode", ""))
        for way in self.WAYS.values():
            for name in way.fields:
                if chosen is not None and name not in chosen.fields:
                    cleaned[name] = ""
                    self.errors.pop(name, None)
        return cleaned
