"""Row-level security: a statement that forgot its WHERE shows one reseller's rows all the same."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from accounts.backends import EmailBackend
from accounts.middleware import TenantMiddleware
from accounts.models import Dropshipper
from core import tenancy
from core.postgresql.owner import as_owner
from mci.database import fence, roles
from tests import cast
from wallet import moves
from wallet.books.ledger import Draft, post
from wallet.models import Account

pytestmark = pytest.mark.django_db

TABLES = [one.table for one in fence.fences()]
MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
SHARED = {"wallet_account": 9}  # the supplier's own accounts, which every charge is posted to
# What hangs from a tenant by a key that may be empty, and why it is not fenced.
LOOSE: dict[str, str] = {}
MINE, HIS = 900_001, 900_002


def counts(ids: str = "") -> dict[str, int]:
    """The rows of every fenced table, asked for without any WHERE."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0] - SHARED.get(table, 0)
    return found


def row(table: str, number: int, owner: int, **given: Any) -> tuple[str, list[Any]]:
    """An INSERT of a row with this id that hangs from `owner` by every key it has, something in each column."""
    values: dict[str, Any] = {}
    for field in MODELS[table]._meta.concrete_fields:
        if field.primary_key:
            values[field.column] = uuid.UUID(int=number) if isinstance(field, models.UUIDField) else number
        elif field.column in given:
            values[field.column] = given[field.column]
        elif isinstance(field, models.ForeignKey):
            values[field.column] = owner
        elif not field.null:
            values[field.column] = something(field, number)
    names = ", ".join(f'"{name}"' for name in values)
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(values))})', list(values.values())


def something(field: Any, number: int) -> Any:
    kind = field.get_internal_type()
    if kind in ("DateTimeField", "DateField"):
        return dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    if kind in ("JSONField", "ArrayField"):
        return "{}"
    if kind == "BinaryField":
        return str(number).encode()
    if kind == "UUIDField":
        return uuid.UUID(int=number)
    if kind == "BooleanField":
        return False
    if "Integer" in kind or kind == "DecimalField":
        return number % 100
    return str(number)[: field.max_length or 20]


@pytest.fixture
def two(db: None) -> None:
    """One row of each of two resellers in every fenced table: all ids of the one are MINE, of the other HIS. What else
    the tables demand of a row is taken away for this transaction."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('f', 'c')", [table]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            for number in (MINE, HIS):
                cursor.execute(*row(table, number, number))


def test_every_table_of_a_tenant_has_its_fence():
    """A new model with a dropshipper, or that hangs from one, is fenced by `migrate`; one that hangs loosely is
    named."""
    assert fence.missing(connection) == []
    for model in MODELS.values():
        keys = [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)]
        leads = [f.name for f in keys if f.related_model._meta.db_table in TABLES]
        if leads and model._meta.db_table not in LOOSE:
            assert model._meta.db_table in TABLES, f"{model.__name__} leads to a tenant by {leads}"
    assert {"accounts_dropshipper", "orders_order", "orders_orderline", "wallet_posting", "connectors_delivery"} <= set(
        TABLES
    )


def test_a_table_without_its_policy_is_missed():
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP POLICY mci_tenant ON orders_order; ALTER TABLE wallet_topup DISABLE ROW LEVEL SECURITY")
    assert fence.missing(connection) == ["orders_order", "wallet_topup"]
    with as_owner():
        assert fence.build(connection) == ["orders_order", "wallet_topup"]
        assert fence.build(connection) == []
    assert fence.missing(connection) == []


def test_without_a_where_a_tenant_sees_his_own_rows(two):
    with tenancy.of(MINE):
        assert counts() == dict.fromkeys(TABLES, 1)
        assert Dropshipper.objects.get().pk == MINE
    with tenancy.of(HIS):
        assert Dropshipper.objects.get().pk == HIS
    assert counts() == dict.fromkeys(TABLES, 2)


def test_the_same_without_the_fence_shows_both(two):
    """The negative control: it is the policies that choose."""
    with as_owner(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    with tenancy.of(MINE):
        assert counts() == dict.fromkeys(TABLES, 2)


def test_nobody_sees_nothing(two):
    with tenancy.of(tenancy.NOBODY):
        assert {**counts(), "wallet_account": 0} == dict.fromkeys(TABLES, 0)
    with tenancy.of(MINE), tenancy.of(tenancy.NOBODY):  # what was said before is not what is meant now
        assert {**counts(), "wallet_account": 0} == dict.fromkeys(TABLES, 0)


WRITTEN = [
    one.table for one in fence.fences() if one.written != "true" and "INSERT" in roles.LESS.get(one.table, roles.RIGHTS)
]


def test_what_is_written_unfenced_is_known():
    assert {one.table for one in fence.fences() if one.written == "true"} == {
        "shipping_shipmentevent",
        "wallet_posting",
    }


@pytest.mark.parametrize("table", WRITTEN)
def test_a_row_of_another_is_not_written(two, table):
    def insert(owner: int) -> None:
        number = 900_003
        number = owner if table == "accounts_dropshipper" else number
        with tenancy.of(MINE), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(*row(table, number, owner))

    with pytest.raises(DatabaseError, match="row-level security"):
        insert(HIS if table != "accounts_dropshipper" else 900_003)
    if table != "accounts_dropshipper":
        with as_owner(), connection.cursor() as cursor:  # uniqueness is no matter of the fence
            cursor.execute(f'DELETE FROM "{table}" WHERE id = {MINE}')
        if table not in ("connectors_shop", "orders_order", "wallet_account", "wallet_entry"):
            insert(MINE)


def test_nothing_is_posted_into_anothers_books(dropshipper, other_dropshipper):
    """Written without a condition of its own: the guard of the books holds it."""
    moves.adjust(dropshipper.pk, Decimal("10.00"), memo="x", by=None)
    moves.adjust(other_dropshipper.pk, Decimal("10.00"), memo="x", by=None)
    his = Account.objects.get(dropshipper=other_dropshipper, kind="wallet")
    bank = Account.objects.get(dropshipper=None, kind="bank")
    draft = Draft("adjustment", "his", "x", other_dropshipper.pk, {"wallet": Decimal("5.00"), "bank": Decimal("-5.00")})
    with tenancy.of(dropshipper.pk):
        with pytest.raises(DatabaseError), transaction.atomic():
            post([draft], by=None)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "WITH e AS (INSERT INTO wallet_entry (kind, key, request_hash, reference, dropshipper_id, memo, at)"
                " VALUES ('adjustment', 'raw', '', 'raw', %s, '', now()) RETURNING id)"
                " INSERT INTO wallet_posting (entry_id, account_id, amount)"
                " SELECT id, %s, 1 FROM e UNION ALL SELECT id, %s, -1 FROM e",
                [dropshipper.pk, his.pk, bank.pk],
            )
    assert Account.objects.get(pk=his.pk).balance == Decimal("10.00")


def test_anothers_row_is_not_changed(two):
    with tenancy.of(MINE), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET name = 'x'")
        assert cursor.rowcount == 1
        cursor.execute("DELETE FROM orders_orderline")
        assert cursor.rowcount == 1
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(f"UPDATE orders_order SET dropshipper_id = {HIS}")


# ---- who is who in a request


def asked(user: Any, path: str, view: Callable[[Any], Any]) -> Any:
    """The view's answer inside the two middlewares, for a session of this user (None: a stranger)."""
    request = RequestFactory().get(path)
    if user is None:
        from django.contrib.auth.models import AnonymousUser

        request.user = AnonymousUser()
    else:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
        with tenancy.of(tenancy.NOBODY):
            request.user = EmailBackend().get_user(user.pk)
    return tenancy.FenceMiddleware(TenantMiddleware(view))(request)


