"""The highest memory of this process so far, in MiB."""

from __future__ import annotations

import resource
import sys


def peak() -> float:
    high = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return high / 1024 / (1024 if sys.platform == "darwin" else 1)
