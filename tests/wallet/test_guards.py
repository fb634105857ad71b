"""What PostgreSQL refuses, whoever asks: raw SQL or the ORM. Each refusal leaves the books as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core.postgresql.owner import as_owner
from tests.wallet.books import age, books, hatch, sale, top_up
from wallet import moves
from wallet.books.ledger import Draft, post
from wallet.books.seal import seal_entries
from wallet.models import Account, Entry, Posting

pytestmark = pytest.mark.django_db

ENTRY = (
    "INSERT INTO wallet_entry (kind, key, request_hash, reference, dropshipper_id, memo, at)"
    " VALUES ('adjustment', 'raw', '', 'raw', {owner}, '', now()) RETURNING id"
)
REFUSED_SQL = {
    "an entry without postings": (ENTRY, "wallet_entry_balanced"),
    "an entry with one posting": (
        (
            f"WITH e AS ({ENTRY}) INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT id, {wallet}, 1 FROM e"
        ),
        "wallet_entry_balanced",
    ),
    "an entry that does not sum to zero": (
        (
            f"WITH e AS ({ENTRY}) INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT id, a, x FROM e, (VALUES ({wallet}, 5.00), ({bank}, -4.99)) v (a, x)"
        ),
        "wallet_entry_balanced",
    ),
    "balanced postings added to an old entry": (
        "INSERT INTO wallet_posting (entry_id, account_id, amount) VALUES ({entry}, {held}, 5), ({entry}, {due}, -5)",
        "wallet_entry_closed",
    ),
    "one posting added to an old entry": (
        "INSERT INTO wallet_posting (entry_id, account_id, amount) VALUES ({entry}, {held}, 5)",
        "wallet_entry_closed",
    ),
    "money moved into another's wallet": (
        (
            f"WITH e AS ({ENTRY}) INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT id, a, x FROM e, (VALUES ({wallet}, -5.00), ({other_wallet}, 5.00)) v (a, x)"
        ),
        "wallet_entry_tenant_only",
    ),
    "a posting of nothing": (
        (
            f"WITH e AS ({ENTRY}) INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT id, a, x FROM e, (VALUES ({wallet}, 0), ({bank}, 0)) v (a, x)"
        ),
        "wallet_posting_amount",
    ),
    "a posting of NaN": (
        (
            f"WITH e AS ({ENTRY}) INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT id, a, 'NaN' FROM e, (VALUES ({wallet}), ({bank})) v (a)"
        ),
        "wallet_posting_amount",
    ),
    "a posting beyond the range": (
        (
            f"WITH e AS ({ENTRY}) INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT id, a, x FROM e, (VALUES ({wallet}, 1000000000.00), ({bank}, -1000000000.00)) v (a, x)"
        ),
        "wallet_posting_amount",
    ),
    "two postings of an entry on one account": (
        (
            f"WITH e AS ({ENTRY}) INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT id, a, x FROM e, (VALUES ({wallet}, 5.00), ({wallet}, -5.00)) v (a, x)"
        ),
        "wallet_posting_once",
    ),
    "a wallet below its floor": (
        (
            f"WITH e AS ({ENTRY}) INSERT INTO wallet_posting (entry_id, account_id, amount)"
            " SELECT id, a, x FROM e, (VALUES ({wallet}, -67.07), ({bank}, 67.07)) v (a, x)"
        ),
        "wallet_account_floor",
    ),
    "a key used twice": (ENTRY.replace("'raw', ''", "'order:1:sale', ''"), "wallet_entry_key_key"),
    "a second sale of an order": (
        ENTRY.replace("'adjustment', 'raw', '', 'raw'", "'sale', 'again', '', 'order:1'"),
        "wallet_entry_one_sale",
    ),
    "an unknown kind of entry": (ENTRY.replace("'adjustment'", "'gift'"), "wallet_entry_kind"),
    "a reversal of nothing": (ENTRY.replace("'adjustment'", "'reversal'"), "wallet_entry_reversal"),
    "an entry changed": ("UPDATE wallet_entry SET memo = 'x' WHERE id = {entry}", "wallet_append_only"),
    "an entry deleted": ("DELETE FROM wallet_entry WHERE id = {entry}", "wallet_append_only"),
    "a posting changed": ("UPDATE wallet_posting SET amount = amount * 10", "wallet_append_only"),
    "a posting moved to another entry": (
        "UPDATE wallet_posting SET entry_id = {other_entry} WHERE entry_id = {entry}",
        "wallet_append_only",
    ),
    "a posting deleted": ("DELETE FROM wallet_posting WHERE entry_id = {entry}", "wallet_append_only"),
    "an open item put in": (
        (
            "INSERT INTO wallet_openitem (account_id, reference, amount, since)"
            " VALUES ((SELECT id FROM wallet_account WHERE kind = 'cod_due'), 'x', 1, now())"
        ),
        "wallet_append_only",
    ),
    "an open item changed": ("UPDATE wallet_openitem SET amount = 1", "wallet_append_only"),
    "an open item taken out": ("DELETE FROM wallet_openitem", "wallet_append_only"),
    "the open items emptied": ("TRUNCATE wallet_openitem", "wallet_append_only"),
    "the postings emptied": ("TRUNCATE wallet_posting", "wallet_append_only"),
    "everything emptied": ("TRUNCATE wallet_entry CASCADE", "wallet_append_only"),
    "a seal changed": ("UPDATE wallet_seal SET hash = ''", "wallet_append_only"),
    "a seal deleted": ("DELETE FROM wallet_seal", "wallet_append_only"),
    "a balance written": ("UPDATE wallet_account SET balance = 1000 WHERE id = {wallet}", "wallet_account_guard"),
    "a balance cached on a system account": (
        "UPDATE wallet_account SET balance = 0 WHERE id = {bank}",
        "wallet_account_guard",
    ),
    "an account opened with money": (
        (
            "UPDATE accounts_dropshipper SET name = name; INSERT INTO wallet_account (kind, dropshipper_id, balance)"
            " SELECT 'held', {third}, 100"
        ),
        "wallet_account_guard",
    ),
    "a wallet given to another": (
        "UPDATE wallet_account SET dropshipper_id = {third} WHERE id = {wallet}",
        "wallet_account_guard",
    ),
    "an account turned into another kind": (
        "UPDATE wallet_account SET kind = 'card' WHERE id = {bank}",
        "wallet_account_guard",
    ),
    "an account deleted": ("DELETE FROM wallet_account WHERE id = {wallet}", "wallet_append_only"),
    "a second wallet": (
        "INSERT INTO wallet_account (kind, dropshipper_id, balance) VALUES ('wallet', {owner}, 0)",
        "wallet_account_own",
    ),
    "a second bank": ("INSERT INTO wallet_account (kind) VALUES ('bank')", "wallet_account_system"),
    "a wallet of nobody": (
        "INSERT INTO wallet_account (kind, balance) VALUES ('wallet', 0)",
        "wallet_account_kind",
    ),
}


@pytest.fixture
def names(dropshipper: Any, other_dropshipper: Any) -> dict[str, int]:
    """Books with some history, as if of another day: what was written here counts as an earlier transaction's."""
    from tests import cast

    top_up(dropshipper, "100.00")
    top_up(other_dropshipper, "50.00")
    moves.sell([sale(dropshipper), sale(dropshipper, "order:2", cod=True)], by=None)
    age()
    assert seal_entries() == 5
    own = dict(Account.objects.filter(dropshipper=dropshipper).values_list("kind", "pk"))
    return {
        "owner": dropshipper.pk,
        "third": cast.dropshipper("Terza").pk,
        "wallet": own["wallet"],
        "held": own["held"],
        "due": own["cod_due"],
        "bank": Account.objects.get(kind="bank").pk,
        "other_wallet": Account.objects.get(dropshipper=other_dropshipper, kind="wallet").pk,
        "entry": Entry.objects.get(key="order:1:sale").pk,
        "other_entry": Entry.objects.get(key="order:2:sale").pk,
    }


