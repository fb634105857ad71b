"""Keys as people paste them: with the label in front, with marks that nobody sees, both in one field, swapped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.lines import seen


def apart(cleaned: dict[str, Any], shapes: Mapping[str, re.Pattern[str]]) -> None:
    """Puts each key into its own field, wherever among these fields it was pasted: where exactly one of its shape is
    there, else what was typed stays."""
    typed = " ".join(seen(str(cleaned.get(name) or "")) for name in shapes)
    for name, shape in shapes.items():
        found = set(shape.findall(typed))
        cleaned[name] = found.pop() if len(found) == 1 else seen(str(cleaned.get(name) or "")).strip()
