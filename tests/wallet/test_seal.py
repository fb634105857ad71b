"""The hash chain: what is sealed, what is left for later, and what it shows."""

from __future__ import annotations

import threading
import time
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection, transaction

from tests.threads import ended
from tests.wallet.books import age, hatch, sale, top_up
from wallet import moves
from wallet.books.hashchain import GENESIS, link
from wallet.books.seal import chain, seal_entries
from wallet.models import Entry, Seal
from wallet.queries import broken_chain, sealed_dropshippers
from wallet.tasks import seal_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(dropshipper: Any, other_dropshipper: Any) -> Any:
    """A dropshipper with four sealed entries, beside another's."""
    top_up(dropshipper, "100.00")
    top_up(other_dropshipper, "50.00")
    moves.sell([sale(dropshipper), sale(dropshipper, "order:2", cod=True)], by=None)
    age()
    seal_ledger()
    return dropshipper


def found(dropshipper: Any) -> list[str]:
    return list(broken_chain(dropshipper.pk))


def test_every_entry_is_sealed_once_and_each_dropshipper_has_his_own_chain(sealed: Any, other_dropshipper: Any) -> None:
    seal_ledger()
    assert list(Seal.objects.filter(dropshipper=sealed).order_by("position").values_list("position", flat=True)) == [
        1,
        2,
        3,
        4,
    ]
    assert list(Seal.objects.filter(dropshipper=other_dropshipper).values_list("position", flat=True)) == [1]
    assert set(sealed_dropshippers()) == {sealed.pk, other_dropshipper.pk}
    assert found(sealed) == found(other_dropshipper) == []


def test_a_link_is_the_hash_of_the_one_before_and_its_content(sealed: Any) -> None:
    first, second, *_rest = chain(sealed.pk)
    assert first.previous == GENESIS
    assert first.content.postings == "bank:-100.00 wallet:100.00"
    assert second.previous == first.hash == link(GENESIS, 1, first.content)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_small_steps_make_the_same_chain(dropshipper: Any, limit: int) -> None:
    top_up(dropshipper, "100.00")
    for n in range(4):
        moves.sell([sale(dropshipper, f"order:{n}", goods_net=D("3.00"))], by=None)
    age()
    steps = 0
    while seal_entries(limit=limit):
        steps += 1
    assert steps == -(-5 // limit)
    assert Seal.objects.count() == 5
    assert found(dropshipper) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_not_yet_visible_to_all_is_sealed_later_and_never_skipped(
    dropshipper: Any, other_dropshipper: Any
) -> None:
    top_up(dropshipper, "100.00")
    top_up(other_dropshipper, "100.00")
    age()
    assert seal_entries() == 2
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                moves.sell([sale(other_dropshipper, "order:1")], by=None)
                written.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    moves.sell([sale(dropshipper, "order:2")], by=None)  # later number, committed before
    assert seal_entries() == 0
    assert Seal.objects.count() == 2
    go_on.set()
    ended([thread])
    deadline = time.monotonic() + 60  # a transaction of another database of this server may still be older
    while Seal.objects.count() < Entry.objects.count() and time.monotonic() < deadline:
        seal_entries()
        time.sleep(0.1)
    assert Seal.objects.count() == Entry.objects.count() == 4
    assert found(dropshipper) == found(other_dropshipper) == []


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE wallet_posting SET amount = amount * 10 WHERE entry_id = {entry}", "position 2"),
        ("UPDATE wallet_entry SET memo = 'x' WHERE id = {entry}", "position 2"),
        ("UPDATE wallet_entry SET at = at - interval '1 day' WHERE id = {entry}", "position 2"),
        ("UPDATE wallet_seal SET hash = sha256('x') WHERE position = 2", "position 2"),
        ("DELETE FROM wallet_seal WHERE entry_id = {entry}", "position 2"),
        ("UPDATE wallet_seal SET position = position + 1 WHERE position = 4", "position 4"),
    ],
)
def test_tampering_is_found(sealed: Any, damage: str, says: str) -> None:
    entry = Seal.objects.get(dropshipper=sealed, position=2).entry_id
    with hatch() as cursor:
        cursor.execute(damage.format(entry=entry))
    assert found(sealed)[0].startswith(says)


def test_entries_of_a_restored_dump_are_sealed_although_their_transactions_are_ahead(dropshipper: Any) -> None:
    top_up(dropshipper, "100.00")
    with hatch() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE wallet_entry SET xid = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8")
    assert seal_entries() == 1
    moves.sell([sale(dropshipper)], by=None)
    with hatch() as cursor:
        cursor.execute("UPDATE wallet_entry SET xid = '3' WHERE key = 'order:1:sale'")
    assert seal_entries() == 1
    assert found(dropshipper) == []


def test_after_a_restore_the_chain_goes_on_where_the_dump_ended_and_then_with_what_is_new(dropshipper: Any) -> None:
    """Ids of transactions begin anew in the new server: what came with the dump is ahead of them for months."""
    top_up(dropshipper, "100.00")
    moves.sell([sale(dropshipper, "order:1")], by=None)
    with hatch() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE wallet_entry SET xid = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8")
        cursor.execute("UPDATE wallet_entry SET xid = (xid::text::bigint + 7)::text::xid8 WHERE kind = 'sale'")
    assert seal_entries(limit=1) == 1
    moves.sell([sale(dropshipper, "order:2"), sale(dropshipper, "order:3")], by=None)
    with hatch() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE wallet_entry SET xid = '3' WHERE reference = 'order:2'")
        cursor.execute("UPDATE wallet_entry SET xid = '4' WHERE reference = 'order:3'")
    while seal_entries(limit=1):
        pass
    order = Seal.objects.order_by("position").values_list("entry__reference", flat=True)
    assert list(order)[1:] == ["order:1", "order:2", "order:3"]
    assert found(dropshipper) == []
