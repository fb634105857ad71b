"""Long tests take turns, so that the whole suite stays one that people run before each commit: of the journeys and of
the crawls over all pages a run takes every `TURNS`-th, those of its seed, and the seed is the commit's. `make test-all`
and whoever names tests on the command line run all of what they asked for."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.mci import poison

TURNS = 4
ALL = "MCI_ALL_TESTS"
_left = "long_tests_left"
_left_by: dict[str, int] = {}


def begin(config: pytest.Config) -> None:
    """In the process that was started by hand: its workers are given paths of their own, and learn it from here."""
    asked = config.args_source != pytest.Config.ArgsSource.TESTPATHS
    chosen = any(config.getoption(name, None) for name in ("keyword", "markexpr", "lf", "failedfirst"))
    if asked or chosen or poison.DEEP:
        os.environ[ALL] = "1"


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes out of `items` the long tests whose turn it is not. Each kind of them, journeys and others, goes by the
    order of its names, so that each run has some of each file."""
    if os.environ.get(ALL) == "1":
        return
    mine: set[str] = set()
    for kind in ("journey", "long"):
        mine.update(poison.turn(sorted(item.nodeid for item in items if _kind(item) == kind), TURNS, kind))
    left = [item for item in items if _kind(item) and item.nodeid not in mine]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not _kind(item) or item.nodeid in mine]
    output = getattr(config, "workeroutput", None)
    if output is None:
        _left_by["here"] = len(left)
    else:
        output[_left] = len(left)


def _kind(item: pytest.Item) -> str:
    if item.get_closest_marker("each_run"):
        return ""
    return next((name for name in ("journey", "long") if item.get_closest_marker(name)), "")


def of_worker(output: dict[str, Any]) -> None:
    """What a worker of xdist says as it ends."""
    _left_by["worker"] = output.get(_left, 0)


def said() -> str:
    """For the end of the run; nothing where none was left out."""
    left = max(_left_by.values(), default=0)
    return f"{left} long tests wait for their turn, with other commits: make test-all runs all." if left else ""
