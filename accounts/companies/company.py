"""Registers a reseller's company and keeps its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.companies import digest
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


def announce(owner: User) -> None:
    """The address of who signed up is proven: now the staff hears that a company waits, and not of made-up people."""
    if Dropshipper.objects.filter(members__user=owner, status=Dropshipper.Status.PENDING).exists():
        transaction.on_commit(digest.tell_staff, robust=True)


def is_begun(vat_number: str) -> bool:
    """Whether a company with this number was signed up by somebody who has not proven his address yet."""
    found = Dropshipper.objects.filter(vat_number=vat_number, status=Dropshipper.Status.PENDING)
    proven = EmailAddress.objects.filter(user__member__dropshipper__in=found, verified=True)
    return found.exists() and not proven.exists()


def update(dropshipper: Dropshipper, fields: Sequence[str]) -> None:
    """Saves the named fields. What invoices need has an act of its own: accounts/companies/changes.py."""
    if fields:
        dropshipper.save(update_fields=list(fields))
