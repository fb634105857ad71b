"""The signature of every message between MCI and its WordPress plugin (docs/connectors/wordpress.md). Pure.

Signed are the time and the bytes of the body. What else must hold stands in the body: an event's topic, a call's id,
and in an answer the id of its call, so that no message can be played back for another."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping

WINDOW_S = 300  # how far the time of a message may be from the receiver's clock
_TIME = re.compile(r"[0-9]{1,11}", re.ASCII)  # until the year 5138: what a date can say


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`timestamp` as it is in the header; the secret's letters are the key."""
    return "v1=" + hmac.digest(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hex()


def headers(secret: str, time: int, body: bytes, id: str) -> dict[str, str]:
    return {"X-MCI-Timestamp": str(time), "X-MCI-Id": id, "X-MCI-Signature": signature(secret, str(time), body)}


def time_of(secret: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """The time of a genuine message (unix seconds), else None. `headers` keys are lower case. Judges no age."""
    stamp = headers.get("x-mci-timestamp", "")
    if not secret or not _TIME.fullmatch(stamp):
        return None
    # Compared as bytes: a header may hold any character, and compare_digest refuses text that is not ASCII.
    given = headers.get("x-mci-signature", "").encode("utf-8", "surrogateescape")
    return int(stamp) if hmac.compare_digest(signature(secret, stamp, body).encode(), given) else None


def proof(code: str, challenge: str) -> str:
    """What only a plugin that holds the code of its pairing can answer."""
    return hmac.digest(code.encode(), f"prove.{challenge}".encode(), "sha256").hex()
