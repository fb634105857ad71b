"""What the names of payment methods say: a gateway's id, its title, an order's tag. Pure; all platforms follow it.

Names are free text in the merchant's language, so a name alone never settles much. It speaks of cash on delivery, or
speaks of it only to deny it ("niente da pagare alla consegna"), or beside another method ("bonifico oppure
contrassegno"): the last two never make an order cash on delivery. Only whole words count: "cod. ordine" is an order's
number, "codice sconto" a coupon. What a gateway *is* for sure tells `known`, by ids of real plugins alone."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

COD, DENIED, MIXED = "cod", "denied", "mixed"
BANK_TRANSFER, CHEQUE, ELECTRONIC, NOTHING = "bank_transfer", "cheque", "electronic", ""
PLATFORM_COD = frozenset({"cod"})  # WooCommerce's own gateway


@dataclass(frozen=True, slots=True)
class Says:
    """`cod`: speaks of cash on delivery, `denied`: says that it is not. `beside`: a part now and the rest later, a
    card reader, "or", over a counter: nothing by itself, but it makes cash on delivery doubtful."""

    cod: bool = False
    denied: bool = False
    bank: bool = False
    cheque: bool = False
    electronic: bool = False
    beside: bool = False

    @property
    def kind(self) -> str:
        """cod | mixed (beside another method) | bank_transfer | cheque | electronic | denied | "" (nothing)."""
        if self.cod:
            others = self.bank or self.cheque or self.electronic or self.beside or self.denied
            return MIXED if others else COD
        if self.bank or self.cheque or self.electronic:
            return BANK_TRANSFER if self.bank else CHEQUE if self.cheque else ELECTRONIC
        return DENIED if self.denied else NOTHING

    def __or__(self, other: Says) -> Says:
        """What two names of one method say together."""
        return Says(*(getattr(self, name) or getattr(other, name) for name in self.__slots__))


# ---- cash on delivery (of text without accents and capitals, "_", "-" and "/" being spaces)
_COD = re.compile(
    # Italian
    r"\bcontr(?:o ?)?assegn\w*"
    r"|\b(?:(?:al momento|all'atto) della) consegna\b"
    r"|\b(?:pag\w*|contant\w*|sald\w*)\b(?:(?!consegnat|affidat|spedit|ritir)[^.;,:]){0,40}"
    r"\b(?:al|a) (?:corriere|postino|fattorino|vettore|domicilio)\b"
    r"|\b(?:pag(?:a|hi|o|amento)|contanti) (?:corriere|postino)\b"
    r"|\bpag(?:a|hi|amento|are)\b.{0,20}\b(?:quando (?:ricevi|arriva)|alla porta|all'arrivo)\b"
    # English
    r"|\b(?:cash|pay|paid|payment|collect) at (?:the )?delivery\b"
    r"|\b(?:cash|pay|paid|payment) (?:on|at|upon) receipt\b(?! of (?:the |an )?invoice)"
    r"|\b(?:pay|paying|payment|cash)\b.{0,20}\b(?:courier|postman|driver)\b"
    r"|\bpay(?:ment)?\b.{0,20}\bwhen (?:you (?:receive|get)|it arrives)\b"
    r"|\b(?:pay|payment|cash)\b.{0,12}\b(?:at (?:the|your) door(?:step)?|on arrival)\b"
    r"|(?<![\w.])c\. ?o\. ?d\b"
    r"|\b(?:cash|pay|payment)on(?:delivery)\b"
    # Spanish, Portuguese
    r"|\bcontra ?re+m?e?mbolso\b|\bcontra ?entrega\b"
    r"|\b(?:pag\w*|efectivo|abon\w+)\b.{0,25}\b(?:a|en|na) (?:la )?entrega\b"
    r"|\b(?:pag\w*|efectivo)\b.{0,25}\bal (?:recibir\w*(?! (?:la |el |un |una )?(?:factura|enlace|link|correo|email))"
    r"|repartidor|mensajero|cartero)\b"
    # German
    r"|\b\w*nachnahme\w*"
    r"|\b(?:bar\w*|zahl\w*|bezahl\w*)\b.{0,25}\b(?:bei|an) (?:der )?"
    r"(?:lieferung|anlieferung|zustellung|ubergabe|haustur|empfang|erhalt)\b(?! (?:der|einer) rechnung)"
    # French
    r"|\bcontre ?remboursement\b"
    r"|\b(?:pa[iy]\w*|especes|regl\w+)\b.{0,25}\b(?:a|lors de) (?:la )?(?:livraison|reception)\b(?! de (?:la )?facture)"
    r"|\b(?:pa[iy]\w*|especes)\b.{0,20}\bau (?:livreur|facteur)\b"
    # and what shops that sell farther abroad write
    r"|\ba cobranca\b|\brembours\b|\bramburs\b|\bpobrani\w+|\bdobirk\w+|\bpouzec\w+|\butanvet\w*|αντικαταβολ\w*"
)
# These are said of signatures and discounts too: without a word of paying they make it doubtful.
_AT_THE_DOOR = re.compile(
    r"\b(?:alla|in) consegna\b(?! d(?:i|e|el|ell|ella|ello|ei|egli|elle)\b[ ']{1,2}"
    r"(?!pacc|merc|prodott|ordin|coll[oi]|articol|spedizion|tu[oa]|vostr|su[oa]|ben[ei]|acquist|corrier|[ ']))"
    r"|\bal(?:la)? (?:ricevimento|ricezione)\b(?! (?:della |di )?fattura)"
    r"|\b(?:on|upon) (?:the )?delivery\b"
)
_PAYING = re.compile(
    r"\b(?:pag\w*|contant\w*|sald[oi]|cash|pay|paying|paid|payments?|payable|collect\w*|contrassegn\w*|cod)\b"
)
_COD_WORD = re.compile(r"(?<![\w.])cod(?!\w)")
# "cod" is a code, not cash on delivery, before one of these …
_OF_A_CODE = re.compile(
    r"\.? ?(?:fisc|ordin|scont|promo|coupon|client|articol|prodott|iban|postal|univoc|sdi\b|amico|referral|agente|qr\b"
    r"|sicurezza|swift|bic\b|ean\b|d[ei]l?\w*\b|n\b|nr\b)"
    r"|\. ?\w"  # … or any word behind its full stop: "cod. tributo"
)
# In a name without capitals (or of nothing else) "cod" counts beside these words only.
_COD_MAY_STAND_BESIDE = re.compile(
    r"payment|pagamento|paga|pay|pago|zahlung|paiement|cash|on|upon|delivery|collect|consegna|alla|contrassegno|contanti"
    r"|form|orders?|ordine|app|releasit|easysell|easy|sell|advanced|smart|simple|gateway|method|metodo|fee|charge|costo"
    r"|supplemento|commissione|spese|euro?|e|in|con|with|per|plus|brt|gls|dhl|sda|ups|tnt|fedex|poste|italiane"
    r"|bartolini|corriere|courier|espresso|express|standard|spedizione|shipping|italia|italy"
)

# ---- what denies it, and what only seems to
_DENIES = re.compile(
    r"\b(?:no|non|not|none|never|nothing|without|unavailable|disabled|except|excl\w*|instead|avoid|old|ex|stop|off"
    r"|senza|niente|nulla|mai|ne|nessun\w*|esclus\w+|tranne|salvo|eccetto|invece|anziche|alternativ\w+|evita\w*"
    r"|sospes\w+|disattiv\w+|disabilitat\w+|annullat\w+|rifiutat\w+|indisponibil\w+|vecchi\w+|rispetto"
    r"|cancel\w*|refus\w+|reject\w+|failed|sin|nada|nunca|excepto|desactivad\w+|en vez"
    r"|kein\w*|ohne|nicht\w*|nie|statt|anstatt|ausser|pas|sans|jamais|rien|sauf|indisponible|ni|au lieu)\b|n't\b"
)
_DENIES_NOTHING = re.compile(
    r"\b(?:senza|zero|nessun\w*|without|no|sin|ohne|keine?|sans) (?:alcun\w* )?(?:ulterior\w* )?"
    r"(?:cost\w*|spes[ae]|commission\w*|sovrapprezz\w*|supplement\w*|maggiorazion\w*|extra\w*|fees?|charges?|gastos"
    r"|recargo\w*|comision\w*|gebuhr\w*|aufschlag|mehrkosten|zusatzkosten|frais|surcout)\b"
    r"|\b(?:senza|nessun\w*|no|zero) (?:alcun\w* )?(?:anticip\w+|accont\w+|caparr\w+)(?: richiest\w+)?\b"
    r"|\bno (?:pos|carte|cards?|assegni|bancomat|cheques?)\b"
)

# ---- other methods
_BANK = re.compile(
    r"\bbonific\w*|\bgiroconto\b|\biban\b|\bbacs\b|\b(?:bank|wire) ?(?:transfer|deposit|wire)\w*|\bversamento\b"
    r"|\banticipat\w+|\w*uberweisung\w*|\bueberweisung\w*|\bvor(?:aus)?kasse\b|\bvirement\w*|\btransferencia\w*|\bsepa\b"
    r"|\blastschrift\b|\bpago anticipado\b|\bbollettino\b"
)
_CHEQUE = re.compile(r"\bassegn[oi]\b|\bche(?:que|ck)s?\b|\bscheck\w*|\btalon\b|\bmoney order\b|\bvaglia\b|\bmandat\b")
_CARD = re.compile(
    r"\bcart[ae]\b|\bcards?\b|\bcredit\b|\bbancomat\b|\bvisa\b|\bmastercard\b|\bamex\b|\bmaestro\b|\bpostepay\b"
    r"|\btarjetas?\b|\w*kreditkarte\w*|\bgirocard\b|\bwallet\b|\bonline\b|\b(?:in|a|\d) (?:comode )?rate\b|\brateal\w+"
    r"|\binstal?lments?\b|\ba plazos\b|\braten\w*|\b[34] ?x\b|\bapple ?pay\b|\bgoogle ?pay\b"
)
_BESIDE = re.compile(
    r"\bpos\b|\bacconto\b|\banticipo\b|\bcaparra\b|\bdeposit\w*|\bpar[tz]ial\w*|\bsaldo\b|\bhalf\b|\bmeta\b|\bavance\b"
    r"|\banzahlung\b|\bacompte\b|\badvance\b|\brest[eo]?\b|\brestante\b|\bremaining\b|\bbalance\b"
    r"|(?<![+\d])(?<!\+ )\d+ ?%"
    r"|\bprepa(?:id|gat\w+|yment)\b|\bpre paid\b|\bgia\b|\balready\b|\bbereits\b|\bdeja\b|\bya pagad\w+"
    r"|(?<![\w.])(?:o|oppure|ovvero|or|oder|ou|u|either)(?![\w.])"  # or what?
    # paid now; said of what else comes to the door; said beside the cash on delivery that another method is not
    r"|\b(?:pag\w*|pay|paying|payment|zahl\w*|paie\w*)\b(?: \w+)? (?:ora|subito|adesso|immediat\w+|now|in full"
    r"|ahora|jetzt|sofort|maintenant)\b|\bfirma\b|\bricev\w+ (?:tutto|un)\b"
    r"|\b(?:del|dal|sul|al posto del|come il|assicurazione|sconto|risparmi\w*|than|over) (?:il )?"
    r"(?:contrassegn\w*|cash on|cod)\b"
    r"|\bprima (?:rata|consegna)\b|\bfirst (?:payment|instal?lment)\b|\bin (?:[3-9]|three|four) (?:rate|payments)?\b"
    r"|\btramite app\b|\bapp\b.{0,20}\bcodice\b"
    r"|\bfattura\b|\binvoice\b|\brechnung\b|\bfactur[ae]\b|\bqr\b|\blink\b"
    r"|\britiro\b|\bnegozio\b|\bsede\b|\bpick ?up\b|\bstore\b|\bshop\b|\babholung\b|\btienda\b|\bmagasin\b|\blocker\b"
)

# ---- gateways of real plugins: by the beginning of a word of their id …
_BRANDS = re.compile(
    r"(?:stripe|paypal|satispay|klarna|scalapay|mollie|revolut|sumup|axerve|gestpay|unicredit|pagonline|bancasella"
    r"|redsys|bizum|adyen|braintree|payplug|worldpay|afterpay|clearpay|pagolight|heylight|heidipay|soisy|pagodil"
    r"|cofidis|sofort|bancontact|giropay|przelewy24|multibanco|mbway|postfinance|paysafecard|skrill|neteller|coinbase"
    r"|googlepay|applepay|amazonpay|mypos|bancomatpay|tinaba|pagantis|sequra|cartasi|nexixpay|authorizenet|authnet"
    r"|checkoutcom|vivawallet|vivacom|vivapayments|paytpv|paycomet|hipay|payzen|systempay|monetico|mercanet|paybox"
    r"|up2pay|stancer|floapay|younited|saferpay|datatrans|wallee|payrexx|unzer|heidelpay|payone|paydirekt|computop"
    r"|concardis|buckaroo|multisafepay|sisow|paynl|cybersource|elavon|globalpayments|opayo|sagepay|realex"
    r"|airwallex|payoneer|2checkout|twocheckout|razorpay|cashfree|payfast|paystack|flutterwave|mercadopago|pagseguro"
    r"|barion|gopay|comgate|netopia|mobilpay|euplatesc|trustly|vipps|mobilepay|riverty|billie|sezzle|btcpay"
    r"|bitpay|coingate|nowpayments|cryptocom|facilypay|mybank|borica|ifthenpay|alipay|wechatpay|payline|easytransac|tinkoff"
    r"|lemonway|mangopay|paymill|masterpass|iyzico)"
)
# … by a whole word …
_BRAND_WORDS = re.compile(
    r"\b(?:ppcp|ppec|ppay|nexi|xpay|igfs|postecom|kco|alma|oney|ideal|p24|eps|blik|twint|swish|viva|square|wcpay|affirm"
    r"|eway|payu|payubiz|payumoney|payulatam|dibs|nets|wechat|sella|sips|ogone|ingenico|lyra|lydia|paylib|hype|jiffy"
    # … or by two
    r"|(?:woocommerce|shopify|amazon) payments|(?:amazon|apple|google|bancomat|shop|facebook|samsung) pay|checkout com"
    r"|authorize net|mb way|mercado pago|cash app|crypto com|pay pal)\b"
)
# An id with one of these may take the money at the door or over a counter, whoever's reader it is.
_IN_PERSON = re.compile(
    r"\b(?:consegna|corriere|domicilio|delivery|courier|door|entrega|livraison|lieferung|pos|terminal|pickup|ritiro"
    r"|negozio|instore|offline)\b"
)
_BANK_IDS = re.compile(
    r"\bbacs\b|\bbonific\w*|\bbank ?transfer\b|\bwire ?transfer\b|\bvorkasse\b|\bvirement\b|\btransferencia\b"
    r"|\bueberweisung"
)
_CHEQUE_IDS = re.compile(r"\bcheque\b|\bassegno\b|\bcheck (?:or )?money\b|\bmoney ?order\b")

# ---- tags
_TAG_MAY_SAY = re.compile(
    r"form|orders?|ordin[ei]|app|releasit|easysell|easy|sell|payment|pagamento|pay|paga|cash|contanti|gateway|advanced"
    r"|smart|confirm|confirmed|confermato|verified|it|italia|italy"
)


def of_title(title: str) -> Says:
    """A name for people, with whatever markup the plugin put into it: "Contrassegno (+ 5,00 €)"."""
    return _read(title, id_=False)


def of_id(gateway: str) -> Says:
    """A machine's name: `paga_corriere`, `no_cod`."""
    return _read(gateway, id_=True)


