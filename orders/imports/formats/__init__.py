"""The reports that are known by their columns' names, one module a marketplace."""

from __future__ import annotations

from collections.abc import Iterable

from orders.imports.formats import amazon, ebay, others, template
from orders.imports.formats.base import Report

REPORTS = (*template.REPORTS, *amazon.REPORTS, *ebay.REPORTS, *others.REPORTS)
BY_CODE = {report.code: report for report in REPORTS}


def known_by(headings: Iterable[str]) -> Report | None:
    """The report that has these columns."""
    there = frozenset(headings)
    return next((one for one in REPORTS if one.signature <= there and not one.without & there), None)
