"""Street, civico and what stands behind it: scala, interno, presso."""

from __future__ import annotations

import re

from orders.paste.cleaning import Line, as_written
from orders.paste.found import Found
from orders.paste.ground import Ground

_WAYS = (
    r"via(?:le)?|v\.(?:le|lo)?|vle|vl\.|p(?:iazza|\.?zza|\.za|zza)(?:le|tta)?|piazzale|p\.?(?:z\.?)?le|piazzetta|"
    r"corso|c\.?so|"
    r"largo|l\.go|strad(?:a|one|ella)|str\.|vic(?:olo|o)|v\.lo|contrada|c\.?da|ctr\.|localit[aà]|loc\.|frazione|"
    r"fraz\.|"
    r"borgo|salita|discesa|lung(?:omare|otevere|arno|olago|adige)|trav(?:ersa|\.)|rione|galleria|calle|fondamenta|"
    r"campiello|"
    r"campo|riva|rampa|scalinata|sentiero|circonvallazione|circ\.|statale|s\.?[sp]\.? ?\d{1,3}|parco|residence|"
    r"villaggio|"
    r"regione|cascina|podere|masseria|zona industriale|z\.i\.|quartiere|molo|passaggio|passeggiata|cavone|chiasso|"
    r"androne"
)
_STREET = re.compile(
    rf"(?:^|(?<=[\s,;:(\x01-]))(?P<way>{_WAYS})(?=[\s’'.]|"
    rf"(?<=\.))(?! e n)[ .]*(?P<rest>[^\n;\x01]{{1,120}})",
    re.IGNORECASE,
)
_GERMAN = re.compile(
    r"(?:^|(?<=[\s,;:]))(?P<way>[A-ZÄÖÜ][\wäöüß.]*(?:[ -][A-ZÄÖÜ][\wäöüß.]*){0,3}[ -]?(?:stra(?:ß|ss)e|str\.|weg|"
    r"gasse|platz|"
    r"allee|siedlung|zone|gebiet))\b ?(?P<rest>[^\n;\x01]{0,80})",
    re.IGNORECASE,
)
_MONTHS = (
    r"gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|giornate|martiri"
)
_CIVICO = re.compile(
    r"(?P<mark>[ ,]*(?:\b(?:n(?:[.°º]|r\.?|um\.?|umero|ro\.?)?|civico|civ\.?|al)[.°º:]? ?|,? ?)?)"
    r"(?P<civico>\bs\.? ?n\.? ?c\.?(?![a-z])|\bsenza (?:numero|civico)|\bkm\.? ?\d{1,3}(?:[.,+]\d{1,3})?|"
    rf"(?<![\d/])\d{{1,4}}(?! ?[°º]|\d| ?(?:{_MONTHS})\b)(?: ?(?:bis|ter|quater)\b|"
    rf" ?[/-] ?(?:\d{{1,4}} ?)?[A-Za-z]\b(?![.’'])| ?[/-] ?\d{{1,4}}\b|"
    r" ?(?-i:[A-Z]|(?<! )[a-z]|(?<= )[b-df-np-z])\b(?![.’'/\w]))?(?: ?(?:rosso|nero)\b)?)",
    re.IGNORECASE,
)
_INSIDE = (
    r"sc(?:ala|\.)|int(?:erno|\.)?|piano|p\.(?= ?\d)|pal(?:azzina|azzo|\.)?(?= ?\w)|ed(?:ificio|\.)|cit(?:ofono|\.)|"
    r"c/o|presso|"
    r"app(?:artamento|to|\.)?|fabbricato|lotto|isolato|blocco|corpo|condominio|cond\.|\d{1,2}[°º] ?piano|torre|box|"
    r"villa|apt\.?|flat|"
    r"(?:primo|secondo|terzo|quarto|quinto|ultimo) piano|piano terra|p\.t\."
)
# A part of the place that is neither street nor comune.
_QUARTER = (
    r"zona (?:industriale|artigianale)|z\.i\.|marina di|lido(?: di)?|loc(?:alit[aà]|\.)|fraz(?:ione|\.)?|contrada|"
    r"c\.da|parco|residence|villaggio|rione"
)
_BEHIND = re.compile(rf"^[ ,.\-–/(]*(?P<more>(?:(?:{_INSIDE}|{_QUARTER})(?!\w).*))", re.IGNORECASE)
_OWN_LINE = re.compile(
    rf"^[ ,(\-–]*(?P<more>(?:(?:{_INSIDE}|sc(?= ?[a-z0-9]\b))(?!\w)[^\n\x01]{{1,80}}|piano terra|"
    rf"{_QUARTER} [^\n\x01\d]{{3,50}}|{_QUARTER}$))",
    re.IGNORECASE,
)
_NO_WAY = re.compile(r"\b(?:paid|pagato|sent|inviato|tramite|spedito|ordinato|contatt\w+|scritto) $", re.IGNORECASE)
_STOP = re.compile(
    r"[,.\s(–-]*(?:\b(?:tel(?:efono)?|cell(?:ulare)?|cap|citt[aà]|prov(?:incia)?|e-?mail|italia|contrassegno|"
    r"pag(?:o|ato|amento)|"
    r"ordine|grazie|per (?:favore|la consegna)|totale|vorrei|consegn\w+|dopo le|mob\w*)\b|\d+ ?[x×] ).*$",
    re.IGNORECASE,
)
_ONLY_CIVICO = re.compile(
    r"\b(?:civico|numero civico|n\.?[°º]?|numero|al) ?(?:è |e' |il )?(?P<civico>\d{1,4}(?: ?/? ?[A-Za-z]\b|"
    r" ?bis)?)(?!\d)",
    re.IGNORECASE,
)


