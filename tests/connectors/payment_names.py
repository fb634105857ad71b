"""Payment methods of real shops: how they are called, and what they are.

A row: gateway id | title | WooCommerce | Shopify. An id that some plugin made up is `x`, an id without title leaves it
empty. On Shopify a method has one name: the title, or the id where there is none.

WooCommerce, what the two together are: platform (its own `cod`), electronic, offline (bank transfer, cheque), words
(cash on delivery by its words alone), doubt (denied, or beside another method), unknown.
Shopify, what a pending order with this name alone is: cod, awaiting, review."""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    gateway: str
    title: str
    woocommerce: str
    shopify: str


COD = """
cod | Pagamento alla consegna | platform | cod
cod | Contrassegno | platform | cod
cod | Contrassegno (+ 5,00 €) | platform | cod
cod | Cash on delivery | platform | cod
cod | Cash on Delivery (COD) | platform | cod
cod | Nachnahme | platform | cod
cod | Contra reembolso | platform | cod
cod | Paiement à la livraison | platform | cod
cod | Paga comodamente alla consegna | platform | cod
cod | Nachnahme <span class="small">(zzgl. 4,90 € Gebühr)</span> | platform | cod
cod | Pagamento in negozio | platform | review
cod |  | platform | cod
smart_cod | Contrassegno | words | cod
contrassegno | Contrassegno BRT | words | cod
contrassegno-poste | Contrassegno Poste | words | cod
contrassegno_brt | Contrassegno con corriere BRT | words | cod
contrassegno_plus | Contrassegno (commissione 3,50 €) | words | cod
wc_cod | COD | words | cod
wc_pod | Pay on delivery | words | cod
wc_pod |  | words | cod
paga_corriere | Paghi in contanti al corriere | words | cod
paga_corriere |  | words | cod
pagamento_corriere | Pagamento al corriere | words | cod
pagamento_alla_consegna |  | words | cod
cash_on_delivery | Cash on delivery | words | cod
cash_on_delivery |  | words | cod
cashondelivery | Cash On Delivery | words | cod
pay_on_delivery | Pay on Delivery | words | cod
itella_cod | Itella Cash on Delivery | words | cod
dhl_cod | DHL Nachnahme | words | cod
gls_cod | Contrassegno GLS | words | cod
alg_custom_gateway_1 | Pagamento alla consegna | words | cod
alg_custom_gateway_2 | Contrassegno (supplemento 4,50 €) | words | cod
x | Pagamento al ricevimento della merce | words | cod
x | Pagamento alla ricezione del pacco | words | cod
x | Paga in contanti alla consegna | words | cod
x | Paga alla consegna | words | cod
x | Paghi alla consegna in contanti | words | cod
x | Paga quando ricevi il pacco | words | cod
x | Pagamento in contanti al corriere | words | cod
x | Paga al postino | words | cod
x | Contro assegno | words | cod
x | Pagamento in contrassegno COD | words | cod
x | Contrassegno: paghi alla consegna | words | cod
x | PAGAMENTO ALLA CONSEGNA | words | cod
x | Pagamento alla Consegna - Solo Contanti | words | cod
x | Contrassegno senza costi aggiuntivi | words | cod
x | Spedizione in contrassegno | words | cod
x | C.O.D. | words | cod
x | COD | words | cod
x | COD (+3 €) | words | cod
x | Payment on Delivery COD | words | cod
x | Collect on delivery | words | cod
x | Cash upon delivery | words | cod
x | Pay the courier in cash | words | cod
x | Pay when you receive your parcel | words | cod
x | Pay at your door | words | cod
x | EasySell COD Form | words | cod
releasit_cod | Releasit COD Form | words | cod
contrareembolso | Contrareembolso | words | cod
x | Pago contra reembolso | words | cod
x | Contra-reembolso (+3 €) | words | cod
x | Pago a la entrega | words | cod
x | Pago contra entrega | words | cod
x | Pago en efectivo al recibir el pedido | words | cod
nachnahme | Nachnahme | words | cod
dhl_nachnahme | Per Nachnahme (DHL) | words | cod
x | Zahlung bei Lieferung | words | cod
x | Barzahlung bei Lieferung | words | cod
x | Barzahlung bei Zustellung | words | cod
x | Bar bei Lieferung bezahlen | words | cod
contre_remboursement | Contre-remboursement | words | cod
x | Paiement contre remboursement | words | cod
x | Paiement à la livraison | words | cod
x | Paiement en espèces à la livraison | words | cod
x | Payer à réception du colis | words | cod
x | PAIEMENT A LA LIVRAISON | words | cod
"""

