"""Orders that are sent together, as unlike as they come, and what the model of tests/reckoning.py says of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from tests import differing, reckoning
from tests.reckoning import euro, owed


@dataclass(frozen=True)
class Case:
    """An order to be, and how it is to be sent."""

    lines: tuple[tuple[str, int], ...]
    zone: str
    own: str
    total: str
    cod: bool
    currency: str

    @property
    def collect(self) -> str | None:
        return self.total if self.cod else None


ALL = [*differing.ARTICLES]
FOREIGN = Case((("DIV-C", 2), ("DIV-B", 1), ("DIV-C", 3)), "terraferma", "due", "97.31", False, "USD")


def easy(rnd: Random) -> Case:
    return Case(
        some(rnd, ALL[:3], 1, 4), "terraferma", rnd.choice(["uno", "due"]), one_of(rnd, "19.37 83.41"), *how(rnd)
    )


def scarce(rnd: Random) -> Case:
    """There are 16 of D."""
    return Case(some(rnd, ["DIV-D"], 3, 6), "terraferma", "due", one_of(rnd, "211.13 777.77"), *how(rnd))


def hard(rnd: Random) -> Case:
    totals = "777.77 777.78 1234.56 1234.57 4999.99"
    zone, own = rnd.choice([*differing.ZONES]), rnd.choice([*differing.METHODS])
    return Case(some(rnd, ALL, 1, 13), zone, own, one_of(rnd, totals), *how(rnd))


def some(rnd: Random, skus: list[str], least: int, most: int) -> tuple[tuple[str, int], ...]:
    """One to three lines; often twice the same article."""
    return tuple((rnd.choice(skus), rnd.randint(least, most)) for _line in range(rnd.randint(1, 3)))


def one_of(rnd: Random, choices: str) -> str:
    return rnd.choice(choices.split())


def how(rnd: Random) -> tuple[bool, str]:
    return rnd.random() < 0.6, "EUR"


@dataclass(frozen=True)
class Mix:
    """Orders that are sent together, and how: what is left to spend, one method for all, one for a single order, an
    article that was taken off sale meanwhile."""

    cases: list[Case]
    left: int
    run_method: str | None
    single: dict[int, str]
    off_sale: str

    @classmethod
    def of(cls, seed: int) -> Mix:
        rnd = Random(seed)
        cases = [easy(rnd), easy(rnd), scarce(rnd), scarce(rnd), hard(rnd), hard(rnd), FOREIGN]
        rnd.shuffle(cases)
        single = {rnd.randrange(7): one_of(rnd, "uno due tre")} if seed % 4 != 1 else {}
        off_sale = "DIV-E" if seed % 3 == 0 else ""
        return cls(cases, rnd.choice([11_013, 19_017, 47_019]), [None, "uno", "due"][seed % 3], single, off_sale)

    @property
    def chosen(self) -> list[str]:
        return [self.single.get(at) or self.run_method or one.own for at, one in enumerate(self.cases)]

    def judged(self) -> tuple[list[Expected], int]:
        return judged(list(zip(self.cases, self.chosen, strict=True)), self.left, self.off_sale)


SEEDS = (0, 3, 11, 15, 31)  # which reach every refusal between them


@dataclass
class Expected:
    case: Case
    method: str
    code: str = ""  # of the refusal
    said: dict[str, Any] | None = None
    owed: reckoning.Owed | None = None


def judged(cases: list[tuple[Case, str]], spendable: int, off_sale: str) -> tuple[list[Expected], int]:
    """What becomes of them, one after the other; and what is left to spend, in cents."""
    stock = {sku: on_hand - kept for sku, (_net, _vat, _g, on_hand, kept) in differing.ARTICLES.items()}
    found = []
    for one, method in cases:
        made, lines = Expected(one, method), list(one.lines)
        wanted: Counter[str] = Counter()
        for sku, pieces in lines:
            wanted[sku] += pieces
        short = next((sku for sku, pieces in wanted.items() if pieces > stock[sku]), None)
        if one.zone not in differing.METHODS[method].rates:
            made.code = "country_not_served" if one.zone == "francia" else "no_rate"
        elif reckoning.bracket(method, one.zone, reckoning.grams(lines)) is None:
            made.code = "too_heavy"
        elif not reckoning.is_collected(method, one.collect):
            made.code = "cod_over_cap"
        elif off_sale in wanted:
            made.code, made.said = "off_sale", {"sku": off_sale}
        elif short:
            made.code = "out_of_stock"
            made.said = {"sku": short, "wanted": wanted[short], "available": stock[short]}
        made.owed = owed(lines, method, one.zone, one.collect)
        if not made.code and made.owed is not None:
            need = made.owed.leaves
            if need > spendable:
                figures = {"missing": need - spendable, "needed": need, "available": spendable}
                made.code, made.said = "insufficient_funds", {key: f"{euro(n):.2f}" for key, n in figures.items()}
            else:
                spendable -= need
                stock = {sku: left - wanted[sku] for sku, left in stock.items()}
        found.append(made)
    return found, spendable
