"""Where an order can come from: typed in the portal, or a platform. The rooms above know the platforms."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
MANUAL: tuple[str, Words] = ("manual", _("Typed in the portal"))
_told: list[Callable[[], Iterable[tuple[str, Words]]]] = []


def are_told_by(names: Callable[[], Iterable[tuple[str, Words]]]) -> None:
    """`names` gives (slug, name) of sources; it is asked when somebody reads, not now."""
    _told.append(names)


def names() -> list[tuple[str, Words]]:
    return [MANUAL, *(pair for told in _told for pair in told())]


def name(slug: str) -> str:
    """What a source is called; a platform that is switched off by its slug."""
    return str(dict(names()).get(slug, slug))
