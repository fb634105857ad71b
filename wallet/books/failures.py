"""What is posted when a parcel or a piece fails: it came back, was lost, was found again; and what its courier pays for
it. EUR. Others reach it by wallet/moves.py; callers hold the transaction and have locked the order before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, cents
from wallet.books.book import COD, book_of
from wallet.books.ledger import Draft, post
from wallet.errors import NotReversible
from wallet.models import Entry

_K = Entry.Kind


@dataclass(frozen=True, slots=True)
class Kept:
    """What a parcel that failed costs the reseller: `goods_net` that cannot be sold again, `fees_net` (the ways,
    storage, handling) and the `vat` of both. `lost_net`: the price of goods that the supplier bears, his loss. EUR."""

    goods_net: Decimal = ZERO
    fees_net: Decimal = ZERO
    vat: Decimal = ZERO
    lost_net: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        return self.goods_net + self.fees_net + self.vat

    def lines(self) -> dict[str, Decimal]:
        """The supplier's side of it."""
        return {
            "sales": self.goods_net + self.lost_net,
            "shipping_income": self.fees_net,
            "vat": self.vat,
            "losses": -self.lost_net,
        }


NOTHING = Kept()


def refuse(
    reference: str,
    *,
    return_net: Decimal,
    return_vat: Decimal,
    by: int | None,
    shipping_vat: Decimal | None = None,
    out_net: Decimal | None = None,
    more: Kept = NOTHING,
    memo: str = "",
    at: dt.datetime | None = None,
) -> None:
    """A COD parcel that nobody paid is back: the booking is reversed and shipping, out and back, is kept.

    `return_net` and `return_vat` price the way back. The way out costs what the sale posted as shipping (or `out_net`,
    where somebody else bears it), plus `shipping_vat`; without it the rate of the way back is taken. `more`: what is
    kept beside the ways. The guarantee pays; what it does not cover comes from the wallet (InsufficientFunds if it
    cannot), what is left of it is released."""
    book = book_of(reference)
    book.must_be("open", "refused")
    sale = book.of(_K.COD_SALE)
    if sale is None:
        raise NotReversible(reference=reference, state="prepaid")
    held = book.total("held", _K.GUARANTEE)  # what a change of the shipping holds goes back with its entry
    if out_net is None:
        out_net = book.total("shipping_income", *COD)
    if shipping_vat is None:
        shipping_vat = cents(out_net * return_vat / return_net) if return_net else ZERO
    fees_net = out_net + return_net + more.fees_net
    kept = Kept(more.goods_net, fees_net, shipping_vat + return_vat + more.vat, more.lost_net)
    lines = {**kept.lines(), "held": -held, "wallet": held - kept.gross}
    drafts = book.reversals(*COD, memo=memo, at=at)
    drafts.append(
        Draft(_K.GUARANTEE_CAPTURE, f"{reference}:capture", reference, sale.dropshipper_id, lines, memo, at=at)
    )
    post(drafts, by=by)


def lose(
    reference: str,
    *,
    by: int | None,
    kept: Kept | None = None,
    memo: str = "",
    at: dt.datetime | None = None,
) -> None:
    """The courier lost the parcel: for the reseller as cancelled; the goods (net price) are the supplier's loss.
    `kept`: what the reseller bears of it all the same, with the supplier's part of the loss in it. A COD order whose
    cash was never collected, or a prepaid one."""
    book = book_of(reference)
    book.must_be("open", "lost")
    sale = book.of(_K.SALE, _K.COD_SALE)
    if sale is None:
        raise NotReversible(reference=reference, state="none")
    if kept is None:
        kept = Kept(lost_net=book.lines[sale.pk].get("sales", ZERO))
    lines = {**kept.lines(), "wallet": -kept.gross}
    lost = Draft(_K.LOSS, f"{reference}:loss", reference, sale.dropshipper_id, lines, memo, at=at)
    kinds = (_K.SALE, *COD, _K.GUARANTEE, _K.GUARANTEE_RELEASE)  # COD has what was reshipped
    post([*book.reversals(*kinds, memo=memo, at=at), lost], by=by)


def find(
    reference: str,
    *,
    delivered: bool,
    by: int | None,
    goods_net: Decimal = ZERO,
    memo: str = "",
    at: dt.datetime | None = None,
) -> None:
    """A parcel that was lost is there after all. `delivered`: everything stands again as before the loss, at once
    (InsufficientFunds where the reseller has spent what was credited). Else it came back to the supplier, whose loss is
    less by `goods_net`; what was credited stays. Raises NotReversible where no loss stands."""
    book = book_of(reference)
    book.must_be("lost", "found")
    loss = book.of(_K.LOSS)
    if loss is None:
        raise NotReversible(reference=reference, state=book.state)
    if delivered:
        # What one act posted bears one moment: the loss and what it reversed.
        undone = [e for e in book.entries if e == loss or (e.kind == _K.REVERSAL and e.at == loss.at)]
        accounts = {account for entry in undone for account in book.lines[entry.pk]}
        lines = {name: -sum((book.lines[e.pk].get(name, ZERO) for e in undone), ZERO) for name in sorted(accounts)}
    else:
        lines = {"losses": goods_net, "sales": -goods_net}
    post([Draft(_K.FOUND, f"{reference}:found", reference, loss.dropshipper_id, lines, memo, at=at)], by=by)


def give_back(
    reference: str,
    *,
    key: str,
    goods_net: Decimal,
    shipping_net: Decimal,
    vat: Decimal,
    charge: Kept,
    by: int | None,
    memo: str = "",
    at: dt.datetime | None = None,
) -> None:
    """Pieces of an order that was paid came back, or a prepaid parcel did: goods and way out are credited (net, and the
    VAT of both), the costs of the return charged (`charge`, whose lost goods are the supplier's loss), each in an entry
    of its own. `key` names the return ("return:7"): twice is once. InsufficientFunds where the costs are more than the
    credit and what the wallet has."""
    book = book_of(reference)
    book.must_be("open", "remitted", "found")
    sale = book.of(_K.SALE, _K.COD_SALE)
    if sale is None:
        raise NotReversible(reference=reference, state="none")
    owner = sale.dropshipper_id
    back = {
        "wallet": goods_net + shipping_net + vat,
        "sales": -goods_net,
        "shipping_income": -shipping_net,
        "vat": -vat,
    }
    costs = {**charge.lines(), "wallet": -charge.gross}
    post(
        [
            Draft(_K.RETURN_CREDIT, f"{reference}:{key}:credit", reference, owner, back, memo, at=at),
            Draft(_K.RETURN_CHARGE, f"{reference}:{key}:charge", reference, owner, costs, memo, at=at),
        ],
        by=by,
    )


def reimburse(
    reference: str, *, key: str, amount: Decimal, by: int | None, memo: str = "", at: dt.datetime | None = None
) -> None:
    """The courier paid for a claim (EUR, as it came to the bank): what was lost is less by so much. `key` as in
    `give_back`."""
    if amount <= 0 or amount != cents(amount):
        raise ValueError(f"{amount} is not what a courier pays")
    sale = book_of(reference).of(_K.SALE, _K.COD_SALE)
    if sale is None:
        raise NotReversible(reference=reference, state="none")
    lines = {"bank": -amount, "losses": amount}
    post([Draft(_K.CLAIM_PAID, f"{reference}:{key}:paid", reference, None, lines, memo, at=at)], by=by)
