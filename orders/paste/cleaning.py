"""A pasted text without what nobody sees and what a page has around an order: and its lines."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST = 10_000  # signs: an order is a tenth of it
_LONGEST_LINE = 600
# Buttons and words of a page beside what is theirs to copy.
_FURNITURE = re.compile(
    r"^(?:copia(?: negli appunti)?|copiato|copy|copied|mostra(?: (?:altro|di più|tutto))?|show(?: more)?|nascondi|"
    r"hide|"
    r"modifica|edit|contatta (?:l['’])?acquirente|contact buyer|stampa|print|kopieren|anzeigen|bearbeiten|visualizza"
    r"(?: dettagli)?|dettagli|vedi tutto|segnala|inoltrato|forwarded|rispondi|reply)$",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?<=\S)[ ]+(?:Copia|Copy|Mostra|Show|Nascondi|Modifica|Edit|Kopieren)$")
_STAMP = re.compile(
    r"^\[?\d{1,2}[/.]\d{1,2}[/.]\d{2,4},? (?:alle )?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[ap]m)?\]?(?: [-–])? "
    r"(?P<who>[^:]{1,40}): ",
    re.IGNORECASE | re.ASCII,
)
_STAMP_ALONE = re.compile(r"^\[?\d{1,2}[:.]\d{2}\]? (?P<who>[^:\d]{2,30}): ")
_CORRECTS = re.compile(
    r"\b(?:anzi|scus[ai](?:te|mi|temi)?|pardon|correzione|correggo|errata corrige|ho sbagliato|sbagliato|"
    r"volevo dire|mi "
    r"correggo|cio[eè]|aggiornamento|nuovo indirizzo)\b|^\W*no[, ]",
    re.IGNORECASE,
)

_TAKES_BACK = re.compile(r"\b(?:no,? (?:scus\w+|aspett\w+|pardon|ho sbagliato)|anzi no)\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """From `start` to `end` of the cleaned text, without its chat stamp; `who` spoke; `corrects`: it takes something
    back; `taken_back`: it takes itself back (46100 Mantova, no scusate)."""

    text: str
    start: int
    who: str = ""
    corrects: bool = False
    taken_back: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def clean(text: str) -> str:
    """NFC, one kind of space and of line ends; nothing invisible, no pictures, no buttons of a page; at most `MOST`
    signs."""
    text = unicodedata.normalize("NFC", text[: MOST * 2].replace("\r\n", "\n").replace("\r", "\n"))
    kept: list[str] = []
    for sign in text:
        kind = unicodedata.category(sign)
        if sign == "\n":
            kept.append(sign)
        elif kind in ("Zs", "Zl", "Zp") or sign == "\t":
            kept.append(" ")
        elif kind in ("Cf", "Cc", "Cn", "Co", "Cs", "So", "Sk", "Mn", "Me") and sign not in "°º":
            continue
        else:
            kept.append(sign)
    lines = (re.sub(r" +", " ", line).strip(" *_~|") for line in "".join(kept).split("\n"))
    shown = (_TAIL.sub("", line) for line in lines if not _FURNITURE.match(line))
    whole = "\n".join(line for line in shown)
    return re.sub(r"\n{3,}", "\n\n", whole).strip("\n")[:MOST]


def lines_of(text: str) -> list[Line]:
    """The lines that say something, with their places in `text`."""
    found, at = [], 0
    for raw in text.split("\n"):
        stamp = _STAMP.match(raw) or _STAMP_ALONE.match(raw)
        begin = stamp.end() if stamp else 0
        said = raw[begin : begin + _LONGEST_LINE]
        if said.strip():
            who = stamp.group("who").strip() if stamp else ""
            back = bool(_TAKES_BACK.search(said))
            found.append(Line(said, at + begin, who, bool(_CORRECTS.search(said)) and not back, back))
        at += len(raw) + 1
    return found


def as_written(words: str) -> str:
    """Names and streets in the writing of a label: what is all small or all capitals gets capitals at its words."""
    words = " ".join(words.split()).strip(" ,;.:-–")
    letters = [sign for sign in words if sign.isalpha()]
    if not letters or not (all(map(str.islower, letters)) or all(map(str.isupper, letters))):
        return words[:1].upper() + words[1:]
    small = {"di", "de", "del", "della", "dei", "delle", "dello", "degli", "e", "bis", "ter", "snc", "c/o", "int", "sc"}
    parts = words.lower().split(" ")
    return " ".join(part if at and part in small else _capital(part) for at, part in enumerate(parts))


def _capital(word: str) -> str:
    if re.fullmatch(r"(?:[a-z]\.)+[a-z]?\.?|[ivx]{2,6}", word) and not re.fullmatch(r"(?:v|i|x)", word):
        return word.upper() if re.fullmatch(r"[ivx]{2,6}|s\.[sp]\.", word) else word
    return re.sub(r"(?:^|(?<=['’/-]))[^\W\d_]", lambda found: found.group().upper(), word)