DOUBT = """
wc_postepay_online | Carta o Postepay (niente da pagare alla consegna) | doubt | awaiting
x | Contrassegno non disponibile | doubt | review
x | No pagamento alla consegna | doubt | review
x | Niente da pagare alla consegna | doubt | review
x | Paga ora, niente alla consegna | doubt | review
x | Pagamento anticipato senza contrassegno | doubt | awaiting
x | Carta (non in contrassegno) | doubt | awaiting
x | Carta (no contrassegno) | doubt | awaiting
x | Bonifico, non alla consegna | doubt | awaiting
x | Contrassegno sospeso temporaneamente | doubt | review
x | Contrassegno escluso | doubt | review
x | Invece del contrassegno | doubt | review
x | Cash on delivery not available | doubt | review
x | Cash on delivery (unavailable) | doubt | review
x | No cash on delivery | doubt | review
x | No COD | doubt | review
x | Prepaid - not COD | doubt | review
x | Without cash on delivery | doubt | review
x | Nothing to pay on delivery | doubt | review
x | We don't accept cash on delivery | doubt | review
x | Keine Nachnahme | doubt | review
x | Nachnahme nicht möglich | doubt | review
x | Sin contra reembolso | doubt | review
x | Contra reembolso no disponible | doubt | review
x | Pas de paiement à la livraison | doubt | review
x | Paiement à la livraison indisponible | doubt | review
no_cod | Pagamento anticipato | doubt | awaiting
not-cod |  | doubt | review
ex_cod | Vecchio metodo | doubt | review
cancelled_cod |  | doubt | review
x | Bonifico bancario oppure contrassegno | doubt | review
x | Contrassegno o carta | doubt | review
x | Carta o contanti alla consegna | doubt | review
x | POS alla consegna | doubt | review
x | Carta di credito alla consegna | doubt | review
cod_card | Card on delivery | doubt | review
x | Acconto online e saldo alla consegna | doubt | review
x | Deposit now, rest cash on delivery | doubt | review
x | PayPal o contrassegno | doubt | review
x | Satispay alla consegna | doubt | review
x | Assegno alla consegna | doubt | review
x | Bonifico alla consegna | doubt | review
x | Nachnahme oder Vorkasse | doubt | review
x | Virement ou contre remboursement | doubt | review
x | Transferencia o contra reembolso | doubt | review
x | Online oder per Nachnahme | doubt | review
cod_prepaid_partial | Partial COD | doubt | review
satispay_alla_consegna | Satispay alla consegna | doubt | review
"""

UNKNOWN = """
x | Bonifico bancario (indicare cod. ordine) | unknown | awaiting
x | COD. ORDINE nella causale del bonifico | unknown | awaiting
x | Codice sconto | unknown | review
x | Cod. fiscale obbligatorio | unknown | review
x | Indicare cod cliente | unknown | review
x | Paga con il tuo cod sconto | unknown | review
codice_sconto | Codice sconto | unknown | review
barcode | Barcode | unknown | review
x | Pagamento in negozio | unknown | review
x | Paga al ritiro in sede | unknown | review
cop | Cash on pickup | unknown | review
x | Barzahlung bei Abholung | unknown | review
x | Recogida en tienda | unknown | review
x | Paiement en magasin | unknown | review
x | Kauf auf Rechnung | unknown | review
invoice | Pay by invoice | unknown | review
german_market_purchase_on_account | Kauf auf Rechnung | unknown | review
x | Pagamento al ricevimento fattura | unknown | review
x | Zahlung nach Erhalt der Rechnung | unknown | review
x | Pagamento a 30 giorni dalla consegna | unknown | review
x | Due on receipt | unknown | review
x | Net 30 | unknown | review
x | Payment upon receipt of invoice | unknown | review
x | Cash | unknown | review
x | Contanti | unknown | review
pos_cash | Cash | unknown | review
other | Altro | unknown | review
x | Pagamento sicuro | unknown | review
x | Satisfait ou remboursé | unknown | review
x | Consegna gratuita | unknown | review
x | Delivery in 24h | unknown | review
x | Bonifico bancario | unknown | awaiting
x | Bank Deposit | unknown | awaiting
x | Banküberweisung | unknown | awaiting
x | Money Order | unknown | awaiting
x | Carta di credito | unknown | awaiting
x | Pago con tarjeta | unknown | awaiting
x | Ricarica Postepay | unknown | awaiting
"""

