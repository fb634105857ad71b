"""What is a number in a text and which: an order's, a telephone, a person's or a company's for the tax, a date."""

from __future__ import annotations

import re

from core.postal.phones import phone
from orders.entry import marketplaces
from orders.paste.found import Found
from orders.paste.ground import Ground

_EMAIL = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII)
_NOT_THEIRS = re.compile(r"^\W*(?:a|to|cc|an|rispondi a|reply-to) ?:", re.IGNORECASE)  # who the mail went to
_NOBODY = re.compile(r"(?:no-?reply|assistenza|support|info|ordini|orders|service)@", re.IGNORECASE)
# What an Italian text has beside an order and an order never is: codice fiscale, IBAN, partita IVA, SDI, dates, links.
_DATE = r"(?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-](?:20)?\d{2}(?![\d/-])"
_MONTHS = (
    r"gen(?:naio)?|feb(?:braio)?|mar(?:zo)?|apr(?:ile)?|mag(?:gio)?|giu(?:gno)?|lug(?:lio)?|ago(?:sto)?|"
    r"set(?:tembre)?|ott(?:obre)?|nov(?:embre)?|dic(?:embre)?"
)
_NEVER = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        r"https?://\S+|www\.\S+",
        r"(?:(?:cod(?:ice)?\.? ?fisc(?:ale)?|c\.? ?f)\.?\W{0,3})?\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b",
        r"(?:iban\W{0,3})?\bIT\d{2} ?[A-Z] ?(?:\d ?){10}(?:[A-Z0-9] ?){12}\b",
        r"\b(?:p(?:art(?:ita)?)?\.? ?iva|vat(?: (?:no|number|id))?|p\.i)\.?\W{0,3}(?:IT)?\d{11}\b",
        r"\b(?:cod(?:ice)?\.? ?(?:sdi|univoco|destinatario)|sdi)\W{0,3}[A-Z0-9]{7}\b",
        r"\basin\W{0,3}[A-Z0-9]{10}\b",
        r"\b(?:id articolo(?: ordine)?|numero oggetto|item number|order item id|n\. oggetto)\W{0,3}\d{6,20}\b",
        rf"(?:\b(?:il|del|entro(?: il)?|ordinato il|data)\b\W{{0,2}})?{_DATE}",
        rf"\b\d{{1,2}} (?:{_MONTHS})\.? 20\d\d\b",
    )
)
_REFERENCES = (
    ("Amazon", re.compile(r"(?<![\d-])\d{3}-\d{7}-\d{7}(?![\d-])", re.ASCII)),
    ("eBay", re.compile(r"(?<![\d-])\d{2}-\d{5}-\d{5}(?![\d-])", re.ASCII)),
    ("TikTok Shop", re.compile(r"(?<![\d-])57\d{16}(?![\d-])", re.ASCII)),
)
_CALLED = re.compile(
    r"\b(?:(?:numero|n\.?|nr\.?|num\.?|id|rif\.?|codice)(?: (?:d[i’']|dell[’'])?)? ?(?:ordine|order)|"
    r"ordine(?: (?:n\.?[°º]?|nr\.?"
    r"|numero|id|#))?|order(?: (?:id|no\.?|number|confirmation|#))?|bestell(?:nummer|ung|nr\.?)|auftragsn(?:ummer|"
    r"r\.?)|"
    r"transazione)"
    r" ?[:#.=]? ?#?(?P<number>(?=[\w-]*\d)[A-Z0-9][A-Z0-9-]{3,29})\b",
    re.IGNORECASE | re.ASCII,
)
_BESIDE = re.compile(
    r"\b(?:etsy|ebay|amazon|tik ?tok(?: shop)?|numero del (?:tuo|suo|vostro|"
    r"mio) ordine)\b(?: [eè]['’]?)?[^\w\n]{0,4}(?:n[°.º]|nr\.?|numero|ordine|order|#)?"
    r"[^\w\n]{0,4}(?P<number>\d{9,19})\b",
    re.IGNORECASE | re.ASCII,
)
_NAMES = {
    "ebay": "eBay",
    "amazon": "Amazon",
    "etsy": "Etsy",
    "tiktok": "TikTok Shop",
    "tik tok": "TikTok Shop",
    "subito": "Subito",
    "facebook": "Facebook Marketplace",
    "marketplace": "Facebook Marketplace",
    "vinted": "Vinted",
    "temu": "Temu",
    "manomano": "ManoMano",
    "instagram": "Instagram",
    "whatsapp": "WhatsApp",
}
_NAMED = re.compile(rf"(?<!@)\b(?:{'|'.join(_NAMES)})\b(?!\.\w+@)", re.IGNORECASE)
_DIALLED = re.compile(r"(?<![\w,-])(?<!\d\.)(?:\(?\+ ?|00)?\(?\d(?:[\d ()/-]|\.(?! )){6,20}\d(?![\w-])", re.ASCII)
_PHONE_WORD = re.compile(
    r"\b(?:tel(?:efono|\.)?|cell(?:ulare|\.)?|cel\.?|mobile|phone|recapito|whats ?app|wa|handy|telefon|numero|num|"
    r"fisso|"
    r"chiama(?:re|te|mi)?|contatto)\b[^\d+]{0,14}$",
    re.IGNORECASE,
)


