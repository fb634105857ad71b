"""Which tests pass over a line: noted in one run, kept in var/mutants, and noted again only for files of tests that
changed or that pass over a changed source."""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from bench.mutants import plugin, rooms
from bench.mutants.ground import Copy

_FOLDER = rooms.KEPT / "passes"
MOST_SECONDS = 60.0  # of tests for one mutant, as long as they took when they were noted …
AGAIN_SECONDS = 300.0  # … and for one that those did not notice


@dataclass(frozen=True)
class Over:
    """The tests to ask about a line, the likeliest to notice first; `all` is how many pass over it."""

    tests: tuple[str, ...]
    seconds: float
    all: int


class Passes:
    def __init__(self, notes: Iterable[dict[str, tuple[float, dict[str, str]]]]) -> None:
        self._seconds: dict[str, float] = {}
        self._lines: dict[str, dict[str, int]] = defaultdict(dict)
        for tests in notes:
            for node, (seconds, sources) in tests.items():
                self._seconds[node] = seconds
                for source, lines in sources.items():
                    self._lines[source][node] = int(lines, 16)

    def over(
        self, source: str, lines: Sequence[int], *, at_import: bool = False, seconds: float = MOST_SECONDS
    ) -> Over:
        """`at_import`: the line runs before any test, so every test of the file's other lines may see it; where it has
        no others (errors.py), its room's. `seconds`: no more tests than take so long."""
        wanted = sum(1 << line for line in lines)
        passing = self._lines.get(source, {})
        if at_import and not passing:  # nothing of it runs within a test, as of a file of codes: its room is asked
            room = f"tests/{source.split('/')[0]}/"
            passing = dict.fromkeys((node for node in self._seconds if node.startswith(room)), 0)
        found = [node for node, passed in passing.items() if at_import or passed & wanted]
        chosen: list[str] = []
        spent = 0.0
        for node in _in_turn(source, found, self._seconds):
            if chosen and spent + self._seconds[node] > seconds:
                continue
            chosen.append(node)
            spent += self._seconds[node]
        return Over(tuple(chosen), spent, len(found))


def _in_turn(source: str, nodes: list[str], seconds: dict[str, float]) -> list[str]:
    """One test of each file in turn: the files of the source's own room first, the quickest test of each first."""
    room, stem = source.split("/")[0], Path(source).stem
    files: dict[str, list[str]] = defaultdict(list)
    for node in sorted(nodes, key=lambda node: seconds[node]):
        files[node.split("::")[0]].append(node)

    def far(file: str) -> tuple[bool, bool, str]:
        return stem not in file, not file.startswith(f"tests/{room}/"), file

    rounds = zip_longest(*(files[file] for file in sorted(files, key=far)))
    return [node for one in rounds for node in one if node is not None]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _note(test: str) -> Path:
    return _FOLDER / f"{test.replace('/', '+')}.json"


def _fresh(test: str) -> bool:
    try:
        seen = json.loads(_note(test).read_text())["seen"]
    except (OSError, KeyError, ValueError):
        return False
    return all(_digest(rooms.ROOT / path) == digest for path, digest in seen.items())


def _seal(test: str, root: Path) -> None:
    """Adds to what the run wrote the digests of what it saw. What a broken run wrote has none, and is not fresh."""
    note = json.loads(_note(test).read_text())
    over = {source for _seconds, sources in note["tests"].values() for source in sources}
    note["seen"] = {path: _digest(root / path) for path in [test, *sorted(over)]}
    _note(test).write_text(json.dumps(note))


def noted(copy: Copy, *, below: tuple[str, ...] = ("tests/",)) -> Passes:
    """The map, as of now. Folder by folder: what was noted before a run is ended stays."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    tests = [test for test in rooms.asked() if test.startswith(below)]
    stale: dict[str, list[str]] = defaultdict(list)
    for test in tests:
        if not _fresh(test):
            stale[test.rpartition("/")[0]].append(test)
    for folder, files in stale.items():
        print(f"Noting which lines the tests of {folder} pass over ({len(files)} files) …", flush=True)
        copy.renew()
        names = os.pathsep.join(rooms.sources())
        copy.pytest("-p", "no:randomly", *files, **{plugin.NOTES: str(_FOLDER), plugin.SOURCES: names})
        for test in files:
            if _note(test).exists():
                _seal(test, copy.folder)
    return Passes(json.loads(_note(test).read_text())["tests"] for test in tests if _note(test).exists())
