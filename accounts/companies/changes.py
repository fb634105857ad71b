"""What invoices are made out to changes only once staff has looked. A letter that a reseller can put any company's name
under, or an invoice made out to somebody else, is the supplier's trouble."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import NotWaiting, OwnMatter, VatNumberTaken
from accounts.models import CompanyChange, Dropshipper, User
from accounts.people import letters
from accounts.queries import works_for
from accounts.sign_in import security_log
from core import tenancy
from core.errors import ReasonMissing

State = CompanyChange.State
GUARDED = ("name", "vat_number", "fiscal_code", "sdi_code", "pec")


def ask(dropshipper: Dropshipper, *, new: Mapping[str, str], by: User) -> CompanyChange | None:
    """An owner's wish, which replaces an earlier one that nobody decided on. None where nothing would change. Raises
    VatNumberTaken."""
    with transaction.atomic():
        current = Dropshipper.objects.select_for_update(no_key=True).get(pk=dropshipper.pk)
        wanted = {name: new[name] for name in GUARDED if name in new and new[name] != getattr(current, name)}
        if not wanted:
            return None
        number = wanted.get("vat_number")
        with tenancy.everybody():  # another company's too
            if number and Dropshipper.objects.filter(vat_number=number).exclude(pk=dropshipper.pk).exists():
                raise VatNumberTaken
        _withdraw(dropshipper)
        old = {name: getattr(current, name) for name in wanted}
        security_log.note(by, "company_change_asked", {"by": by}, dropshipper=dropshipper)
        return CompanyChange.objects.create(dropshipper=dropshipper, old=old, new=wanted, asked_by=by)


def withdraw(dropshipper: Dropshipper) -> None:
    """An owner thought better of it."""
    with transaction.atomic():
        Dropshipper.objects.select_for_update(no_key=True).get(pk=dropshipper.pk)
        _withdraw(dropshipper)


def _withdraw(dropshipper: Dropshipper) -> None:
    waiting = dropshipper.changes.filter(state=State.WAITING)
    waiting.update(state=State.WITHDRAWN, decided_at=timezone.now())


def approve(pk: int, *, by: User) -> CompanyChange:
    """The company's data are the new ones; the owners are told. Raises NotWaiting, OwnMatter for who asked and for
    the company's own people, and VatNumberTaken when another company got the number meanwhile."""
    try:
        with transaction.atomic():
            dropshipper, change = _lock(pk)
            if by.pk == change.asked_by_id or works_for(by.pk, dropshipper.pk):
                raise OwnMatter
            for name, value in change.new.items():
                setattr(dropshipper, name, value)
            dropshipper.save(update_fields=list(change.new))
            _decide(change, State.APPROVED, by)
            security_log.note(change.asked_by, "company_changed", dropshipper=dropshipper)
    except IntegrityError as error:
        raise VatNumberTaken from error
    return change


@transaction.atomic
def refuse(pk: int, *, by: User, reason: str) -> CompanyChange:
    """All stays as it is; the owners read why. Raises ReasonMissing, NotWaiting."""
    if not reason.strip():
        raise ReasonMissing
    _dropshipper, change = _lock(pk)
    change.reason = reason.strip()[:200]
    _decide(change, State.REFUSED, by)
    return change


def _lock(pk: int) -> tuple[Dropshipper, CompanyChange]:
    """What concerns one company's data goes one after another. Raises NotWaiting."""
    company = CompanyChange.objects.values_list("dropshipper_id", flat=True).get(pk=pk)
    dropshipper = Dropshipper.objects.select_for_update(no_key=True).get(pk=company)
    change = CompanyChange.objects.select_related("dropshipper", "asked_by").get(pk=pk)
    if change.state != State.WAITING:
        raise NotWaiting
    return dropshipper, change


def _decide(change: CompanyChange, state: State, by: User) -> None:
    change.state, change.decided_by, change.decided_at = state, by, timezone.now()
    change.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    transaction.on_commit(functools.partial(letters.company_change_decided, change), robust=True)