@pytest.fixture(autouse=True)
def _even_the_owner(db: None) -> Iterator[None]:
    """The guards hold for the owner of the tables too; what the application may not even try is in test_roles.py."""
    with as_owner():
        yield


def refused(act: Callable[[], Any]) -> str:
    """The name of the constraint that refuses `act`, which must leave no trace."""
    before = books()

    def act_and_commit() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            act()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit does

    with pytest.raises(DatabaseError) as error:
        act_and_commit()
    assert books() == before
    cause: Any = error.value.__cause__
    return cause.diag.constraint_name


@pytest.mark.parametrize("what", REFUSED_SQL)
def test_the_database_refuses(what: str, names: dict[str, int]) -> None:
    statement, constraint = REFUSED_SQL[what]

    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no TRUNCATE while deferred checks are pending
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(statement.format(**names))

    assert refused(act) == constraint


REFUSED_ORM: dict[str, tuple[Callable[[dict[str, int]], Any], str]] = {
    "save of an entry": (lambda names: Entry.objects.get(pk=names["entry"]).save(), "wallet_append_only"),
    "update of entries": (lambda names: Entry.objects.update(reference="x"), "wallet_append_only"),
    "update of postings": (lambda names: Posting.objects.update(amount=D("1.00")), "wallet_append_only"),
    "deletion of postings": (lambda names: Posting.objects.all().delete(), "wallet_append_only"),
    "an empty entry": (
        lambda names: Entry.objects.create(kind="adjustment", key="raw", request_hash=b"", reference="raw"),
        "wallet_entry_balanced",
    ),
    "a balance saved": (
        lambda names: Account(pk=names["wallet"], kind="wallet", dropshipper_id=names["owner"], balance=D("1.00")).save(
            force_update=True
        ),
        "wallet_account_guard",
    ),
    "bulk update of balances": (
        lambda names: Account.objects.filter(balance=0).update(balance=1),
        "wallet_account_guard",
    ),
}


