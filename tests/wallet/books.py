"""What the tests of the books share: money in, the worked example's sale, and the hatch to plant damage with."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal as D
from typing import Any

from django.db import connection, transaction

from core.postgresql.owner import as_owner
from wallet import moves
from wallet.models import Account, Posting


def top_up(dropshipper: Any, amount: str, **fields: Any) -> None:
    moves.credit_top_up(
        reference=f"topup:{uuid.uuid4()}",
        dropshipper_id=dropshipper.pk,
        amount=D(amount),
        memo="MCI 7F3K 2Q9T",
        **{"by": None, **fields},
    )


def sale(dropshipper: Any, reference: str = "order:1", *, cod: bool = False, **changes: Any) -> moves.Sale:
    """Goods 12.00, shipping 5.00, VAT: 20.74 prepaid; as COD 39.90 at the door, 23.18 of cost, 12.20 held."""
    amounts = {
        "goods_net": D("12.00"),
        "shipping_net": D("5.00"),
        "cod_fee_net": D("2.00") if cod else D("0.00"),
        "vat": D("4.18") if cod else D("3.74"),
        "collect": D("39.90") if cod else D("0.00"),
        "guarantee": D("12.20") if cod else D("0.00"),
        **changes,
    }
    return moves.Sale(reference=reference, dropshipper_id=dropshipper.pk, cod=cod, **amounts)


def books() -> list[Any]:
    """All that the ledger holds, to show that a refusal left no trace."""
    return [*Posting.objects.order_by("pk").values_list(), *Account.objects.order_by("pk").values_list("pk", "balance")]


@contextmanager
def hatch() -> Iterator[Any]:
    """A cursor that may damage the books: the owner's, with the hatch for maintenance open."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL mci.ledger_maintenance = 'on'")
        yield cursor
        cursor.execute("SET LOCAL mci.ledger_maintenance = 'off'")


def age() -> None:
    """Makes what was posted here the work of an earlier transaction, which every snapshot sees: it may be sealed and is
    closed to later postings. (A busy server delays the seal; tests do not wait for it.)"""
    with hatch() as cursor:
        cursor.execute("UPDATE wallet_entry SET xid = '3'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