def read(ground: Ground) -> list[Found]:
    """Streets, best first by their order in the text; and what stands behind them."""
    found: list[Found] = []
    for line in ground.lines:
        if found and re.match(rf"^\W*(?:{_QUARTER})\b[^\d]*$", line.text, re.IGNORECASE):
            continue  # a quarter under its street: see _details
        match = _STREET.search(ground.left(line)) or _GERMAN.search(ground.left(line))
        if match is not None:
            found += _one(ground, line, match)
    found += _details(ground, found)
    return found


def _one(ground: Ground, line: Line, match: re.Match[str]) -> list[Found]:
    way, rest = match.group("way"), match.group("rest")
    stop = _STOP.search(rest)
    if stop and stop.start() > 0:
        rest = rest[: stop.start()]
    low = way.lower()
    if low == "via" and _NO_WAY.search(line.text[: match.start("way")]):
        return []
    if low in ("via", "v.", "campo", "riva", "parco", "regione", "al") and not re.search(r"\w{2}", rest):
        return []
    begin = match.start("rest")
    civico = _civico(rest, german=match.re is _GERMAN)
    if civico is None:
        cut = re.split(r",| \(|\.\s|\.\.", rest, maxsplit=1)[0].rstrip(" .-–")
        if not re.search(r"[^\W\d_]{2}", cut) and match.re is not _GERMAN:
            return []
        start, end = line.start + match.start("way"), line.start + begin + len(cut)
        if len(cut.split()) > 6:
            return []
        ground.take(start, end)
        return [Found("street", as_written(ground.text[start:end]), 0.6, start, end, line.corrects)]
    name = rest[: civico.start()].rstrip(" ,.-–")
    start, end = line.start + match.start("way"), line.start + begin + civico.end()
    words = as_written(f"{line.text[match.start('way') : match.start('way') + len(way)]} {name}" if name else way)
    number = _number(civico.group("civico"))
    found = [Found("street", f"{words} {number}".strip(), 0.95, start, end, line.corrects)]
    ground.take(start, end)
    behind = _BEHIND.match(rest[civico.end() :])
    if behind:
        more = behind.group("more").rstrip(" ,.;-–)")
        at = line.start + begin + civico.end() + behind.start("more")
        found.append(Found("street2", more, 0.9, at, at + len(more), line.corrects))
        ground.take(at, at + len(more))
    return found


def _civico(rest: str, *, german: bool) -> re.Match[str] | None:
    """The first number that is no part of the street's name."""
    for match in _CIVICO.finditer(rest):
        before = rest[: match.start()].strip(" ,.")
        if not before and not german and not match.group("civico").lower().startswith(("s", "km")):
            after = rest[match.end() :]
            if re.match(r" ?[^\W\d_]{3,}", after):  # Via 4 Novembre 10, Piazza 5 Giornate 3
                continue
            if not match.group("mark").strip():
                return match
        return match
    return None


def _number(text: str) -> str:
    plain = " ".join(text.split())
    if re.fullmatch(r"s\.? ?n\.? ?c\.?|senza (?:numero|civico)", plain, re.IGNORECASE):
        return "snc" if "." not in plain else "s.n.c."
    plain = re.sub(r" ?([/-]) ?", r"\1", plain)
    return re.sub(r"(?<=[\d/])[a-z]$", lambda found: found.group().upper(), plain)


def _details(ground: Ground, streets: list[Found]) -> list[Found]:
    """c/o Bar Sport, Scala B: on lines of their own."""
    found = []
    for line, match in list(ground.search(_OWN_LINE)):
        said = match.group("more").rstrip(" ,.;-–)")
        at = line.start + match.start("more")
        found.append(Found("street2", said, 0.85, at, at + len(said), line.corrects))
        ground.take(at, at + len(said))
    return found


def corrected(ground: Ground, street: Found) -> Found | None:
    """„Anzi, civico 12": the street with the number that was said later."""
    for line in ground.lines:
        bare = not re.search(r"\d", street.value) and bool(
            re.match(r"^\W*(?:n(?:umero)? )?civico\b", line.text, re.IGNORECASE)
        )
        if not (line.corrects or bare) or line.start < street.end:
            continue
        match = _ONLY_CIVICO.search(ground.left(line))
        if match:
            head = re.sub(r"\s(?:\d{1,4}\S*(?: bis| ter)?|snc|s\.n\.c\.)$", "", street.value)
            at = line.start + match.start()
            ground.take(at, line.start + match.end())
            return Found("street", f"{head} {_number(match.group('civico'))}", 0.9, at, line.start + match.end(), True)
    return None
