"""The end of a test's threads: one that does not come is a failure that shows where each of them stands."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Sequence

import pytest


def ended(threads: Sequence[threading.Thread], *, seconds: float = 60.0) -> None:
    """Waits for all of them, `seconds` in all and not for each."""
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    still = [thread for thread in threads if thread.is_alive()]
    if not still:
        return
    frames = sys._current_frames()
    stacks = [
        f"{thread.name}:\n{''.join(traceback.format_stack(frame)[-12:])}"
        for thread in still
        if (frame := frames.get(thread.ident or 0)) is not None
    ]
    pytest.fail("\n".join([f"{len(still)} of {len(threads)} threads have not ended in {seconds:g} s.", *stacks]))
