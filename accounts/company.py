"""Registers a reseller's company and keeps its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction

from accounts.errors import VatNumberTaken
from accounts.models import Dropshipper, Member, User


def access_company(pk: int) -> Dropshipper:
    """A fresh copy to edit: the one on the request stays what the page shows."""
    return Dropshipper.objects.get(pk=pk)


def register(*, owner: User, data: Mapping[str, str]) -> Dropshipper:
    """A new company that waits for approval, with its first owner. Raises VatNumberTaken."""
    try:
        with transaction.atomic():
            dropshipper = Dropshipper.objects.create(**data)
    except IntegrityError as error:
        raise VatNumberTaken from error
    Member.objects.create(user=owner, dropshipper=dropshipper, role=Member.Role.OWNER)
    return dropshipper


def update(dropshipper: Dropshipper, fields: Sequence[str]) -> None:
    """Saves the named fields. Raises VatNumberTaken."""
    if not fields:
        return
    try:
        with transaction.atomic():
            dropshipper.save(update_fields=list(fields))
    except IntegrityError as error:
        raise VatNumberTaken from error
