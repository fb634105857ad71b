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
    """The verbs that such a platform has beside those of Platform. Its plugin brings the one-time code to the callback
    and is answered in JSON: Connected.reply with `webhook_address`, or {"error": code, "message": sentence}."""

    def package(self, portal: str) -> Package:
        """The plugin to download, which knows the portal's address."""
        ...

    def answer_again(self, access: Access, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The reply of finish_connect once more, for the plugin that did not get the first; None for any other. Raises
        what finish_connect raises."""
        ...
