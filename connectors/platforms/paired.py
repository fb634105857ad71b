"""Platforms whose shops run a plugin of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from connectors.platforms.base import Access


@dataclass(frozen=True, slots=True)
class Package:
    """The plugin as the file that the reseller installs in his shop."""

    name: str  # "mci-connector-1.0.0.zip"
    version: str
    body: bytes = field(repr=False)


@runtime_checkable
class Paired(Protocol):
    """The verbs that such a platform has beside those of Platform. Its plugin brings the one-time code to the callback,
    asks again until it is answered (connectors/connect/pairing.py), and is told everything in JSON. All but `package`
    are pure: nobody is called while a plugin waits."""

    def package(self, portal: str) -> Package:
        """The plugin to download, which knows the portal's address."""
        ...

    def asks_who(self, payload: Mapping[str, Any]) -> bool:
        """Does the plugin only ask whose the code is, to show it to the person before it? Else it hands it in."""
        ...

    def asks_again(self, payload: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
        """Does the installation that brought the code `before` ask how it stands, rather than bring it anew?"""
        ...

    def answer(self, access: Access, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What the installation that brought the code is given once it is connected (its secret; `webhook_address` is
        put in); None for any other. Raises Refused for what cannot be read."""
        ...
