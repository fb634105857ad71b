"""Exchanging a field key: every secret that lies in the database is sealed anew with the first of FIELD_KEYS, beside
the traffic. What somebody writes meanwhile is never overwritten, and what was done before a crash stays done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models

from accounts.sign_in import mfa
from core.sealed import SecretUnreadable, reseal

BATCH = 200
TRIES = 5  # at a row that others write at the same time


class BinaryPlace:
    """A column of sealed bytes; its model says by `sealing_context(column)` what they are bound to."""

    def __init__(self, model: type[models.Model], column: str) -> None:
        self.model, self.column = model, column
        self.label = f"{model._meta.label}.{column}"

    def renewed(self, row: Any) -> Any:
        return reseal(bytes(getattr(row, self.column)), context=row.sealing_context(self.column))


class FactorPlace:
    """The second factors: allauth's rows, our seals (accounts/sign_in/mfa.py)."""

    model, column, label = Authenticator, "data", "mfa.Authenticator.data"

    def renewed(self, row: Any) -> Any:
        return mfa.resealed(row.data, row.user_id)


Place = BinaryPlace | FactorPlace


def places() -> Iterator[Place]:
    """All, from the list of models: a column of bytes with `sealed` in its name."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, models.BinaryField) and "sealed" in column.name:
                yield BinaryPlace(model, column.name)
    yield FactorPlace()


@dataclass
class Report:
    label: str
    renewed: int = 0
    current: int = 0  # sealed with the first key already, or nothing to seal
    busy: int = 0  # written by others at each try
    unreadable: list[Any] = field(default_factory=list)  # primary keys

    @property
    def is_done(self) -> bool:
        return not self.unreadable and not self.busy


def run(place: Place, *, batch: int = BATCH, write: bool = True) -> Report:
    """Goes through the rows by their number, `batch` at a time; with `write` off it only looks: `renewed` is then how
    many would be."""
    report, last = Report(place.label), 0
    manager = place.model._default_manager
    while rows := list(manager.filter(pk__gt=last).order_by("pk")[:batch]):
        for row in rows:
            last = row.pk
            _renew(place, row, report, write)
    return report


def _renew(place: Place, row: Any, report: Report, write: bool) -> None:
    for _try in range(TRIES):
        try:
            fresh = place.renewed(row)
        except SecretUnreadable:
            report.unreadable.append(row.pk)
            return
        if fresh is None:
            report.current += 1
            return
        if not write or _swap(place, row, fresh):
            report.renewed += 1
            return
        again = place.model._default_manager.filter(pk=row.pk).first()
        if again is None:
            return
        row = again
    report.busy += 1


def _swap(place: Place, row: Any, fresh: Any) -> bool:
    """Only while the column holds what was read."""
    held = place.model._default_manager.filter(pk=row.pk, **{place.column: getattr(row, place.column)})
    return bool(held.update(**{place.column: fresh}))
