"""What the payment of a Shopify order is. "Pending" says nothing: it is cash on delivery, a bank transfer, a Klarna
under review or a draft order alike. COD is only ever a positive match (Shopify's own method, the words of a name, a tag
of a COD form: connectors/platforms/payment_words.py); what nothing explains is for a person, who decides it once for
his shop. That it was paid Shopify says itself, by the financial status and what is outstanding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.platforms import payment_words as words
from core.money import ZERO

# That mean something here, besides those of an order that is given up.
STATUSES = frozenset({"PENDING", "AUTHORIZED", "PARTIALLY_PAID", "PAID", "PARTIALLY_REFUNDED", "EXPIRED"})
_GIFT = re.compile(r"gift[_ ]card|store[_ ]credit", re.IGNORECASE)
_UNNAMED = frozenset({"", "manual", "custom"})  # what a draft order carries: no method at all
# The built-in method, whose name no shop can give to another one, and that of the old API.
_OWN_COD = frozenset({"cash on delivery (cod)", "cash_on_delivery"})

# The methods that are waited for, with the reason; and why a name is not clear.
_WAITS = {words.BANK_TRANSFER: "bank_transfer", words.CHEQUE: "cheque", words.ELECTRONIC: "unpaid"}
_UNCLEAR = {words.MIXED: "cod_among_others", words.DENIED: "cod_denied"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What an order says of its payment. Amounts are in the customer's currency (the one that he pays in);
    `outstanding` None: unknown. `marks` are its tags. `taken`: methods by which something was paid already."""

    status: str  # Shopify's financial status, upper case
    gateways: Sequence[str]
    marks: Sequence[str]
    total: Decimal | None
    outstanding: Decimal | None
    one_currency: bool  # shop and customer reckon in the same
    has_address: bool
    test: bool = False
    point_of_sale: bool = False
    sent: str = ""  # "" | "part" | "all": already fulfilled in the shop
    taken: Sequence[str] = ()
    terms: bool = False  # payment terms were agreed (net 30)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` and `reason` as in IncomingOrder, `rule_applies` and `finished` likewise. `method` is what a PaymentRule
    of this shop hangs on: of several methods the one that the question is about, or that decided. `live` false: nothing
    to ship."""

    kind: str
    reason: str
    method: str = ""
    rule_applies: bool = True
    finished: bool = False
    live: bool = True


def tag_rule(tag: str) -> str:
    """What a PaymentRule about a tag hangs on."""
    return f"tag:{tag.strip().lower()}"[:100]


def is_cod_tag(tag: str) -> bool:
    return words.of_tag(tag) == words.COD


def classify(facts: Facts) -> Verdict:
    """The payment kind with the code of its reason."""
    names = [name for name in facts.gateways if not _GIFT.search(name)]
    named = [name for name in names if name.strip().lower() not in _UNNAMED]
    tag = next((tag_rule(mark) for mark in facts.marks if is_cod_tag(mark)), "")
    usual = next(filter(None, (*named, tag, *names)), "")
    settled = _settled(facts, usual[:100])
    if settled is not None:
        return settled
    kind, reason, method = _unpaid(facts, named, tag)
    return Verdict(kind, reason, (method or usual)[:100])


def _settled(facts: Facts, method: str) -> Verdict | None:
    """What no rule of the reseller may change: paid, given up, sent by others. None: the customer still owes."""
    kind, reason, finished, live = "review", "", False, True
    if facts.status in ("REFUNDED", "VOIDED"):
        reason, live = "given_up", False
    elif facts.test:
        reason = "test_order"
    elif facts.point_of_sale:  # sold over the counter: nothing to ship, unless it was promised by post
        finished = facts.sent == "all" or not facts.has_address
        reason, live = "point_of_sale", not finished
    elif facts.sent == "all":
        reason, finished = "completed_in_shop", True
    elif facts.status not in STATUSES:
        reason = "unknown_status" if facts.status else "no_status"
    elif facts.status == "EXPIRED":
        kind, reason = "awaiting", "payment_expired"
    elif facts.status == "AUTHORIZED":  # reserved, not taken; it lapses after some days
        kind, reason = "awaiting", "authorized"
    elif facts.status in ("PAID", "PARTIALLY_REFUNDED"):
        if facts.outstanding is None or facts.outstanding > ZERO:
            reason = "paid_and_owing"
        else:
            kind, reason = "prepaid", "free" if facts.status == "PAID" and facts.total == ZERO else "paid"
    else:
        return None
    return Verdict(kind, reason, method, rule_applies=False, finished=finished, live=live)


def _unpaid(facts: Facts, named: Sequence[str], tag: str) -> tuple[str, str, str]:
    """Pending or partially paid: kind, reason and the method that they are about ("": the usual one)."""
    kinds = {name: _kind(name) for name in named}
    cod = next((name for name in named if kinds[name] == words.COD), "")
    if facts.terms:
        return "review", "payment_terms", cod
    if facts.status == "PARTIALLY_PAID" and cod:
        # A deposit by card, the rest at the door: what has taken its part is not waited for any more. A webhook does
        # not say what was taken; then it was the card.
        over = facts.taken or [name for name in named if kinds[name] == words.ELECTRONIC]
        named = [name for name in named if name == cod or name not in over]
    waiting = [name for name in named if kinds[name] in _WAITS]
    unclear = [name for name in named if kinds[name] not in _WAITS and kinds[name] != words.COD]
    if unclear:
        if cod or waiting or len(unclear) > 1:
            return "review", "two_methods" if cod else "several_methods", unclear[0]
        return "review", _UNCLEAR.get(kinds[unclear[0]], "unknown_method"), unclear[0]
    if waiting:
        if cod or tag:  # what asks is the cash on delivery: beside a method that is known, a tag proves nothing
            return "review", "two_methods", cod or tag
        return "awaiting", _WAITS[kinds[waiting[0]]], waiting[0]
    if not cod and not tag:
        return "review", "unknown_method", ""
    if cod.strip().lower() not in _OWN_COD and any(words.of_tag(mark) == words.DENIED for mark in facts.marks):
        return "review", "cod_denied", cod or tag
    return *_collect(facts, "cod_gateway" if cod else "cod_tag"), cod or tag


def _collect(facts: Facts, reason: str) -> tuple[str, str]:
    """Owed at the door, if all that a courier needs is known."""
    if facts.outstanding is None:
        return "review", "owing_unknown"
    if not facts.one_currency:
        return "review", "two_currencies"
    if not facts.has_address:
        return "review", "no_address"
    return "cod", "partly_paid" if facts.status == "PARTIALLY_PAID" else reason


def _kind(name: str) -> str:
    return words.COD if name.strip().lower() in _OWN_COD else words.of_name(name).kind
