"""How right a reader of pasted orders is, field by field, on the corpus beside this module. Pure: no database.

A corpus file is one channel. Each of its texts has `paste`; `is`, the truth: what a person finds in the text, nothing
more; `follows`: what a reader may give without its being demanded (the province that a postcode tells, the comune of a
hamlet, prepaid because it is eBay): as right as the truth where there is a truth, else not counted; `asks`: what two
candidates are equally likely for (name, phone, amount, address, postcode): a person chooses, a value is wrong;
`kept_back`: not to be looked at by whoever writes the rules.

A reader takes the text and gives a dict of the shape of `is`, and may put what it asks into `asks`. Amounts: EUR, VAT
included, as text "146.70" or Decimal; telephones E.164; `lines` are [SKU or words, pieces]. Needs Django set up."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.address import Address, city_key, phone_key, place_key

CORPUS = Path(__file__).parent / "corpus"
FIELDS = (
    *("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email"),
    *("payment", "to_collect", "sale_total", "marketplace", "reference", "note", "lines"),
)
# What a question is about → the fields that it leaves open.
QUESTIONS = {
    "name": {"name"},
    "phone": {"phone"},
    "amount": {"to_collect", "sale_total"},
    "address": {"street", "street2", "postcode", "city", "province"},
    "postcode": {"postcode", "city", "province"},
}
_AMOUNTS = {"to_collect", "sale_total"}
_ALIKE = 0.6  # of the words of a note or of an article: where they begin and end in the text is a matter of taste
_SHORT = {
    **dict.fromkeys(("sc", "scala"), "scala"),
    **dict.fromkeys(("int", "interno"), "interno"),
    **dict.fromkeys(("p", "piano"), "piano"),
    **dict.fromkeys(("pal", "palazzina", "palazzo"), "palazzina"),
    **dict.fromkeys(("cit", "citofono"), "citofono"),
    **dict.fromkeys(("fraz", "fr", "frazione"), "frazione"),
}

Read = Mapping[str, Any]


@dataclass(frozen=True)
class Text:
    id: str
    channel: str
    kept_back: bool
    paste: str
    truth: Read
    follows: Read = field(default_factory=dict)
    asks: frozenset[str] = frozenset()


@dataclass
class Count:
    """`filled`: what the reader gave; `right` of it; `present`: what is in the texts; `found` of it, right or wrong."""

    filled: int = 0
    right: int = 0
    present: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.filled if self.filled else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.present if self.present else 1.0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.filled + other.filled,
            self.right + other.right,
            self.present + other.present,
            self.found + other.found,
        )


@dataclass(frozen=True)
class Miss:
    """A value that is wrong, missing ("" given) or of nothing in the text ("" wanted)."""

    text: str
    field: str
    wanted: Any
    given: Any


@dataclass
class Score:
    fields: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    misses: list[Miss] = field(default_factory=list)

    @property
    def whole(self) -> Count:
        """All fields together; questions are a field of their own."""
        return sum(self.fields.values(), Count())


def texts(folder: Path = CORPUS) -> list[Text]:
    """The corpus, by channel and id."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["text"]:
            asks = frozenset(row.get("asks", ()))
            rest = (row["is"], row.get("follows", {}), asks)
            found.append(Text(row["id"], path.stem, row["kept_back"], row["paste"], *rest))
    return found


def score(reader: Callable[[str], Read], corpus: Iterable[Text]) -> dict[str, Score]:
    """The reader on these texts: "all", "kept back", and each channel by its name. Reads each text once."""
    scores: dict[str, Score] = defaultdict(Score)
    for text in corpus:
        given = reader(text.paste)
        names = ["all", text.channel, *(["kept back"] if text.kept_back else [])]
        for name in names:
            _add(scores[name], text, given)
    return dict(scores)


