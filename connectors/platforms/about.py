"""What a platform says of itself to somebody who chooses how to connect his shop, and is no programmer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Right:
    """`scope`: as the platform names it; `why`: what MCI does with it."""

    scope: Words
    why: Words


@dataclass(frozen=True, slots=True)
class About:
    """`title`: its name beside its siblings'; `sentences`: when it is the reader's platform, and how it is connected;
    `picture`: of the screen where he manages his shop, in static/; `button`: what he presses there; `rights`:
    all that MCI is allowed to."""

    title: Words = ""
    sentences: Sequence[Words] = ()
    picture: str = ""
    alt: Words = ""
    button: Words = ""
    rights: Sequence[Right] = ()


NEVER: Sequence[Words] = (
    _("It never asks for the password of your shop: you type it in your shop alone"),
    _("It never deletes an order or a product, and leaves alone the products that you do not link to ours"),
    _("It never sees your customers’ cards: they pay you, as before"),
)