def of_name(name: str) -> Says:
    """Where a method has one name only: "shopify_payments", "Pagamento alla consegna"."""
    return of_id(name) if re.fullmatch(r"[a-z0-9]+(?:[_.-][a-z0-9]+)*", name) else of_title(name)


def of_tag(tag: str) -> str:
    """COD, DENIED or NOTHING. People type tags, so a tag that says more than cash on delivery says nothing:
    `cod-verified`, `cod10`."""
    text = " ".join(re.findall(r"[^\W_]+", _plain(tag)))
    rest = re.sub(r"\bcod\b|\beasysell\b", " ", _AT_THE_DOOR.sub(" ", _COD.sub(" ", text)))
    if rest == text:
        return NOTHING
    if _DENIES.search(text):
        return DENIED
    return COD if all(_TAG_MAY_SAY.fullmatch(word) for word in rest.split()) else NOTHING


def known(gateway: str) -> str:
    """What a gateway surely is, by its id: COD (the platform's own), BANK_TRANSFER, CHEQUE, ELECTRONIC; else NOTHING.
    An id that speaks of cash on delivery too (`satispay_alla_consegna`) is not sure."""
    text = _words_of(gateway)
    if gateway.strip().lower() in PLATFORM_COD:
        return COD
    says = of_id(gateway)
    if says.cod or says.denied or _IN_PERSON.search(text):
        return NOTHING
    if _has_brand(text):
        return ELECTRONIC
    if _BANK_IDS.search(text):
        return BANK_TRANSFER
    return CHEQUE if _CHEQUE_IDS.search(text) else NOTHING


