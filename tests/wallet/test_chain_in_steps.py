"""The chain in small steps: whatever the order in which numbers were taken and transactions began, each entry is sealed
once, and the chain that is read back is the one that was written."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests import differing
from tests.wallet.books import hatch, top_up
from wallet.books.hashchain import GENESIS, broken_links, link
from wallet.books.ledger import Draft, post
from wallet.books.seal import chain, seal_entries
from wallet.models import Entry, Seal

pytestmark = pytest.mark.django_db


@given(
    began=st.permutations(range(7)),
    whose=st.lists(st.booleans(), min_size=7, max_size=7),
    limit=st.integers(1, 4),
    step=st.integers(1, 8),
)
@examples(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=15,
    phases=[Phase.generate],
)
def test_entries_are_sealed_in_the_order_of_their_transactions_and_none_is_left_out(
    dropshipper: Any, other_dropshipper: Any, began: list[int], whose: list[bool], limit: int, step: int
) -> None:
    """An entry may have a low number and a late transaction: it was begun by who waited. Were it sealed by its number,
    those of an earlier transaction would lie behind the last seal, where nobody looks any more."""
    with transaction.atomic():
        for other in whose:
            top_up(other_dropshipper if other else dropshipper, str(differing.amount()))
        ids = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
        with hatch() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            for pk, place in zip(ids, began, strict=True):
                cursor.execute("UPDATE wallet_entry SET xid = %s::text::xid8 WHERE id = %s", [str(3 + place), pk])
        counts = []
        while found := seal_entries(limit=limit):
            counts.append(found)
        assert sum(counts) == Seal.objects.count() == 7
        assert max(counts) <= limit
        for owner, is_other in ((dropshipper, False), (other_dropshipper, True)):
            theirs = [pk for _place, pk, other in sorted(zip(began, ids, whose, strict=True)) if other == is_other]
            links = list(chain(owner.pk, step=step))
            assert [one.content.entry_id for one in links] == theirs
            assert [one.position for one in links] == list(range(1, len(theirs) + 1))
            assert list(broken_links(links)) == []
            previous = GENESIS
            for one in links:
                assert one.previous == previous
                previous = link(previous, one.position, one.content)
                assert one.hash == previous
        transaction.set_rollback(True)


def test_the_suppliers_own_entries_have_no_chain(dropshipper: Any) -> None:
    top_up(dropshipper, "71.93")
    post([Draft("adjustment", "own", "own", None, {"bank": D("5.11"), "adjustments": D("-5.11")})], by=None)
    with hatch() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE wallet_entry SET xid = '3'")
    assert seal_entries() == 1
    assert Seal.objects.get().dropshipper_id == dropshipper.pk
