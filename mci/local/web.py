"""How granian is run: by `make run`, by the tests, and with the same words in the Dockerfile (a test compares them)."""

from __future__ import annotations

import sys
from collections.abc import Mapping

GRANIAN: Mapping[str, str] = {
    "GRANIAN_INTERFACE": "wsgi",
    "GRANIAN_WEBSOCKETS": "false",
    "GRANIAN_WORKERS": "2",
    "GRANIAN_BLOCKING_THREADS": "64",  # cheap: how many work at once is core/inbound/slots.py
    "GRANIAN_RESPAWN_FAILED_WORKERS": "true",
    "GRANIAN_RESPAWN_INTERVAL": "10",  # of a reload: what the new worker has to start before the old one stops
    "GRANIAN_WORKERS_KILL_TIMEOUT": "20",
}
COMMAND = [sys.executable, "-m", "granian", "mci.wsgi:application"]


def environment(host: str, port: int) -> dict[str, str]:
    return {**GRANIAN, "GRANIAN_HOST": host, "GRANIAN_PORT": str(port)}