def emails(ground: Ground) -> list[Found]:
    found = []
    for line, match in list(ground.search(_EMAIL)):
        if _NOT_THEIRS.match(line.text) or _NOBODY.match(match.group()):
            ground.take(line.start + match.start(), line.start + match.end())
            continue
        start, end = line.start + match.start(), line.start + match.end()
        found.append(Found("email", match.group().rstrip(".-"), 0.98, start, end, line.corrects))
        ground.take(start, end)
    return found


def nothing(ground: Ground) -> None:
    """Takes what is none of an order's fields, so that nobody takes it for one."""
    for pattern in _NEVER:
        for line, match in list(ground.search(pattern)):
            ground.take(line.start + match.start(), line.start + match.end())


_BILLED = re.compile(
    r"^\W*(?:fattura(?:re|zione)?(?: a)?|(?:indirizzo|dati)(?: di| per la)? fattura(?:zione)?|billing(?: address)?|"
    r"bill to|rechnungsadresse|"
    r"rechnung an|mittente)\b ?:?(?P<rest>.*)$",
    re.IGNORECASE,
)
_FIVE = re.compile(r"(?<!\d)\d{5}(?!\d)", re.ASCII)


def billing(ground: Ground) -> None:
    """Takes the address of an invoice where the text has another one: the parcel does not go there."""
    for at, line in enumerate(ground.lines):
        match = _BILLED.match(line.text)
        if match is None:
            continue
        block = [line]
        if not match.group("rest").strip():
            for later in ground.lines[at + 1 : at + 6]:
                if later.start > block[-1].end + 1 or later.text.rstrip().endswith(":"):
                    break
                block.append(later)
        others = [one for one in ground.lines if one not in block]
        if any(_FIVE.search(one.text) for one in block) and any(_FIVE.search(one.text) for one in others):
            for one in block:
                ground.take(one.start, one.end)


def references(ground: Ground) -> list[Found]:
    """The order's number and where it was sold: by the number's shape, by its label, by a marketplace's name."""
    found: list[Found] = []
    for name, pattern in _REFERENCES:
        for line, match in list(ground.search(pattern)):
            start, end = line.start + match.start(), line.start + match.end()
            found.append(Found("reference", match.group(), 0.98, start, end))
            found.append(Found("marketplace", name, 0.95, start, end))
            ground.take(start, end)
    for line, match in [*ground.search(_CALLED), *ground.search(_BESIDE)]:
        start, end = line.start + match.start("number"), line.start + match.end("number")
        if not any(one.field == "reference" for one in found):
            found.append(Found("reference", marketplaces.number(match.group("number")), 0.9, start, end))
        ground.take(line.start + match.start(), end)
    for line, match in [(one, match) for one in ground.lines for match in _NAMED.finditer(one.text)]:
        name = _NAMES[match.group().lower()]
        if not any(one.field == "marketplace" for one in found):
            sure = 0.6 if name == "WhatsApp" else 0.9
            if name != "WhatsApp":
                found.append(Found("marketplace", name, sure, line.start + match.start(), line.start + match.end()))
    return found


def phones(ground: Ground) -> list[Found]:
    """Every telephone, E.164; the postcode beside a name is none."""
    found = []
    for line, match in list(ground.search(_DIALLED)):
        words = match.group()
        called = bool(_PHONE_WORD.search(ground.before(line, match.start())))
        number = phone(words.strip(" .-/")).number
        digits = re.sub(r"\D", "", words)
        called = called or words.lstrip("( ").startswith("+")
        if not number or (not called and not _looks_dialled(digits, number)):
            continue
        start = line.start + match.start()
        found.append(
            Found("phone", number, 0.97 if called else 0.85, start, start + len(words.rstrip()), line.corrects)
        )
        ground.take(start, start + len(words))
    return found


def speakers(ground: Ground) -> list[Found]:
    """The number of who wrote, where a chat names them by it and the text has no other."""
    for line in ground.lines:
        if number := phone(line.who).number if sum(map(str.isdigit, line.who)) > 7 else "":
            start = ground.text.find(line.who)
            return [Found("phone", number, 0.7, start, start + len(line.who))]
    return []


def _looks_dialled(digits: str, number: str) -> bool:
    """A mobile number, or a landline in full; not what is as long by chance."""
    if number.startswith("+393"):
        return len(digits) in (9, 10, 12, 14)
    return digits.startswith(("0", "39", "+")) and 8 <= len(digits) <= 14 and len(digits) != 11
