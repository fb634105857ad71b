"""The platforms that are switched on. A platform is a folder here and a word in settings.PLATFORMS."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from django.conf import settings
from django.http import Http404

from connectors.platforms.contract import Platform


@cache
def platform(slug: str) -> Platform:
    """The platform of a slug; Http404 for one that is not switched on (slugs come from addresses)."""
    if slug not in settings.PLATFORMS:
        raise Http404(slug)
    return cast(Platform, import_module(f"connectors.platforms.{slug}").platform)


def platforms() -> list[Platform]:
    return [platform(slug) for slug in settings.PLATFORMS]
