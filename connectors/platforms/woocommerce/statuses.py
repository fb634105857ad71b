"""What an order's status says where it is not one of WooCommerce's own: plugins and merchants make more (`spedito`,
`partially-paid`, `pre-ordered`), and only their words tell what they mean. Pure."""

from __future__ import annotations

import re
import unicodedata

SENT, PART, GIVEN_UP, WAITS, OTHER = "sent", "part", "given_up", "waits", ""

# Still to be sent, whatever word for sending follows: "in attesa di spedizione", "ready-to-ship", "da-consegnare".
_TO_COME = re.compile(
    r"(?<!out )\b(?:da|to|to be|pronto|pronta|ready|await\w*|waiting|attesa|for|prepar\w*|not|non|por|zu|zum|a)\b"
    r"[a-z ]{0,16}"
    r"\b(?:sped\w+|ship\w*|consegn\w+|deliver\w*|dispatch\w*|ev[ad]\w+|invi\w+|send|sent|ritir\w+|pick\w*|envi\w+|vers\w+)"
)
_SENT = re.compile(
    r"\b(?:spedit[oaie]|shipped|delivered|consegnat[oaie]|dispatched|evas[oaie]|sent|inviat[oaie]|complet\w+|fulfilled"
    r"|(?:in )?transit\w*|out for delivery|in consegna|ritirat[oaie]|picked(?: up)?|collected|handed over|conclus[oaie]"
    r"|affidat[oaie]|entregad[oa]|enviad[oa]|expedi\w+|livre\w*|versendet|verschickt|geliefert|zugestellt|shipping|dropshipped)\b"
)
_PART = re.compile(r"\b(?:part|partial\w*|parzial\w*|partly|partiel\w*|teil\w*)\b")
_GIVEN_UP = re.compile(
    r"\b(?:annull\w+|cancel\w*|rimbors\w+|refund\w*|storn\w+|res[oi]|return\w*|rifiut\w+|refus\w+|reject\w*|fail\w*|fallit\w+"
    r"|fraud\w*|frod\w+|void\w*|expired|scadut\w+|chargeback|dispute\w*|contest\w+|devuelt\w+|devoluc\w+|erstattet"
    r"|rembours\w+|spam|duplicat\w*|lost|pers[oi]|giacenza|undelivered|not delivered|non consegnat\w+)\b"
)
_WAITS = re.compile(
    r"\b(?:pay\w*|paid|pag\w+|bonific\w+|transfer|deposit\w*|accont\w*|saldo|unpaid|pending|hold|pre ?order\w*"
    r"|preordin\w*|prenotat\w+|back ?order\w*|quote\w*|quotation|preventiv\w+|draft|bozza|sospes\w+|bloccat\w+"
    r"|conferm\w* client\w*|da conferm\w+|unconfirmed|to confirm|stock|reserved?|scheduled|programmat\w+"
    r"|verific\w+|review|on request|waitlist)\b"
)
_PAID = re.compile(
    r"^(?:gia |already |order )?(?:paid|pagat[oaie]|pagamento (?:ricevuto|confermato|ok)"
    r"|payment (?:received|confirmed|complete))$"
)


def says(status: str) -> str:
    """SENT: it has left. PART: a part of it has. GIVEN_UP: it is not to be sent. WAITS: something must come first (a
    payment, goods, a word). OTHER: anything else, such as "in-lavorazione"."""
    plain = unicodedata.normalize("NFKD", status).encode("ascii", "ignore").decode().lower()
    words = " ".join(re.findall(r"[a-z0-9]+", plain))
    if _GIVEN_UP.search(words):
        return GIVEN_UP
    if _PAID.search(words):
        return OTHER
    if _SENT.search(_TO_COME.sub(" ", words)):
        return PART if _PART.search(words) else SENT
    return WAITS if _WAITS.search(words) else OTHER