OFFLINE = """
bacs | Bonifico bancario | offline | awaiting
bacs | Direct bank transfer | offline | awaiting
bacs | Vorkasse / Banküberweisung | offline | awaiting
bacs | Virement bancaire | offline | awaiting
bacs | Transferencia bancaria directa | offline | awaiting
bacs | Bonifico (no contrassegno) | offline | awaiting
bacs | Bonifico bancario oppure contrassegno | offline | review
cheque | Assegno | offline | awaiting
cheque | Check payments | offline | awaiting
cheque | Chèque | offline | awaiting
cheque | Scheck | offline | awaiting
bank_transfer | Bank transfer | offline | awaiting
banktransfer | Bank transfer | offline | awaiting
bonifico | Bonifico bancario anticipato | offline | awaiting
bonifico_istantaneo | Bonifico istantaneo | offline | awaiting
vorkasse | Vorkasse | offline | awaiting
iwd_gateway_check_or_money_order | Check or Money Order | offline | awaiting
"""

ELECTRONIC = """
stripe | Carta di credito (Stripe) | electronic | awaiting
stripe | Carta (non contrassegno) | electronic | awaiting
stripe_cc | Credit Card | electronic | awaiting
stripe_sepa | SEPA Direct Debit | electronic | awaiting
stripe_klarna | Klarna | electronic | awaiting
stripe_applepay | Apple Pay | electronic | awaiting
woocommerce_payments | Carta di credito / debito | electronic | awaiting
woocommerce_payments_bancontact | Bancontact | electronic | awaiting
ppcp-gateway | PayPal | electronic | awaiting
ppcp-credit-card-gateway | Carte di debito e credito | electronic | awaiting
ppcp-card-button-gateway |  | electronic | awaiting
ppcp-googlepay | Google Pay | electronic | awaiting
ppec_paypal | PayPal Checkout | electronic | awaiting
paypal | PayPal | electronic | awaiting
paypal_express | PayPal Express Checkout | electronic | awaiting
satispay | Satispay | electronic | awaiting
wc-satispay | Satispay | electronic | awaiting
xpay | Nexi XPay | electronic | awaiting
xpay_build | Carte di pagamento | electronic | awaiting
xpay_googlepay |  | electronic | awaiting
nexi_build |  | electronic | awaiting
cartasi | CartaSi X-Pay | electronic | awaiting
gestpay | Banca Sella | electronic | awaiting
wc_gateway_gestpay_mybank | MyBank | electronic | awaiting
axerve | Axerve Ecommerce Solutions | electronic | awaiting
unicredit_pagonline | PagOnline | electronic | awaiting
igfs | Postecom | electronic | awaiting
bancasella |  | electronic | awaiting
bancomatpay | BANCOMAT Pay | electronic | awaiting
tinaba | Tinaba | electronic | awaiting
mypos_virtual | myPOS Checkout | electronic | awaiting
sumup | SumUp | electronic | awaiting
revolut_cc | Revolut Gateway | electronic | awaiting
viva_wallet | Viva Wallet | electronic | awaiting
scalapay_gateway | Scalapay | electronic | awaiting
wc-scalapay-payin3 | Paga in 3 rate con Scalapay | electronic | awaiting
klarna_payments | Paga in 3 rate | electronic | awaiting
kco | Klarna | electronic | awaiting
pagolight | PagoLight | electronic | awaiting
heylight | HeyLight | electronic | awaiting
soisy | Soisy | electronic | awaiting
pagodil | PagoDIL by Cofidis | electronic | awaiting
cofidis_4xcard | Cofidis 4X Card | electronic | awaiting
alma | Alma - Pay in installments | electronic | awaiting
alma_pay_later |  | electronic | awaiting
oney | 3x 4x Oney | electronic | awaiting
amazon_payments_advanced | Amazon Pay | electronic | awaiting
mollie_wc_gateway_creditcard | Credit card | electronic | awaiting
mollie_wc_gateway_ideal | iDEAL | electronic | awaiting
mollie_wc_gateway_banktransfer | Bank Transfer | electronic | awaiting
redsys | Pago con tarjeta | electronic | awaiting
bizumredsys | Bizum | electronic | awaiting
sequra_pp | Fracciona tu pago | electronic | review
pagantis |  | electronic | awaiting
paytpv | Tarjeta de crédito | electronic | awaiting
braintree_credit_card | Credit Card | electronic | awaiting
square_credit_card | Credit Card | electronic | awaiting
authorize_net_cim_credit_card | Credit Card | electronic | awaiting
payplug | Carte bancaire | electronic | awaiting
payu | PayU | electronic | awaiting
worldpay | Worldpay | electronic | awaiting
wc_checkout_com_cards | Checkout.com | electronic | awaiting
adyen_cc | Adyen | electronic | awaiting
afterpay | Afterpay | electronic | awaiting
clearpay | Clearpay | electronic | awaiting
sofortgateway | SOFORT Überweisung | electronic | awaiting
p24 | Przelewy24 | electronic | awaiting
multibanco_ifthen_for_woocommerce | Multibanco | electronic | awaiting
mbway_ifthen_for_woocommerce | MB WAY | electronic | awaiting
blik | BLIK | electronic | awaiting
twint | TWINT | electronic | awaiting
postfinancecheckout_1 | PostFinance | electronic | awaiting
swish | Swish | electronic | awaiting
paysafecard | paysafecard | electronic | awaiting
skrill | Skrill | electronic | awaiting
neteller |  | electronic | awaiting
coinbase | Coinbase Commerce | electronic | awaiting
hipayenterprise_paypal | PayPal | electronic | awaiting
mercanet_onetime | Carte bancaire | electronic | awaiting
payzen | Paiement par carte bancaire | electronic | awaiting
shopify_payments |  | electronic | awaiting
shopify_payments | Shopify Payments | electronic | awaiting
"""


