"""The log of requests that a reseller reads: 30 days, without what was sent."""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction

from accounts.models import ApiKey, ApiRequest

log = logging.getLogger(__name__)


def note(
    key: ApiKey, *, request_id: str, method: str, path: str, status: int, code: str, took_ms: int, address: str
) -> None:
    """One row. That it cannot be written is no reason to break an answer that is made already."""
    try:
        with transaction.atomic():
            ApiRequest.objects.create(
                dropshipper_id=key.dropshipper_id,
                api_key=key,
                request_id=request_id,
                method=method[:7],
                path=path.replace("\0", "")[:200],
                status=status,
                code=code[:40],
                took_ms=took_ms,
                address=address or None,
            )
    except DatabaseError:
        log.warning("Request %s is not in the log.", request_id)
