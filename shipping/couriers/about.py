"""What a courier's folder says of itself to the staff who switch it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True, slots=True)
class About:
    """`sentences`: how it works with us; `ask_for`: what the courier must give us; `untried`: what was never tried
    against the real service."""

    sentences: Sequence[Words] = ()
    ask_for: Sequence[Words] = ()
    untried: Sequence[Words] = ()
    docs: str = ""  # docs/couriers/<slug>.md