@pytest.mark.parametrize("what", REFUSED_ORM)
def test_the_database_refuses_the_orm_too(what: str, names: dict[str, int]) -> None:
    act, constraint = REFUSED_ORM[what]
    assert refused(lambda: act(names)) == constraint


@pytest.mark.parametrize(
    "lines",
    [
        {"wallet": D("20.73"), "sales": D("-12.00"), "shipping_income": D("-5.00"), "vat": D("-3.73")},
        {"wallet": D("20.74"), "sales": D("-17.00"), "vat": D("-3.74")},
        {"wallet": D("20.74"), "bank": D("-20.74")},
    ],
)
def test_a_reversal_is_the_exact_negation(names: dict[str, int], lines: dict[str, D]) -> None:
    draft = Draft("reversal", "order:1:sale:reversal", "order:1", names["owner"], lines, reverses_id=names["entry"])
    assert refused(lambda: post([draft], by=None)) == "wallet_entry_exact_reversal"


def test_a_reversal_is_not_reversed(names: dict[str, int]) -> None:
    moves.undo("order:1", by=None)
    reversal = Entry.objects.get(kind="reversal")
    lines = {"wallet": D("-20.74"), "sales": D("12.00"), "shipping_income": D("5.00"), "vat": D("3.74")}
    draft = Draft("reversal", "again", "order:1", names["owner"], lines, reverses_id=reversal.pk)
    assert refused(lambda: post([draft], by=None)) == "wallet_entry_exact_reversal"


def test_a_later_posting_of_the_same_transaction_must_balance_too(names: dict[str, int]) -> None:
    """Even after the deferred check of the entry was made to run early."""

    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute(ENTRY.format(**names))
            entry = cursor.fetchone()[0]
            insert = "INSERT INTO wallet_posting (entry_id, account_id, amount) VALUES (%s, %s, %s)"
            cursor.execute(insert + ", (%s, %s, %s)", [entry, names["wallet"], 1, entry, names["bank"], -1])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(insert, [entry, names["held"], 5])

    assert refused(act) == "wallet_entry_balanced"


def test_the_guards_are_there_after_migrating(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled = 'O' AND tgrelid::regclass::text LIKE 'wallet%'"
        )
        assert set(cursor.fetchall()) == {
            ("wallet_entry", "append_only"),
            ("wallet_entry", "balanced"),
            ("wallet_posting", "append_only"),
            ("wallet_openitem", "by_postings"),
            ("wallet_posting", "postings_added"),
            ("wallet_seal", "append_only"),
            ("wallet_account", "never_gone"),
            ("wallet_account", "balance_by_postings"),
            ("wallet_account", "same_account"),
            ("wallet_account", "starts_empty"),
            ("wallet_proposal", "decided"),
            ("wallet_proposal", "never_gone"),
        }


def test_the_hatch_closes_with_its_transaction(names: dict[str, int]) -> None:
    with hatch() as cursor:
        cursor.execute("UPDATE wallet_entry SET memo = 'mended' WHERE id = %s", [names["entry"]])
    assert Entry.objects.get(pk=names["entry"]).memo == "mended"
    assert refused(lambda: Entry.objects.update(memo="again")) == "wallet_append_only"
