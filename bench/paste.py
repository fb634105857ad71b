"""Pasted orders: how right the reader is on the corpus (bench/pasted), on all and on the third that nobody looked at,
and how long a text takes, against looking for its postcodes alone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.management import call_command

from bench.pasted import score
from bench.report import Result
from core.models import Place
from orders.paste.found import Pasted
from orders.paste.reading import read

_OURS = re.compile(r"(?:MCI|SCN)-\d{4,5}", re.IGNORECASE | re.ASCII)
_QUESTIONS = {
    "to_collect": "amount",
    "sale_total": "amount",
    "city": "address",
    "street": "address",
    "province": "address",
}


def measure(*, rounds: int) -> list[Result]:
    call_command("load_places", verbosity=0)
    corpus = score.texts()
    scores = score.score(reader, corpus)
    for name in ("all", "kept back"):
        print(f"\nPasted orders, {name}:\n{score.table(scores[name])}", flush=True)
    ours, bare = [], []
    for _round in range(rounds):
        started = time.perf_counter()
        for text in corpus:
            read(text.paste, known)
        ours.append((time.perf_counter() - started) / len(corpus) * 1000)
        started = time.perf_counter()
        for text in corpus:
            list(Place.objects.filter(postcode__in=re.findall(r"\d{5}", text.paste)))
        bare.append((time.perf_counter() - started) / len(corpus) * 1000)
    results = [Result("a pasted order read", "ms", ours, bare, "its postcodes looked up", at_most=40)]
    for name, precision, recall in (("all", 0.95, 0.90), ("kept back", 0.90, 0.85)):
        whole = scores[name].whole
        told = f"pasted orders, {name}: right of what is"
        results += [
            Result(f"{told} filled", "%", [whole.precision * 100], [100], "all of it", at_least=precision),
            Result(f"{told} there", "%", [whole.recall * 100], [100], "all of it", at_least=recall),
        ]
    return results


def known(codes: Iterable[str]) -> set[str]:
    """A catalogue that has what looks like its codes."""
    return {code for code in codes if _OURS.fullmatch(code)}


def reader(text: str) -> Mapping[str, Any]:
    """The reader in the shape of the corpus."""
    return shape(read(text, known))


def shape(pasted: Pasted) -> dict[str, Any]:
    values: dict[str, Any] = {name: found.value for name, found in pasted.fields.items()}
    values["lines"] = [(row.words, row.pieces) for row in pasted.rows]
    values["asks"] = {_QUESTIONS.get(name, name) for name in pasted.choices}
    return values
