"""What tests that compare whole rows share: a sale of which no two amounts are alike, the books of two resellers with
the same days, and how a proposal and a refusal are told."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

from django.utils import timezone

from tests import cast
from tests.wallet.pages import at
from wallet import moves, topups
from wallet.models import Entry, Proposal, TopUp

KEY = uuid.UUID("11112222-3333-4444-5555-666677778888")
LIMIT = D("100.00")  # of one person alone
SOLD = {"sales": "11.03", "shipping_income": "5.41", "vat": "4.35"}


def sale(owner: Any, reference: str, *, cod: bool = True, **changes: Any) -> moves.Sale:
    """31.17 at the door, cost 21.92, margin 9.25, guarantee 13.37; prepaid: 20.79."""
    amounts: dict[str, str] = {
        "goods_net": "11.03",
        "shipping_net": "5.41",
        "cod_fee_net": "1.13" if cod else "0.00",
        "vat": "4.35",
        "collect": "31.17" if cod else "0.00",
        "guarantee": "13.37" if cod else "0.00",
        **changes,
    }
    money = {name: D(amount) for name, amount in amounts.items()}
    return moves.Sale(reference=reference, dropshipper_id=owner.pk, cod=cod, **money)


def spend(dropshipper: Any, other_dropshipper: Any) -> None:
    """Two resellers whose days are the same, and whose amounts are not."""
    for owner, plus in ((dropshipper, 0), (other_dropshipper, 1000)):
        moves.credit_top_up(
            reference=f"topup:{7 + plus}",
            dropshipper_id=owner.pk,
            amount=D(f"{500 + plus}.31"),
            memo="=MCI 7F3K",
            by=None,
            at=at("2026-03-01", "00:07"),
        )
        sales = [sale(owner, f"order:{plus + 1}", cod=False), sale(owner, f"order:{plus + 2}")]
        moves.sell(sales, by=None, at=at("2026-03-02", "10:30"))
        moves.undo(f"order:{plus + 1}", by=None, memo=f"MCI-{plus + 1:06d}", at=at("2026-03-03", "23:59"))
        amount, key = (D("-13.07"), None) if plus else (D("-3.07"), KEY)
        moves.adjust(owner.pk, amount, "Peso", None, key=key, at=at("2026-03-04", "08:01"))
        moves.remit(f"order:{plus + 2}", by=None, at=at("2026-04-05", "12:13"))


def entries(owner: Any) -> dict[str, int]:
    return {key: pk for pk, key in Entry.objects.filter(dropshipper=owner).values_list("pk", "key")}


def asked(owner: Any, amount: str = "61.07", *, key: uuid.UUID | None = None, by: Any = None) -> TopUp:
    return topups.request(owner.pk, D(amount), key=key or uuid.uuid4(), by=(by or cast.member(owner)).pk)


def proposed(pk: int) -> tuple[Any, ...]:
    """A proposal, but for its moments."""
    (row,) = Proposal.objects.filter(pk=pk).values_list(
        "kind", "reference", "dropshipper", "amount", "reason", "state", "proposed_by", "decided_by", "entry"
    )
    return row


def told(error: Any) -> dict[str, Any]:
    """The params of an AlreadyDone, without the moment, which is the present one or the minute before it."""
    moment = timezone.localtime()
    minutes = [f"{moment - dt.timedelta(minutes=back):%d/%m/%Y %H:%M}" for back in (0, 1)]
    assert error.value.params["at"] in minutes
    return {name: value for name, value in error.value.params.items() if name != "at"}
