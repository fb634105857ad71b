"""A migration that has landed is never edited: a database that ran it never hears of the edit (issue 8, 2.1)."""

from __future__ import annotations

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANDED = ROOT / "tests" / "landed_migrations.txt"


def digests() -> dict[str, str]:
    files = sorted(ROOT.glob("*/migrations/[0-9]*.py"))
    return {file.relative_to(ROOT).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def landed() -> dict[str, str]:
    return {path: digest for digest, path in (line.split() for line in LANDED.read_text().splitlines())}


def test_a_landed_migration_is_never_edited_nor_removed() -> None:
    """Add another one instead. Who changed his own before it landed takes its line out, then: make schema."""
    there = digests()
    edited = sorted(path for path, digest in landed().items() if there.get(path) != digest)
    assert edited == []


def test_every_migration_is_in_the_list() -> None:
    """A new one is added to it by `make schema`, and is landed from then on."""
    assert sorted(set(digests()) - set(landed())) == []


def test_numbers_follow_one_another() -> None:
    numbers: dict[str, list[int]] = {}
    for path in digests():
        app, _folder, name = path.split("/")
        numbers.setdefault(app, []).append(int(name[:4]))
    assert numbers == {app: list(range(1, len(found) + 1)) for app, found in numbers.items()}


def test_the_mending_comes_before_what_was_still_to_apply() -> None:
    """An old database has run orders/0001 and not orders/0002: between them the edits of 0001 must be made up for."""
    from importlib import import_module

    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    mend = ("accounts", "0007_mend_edited_migrations")
    old = import_module("accounts.migrations.0007_mend_edited_migrations").LANDED
    before = {key for key in loader.graph.forwards_plan(mend) if key != mend}
    order: list[tuple[str, str]] = []
    for leaf in loader.graph.leaf_nodes():  # as `migrate` goes about it
        order += [key for key in loader.graph.forwards_plan(leaf) if key not in order]
    later = order[order.index(mend) + 1 :]
    assert before & old == set()
    assert old <= set(later)