def table(one: Score) -> str:
    """A line for each field, in Markdown."""
    lines = ["| field | present | found | filled | right | precision | recall |", "|---|---:|---:|---:|---:|---:|---:|"]
    for name, count in [*one.fields.items(), ("together", one.whole)]:
        figures = f"{count.present} | {count.found} | {count.filled} | {count.right}"
        lines.append(f"| {name} | {figures} | {count.precision:.1%} | {count.recall:.1%} |")
    return "\n".join(lines)


def same(name: str, one: Any, other: Any, *, postcode: str = "00000") -> bool:
    """Whether two values of a field mean the same to a courier or to the money."""
    if name in _AMOUNTS:
        try:
            return Decimal(str(one)) == Decimal(str(other))
        except InvalidOperation:
            return False
    if name == "phone":
        return bool(phone_key(str(one))) and phone_key(str(one)) == phone_key(str(other))
    if name == "street":
        return _street(str(one), postcode) == _street(str(other), postcode)
    if name == "street2":
        return sorted(_words(one, _SHORT)) == sorted(_words(other, _SHORT))
    if name == "city":
        return city_key(str(one)) == city_key(str(other))
    if name == "note":
        return _alike(one, other)
    return _folded(one) == _folded(other)


def _add(to: Score, text: Text, given: Read) -> None:
    asked = set(given.get("asks", ()))
    open_fields = {name for question in asked for name in QUESTIONS.get(question, ())}
    if asked <= text.asks:
        open_fields -= set(text.truth)  # two doors in one town: the town is no question
    for name in FIELDS:
        if name == "lines":
            _add_lines(to, text, given)
            continue
        wanted, may = text.truth.get(name, ""), text.follows.get(name, "")
        value = "" if name in open_fields else given.get(name) or ""
        postcode = text.truth.get("postcode", "00000")
        right = bool(value) and any(one and same(name, one, value, postcode=postcode) for one in (wanted, may))
        if right and not wanted:
            continue
        to.fields[name] += Count(bool(value), right, bool(wanted), bool(value and wanted))
        if not right and (value or wanted):
            to.misses.append(Miss(text.id, name, wanted, value))
    to.fields["asks"] += Count(len(asked), len(asked & text.asks), len(text.asks), len(asked & text.asks))
    to.misses += [Miss(text.id, "asks", one if one in text.asks else "", one) for one in sorted(asked ^ text.asks)]


def _add_lines(to: Score, text: Text, given: Read) -> None:
    wanted = [tuple(line) for line in text.truth.get("lines", ())]
    values = [tuple(line) for line in given.get("lines") or ()]
    left, wrong = list(wanted), []
    for what, pieces in values:
        match = next((line for line in left if line[1] == pieces and _same_article(line[0], what)), None)
        if match:
            left.remove(match)
        else:
            wrong.append((what, pieces))
    right = len(values) - len(wrong)
    to.fields["lines"] += Count(len(values), right, len(wanted), min(len(values), len(wanted)))
    to.misses += [Miss(text.id, "lines", line, "") for line in left]
    to.misses += [Miss(text.id, "lines", "", line) for line in wrong]


def _same_article(one: str, other: str) -> bool:
    """A code is a code: MCI-0001 is not MCI-0002 though most of it is the same."""
    if re.search(r"\d{4}", one) or re.search(r"\d{4}", other):
        return _folded(one) == _folded(other)
    return _alike(one, other)


def _alike(one: Any, other: Any) -> bool:
    first, second = Counter(_words(one)), Counter(_words(other))
    both, either = (first & second).total(), (first | second).total()
    return bool(both) and both / either >= _ALIKE


def _street(text: str, postcode: str) -> str:
    return place_key(Address(name="", street=text, postcode=postcode, city="", province="")) or _folded(text)


def _folded(text: Any) -> str:
    plain = unicodedata.normalize("NFKC", str(text)).replace("’", "'").casefold()
    return " ".join(plain.split())


def _words(text: Any, written: Mapping[str, str] | None = None) -> list[str]:
    words = re.findall(r"[^\W_]+", re.sub(r"\bc\s*/\s*o\b", "presso", _folded(text)))
    return [(written or {}).get(word, word) for word in words]