def owners(_request: Any = None) -> HttpResponse:
    return HttpResponse(",".join(str(pk) for pk in Dropshipper.objects.order_by("pk").values_list("pk", flat=True)))


def test_a_request_sees_what_its_visitor_may(dropshipper, other_dropshipper, owner, staff):
    both = f"{dropshipper.pk},{other_dropshipper.pk}"
    assert asked(owner, "/orders/", owners).content.decode() == str(dropshipper.pk)
    assert asked(owner, "/account/theme/", owners).content.decode() == str(dropshipper.pk)
    assert asked(staff, "/orders/", owners).content.decode() == both
    assert asked(cast.user(), "/orders/", owners).content.decode() == ""
    assert asked(None, "/orders/", owners).content.decode() == ""
    assert asked(None, "/account/login/", owners).content.decode() == both
    assert owners().content.decode() == both, "the request has left nothing in force"


def test_a_streamed_answer_keeps_its_tenant(dropshipper, other_dropshipper, owner):
    def pieces() -> Iterator[bytes]:
        for _n in range(2):
            yield owners().content + b";"

    answer = asked(owner, "/orders/export.csv", lambda request: StreamingHttpResponse(pieces()))
    seen = []
    for piece in answer.streaming_content:
        seen.append(piece.decode())
        assert tenancy.in_force() == tenancy.EVERYBODY, "between its pieces nothing is left in force"
    assert seen == [f"{dropshipper.pk};"] * 2


def test_a_web_process_sees_nothing_outside_of_a_request(dropshipper, monkeypatch):
    monkeypatch.setattr(tenancy, "_of_process", tenancy._of_process)
    tenancy.serve_pages()
    assert owners().content == b""
    with tenancy.everybody():
        assert owners().content.decode() == str(dropshipper.pk)


def test_the_servers_of_pages_say_so():
    import subprocess
    import sys

    code = "import mci.wsgi; from core import tenancy; assert tenancy.in_force() == tenancy.NOBODY"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_driver_alone_is_fenced_too(dropshipper):
    """No policy of the tenant's role shows a row before somebody is in force."""
    from tests.processes import live_environment

    with psycopg2.connect(live_environment()["DATABASE_URL"]) as plain, plain.cursor() as cursor:
        cursor.execute(f"SET ROLE {roles.tenant_role()}")
        cursor.execute("SELECT count(*) FROM accounts_dropshipper")
        assert cursor.fetchone() == (0,)
    plain.close()
