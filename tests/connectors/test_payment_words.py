"""Names of payment methods of real shops (tests/connectors/payment_names.py) against both platforms: what counts as
cash on delivery or as prepaid is never wrong, and what is not sure is asked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from connectors.platforms import payment_words as words
from connectors.platforms.shopify import payment as shopify
from connectors.platforms.woocommerce import payment as woocommerce
from orders.questions.payment_reasons import SENTENCES
from tests.connectors import payment_names
from tests.connectors.payment_names import Name

NAMES = payment_names.rows(
    payment_names.COD,
    payment_names.DOUBT,
    payment_names.UNKNOWN,
    payment_names.OFFLINE,
    payment_names.ELECTRONIC,
    payment_names.ADDED,
    payment_names.MORE,
    payment_names.HELD,
    payment_names.SAID,
)
PAID = dt.datetime(2026, 11, 23, 20, 52, tzinfo=dt.UTC)
# Of what a WooCommerce gateway is: its order unpaid; marked as paid; marked as paid, with the number of the payment.
WOOCOMMERCE = {
    "platform": ("cod", "cod", "cod"),
    "electronic": ("awaiting", "prepaid", "prepaid"),
    "offline": ("awaiting", "prepaid", "prepaid"),
    "words": ("cod", "review", "review"),
    "doubt": ("review", "review", "prepaid"),
    "unknown": ("review", "review", "prepaid"),
}


def in_woocommerce(name: Name, *, paid: bool, transaction: str, status: str = "processing") -> woocommerce.Verdict:
    return woocommerce.classify(
        gateway="plugin_x" if name.gateway == "x" else name.gateway,
        title=name.title,
        status=status,
        paid_at=PAID if paid else None,
        completed_at=None,
        transaction=transaction,
        total_is_zero=False,
    )


def in_shopify(names: list[str], status: str = "PENDING", *, tags: tuple[str, ...] = ()) -> shopify.Verdict:
    total = Decimal("44.80")
    owed = Decimal("0.00") if status == "PAID" else total
    return shopify.classify(shopify.Facts(status, names, tags, total, owed, one_currency=True, has_address=True))


def test_the_table_is_wide() -> None:
    assert len(NAMES) >= 300
    assert len({(name.gateway, name.title) for name in NAMES}) == len(NAMES)
    for kind, at_least in (("platform", 10), ("words", 70), ("doubt", 50), ("unknown", 50), ("electronic", 80)):
        assert sum(name.woocommerce == kind for name in NAMES) >= at_least, kind


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name.gateway}:{name.title}")
def test_each_name_is_read_for_what_it_is_in_woocommerce(name: Name) -> None:
    verdicts = [
        in_woocommerce(name, paid=False, transaction=""),
        in_woocommerce(name, paid=True, transaction=""),
        in_woocommerce(name, paid=True, transaction="ch_3LOCAL0000000024"),
    ]
    assert tuple(found.kind for found in verdicts) == WOOCOMMERCE[name.woocommerce]
    assert all(found.reason in SENTENCES and found.rule_applies for found in verdicts)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name.gateway}:{name.title}")
def test_each_name_is_read_for_what_it_is_in_shopify(name: Name) -> None:
    method = name.title or name.gateway
    found = in_shopify([method])
    assert (found.kind, found.method) == (name.shopify, method)
    assert found.reason in SENTENCES
    assert in_shopify([method], "PAID").kind == "prepaid"  # Shopify's own word, and nothing is outstanding


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name.gateway}:{name.title}")
def test_nothing_is_ready_before_the_shop_says_so(name: Name) -> None:
    for status in ("pending", "on-hold"):
        assert in_woocommerce(name, paid=True, transaction="ch_1", status=status).kind == "awaiting"
    assert in_woocommerce(name, paid=True, transaction="ch_1", status="in-lavorazione").kind == "review"
    for status in ("", "A_NEW_WORD"):
        assert in_shopify([name.title or name.gateway], status).kind == "review"


@pytest.mark.parametrize("name", NAMES, ids=lambda name: f"{name.gateway}:{name.title}")
def test_beside_a_method_that_is_known_nothing_is_collected_without_a_question(name: Name) -> None:
    method = name.title or name.gateway
    for other in ("shopify_payments", "Bonifico bancario"):
        for found in (in_shopify([other, method]), in_shopify([method, other])):
            assert found.kind == {"cod": "review", "review": "review", "awaiting": "awaiting"}[name.shopify]
            if name.shopify != "awaiting":
                assert found.method == method  # the question is about this one, wherever it stands


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("COD", "cod"),
        ("cod order", "cod"),
        ("cod_form", "cod"),
        ("releasit_cod_form", "cod"),
        ("EasySell COD", "cod"),
        ("easysell", "cod"),
        ("contrassegno", "cod"),
        ("cash-on-delivery", "cod"),
        ("Cash on Delivery (COD)", "cod"),
        ("Pagamento alla consegna", "cod"),
        ("COD_CONFIRM", "cod"),
        ("no-cod", "denied"),
        ("no_cod", "denied"),
        ("ex-cod", "denied"),
        ("cancelled_cod", "denied"),
        ("COD_CANCEL", "denied"),
        ("cod-refused", "denied"),
        ("level-cod-cancelled", "denied"),
        ("not cod", "denied"),
        ("non contrassegno", "denied"),
        ("COD_PENDING", ""),
        ("level-cod-verified", ""),
        ("prepaid instead of cod", "denied"),
        ("cod10", ""),
        ("codice10", ""),
        ("barcode", ""),
        ("cod fiscale", ""),
        ("pod", ""),
        ("telefono", ""),
        ("", ""),
    ],
)
def test_a_tag_says_cash_on_delivery_only_when_it_says_nothing_else(tag: str, says: str) -> None:
    assert words.of_tag(tag) == says
    assert (in_shopify([], tags=(tag,)).kind == "cod") is (says == "cod")
    assert in_shopify(["Plugin X"], tags=(tag,)).kind == "review"  # it proves nothing beside a method with a name
    assert in_shopify(["paypal"], tags=(tag,)).kind in ("awaiting", "review")


def test_a_tag_that_denies_makes_a_name_a_question_but_not_shopifys_own_method() -> None:
    assert in_shopify(["Contrassegno"], tags=("no-cod",)).reason == "cod_denied"
    assert in_shopify([], tags=("COD", "cancelled_cod")).reason == "cod_denied"
    assert in_shopify(["Cash on Delivery (COD)"], tags=("no-cod",)).kind == "cod"


@pytest.mark.parametrize("transaction", ["", " ", "0", "-", "n/a", "N/A", "null", "COD-1764000000", "contrassegno_12"])
def test_what_a_plugin_writes_for_want_of_a_payment_proves_none(transaction: str) -> None:
    found = in_woocommerce(Name("x", "Pagamento sicuro", "", ""), paid=True, transaction=transaction)
    assert (found.kind, found.reason) == ("review", "paid_unproven")


@pytest.mark.parametrize(
    ("gateway", "title", "paid", "transaction", "expected"),
    [
        ("cod", "Contrassegno", True, "ch_1", ("cod", "cod_gateway")),
        ("stripe", "Contrassegno", True, "", ("prepaid", "paid")),
        ("stripe", "Carta", False, "", ("awaiting", "unpaid")),
        ("bacs", "Bonifico", True, "", ("prepaid", "paid")),
        ("bacs", "Bonifico", False, "", ("awaiting", "bank_transfer")),
        ("cheque", "Assegno", False, "", ("awaiting", "cheque")),
        ("plugin_x", "Paga alla consegna", False, "", ("cod", "cod_words")),
        ("paga_corriere", "Paghi in contanti al corriere", False, "", ("cod", "cod_gateway")),
        ("paga_corriere", "Paghi in contanti al corriere", True, "", ("review", "cod_marked_paid")),
        ("wc_pod", "Pay on delivery", True, "", ("review", "cod_marked_paid")),
        ("plugin_x", "Pagamento al ricevimento della merce", True, "", ("review", "cod_marked_paid")),
        ("plugin_x", "Contrassegno", True, "tx_1", ("review", "cod_and_paid")),
        ("plugin_x", "Contrassegno", False, "tx_1", ("review", "cod_and_paid")),
        ("wc_postepay_online", "Carta (niente da pagare alla consegna)", True, "", ("review", "cod_denied")),
        ("plugin_x", "Pagamento online (senza contrassegno)", True, "", ("review", "cod_denied")),
        ("plugin_x", "Carta (non in contrassegno)", True, "tx_1", ("prepaid", "paid_with_number")),
        ("plugin_x", "Bonifico bancario oppure contrassegno", False, "", ("review", "cod_among_others")),
        ("plugin_x", "Plugin X", True, "tx_1", ("prepaid", "paid_with_number")),
        ("plugin_x", "Plugin X", True, "", ("review", "paid_unproven")),
        ("plugin_x", "Plugin X", False, "tx_1", ("review", "unknown_method")),
        ("plugin_x", "Plugin X", False, "", ("review", "unknown_method")),
        ("", "", True, "", ("review", "no_method")),
    ],
)
def test_the_reason_is_shown_each_time(
    gateway: str, title: str, paid: bool, transaction: str, expected: tuple[str, str]
) -> None:
    found = in_woocommerce(Name(gateway, title, "", ""), paid=paid, transaction=transaction)
    assert (found.kind, found.reason) == expected


@pytest.mark.parametrize(
    "name", ["", " ", "\u00a0", "cod" * 40, "C" * 120, "<b>", "&amp;&", "(" * 50, "👍", "\u202e", "a b" * 40]
)
def test_no_name_is_too_strange(name: str) -> None:
    assert words.known(name) == ""
    assert words.of_title(name).kind in ("", "cod")
    assert words.of_tag(name) == ""


def test_a_name_with_markup_entities_and_accents_is_read() -> None:
    assert words.of_title('Pagamento&nbsp;alla consegna <span class="small">(pi&ugrave; 3,00&nbsp;&euro;)</span>').cod
    assert words.of_title("PAIEMENT À LA LIVRAISON").kind == words.of_title("paiement a la livraison").kind == "cod"
