"""Each word that says something of a payment method, by itself: what it says, and nothing else."""

from __future__ import annotations

import pytest

from connectors.platforms import payment_words as words
from connectors.platforms.payment_words import Says

COD = (
    *("Contrassegno", "contro assegno", "Al momento della consegna", "all'atto della consegna", "Pagare al corriere"),
    *("Contanti al postino", "saldi al fattorino", "Paga al vettore", "Pagamento a domicilio", "paga corriere"),
    *("Contanti postino", "Paghi quando ricevi", "Pagamento alla porta", "pagare all'arrivo", "Cash at delivery"),
    *("Collect at the delivery", "Cash on receipt", "Payment upon receipt", "Pay the courier", "Cash to driver"),
    *("Payment when you receive", "Pay when it arrives", "Pay at your doorstep", "Cash on arrival", "C.O.D"),
    *("c. o. d.", "CashOnDelivery", "paymentondelivery", "Contra reembolso", "contraentrega", "Pago a la entrega"),
    *("efectivo na entrega", "Pago al recibir", "Efectivo al repartidor", "pago al mensajero", "pagar al cartero"),
    *("Nachnahme", "Postnachnahme", "Barzahlung bei Lieferung", "Zahlung bei der Haustür", "bezahlen an Empfang"),
    *("zahlen bei Erhalt", "Contre-remboursement", "Paiement à la livraison", "Règlement lors de la réception"),
    *("Espèces au livreur", "paiement au facteur", "À cobrança", "Rembours", "ramburs", "Za pobraniem", "dobírka"),
    *("pouzecem", "utánvét", "αντικαταβολή", "In consegna", "alla consegna", "al ricevimento", "Alla ricezione"),
    *(
        "on delivery",
        "Upon the delivery",
        "Pay on delivery",
        "COD",
        "Pagamento COD",
        "COD BRT Italia",
        "Pagare in consegna",
    ),
)
NO_COD = (
    *("consegna", "Codice", "Cod. fisc.", "cod ordine", "cod. sicurezza", "cod n. 7", "COD. tributo"),
    *("codice amico", "Cod referral", "cod. swift", "cod xyz", "COD XYZ", "payonly", "cash on receipt of the invoice"),
)
BANK = (
    *("Bonifico", "Giroconto", "IBAN", "BACS", "bank transfer", "Wire-deposit", "Versamento", "Pagamento anticipato"),
    *("Überweisung", "Ueberweisung", "Vorkasse", "Vorauskasse", "Virement", "Transferencia", "SEPA", "Lastschrift"),
    *("Pago anticipado", "Bollettino"),
)
CHEQUE = ("Assegno", "assegni", "cheque", "Checks", "Scheck", "Talon", "Money order", "Vaglia", "Mandat")
CARD = (
    *("Carta", "cards", "Credit", "Bancomat", "Visa", "Mastercard", "amex", "Maestro", "Postepay", "tarjeta"),
    *("Kreditkarte", "Girocard", "wallet", "Online", "in comode rate", "3 rate", "Rateale", "installments", "a plazos"),
    *("Raten", "3x", "4 x", "Apple Pay", "google pay"),
)
BRANDS = (
    *("stripe", "paypal_express", "pagonline", "bancasella", "redsys", "pagodil", "cofidis", "coinbase", "googlepay"),
    *("authnet", "checkoutcom", "paybox", "up2pay", "computop", "concardis", "realex", "airwallex", "pagseguro"),
    *("barion", "btcpay", "bitpay", "tinkoff", "lemonway", "iyzico", "ppcp", "affirm", "eway", "jiffy"),
    *("woocommerce_payments", "shopify_payments", "samsung_pay", "checkout_com", "authorize_net", "pay_pal"),
    *("sagepay", "monetico", "mercanet", "pagolight", "afterpay", "paytpv", "vivawallet", "p24", "sips"),
)
BESIDE = (
    *("POS", "Acconto", "anticipo", "caparra", "deposit", "Parziale", "partial", "saldo", "half", "metà", "avance"),
    *("Anzahlung", "acompte", "advance", "Rest", "resto", "restante", "remaining", "balance", "50%", "30 %", "prepaid"),
    *("pre paid", "già", "already", "bereits", "déjà", "ya pagado", "o", "oppure", "or", "oder", "either", "Paga ora"),
    *("pay now", "payment in full", "zahlen jetzt", "paie maintenant", "firma", "ricevi tutto", "ricevere un"),
    *("sconto cash on", "prima rata", "first payment", "in three payments", "tramite app", "app con codice", "fattura"),
    *("invoice", "Rechnung", "facture", "QR", "link", "ritiro", "negozio", "sede", "pick up", "store", "shop"),
    *("Abholung", "tienda", "magasin", "locker"),
)
DENIES = (
    *("no", "non", "not", "never", "without", "unavailable", "except", "excluded", "instead", "avoid", "off"),
    *("senza", "niente", "mai", "nessun", "escluso", "tranne", "anziché", "alternativa", "evita", "evitare"),
    *("sospeso", "disattivato", "annullato", "indisponibile", "vecchio", "rispetto", "cancelled", "refused"),
    *("rejected", "failed", "sin", "nunca", "en vez", "kein", "ohne", "statt", "pas", "sans", "au lieu", "isn't"),
)
DENIES_NOTHING = (
    *("senza costi", "zero spese", "nessuna commissione", "without extra fees", "no charges", "sin gastos"),
    *("ohne Gebühren", "keine Mehrkosten", "sans frais", "senza alcun ulteriore supplemento", "sin recargo"),
    *("ohne Zusatzkosten", "sans surcoût", "senza anticipo", "nessun acconto richiesto", "no caparra"),
    *("no pos", "no carte", "no cheques", "zero maggiorazioni", "no comisiones"),
)


