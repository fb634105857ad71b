"""The supplier's word on a reseller: approve, reject, suspend, take back. Who and when stay on the company."""

from __future__ import annotations

import functools

from django.db import transaction
from django.utils import timezone

from accounts.errors import BadStatusChange, OwnMatter
from accounts.models import Dropshipper, User
from accounts.people import letters
from accounts.queries import works_for
from core.errors import ReasonMissing

Status = Dropshipper.Status
# From where each word may be said. A repeated word changes nothing and sends no second letter.
FROM = {
    Status.ACTIVE: {Status.PENDING, Status.SUSPENDED, Status.REJECTED},
    Status.SUSPENDED: {Status.ACTIVE},
    Status.REJECTED: {Status.PENDING},
}


def _decide(pk: int, status: Dropshipper.Status, *, by: User, reason: str = "") -> Dropshipper:
    with transaction.atomic():
        dropshipper = Dropshipper.objects.select_for_update(no_key=True).get(pk=pk)
        if dropshipper.status == status:
            return dropshipper
        if works_for(by.pk, pk):
            raise OwnMatter
        if dropshipper.status not in FROM[status]:
            raise BadStatusChange(status=dropshipper.get_status_display())
        dropshipper.status = status
        dropshipper.status_reason = reason[:200]
        dropshipper.status_by = by
        dropshipper.status_at = timezone.now()
        dropshipper.save(update_fields=["status", "status_reason", "status_by", "status_at"])
        transaction.on_commit(functools.partial(letters.status_changed, dropshipper), robust=True)
    return dropshipper


def approve(pk: int, *, by: User) -> Dropshipper:
    """The portal opens for this company; its owners get an e-mail. Also ends a suspension. OwnMatter, as for every
    word, when `by` works for it."""
    return _decide(pk, Status.ACTIVE, by=by)


def reject(pk: int, *, by: User, reason: str) -> Dropshipper:
    """A sign-up that is turned down; the reseller reads the reason. Raises ReasonMissing, BadStatusChange."""
    if not reason.strip():
        raise ReasonMissing
    return _decide(pk, Status.REJECTED, by=by, reason=reason.strip())


def suspend(pk: int, *, by: User, reason: str) -> Dropshipper:
    """An active company is stopped: nobody of it may act until `approve`. Raises ReasonMissing, BadStatusChange."""
    if not reason.strip():
        raise ReasonMissing
    return _decide(pk, Status.SUSPENDED, by=by, reason=reason.strip())
