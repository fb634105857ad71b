"""A write that a program sends twice is done once (draft-ietf-httpapi-idempotency-key-header): its answer stands in
the act's own transaction, so that either both are there or neither.

Same key and same content: the same answer. Other content: 422. The first still at work: 409. What did not begin
(nonsense, a missing right, too many tries) and what broke is not kept: sent again it is tried again."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from accounts.models import ApiAnswer
from core.api import problems
from core.api.problems import Problem

KEPT_DAYS = 30
_KEPT = (409, 422)  # of refusals: those of an act that looked and said no
_OURS = uuid.UUID("6f0c1a5e-3f0b-4b6e-9a53-1d0a3c1f7d21")


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON; `replayed`: nothing was done now."""

    status: int
    body: dict[str, Any]
    location: str = ""
    replayed: bool = False


def digest_of(method: str, path: str, body: Any) -> str:
    """What makes two requests the same: the order of members and white space do not."""
    canonical = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def act_key(dropshipper_id: int, key: str, act: str) -> uuid.UUID:
    """The key by which the act itself knows a click again: it guards on when the answer is no longer kept."""
    return uuid.uuid5(_OURS, f"{dropshipper_id}\n{act}\n{key}")


def once(act: Callable[[], Answer], *, key: str, digest: str, dropshipper_id: int) -> Answer:
    """What `act` answers, or what it answered to this key before. Raises Problem: in_progress, idempotency_key_reused,
    and what `act` raises where nothing is kept of it."""
    with transaction.atomic():
        if not _alone(dropshipper_id, key):
            raise Problem(409, "in_progress", retry=problems.LATER, headers={"Retry-After": "1"})
        known = ApiAnswer.objects.filter(dropshipper_id=dropshipper_id, key=key).first()
        if known is not None:
            if known.digest != digest:
                raise Problem(422, "idempotency_key_reused")
            return Answer(known.status, known.body, known.location, replayed=True)
        answer = _said(act)
        ApiAnswer.objects.create(
            dropshipper_id=dropshipper_id,
            key=key,
            digest=digest,
            status=answer.status,
            body=answer.body,
            location=answer.location,
        )
        return answer


def _said(act: Callable[[], Answer]) -> Answer:
    try:
        with transaction.atomic():  # a refusal leaves nothing of the act, and its answer is kept all the same
            return act()
    except Exception as error:
        problem = problems.of(error)
        if problem is None or problem.status not in _KEPT or problem.code == "invalid":
            raise
        return Answer(problem.status, problem.body())


def _alone(dropshipper_id: int, key: str) -> bool:
    """Whether nobody else is at work with this key, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 77))", [f"{dropshipper_id}\n{key}"])
        return bool(cursor.fetchone()[0])
