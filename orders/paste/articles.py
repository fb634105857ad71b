"""Articles and their pieces in a text: by a code, or by the words behind a number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from orders.paste.cleaning import Line
from orders.paste.found import Row
from orders.paste.ground import Ground

Known = Callable[[Iterable[str]], set[str]]  # of codes as they were written: those that the catalogue has
_CODE = re.compile(r"(?<![\w@./-])(?=[\w./-]*\d)[A-Za-z0-9](?:[A-Za-z0-9._/-]{1,38}[A-Za-z0-9])(?![\w@-])", re.ASCII)
_SHAPED = re.compile(r"[A-Z]{2,6}-(?:[A-Z0-9]{1,8}-){0,3}\d{2,8}(?:-[A-Z0-9]{1,6}){0,3}", re.IGNORECASE | re.ASCII)
_CALLED = re.compile(
    r"\b(?:sku|cod(?:ice)?(?: articolo| prodotto)?\.?|art(?:icolo)?\.?|ref\.?|rif\.?|ean|"
    r"etichetta personalizzata(?: \(sku\))?|custom label"
    r"(?: \(sku\))?|artikel(?:nummer|nr\.?)?|bestandseinheit)\W{0,3}$",
    re.IGNORECASE,
)
_NUMBERS = {"un": 1, "uno": 1, "una": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "dieci": 10}
_SAID = rf"\d{{1,4}}|(?:{'|'.join(_NUMBERS)})\b"
_UNIT = (
    r"(?! ?(?:mm|cm|mt|m|km|kg|gr?|w|watt|kw|v|volt|a|ah|mah|l|lt|ml|bar|pollici|gb|tb|°|\"|/|%|x \d|,\d|\.\d)(?!\w))"
)
_QUANTITY = r"(?:q(?:uantit[aà]?['’]?|\.?t[aà]?['’]?\.?|ty\.?)|quantity|menge|pezzi|n\. ?pezzi|pz\.?)"
_BEHIND = re.compile(
    r"^(?: ?\([^()\n]{1,60}\))?[^\w\n×*]{0,6}(?:[x×*] ?(?P<a>\d{1,4})\b(?![.,]\d)|"
    rf"{_QUANTITY} ?[:=x]? ?(?P<b>\d{{1,4}})\b|(?P<c>\d{{1,4}}) ?(?:pz|pezz[io]|pcs|st[üu]ck)\b)|"
    r"^\)? [-–]? ?(?P<d>\d{1,3})(?= €|$)|^ ?\((?P<e>\d{1,3})\)",
    re.IGNORECASE,
)
_CLOSE_BEFORE = re.compile(rf"\b(?:{_QUANTITY}|n\.?|nr\.?)\W{{0,3}}(?P<count>\d{{1,4}})\W{{0,2}}$", re.IGNORECASE)
_LABEL_BEFORE = re.compile(rf"\b{_QUANTITY}\W{{0,3}}(?P<count>\d{{1,4}})\b", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?:^|[\s(,;:+•*-]|\be )(?<![\d.,])(?P<count>{_SAID}){_UNIT} ?(?:x|×|pz\.?|pezzi|di|"
    rf"\*)? (?:\w[\w’' ]{{0,40}}?)?[(\[]?$|"
    rf"(?:^|[\s(,;:+•*-])(?P<near>{_SAID}) ?(?:x|×|\*) ?$",
    re.IGNORECASE,
)
_LATER = re.compile(rf"^\W*{_QUANTITY}\W{{0,3}}(?P<count>\d{{1,4}})\b", re.IGNORECASE)
_TIMES = re.compile(r"[^\W\d_].* ?[x×] ?(?P<count>\d{1,3})$", re.IGNORECASE)
_WORDS = re.compile(
    rf"(?:^|(?<=[\s+•*(-]))(?P<count>{_SAID}){_UNIT} ?(?:x |× ?|x(?=\w)|pz\.? (?:di )?|pezzi (?:di )?|\* ?)?"
    r"(?P<words>[a-zà-ÿ][a-zà-ÿ0-9’'/ -]{2,60})",
    re.IGNORECASE,
)
_NO_GOODS = re.compile(
    r"\b(?:che|mi|ti|ci|vi|ho|hai|ha|sono|è|se|ma|poi|scusa\w*|va|bene|ok|via|viale|corso|piazza|civico|cap|"
    r"anche)\b",
    re.I,
)
_NO_ARTICLE = re.compile(r"(?:per|a|di|da|con|in|me|te|mio|mia|suo|sua|indirizzo)\b", re.IGNORECASE)
_TITLE = re.compile(r"[\w ,.()\[\]:#/–-]*", re.ASCII)
_LABELLED = re.compile(
    r"^\W*(?:articolo|prodotto|oggetto|nome prodotto|item|artikel|product|"
    r"titolo) ?[:=] ?(?P<words>[^\n\x01]{3,80})",
    re.IGNORECASE,
)
_BOUGHT = re.compile(
    r"\b(?:acquistato|comprato|ordinato|preso|vorrei|voglio|prendo|compro|ordino|ordinare|mi serve|mand\w+|"
    r"interessat[oa]) (?:anche )?(?:il|la|lo|"
    r"l['’]|al|alla|allo|sta|sto|solo (?:i|le|gli)|un['’]?|uno|una|quel(?:lo|la)?) ?"
    r"(?P<words>[a-zà-ÿ][a-zà-ÿ0-9’' -]{2,50})",
    re.IGNORECASE,
)
_WORD_TIMES = re.compile(
    r"^\W*(?P<words>[a-zà-ÿ][a-zà-ÿ0-9’' /-]{2,50}?) ?[x×*] ?(?P<count>\d{1,3})\W*$", re.IGNORECASE
)
_TAILED = re.compile(r"^\W*(?P<words>[a-zà-ÿ][a-zà-ÿ’' ]{3,50}) (?P<count>\d{1,2})$", re.IGNORECASE)
_NOT_GOODS = re.compile(
    r"\b(?:giorn[oi]|or[ae]|mes[ei]|ann[oi]|euro?|settiman\w+|minut\w+|volt[ae]|pian[oi]|person\w+|bambin\w+|"
    r"figli\w*|domanda|info\w*|"
    r"attimo|amic[oa]|saluto|abbraccio|favore|cosa|ordine|pacc[oh]i?\w*|consegna|gennaio|febbraio|marzo|aprile|"
    r"maggio|giugno|luglio|"
    r"agosto|settembre|ottobre|novembre|dicembre|altr[oa]|buon\w*|bacio|grazie|telefon\w+|metri|km|kg)\b",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?:vorrei|voglio|ordin\w+|prend\w+|mand\w+|serv\w+|mi servono|compr\w+|acquist\w+|articol\w+|prodott\w+|"
    r"spedi\w+|prenot\w+|"
    r"interessat\w+|order\w*|bestell\w+|aggiung\w+|anche|per me|facciamo|dammi|porta\w*)\b",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\b(?:e|ed|a|al|alla|per|da|in contrassegno|con|spediti?|spedire|che|grazie|totale|tot|pago|pagamento|"
    r"indirizzo|misura|su|subito|perché|così)\b",
    re.IGNORECASE,
)


def codes(ground: Ground, known: Known) -> list[Row]:
    """Rows by code: what the catalogue has, what looks like one of its codes, what is called SKU. One query."""
    spots = []
    for line, match in list(ground.search(_CODE)):
        words = match.group()
        called = bool(_CALLED.search(ground.before(line, match.start(), 50)))
        if called or len(words) > 3:
            spots.append((line, match, words, called))
    ours = known([words for _line, _match, words, _called in spots[:200]])
    rows: list[Row] = []
    for line, match, words, called in spots[:200]:
        is_ours = words in ours
        if not (is_ours or called or _SHAPED.fullmatch(words)):
            continue
        start, end = line.start + match.start(), line.start + match.end()
        if not ground.is_free(start, end):
            continue
        pieces, begin, stop = _pieces(ground, line, match.start(), match.end())
        rows.append(Row(words, pieces, 0.97 if is_ours else 0.75, begin, stop))
        ground.take(begin, stop)
    return _once(rows)


def _pieces(ground: Ground, line: Line, start: int, end: int) -> tuple[int, int, int]:
    """The pieces beside a code, 1 where none are said; and the place of code and number together."""
    close = _CLOSE_BEFORE.search(line.text[:start])
    if close and int(close.group("count")):
        return min(int(close.group("count")), 9999), line.start + close.start("count"), line.start + end
    behind = _BEHIND.match(line.text[end:])
    if behind:
        count = int(next(one for one in behind.group("a", "b", "c", "d", "e") if one))
        if count:
            return min(count, 9999), line.start + start, line.start + end + behind.end()
    place = line.start + start, line.start + end
    if (named := list(_LABEL_BEFORE.finditer(line.text[:start]))) and int(named[-1].group("count")):
        return min(int(named[-1].group("count")), 9999), *place
    at = ground.lines.index(line)
    for later in ground.lines[at + 1 : at + 4]:
        if _SHAPED.search(later.text):
            break
        if (found := _LATER.match(later.text)) and int(found.group("count")):
            return min(int(found.group("count")), 9999), *place
    head = ground.left(line)[:start]
    part = re.split(r"[;]|\x01", head)[-1]
    if (before := _BEFORE.search(part)) is not None:
        group = "count" if before.group("count") else "near"
        if count := _counted(before.group(group)):
            return count, line.start + len(head) - len(part) + before.start(group), line.start + end
    for earlier in reversed(ground.lines[max(0, at - 2) : at]):
        named_above = _LATER.match(earlier.text) or (
            None if head.strip(" (") and ":" not in head else _TIMES.search(earlier.text)
        )
        if named_above and int(named_above.group("count")):
            return min(int(named_above.group("count")), 9999), *place
        if _SHAPED.search(earlier.text):
            break
    return 1, *place


def _counted(said: str) -> int:
    return _NUMBERS.get(said.lower()) or (min(int(said), 9999) if said.isdigit() else 0)


def _once(rows: list[Row]) -> list[Row]:
    """A code that a page repeats without a number beside it is one article."""
    kept: dict[str, Row] = {}
    if any(not row.words.isdigit() for row in rows):  # the EAN beside an article's own code
        rows = [row for row in rows if not row.words.isdigit() or row.sure > 0.9]
    for row in rows:
        before = kept.get(row.words.upper())
        if before is None or (before.pieces == 1 and row.pieces > 1):
            kept[row.words.upper()] = row
    return list(kept.values())


def by_words(ground: Ground, rows: list[Row]) -> list[Row]:
    """Articles without a code: a number and words behind it, in the lines of those with one, or where people speak of
    ordering; where there is neither, what is called an article."""
    found: list[Row] = []
    for line in ground.lines:
        beside = any(line.start <= row.start <= line.end and row.is_code for row in rows)
        counted = r"^\W*\d{1,3} ?(?:x|×|pz|pezzi)\b" if rows else r"^\W*\d{1,2} ?(?:x |× )?[a-zà-ÿ]{3,}[^,\d]*$"
        marked = bool(re.match(counted, line.text, re.IGNORECASE))
        speaks = not rows and bool(_ORDERS.search(line.text))
        if beside or speaks or marked:
            text, at = ground.left(line), 0
            while (match := _WORDS.search(text, at)) is not None:
                cut = _CUT.search(match.group("words"), 3)
                at = match.start("words") + (cut.start() if cut else len(match.group("words")))
                _add(ground, line, match, found, joined=beside)
    if rows:
        return found
    for pattern in (_LABELLED, _WORD_TIMES, _BOUGHT, _TAILED):
        for line, match in list(ground.search(pattern)):
            if not found or pattern is not _TAILED:
                _add(ground, line, match, found)
    last = {row.words.casefold(): row for row in found}  # of two words about one article the later counts
    return sorted(last.values(), key=lambda row: row.start)


def _add(ground: Ground, line: Line, match: re.Match[str], found: list[Row], *, joined: bool = False) -> None:
    """`joined`: in a line that has an article with its code, only what is joined to it (and 1 lamp, + 2 lamps)."""
    if joined and not re.search(r"(?:^|\be |[+,;] ?|\bpi[uù] )$", line.text[: match.start()], re.IGNORECASE):
        return
    if joined and any(
        _TITLE.fullmatch(line.text[match.end() : code.start()]) for code in _SHAPED.finditer(line.text, match.end())
    ):
        return  # the name of an article whose code follows
    words = match.group("words")
    cut = _CUT.search(words, 3) if match.re is not _LABELLED else None
    words = (words[: cut.start()] if cut else words).strip(" -’'")
    if len(words) > 3 and (lead := re.match(r"(?:il|la|lo|le|gli|i|un|una|uno) |l['’]", words, re.IGNORECASE)):
        words = words[lead.end() :]
    named = match.groupdict().get("count")
    count = _counted(named) if named else _below(ground, line)
    if (
        len(words) < 3
        or not count
        or _NO_ARTICLE.match(words)
        or _NOT_GOODS.search(words)
        or _NO_GOODS.search(words)
        or len(words.split()) > 9
    ):
        return
    start = line.start + match.start("count" if named and match.start("count") < match.start("words") else "words")
    end = line.start + match.start("words") + len(words)
    if ground.is_free(start, end):
        found.append(Row(words, count, 0.6, start, end, is_code=False))
        ground.take(start, end)


def _below(ground: Ground, line: Line) -> int:
    at = ground.lines.index(line)
    for later in ground.lines[at + 1 : at + 4]:
        if (found := _LATER.match(later.text)) and int(found.group("count")):
            return min(int(found.group("count")), 9999)
    return 1
