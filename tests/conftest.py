"""The ground under every test: real PostgreSQL and Redis (embedded unless the environment names others), and the cast.

Settings are loaded here and not by pytest-django, because the servers' addresses must be known first.
"""

from __future__ import annotations

import gc
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

_servers = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    if settings.configured:
        raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: tests/conftest.py loads the settings itself.")
    os.environ["MCI_ENV"] = "test"
    if config.getoption("randomly_seed", None) == "default" and (seed := _seed_of_commit()) is not None:
        config.option.randomly_seed = seed
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker and not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        from mci.local.errors import CannotStart
        from mci.local.servers import servers_for_tests

        try:
            os.environ.update(_servers.enter_context(servers_for_tests(in_memory=True)))
        except CannotStart as error:
            raise pytest.UsageError(str(error)) from None
    _sign_in_as_owner()
    if not worker:
        from tests import turns

        turns.begin(config)
    if worker:  # each worker has its own test database, and so its own Redis database
        os.environ["REDIS_URL"] = _redis_database(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) + 1)

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "mci.settings"
    try:
        django.setup()
    finally:
        del os.environ["DJANGO_SETTINGS_MODULE"]  # workers of xdist must come through here too

    from tests import reader

    reader.install()


def _seed_of_commit() -> int | None:
    """Each commit has an order and draws of its own, and whoever runs it again finds the same: what failed elsewhere
    fails here. None where it is not known (no checkout of git): pytest-randomly draws one."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return int(found.stdout[:8], 16) if found.returncode == 0 else None


def _sign_in_as_owner() -> None:
    """Tests run as the application's role. The login behind is the owner's, so that a test may break a guard, inside
    its own transaction, by `core.postgresql.owner.as_owner`; servers that tests start sign in as the application."""
    from mci.local.postgres import APPLICATION

    if "assume_role=" not in os.environ["DATABASE_URL"]:
        url = os.environ.setdefault("OWNER_DATABASE_URL", os.environ["DATABASE_URL"])
        os.environ["DATABASE_URL"] = f"{url}{'&' if '?' in url else '?'}assume_role={APPLICATION}"


def pytest_sessionstart(session: pytest.Session) -> None:
    from tests.mci import poison

    poison.seed = session.config.getoption("randomly_seed", poison.seed)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from tests import turns

    turns.leave_out(config, items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    from tests import turns

    turns.of_worker(getattr(node, "workeroutput", {}))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported and collected lives to the end: looked at by every collection of garbage, it takes a twentieth
    of the run."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The first lines, which `-q` leaves out, have it too."""
    if seed := config.getoption("randomly_seed", None):
        terminalreporter.write_line(f"Order and draws: --randomly-seed={seed}")
    from tests import turns

    if said := turns.said():
        terminalreporter.write_line(said)


def pytest_unconfigure(config: pytest.Config) -> None:
    _servers.close()


def _redis_database(url: str, step: int) -> str:
    if url.startswith("unix://"):
        base = re.sub(r"[?&]db=\d+", "", url)
        number = int((re.findall(r"[?&]db=(\d+)", url) or ["0"])[0])
        return f"{base}{'&' if '?' in base else '?'}db={number + step}"
    number = int((re.findall(r"/(\d+)$", url) or ["0"])[0])
    return f"{re.sub(r'/[0-9]*$', '', url) if url.count('/') > 2 else url}/{number + step}"


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Throttles and other cached things do not pass from one test to the next."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        from django.core.cache import cache

        from mci.operation import heartbeat

        request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
        cache.clear()
        heartbeat._noted.clear()


@pytest.fixture(autouse=True)
def _in_the_portals_language() -> None:
    """A request of the test client leaves its reader's language in force in this thread: the next test begins in the
    portal's."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture
def dropshipper(db: None) -> Any:
    from tests import cast

    return cast.dropshipper()


@pytest.fixture
def other_dropshipper(db: None) -> Any:
    """A stranger: whatever is his must be a 404 for `dropshipper`'s people."""
    from tests import cast

    return cast.dropshipper(name="Altra Bottega S.r.l.")


