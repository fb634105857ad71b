"""What a mutant runs on: servers, a migrated database to copy from, and a copy of the tree that may be damaged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from bench.mutants import plugin
from bench.mutants.rooms import KEPT, ROOT

_TEMPLATE = "mutants_template"
_MAKE = "import django; django.setup(); from django.db import connection as c; "
_MAKE += f"c.settings_dict['TEST']['NAME'] = '{_TEMPLATE}'; "
_MAKE += "c.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)"


@dataclass(frozen=True)
class Outcome:
    """`code` is pytest's: 0 when nothing was noticed; None when it had to be ended."""

    code: int | None
    output: str

    @property
    def noticed_by(self) -> str:
        failed = [line.split(" ")[1] for line in self.output.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        if self.code is None:
            return "it hangs"
        return failed[0] if failed else "nothing starts"


class Tree:
    """A tree that may be damaged, and its tests."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        # Without bytecode: two damages of one length in one second would share it.
        self.environment = {**environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}

    def write(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text)

    def renew(self) -> None:
        """Takes back what the last mutant left elsewhere than in the tree."""

    def ask(self, tests: Sequence[str], *, seconds: float) -> Outcome:
        """Runs `tests`, in this order, up to the first that fails."""
        chosen = self.folder / "var" / "chosen.json"
        chosen.parent.mkdir(exist_ok=True)
        chosen.write_text(json.dumps(list(tests)))
        files = dict.fromkeys(test.split("::")[0] for test in tests)
        self.renew()
        return self.pytest("-x", "-p", "no:randomly", *files, seconds=seconds, **{plugin.CHOSEN: str(chosen)})

    def pytest(self, *arguments: str, seconds: float | None = None, **environment: str) -> Outcome:
        command = [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider"]
        command += ["-p", "bench.mutants.plugin", *arguments]
        log = self.folder / "var" / "log"
        log.parent.mkdir(exist_ok=True)
        with log.open("wb") as output:
            running = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code: int | None = running.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)  # also what a test had started
                running.wait()
        return Outcome(code, log.read_text(errors="replace"))


class Copy(Tree):
    """A copy of our tree with a database and a Redis database of its own."""

    def __init__(self, number: int, environment: dict[str, str]) -> None:
        super().__init__(KEPT / f"copy-{os.getpid()}-{number}", environment)
        self.database = f"mutants_{number}"
        self.owner = environment["OWNER_DATABASE_URL"]
        self.environment["REDIS_URL"] = _redis_database(environment["REDIS_URL"], number)
        self.environment["PYTHONPATH"] = str(self.folder)
        self.environment[plugin.DATABASE] = self.database
        self.folder.mkdir(parents=True)
        left_out = shutil.ignore_patterns("var", "__pycache__", "*.pyc")
        for entry in ROOT.iterdir():
            if entry.is_dir() and not entry.name.startswith(".") and entry.name != "var":
                shutil.copytree(entry, self.folder / entry.name, ignore=left_out)
            elif entry.is_file():
                shutil.copy2(entry, self.folder / entry.name)

    def renew(self) -> None:
        """The database as migrations made it."""
        with closing(psycopg2.connect(self.owner)) as connection:
            connection.autocommit = True  # databases are made and dropped outside transactions
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
                cursor.execute(f"CREATE DATABASE {self.database} TEMPLATE {_TEMPLATE}")


@contextmanager
def ground(copies: int) -> Iterator[list[Copy]]:
    """`copies` copies of the tree, beside running servers."""
    from mci.local.postgres import APPLICATION
    from mci.local.servers import servers_for_tests

    with servers_for_tests(in_memory=True) as addresses:
        owner = addresses.get("OWNER_DATABASE_URL") or addresses["DATABASE_URL"]
        url = f"{owner}{'&' if '?' in owner else '?'}assume_role={APPLICATION}"
        environment = {**os.environ, **addresses, "DATABASE_URL": url, "OWNER_DATABASE_URL": owner, "MCI_ENV": "test"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)  # tests/conftest.py loads the settings itself
        making = {**environment, "DJANGO_SETTINGS_MODULE": "mci.settings"}
        subprocess.run([sys.executable, "-c", _MAKE], cwd=ROOT, env=making, check=True, capture_output=True)
        for left in KEPT.glob("copy-*"):  # by a run that was killed
            if not psutil.pid_exists(int(left.name.split("-")[1])):
                shutil.rmtree(left, ignore_errors=True)
        made = [Copy(number, environment) for number in range(1, copies + 1)]
        try:
            yield made
        finally:
            for copy in made:
                shutil.rmtree(copy.folder, ignore_errors=True)


def _redis_database(url: str, number: int) -> str:
    if url.startswith("unix://"):
        return f"{url.split('?')[0]}?db={number}"
    return f"{url.rsplit('/', 1)[0] if url.count('/') > 2 else url}/{number}"
