"""The couriers that MCI can speak to: each is a folder here with an object `courier` (see contract.py), and nothing
else. Which of them a contract of ours uses is data of the staff."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from shipping.couriers.contract import Courier


class NoSuchCourier(LookupError):
    """A slug that has no folder."""


def slugs() -> list[str]:
    """Of all folders, sorted."""
    return sorted(set(_folders()))


def _folders() -> Iterator[str]:
    for home in __path__:
        for folder in Path(home).iterdir():
            if folder.name.isidentifier() and (folder / "__init__.py").is_file() and not folder.name.startswith("_"):
                yield folder.name


def courier(slug: str) -> Courier:
    """The courier of a slug; NoSuchCourier for one that has no folder."""
    if slug not in slugs():
        raise NoSuchCourier(slug)
    return cast("Courier", import_module(f"shipping.couriers.{slug}").courier)


def couriers() -> list[Courier]:
    return [courier(slug) for slug in slugs()]