ADDED = """
x | Finanziamento con firma alla consegna | doubt | review
x | Sign on delivery | doubt | review
x | Alla consegna | words | cod
x | Sconto 5% se paghi prima della consegna | unknown | review
x | Paga in 3 rate, la prima alla consegna | doubt | review
x | Pagamento alla consegna già effettuato | doubt | review
x | Pagamento alla consegna solo con ritiro in sede | doubt | review
x | 50% subito, 50% alla consegna | doubt | review
x | Contrassegno (+3%) | words | cod
x | Link di pagamento alla consegna | doubt | review
x | Klarna: paga 30 giorni dopo la consegna | unknown | awaiting
x | Paga dopo la consegna | unknown | review
x | Pay 30 days after delivery | unknown | review
x | Contrassegno (no POS) | words | cod
x | Contrassegno o altro | doubt | review
nexi_pos_corriere | Nexi | unknown | awaiting
sumup_consegna | SumUp | unknown | awaiting
bonifico_alla_consegna |  | doubt | review
payupfront | Pay upfront | unknown | review
pagamento_consegna |  | words | cod
alma_cod | Alma COD | doubt | review
"""

MORE = """
x | Pagamento in contanti alla consegna del pacco | words | cod
x | Contrassegno/Pagamento alla consegna | words | cod
x | Contrassegno (gratis sopra i 50€) | words | cod
x | Contrassegno con Poste Italiane | words | cod
x | Pagamento alla consegna 🚚 | words | cod
x | Contanti al momento della consegna | words | cod
x | Pagamento all’arrivo del corriere | words | cod
x | Cash On Delivery (No extra charge) | words | cod
x | Contra reembolso (sin comisión) | words | cod
x | Cash/Card on delivery | doubt | review
x | Contrassegno prepagato | doubt | review
x | Contrassegno via PayPal | doubt | review
x | Prepagato: evita il contrassegno | doubt | review
x | Pagamento alla consegna: NO | doubt | review
x | Nulla da pagare al corriere | doubt | review
x | Non pagare nulla al corriere | doubt | review
x | Senza pagare alla consegna | doubt | review
x | Kein Bargeld bei Lieferung | doubt | review
x | C.O.D. unavailable | doubt | review
x | Rimborso alla consegna | doubt | review
x | Anticipo 10€ + saldo alla consegna | doubt | review
x | Spese di spedizione anticipate, merce in contrassegno | doubt | review
x | Carta di credito – niente contanti al corriere | doubt | awaiting
x | Bonifico bancario anticipato (sconto rispetto al contrassegno) | doubt | awaiting
x | Pagamento anticipato (il corriere non incassa) | unknown | awaiting
x | COD.FISC. | unknown | review
x | Bezahlung nach Lieferung | unknown | review
x | Paiement avant livraison | unknown | review
x | Payment before delivery | unknown | review
x | Rimessa diretta | unknown | review
sumup_pos | SumUp | unknown | awaiting
carta_consegna |  | unknown | awaiting
nocod |  | unknown | review
cod_no |  | doubt | review
pod_stripe |  | doubt | review
"""

