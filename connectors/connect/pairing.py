"""A plugin brings the code of a connection and asks how it stands, until it is given its secret: between two questions
nobody waits for anybody (the platform's side is connectors/platforms/paired.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.connect import acts
from connectors.errors import AttemptOver
from connectors.models import ConnectAttempt
from connectors.platforms.paired import Paired
from connectors.shops import state
from connectors.shops.access import access_of, webhook_address
from core.errors import DomainError

_P = ConnectAttempt.Phase


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pairing stands. `reply`: what the plugin is given at its end. `trouble`, `params`: why it ended without, or
    what it waits for. `begun`: it was brought just now, and a worker is to be woken."""

    phase: str
    reply: Mapping[str, Any] | None = None
    trouble: str = ""
    params: Mapping[str, Any] | None = None
    begun: bool = False


def whose(slug: str, token: str) -> Mapping[str, str]:
    """Who will be given the orders of the shop that brings this code; changes nothing. Raises AttemptOver."""
    attempt = acts.attempt_of(slug, token)
    return {
        "receiver": acts.receiver_of(attempt.dropshipper),
        "company": attempt.dropshipper.name,
        "vat_number": attempt.dropshipper.vat_number,
        "address": attempt.address,
    }


def bring(api: Paired, slug: str, token: str, payload: Mapping[str, Any]) -> Standing:
    """The code is handed in, or asked about. Raises AttemptOver, and what `acts.receive` raises."""
    attempt = acts.attempt_of(slug, token)
    if attempt.phase in (_P.KEPT, _P.DONE):
        return Standing(attempt.phase, reply=_reply(api, attempt, payload))
    again = api.asks_again(payload, attempt.read("answer"))
    if again and attempt.phase in (_P.ANSWERED, _P.PENDING, _P.CONFIRMED):
        return Standing(attempt.phase, trouble=attempt.trouble, params=attempt.trouble_params)
    if attempt.phase == _P.FAILED and payload.get("ask") == "again":  # what it had brought is forgotten
        return Standing(attempt.phase, trouble=attempt.trouble, params=attempt.trouble_params)
    acts.receive(slug, token=token, payload=payload)
    return Standing(_P.ANSWERED, begun=True)


def _reply(api: Paired, attempt: ConnectAttempt, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    shop = attempt.shop
    if shop is None or shop.state not in state.LIVE:
        raise AttemptOver
    reply = api.answer(access_of(shop), payload)
    if not reply:
        raise AttemptOver
    return {**reply, "webhook_address": webhook_address(shop)}


def words_of(standing: Standing) -> str:
    """The sentence of its trouble, in the reader's language; "" where there is none."""
    return DomainError.sentence(standing.trouble, dict(standing.params or {})) if standing.trouble else ""
