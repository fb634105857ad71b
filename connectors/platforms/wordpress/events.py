"""The envelope of what the plugin tells MCI. Pure: whether an event is too old is for the intake, which has a clock."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from connectors.platforms.base import Access, BadSignature, Envelope
from connectors.platforms.wordpress import signing
from core.strict import text

PING = "ping"
WINDOW = dt.timedelta(seconds=signing.WINDOW_S)
# The topic stands first in the body, which is signed: nothing is parsed before MCI has answered.
_TOPIC = re.compile(rb'\s*\{\s*"topic"\s*:\s*"([a-z_]{1,20}(?:\.[a-z_]{1,20})?)"')


def envelope(access: Access, headers: Mapping[str, str], body: bytes) -> Envelope:
    """A ping shows the plugin that MCI knows it; nothing of it is kept."""
    sent = signing.time_of(access.webhook_secret, headers, body)
    if sent is None:
        raise BadSignature
    found = _TOPIC.match(body)
    topic = found[1].decode() if found else "unknown"
    return Envelope(
        "" if topic == PING else topic,
        delivery_id=text(headers.get("x-mci-id", ""), 80),
        sent_at=dt.datetime.fromtimestamp(sent, dt.UTC),
        versioned=topic == "order.updated",
        window=WINDOW,
    )
