"""Who receives the parcel, and what the courier is asked: names, companies, notes."""

from __future__ import annotations

import re

from orders.paste.cleaning import Line, as_written
from orders.paste.found import Found
from orders.paste.ground import Ground

_WORD = r"[^\W\d_](?:[^\W\d_]|[’'.-](?=[^\W\d_]|\b))*[.’']?"
_PERSON = re.compile(rf"{_WORD}(?: (?:e |& )?{_WORD}){{1,4}}")
_LABELS = (
    (
        re.compile(
            r"\b(?:nome e cognome|cognome e nome|nominativo|destinatari[oa]|intestat(?:ari[oa]|o a)|nome completo|"
            r"full name|recipient|ship to name|"
            r"empfänger|a nome(?: di)?|nome sul citofono)\b ?[:=]? ?",
            re.I,
        ),
        0.96,
    ),
    (
        re.compile(
            r"\b(?:cliente|acquirente|name|nome|sig(?:\.ra|\.na|nora|nor|\.)?|sono|mi chiamo|si chiama|l[eu]i è|"
            r"lei e['’]|alla c\.?a\.? di|"
            r"att\.?n?\.?|all['’]attenzione di)"
            r"(?: ?[:=] ?| (?=[A-ZÀ-Ý]))",
            re.I,
        ),
        0.85,
    ),
    (
        re.compile(
            r"^\W*(?:spedi(?:re|sci|te|zione|amo)?|consegnare|invi(?:are|ate)|mandare|ship|post|liefern|"
            r"deliver)(?: tutto)? (?:a|to|an)\b ?:? ?",
            re.I,
        ),
        0.85,
    ),
)
_FIRST = re.compile(r"^\W*(?:nome|first name|vorname) ?[:=]? ?(?P<name>[^\n\x01,;]{2,40})", re.IGNORECASE)
_LAST = re.compile(r"^\W*(?:cognome|surname|last name|nachname) ?[:=]? ?(?P<name>[^\n\x01,;]{2,40})", re.IGNORECASE)
_HERE_BEGINS = re.compile(
    r"^\W*(?:(?:indirizzo|address)(?: di (?:spedizione|consegna))?|(?:spedi(?:re|sci|zione)|consegnare|ship|post|"
    r"invia(?:re)?|liefern) (?:a|to|an)|"
    r"lieferadresse|dati(?: (?:di|per la) (?:spedizione|consegna))?|ship(?:ping)? (?:to|address))\W*$",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r"\b(?:s\.? ?r\.? ?l\.? ?s?\.?|s\.? ?n\.? ?c\.?|s\.? ?p\.? ?a\.?|s\.? ?a\.? ?s\.?|gmbh|kg|ag|ditta|impresa|"
    r"officin[ae]|studio|farmacia|hotel|"
    r"albergo|ristorante|pizzeria|trattoria|agriturismo|azienda|cooperativa|coop|associazione|autofficina|"
    r"ferramenta|tabacch\w+|cartoleria|"
    r"parrocchia|negozio|panificio|carrozzeria|scuola|istituto|comune di|condominio|lavanderia|bottega|falegnameria|"
    r"edicola|macelleria|"
    r"estetica|palestra|ohg|edil|impresa edile)(?![\w])",
    re.IGNORECASE,
)
_COMPANY_LABEL = re.compile(
    r"^\W*(?:ragione sociale|azienda|ditta|company|firma|societ[aà]) ?[:=] ?(?P<name>[^\n\x01;]{2,80})", re.IGNORECASE
)
_NEVER = re.compile(
    r"\b(?:ciao|buon\w*|salve|grazie|ordine|ordin\w+|spedi\w+|consegn\w+|indirizzo|totale|pagament\w+|pagat\w+|"
    r"contras+egno|articol\w+|prodott\w+|"
    r"quantit\w+|telefon\w+|vorrei|italia|italy|ecco|dati|miei|questi|sono|prego|saluti|cordiali|allora|ok|perfetto|"
    r"conferm\w+|mail|e-?mail|numero|"
    r"via|viale|piazza|corso|cap|citt\w+|provincia|prezzo|set|pezz\w+|urgente|attendo|gentil\w+|spett\w*|"
    r"dettagli\w*|stato|acquirente|venduto|"
    r"order|item|ship\w*|price|qty|total|hello|thanks|hallo|danke|anzi|scusa\w*|dopo|prima|ore|mattina|pomeriggio|"
    r"sera|citofon\w+|suonare|chiam\w+|"
    r"interno|scala|piano|postino|corriere|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|marito|moglie|"
    r"mamma|disponibil\w+|ancora|"
    r"amazon|ebay|etsy|tiktok|subito|facebook|vinted|whatsapp|paypal|postepay|bonifico|satispay|carta|euro|costo|"
    r"spese|gratis|un|una|uno|due|tre|"
    r"che|non|per|con|mi|ti|si|se|ma|come|quando|anche|sempre|solo|tutto|essere|ho|hai|ha|abbiamo|è|era|"
    r"fattura|codice|fiscale|iva|sku|"
    r"spedisci|entro|data|regalo|messaggio|note?|nota|personalizzazione|taglia|colore|misura|standard|express|prime|"
    r"locker|ufficio|zona|nexi|invio|inviato|orari\w*|meglio|ich|brauche|oggetto|pip|stivali|tel|però|suocera|media|"
    r"immagine|mandami|mandame|mandare|devi|signor|signora|me|incidere|destinazione|merce|südtirol|"
    r"rechnungsadresse)\b",
    re.IGNORECASE,
)
_SMALL = re.compile(r"\b(?:il|lo|la|le|gli|i|di un|alla|allo|da|a)\b")  # small in a text with capitals: no name's
_TITLES = re.compile(
    r"^(?:(?:arch|dott(?:\.?ssa)?|geom|ing|avv|rag|prof(?:\.?ssa)?|sig(?:\.?(?:ra|na))?|mr|mrs|herr|"
    r"frau)\.? +)+",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:\b(?:consegn\w+|passare|chiam\w+|telefon\w+|suon\w+|citofon\w+|lasci\w+|disponibil\w+|ci sono|"
    r"sono (?:a casa|in casa)|reperibile|presente|aperto)\b[^.\n;)\x01]{0,20})?"
    r"\b(?:(?:solo )?(?:dopo|prima|entro|dalle|tra)(?: le| l['’]una|"
    r" mezzogiorno)? ?(?:ore )?\d{1,2}(?:[:.]\d{2})?(?: ?(?:alle|e le|-|–|e) ?(?:le )?\d{1,2}(?:[:.]\d{2})?)?|"
    r"(?:meglio |solo |di |al |nel |la ){0,2}(?:mattin[oa]|pomeriggio|sera)|lasciare (?!i dati)[^.\n;)\x01]{3,50}|"
    r"(?:chiamare|telefonare|"
    r"avvisare|suonare|citofonare)(?: [^.\n;)\x01]{2,50})?|"
    r"(?:in )?portineria[^.\n;)\x01]{0,30}|dal portiere|chiedere di \w+|al portinaio|dai vicini[^.\n;)\x01]{0,20}|"
    r"al custode)",
    re.IGNORECASE,
)
_NOTE_LABEL = re.compile(
    r"^\W*(?:note?(?: (?:per il corriere|di consegna|corriere))?|istruzioni(?: di consegna)?|"
    r"orari[oi](?: di consegna)?|delivery instructions|"
    r"hinweis) ?[:=] ?(?P<note>[^\n]{3,200})",
    re.IGNORECASE,
)


def companies(ground: Ground) -> list[Found]:
    found = []
    for line, match in list(ground.search(_COMPANY_LABEL)):
        start = line.start + match.start("name")
        said = match.group("name").strip(" .,-")
        found.append(Found("company", said, 0.95, start, start + len(said), line.corrects))
        ground.take(line.start + match.start(), start + len(said))
    for line in ground.lines:
        for text, start in list(ground.segments(line)):
            if (
                len(text) <= 60
                and _COMPANY.search(text)
                and len(text.split()) >= 2
                and not _NEVER.search(_COMPANY.sub("", text))
            ):
                lead = re.match(r"(?:a|per|presso|spett\.?(?:le)?|firma) +(?=\w+ \w)", text, re.IGNORECASE)
                if lead and not text.islower():
                    text, start = text[lead.end() :], start + lead.end()
                end = start + len(text)
                end += ground.text[end : end + 1] == "."  # S.r.l.
                found.append(Found("company", ground.text[start:end], 0.8, start, end, line.corrects))
                ground.take(start, end)
    return found


def notes(ground: Ground) -> list[Found]:
    found = []
    for line, match in list(ground.search(_NOTE_LABEL)):
        start = line.start + match.start("note")
        said = match.group("note").strip()
        found.append(Found("note", said, 0.95, start, start + len(said)))
        ground.take(line.start + match.start(), start + len(said))
    for line, match in list(ground.search(_NOTE)):
        start = line.start + match.start()
        said = match.group().strip(" ,.-")
        if len(said) > 3 and said.lower() not in ("sera", "mattina"):
            at = start + match.group().index(said)
            found.append(Found("note", said, 0.8, at, at + len(said)))
            ground.take(at, at + len(said))
    return found


def names(ground: Ground, street: Found | None, place: Found | None) -> list[Found]:
    """The recipient: who is called so; else who stands above or before the street; else who the text begins with."""
    found = _first_and_last(ground)
    for line in ground.lines:
        for pattern, sure in _LABELS:
            for label in pattern.finditer(ground.left(line)):
                if (one := _person_at(ground, line, label.end(), sure)) is not None:
                    found.append(one)
    if not found or max(one.sure for one in found) < 0.9:
        found += _beside(ground, street or place)
    if not found:
        found += _alone(ground)
    return found


def _first_and_last(ground: Ground) -> list[Found]:
    first = next(iter(ground.search(_FIRST)), None)
    last = next(iter(ground.search(_LAST)), None)
    if first is None or last is None:
        return []
    both = f"{first[1].group('name').strip()} {last[1].group('name').strip()}"
    start = first[0].start + first[1].start("name")
    end = first[0].start + first[1].end("name")
    for line, match in (first, last):
        ground.take(line.start + match.start(), line.start + match.end())
    return [Found("name", as_written(both), 0.97, start, end)]


def _person_at(ground: Ground, line: Line, at: int, sure: float) -> Found | None:
    """The name that begins right there, before a comma or what else ends it."""
    rest = ground.left(line)[at:]
    if title := _TITLES.match(rest):
        at, rest = at + title.end(), rest[title.end() :]
    stop = re.search(
        r"[,;:()\d\x01]| [-–/] |//|\b(?:via|viale|piazza|corso|tel|cell|abita|residente|che|in|al|alla|vive|sta|"
        r"abito|abitiamo|sto|"
        r"numero)\b",
        rest,
        re.IGNORECASE,
    )
    said = rest[: stop.start() if stop else len(rest)].strip(" .-–")
    if not said or not _is_person(said):
        return None
    start = line.start + at + rest.index(said)
    return Found("name", as_written(said), sure, start, start + len(said), line.corrects)


def _is_person(said: str) -> bool:
    words = said.split()
    if not said.islower() and _SMALL.search(said):
        return False
    return (
        2 <= len(words) <= 5
        and bool(_PERSON.fullmatch(said))
        and not _NEVER.search(said)
        and all(len(word) > 1 or word.isupper() or word in "e&" for word in words)
    )


def _beside(ground: Ground, anchor: Found | None) -> list[Found]:
    """The last name before the street in the same line, or on one of the four lines above it, nearest last."""
    if anchor is None:
        return []
    at = next((n for n, line in enumerate(ground.lines) if line.start <= anchor.start <= line.end), 0)
    for line in reversed(ground.lines[max(0, at - 4) : at + 1]):
        pieces = [(text, start) for text, start in ground.segments(line) if start < anchor.start]
        for text, start in reversed(pieces):
            text, start = _named_tail(text, start)
            if _is_person(text) and _reads_as_name(text, ground.text):
                top = 0.9 if line is not ground.lines[at] else 0.85
                return [Found("name", as_written(text), top, start, start + len(text), line.corrects)]
    for line in ground.lines[at : at + 2]:
        for text, start in ground.segments(line):
            if start > anchor.end and _is_person(text) and _reads_as_name(text, ground.text):
                return [Found("name", as_written(text), 0.7, start, start + len(text), line.corrects)]
    return []


def _named_tail(text: str, start: int) -> tuple[str, int]:
    """`comunque Fulvia Destefanis`: the capitals at the end, where small words go before them."""
    tail = re.search(r"(?:^|(?<=[^\W\d_] ))[A-ZÀ-Ý][\w’']+(?: (?:di|de|del|della|e|[A-ZÀ-Ý][\w’'.]*)){1,3}$", text)
    if tail and tail.start() and text[: tail.start()].islower():
        return tail.group(), start + tail.start()
    title = _TITLES.match(text)
    return (text[title.end() :], start + title.end()) if title else (text, start)


def _reads_as_name(said: str, whole: str) -> bool:
    """Capitals at its words, where the text has capitals at all."""
    letters = [sign for sign in whole if sign.isalpha()]
    if all(map(str.islower, letters)) or sum(map(str.isupper, letters)) > len(letters) * 0.7:
        return True
    small = {"e", "&", "di", "de", "del", "della", "dei", "la", "lo", "d", "von", "van", "da", "dal"}
    words = said.split()
    capitals = sum(word[:1].isupper() or word.lower() in small for word in words)
    return (words[0][:1].isupper() and capitals >= len(words) - (len(words) > 2)) or said.islower()


def _alone(ground: Ground) -> list[Found]:
    for line in ground.lines:
        for text, start in ground.segments(line):
            if _is_person(text) and _reads_as_name(text, ground.text) and not text.islower():
                return [Found("name", as_written(text), 0.6, start, start + len(text), line.corrects)]
    return []
