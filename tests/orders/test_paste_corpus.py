"""How right the reader of pasted orders is, on texts of our own writing (bench/pasted): what was read stays read."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from bench.paste import reader
from bench.pasted import score

LEAST = {"all": (0.95, 0.90), "kept back": (0.90, 0.85)}  # kept back: texts that nobody looked at who wrote the rules


@pytest.mark.django_db
def test_what_is_filled_is_right_and_most_of_what_is_there_is_filled() -> None:
    call_command("load_places", verbosity=0)
    scores = score.score(reader, score.texts())
    for name, (precision, recall) in LEAST.items():
        whole = scores[name].whole
        assert whole.precision >= precision, score.table(scores[name])
        assert whole.recall >= recall, score.table(scores[name])
