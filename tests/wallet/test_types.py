"""The types by which a reseller filters the movements leave nothing out that moved their money."""

from __future__ import annotations

from wallet.models import Entry
from wallet.statement.history import TYPES

_NOBODYS = {Entry.Kind.CLAIM_PAID}  # between the bank and the courier


def test_every_kind_of_movement_has_one_type() -> None:
    found = [kind for kinds in TYPES.values() for kind in kinds]
    assert sorted(found) == sorted(set(Entry.Kind) - _NOBODYS)
