"""Every page in combinations of states that nobody listed: each table emptied, each choice made of all rows, each thing
that may be missing taken away, alone and two at a time, found from the models; each page meets those that it reads.

A page is shown in one state by its own tests and by the journeys' world. What breaks it is the state that nobody
thought of: all rows of another kind, one row linked while others wait, the last method switched off."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from core.postgresql.owner import as_owner
from tests.mci import poison
from tests.mci.poison import DEEP, ROOMS, some, turn
from tests.mci.test_pages_in_states import World, addresses, body, client_of
from tests.mci.test_poison import world  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
PAGES_EACH = 2  # of those that read the table; `MCI_DEEP=1` visits them all
PAIRS = 20
TURNS = 1 if DEEP else 4


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@dataclass(frozen=True)
class Change:
    """Something that is now otherwise with every row of a table."""

    name: str
    table: str
    make: Callable[[], Any]


def models_of_rooms() -> list[type[models.Model]]:
    found = [model for model in apps.get_models() if model._meta.app_label in ROOMS and model._meta.managed]
    return [model for model in found if model._meta.label != "accounts.User"]


def clear(model: type[models.Model], seen: tuple[Any, ...] = ()) -> None:
    """No row of it is left, nor any that cannot be without."""
    for relation in model._meta.related_objects:
        other = relation.related_model
        if other in (*seen, model):
            continue
        rows = other._base_manager.filter(**{f"{relation.field.name}__isnull": False})
        if relation.field.null:
            rows.update(**{relation.field.name: None})
        elif rows.exists():
            clear(other, (*seen, model))
    for field in model._meta.many_to_many:
        getattr(model, field.name).through._base_manager.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}"')


def set_all(rows: Any, name: str, value: Any) -> None:
    """All rows that are otherwise; where the database refuses that, each one that may."""
    rows = rows.exclude(**{name: value}) if value is not None else rows.filter(**{f"{name}__isnull": False})
    if not rows.exists():
        raise NothingToChange
    try:
        with transaction.atomic():
            rows.update(**{name: value})
            check()
        return
    except DatabaseError as error:
        last = error
    done = 0
    for pk in rows.values_list("pk", flat=True)[:60]:
        try:
            with transaction.atomic():
                rows.filter(pk=pk).update(**{name: value})
                check()
            done += 1
        except DatabaseError as error:
            last = error
    if not done:
        raise last


def check() -> None:
    """What the database checks at the end of a transaction, now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def changes() -> Iterator[Change]:
    for model in models_of_rooms():
        table, label = model._meta.db_table, model._meta.label
        yield Change(f"{label} emptied", table, lambda model=model: clear(model))
        rows = model._base_manager
        for field in model._meta.concrete_fields:
            if field.primary_key or field.generated:
                continue
            kept: list[tuple[str, Any]] = [(f"={value}", value) for value, _label in field.flatchoices]
            if isinstance(field, models.BooleanField):
                kept = [("=yes", True), ("=no", False)]
            if field.null:
                kept.append(("=none", None))
            elif isinstance(field, models.CharField | models.TextField) and field.blank and not field.choices:
                kept.append(("=blank", ""))
            elif isinstance(field, models.JSONField):
                kept.append(("=empty", field.get_default()))
            for word, value in kept:
                yield Change(
                    f"{label}.{field.name}{word}",
                    table,
                    lambda rows=rows, name=field.attname, value=value: set_all(rows, name, value),
                )


class NothingToChange(DatabaseError):
    """All rows are like that already."""


class Undone(Exception):
    """What was changed is taken back."""


@contextmanager
def changed(*which: Change) -> Iterator[bool]:
    """Within, the changes hold; False where the database itself refuses them: such a state cannot be."""
    try:
        with transaction.atomic():
            try:
                with transaction.atomic(), as_owner():
                    for change in which:
                        change.make()
                    check()
                possible = True
            except DatabaseError:
                possible = False
            cache.clear()
            yield possible
            raise Undone
    except Undone:
        cache.clear()


def pages_by_table(clients: dict[str, Any], world: World) -> dict[str, list[tuple[str, str]]]:  # noqa: F811
    """Table → (role, address) of the pages that read it."""
    tables = {model._meta.db_table for model in models_of_rooms()}
    found: dict[str, list[tuple[str, str]]] = {table: [] for table in tables}
    for role, client in clients.items():
        visited: set[str] = set()
        for name, address in addresses(world):
            if name in visited and not DEEP and role not in ("owner", "staff"):
                continue
            with CaptureQueriesContext(connection) as caught:
                answer = client.get(address)
                body(answer)
            if answer.status_code == 200:
                visited.add(name)
                said = " ".join(query["sql"] for query in caught)
                for table in tables:
                    if f'"{table}"' in said:
                        found[table].append((role, address))
    return found


def plain(text: str) -> str:
    """What a page says, without what is another with each answer."""
    return re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken|name="key" value)[^>]*', "", text)


@pytest.mark.long
def test_every_page_stands_in_states_that_nobody_listed(world: World) -> None:  # noqa: F811
    clients = {role: client_of(person) for role, person in world.people.items() if person is not None}
    reads = pages_by_table(clients, world)
    wrong: list[str] = []
    tried, refused, seen = set(), set(), set()
    before = {
        (role, address): plain(body(clients[role].get(address)))
        for role, address in {pair for pairs in reads.values() for pair in pairs}
    }

    def visit(change: Change, name: str) -> None:
        for role, address in some(reads[change.table], PAGES_EACH, name):
            try:
                with transaction.atomic():
                    answer = clients[role].get(address)
                    if plain(body(answer)) != before[role, address]:
                        seen.add(name)
                    status = answer.status_code
                    transaction.set_rollback(True)
            except DatabaseError as error:
                status = repr(error)[:80]  # type: ignore[assignment]
            if status not in (200, 302, 403, 404, 409, 422):
                wrong.append(f"{name}: {role} {address}: {status}")

    every = [change for change in changes() if reads[change.table]]
    for change in turn(every, TURNS, "changes"):
        with changed(change) as possible:
            (tried if possible else refused).add(change.name)
            if possible:
                visit(change, change.name)
    may_be = [change for change in every if change.name in tried]
    chosen = random.Random(poison.seed)
    for _pair in range(PAIRS * (20 if DEEP else 1)):
        one, other = chosen.sample(may_be, 2)
        with changed(one, other) as possible:
            if possible:
                visit(one, f"{one.name} & {other.name}")
    assert not wrong, f"{len(wrong)} of {len(tried)} changes:\n" + "\n".join(sorted(wrong)[:60])
    assert len(tried) > 200 / TURNS, (len(tried), len(refused))
    assert len(seen) > len(tried) * 0.5, sorted(tried - seen)  # the control: the pages do see it
    labels = {change.name.split("=")[0].split(" ")[0] for change in every}
    assert {"connectors.Match", "orders.Order.state", "shipping.Shipment.cash", "orders.Order.method"} <= labels
