"""What the business does with money, as entries of the books. The door of this room for others.

All amounts are EUR. A reference ("order:12") names what the money is for; keys are made of it, so that doing a thing
twice moves money once. Callers hold the transaction and have locked the order (and stock) rows before.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, cents
from wallet.books.book import COD, book_of
from wallet.books.failures import Kept, find, give_back, lose, refuse, reimburse
from wallet.books.ledger import Draft, lock_spendable, post
from wallet.errors import NotReversible
from wallet.models import Entry

__all__ = [
    "Kept",
    "Sale",
    "adjust",
    "credit_top_up",
    "find",
    "give_back",
    "lock_spendable",
    "lose",
    "lower",
    "refuse",
    "reimburse",
    "remit",
    "reship",
    "sell",
    "undo",
]

_K = Entry.Kind


@dataclass(frozen=True, slots=True)
class Sale:
    """What a dispatched order costs and, for COD, what the courier collects. Net amounts exclude VAT; `vat` is the VAT
    of goods, shipping and COD fee together; `collect` (paid at the door) and `guarantee` are gross."""

    reference: str
    dropshipper_id: int
    cod: bool
    goods_net: Decimal
    shipping_net: Decimal
    cod_fee_net: Decimal
    vat: Decimal
    collect: Decimal
    guarantee: Decimal

    def __post_init__(self) -> None:
        for amount in (self.goods_net, self.shipping_net, self.cod_fee_net, self.vat, self.collect, self.guarantee):
            if not amount.is_finite() or amount < 0 or amount != cents(amount):
                raise ValueError(f"{self.reference}: {amount} is not an amount of a sale")
        if self.cod and self.collect <= 0:
            raise ValueError(f"{self.reference}: nothing to collect at the door")

    @property
    def cost(self) -> Decimal:
        """What the reseller owes the supplier, VAT included."""
        return self.goods_net + self.shipping_net + self.cod_fee_net + self.vat

    @property
    def wallet_need(self) -> Decimal:
        """What leaves the available balance at Sincronizza."""
        return self.guarantee + max(ZERO, self.cost - self.collect) if self.cod else self.cost


def sell(sales: Sequence[Sale], *, by: int | None, at: dt.datetime | None = None) -> None:
    """Charges prepaid orders to the wallet and books COD orders, with their guarantee held; one statement for all.

    All or nothing: InsufficientFunds if a wallet cannot pay its part. Again with the same content: nothing happens;
    with other content: KeyConflict. `at` is for history that is being loaded."""
    drafts = []
    for sale in sales:
        income = {
            "sales": sale.goods_net,
            "shipping_income": sale.shipping_net,
            "cod_fees": sale.cod_fee_net,
            "vat": sale.vat,
        }
        if sale.cod:
            margin = sale.collect - sale.cost
            # A sale below its cost is paid from the wallet at once, never hidden in what is to come.
            mine = {"cod_in_transit": -sale.collect, "cod_due": max(margin, ZERO), "wallet": min(margin, ZERO)}
            kind = _K.COD_SALE
        else:
            mine, kind = {"wallet": -sale.cost}, _K.SALE
        key = f"{sale.reference}:sale"
        drafts.append(Draft(kind, key, sale.reference, sale.dropshipper_id, {**mine, **income}, at=at))
        if sale.cod and sale.guarantee:
            held = {"wallet": -sale.guarantee, "held": sale.guarantee}
            key = f"{sale.reference}:guarantee"
            drafts.append(Draft(_K.GUARANTEE, key, sale.reference, sale.dropshipper_id, held, at=at))
    post(drafts, by=by)


def undo(reference: str, *, by: int | None, memo: str = "", at: dt.datetime | None = None) -> None:
    """Cancelled before it left: all entries of the reference are reversed. NotReversible once settled otherwise."""
    book = book_of(reference)
    book.must_be("open", "undone", "none")
    post(book.reversals(memo=memo, at=at), by=by)


def lower(
    reference: str,
    *,
    collect: Decimal,
    by: int | None,
    fee_net: Decimal = ZERO,
    fee_vat: Decimal = ZERO,
    at: dt.datetime | None = None,
) -> None:
    """The courier collects less than was booked (`collect`, EUR, gross): what is missing is taken from the margin to
    come and, below the cost, from the wallet (InsufficientFunds if it cannot). With 0 it is COD no more: the COD fee
    (`fee_net`, `fee_vat`) is given back and the guarantee released. To the same amount again: nothing happens."""
    book = book_of(reference)
    book.must_be("open")
    sale = book.of(_K.COD_SALE)
    if sale is None:
        raise NotReversible(reference=reference, state="prepaid")
    booked = -book.total("cod_in_transit")
    if collect == booked:
        return
    if not ZERO <= collect < booked or collect != cents(collect) or (collect and (fee_net or fee_vat)):
        raise ValueError(f"{reference}: {collect} is not less than {booked}")
    due, paid = book.total("cod_due"), book.total("wallet") + book.total("held")
    margin = collect - (booked - due - paid - fee_net - fee_vat)
    lines = {
        "cod_in_transit": booked - collect,
        "cod_due": max(margin, ZERO) - due,
        "wallet": min(margin, ZERO) - paid,
        "cod_fees": -fee_net,
        "vat": -fee_vat,
    }
    owner, key = sale.dropshipper_id, f"{reference}:collect:{collect}"
    drafts = [Draft(_K.COD_AMENDMENT, key, reference, owner, lines, at=at)]
    if not collect:
        drafts += book.release(at=at)
    post(drafts, by=by)


def reship(
    reference: str,
    *,
    shipping_net: Decimal,
    cod_fee_net: Decimal,
    vat: Decimal,
    guarantee: Decimal | None,
    by: int | None,
    key: uuid.UUID,
    at: dt.datetime | None = None,
) -> None:
    """The parcel goes elsewhere before it left: shipping, COD fee and the VAT of all cost this from now on (EUR), and
    so much is held (None: as it is). The difference, in one entry: prepaid from or into the wallet; COD from the margin
    to come and, below the cost, from the wallet (InsufficientFunds if it cannot). The same `key` again, or no
    difference: nothing happens."""
    book = book_of(reference)
    book.must_be("open")
    sale = book.of(_K.SALE, _K.COD_SALE)
    name = f"{reference}:reship:{key}"
    if sale is None or any(entry.key == name for entry in book.entries):
        return
    cost = book.total("sales") + shipping_net + cod_fee_net + vat
    margin = -book.total("cod_in_transit") - cost
    held = book.total("held")
    more = guarantee - held if guarantee is not None else ZERO
    lines = {
        "shipping_income": shipping_net - book.total("shipping_income"),
        "cod_fees": cod_fee_net - book.total("cod_fees"),
        "vat": vat - book.total("vat"),
        "cod_due": max(margin, ZERO) - book.total("cod_due"),
        "wallet": min(margin, ZERO) - (book.total("wallet") + held) - more,
        "held": more,
    }
    post([Draft(_K.SHIPPING_CHANGE, name, reference, sale.dropshipper_id, lines, at=at)], by=by)


def remit(reference: str, *, by: int | None, at: dt.datetime | None = None) -> None:
    """The courier paid the collected amount to the supplier: margin and guarantee become available."""
    book = book_of(reference)
    book.must_be("open", "remitted", "found")
    sale = book.of(_K.COD_SALE)
    if sale is None:
        raise NotReversible(reference=reference, state="prepaid")
    owner, due = sale.dropshipper_id, book.total("cod_due", *COD)
    collected = -book.total("cod_in_transit", *COD)
    lines = {"bank": -collected, "cod_in_transit": collected, "cod_due": -due, "wallet": due}
    drafts = [Draft(_K.REMITTANCE, book.key("remittance", _K.REMITTANCE), reference, owner, lines, at=at)]
    post([*drafts, *book.release(at=at)], by=by)


def credit_top_up(
    *, reference: str, dropshipper_id: int, amount: Decimal, memo: str, by: int | None, at: dt.datetime | None = None
) -> int:
    """Money that reached the supplier's bank account becomes available. `memo`: the transfer's causale. Returns the
    entry's id."""
    if amount <= 0:
        raise ValueError(f"{amount} is not a top-up")
    lines = {"bank": -amount, "wallet": amount}
    key = f"{reference}:credit"
    return post([Draft(_K.TOP_UP, key, reference, dropshipper_id, lines, memo, at=at)], by=by)[key]


def adjust(
    dropshipper_id: int,
    amount: Decimal,
    memo: str,
    by: int | None,
    *,
    key: uuid.UUID | None = None,
    at: dt.datetime | None = None,
) -> int:
    """A correction by the supplier, signed; `memo` tells the reseller why. `key`: twice is once. Returns the entry's
    id. People's adjustments go through wallet/adjustments.py, which asks for a second person."""
    reference = f"adjustment:{key or uuid.uuid4()}"
    lines = {"adjustments": -amount, "wallet": amount}
    draft = Draft(_K.ADJUSTMENT, reference, reference, dropshipper_id, lines, memo, at=at)
    return post([draft], by=by)[reference]
