"""Sign-ups whose address nobody proved. They hold an address and a VAT number, and anybody can write somebody else's
into a form: once the link is void they are gone, and who it belongs to can sign up, or be invited."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Dropshipper, User

LINK = dt.timedelta(days=3)  # allauth's ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS
BATCH = 500


def forget() -> int:
    """Deletes the sign-ups that can no longer be confirmed, with their companies: nobody ever signed in, nobody else
    works there, nobody decided on it. Returns how many; for the nightly sweep."""
    old = Dropshipper.objects.filter(
        status=Dropshipper.Status.PENDING, status_at=None, created_at__lt=timezone.now() - LINK
    )
    unproven = EmailAddress.objects.filter(verified=False, user__member__dropshipper__in=old)
    found = unproven.values_list("user_id", "user__member__dropshipper_id").order_by("user_id")[:BATCH]
    return sum(_forget(user, company) for user, company in list(found))


def _forget(user_id: int, company_id: int) -> int:
    try:
        with transaction.atomic():
            company = Dropshipper.objects.select_for_update().get(pk=company_id)
            user = User.objects.select_for_update().get(pk=user_id)
            proven = EmailAddress.objects.filter(user=user, verified=True).exists()
            known = user.last_login or user.is_staff or user.is_superuser
            others = company.members.exclude(user=user).exists()
            if proven or known or others or company.status != Dropshipper.Status.PENDING:
                return 0
            company.delete()
            user.delete()
    except IntegrityError:  # something hangs from it all the same: then it is no mere form
        return 0
    return 1
