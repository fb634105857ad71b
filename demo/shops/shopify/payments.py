"""How an order's payment looks, by the word of the one who places it: gateway names, transactions, status."""

from dataclasses import dataclass
from decimal import Decimal

from .gids import Doc, cents, two_places

# Names that the store reserves for its own manual methods, and names that merchants type.
COD, BANK_DEPOSIT, MONEY_ORDER = "Cash on Delivery (COD)", "Bank Deposit", "Money Order"


@dataclass(frozen=True, slots=True)
class Way:
    """`kind` and `status` are those of the first transaction; "" means none. `part` is what is paid at once when it is
    not all (EUR). `manual` is a method without a provider. `financial` is a status that no transaction explains."""

    gateway: str
    kind: str = "SALE"
    status: str = "SUCCESS"
    manual: bool = False
    formatted: str = ""
    named: bool = True
    part: str = ""
    rest: str = ""
    financial: str = ""
    source: str = "web"
    tags: tuple[str, ...] = ()
    test: bool = False
    terms: str = ""


WAYS = {
    "card": Way("shopify_payments", formatted="Shopify Payments"),
    "paypal": Way("paypal", formatted="PayPal Express Checkout"),
    "cod": Way(COD, status="PENDING", manual=True),
    "contrassegno": Way("Contrassegno", status="PENDING", manual=True),
    "bonifico": Way("Bonifico bancario", status="PENDING", manual=True),
    "bank_deposit": Way(BANK_DEPOSIT, status="PENDING", manual=True),
    "money_order": Way(MONEY_ORDER, status="PENDING", manual=True),
    "paypal_pending": Way("paypal", status="PENDING", formatted="PayPal Express Checkout"),
    "klarna_pending": Way("Klarna", status="PENDING"),
    "authorized": Way("shopify_payments", kind="AUTHORIZATION", formatted="Shopify Payments"),
    "expired": Way("Klarna", kind="AUTHORIZATION", status="FAILURE", financial="EXPIRED"),
    "deposit": Way("shopify_payments", part="10.00", rest=COD, formatted="Shopify Payments"),
    "bogus": Way("bogus", formatted="Bogus Gateway", test=True),
    "pos": Way("cash", manual=True, formatted="Cash", source="pos"),
    "draft": Way("manual", status="PENDING", manual=True, source="shopify_draft_order"),
    "releasit": Way("", kind="", tags=("releasit_cod_form",), source="2437841"),
    "api_pending": Way("", kind="", source="580111"),
    "terms": Way("", kind="", terms="Net 30"),
    "free": Way("", kind=""),
}


def way(payment: str | Doc) -> Way:
    """A word of WAYS, or a dict with Way's own fields."""
    return WAYS[payment] if isinstance(payment, str) else Way(**payment)


def transactions(how: Way, total: Decimal, at: str, ids: list[int]) -> list[Doc]:
    """The transactions of a new order. `total` in the store's currency; none when nothing is to be paid."""
    if not how.kind or total == 0:
        return []
    amount = cents(how.part) if how.part else total
    made = [_transaction(ids[0], how, how.gateway, how.kind, how.status, amount, at)]
    if how.rest:
        made.append(_transaction(ids[1], Way(how.rest, manual=True), how.rest, "SALE", "PENDING", total - amount, at))
    return made


def _transaction(id_: int, how: Way, gateway: str, kind: str, status: str, amount: Decimal, at: str) -> Doc:
    return {
        "id": id_,
        "kind": kind,
        "status": status,
        "gateway": gateway,
        "formatted": how.formatted or gateway,
        "manual": how.manual,
        "test": how.test,
        "at": at,
        "parent": None,
        "amount": two_places(amount),
    }


def gateway_names(how: Way, total: Decimal) -> list[str]:
    """Empty for orders that cost nothing, and for those that an app's form made."""
    return [name for name in (how.gateway, how.rest) if name] if total and how.named else []
