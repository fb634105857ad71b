"""The list of goods (goods.txt) as articles with their variants. Pure; prices are EUR."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from stdnum import ean

from core.money import cents
from demo.shops.woocommerce.products import DEFAULT

REDUCED = {"Olio": "4.00", "Pasta": "4.00", "Miele": "10.00", "Confetture": "10.00", "Biscotti": "10.00"}
_BIGGER_COSTS_MORE = ("Lunghezza", "Diametro", "Pezzi", "Peso", "Confezione", "Tazze")


@dataclass(frozen=True, slots=True)
class Piece:
    """A variant to be. `net` EUR without VAT, `retail` with; `colour` is that of its picture."""

    sku: str
    ean: str
    title: str
    net: Decimal
    retail: Decimal
    grams: int
    colour: str


@dataclass(frozen=True, slots=True)
class Article:
    category: str
    name: str
    brand: str
    art: str
    vat: Decimal
    features: list[str]
    option_names: str = ""  # what the parts of the pieces' titles are: "Colore / Taglia"
    pieces: list[Piece] = field(default_factory=list)

    @property
    def description(self) -> str:
        """Clean HTML, as a supplier's catalogue has it."""
        points = "".join(f"<li>{text[0].upper()}{text[1:]}</li>" for text in self.features)
        words = f"<p><strong>{self.name}</strong> di {self.brand}: pronta consegna dal magazzino di Scontimania.</p>"
        close = "<p>Imballo neutro, senza prezzi né marchi del fornitore. Garanzia di due anni.</p>"
        return f"{words}<ul>{points}</ul>{close}"

    @property
    def colours(self) -> list[str]:
        """The colours that it comes in, at most two: one picture each."""
        return list(dict.fromkeys(piece.colour for piece in self.pieces))[:2]


def articles() -> list[Article]:
    """All goods, in the order in which they came into the catalogue."""
    text = Path(__file__).with_name("goods.txt").read_text(encoding="utf-8")
    in_shop = {item["name"]: item for item in json.loads(DEFAULT.read_text(encoding="utf-8"))}
    rows = list(_rows(text))
    fixed = [row for row in rows if row[1][0] in in_shop]
    others = [row for row in rows if row[1][0] not in in_shop]
    random.Random("catalogue").shuffle(others)
    numbers = {in_shop[row[1][0]]["sku"]: row for row in fixed}
    made = [_article(sku, *numbers[sku], shop=in_shop[numbers[sku][1][0]]) for sku in sorted(numbers)]
    made += [_article(f"SCN-{number:05d}", *row) for number, row in enumerate(others, len(fixed) + 1)]
    return made


def _rows(text: str) -> Iterator[tuple[str, list[str]]]:
    category = ""
    for line in text.splitlines():
        if line.startswith("= "):
            category = line[2:]
        elif line and not line.startswith("#"):
            yield category, [part.strip() for part in line.split("|")]


def _article(sku: str, category: str, fields: list[str], shop: Mapping[str, Any] | None = None) -> Article:
    name, brand, art, colour, net, grams, options, features = fields
    vat = Decimal(next((rate for word, rate in REDUCED.items() if name.startswith(word)), "22.00"))
    keys = " / ".join(key for key, _values in _axes(options))
    article = Article(category, name, brand, art, vat, [text.strip() for text in features.split(";")], keys)
    if shop:
        retail = Decimal(shop["price"])
        article.pieces.append(Piece(sku, shop["ean"], "", Decimal(net), retail, int(grams), colour))
        return article
    base = Decimal(net)
    factor = Decimal(random.Random(sku).choice(["1.75", "1.85", "1.95", "2.10"]))
    taken: set[str] = set()
    for number, chosen in enumerate(_combinations(options)):
        step = next((index for key, _value, index in chosen if key in _BIGGER_COSTS_MORE), 0)
        price = cents(base * (1 + Decimal("0.22") * step))
        code = "-".join([sku, *(_short(value) for _key, value, _index in chosen)])
        code = code if code not in taken else f"{code}{number}"
        taken.add(code)
        shade = next((value for key, value, _index in chosen if key in ("Colore", "Finitura", "Raggio")), colour)
        article.pieces.append(
            Piece(
                sku=code,
                ean=_ean(int(sku[-5:]), number),
                title=" / ".join(value for _key, value, _index in chosen),
                net=price,
                retail=_shelf_price(price * factor * (1 + vat / 100)),
                grams=int(int(grams) * (1 + 0.3 * step)),
                colour=shade.lower(),
            )
        )
    return article


def _combinations(options: str) -> Iterator[tuple[tuple[str, str, int], ...]]:
    """`Colore: Nero, Blu × Taglia: S, M` → all pairs, each as (option, value, index of the value)."""
    return product(*([(key, value, index) for index, value in enumerate(values)] for key, values in _axes(options)))


def _axes(options: str) -> list[tuple[str, list[str]]]:
    """Each option with its values; the × of a size (“40 × 60”) does not part two options."""
    parts = re.split(r"×(?=[^×,:]+:)", options) if options else []
    pairs = [part.partition(":") for part in parts]
    return [(key.strip(), [value.strip() for value in values.split(",")]) for key, _colon, values in pairs]


def _short(value: str) -> str:
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    letters = "".join(letter for letter in plain.upper() if letter.isalnum())
    return letters[:5] if letters[:1].isdigit() else letters[:2]


def _shelf_price(amount: Decimal) -> Decimal:
    """A price as shops write it: 12.90, 149.00."""
    whole = int(amount)
    return Decimal(whole) - Decimal("0.10") if amount < 100 else Decimal(whole - whole % 5 - 1)


def _ean(article: int, number: int) -> str:
    """An EAN-13 of the range that GS1 leaves to a company's own use (200–299)."""
    body = f"2{article:06d}{number:03d}00"
    return body + str(ean.calc_check_digit(body))