# Held back while the rules were written, then added as they were found.
HELD = """
cod | Cash On Delivery | platform | cod
bacs | Payment on delivery | offline | cod
razorpay | Credit Card/Debit Card/NetBanking | electronic | awaiting
bizum | Bizum | electronic | awaiting
klarna_payments | Pay Over Time | electronic | review
x | Envio à cobrança | words | cod
kindhumans_stripe_gateway | Credit Card | electronic | awaiting
x | First native gateway | unknown | review
x | Pagamento in contrassegno | words | cod
x | Contanti (pagamento in contrassegno) | words | cod
x | L'eventuale pagamento in contrassegno è disabilitato | doubt | review
mollie_subscription |  | electronic | awaiting
ucpp | Cryptocurrency | unknown | review
alphapay | Alipay | unknown | awaiting
pg_woocommerce | Tarjeta de crédito / débito | unknown | awaiting
power_board_gateway | PowerBoard | unknown | review
mk_paymexx_gateway | Paymexx | unknown | review
x | Zahlungsart: Nachnahme | words | cod
x | Nachnahme (COD) | words | cod
x | 50% transferencia + 50% contra entrega | doubt | review
x | 100% transferencia bancaria | unknown | awaiting
x | Paga al recibir tus productos | words | cod
x | PAGO CONTRAREEMBOLSO | words | cod
efectivo | Efectivo (Contrareembolso) | words | cod
efectivo | Efectivo | unknown | review
x | Checkout Mercado Pago | unknown | awaiting
sage |  | unknown | review
authorize.net |  | electronic | awaiting
x | Billie (Klarna B2B) | unknown | awaiting
x | Ricarica PostePay | unknown | awaiting
x | Contrassegno + €5,00 (iva compresa) | words | cod
x | Paga in contanti alla consegna (COD) | words | cod
x | Contrassegno - Pagamento alla consegna | words | cod
x | Carta di Credito / Paypal | unknown | awaiting
x | PayPal – paga con la carta o il tuo conto PayPal | unknown | awaiting
x | Sistema Bancario Elettronico | unknown | review
x | COD (contre remboursement) | words | cod
x | Livraison contre remboursement | words | cod
x | Pay per Cash on Delivery | words | cod
x | Zahlung per Nachnahme | words | cod
x | per Rechnung/Überweisung | unknown | awaiting
x | Contrassegno — paga alla consegna | words | cod
x | ORDINA E PAGA ALLA CONSEGNA | words | cod
x | Il contrassegno non viene proposto: solo pagamento online | doubt | awaiting
x | Contrassegno non pagato | doubt | review
x | Paiement à la livraison en cash | words | cod
x | Paiement à la livraison ou mobile money | doubt | review
wc_checkout_com_alternative_payments_sepa |  | electronic | awaiting
twocheckout_convert_plus | 2Checkout | electronic | awaiting
easytransac | EasyTransac | electronic | awaiting
payline_nx | Payline | electronic | awaiting
tinkoff | Tinkoff | electronic | awaiting
18app | 18App | unknown | review
authnet | Authorize.Net | electronic | awaiting
x | 💰 Pago Contra Reembolso | words | cod
x | Realiza el pago contra reembolso a la entrega | words | cod
x | Esegua il pagamento al corriere alla consegna della merce | words | cod
x | Consegna veloce e pagamento al corriere | words | cod
x | Cheque conformado | unknown | awaiting
"""

