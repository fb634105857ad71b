"""Inside pytest (`-p bench.mutants.plugin`): the database is a copy that was made already; a run either notes which
lines of the damaged rooms each test passes over, or runs the named tests in the named order."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DATABASE, NOTES, SOURCES, CHOSEN = "MUTANTS_DATABASE", "MUTANTS_NOTES", "MUTANTS_SOURCES", "MUTANTS_CHOSEN"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if name := os.environ.get(DATABASE):
        _on_database(name)
    if os.environ.get(NOTES):
        config.pluginmanager.register(_Notes(), "mutants-notes")


def _on_database(name: str) -> None:
    """Instead of making a test database and migrating it, which takes longer than most tests."""
    from django.conf import settings
    from django.db.backends.base.creation import BaseDatabaseCreation

    def made(self: Any, *_args: Any, **_more: Any) -> str:
        self.connection.close()
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name
        return name

    BaseDatabaseCreation.create_test_db = made  # type: ignore[method-assign]
    BaseDatabaseCreation.destroy_test_db = lambda *_args, **_more: None  # type: ignore[method-assign]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not (path := os.environ.get(CHOSEN)):
        return
    place = {node: number for number, node in enumerate(json.loads(Path(path).read_text()))}
    items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])


class _Notes:
    """For each file of tests one file: {"tests": {node: [seconds, {source: lines as the bits of a number}]}}. Only of
    tests that passed."""

    def __init__(self) -> None:
        import coverage

        self.sources = os.environ[SOURCES].split(os.pathsep)
        self.root = Path.cwd()
        self.folder = Path(os.environ[NOTES])
        self.cover = coverage.Coverage(
            data_file=None, config_file=False, include=[str(self.root / source) for source in self.sources]
        )
        self.module, self.found = "", dict[str, dict[str, tuple[float, dict[str, str]]]]()
        self.seconds, self.good = 0.0, True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        module = item.nodeid.split("::")[0]
        if module != self.module:
            self.write(self.module)
            self.module = module
        self.seconds, self.good = 0.0, False
        self.cover.start()
        try:
            return (yield)
        finally:
            self.cover.stop()
            data = self.cover.get_data()
            lines = {
                Path(name).relative_to(self.root).as_posix(): format(sum(1 << line for line in passed), "x")
                for name in data.measured_files()
                if (passed := data.lines(name))
            }
            self.cover.erase()
            if self.good:
                self.found.setdefault(module, {})[item.nodeid] = (round(self.seconds, 3), lines)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds += report.duration
        if report.when == "call":
            self.good = report.passed
        elif report.failed:
            self.good = False

    def pytest_sessionfinish(self) -> None:
        for module in self.found:
            self.write(module)

    def write(self, module: str) -> None:
        """Now and then, because a long run may be ended: a file's tests need not come one after the other."""
        if tests := self.found.get(module):
            (self.folder / f"{module.replace('/', '+')}.json").write_text(json.dumps({"tests": tests}))