def _read(name: str, *, id_: bool) -> Says:
    text = _words_of(name) if id_ else _plain(name)
    cod = bool(_COD.search(text)) or _cod_word(text, "" if id_ else name)
    at_the_door = not cod and _AT_THE_DOOR.search(text)
    only_that = at_the_door and at_the_door.group() == text
    doubtful = bool(at_the_door) and not only_that and not _PAYING.search(text)
    cod = cod or bool(at_the_door)
    if id_:  # "pod" is pay on delivery; as a word of people's it may be print on demand
        cod = cod or bool(re.search(r"\bpod\b|\bpag(?:a|hi|amento) consegna\b", text))
    denied = cod and bool(_DENIES.search(_DENIES_NOTHING.sub(" ", text)))
    text = _DENIES_NOTHING.sub(" ", text) if cod else text
    return Says(
        cod=cod and not denied,
        denied=denied,
        bank=bool(_BANK.search(text)),
        cheque=bool(_CHEQUE.search(re.sub(r"\bcontro assegn\w*", " ", text))),
        electronic=bool(_CARD.search(text)) or _has_brand(text),
        beside=doubtful or bool(_BESIDE.search(text)),
    )


def _cod_word(text: str, original: str) -> bool:
    """Is "cod" here cash on delivery? `original`: with its capitals; "" for an id."""
    for match in _COD_WORD.finditer(text):
        if _OF_A_CODE.match(text, match.end()):
            continue
        if not original or ("COD" in original and original != original.upper()):
            return True
        others = set(re.findall(r"[^\W\d_]+", text)) - {"cod"}
        denied = {word for word in others if _DENIES.fullmatch(word)}
        if all(_COD_MAY_STAND_BESIDE.fullmatch(word) for word in others - denied):
            return True
    return False


def _has_brand(text: str) -> bool:
    words = re.findall(r"\w+", text)
    return any(map(_BRANDS.match, words)) or bool(_BRAND_WORDS.search(" ".join(words)))


def _words_of(gateway: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", _plain(gateway)))


def _plain(name: str) -> str:
    """Without markup, accents and capitals."""
    text = re.sub(r"<[^>]*>", " ", html.unescape(name))
    text = unicodedata.normalize("NFKD", text.replace("’", "'"))
    text = "".join(char for char in text if not unicodedata.combining(char)).casefold()
    return " ".join(re.sub(r"[_/–—-]", " ", text).split())
