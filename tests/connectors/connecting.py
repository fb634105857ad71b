"""A connection from its form to the shop, as a person, a worker and the shop take their turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.connect import acts, attempts
from connectors.models import ConnectAttempt, Shop


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a connection stands once a worker has looked at it."""

    attempt: ConnectAttempt
    redirect: str
    code: str
    shop: Any  # Shop | None; for tests that know
    trouble: str


def stand(attempt: ConnectAttempt) -> Begun:
    attempt.refresh_from_db()
    way = attempt.read("way")
    return Begun(attempt, way.get("redirect", ""), way.get("code", ""), attempt.shop, attempt.trouble)


def begin(slug: str, form: Mapping[str, Any], user: Any) -> Begun:
    """The form, and the worker that looks at the address."""
    attempt = acts.begin(slug, form, dropshipper_id=user.member.dropshipper_id, by=user.pk)
    attempts.advance_due()
    return stand(attempt)


def work_and_confirm(token: str = "") -> Shop | None:
    """A worker tries what the shop brought, who began says that it is his, a worker connects it: the shop, if any."""
    attempts.advance_due()
    found = ConnectAttempt.objects.filter(phase="pending")
    for attempt in found.filter(token=token) if token else found:
        acts.confirm(attempt, by=attempt.by_id)
    attempts.advance_due()
    used = ConnectAttempt.objects.filter(phase="done")
    last = (used.filter(token=token) if token else used).order_by("-used_at").first()
    return last.shop if last else None
