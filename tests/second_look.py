"""The second look of the administration, as its form brings it back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def seen(client: Any, place: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` of an action as it is confirmed by who was shown what it does; without the mark where nothing was."""
    found = re.search(r'name="shown" value="([^"]+)"', client.post(place, data).content.decode())
    return {**data, "post": "yes", "shown": found[1] if found else ""}
