"""core/pagination.py, bounded_counts."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Dropshipper
from core.pagination import Count, bounded_counts
from tests import cast


@pytest.mark.django_db
def test_many_counts_are_one_statement_and_stop_at_the_limit() -> None:
    for number in range(5):
        cast.dropshipper(name=f"Bottega {number}")
    named: dict[str, Any] = {
        "all": Dropshipper.objects.all(),
        "one": Dropshipper.objects.filter(name="Bottega 1"),
        "none": Dropshipper.objects.filter(name="nobody"),
        "two": Dropshipper.objects.filter(name__in=["Bottega 1", "Bottega 2"]),
    }
    with CaptureQueriesContext(connection) as queries:
        counts = bounded_counts(named, limit=3)
    assert len(queries) == 1
    assert counts == {"all": Count(3, more=True), "one": Count(1), "none": Count(0), "two": Count(2)}