def of_title(text: str) -> Says:
    found = words.of_title(text)
    assert words.of_title(f"<b>{text.replace(' ', '_')}</b>") == found
    return found


@pytest.mark.parametrize("title", COD)
def test_cash_on_delivery(title: str) -> None:
    assert words.of_title(title).cod, title
    assert not words.of_title(title).denied


@pytest.mark.parametrize("title", NO_COD)
def test_no_cash_on_delivery(title: str) -> None:
    assert not words.of_title(title).cod or words.of_title(title).kind == words.MIXED


@pytest.mark.parametrize("title", BANK)
def test_a_bank_transfer(title: str) -> None:
    assert (of_title(title).bank, of_title(title).kind) == (True, words.BANK_TRANSFER)


@pytest.mark.parametrize("title", CHEQUE)
def test_a_cheque(title: str) -> None:
    assert of_title(title) == Says(False, False, False, True, False, False)


@pytest.mark.parametrize("title", CARD)
def test_a_card(title: str) -> None:
    assert of_title(title) == Says(False, False, False, False, True, False)


@pytest.mark.parametrize("name", BRANDS)
def test_a_brand(name: str) -> None:
    assert words.of_id(name) == Says(electronic=True)
    assert words.known(name) == words.ELECTRONIC
    assert words.known(f"{name}_alla_consegna") == ""
    for counter in ("pos", "terminal", "ritiro", "negozio", "offline", "consegna", "corriere"):
        assert words.known(f"{name}-{counter}") == "", counter


@pytest.mark.parametrize("title", BESIDE)
def test_what_makes_cash_on_delivery_doubtful(title: str) -> None:
    assert of_title(title).beside
    assert of_title(f"Contrassegno {title}").kind == words.MIXED


@pytest.mark.parametrize("title", DENIES)
def test_what_denies_it(title: str) -> None:
    assert not of_title(title).denied  # nothing is said that it could deny
    found = of_title(f"Contrassegno {title}")
    assert (found.cod, found.denied) == (False, True)


@pytest.mark.parametrize("title", DENIES_NOTHING)
def test_what_only_seems_to_deny_it(title: str) -> None:
    found = of_title(f"Contrassegno {title}")
    assert (found.cod, found.denied) == (True, False)


def test_what_a_gateway_surely_is() -> None:
    kinds = {
        words.COD: ("cod", " COD "),
        words.BANK_TRANSFER: (
            *("bacs", "bonifico_bancario", "bank-transfer", "wiretransfer", "vorkasse", "virement", "transferencia"),
            *("ueberweisung", "bankueberweisung x ueberweisung"),
        ),
        words.CHEQUE: ("cheque", "assegno", "check_money", "check-or-money", "money_order", "moneyorder"),
        words.NOTHING: ("", "my_cod", "x", "bacs_alla_consegna", "cheque_pickup", "bonifico_cod"),
    }
    for kind, names in kinds.items():
        for name in names:
            assert words.known(name) == kind, name


def test_what_a_tag_says() -> None:
    kinds = {
        words.COD: (
            *(
                "COD",
                "cod form",
                "easysell",
                "Releasit COD Form",
                "Contrassegno",
                "pagamento alla consegna",
                "cod-italia",
            ),
            *("cash on delivery verified", "COD advanced", "smart cod", "cod_ordini", "Cod Easy Sell"),
        ),
        words.DENIED: ("no cod", "cod cancelled", "non-contrassegno"),
        words.NOTHING: ("", "vip", "cod10", "cod roma", "pagamento", "codice", "contrassegno xyz"),
    }
    for kind, names in kinds.items():
        for name in names:
            assert words.of_tag(name) == kind, name


def test_of_two_names_of_one_method_each_counts() -> None:
    one, two = Says(cod=True, bank=True, beside=True), Says(denied=True, cheque=True, electronic=True)
    assert one | two == two | one == Says(True, True, True, True, True, True)
    assert Says() | Says(bank=True) == Says(bank=True)
    kinds = {
        words.COD: Says(cod=True),
        words.DENIED: Says(denied=True, beside=True),
        words.BANK_TRANSFER: Says(bank=True, cheque=True, electronic=True, denied=True),
        words.CHEQUE: Says(cheque=True, electronic=True),
        words.ELECTRONIC: Says(electronic=True, beside=True),
        words.NOTHING: Says(beside=True),
    }
    assert {kind: said.kind for kind, said in kinds.items()} == {kind: kind for kind in kinds}
    for other in ("bank", "cheque", "electronic", "beside", "denied"):
        assert Says(cod=True, **{other: True}).kind == words.MIXED


def test_an_id_and_a_name_are_read_each_in_its_way() -> None:
    assert words.of_name("wc_pod") == words.of_id("wc_pod") == Says(cod=True)
    assert words.of_name("POD") == words.of_title("pod") == Says()
    assert words.of_id("paga-consegna") == words.of_id("paghi_consegna") == words.of_id("pagamento.consegna")
    assert words.of_id("paga-consegna") == Says(cod=True)
    assert words.of_title("Paga consegna") == Says()
    assert words.of_name("shopify_payments") == Says(electronic=True)
    assert words.of_title("Caff&egrave; COD") == Says(cod=True)
    assert words.of_title("In consegna: firma del modulo").kind == words.MIXED
