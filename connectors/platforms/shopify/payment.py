"""What the payment of a Shopify order is. "Pending" says nothing: it is cash on delivery, a bank transfer, a Klarna
under review or a draft order alike. COD is only ever a positive match (the method's name, or a tag of a COD form); what
nothing explains is for a person, who decides it once for his shop."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO

STATUSES = frozenset(
    {"PENDING", "AUTHORIZED", "PARTIALLY_PAID", "PAID", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED", "EXPIRED"}
)
_COD_WORDS = re.compile(
    r"(?<!\w)(?:contrassegno|(?:paga(?:mento)?|contanti) (?:in contanti )?alla consegna|alla consegna"
    r"|(?:cash|pay|payment|paid) (?:on|at|upon) (?:delivery|receipt)|cod|c\.o\.d\.)(?!\w)",
    re.IGNORECASE,
)
_NOT_COD = re.compile(
    r"(?<!\w)(?:no|non|not|senza|escluso|except) (?:\w+ ){0,2}?(?:contrassegno|cod|cash)", re.IGNORECASE
)
# Tags that COD forms write, and those that staff types on an order by phone.
_COD_TAGS = re.compile(
    r"releasit_cod_form|easysell(?:[ _-]\w+)?|(?:\w+[ _-])?cod[ _-]?(?:form|order|app)?|contrassegno"
    r"|cash[ _-]on[ _-]delivery"
)
_OFFLINE = (
    (
        "bank_transfer",
        re.compile(r"(?<!\w)(?:bank (?:deposit|transfer)|wire transfer|bonifico|sepa)(?!\w)", re.IGNORECASE),
    ),
    ("cheque", re.compile(r"(?<!\w)(?:cheque|check|assegno|money order|vaglia)(?!\w)", re.IGNORECASE)),
)
# Known by their names: they collect by themselves, and pending means that they have not yet.
_ELECTRONIC = re.compile(
    r"shopify[_ ]payments|paypal|klarna|scalapay|satispay|stripe|nexi|mollie|multibanco|adyen|worldpay|amazon|google"
    r"|apple|afterpay|clearpay|alma|oney|sofort|ideal|bancontact|credit card|carta di credito|(?<!\w)carta(?!\w)",
    re.IGNORECASE,
)
_GIFT = re.compile(r"gift[_ ]card|store[_ ]credit", re.IGNORECASE)
_UNNAMED = frozenset({"", "manual", "custom"})  # what a draft order carries: no method at all


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
    of this shop hangs on; `live` false: nothing to ship."""

    kind: str
    reason: str
    method: str = ""
    rule_applies: bool = True
    finished: bool = False
    live: bool = True


def tag_rule(tag: str) -> str:
    """What a PaymentRule about a tag hangs on."""
    return f"tag:{tag.strip().lower()}"[:100]


def is_cod_name(name: str) -> bool:
    """ "Contrassegno (+ 5,00 €)"; not "Codice sconto", not "Carta (no contrassegno)"."""
    return bool(_COD_WORDS.search(name)) and not _NOT_COD.search(name)


def is_cod_tag(tag: str) -> bool:
    return bool(_COD_TAGS.fullmatch(tag.strip().lower()))


def classify(facts: Facts) -> Verdict:
    """The payment kind with the code of its reason."""
    names = [name for name in facts.gateways if not _GIFT.search(name)]
    named = [name for name in names if name.strip().lower() not in _UNNAMED]
    tag = next((mark for mark in facts.marks if is_cod_tag(mark)), "")
    method = (named[0] if named else tag_rule(tag) if tag else names[0] if names else "")[:100]
    settled = _settled(facts, method)
    if settled is not None:
        return settled
    kind, reason = _unpaid(facts, named, tag)
    return Verdict(kind, reason, method)


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
        reason = "unknown_status"
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


def _unpaid(facts: Facts, named: Sequence[str], tag: str) -> tuple[str, str]:
    """Pending or partially paid."""
    if facts.terms:
        return "review", "payment_terms"
    cod = next((name for name in named if is_cod_name(name)), "")
    if facts.status == "PARTIALLY_PAID" and cod:
        # A deposit by card, the rest at the door: the card has taken its part, so it is not the one that is waited for.
        named = [name for name in named if name not in facts.taken and _waits(name) != "unpaid"]
    waits = next((reason for name in named if (reason := _waits(name))), "")
    if (cod or tag) and waits:
        return "review", "two_methods"
    if waits:
        return "awaiting", waits
    if not cod and (not tag or named):  # with a method whose name says nothing, a tag proves nothing
        return "review", "unknown_method"
    if facts.outstanding is None:
        return "review", "owing_unknown"
    if not facts.one_currency:
        return "review", "two_currencies"
    if not facts.has_address:
        return "review", "no_address"
    if facts.status == "PARTIALLY_PAID":
        return "cod", "partly_paid"
    return "cod", "cod_gateway" if cod else "cod_tag"


def _waits(name: str) -> str:
    """The reason to wait for the money of a known method that is no cash on delivery; "" for the others."""
    if is_cod_name(name):
        return ""
    for reason, words in _OFFLINE:
        if words.search(name):
            return reason
    return "unpaid" if _ELECTRONIC.search(name) else ""