# Of people who say much in a name: that it is paid now, what else comes to the door, or how it compares.
SAID = """
x | Paga ora e ricevi alla consegna un omaggio | doubt | review
x | Paga subito, ricevi tutto alla consegna | doubt | review
x | Pay now, pick up on delivery | doubt | review
x | Pagamento immediato, firma alla consegna | doubt | review
x | Paga ora: merce consegnata al corriere in giornata | unknown | review
x | Pagamento sicuro – pacco affidato al corriere in 24 ore | unknown | review
x | Paghi solo alla consegna del preventivo | unknown | review
x | Pagamento tramite app alla consegna del codice | unknown | review
x | Pago al recibir el enlace | unknown | review
x | Pay in 4, first payment on delivery | doubt | review
x | Più conveniente del contrassegno | doubt | review
x | Paga meno del contrassegno | doubt | review
x | Assicurazione contrassegno | doubt | review
x | Sconto contrassegno | doubt | review
x | Supplemento contrassegno azzerato con PayPal | doubt | review
x | Pagamento in contanti o POS alla consegna | doubt | review
x | Contrassegno (contanti o assegno circolare) | doubt | review
x | Paga alla consegna con Satispay | doubt | review
x | Paga una parte ora e il resto alla consegna | doubt | review
x | Acconto 30% + saldo contrassegno | doubt | review
x | Contrassegno (non disponibile per le isole) | doubt | review
contrassegno_bonifico | Contrassegno | doubt | cod
sumup_cod | SumUp COD | doubt | review
x | Paga alla consegna senza anticipo | words | cod
x | Pagamento alla consegna - nessun anticipo richiesto | words | cod
x | Pagamento alla consegna dell'ordine | words | cod
x | Paga alla consegna della merce | words | cod
x | Paga alla consegna del tuo ordine | words | cod
x | Contrassegno solo Italia | words | cod
x | Contrassegno fino a 500€ | words | cod
x | Contrassegno + spedizione 9,90€ | words | cod
x | Pagamento alla consegna (solo contanti, importo esatto) | words | cod
x | Contrassegno + 4 euro di commissioni | words | cod
x | Contrassegno solo contanti (no assegni) | words | cod
x | Pagamento na entrega | words | cod
x | Plata ramburs | words | cod
x | Onder rembours | words | cod
x | Barnachnahme | words | cod
wc_smart_cod | Contrassegno | words | cod
woo-cod-extra | Contrassegno +5€ | words | cod
sda_contrassegno | Contrassegno SDA | words | cod
contrassegno-senza-costi | Contrassegno gratuito | words | cod
cod2 | Contrassegno Isole | words | cod
x | Ritiro e pagamento in negozio | unknown | review
x | Pagamento al ritiro della merce | unknown | review
x | Contanti al ritiro | unknown | review
x | RiBa 30 gg | unknown | review
x | Ricevuta bancaria 60gg | unknown | review
x | Rimessa diretta vista fattura | unknown | review
x | Finanziamento Agos | unknown | review
x | Findomestic | unknown | review
positivity | BNL POSitivity | unknown | review
fabrick | Fabrick Payment | unknown | review
wcb2b | Fido | unknown | review
wcb2b_purchaseorder_gateway | Ordine d'acquisto | unknown | review
yith-funds | Fondi | unknown | review
ebay | eBay Managed Payments | unknown | review
subito_pay | Subito TuttoSubito | unknown | review
x | Carta di credito (consegna gratis) | unknown | awaiting
x | Pagamento sicuro con carta, consegna in 24h | unknown | awaiting
xpay_npg | Nexi XPay Carte | electronic | awaiting
nexi_xpay_bancomatpay | BANCOMAT Pay | electronic | awaiting
satispay_business | Satispay | electronic | awaiting
payplug_oney | Oney | electronic | awaiting
woocommerce_payments_klarna | Klarna | electronic | awaiting
ppcp-mybank | MyBank | electronic | awaiting
viva_com_smart | Viva.com | electronic | awaiting
airwallex_card | Carta | electronic | awaiting
revolut_pay | Revolut Pay | electronic | awaiting
bacs | Bonifico (evasione dopo accredito) | offline | awaiting
bacs | Bonifico anticipato o contrassegno | offline | review
"""


def rows(*texts: str) -> list[Name]:
    found = []
    for line in "".join(texts).strip().splitlines():
        if line:
            gateway, title, woocommerce, shopify = (part.strip() for part in line.split(" | "))
            found.append(Name(gateway, title, woocommerce, shopify))
    return found