@pytest.fixture
def owner(dropshipper: Any) -> Any:
    """The user who owns `dropshipper`."""
    from tests import cast

    return cast.member(dropshipper)


@pytest.fixture
def stranger(other_dropshipper: Any) -> Any:
    """The user who owns `other_dropshipper`."""
    from tests import cast

    return cast.member(other_dropshipper)


@pytest.fixture
def staff(db: None) -> Any:
    from tests import cast

    return cast.staff()


@pytest.fixture
def client_for() -> Callable[[Any], Any]:
    """`client_for(user)`: a test client signed in as that user."""

    def sign_in(user: Any) -> Any:
        from django.test import Client

        from tests import cast

        client = Client()
        cast.sign_in(client, user)
        return client

    return sign_in


@pytest.fixture(params=[True, False], ids=["locked", "control"])
def locked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Of a race for a row: with the code's locks, and, the negative control, with none."""
    from django.db.models import QuerySet

    if not request.param:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_how: self.all())
    return bool(request.param)


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_looked_for_once() -> Iterator[None]:
    """Each test client has a middleware of its own, which would look at every static file: a tenth of the run."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, found = WhiteNoiseMiddleware.add_files_from_finders, dict[str, Any]()

    def once(self: Any) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files = dict(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


# Few tables have rows after a test, and new files for all tables and their indexes take a quarter of a second: that is
# done when one has grown by what tests left in it. Without triggers, which only a superuser may leave out; any other
# owner always truncates.
_EMPTY = """
DECLARE
  name text;
  found boolean;
BEGIN
  IF (SELECT max(pg_relation_size(one::regclass)) FROM unnest(ARRAY[{names}]) one) > 2000000 THEN
    RAISE insufficient_privilege;
  END IF;
  PERFORM set_config('session_replication_role', 'replica', true);
  FOREACH name IN ARRAY ARRAY[{names}] LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO found;
    IF found THEN EXECUTE format('DELETE FROM %I', name); END IF;
  END LOOP;
  PERFORM set_config('session_replication_role', 'origin', true);
EXCEPTION WHEN insufficient_privilege THEN
  EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(one), ', ') FROM unnest(ARRAY[{names}]) one);
END
"""


@pytest.fixture(autouse=True, scope="session")
def _flush_may_empty_the_books() -> Any:
    """Transactional tests end with a flush, which the ledger refuses and the application may not: it alone gets the
    maintenance hatch and the owner's role.

    The supplier's accounts and the table of who pays, which migrations made, are made again; the groups of the staff,
    another's, are kept, and so is all that `migrate` makes at its end."""
    from importlib import import_module

    from django.db.backends.postgresql.operations import DatabaseOperations

    system_accounts = import_module("wallet.migrations.0002_guards").SYSTEM_ACCOUNTS
    who_pays = import_module("orders.migrations.0012_usual_who_pays").RULES
    plain = DatabaseOperations.sql_flush
    kept = {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type"}

    def sql_flush(self: Any, style: Any, tables: list[str], **kwargs: Any) -> list[str]:
        statements = plain(self, style, [table for table in tables if table not in kept], **kwargs)
        if not any("wallet_account" in statement for statement in statements):
            return statements
        names = ", ".join(f"'{table}'" for table in tables if table not in kept)
        emptied = [f"DO $do$ {_EMPTY.format(names=names)} $do$"]
        return ["SET LOCAL ROLE NONE; SET LOCAL mci.ledger_maintenance = 'on';", *emptied, system_accounts, who_pays]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", lambda *_args, **_more: None)
        yield


@pytest.fixture
def pit() -> Iterator[Any]:
    from tests.tarpit import Tarpit

    pit = Tarpit()
    yield pit
    pit.let_go()


@pytest.fixture
def tarpit(pit: Any) -> str:
    return str(pit.address)
