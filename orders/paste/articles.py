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
_COUNT = rf"(?P<count>\d{{1,4}}|{'|'.join(_NUMBERS)})"
_BEHIND = re.compile(
    r"^[^\w\n×*]{0,6}(?:[x×*] ?(?P<a>\d{1,4})\b(?![.,]\d)|\(? ?(?:q(?:uantit[aà]|\.?t[aà]|ty)\.?|pz\.?|pezzi|"
    r"quantity|menge) ?[:=x]? ?(?P<b>\d{1,4})\b|"
    r"(?P<c>\d{1,4}) ?(?:pz|pezz[io]|pcs|st[üu]ck)\b)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:^|[\s(,;:+•*-]|\be )(?<![\d.,]){_COUNT} ?(?:x|×|pz\.?|pezzi|di|\*)? (?:\w[\w’' ]{{0,40}}?)?[(\[]?$|(?:^|"
    rf"[\s(,;:+•*-]){_COUNT.replace('count', 'near')} ?(?:x|×|\*) ?$",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"^\W*(?:q(?:uantit[aà]|\.?t[aà]|ty)|quantity|menge|pezzi|n\. pezzi)\W{0,3}(?P<count>\d{1,4})\b", re.IGNORECASE
)
_WORDS = re.compile(
    rf"(?:^|(?<=[\s+•*(-])){_COUNT} ?(?:x |× ?|x(?=\w)|pz\.? (?:di )?|pezzi (?:di )?|"
    rf"\* ?)?(?P<words>[a-zà-ÿ][a-zà-ÿ0-9’'/ -]{{2,60}})",
    re.IGNORECASE,
)
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
    r"interessat\w+|order\w*|bestell\w+|aggiung\w+|anche)\b",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\b(?:e|ed|a|al|alla|per|da|in contrassegno|con|spediti?|spedire|che|grazie|totale|tot|pago|pagamento|"
    r"indirizzo|misura)\b",
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
    behind = _BEHIND.match(line.text[end:])
    if behind:
        count = int(behind.group("a") or behind.group("b") or behind.group("c"))
        if count:
            return min(count, 9999), line.start + start, line.start + end + behind.end()
    head = ground.left(line)[:start]
    part = re.split(r"[;]|\x01", head)[-1]
    before = _BEFORE.search(part)
    if before:
        said = (before.group("count") or before.group("near")).lower()
        count = _NUMBERS.get(said) or (int(said) if said.isdigit() else 0)
        at = len(head) - len(part) + (before.start("count") if before.group("count") else before.start("near"))
        if count:
            return min(count, 9999), line.start + at, line.start + end
    at = ground.lines.index(line)
    for later in ground.lines[at + 1 : at + 4]:
        if _SHAPED.search(later.text):
            break
        if (found := _LATER.match(later.text)) and int(found.group("count")):
            return min(int(found.group("count")), 9999), line.start + start, line.start + end
    for earlier in ground.lines[max(0, at - 2) : at]:
        if (
            (found := _LATER.match(earlier.text))
            and int(found.group("count"))
            and not _SHAPED.search(line.text[:start])
        ):
            return min(int(found.group("count")), 9999), line.start + start, line.start + end
    return 1, line.start + start, line.start + end


def _once(rows: list[Row]) -> list[Row]:
    """A code that a page repeats without a number beside it is one article."""
    kept: dict[str, Row] = {}
    for row in rows:
        before = kept.get(row.words.upper())
        if before is None or (before.pieces == 1 and row.pieces > 1):
            kept[row.words.upper()] = row
    return list(kept.values())


def by_words(ground: Ground, *, others: bool) -> list[Row]:
    """Articles without a code: a number and words behind it, where people speak of ordering or others were found."""
    rows = []
    speaks = others or any(_ORDERS.search(line.text) for line in ground.lines)
    if not speaks:
        return []
    for line in ground.lines:
        text = ground.left(line)
        wanted = (
            others or bool(_ORDERS.search(line.text)) or bool(re.match(r"^\W*\d{1,3} ?(?:x|×|pz|pezzi)\b", text, re.I))
        )
        for match in _WORDS.finditer(text) if wanted else ():
            words = match.group("words")
            cut = _CUT.search(words, 3)
            words = (words[: cut.start()] if cut else words).strip(" -’'")
            said = match.group("count").lower()
            count = _NUMBERS.get(said) or (int(said) if said.isdigit() else 0)
            if len(words) < 3 or not count or _NOT_GOODS.search(words.split(" ")[0]) or len(words.split()) > 7:
                continue
            start = line.start + match.start("count")
            end = line.start + match.start("words") + len(words)
            if ground.is_free(start, end):
                rows.append(Row(words, min(count, 9999), 0.6, start, end, is_code=False))
                ground.take(start, end)
    return rows
